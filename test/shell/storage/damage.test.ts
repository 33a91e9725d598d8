/** What a disk makes of synced bytes is noticed: a server starts on what was stored, or not. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as Effect from "effect/Effect";
import * as Stream from "effect/Stream";
import { describe, expect, it } from "vitest";
import type { Durable, Entry, PersistEffect, Snapshot } from "../../../kernel/index.ts";
import { conformanceFounding } from "../../../shell/storage/conformance.ts";
import { flipped, type Image, imageOf, startOn, zeroed } from "./images.ts";
import { FAST, newFolder, newOptions, using } from "./places.ts";

const DB = "log.sqlite";
const WAL = "log.sqlite-wal";
const SNAPSHOT = "snapshots/0000000000000004-0000000000000001.snapshot";
const at: Snapshot = { lastIndex: 4, lastTerm: 1, configuration: conformanceFounding };

function commands(from: number, to: number, term: number): readonly Entry[] {
  return Array.from({ length: to - from + 1 }, (_, i) => {
    return { index: from + i, term, payload: { kind: "command", command: `set ${from + i}` } };
  });
}

function put(entries: readonly Entry[], lastIndex: number, lastTerm: number): PersistEffect {
  const hard = { currentTerm: lastTerm + 1, votedFor: "n2", snapshot: null };
  return { kind: "persist", ...hard, entries, lastIndex, lastTerm };
}

/** What the last write leaves durable. */
const durable: Durable = {
  ...{ currentTerm: 9, votedFor: null, snapshot: at },
  entries: [...commands(5, 7, 1), ...commands(8, 12, 2)],
};

/** The files of one server: before its last writes, with all of them, and then closed. */
interface Images {
  readonly old: Image;
  readonly crashed: Image;
  readonly closed: Image;
}

async function imagesOf(): Promise<Images> {
  const options = newOptions();
  const [old, crashed] = await using(options, (storage) =>
    Effect.gen(function* () {
      yield* storage.write(put(commands(1, 9, 1), 9, 1));
      yield* storage.saveSnapshot(at, Stream.make(new Uint8Array(Buffer.from("the state at 4"))));
      yield* storage.write({ ...put([], 9, 1), snapshot: at });
      const before = imageOf(options.directory);
      yield* storage.write(put(commands(8, 10, 2), 10, 2));
      yield* storage.write(put(commands(11, 12, 2), 12, 2));
      yield* storage.write({ ...put([], 12, 2), currentTerm: 9, votedFor: null });
      return [before, imageOf(options.directory)] as const;
    }),
  );
  return { old, crashed, closed: imageOf(options.directory) };
}

/** Starts on images in a folder of its own. */
function starter(): (image: Image) => Durable | string {
  const options = { ...newOptions(), directory: join(newFolder(FAST), "damaged") };
  return (image) => startOn(image, options);
}

/** Whether a start on `image` was refused; if not, it must have found what was stored. */
function isRefused(found: Durable | string, what: string): boolean {
  if (typeof found === "string") return true;
  expect(found, what).toEqual(durable);
  return false;
}

function bytesOf(image: Image, name: string): Buffer {
  const bytes = image[name];
  if (bytes === undefined) throw new Error(`there is no file ${name}`);
  return bytes;
}

/** Positions in a file, some apart, so that every region is met. */
function positions(length: number, apart: number): readonly number[] {
  return Array.from({ length: Math.ceil(length / apart) }, (_, i) => i * apart);
}

