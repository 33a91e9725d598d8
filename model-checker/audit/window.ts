/**
 * A server as if its log began later. What is committed and not named by a step plays no part in
 * it: the kernel and `tla/Raft.tla` treat a log that begins there alike (thesis §5.1). So a step
 * is checked on the part of the log that it can tell from others, and the cost of a check does
 * not grow with the log.
 */
import {
  baseIndex,
  type Configuration,
  compactTo,
  configurationAt,
  entriesBetween,
  type LogIndex,
  lastIndex,
  type Message,
  type PersistEffect,
  type Snapshot,
  type State,
  termAt,
} from "../../kernel/index.ts";
import type { Up } from "../process.ts";
import type { Disk, Host } from "./host.ts";
import type { Transition } from "./replay.ts";

/** The last index that a step does not look at or behind; 0: it looks at all of the log. */
export function windowOf({ event, before, after, sent }: Transition): LogIndex {
  const base = baseIndex(before.state.log);
  if (base !== baseIndex(after.state.log)) return 0;
  if (baseIndex(before.disk.log) !== baseIndex(after.disk.log)) return 0;
  let at = before.state.commitIndex;
  const limit = (index: number): void => {
    if (index < at) at = index;
  };
  for (const { disk, stream } of [before, after]) {
    limit(lastIndex(disk.log));
    for (const it of stream) if (it.kind === "persist") limit(it.lastIndex - it.entries.length);
  }
  const mention = (message: Message): void => {
    if (message.kind === "install-snapshot-request") limit(0);
    if (message.kind === "append-entries-request") limit(message.prevLogIndex);
  };
  if (event.kind === "message") mention(event.message);
  if (event.kind === "snapshot-taken") limit(0);
  for (const message of sent) mention(message);
  return at <= base ? 0 : at;
}

/** How many entries a view of `host` from `window` on has. */
export function sizeOf({ state, disk }: Host, window: LogIndex): number {
  const length = (log: State["log"]): number => lastIndex(log) - Math.max(window, baseIndex(log));
  return length(state.log) + length(disk.log);
}

/** What the log of a server follows, where it is looked at from `window` on. */
export function baseFrom({ log, configurations }: State, window: LogIndex): Snapshot {
  const at = Math.max(window, baseIndex(log));
  const { configuration } = configurationAt(configurations, at);
  return { lastIndex: at, lastTerm: termAt(log, at), configuration };
}

/** What the log on its disk follows; `configuration` is that at the window. */
export function storedFrom(
  { snapshot, log }: Disk,
  configuration: Configuration,
  window: LogIndex,
): Snapshot {
  if (window <= baseIndex(log)) return snapshot;
  return { lastIndex: window, lastTerm: termAt(log, window), configuration };
}

/** What a write says of where the log begins, where that is looked at. */
export function snapshotFrom({ snapshot }: PersistEffect, window: LogIndex): Snapshot | null {
  return snapshot !== null && window > 0 && snapshot.lastIndex <= window ? null : snapshot;
}

/** The server as if its log began after `window`; as it is where that is 0. */
export function viewFrom(id: string, { state, disk, stream }: Host, window: LogIndex): Up {
  const { configuration } = baseFrom(state, window);
  const snapshot = storedFrom(disk, configuration, window);
  const entries = entriesBetween(disk.log, snapshot.lastIndex + 1, lastIndex(disk.log));
  const { currentTerm, votedFor } = disk;
  return {
    kind: "up",
    id,
    state: stateFrom(state, configuration, window),
    durable: { currentTerm, votedFor, snapshot, entries },
    stream: stream.map((it) =>
      it.kind === "persist" ? { ...it, snapshot: snapshotFrom(it, window) } : it,
    ),
  };
}

function stateFrom(state: State, configuration: Configuration, window: LogIndex): State {
  if (window <= baseIndex(state.log)) return state;
  const later = state.configurations.filter(({ index }) => index > window);
  const configurations = [{ index: window, configuration }, ...later];
  return { ...state, log: compactTo(state.log, window), configurations };
}
