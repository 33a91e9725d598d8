/** `Storage` in memory, which a test keeps while it starts and stops servers on it. */
import * as Effect from "effect/Effect";
import * as Stream from "effect/Stream";
import {
  type Configuration,
  type Durable,
  initialDurable,
  type LogIndex,
  type PersistEffect,
  type Snapshot,
} from "../../kernel/index.ts";
import { type Storage, StorageError } from "../driver/services.ts";

/** What is durable once `write` is, after `durable`. */
export function durableAfter(durable: Durable, write: PersistEffect): Durable {
  const { currentTerm, votedFor, entries } = write;
  const snapshot = write.snapshot ?? durable.snapshot;
  const end = write.lastIndex - entries.length;
  const kept = durable.entries.filter(({ index }) => index > snapshot.lastIndex && index <= end);
  return { currentTerm, votedFor, snapshot, entries: [...kept, ...entries] };
}

function nameOf({ lastIndex, lastTerm }: Snapshot): string {
  return `snapshot ${lastIndex} of term ${lastTerm}`;
}

/**
 * A storage that begins with `founding`, and holds what was written for as long as it is kept, but
 * for snapshots from before its log.
 */
export function memoryStorage(founding: Configuration): Storage["Service"] {
  let durable = initialDurable(founding);
  const snapshots = new Map<string, { readonly index: LogIndex; readonly data: Uint8Array }>();
  const letGo = (): void => {
    for (const [name, { index }] of snapshots) {
      if (index < durable.snapshot.lastIndex) snapshots.delete(name);
    }
  };
  return {
    load: Effect.sync(() => durable),
    write: (write) =>
      Effect.sync(() => {
        durable = durableAfter(durable, write);
        letGo();
      }),
    saveSnapshot: (snapshot, chunks) => {
      const name = nameOf(snapshot);
      if (snapshots.has(name)) return Effect.void;
      return Effect.map(Stream.runCollect(chunks), (all) => {
        const data = new Uint8Array(Buffer.concat(all));
        snapshots.set(name, { index: snapshot.lastIndex, data });
        letGo();
      });
    },
    readSnapshot: (snapshot) =>
      Effect.suspend(() => {
        const data = snapshots.get(nameOf(snapshot))?.data;
        return data === undefined
          ? Effect.fail(new StorageError({ message: `${nameOf(snapshot)} is not stored` }))
          : Effect.succeed(new Uint8Array(data));
      }),
  };
}
