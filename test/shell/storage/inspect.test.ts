/** A stopped server's directory is described as it is, with its faults; and backups found clusters. */
import { hash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as Effect from "effect/Effect";
import * as Stream from "effect/Stream";
import { describe, expect, it } from "vitest";
import type { Entry, PersistEffect, Snapshot } from "../../../kernel/index.ts";
import { conformanceFounding } from "../../../shell/storage/conformance.ts";
import {
  inspectStorage,
  readBackup,
  restoreBackup,
  type StorageOptions,
  saveBackup,
} from "../../../shell/storage/index.ts";
import { newFolder, newOptions, using } from "./places.ts";

const entries: readonly Entry[] = [1, 2, 3, 4, 5].map((index) => {
  return { index, term: 2, payload: { kind: "command", command: `set ${index}` } };
});
const end = { lastIndex: 5, lastTerm: 2 };
const five: PersistEffect = {
  ...{ kind: "persist", currentTerm: 3, votedFor: "n2", snapshot: null },
  ...{ entries, ...end },
};
const snapshot: Snapshot = { lastIndex: 2, lastTerm: 2, configuration: conformanceFounding };
const bytes = new Uint8Array(Buffer.from('{"a":1}'));

/** A stopped server with five entries, of which a snapshot holds two. */
async function stopped(): Promise<StorageOptions> {
  const options = newOptions();
  await using(options, (storage) =>
    Effect.gen(function* () {
      yield* storage.load;
      yield* storage.write(five);
      yield* storage.saveSnapshot(snapshot, Stream.make(bytes));
      yield* storage.write({ ...five, snapshot, entries: [] });
    }),
  );
  return options;
}

/** The names and hashes of all files below a folder, but for what SQLite's readers leave there. */
function contentOf(folder: string): readonly (readonly [string, string])[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile() && !/-(wal|shm)$/.test(it.name))
    .map((it) => join(it.parentPath, it.name))
    .sort()
    .map((path) => [path, hash("sha256", readFileSync(path))] as const);
}

/** Changes the database of a stopped server. */
function change(options: StorageOptions, sql: string): void {
  const database = new DatabaseSync(join(options.directory, "log.sqlite"));
  database.exec(sql);
  database.close();
}

describe("inspectStorage", () => {
  it("tells what a stopped server has, and changes nothing that is durable", async () => {
    const options = await stopped();
    const { directory } = options;
    const before = contentOf(directory);
    const found = inspectStorage(directory);
    expect(found).toMatchObject({
      ...{ cluster: "c", server: "n1", currentTerm: 3, votedFor: "n2", snapshot },
      ...{ firstIndex: 3, lastIndex: 5, lastTerm: 2, writes: 3, records: 5, faults: [] },
      snapshots: [{ lastIndex: 2, lastTerm: 2, fault: null }],
    });
    expect(found.logBytes).toBeGreaterThan(4096);
    expect(contentOf(directory)).toEqual(before);
    const durable = await using(options, ({ load }) => load);
    expect(durable.entries).toEqual(entries.slice(2));
  });

  it("tells what a crashed server has, whose writes are in SQLite's log", async () => {
    const options = newOptions();
    const copy = join(newFolder(), "copy");
    await using(options, (storage) =>
      Effect.andThen(
        storage.write(five),
        Effect.sync(() => cpSync(options.directory, copy, { recursive: true })),
      ),
    );
    expect(statSync(join(copy, "log.sqlite-wal")).size).toBeGreaterThan(4096);
    expect(inspectStorage(copy)).toMatchObject({ lastIndex: 5, currentTerm: 3, faults: [] });
    const durable = await using({ ...options, directory: copy }, ({ load }) => load);
    expect(durable.entries).toEqual(entries);
  });

  it("names the entry that is bad", async () => {
    const options = await stopped();
    change(options, `UPDATE entries SET body = 'set 9' WHERE "index" = 4`);
    const { faults } = inspectStorage(options.directory);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(
      /log\.sqlite, table entries, index 4: the entry's checksum .* server/,
    );
  });

  it("names the snapshot that is bad, and gives no verdict that it is good", async () => {
    const options = await stopped();
    const path = inspectStorage(options.directory).snapshots[0]?.path ?? "";
    const file = readFileSync(path);
    file[file.length - 1] = 0;
    writeFileSync(path, file);
    const { faults, snapshots } = inspectStorage(options.directory);
    expect(snapshots[0]?.fault).toMatch(/the checksum does not match/);
    expect(faults).toEqual([snapshots[0]?.fault]);
  });

  it("fails where there is no storage", () => {
    expect(() => inspectStorage(newFolder())).toThrow(/log\.sqlite: there is no such file/);
  });

  it("fails where the server runs", async () => {
    const options = newOptions();
    await using(options, () =>
      Effect.sync(() => {
        expect(() => inspectStorage(options.directory)).toThrow(/another process has it open/);
      }),
    );
  });
});

