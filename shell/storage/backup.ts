/**
 * Backups: one file with a snapshot, from which a new cluster can be founded. The new cluster has
 * the state machine's state, a name of its own, and none of the old one's log, votes and members.
 */
import { existsSync, readdirSync } from "node:fs";
import * as Effect from "effect/Effect";
import type { Snapshot } from "../../kernel/index.ts";
import { chunksOfBytes } from "../driver/snapshot-chunks.ts";
import { about, fail, storageError } from "./errors.ts";
import { loadSnapshot } from "./load.ts";
import { makeDirectory } from "./make-directory.ts";
import { snapshotPath, snapshotsFolder } from "./snapshot-files.ts";
import { readSnapshotFile, type SnapshotFile } from "./snapshot-reader.ts";
import { writeSnapshotFile } from "./snapshot-writer.ts";
import { type StorageOptions, Store } from "./store.ts";

/**
 * Writes the backup of a snapshot of `cluster`, whose bytes are `data`. Rejects with StorageError
 * where `file` exists or cannot be written.
 */
export async function saveBackup(
  file: string,
  cluster: string,
  snapshot: Snapshot,
  data: Uint8Array,
): Promise<void> {
  if (existsSync(file)) fail(file, "the file exists", "give the name of a new file");
  const chunks = chunksOfBytes(data);
  await Effect.runPromise(writeSnapshotFile(file, { cluster, server: null }, snapshot, chunks));
}

/** Reads and checks a backup. Throws StorageError where it is none, or is damaged. */
export function readBackup(file: string): SnapshotFile {
  const backup = readSnapshotFile(file, "use another backup");
  if (backup.header.server !== null) {
    fail(
      file,
      `it is a snapshot of server "${backup.header.server}", not a backup`,
      "give a backup",
    );
  }
  return backup;
}

/**
 * Founds the storage of a server of a new cluster, whose log begins at the backup's snapshot with
 * `founding` as its configuration: all servers of `founding` are restored from the same file. Gives
 * the snapshot. Rejects with StorageError where the backup is bad, the cluster is the backup's, or
 * the directory exists and is not empty; a restore that failed half-way leaves one that is refused.
 */
export async function restoreBackup(file: string, options: StorageOptions): Promise<Snapshot> {
  const { directory, cluster, server, founding } = options;
  const { header, data } = readBackup(file);
  if (header.cluster === cluster) {
    const what = `it is a backup of the cluster "${cluster}" itself`;
    fail(file, what, "give the new cluster a name of its own, so that the two are never mixed");
  }
  const { lastIndex, lastTerm } = header.snapshot;
  if (lastIndex < 1) fail(file, "its snapshot is of index 0", "use another backup");
  const snapshot: Snapshot = { lastIndex, lastTerm, configuration: founding };
  about(directory, () => {
    makeDirectory(directory, 0o700);
    if (readdirSync(directory).length > 0) {
      fail(directory, "it is not empty", "give a new directory");
    }
    makeDirectory(snapshotsFolder(directory), 0o700);
  });
  try {
    const path = snapshotPath(directory, snapshot);
    const chunks = chunksOfBytes(data);
    await Effect.runPromise(writeSnapshotFile(path, { cluster, server }, snapshot, chunks));
    const first = { currentTerm: lastTerm, votedFor: null, snapshot, entries: [] };
    Store.open(options, first).close();
    loadSnapshot(directory, { cluster, server }, snapshot, "restore again");
  } catch (error) {
    throw storageError(directory, error);
  }
  return snapshot;
}
