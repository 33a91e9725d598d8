/** The storages do what a storage must, and the checks find those that do not. */
import * as Effect from "effect/Effect";
import * as Stream from "effect/Stream";
import { describe, expect, it } from "vitest";
import { initialDurable, type Snapshot } from "../../../kernel/index.ts";
import { store } from "../../../model-checker/process.ts";
import type { Storage } from "../../../shell/driver/services.ts";
import {
  conformanceFounding,
  type StoragePlace,
  storageChecks,
} from "../../../shell/storage/conformance.ts";
import { durableAfter, memoryStorage, openStorage } from "../../../shell/storage/index.ts";
import { randomWrites } from "../../../shell/storage/random-writes.ts";
import { newOptions } from "./places.ts";

function inMemory(change: (storage: Storage["Service"]) => Storage["Service"]): StoragePlace {
  return { open: Effect.succeed(change(memoryStorage(conformanceFounding))) };
}

describe("SQLite", () => {
  it.each(storageChecks(() => ({ open: openStorage(newOptions()) })))("$name", ({ run }) => run());
});

describe("memory", () => {
  it.each(storageChecks(() => inMemory((it) => it)))("$name", ({ run }) => run());

  it("lets go of snapshots from before its log", async () => {
    const storage = memoryStorage(conformanceFounding);
    const snapshots = [1, 2].map((lastIndex) => {
      return { lastIndex, lastTerm: 1, configuration: conformanceFounding };
    });
    const bytes = Stream.make(new Uint8Array(1));
    for (const it of snapshots) await Effect.runPromise(storage.saveSnapshot(it, bytes));
    const [old, snapshot = null] = snapshots as [Snapshot, Snapshot];
    const votes = { currentTerm: 1, votedFor: null, entries: [], lastIndex: 2, lastTerm: 1 };
    await Effect.runPromise(storage.write({ kind: "persist", ...votes, snapshot }));
    expect(await Effect.runPromise(storage.readSnapshot(snapshot as Snapshot))).toHaveLength(1);
    await expect(Effect.runPromise(storage.readSnapshot(old))).rejects.toThrow("not stored");
    // A slow one, too.
    await Effect.runPromise(storage.saveSnapshot(old, bytes));
    await expect(Effect.runPromise(storage.readSnapshot(old))).rejects.toThrow("not stored");
  });
});

type Service = Storage["Service"];
const faulty: Readonly<Record<string, (storage: Service) => Service>> = {
  "forgets the vote": (it) => ({
    ...it,
    write: (write) => it.write({ ...write, votedFor: null }),
  }),
  "does not cut": (it) => ({
    ...it,
    write: (write) =>
      Effect.flatMap(it.load, ({ snapshot, entries }) => {
        const last = snapshot.lastIndex + entries.length;
        const cuts = write.entries.length === 0 && write.snapshot === null;
        return it.write(cuts ? { ...write, lastIndex: last } : write);
      }),
  }),
  "keeps the log before a snapshot": (it) => ({
    ...it,
    write: (write) => it.write({ ...write, snapshot: null }),
  }),
  "writes no entry": (it) => ({ ...it, write: (write) => it.write({ ...write, entries: [] }) }),
  "writes nothing": (it) => ({ ...it, write: () => Effect.void }),
  "gives no bytes": (it) => ({ ...it, readSnapshot: () => Effect.succeed(new Uint8Array(0)) }),
  "keeps the first chunk": (it) => ({
    ...it,
    saveSnapshot: (snapshot, chunks) => it.saveSnapshot(snapshot, Stream.take(chunks, 1)),
  }),
  "keeps half a snapshot": (it) => ({
    ...it,
    saveSnapshot: (snapshot, chunks) =>
      it.saveSnapshot(
        snapshot,
        Stream.catchCause(chunks, () => Stream.empty),
      ),
  }),
  "knows a snapshot by its index": (it) => ({
    ...it,
    saveSnapshot: (snapshot, data) => it.saveSnapshot({ ...snapshot, lastTerm: 0 }, data),
    readSnapshot: (snapshot) => it.readSnapshot({ ...snapshot, lastTerm: 0 }),
  }),
};

describe("the checks find a storage that", () => {
  it.each(Object.entries(faulty))("%s", async (_name, change) => {
    const checks = storageChecks(() => inMemory(change));
    const failed = await Promise.all(
      checks.map(({ run }) =>
        run().then(
          () => 0,
          () => 1,
        ),
      ),
    );
    expect(failed).toContain(1);
  });
});

it("what is durable after a write is what the model checker says", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const next = randomWrites(seed);
    let durable = initialDurable(conformanceFounding);
    for (let i = 0; i < 50; i++) {
      const write = next(durable);
      expect(durableAfter(durable, write), `seed ${seed}`).toEqual(store(durable, write));
      durable = store(durable, write);
    }
  }
});