describe("what is stored", () => {
  it("is for its user only", async () => {
    const { directory } = await stopped();
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    const modes = contentOf(directory).map(([path]) => statSync(path).mode & 0o777);
    expect(modes.length).toBeGreaterThan(2);
    expect(new Set(modes)).toEqual(new Set([0o600]));
  });
});

describe("a backup", () => {
  const founding = { voters: ["m1"], outgoingVoters: [], learners: [] };

  async function backup(): Promise<string> {
    const file = join(newFolder(), "backup");
    await saveBackup(file, "c", snapshot, bytes);
    return file;
  }

  function target(): StorageOptions {
    return { directory: join(newFolder(), "m1"), cluster: "d", server: "m1", founding };
  }

  it("founds a cluster whose log begins at the snapshot", async () => {
    const [file, options] = [await backup(), target()];
    expect(readBackup(file).header).toMatchObject({ cluster: "c", snapshot, bytes: 7 });
    const restored = await restoreBackup(file, options);
    expect(restored).toEqual({ ...snapshot, configuration: founding });
    const durable = { currentTerm: 2, votedFor: null, snapshot: restored, entries: [] };
    await using(options, (storage) =>
      Effect.gen(function* () {
        expect(yield* storage.load).toEqual(durable);
        expect(yield* storage.readSnapshot(restored)).toEqual(bytes);
      }),
    );
  });

  it("is refused where it is damaged, wherever", async () => {
    const file = await backup();
    const good = readFileSync(file);
    for (let i = 0; i < good.length; i++) {
      const bad = Buffer.from(good);
      bad[i] = (bad[i] ?? 0) ^ 4;
      writeFileSync(file, bad);
      expect(() => readBackup(file), `byte ${i}`).toThrow(/does not match/);
    }
    writeFileSync(file, good.subarray(0, -1));
    expect(() => readBackup(file)).toThrow(/holds 6 bytes, not 7/);
    await expect(restoreBackup(file, target())).rejects.toThrow(/holds 6 bytes, not 7/);
  });

  it("goes into no directory that holds something", async () => {
    const options = await stopped();
    const other = { ...options, cluster: "d" };
    await expect(restoreBackup(await backup(), other)).rejects.toThrow(/it is not empty/);
  });

  it("restores no second cluster of the same name", async () => {
    const same = { ...target(), cluster: "c" };
    await expect(restoreBackup(await backup(), same)).rejects.toThrow(/the cluster "c" itself/);
  });

  it("overwrites no file", async () => {
    const file = await backup();
    await expect(saveBackup(file, "c", snapshot, bytes)).rejects.toThrow(/the file exists/);
  });

  it("is not a server's snapshot", async () => {
    const path = inspectStorage((await stopped()).directory).snapshots[0]?.path ?? "";
    expect(() => readBackup(path)).toThrow(/a snapshot of server "n1", not a backup/);
  });
});
