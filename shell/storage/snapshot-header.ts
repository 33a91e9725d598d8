/** The line at the head of a snapshot file: whose it is, of what, and how to tell it is whole. */
import type { ServerId, Snapshot } from "../../kernel/index.ts";
import { fail } from "./errors.ts";
import { checksumOf } from "./records.ts";

/** Whose a snapshot is. */
export interface SnapshotOwner {
  readonly cluster: string;
  /** null: a backup. */
  readonly server: ServerId | null;
}

/** What the file says of itself. */
export interface SnapshotHeader extends SnapshotOwner {
  readonly format: number;
  readonly snapshot: Snapshot;
  /** Of the state machine, behind the line. */
  readonly bytes: number;
  /** Of these. */
  readonly checksum: string;
}

const FORMAT = 1;
const MAGIC = "quorate-snapshot";
/** A header is short, or it is none: what is searched for its end. */
export const MAX_HEADER = 1 << 20;

/** The line, which has one length for all `bytes`: it is written when they have been. */
export function headerLine(
  { cluster, server }: SnapshotOwner,
  snapshot: Snapshot,
  bytes: number,
  checksum: string,
): Buffer {
  const of = (count: number): string =>
    JSON.stringify({ format: FORMAT, cluster, server, snapshot, bytes: count, checksum });
  // Spaces, which JSON does not mind.
  const text = of(bytes).padEnd(of(Number.MAX_SAFE_INTEGER).length);
  return Buffer.from(`${MAGIC} ${checksumOf(text)} ${text}\n`);
}

/** The header of a file that begins with `bytes`, and where the machine's bytes begin. */
export function readHeader(
  path: string,
  bytes: Buffer,
  advice: string,
): { readonly header: SnapshotHeader; readonly start: number } {
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
  return { header, start: end + 1 };
}
