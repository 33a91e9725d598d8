/**
 * A crash in the midst of a write: of what was not synced, a disk keeps what it likes. A server
 * that starts again finds what was before the write, or after; nothing else.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import * as Effect from "effect/Effect";
import * as Stream from "effect/Stream";
import { describe, expect, it } from "vitest";
import {
  type Durable,
  type Entry,
  initialDurable,
  type PersistEffect,
  type Snapshot,
} from "../../../kernel/index.ts";
import { conformanceFounding } from "../../../shell/storage/conformance.ts";
import { durableAfter, inspectStorage, type StorageOptions } from "../../../shell/storage/index.ts";
import { chance, randomWrites } from "../../../shell/storage/random-writes.ts";
import { type Image, imageOf, spliced, startOn, zeroed } from "./images.ts";
import { FAST, newFolder, newOptions, using } from "./places.ts";

const DB = "log.sqlite";
const WAL = "log.sqlite-wal";
const FRAME = 24 + 4096;

/** One write: what the files were before and after it, and what was durable. */
interface Moment {
  readonly before: Image;
  readonly after: Image;
  readonly durable: readonly [before: Durable, after: Durable];
}

/** Makes the writes in a new directory, and keeps every moment. */
async function momentsOf(
  next: (durable: Durable, i: number) => PersistEffect,
  count: number,
): Promise<readonly Moment[]> {
  const options = newOptions();
  const moments: Moment[] = [];
  let durable = initialDurable(conformanceFounding);
  await using(options, (storage) =>
    Effect.gen(function* () {
      for (let i = 0; i < count; i++) {
        const write = next(durable, i);
        const data = new Uint8Array(Buffer.from("state"));
        if (write.snapshot !== null) yield* storage.saveSnapshot(write.snapshot, Stream.make(data));
        const before = imageOf(options.directory);
        yield* storage.write(write);
        const then = durableAfter(durable, write);
        moments.push({ before, after: imageOf(options.directory), durable: [durable, then] });
        durable = then;
      }
    }),
  );
  return moments;
}

function walOf(image: Image): Buffer {
  return image[WAL] ?? Buffer.alloc(0);
}

/** Where a write of SQLite's log can be cut: around frames, their headers, and sectors in them. */
function cutsOf(from: number, to: number): readonly number[] {
  const first = Math.max(0, Math.floor((from - 32) / FRAME));
  const frames = Math.ceil((to - 32) / FRAME) - first + 1;
  const inFrame = [0, 1, 8, 23, 24, 24 + 512, 24 + 2048, FRAME - 1];
  return Array.from({ length: frames }, (_, i) => 32 + (first + i) * FRAME)
    .flatMap((frame) => inFrame.map((offset) => frame + offset))
    .concat([1, 16, 24, 31])
    .filter((cut) => cut >= from && cut <= to);
}

/** What a disk can leave of SQLite's log: cut, with an end that overtook, with a sector lost. */
function* tornLogs({ before, after }: Moment): Generator<Buffer> {
  const [old, whole] = [walOf(before), walOf(after)];
  let [from, to] = [0, whole.length];
  while (from < to && whole[from] === old[from]) from++;
  while (from < to && whole[to - 1] === old[to - 1]) to--;
  for (const cut of cutsOf(from, to)) {
    const length = Math.max(old.length, whole.length);
    yield spliced(whole, cut, old);
    yield spliced(Buffer.concat([old], length), cut, whole);
    yield zeroed(whole, cut, 512);
  }
}

/** Starts on all that may be left, and counts which of the two states is found. */
function countStarts(moment: Moment): readonly [before: number, after: number] {
  const options = { ...newOptions(), directory: join(newFolder(FAST), "crashed") };
  const [before, after] = moment.durable.map((it) => JSON.stringify(it));
  const counts: [number, number] = [0, 0];
  let i = 0;
  for (const log of tornLogs(moment)) {
    i++;
    const found = JSON.stringify(startOn({ ...moment.before, [WAL]: log }, options));
    if (found === after) counts[1]++;
    else if (found === before) counts[0]++;
    else expect(found, `torn log ${i}`).toBe(before);
  }
  return counts;
}

/** What the directory holds before each chunk of a snapshot is asked for, and after the last. */
function momentsOfSaving(options: StorageOptions, snapshot: Snapshot): Promise<readonly Image[]> {
  const images: Image[] = [];
  const chunks = Stream.fromIterable(["x".repeat(5000), "", "y", "z".repeat(5000)]).pipe(
    Stream.map((text) => {
      images.push(imageOf(options.directory));
      return new Uint8Array(Buffer.from(text));
    }),
  );
  return using(options, (storage) =>
    Effect.map(storage.saveSnapshot(snapshot, chunks), () => [
      ...images,
      imageOf(options.directory),
    ]),
  );
}

