/**
 * Snapshots as files: a line of header with checksums, then the state machine's bytes (§5.1). They
 * are written beside, synced, and renamed, so a file under a snapshot's name is whole. The names
 * are made of index and term. A backup is such a file too, of no server.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ServerId, Snapshot } from "../../kernel/index.ts";
import { about, fail } from "./errors.ts";
import { checksumOf } from "./records.ts";

/** What the file says of itself. */
export interface SnapshotHeader {
  readonly format: number;
  readonly cluster: string;
  /** null: a backup. */
  readonly server: ServerId | null;
  readonly snapshot: Snapshot;
  readonly bytes: number;
  readonly checksum: string;
}

/** A snapshot file that was read and found good. */
export interface SnapshotFile {
  readonly header: SnapshotHeader;
  readonly data: Uint8Array;
}

const FORMAT = 1;
const MAGIC = "quorate-snapshot";
const NAME = /^(\d{16})-(\d{16})\.snapshot$/;
/** A header is short, or it is none: what is searched for its end. */
const MAX_HEADER = 1 << 20;

/** The folder of the snapshots in the directory of a storage. */
export function snapshotsFolder(directory: string): string {
  return join(directory, "snapshots");
}

/** The path of a snapshot's file. */
export function snapshotPath(directory: string, snapshot: Snapshot): string {
  const padded = (n: number): string => `${n}`.padStart(16, "0");
  const name = `${padded(snapshot.lastIndex)}-${padded(snapshot.lastTerm)}.snapshot`;
  return join(snapshotsFolder(directory), name);
}

let written = 0;

/** Writes a snapshot or backup so that `path` is, after a crash too, as before, or whole. */
export async function writeSnapshotFile(
  path: string,
  owner: { readonly cluster: string; readonly server: ServerId | null },
  snapshot: Snapshot,
  data: Uint8Array,
): Promise<void> {
  const { cluster, server } = owner;
  const checksum = checksumOf(data);
  const header: SnapshotHeader = {
    format: FORMAT,
    cluster,
    server,
    snapshot,
    bytes: data.length,
    checksum,
  };
  const text = JSON.stringify(header);
  written += 1;
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${written}.tmp`);
  const file = await open(temporary, "wx", 0o600);
  try {
    await file.writeFile(`${MAGIC} ${checksumOf(text)} ${text}\n`);
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Reads and checks a snapshot file or backup. Throws StorageError where it is not whole. */
export function readSnapshotFile(path: string, advice: string): SnapshotFile {
  const bytes = about(path, () => readFileSync(path));
  const end = bytes.subarray(0, MAX_HEADER).indexOf(0x0a);
  const line = bytes.subarray(0, Math.max(end, 0)).toString("utf8");
  const text = line.slice(MAGIC.length + 24);
  if (line !== `${MAGIC} ${checksumOf(text)} ${text}`) {
    fail(path, "the header's checksum does not match", advice);
  }
  const header = JSON.parse(text) as SnapshotHeader;
  if (header.format !== FORMAT) {
    fail(path, `its format is ${header.format}, not ${FORMAT}`, "use the version that wrote it");
  }
  const data = new Uint8Array(bytes.subarray(end + 1));
  if (data.length !== header.bytes) {
    fail(path, `it holds ${data.length} bytes, not ${header.bytes}`, advice);
  }
  if (checksumOf(data) !== header.checksum) fail(path, "the checksum does not match", advice);
  return { header, data };
}

/** The snapshot files of a directory: name, index and term, oldest first. */
export function listSnapshots(
  directory: string,
): readonly { readonly name: string; readonly lastIndex: number; readonly lastTerm: number }[] {
  const folder = snapshotsFolder(directory);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const [, index, term] = NAME.exec(name) ?? [];
      return index === undefined
        ? []
        : [{ name, lastIndex: Number(index), lastTerm: Number(term) }];
    });
}

/** Deletes the snapshots before the log's beginning. */
export function removeOldSnapshots(directory: string, before: Snapshot): void {
  for (const { name, lastIndex } of listSnapshots(directory)) {
    if (lastIndex < before.lastIndex) rmSync(join(snapshotsFolder(directory), name));
  }
}

/** Deletes what crashes left half-written. */
export function removeTemporaryFiles(directory: string): void {
  const folder = snapshotsFolder(directory);
  for (const name of readdirSync(folder)) {
    if (name.startsWith(".") && name.endsWith(".tmp")) rmSync(join(folder, name));
  }
}
