/** Any sequence of writes, snapshots and restarts leaves what the model says; and no waste. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as Effect from "effect/Effect";
import * as Stream from "effect/Stream";
import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import { initialDurable, type PersistEffect, type Snapshot } from "../../../kernel/index.ts";
import { store } from "../../../model-checker/process.ts";
import { conformanceFounding } from "../../../shell/storage/conformance.ts";
import { inspectStorage } from "../../../shell/storage/index.ts";
import { randomWrites } from "../../../shell/storage/random-writes.ts";
import { checksumOf } from "../../../shell/storage/records.ts";
import { Store } from "../../../shell/storage/store.ts";
import { append } from "./child.ts";
import { flipped } from "./images.ts";
import { newFolder, newOptions, using } from "./places.ts";

const data = new Uint8Array(Buffer.from("state"));

function snapshots(directory: string): readonly string[] {
  return readdirSync(join(directory, "snapshots"));
}

function saved(options: ReturnType<typeof newOptions>, snapshot: Snapshot): Promise<void> {
  return using(options, (storage) => storage.saveSnapshot(snapshot, Stream.make(data)));
}

const steps = fc.array(
  fc.record({ seed: fc.integer({ min: 1, max: 100_000 }), reopens: fc.boolean() }),
  { maxLength: 25, size: "max" },
);

it("writes come back as the model checker has them", async () => {
  const folder = newFolder();
  let run = 0;
  const property = fc.asyncProperty(steps, async (all) => {
    const options = { ...newOptionsIn(join(folder, `${run++}`)) };
    let expected = initialDurable(conformanceFounding);
    let open = Store.open(options);
    try {
      expect(open.load()).toEqual(expected);
      for (const { seed, reopens } of all) {
        const write = randomWrites(seed)(expected);
        if (write.snapshot !== null) {
          open.close();
          await saved(options, write.snapshot);
          open = Store.open(options);
        }
        open.write(write);
        expected = store(expected, write);
        if (!reopens) continue;
        open.close();
        open = Store.open(options);
        expect(open.load()).toEqual(expected);
      }
    } finally {
      open.close();
    }
    const found = inspectStorage(options.directory);
    expect(found.faults).toEqual([]);
    expect(found.records).toBe(1 + expected.entries.length + found.snapshots.length);
  });
  // fast-check prints the seed and the shrunk steps of a failure.
  await fc.assert(property, { seed: 20_141_119, numRuns: 25 });
});

function newOptionsIn(directory: string) {
  return { directory, cluster: "c", server: "n1", founding: conformanceFounding };
}

/** Appends entries `from` to `to` in one write. */
function appendAll(from: number, to: number): PersistEffect {
  const entries = Array.from({ length: to - from + 1 }, (_, i) => append(from + i).entries[0]!);
  return { ...append(to), entries };
}

it("a snapshot's prefix goes bit by bit, and its place is used again", async () => {
  const options = newOptions();
  const count = (): number => {
    const database = new DatabaseSync(join(options.directory, "log.sqlite"));
    const row = database.prepare("SELECT count(*) AS count FROM entries").get();
    database.close();
    return Number(row?.["count"]);
  };
  const size = (): number => statSync(join(options.directory, "log.sqlite")).size;
  const at: Snapshot = { lastIndex: 3000, lastTerm: 1, configuration: conformanceFounding };
  await using(options, (storage) =>
    Effect.gen(function* () {
      yield* storage.write(appendAll(1, 3000));
      yield* storage.saveSnapshot(at, Stream.make(data));
      yield* storage.write({ ...append(3000), entries: [], snapshot: at });
    }),
  );
  expect(count()).toBe(3000 - 1024);
  const before = size();
  await using(options, (storage) =>
    Effect.gen(function* () {
      for (let i = 1; i <= 5; i++) yield* storage.write(append(3000 + i));
    }),
  );
  expect(count()).toBe(5);
  await using(options, (storage) => storage.write(appendAll(3006, 5000)));
  expect(size()).toBeLessThan(before * 1.1);
});

it("older snapshots go when the log begins at a newer, and half-written ones at a start", async () => {
  const options = newOptions();
  const at = (lastIndex: number): Snapshot => {
    return { lastIndex, lastTerm: 1, configuration: conformanceFounding };
  };
  await using(options, (storage) =>
    Effect.gen(function* () {
      yield* storage.write(appendAll(1, 9));
      for (const index of [2, 4, 6]) yield* storage.saveSnapshot(at(index), Stream.make(data));
      yield* storage.write({ ...append(9), entries: [], snapshot: at(4) });
      expect(snapshots(options.directory).map((name) => Number.parseInt(name, 10))).toEqual([4, 6]);
    }),
  );
  writeFileSync(join(options.directory, "snapshots", ".half.tmp"), "quorate-sn");
  expect(snapshots(options.directory)).toHaveLength(3);
  await using(options, ({ load }) => load);
  expect(snapshots(options.directory)).toHaveLength(2);
});

