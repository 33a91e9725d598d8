/** Reading snapshot files and backups: none is given away that is not whole. */
import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { about, fail, storageError } from "./errors.ts";
import { Checksum, checksumOf } from "./records.ts";
import { MAX_HEADER, readHeader, type SnapshotHeader } from "./snapshot-header.ts";

/** A snapshot file that was read and found good. */
export interface SnapshotFile {
  readonly header: SnapshotHeader;
  readonly data: Uint8Array;
}

/** Reads and checks a snapshot file or backup. Throws StorageError where it is not whole. */
export function readSnapshotFile(path: string, advice: string): SnapshotFile {
  const bytes = about(path, () => readFileSync(path));
  const { header, start } = readHeader(path, bytes, advice);
  const data = bytes.subarray(start);
  return whole(path, header, data, checksumOf(data), advice);
}

/** The same in pieces, without holding up this thread. Rejects with StorageError. */
export async function readSnapshotInPieces(path: string, advice: string): Promise<SnapshotFile> {
  try {
    await using file = await open(path, "r");
    const bytes = Buffer.allocUnsafeSlow((await file.stat()).size);
    const checksum = new Checksum();
    let head: ReturnType<typeof readHeader> | null = null;
    let at = 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, at, Math.min(MAX_HEADER, bytes.length - at), at);
      at += bytesRead;
      // A header that is not in the first piece is none.
      head ??= readHeader(path, bytes.subarray(0, at), advice);
      if (bytesRead === 0) break;
      checksum.add(bytes.subarray(Math.max(head.start, at - bytesRead), at));
    }
    return whole(path, head.header, bytes.subarray(head.start, at), checksum.text, advice);
  } catch (error) {
    throw storageError(path, error);
  }
}

function whole(
  path: string,
  header: SnapshotHeader,
  data: Buffer,
  checksum: string,
  advice: string,
): SnapshotFile {
  if (data.length !== header.bytes) {
    fail(path, `it holds ${data.length} bytes, not ${header.bytes}`, advice);
  }
  if (checksum !== header.checksum) fail(path, "the checksum does not match", advice);
  return { header, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}
