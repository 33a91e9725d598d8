/**
 * What any `Storage` must do, as checks that any test runner can run: each opens storages in a
 * fresh place, closes them, and opens them again. Checks throw an AssertionError or StorageError.
 */
import { deepStrictEqual } from "node:assert";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import type * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import {
  type Configuration,
  type Durable,
  type Entry,
  initialDurable,
  type PersistEffect,
  type Snapshot,
} from "../../kernel/index.ts";
import { type Storage, StorageError } from "../driver/services.ts";
import { durableAfter } from "./memory.ts";
import { randomWrites } from "./random-writes.ts";

/** A place that holds what one server stores while it is not running. */
export interface StoragePlace {
  /** Opens the storage there, until the scope closes. Never called while one is open. */
  readonly open: Effect.Effect<Storage["Service"], StorageError, Scope.Scope>;
}

/** One thing that a storage must do. */
export interface StorageCheck {
  readonly name: string;
  /** Rejects where the storage does otherwise. */
  readonly run: () => Promise<void>;
}

/** The configuration that each place must begin with. */
export const conformanceFounding: Configuration = {
  voters: ["n1", "n2", "n3"],
  outgoingVoters: [],
  learners: ["n4"],
};

type Service = Storage["Service"];
type Use<A> = (storage: Service) => Effect.Effect<A, StorageError>;

/** Opens the storage, uses it, and closes it. */
function using<A>(place: StoragePlace, use: Use<A>): Promise<A> {
  return Effect.runPromise(Effect.scoped(Effect.flatMap(place.open, use)));
}

function command(index: number, term: number, text: string): Entry {
  return { index, term, payload: { kind: "command", command: text } };
}

function commands(from: number, to: number, term: number): readonly Entry[] {
  return Array.from({ length: to - from + 1 }, (_, i) => command(from + i, term, `c${from + i}`));
}

/** The write that puts `entries` at the end of the log; `end` is where they end. */
function put(
  term: number,
  entries: readonly Entry[],
  end: { readonly lastIndex: number; readonly lastTerm: number },
  snapshot: Snapshot | null = null,
): PersistEffect {
  return { kind: "persist", currentTerm: term, votedFor: "n2", snapshot, entries, ...end };
}

/** Makes the writes, each with its snapshot stored before; then compares, now and reopened. */
async function follows(place: StoragePlace, writes: readonly PersistEffect[]): Promise<void> {
  let expected: Durable = initialDurable(conformanceFounding);
  await using(place, (storage) =>
    Effect.gen(function* () {
      deepStrictEqual(yield* storage.load, expected);
      for (const write of writes) {
        if (write.snapshot !== null) yield* storage.saveSnapshot(write.snapshot, chunks("s"));
        yield* storage.write(write);
        expected = durableAfter(expected, write);
      }
    }),
  );
  deepStrictEqual(await using(place, ({ load }) => load), expected);
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}

/** One chunk of each text. */
function chunks(...texts: readonly string[]): Stream.Stream<Uint8Array> {
  return Stream.fromIterable(texts.map(bytes));
}

const at: Snapshot = { lastIndex: 3, lastTerm: 1, configuration: conformanceFounding };
const six = put(1, commands(1, 6, 1), { lastIndex: 6, lastTerm: 1 });

const odd: readonly Entry[] = [
  { index: 1, term: 1, payload: { kind: "no-op" } },
  { index: 2, term: 1, payload: { kind: "configuration", configuration: conformanceFounding } },
  command(3, 1, ""),
  command(4, 1, "a\0b\n\u2028\u{1F600}\uFFFD'\"\\"),
  command(5, 1, "x".repeat(100_000)),
  command(6, 2 ** 40, "a late term"),
];

