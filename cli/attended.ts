/** A long run with somebody before it: a signal ends it, and a line shows how far it has come. */
import { type Interruption, onInterruption } from "./interrupt.ts";
import { canRewrite, rewrite } from "./terminal.ts";

/** What such a run is given. */
export interface Attendance extends Pick<Interruption, "signal" | "exitCode"> {
  /** Takes the place of the line on standard error, if there is one. */
  readonly show: (line: string) => void;
}

/** Does `work`, then clears the line; nothing is shown where that is not wanted or not possible. */
export async function attended<T>(
  quiet: boolean,
  work: (attendance: Attendance) => Promise<T>,
): Promise<T> {
  const { signal, exitCode, dispose } = onInterruption();
  const isShown = !quiet && canRewrite();
  try {
    return await work({ signal, exitCode, show: (line) => isShown && rewrite(line) });
  } finally {
    dispose();
    if (isShown) rewrite("");
  }
}
