/**
 * A process with a storage of its own: `hold` keeps it open until it is killed; `fill` writes until
 * a write fails, and tells how that and every later call failed. Prints one line of JSON.
 */
import * as Effect from "effect/Effect";
import * as Stream from "effect/Stream";
import type { Entry, PersistEffect } from "../../../kernel/index.ts";
import type { Storage } from "../../../shell/driver/services.ts";
import { openStorage, type StorageOptions } from "../../../shell/storage/index.ts";

/** What `fill` prints. */
export interface Filled {
  /** Writes that succeeded: each appended one entry. */
  readonly written: number;
  /** The first error, and those of a write, a snapshot and a read after it. */
  readonly errors: readonly string[];
}

/** The write that appends entry `index`. */
export function append(index: number): PersistEffect {
  const payload = { kind: "command", command: `${index} `.padEnd(2000, "x") } as const;
  const entry: Entry = { index, term: 1, payload };
  const hard = { kind: "persist", currentTerm: 1, votedFor: null, snapshot: null } as const;
  return { ...hard, entries: [entry], lastIndex: index, lastTerm: 1 };
}

function fill(storage: Storage["Service"]): Effect.Effect<Filled> {
  const message = (effect: Effect.Effect<unknown, { message: string }>): Effect.Effect<string> =>
    Effect.match(effect, { onFailure: (error) => error.message, onSuccess: () => "" });
  return Effect.gen(function* () {
    for (let written = 0; ; written++) {
      const first = yield* message(storage.write(append(written + 1)));
      if (first === "") continue;
      const at = {
        lastIndex: 1,
        lastTerm: 1,
        configuration: { voters: [], outgoingVoters: [], learners: [] },
      };
      const errors = [
        first,
        yield* message(storage.write(append(written + 1))),
        yield* message(storage.saveSnapshot(at, Stream.make(new Uint8Array(1)))),
        yield* message(storage.readSnapshot(at)),
      ];
      return { written, errors };
    }
  });
}

if (process.argv[2] !== undefined) {
  const { mode, options } = JSON.parse(process.argv[2]) as {
    readonly mode: "hold" | "fill";
    readonly options: StorageOptions;
  };
  const print = (line: unknown): Effect.Effect<void> =>
    Effect.sync(() => process.stdout.write(`${JSON.stringify(line)}\n`));
  const program = Effect.flatMap(openStorage(options), (storage) =>
    mode === "fill"
      ? Effect.flatMap(fill(storage), print)
      : Effect.andThen(
          Effect.andThen(storage.write(append(1)), print("held")),
          Effect.promise(() => new Promise(() => setInterval(() => {}, 60_000))),
        ),
  );
  await Effect.runPromise(
    Effect.catch(Effect.scoped(program), (error) => print({ refused: error.message })),
  );
}
