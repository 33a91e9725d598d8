/** How a server of the service runs as a process: what it says, and how it ends. */
import { isIPv6 } from "node:net";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Scope from "effect/Scope";
import { successorOf } from "../shell/driver/hand-over.ts";
import { saidBy } from "../shell/driver/thrown.ts";
import { runService, type Service } from "../shell/service/service.ts";
import { EXIT } from "./exit-codes.ts";
import { onHangUp } from "./hang-up.ts";
import { onInterruption } from "./interrupt.ts";
import type { ServeSettings } from "./serve-settings.ts";

/** What a server says of itself. */
export type ServiceNote =
  | { readonly event: "ready"; readonly id: string; readonly url: string; readonly peer: string }
  | { readonly event: "certificates"; readonly id: string }
  | { readonly event: "refused"; readonly id: string; readonly reason: string }
  | {
      readonly event: "stopping";
      readonly id: string;
      readonly reason: string;
      /** Whom it hands leadership to before it goes; null where it does not lead. */
      readonly successor: string | null;
    }
  | { readonly event: "stopped"; readonly id: string }
  | { readonly event: "failed"; readonly id: string; readonly reason: string };

/** What is said to people. */
export function noteText(note: ServiceNote): string {
  switch (note.event) {
    case "ready":
      return `${note.id} serves clients at ${note.url} and hears peers at ${note.peer}`;
    case "certificates":
      return `${note.id} shows the certificates that its files hold now`;
    case "refused":
      return `${note.id} goes on with the certificates that it has: ${note.reason}`;
    case "stopping":
      return (
        `${note.id} is stopping: ${note.reason}` +
        (note.successor === null ? "" : `; ${note.successor} is asked to lead first`)
      );
    case "stopped":
      return `${note.id} has stopped`;
    case "failed":
      return `${note.id} cannot serve: ${note.reason}`;
  }
}

/**
 * Runs a server until a signal comes, its parent process leaves it, or it stops by itself; then
 * the exit code says which.
 */
export async function conductService(settings: ServeSettings, json: boolean): Promise<void> {
  const { options } = settings;
  const { id } = options;
  const say = (note: ServiceNote): void => {
    const isFault = note.event === "failed" || note.event === "refused";
    const stream = isFault ? process.stderr : process.stdout;
    stream.write(`${json ? JSON.stringify(note) : noteText(note)}\n`);
  };
  const interruption = onInterruption();
  let service: Service | null = null;
  // Without certificates, a terminal that closes ends the server.
  const hangUp =
    options.peerTls === null && options.api.tls === undefined
      ? null
      : onHangUp(() => service !== null && reread(settings, service, say));
  const ending = Promise.withResolvers<string>();
  interruption.signal.addEventListener("abort", () => ending.resolve("a signal came"));
  // A server that `quorate cluster` started goes when that goes.
  process.once("disconnect", () => ending.resolve("its cluster was stopped"));
  const scope = await Effect.runPromise(Scope.make());
  const started = await Effect.runPromiseExit(Scope.provide(runService(options), scope));
  if (Exit.isFailure(started)) {
    await Effect.runPromise(Scope.close(scope, Exit.void));
    say({ event: "failed", id, reason: reasonOf(started) });
    process.exitCode = EXIT.failed;
    return done(interruption, hangUp);
  }
  service = started.value;
  const { api, failed } = service;
  const { host, port } = options.peerListen;
  say({
    event: "ready",
    id,
    url: api.url,
    peer: isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`,
  });
  process.send?.("ready");
  hangUp?.begin();
  const failure = Effect.runPromise(failed).then(({ message }) => ({ message }));
  const end = await Promise.race([failure, ending.promise]);
  if (typeof end === "string") {
    const successor = successorOf(await Effect.runPromise(service.server.status));
    say({ event: "stopping", id, reason: end, successor });
  } else say({ event: "failed", id, reason: end.message });
  await Effect.runPromise(Scope.close(scope, Exit.void));
  if (typeof end === "string") say({ event: "stopped", id });
  else process.exitCode = EXIT.failed;
  done(interruption, hangUp);
}

/** Has a server show the certificates that its files hold now, or says why it does not. */
function reread(
  { options: { id }, certificates }: ServeSettings,
  { replaceCertificates }: Service,
  say: (note: ServiceNote) => void,
): void {
  try {
    Effect.runSync(replaceCertificates(certificates()));
    say({ event: "certificates", id });
  } catch (error) {
    say({ event: "refused", id, reason: (error as Error).message });
  }
}

function reasonOf(exit: Exit.Failure<unknown, { readonly message: string }>): string {
  const failure = exit.cause.reasons[0];
  if (failure === undefined) return "for no reason that is known";
  const error =
    failure._tag === "Fail" ? failure.error : "defect" in failure ? failure.defect : failure;
  return saidBy(error);
}

function done(...listeners: readonly ({ readonly dispose: () => void } | null)[]): void {
  for (const listener of listeners) listener?.dispose();
  if (process.connected) process.disconnect();
}
