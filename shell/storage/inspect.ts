/**
 * What is in the directory of a stopped server, and whether it is good. Nothing that is durable
 * changes; a reader of SQLite may leave an empty `-wal` and a `-shm` file there.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { LogIndex, ServerId, Snapshot, Term } from "../../kernel/index.ts";
import { StorageError } from "../driver/services.ts";
import { checkDatabase, databasePath, openToRead } from "./database.ts";
import { about, REPLACE, storageError } from "./errors.ts";
import { checkIdentity, checkMark, loadEntries, loadMeta } from "./load.ts";
import type { Meta } from "./records.ts";
import { listSnapshots, snapshotPath, snapshotsFolder } from "./snapshot-files.ts";
import { readSnapshotFile } from "./snapshot-reader.ts";

/** One snapshot file. */
export interface InspectedSnapshot {
  readonly path: string;
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
  /** Of the file, in bytes. */
  readonly bytes: number;
  /** null: the checksums match. */
  readonly fault: string | null;
}

/** What the directory of a server holds. */
export interface Inspection {
  readonly cluster: string;
  readonly server: ServerId;
  readonly currentTerm: Term;
  readonly votedFor: ServerId | null;
  /** The log begins after it. */
  readonly snapshot: Snapshot;
  /** The log's first index, or one more than the last of an empty log. */
  readonly firstIndex: LogIndex;
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
  /** Durable writes since the directory was founded. */
  readonly writes: number;
  /** Of the database and SQLite's write-ahead log, in bytes. */
  readonly logBytes: number;
  readonly snapshots: readonly InspectedSnapshot[];
  /** Records whose checksums were found to match: the meta record, entries and snapshots. */
  readonly records: number;
  /** Why this server cannot start; empty: it can. */
  readonly faults: readonly string[];
}

/** Runs `work`; what it fails with is a fault of `faults`, and there is no result. */
function checked<A>(faults: string[], where: string, work: () => A): A | null {
  try {
    return about(where, work);
  } catch (error) {
    faults.push(storageError(where, error).message);
    return null;
  }
}

function inspectSnapshots(directory: string, owner: Meta): readonly InspectedSnapshot[] {
  return listSnapshots(directory).map(({ name, lastIndex, lastTerm }) => {
    const path = join(snapshotsFolder(directory), name);
    const faults: string[] = [];
    checked(faults, path, () => {
      const { header } = readSnapshotFile(path, "take a new snapshot, or replace this server");
      checkIdentity({ cluster: header.cluster, server: header.server ?? "" }, owner, path);
    });
    const bytes = statSync(path).size;
    return { path, lastIndex, lastTerm, bytes, fault: faults[0] ?? null };
  });
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function inspect(database: DatabaseSync, directory: string): Inspection {
  const faults: string[] = [];
  const path = databasePath(directory);
  checked(faults, path, () => checkDatabase(database, directory));
  // Nothing can be said of a log whose meta record cannot be read.
  const meta = about(path, () => loadMeta(database, directory));
  checked(faults, directory, () => checkMark(meta, directory));
  const entries = checked(faults, path, () => loadEntries(database, directory, meta));
  const snapshots = inspectSnapshots(directory, meta);
  const { snapshot } = meta;
  const durableFile = snapshotPath(directory, snapshot);
  const durable = snapshots.find((it) => it.path === durableFile);
  if (snapshot.lastIndex > 0 && durable === undefined) {
    faults.push(`${durableFile}: the snapshot that the log begins at is missing; ${REPLACE}`);
  } else if (durable !== undefined && durable.fault !== null) {
    faults.push(durable.fault);
  }
  const { cluster, server, currentTerm, votedFor, lastIndex, lastTerm } = meta;
  return {
    ...{ cluster, server, currentTerm, votedFor, snapshot },
    firstIndex: snapshot.lastIndex + 1,
    ...{ lastIndex, lastTerm },
    writes: meta.sequence,
    logBytes: sizeOf(path) + sizeOf(`${path}-wal`),
    snapshots,
    records: 1 + (entries?.length ?? 0) + snapshots.filter(({ fault }) => fault === null).length,
    faults,
  };
}

/**
 * Reads and checks all that the server of `directory` has stored. Throws StorageError where there
 * is no storage, the server runs, or its meta record cannot be read; other faults are in the
 * result.
 */
export function inspectStorage(directory: string): Inspection {
  const database = openToRead(directory);
  try {
    return inspect(database, directory);
  } catch (error) {
    if (error instanceof StorageError) throw error;
    throw storageError(databasePath(directory), error);
  } finally {
    database.close();
  }
}