it("a crash while a snapshot is stored leaves the earlier one", async () => {
  const options = newOptions();
  const at = (lastIndex: number): Snapshot => {
    return { lastIndex, lastTerm: 1, configuration: conformanceFounding };
  };
  const earlier = new Uint8Array(Buffer.from("state"));
  const entry = (index: number): Entry => ({ index, term: 1, payload: { kind: "no-op" } });
  const hard = { kind: "persist", currentTerm: 1, votedFor: null } as const;
  const end = { lastIndex: 3, lastTerm: 1 };
  await using(options, (storage) =>
    Effect.gen(function* () {
      const entries = [1, 2, 3].map(entry);
      yield* storage.write({ ...hard, snapshot: null, entries, ...end });
      yield* storage.saveSnapshot(at(2), Stream.make(earlier));
      yield* storage.write({ ...hard, snapshot: at(2), entries: [], ...end });
    }),
  );
  const images = await momentsOfSaving(options, at(3));
  expect(images).toHaveLength(5);
  const crashed = { ...options, directory: join(newFolder(FAST), "crashed") };
  for (const [i, image] of images.entries()) {
    expect(startOn(image, crashed), `moment ${i}`).toMatchObject({ snapshot: at(2) });
    const found = inspectStorage(crashed.directory).snapshots.map((it) => it.lastIndex);
    // What is half-written is no snapshot, and is gone.
    expect(found, `moment ${i}`).toEqual(i < 4 ? [2] : [2, 3]);
    const names = readdirSync(join(crashed.directory, "snapshots"));
    expect(names, `moment ${i}`).toHaveLength(found.length);
    const read = await using(crashed, (storage) => storage.readSnapshot(at(2)));
    expect(read, `moment ${i}`).toEqual(earlier);
  }
});

describe("a crash within a write leaves what was before it or what is after it", () => {
  it.each([1, 2])("votes, entries, cuts and snapshots: seed %i", async (seed) => {
    const next = randomWrites(seed);
    const moments = await momentsOf(next, 8);
    const counts = moments.map(countStarts);
    expect(counts.every(([before]) => before > 0)).toBe(true);
    expect(counts.every(([, after]) => after > 0)).toBe(true);
  });

  const big = (durable: Durable): PersistEffect => {
    const last = durable.snapshot.lastIndex + durable.entries.length;
    const entries: readonly Entry[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((i) => {
      return {
        index: last + i,
        term: 1,
        payload: { kind: "command", command: "x".repeat(99_999) },
      };
    });
    const end = { lastIndex: last + 10, lastTerm: 1 };
    return { kind: "persist", currentTerm: 1, votedFor: null, snapshot: null, entries, ...end };
  };
  const vote = (durable: Durable, i: number): PersistEffect => {
    const end = { lastIndex: durable.entries.length, lastTerm: 1 };
    const hard = { currentTerm: i, votedFor: "n1", snapshot: null };
    return { kind: "persist", ...hard, entries: [], ...end };
  };

  it("a checkpoint within it, and SQLite's log begun again after that", async () => {
    const moments = await momentsOf((it, i) => (i < 5 ? big(it) : vote(it, i)), 7);
    const isSame = ({ before, after }: Moment): boolean =>
      before[DB]?.equals(after[DB] ?? Buffer.alloc(0)) ?? false;
    const checkpoint = moments.findIndex((it) => !isSame(it));
    const moment = moments[checkpoint];
    if (moment === undefined) throw new Error("no write made a checkpoint");
    const options = { ...newOptions(), directory: join(newFolder(FAST), "crashed") };
    const below = chance(7);
    const [old, fresh] = [moment.before[DB], moment.after[DB]] as [Buffer, Buffer];
    for (let i = 0; i < 8; i++) {
      const mixed = Buffer.from(fresh.subarray(0, below(2) === 0 ? fresh.length : old.length));
      for (let page = 0; page < old.length; page += 4096) {
        if (below(2) === 0) old.copy(mixed, page, page, page + 4096);
      }
      expect(startOn({ ...moment.after, [DB]: mixed }, options)).toEqual(moment.durable[1]);
    }
    const next = moments[checkpoint + 1];
    if (next === undefined) throw new Error("no write came after the checkpoint");
    expect(walOf(next.after).subarray(0, 32)).not.toEqual(walOf(next.before).subarray(0, 32));
    expect(countStarts(next).every((count) => count > 0)).toBe(true);
  });
});
