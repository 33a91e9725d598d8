/** Ctrl-C: the first asks for an end, the second ends at once. */
import { EXIT } from "./exit-codes.ts";

/** A request to stop that a signal makes. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** The exit code of the signal that came, or null. */
  readonly exitCode: () => number | null;
  /** Stops listening. */
  readonly dispose: () => void;
}

/** Launchers (npx, tsx) pass on a Ctrl-C that the terminal has sent already: one, not two. */
const ECHO_MILLISECONDS = 500;

/** Listens for SIGINT and SIGTERM until one has come: then they have their usual effect again. */
export function onInterruption(): Interruption {
  const controller = new AbortController();
  let exitCode: number | null = null;
  const stop = (signal: NodeJS.Signals): void => {
    if (exitCode !== null) return;
    exitCode = signal === "SIGINT" ? EXIT.interrupted : EXIT.terminated;
    setTimeout(dispose, ECHO_MILLISECONDS).unref();
    controller.abort();
  };
  const dispose = (): void => {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return { signal: controller.signal, exitCode: () => exitCode, dispose };
}