describe("a bit that turned is noticed, or changes nothing", () => {
  it.each([
    ["closed", DB, 67],
    ["crashed", WAL, 293],
    ["closed", "mark", 31],
  ] as const)("server %s, file %s", async (which, name, apart) => {
    const image = (await imagesOf())[which];
    const start = starter();
    expect(start(image)).toEqual(durable);
    const bytes = bytesOf(image, name);
    const refused = positions(bytes.length, apart).filter((position) => {
      const found = start({ ...image, [name]: flipped(bytes, position, position % 8) });
      return isRefused(found, `${name}, byte ${position}, bit ${position % 8}`);
    });
    // Where nothing is stored a bit may turn; the mark has two counts, and one is enough.
    if (name !== "mark") expect(refused.length).toBeGreaterThan(3);
  });

  it("in the snapshot's file it is always noticed", async () => {
    const { closed } = await imagesOf();
    const start = starter();
    const bytes = bytesOf(closed, SNAPSHOT);
    for (const position of positions(bytes.length, 7)) {
      const found = start({ ...closed, [SNAPSHOT]: flipped(bytes, position, position % 8) });
      expect(found, `byte ${position}`).toMatch(/\.snapshot: .*checksum does not match/);
    }
  });

  it.each(["set 9", '"currentTerm":9', '"votedFor":null'])("in the record of %s", async (text) => {
    const { closed } = await imagesOf();
    const start = starter();
    const bytes = bytesOf(closed, DB);
    const position = bytes.lastIndexOf(text);
    expect(position).toBeGreaterThan(0);
    for (let i = 0; i < text.length * 8; i += 3) {
      const found = start({ ...closed, [DB]: flipped(bytes, position + (i >> 3), i % 8) });
      expect(found, `byte ${i >> 3}, bit ${i % 8}`).toMatch(/does not match|damaged|server "/);
    }
  });
});

describe("what was lost is noticed", () => {
  it.each([
    ["closed", DB],
    ["crashed", WAL],
  ] as const)("a page of zeros: server %s, file %s", async (which, name) => {
    const image = (await imagesOf())[which];
    const start = starter();
    const bytes = bytesOf(image, name);
    const refused = positions(bytes.length, 4096).filter((position) => {
      const found = start({ ...image, [name]: zeroed(bytes, position, 4096) });
      return isRefused(found, `${name}, page at ${position}`);
    });
    expect(refused.length).toBeGreaterThan(1);
  });

  it("a page as it was before, among the newer", async () => {
    const [{ closed, old: older }, start] = [await imagesOf(), starter()];
    // The older files as one database: a start and stop of their own brings SQLite's log into it.
    const options = { ...newOptions(), directory: join(newFolder(), "older") };
    startOn(older, options);
    const [old, fresh] = [bytesOf(imageOf(options.directory), DB), bytesOf(closed, DB)];
    let refused = 0;
    for (let page = 4096; page < old.length; page += 4096) {
      const mixed = Buffer.from(fresh);
      old.copy(mixed, page, page, page + 4096);
      if (mixed.equals(fresh)) continue;
      expect(start({ ...closed, [DB]: mixed }), `page at ${page}`).toBeTypeOf("string");
      refused++;
    }
    expect(refused).toBeGreaterThan(1);
  });

  it("SQLite's log; and it is the mark that tells", async () => {
    const { crashed, old } = await imagesOf();
    const start = starter();
    const lost = { ...crashed, [WAL]: bytesOf(old, WAL) };
    expect(start(lost)).toMatch(/log\.sqlite: it holds 3 writes, but 6 were made durable; do not/);
    const silent = start({ ...lost, mark: bytesOf(old, "mark") });
    expect(silent).toMatchObject({ currentTerm: 2, votedFor: "n2" });
  });

  it.each([
    [DB, /it holds "mark" but no "log.sqlite"; give an empty directory/],
    ["mark", /the file "mark" is missing/],
    [SNAPSHOT, /0004-0000000000000001\.snapshot: ENOENT/],
  ])("the file %s", async (name, message) => {
    const { [name]: _, ...rest } = (await imagesOf()).closed;
    expect(starter()(rest)).toMatch(message);
  });

  it("all that was in the database", async () => {
    const { closed } = await imagesOf();
    expect(starter()({ ...closed, [DB]: Buffer.alloc(0) })).toMatch(/empty, but was not always/);
  });
});

describe("a record that is not what it was", () => {
  it.each([
    [`UPDATE entries SET term = 1 WHERE "index" = 10`, /entries, index 10: the entry's checksum/],
    [`UPDATE entries SET kind = 'no-op' WHERE "index" = 8`, /entries, index 8: the entry's/],
    [`UPDATE entries SET body = body || ' ' WHERE "index" = 12`, /entries, index 12: the entry's/],
    [`UPDATE entries SET "index" = 13 WHERE "index" = 12`, /entries, index 12: the entry is miss/],
    [`DELETE FROM entries WHERE "index" = 7`, /entries, index 7: the entry is missing/],
    [`DELETE FROM entries WHERE "index" = 12`, /entries, index 11: the log ends here, .* at 12/],
    [`INSERT INTO entries VALUES (13, 2, 'no-op', '', '')`, /index 13: the log ends at 12/],
    [`UPDATE meta SET record = replace(record, '"n2"', '"n3"')`, /table meta: the checksum/],
    [`UPDATE meta SET checksum = 'x'`, /table meta: the checksum of the record does not match/],
    ["DELETE FROM meta", /table meta: 0 records, not 1/],
    ["PRAGMA user_version = 2", /its format is 2, not 1; use the version that wrote it/],
    ["PRAGMA application_id = 7", /it is not a database of quorate/],
  ])("%s", async (sql, message) => {
    const { closed } = await imagesOf();
    const path = join(newFolder(), DB);
    writeFileSync(path, bytesOf(closed, DB));
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    database.close();
    const changed = bytesOf(imageOf(join(path, "..")), DB);
    expect(starter()({ ...closed, [DB]: changed })).toMatch(message);
  });

  it("an entry as it was before it was replaced, though whole", async () => {
    const { old, closed } = await imagesOf();
    const options = { ...newOptions(), directory: join(newFolder(), "older") };
    startOn(old, options);
    const path = join(newFolder(), DB);
    writeFileSync(path, bytesOf(closed, DB));
    const database = new DatabaseSync(path);
    database.exec(`ATTACH '${join(options.directory, DB)}' AS older`);
    database.exec(`REPLACE INTO main.entries SELECT * FROM older.entries WHERE "index" = 8`);
    database.close();
    const changed = bytesOf(imageOf(join(path, "..")), DB);
    expect(starter()({ ...closed, [DB]: changed })).toMatch(/index 9: the entry's checksum/);
  });

  it("SQLite's own book-keeping", async () => {
    const { closed } = await imagesOf();
    // The count of free pages: only SQLite's own check reads it.
    const changed = flipped(bytesOf(closed, DB), 39, 3);
    expect(starter()({ ...closed, [DB]: changed })).toMatch(/the database is damaged: /);
  });

  it("an entry of another log, though whole, does not fit", async () => {
    const [mine, other] = [(await imagesOf()).closed, newOptions()];
    await using(other, (storage) => storage.write(put(commands(1, 9, 1), 9, 1)));
    const path = join(newFolder(), DB);
    writeFileSync(path, bytesOf(mine, DB));
    const database = new DatabaseSync(path);
    database.exec(`ATTACH '${join(other.directory, DB)}' AS other`);
    database.exec(`REPLACE INTO main.entries SELECT * FROM other.entries WHERE "index" = 7`);
    database.close();
    const changed = bytesOf(imageOf(join(path, "..")), DB);
    expect(starter()({ ...mine, [DB]: changed })).toEqual(durable);
    const again = { ...other, cluster: "d", directory: join(newFolder(), "n1") };
    await using(again, (storage) => storage.write(put(commands(1, 9, 1), 9, 1)));
    const foreign = new DatabaseSync(path);
    foreign.exec(`ATTACH '${join(again.directory, DB)}' AS other`);
    foreign.exec(`REPLACE INTO main.entries SELECT * FROM other.entries WHERE "index" = 7`);
    foreign.close();
    const mixed = bytesOf(imageOf(join(path, "..")), DB);
    expect(starter()({ ...mine, [DB]: mixed })).toMatch(/index 7: the entry's checksum/);
  });
});
