/** What a directory takes is the size of its files, however they come and go meanwhile. */
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as Effect from "effect/Effect";
import { expect, test } from "vitest";
import { diskUsage } from "../../../shell/storage/index.ts";
import { Store } from "../../../shell/storage/store.ts";
import { append } from "./child.ts";
import { newOptions } from "./places.ts";

test("counts the database, SQLite's log of writes, and snapshots in folders, too", async () => {
  const options = newOptions();
  const { directory } = options;
  const usage = () => Effect.runPromise(diskUsage(directory));
  expect(await usage()).toBeNull();
  const store = Store.open(options);
  const database = join(directory, "log.sqlite");
  const before = await usage();
  for (let index = 1; index <= 50; index++) store.write(append(index));
  const log = statSync(database).size + statSync(`${database}-wal`).size;
  expect(log).toBeGreaterThan(100_000 + (before?.log ?? Number.NaN));
  expect(await usage()).toEqual({ log, snapshots: 0 });
  const folder = join(directory, "snapshots");
  mkdirSync(join(folder, "deep"));
  writeFileSync(join(folder, "1.snapshot"), "x".repeat(300));
  writeFileSync(join(folder, "deep", "2.part"), "x".repeat(40));
  expect(await usage()).toEqual({ log, snapshots: 340 });
  store.close();
  // A clean end empties SQLite's log of writes, or deletes it.
  expect(await usage()).toEqual({ log: statSync(database).size, snapshots: 340 });
  rmSync(database);
  expect(await usage()).toEqual({ log: 0, snapshots: 340 });
});
