/**
 * `Storage` on SQLite and snapshot files. Writes are made in the thread that asks, which waits for
 * the disk meanwhile: a worker thread made each write take 5 to 45 % longer (measured on an SSD,
 * 0.13 ms a commit). Snapshots are written without holding up the thread.
 */
import { existsSync } from "node:fs";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import type * as Scope from "effect/Scope";
import type { Snapshot } from "../../kernel/index.ts";
import { Storage, StorageError } from "../driver/services.ts";
import { storageError } from "./errors.ts";
import { loadSnapshot } from "./load.ts";
import { readSnapshotFile, snapshotPath, writeSnapshotFile } from "./snapshot-files.ts";
import { type StorageOptions, Store } from "./store.ts";

export type { StorageOptions } from "./store.ts";

function attempt<A>(store: Store, work: () => A): Effect.Effect<A, StorageError> {
  return Effect.suspend(() => {
    try {
      return Effect.succeed(work());
    } catch (error) {
      return Effect.fail(storageError(store.directory, error));
    }
  });
}

/** Whether the file of a snapshot is there and good: one that is not is written anew. */
function isStored(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    readSnapshotFile(path, "");
    return true;
  } catch (error) {
    if (error instanceof StorageError) return false;
    throw error;
  }
}

function saveSnapshot(
  store: Store,
  snapshot: Snapshot,
  data: Uint8Array,
): Effect.Effect<void, StorageError> {
  const path = snapshotPath(store.directory, snapshot);
  const work = Effect.tryPromise({
    try: async () => {
      if (store.poisoned !== null) throw store.poisoned;
      if (isStored(path)) return;
      await writeSnapshotFile(path, store.identity, snapshot, data);
    },
    catch: (error) => store.poison(path, error),
  });
  // What is half-written must not go on after the lock is released.
  return Effect.uninterruptible(work);
}

/**
 * Opens the storage of one server, until the scope closes. Fails with StorageError where the
 * directory is in use, foreign, damaged, or cannot be read and written.
 */
export const openStorage = (
  options: StorageOptions,
): Effect.Effect<Storage["Service"], StorageError, Scope.Scope> => {
  const open = Effect.try({
    try: () => Store.open(options),
    catch: (error) => storageError(options.directory, error),
  });
  const close = (store: Store): Effect.Effect<void> => Effect.sync(() => store.close());
  return Effect.map(Effect.acquireRelease(open, close), (store) => ({
    load: attempt(store, () => store.load()),
    write: (write) => attempt(store, () => store.write(write)),
    saveSnapshot: (snapshot, data) => saveSnapshot(store, snapshot, data),
    readSnapshot: (snapshot) =>
      attempt(store, () => {
        if (store.poisoned !== null) throw store.poisoned;
        const advice = "take a new snapshot, or replace this server";
        return loadSnapshot(store.directory, store.identity, snapshot, advice).data;
      }),
  }));
};

/** The layer of `openStorage`. */
export const sqliteStorage = (options: StorageOptions): Layer.Layer<Storage, StorageError> =>
  Layer.effect(Storage, openStorage(options));