it("a snapshot's file that is damaged is written anew when it is saved again", async () => {
  const options = newOptions();
  const at: Snapshot = { lastIndex: 2, lastTerm: 1, configuration: conformanceFounding };
  await saved(options, at);
  const [name] = snapshots(options.directory);
  writeFileSync(join(options.directory, "snapshots", name ?? ""), "quorate-snapshot");
  await using(options, (storage) =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(storage.readSnapshot(at));
      expect(message).toMatch(/checksum does not match; take a new snapshot, or replace/);
      yield* storage.saveSnapshot(at, Stream.make(data));
      expect(yield* storage.readSnapshot(at)).toEqual(data);
    }),
  );
});

it("a snapshot that fails or is broken off leaves no file behind", async () => {
  const options = newOptions();
  const at: Snapshot = { lastIndex: 2, lastTerm: 1, configuration: conformanceFounding };
  await using(options, (storage) =>
    Effect.gen(function* () {
      const half = Stream.concat(Stream.make(data), Stream.die(new Error("no more")));
      yield* Effect.exit(storage.saveSnapshot(at, half));
      expect(snapshots(options.directory)).toEqual([]);
      // The storage itself is none the worse.
      yield* storage.saveSnapshot(at, Stream.make(data));
      expect(snapshots(options.directory)).toHaveLength(1);
    }),
  );
});

it("a snapshot's file has the same header, whatever its length", async () => {
  const lengths = await Promise.all(
    [0, 9, 10, 100_000].map(async (length) => {
      const options = newOptions();
      const at: Snapshot = { lastIndex: 2, lastTerm: 1, configuration: conformanceFounding };
      await using(options, (storage) =>
        storage.saveSnapshot(at, Stream.make(new Uint8Array(length))),
      );
      const found = inspectStorage(options.directory).snapshots;
      expect(found.map(({ fault }) => fault)).toEqual([null]);
      return (found[0]?.bytes ?? 0) - length;
    }),
  );
  expect(new Set(lengths).size).toBe(1);
});

it("a snapshot of many pieces comes back, and one that is cut or changed anywhere does not", async () => {
  const options = newOptions();
  const at: Snapshot = { lastIndex: 2, lastTerm: 1, configuration: conformanceFounding };
  const large = Uint8Array.from({ length: 3_500_001 }, (_, i) => (i * 31) % 251);
  const pieces = [0, 1, 999_999, 1_048_576, 3_500_000].map((from, i, all) =>
    large.subarray(from, all[i + 1]),
  );
  await using(options, (storage) => storage.saveSnapshot(at, Stream.fromIterable(pieces)));
  const read = (): Promise<Uint8Array> =>
    using(options, (storage) => storage.readSnapshot(at)).then((it) => new Uint8Array(it));
  expect(Buffer.from(await read()).equals(large)).toBe(true);
  const path = join(options.directory, "snapshots", snapshots(options.directory)[0] ?? "");
  const file = readFileSync(path);
  for (const position of [0, 300, 1_048_576, 2_000_000, file.length - 1]) {
    writeFileSync(path, flipped(file, position, 3));
    await expect(read(), `byte ${position}`).rejects.toThrow(/does not match; take a new snapshot/);
  }
  writeFileSync(path, file.subarray(0, -1));
  await expect(read()).rejects.toThrow(/holds 3500000 bytes, not 3500001; take a new snapshot/);
  writeFileSync(path, "");
  await expect(read()).rejects.toThrow(/the header's checksum does not match/);
});

it("a file whose header has no spaces, of an earlier version, is read", async () => {
  const options = newOptions();
  const at: Snapshot = { lastIndex: 2, lastTerm: 1, configuration: conformanceFounding };
  await saved(options, at);
  const path = join(options.directory, "snapshots", snapshots(options.directory)[0] ?? "");
  const header = JSON.stringify({
    ...{ format: 1, cluster: "c", server: "n1", snapshot: at },
    ...{ bytes: data.length, checksum: checksumOf(data) },
  });
  writeFileSync(path, `quorate-snapshot ${checksumOf(header)} ${header}\nstate`);
  expect(await using(options, (storage) => storage.readSnapshot(at))).toEqual(data);
});

it("the durable state can be asked for at any time", () => {
  const open = Store.open(newOptions());
  onTestFinished(() => open.close());
  expect(open.load()).toEqual(open.load());
  open.write(append(1));
  expect(open.load().entries).toEqual(append(1).entries);
});
