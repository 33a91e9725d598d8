/**
 * Writing snapshot files and backups: beside, synced, and renamed, so that a file under a
 * snapshot's name is whole. They come in chunks, and nothing waits for the disk meanwhile.
 */
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as Effect from "effect/Effect";
import * as Stream from "effect/Stream";
import type { Snapshot } from "../../kernel/index.ts";
import type { StorageError } from "../driver/services.ts";
import { storageError } from "./errors.ts";
import { Checksum, checksumOf } from "./records.ts";
import { headerLine, type SnapshotOwner } from "./snapshot-header.ts";

let written = 0;

/**
 * Writes a snapshot or backup so that `path` is, after a crash too, as before, or whole; as before
 * also where it fails or is interrupted.
 */
export function writeSnapshotFile(
  path: string,
  owner: SnapshotOwner,
  snapshot: Snapshot,
  chunks: Stream.Stream<Uint8Array>,
): Effect.Effect<void, StorageError> {
  written += 1;
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${written}.tmp`);
  // What has begun goes on to its end, so that nothing is written after the lock is released.
  const attempt = <A>(work: () => Promise<A>): Effect.Effect<A, StorageError> =>
    Effect.uninterruptible(
      Effect.tryPromise({ try: work, catch: (error) => storageError(path, error) }),
    );
  const write = Effect.fnUntraced(function* (file: FileHandle) {
    const checksum = new Checksum();
    const start = headerLine(owner, snapshot, 0, checksumOf("")).length;
    let bytes = 0;
    yield* Stream.runForEach(chunks, (chunk) =>
      attempt(async () => {
        checksum.add(chunk);
        await writeAll(file, chunk, start + bytes);
        bytes += chunk.length;
      }),
    );
    yield* attempt(async () => {
      await writeAll(file, headerLine(owner, snapshot, bytes, checksum.text), 0);
      await file.sync();
      await rename(temporary, path);
      await using folder = await open(dirname(path), "r");
      await folder.sync();
    });
  });
  const discard = (file: FileHandle): Effect.Effect<void, StorageError> =>
    attempt(async () => {
      await file.close();
      await rm(temporary, { force: true });
    });
  return Effect.acquireUseRelease(
    attempt(() => open(temporary, "wx", 0o600)),
    write,
    discard,
  );
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
  }
}
