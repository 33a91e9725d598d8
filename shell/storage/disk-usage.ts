/** What a server's directory takes of its disk, asked for without holding up the thread. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import * as Effect from "effect/Effect";
import { databasePath } from "./database.ts";
import { snapshotsFolder } from "./snapshot-files.ts";

/** Bytes of files. */
export interface DiskUsage {
  /** The database, and SQLite's write-ahead log beside it. */
  readonly log: number;
  /** Those that are being written included. */
  readonly snapshots: number;
}

/** The size of a file; 0 where there is none, for snapshots are deleted at any time. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}

async function sum(paths: readonly string[]): Promise<number> {
  const sizes = await Promise.all(paths.map(sizeOf));
  return sizes.reduce((total, size) => total + size, 0);
}

async function measure(directory: string): Promise<DiskUsage> {
  const database = databasePath(directory);
  const folder = snapshotsFolder(directory);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return {
    log: await sum([database, `${database}-wal`]),
    snapshots: await sum(files.map((file) => join(file.parentPath, file.name))),
  };
}

/** What the storage in `directory` takes; null where that cannot be told. Never fails. */
export function diskUsage(directory: string): Effect.Effect<DiskUsage | null> {
  return Effect.match(
    Effect.tryPromise(() => measure(directory)),
    { onSuccess: (usage) => usage, onFailure: () => null },
  );
}
