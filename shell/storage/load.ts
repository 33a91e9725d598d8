/** Reads what is durable and checks every record of it. */
import type { DatabaseSync } from "node:sqlite";
import type { Durable, Entry, Snapshot } from "../../kernel/index.ts";
import { databasePath } from "./database.ts";
import { fail, REPLACE, storageError } from "./errors.ts";
import { readMark } from "./mark.ts";
import {
  decodeEntry,
  decodeMeta,
  type EntryRow,
  type Identity,
  type Meta,
  ownerOf,
} from "./records.ts";
import { snapshotPath } from "./snapshot-files.ts";
import type { SnapshotHeader } from "./snapshot-header.ts";
import { readSnapshotFile, readSnapshotInPieces } from "./snapshot-reader.ts";

/** Reads the meta record. Throws where it is not one whole record. */
export function loadMeta(database: DatabaseSync, directory: string): Meta {
  const where = `${databasePath(directory)}, table meta`;
  const rows = database.prepare("SELECT id, record, checksum FROM meta").all();
  const [row] = rows;
  if (row === undefined || rows.length > 1) fail(where, `${rows.length} records, not 1`, REPLACE);
  const meta = decodeMeta(String(row["record"]), String(row["checksum"]));
  return meta ?? fail(where, "the checksum of the record does not match", REPLACE);
}

/** Throws where the storage is of another server or cluster than was asked for. */
export function checkIdentity(meta: Identity, asked: Identity, directory: string): void {
  if (meta.cluster === asked.cluster && meta.server === asked.server) return;
  const name = (it: Identity): string => `server "${it.server}" of cluster "${it.cluster}"`;
  fail(directory, `it belongs to ${name(meta)}, not to ${name(asked)}`, "give the right directory");
}

/** Throws where more writes were made durable than the database has. */
export function checkMark(meta: Meta, directory: string): void {
  const marked = readMark(directory, meta);
  // A crash may come between the first write and the first mark.
  if (marked === null && meta.sequence > 1) {
    fail(directory, 'the file "mark" is missing', REPLACE);
  }
  if ((marked ?? 0) <= meta.sequence) return;
  const what = `it holds ${meta.sequence} writes, but ${marked} were made durable`;
  fail(databasePath(directory), what, REPLACE);
}

/**
 * The entries of the log that `meta` speaks of, each checked. Throws at the first that is missing,
 * is not as it was written, or should not be there.
 */
export function loadEntries(
  database: DatabaseSync,
  directory: string,
  meta: Meta,
): readonly Entry[] {
  const path = databasePath(directory);
  const owner = ownerOf(meta);
  const select = `SELECT * FROM entries WHERE "index" > ? ORDER BY "index"`;
  const entries: Entry[] = [];
  let [index, previous] = [meta.snapshot.lastIndex as number, meta.baseChecksum];
  for (const it of database.prepare(select).iterate(meta.snapshot.lastIndex)) {
    const row = it as unknown as EntryRow;
    index += 1;
    const where = `${path}, table entries, index ${index}`;
    if (row.index !== index) fail(where, "the entry is missing", REPLACE);
    if (index > meta.lastIndex) fail(where, `the log ends at ${meta.lastIndex}`, REPLACE);
    const entry = decodeEntry(owner, previous, row);
    if (entry === null) fail(where, "the entry's checksum does not match", REPLACE);
    entries.push(entry);
    previous = row.checksum;
  }
  if (index !== meta.lastIndex || (entries.length > 0 && previous !== meta.lastChecksum)) {
    const what = `the log ends here, but should at ${meta.lastIndex}, as another entry`;
    fail(`${path}, table entries, index ${index}`, what, REPLACE);
  }
  return entries;
}

/** Reads a snapshot that was stored, and checks that it is the one meant, and this server's. */
export function loadSnapshot(
  directory: string,
  owner: Identity,
  snapshot: Snapshot,
  advice: string,
): Uint8Array {
  const path = snapshotPath(directory, snapshot);
  const { header, data } = readSnapshotFile(path, advice);
  checkMeant(header, owner, snapshot, path, advice);
  return data;
}

/** The same without holding up this thread. */
export async function loadSnapshotInPieces(
  directory: string,
  owner: Identity,
  snapshot: Snapshot,
  advice: string,
): Promise<Uint8Array> {
  const path = snapshotPath(directory, snapshot);
  const { header, data } = await readSnapshotInPieces(path, advice);
  checkMeant(header, owner, snapshot, path, advice);
  return data;
}

function checkMeant(
  { cluster, server, snapshot: found }: SnapshotHeader,
  owner: Identity,
  snapshot: Snapshot,
  path: string,
  advice: string,
): void {
  checkIdentity({ cluster, server: server ?? "" }, owner, path);
  const { lastIndex, lastTerm } = found;
  if (lastIndex !== snapshot.lastIndex || lastTerm !== snapshot.lastTerm) {
    fail(path, `it is the snapshot of index ${lastIndex}, term ${lastTerm}`, advice);
  }
}

/**
 * Reads all that is durable, and the bytes of the snapshot that the log begins at, if it does at
 * one. Throws StorageError where any of it cannot be trusted.
 */
export function loadDurable(
  database: DatabaseSync,
  directory: string,
  meta: Meta,
): { readonly durable: Durable; readonly data: Uint8Array | null } {
  try {
    const { currentTerm, votedFor, snapshot } = meta;
    const entries = loadEntries(database, directory, meta);
    const hasOne = snapshot.lastIndex > 0;
    const data = hasOne ? loadSnapshot(directory, meta, snapshot, REPLACE) : null;
    return { durable: { currentTerm, votedFor, snapshot, entries }, data };
  } catch (error) {
    throw storageError(databasePath(directory), error);
  }
}
