/** A storage whose writes are timed: a clock is read twice for each, which waits for a disk. */
import * as Effect from "effect/Effect";
import type { Durations } from "../api/durations.ts";
import type { Storage } from "../driver/services.ts";

/** The storage, which tells `durations` how long each write took that succeeded. */
export function timedStorage(
  storage: Storage["Service"],
  durations: Durations,
): Storage["Service"] {
  return {
    ...storage,
    write: (write) =>
      Effect.suspend(() => {
        const startedAt = performance.now();
        return Effect.tap(storage.write(write), () =>
          Effect.sync(() => durations.add((performance.now() - startedAt) / 1000)),
        );
      }),
  };
}