const writeCases: Readonly<Record<string, readonly PersistEffect[]>> = {
  "a new place holds the founding configuration": [],
  "entries of every kind and any text come back": [
    put(2 ** 40, odd, { lastIndex: 6, lastTerm: 2 ** 40 }),
  ],
  "a term and a vote come back without entries": [put(7, [], { lastIndex: 0, lastTerm: 0 })],
  "entries replace those of their index and all after": [
    six,
    put(2, commands(4, 5, 2), { lastIndex: 5, lastTerm: 2 }),
  ],
  "the log is cut without new entries": [six, put(2, [], { lastIndex: 2, lastTerm: 1 })],
  "a log that was cut grows again": [
    six,
    put(2, [], { lastIndex: 2, lastTerm: 1 }),
    put(2, commands(3, 4, 2), { lastIndex: 4, lastTerm: 2 }),
  ],
  "a snapshot takes the log's beginning away and keeps its end": [
    six,
    put(1, [], { lastIndex: 6, lastTerm: 1 }, at),
  ],
  "a snapshot and entries are one write": [
    six,
    put(2, commands(5, 7, 2), { lastIndex: 7, lastTerm: 2 }, at),
    put(2, commands(8, 8, 2), { lastIndex: 8, lastTerm: 2 }),
  ],
  "a snapshot beyond the log replaces all of it": [
    six,
    put(2, [], { lastIndex: 9, lastTerm: 2 }, { ...at, lastIndex: 9, lastTerm: 2 }),
    put(2, commands(10, 11, 2), { lastIndex: 11, lastTerm: 2 }),
  ],
  "a snapshot within the log replaces all of it where it conflicts": [
    six,
    put(2, [], { lastIndex: 3, lastTerm: 2 }, { ...at, lastTerm: 2 }),
    put(2, commands(4, 4, 2), { lastIndex: 4, lastTerm: 2 }),
  ],
};

const never: Effect.Effect<Uint8Array> = Effect.never;
const broken: Stream.Stream<Uint8Array> = Stream.die(new Error("the machine broke"));

