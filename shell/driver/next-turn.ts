/** Taking turns with what else this thread does. */
import * as Effect from "effect/Effect";

/** Completes when the event loop has done what it had to do: I/O that is ready, timers, sends. */
export const nextTurn: Effect.Effect<void> = Effect.callback((resume) => {
  const immediate = setImmediate(() => resume(Effect.void));
  return Effect.sync(() => clearImmediate(immediate));
});
