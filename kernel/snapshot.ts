/**
 * Snapshots: what stands for the log's prefix, and how a follower that needs entries which are
 * gone gets it. Thesis §5.1 (compaction), §5.3 and Figure 5.3 (InstallSnapshot). The bytes are
 * moved by the host; the kernel knows a snapshot by its last index, term and configuration.
 * TLA+: SnapshotTaken, SendInstallSnapshot, HandleInstallSnapshotRequest.
 */
import { commitUpTo } from "./commit.ts";
import { configurationAt, configurationsFrom, configurationsOfSnapshot } from "./configuration.ts";
import type { Event } from "./events.ts";
import { hearLeader } from "./leader-contact.ts";
import { baseIndex, compactTo, hasEntry, logAfter, termAt } from "./log.ts";
import type { InstallSnapshotRequest } from "./messages.ts";
import { progressOf, setProgress } from "./progress.ts";
import type { Progress, State } from "./state.ts";
import { envelope, ignore, send, type Transition, update } from "./transition.ts";
import type { LogIndex, Snapshot } from "./types.ts";

/** What stands for the log up to `index`, which it still holds or begins after. */
function snapshotAt({ log, configurations }: State, index: LogIndex): Snapshot {
  const { configuration } = configurationAt(configurations, index);
  return { lastIndex: index, lastTerm: termAt(log, index), configuration };
}

/** The state machine is stored as of `lastIndex`: the log begins after it (§5.1). */
export function onSnapshotTaken(
  t: Transition,
  { lastIndex: index }: Extract<Event, { kind: "snapshot-taken" }>,
): void {
  const { log, commitIndex, configurations } = t.state;
  if (!Number.isSafeInteger(index) || index > commitIndex) {
    return ignore(t, "impossible-snapshot", `entry ${index} is not committed`);
  }
  if (index <= baseIndex(log)) return ignore(t, "stale-snapshot", `the log begins after ${index}`);
  const snapshot = snapshotAt(t.state, index);
  if (snapshot.configuration.voters.length === 0) {
    // A server that joined is not told of the configuration before the first that is in its log.
    return ignore(t, "impossible-snapshot", `the configuration at ${index} is not known`);
  }
  t.newBase = snapshot;
  update(t, {
    log: compactTo(log, index),
    configurations: configurationsFrom(configurations, index),
  });
}

/** The host is to bring the leader's latest snapshot to `peer`, which gets no entries meanwhile. */
export function sendSnapshot(t: Transition, peer: Progress): void {
  const snapshot = snapshotAt(t.state, baseIndex(t.state.log));
  const message = { kind: "install-snapshot-request", ...envelope(t, peer.id), snapshot } as const;
  t.effects.push({ kind: "send-snapshot", message });
  const nextIndex = snapshot.lastIndex + 1;
  setProgress(t, { ...peer, mode: "snapshot", nextIndex, inFlight: [] });
}

/** The snapshot left: what comes after it is tried next, in answer to a heartbeat. */
export function onSnapshotSent(
  t: Transition,
  { peer: id }: Extract<Event, { kind: "snapshot-sent" }>,
): void {
  const peer = progressOf(t, id);
  if (peer?.mode !== "snapshot") return ignore(t, "no-transfer-of-snapshot", id);
  setProgress(t, { ...peer, mode: "probe" });
}

/**
 * The transfer failed: it is begun again, with what is then the latest, in answer to a heartbeat
 * or with the next entry.
 */
export function onSnapshotFailed(
  t: Transition,
  { peer: id }: Extract<Event, { kind: "snapshot-failed" }>,
): void {
  const peer = progressOf(t, id);
  if (peer?.mode !== "snapshot") return ignore(t, "no-transfer-of-snapshot", id);
  setProgress(t, { ...peer, mode: "probe", nextIndex: peer.matchIndex + 1 });
}

/**
 * Takes the leader's snapshot in place of the log, unless the log holds what it stands for: "if
 * instead the follower receives a snapshot that describes a prefix of its log, entries following
 * the snapshot are still valid and must be retained" (§5.3). One that ends before the commit
 * index brings nothing, for what is committed here the leader has too.
 */
export function handleInstallSnapshotRequest(t: Transition, message: InstallSnapshotRequest): void {
  const { from, snapshot } = message;
  const { lastIndex: index, lastTerm } = snapshot;
  const { log, commitIndex } = t.state;
  const isKnown = hasEntry(log, index, lastTerm);
  if (index >= baseIndex(log) && index <= commitIndex && !isKnown) {
    return ignore(t, "conflicts-with-committed", `entry ${index} is committed`);
  }
  if (!hearLeader(t, from)) return;
  if (index > commitIndex && !isKnown) {
    t.newBase = snapshot;
    update(t, {
      log: logAfter(index, lastTerm),
      configurations: configurationsOfSnapshot(snapshot),
      commitIndex: index,
    });
    t.effects.push({ kind: "install-snapshot", snapshot });
  } else {
    commitUpTo(t, index);
  }
  const matchIndex = Math.max(index, t.state.commitIndex);
  send(t, { kind: "append-entries-accepted", ...envelope(t, from), matchIndex });
}
