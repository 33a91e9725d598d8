/**
 * Snapshots as files: a line of header with checksums, then the state machine's bytes (§5.1). The
 * names are made of index and term. A backup is such a file too, of no server.
 */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Snapshot } from "../../kernel/index.ts";

const NAME = /^(\d{16})-(\d{16})\.snapshot$/;

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