const snapshotCases: Readonly<Record<string, (place: StoragePlace) => Promise<void>>> = {
  "a snapshot's bytes come back, also when reopened": async (place) => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    const read: Use<Uint8Array> = (storage) => storage.readSnapshot(at);
    const first = await using(place, (storage) =>
      Effect.andThen(
        Effect.andThen(storage.load, storage.write(six)),
        Effect.andThen(storage.saveSnapshot(at, Stream.make(all)), read(storage)),
      ),
    );
    deepStrictEqual(new Uint8Array(first), all);
    deepStrictEqual(new Uint8Array(await using(place, read)), all);
  },
  "chunks are one snapshot, and writes go on between them": async (place) => {
    const read = await using(place, (storage) =>
      Effect.gen(function* () {
        const writes = [six, put(2, commands(7, 7, 2), { lastIndex: 7, lastTerm: 2 })];
        const beside = Stream.mapEffect(Stream.fromIterable(writes), (write) =>
          Effect.as(Effect.orDie(storage.write(write)), bytes(`${write.lastIndex} `)),
        );
        yield* storage.saveSnapshot(at, Stream.concat(beside, chunks("", "and more")));
        return [yield* storage.readSnapshot(at), (yield* storage.load).entries.length] as const;
      }),
    );
    deepStrictEqual([new Uint8Array(read[0]), read[1]], [bytes("6 7 and more"), 7]);
  },
  "a snapshot that is broken off is not stored, and can be stored again": async (place) => {
    const read = await using(place, (storage) =>
      Effect.gen(function* () {
        const first = yield* Deferred.make<void>();
        const stuck = Stream.fromEffect(Effect.andThen(Deferred.succeed(first, undefined), never));
        const half = Stream.concat(chunks("half"), stuck);
        const saving = yield* Effect.forkChild(storage.saveSnapshot(at, half));
        yield* Effect.raceFirst(Deferred.await(first), Fiber.join(saving));
        yield* Fiber.interrupt(saving);
        yield* Effect.exit(storage.saveSnapshot(at, Stream.concat(chunks("half"), broken)));
        yield* asError(storage.readSnapshot(at));
        yield* storage.saveSnapshot(at, chunks("whole"));
        return yield* storage.readSnapshot(at);
      }),
    );
    deepStrictEqual(new Uint8Array(read), bytes("whole"));
    deepStrictEqual(
      new Uint8Array(await using(place, (storage) => storage.readSnapshot(at))),
      bytes("whole"),
    );
  },
  "a snapshot that is stored is left as it is": async (place) => {
    const read = await using(place, (storage) =>
      Effect.gen(function* () {
        yield* storage.saveSnapshot(at, chunks("first"));
        yield* storage.saveSnapshot(at, chunks("second"));
        return yield* storage.readSnapshot(at);
      }),
    );
    deepStrictEqual(new Uint8Array(read), bytes("first"));
  },
  "snapshots of one index and two terms are two": async (place) => {
    const other = { ...at, lastTerm: 2 };
    const read = await using(place, (storage) =>
      Effect.gen(function* () {
        yield* storage.saveSnapshot(at, chunks("of 1"));
        yield* storage.saveSnapshot(other, chunks(""));
        return [yield* storage.readSnapshot(at), yield* storage.readSnapshot(other)];
      }),
    );
    deepStrictEqual(
      read.map((it) => new Uint8Array(it)),
      [bytes("of 1"), bytes("")],
    );
  },
  "the durable snapshot's bytes outlive the writes and a restart": async (place) => {
    const later = put(2, commands(7, 8, 2), { lastIndex: 8, lastTerm: 2 });
    await follows(place, [six, put(1, [], { lastIndex: 6, lastTerm: 1 }, at), later]);
    const read = await using(place, (storage) =>
      Effect.flatMap(storage.load, ({ snapshot }) => storage.readSnapshot(snapshot)),
    );
    deepStrictEqual(new Uint8Array(read), bytes("s"));
  },
  "a snapshot that is not stored cannot be read": async (place) => {
    const error = await using(place, (storage) => asError(storage.readSnapshot(at)));
    deepStrictEqual(error instanceof StorageError, true);
  },
};

function asError<A>(effect: Effect.Effect<A, StorageError>): Effect.Effect<StorageError> {
  return Effect.flip(
    Effect.andThen(effect, Effect.die(new Error("it should have failed, but did not"))),
  );
}

/** Random runs of writes, reopened in between. */
function randomCheck(newPlace: () => StoragePlace, seed: number): StorageCheck {
  const name = `random writes come back: seed ${seed}`;
  return {
    name,
    run: async () => {
      const place = newPlace();
      let expected = initialDurable(conformanceFounding);
      const next = randomWrites(seed);
      for (let opening = 0; opening < 5; opening++) {
        await using(place, (storage) =>
          Effect.gen(function* () {
            deepStrictEqual(yield* storage.load, expected, name);
            for (let i = 0; i < 20; i++) {
              const write = next(expected);
              if (write.snapshot !== null) yield* storage.saveSnapshot(write.snapshot, chunks("s"));
              yield* storage.write(write);
              expected = durableAfter(expected, write);
            }
          }),
        );
      }
      deepStrictEqual(await using(place, ({ load }) => load), expected, name);
    },
  };
}

/**
 * The checks of a storage. `newPlace` gives a new, empty place, whose founding configuration is
 * `conformanceFounding`.
 */
export function storageChecks(newPlace: () => StoragePlace): readonly StorageCheck[] {
  const ofWrites = Object.entries(writeCases).map(([name, writes]) => ({
    name,
    run: () => follows(newPlace(), writes),
  }));
  const ofSnapshots = Object.entries(snapshotCases).map(([name, run]) => ({
    name,
    run: () => run(newPlace()),
  }));
  const random = [1, 2, 3, 4, 5].map((seed) => randomCheck(newPlace, seed));
  return [...ofWrites, ...ofSnapshots, ...random];
}
