/**
 * `Storage` on SQLite and snapshot files. Writes are made in the thread that asks, which waits for
 * the disk meanwhile. In a worker thread each took 5 to 45 % longer (on an SSD, 0.13 ms a commit),
 * and a cluster of three on two cores answered a half of the puts with one client, and four
 * fifths with 256. Snapshots are written without holding up the thread.
 */
import { existsSync } from "node:fs";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import type * as Scope from "effect/Scope";
import type * as Stream from "effect/Stream";
import type { Snapshot } from "../../kernel/index.ts";
import { Storage, type StorageError } from "../driver/services.ts";
import { storageError } from "./errors.ts";
import { loadSnapshotInPieces } from "./load.ts";
import { snapshotPath } from "./snapshot-files.ts";
import { readSnapshotInPieces } from "./snapshot-reader.ts";
import { writeSnapshotFile } from "./snapshot-writer.ts";
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
function isStored(path: string): Effect.Effect<boolean> {
  if (!existsSync(path)) return Effect.succeed(false);
  return Effect.match(
    reading(path, () => readSnapshotInPieces(path, "")),
    {
      onSuccess: () => true,
      onFailure: () => false,
    },
  );
}

function reading<A>(path: string, read: () => Promise<A>): Effect.Effect<A, StorageError> {
  return Effect.tryPromise({ try: read, catch: (error) => storageError(path, error) });
}

function saveSnapshot(
  store: Store,
  snapshot: Snapshot,
  chunks: Stream.Stream<Uint8Array>,
): Effect.Effect<void, StorageError> {
  const path = snapshotPath(store.directory, snapshot);
  return Effect.gen(function* () {
    if (store.poisoned !== null) return yield* store.poisoned;
    if (yield* isStored(path)) return;
    yield* writeSnapshotFile(path, store.identity, snapshot, chunks);
  }).pipe(Effect.mapError((error) => store.poison(path, error)));
}

function readSnapshot(store: Store, snapshot: Snapshot): Effect.Effect<Uint8Array, StorageError> {
  const { directory, identity } = store;
  const advice = "take a new snapshot, or replace this server";
  return Effect.suspend(() => {
    if (store.poisoned !== null) return Effect.fail(store.poisoned);
    const loaded = store.takeLoaded(snapshot);
    if (loaded !== null) return Effect.succeed(loaded);
    return reading(directory, () => loadSnapshotInPieces(directory, identity, snapshot, advice));
  });
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
    saveSnapshot: (snapshot, chunks) => saveSnapshot(store, snapshot, chunks),
    readSnapshot: (snapshot) => readSnapshot(store, snapshot),
  }));
};

/** The layer of `openStorage`. */
export const sqliteStorage = (options: StorageOptions): Layer.Layer<Storage, StorageError> =>
  Layer.effect(Storage, openStorage(options));
