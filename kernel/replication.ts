/**
 * The leader's side of log replication. Thesis §3.5 (replication, back-tracking), §10.2.1
 * (pipelining, writing to disk in parallel). TLA+: AppendEntries, HandleAppendEntriesAccepted,
 * HandleAppendEntriesRejected.
 */
import { advanceCommitIndex } from "./commit.ts";
import { endLease } from "./lease.ts";
import { baseIndex, entriesBetween, lastIndex, lastIndexOfTerm, termAt } from "./log.ts";
import type { AppendEntriesAccepted, AppendEntriesRejected } from "./messages.ts";
import {
  answeringPeer,
  charsOf,
  charsOfAll,
  isWindowFull,
  progressOf,
  progressOfPeers,
  setProgress,
} from "./progress.ts";
import { confirmReads } from "./reads.ts";
import { sendSnapshot } from "./snapshot.ts";
import type { Progress } from "./state.ts";
import { handOver } from "./transfer.ts";
import {
  envelope,
  ignore,
  leaderRole,
  replaceLogSuffix,
  sendEarly,
  type Transition,
  updateLeader,
} from "./transition.ts";
import type { Entry, LogIndex, Payload, ServerId } from "./types.ts";

/**
 * Appends an entry of the current term and sends it to every peer that may get it now. A
 * configuration is in force from here on: whom the leader tracks follows it (§4.1).
 */
export function appendAsLeader(t: Transition, payload: Payload): void {
  const leader = leaderRole(t.state);
  if (leader === null) return;
  const entry = { index: lastIndex(t.state.log) + 1, term: t.state.currentTerm, payload };
  replaceLogSuffix(t, [entry]);
  updateLeader(t, { uncommittedChars: leader.uncommittedChars + charsOf(entry) });
  if (payload.kind === "configuration") {
    updateLeader(t, { progress: progressOfPeers(t, leader.progress, entry.index) });
    // A lease rests on the majority that confirmed it: of the members in force until now.
    endLease(t);
    confirmReads(t);
  }
  for (const { id } of leaderRole(t.state)?.progress ?? []) sendAppendEntries(t, id);
}

/** Sends all that is due to `id` and its window allows: one probe, or a pipeline. */
export function sendAppendEntries(t: Transition, id: ServerId): void {
  for (;;) {
    const peer = progressOf(t, id);
    if (peer === undefined || peer.nextIndex > lastIndex(t.state.log)) return;
    if (isWindowFull(t.config, peer)) return;
    sendNext(t, peer);
  }
}

/**
 * One AppendEntries from `nextIndex` on; without entries it only asks whether the logs agree. A
 * peer that needs entries which the log no longer holds gets a snapshot in their place (§5.3).
 */
export function sendNext(t: Transition, peer: Progress): void {
  const { log, commitIndex } = t.state;
  if (peer.nextIndex <= baseIndex(log)) return sendSnapshot(t, peer);
  const prevLogIndex = peer.nextIndex - 1;
  const entries = batchFrom(t, peer.nextIndex);
  sendEarly(t, {
    kind: "append-entries-request",
    ...envelope(t, peer.id),
    prevLogIndex,
    prevLogTerm: termAt(log, prevLogIndex),
    entries,
    leaderCommit: commitIndex,
  });
  if (entries.length === 0) return;
  const last = prevLogIndex + entries.length;
  const nextIndex = peer.mode === "replicate" ? last + 1 : peer.nextIndex;
  const message = { lastIndex: last, chars: charsOfAll(entries) };
  setProgress(t, { ...peer, nextIndex, inFlight: [...peer.inFlight, message] });
}

/** The entries from `from` that fit in one message; one entry always fits. */
function batchFrom(t: Transition, from: LogIndex): readonly Entry[] {
  const { log } = t.state;
  const { maxEntriesPerMessage, maxCharsPerMessage } = t.config;
  const to = Math.min(lastIndex(log), from + maxEntriesPerMessage - 1);
  const entries = entriesBetween(log, from, to);
  let chars = 0;
  const end = entries.findIndex((entry, position) => {
    chars += charsOf(entry);
    return position > 0 && chars > maxCharsPerMessage;
  });
  return end === -1 ? entries : entries.slice(0, end);
}

/** "If successful: update nextIndex and matchIndex for follower" (Figure 3.1). */
export function handleAppendEntriesAccepted(t: Transition, message: AppendEntriesAccepted): void {
  const { from, matchIndex } = message;
  const peer = answeringPeer(t, from);
  if (peer === undefined) return;
  if (matchIndex > lastIndex(t.state.log)) return ignore(t, "impossible-acknowledgement");
  if (matchIndex <= peer.matchIndex) return ignore(t, "stale-acknowledgement");
  setProgress(t, acknowledged(peer, matchIndex));
  advanceCommitIndex(t);
  sendAppendEntries(t, from);
  handOver(t, from);
}

/** A peer that has acknowledged up to `matchIndex`. */
function acknowledged(peer: Progress, matchIndex: LogIndex): Progress {
  // What it still lacks is in the snapshot under way. As soon as it holds that much or more,
  // whatever brought it, replication goes on.
  const awaitsSnapshot = peer.mode === "snapshot" && matchIndex + 1 < peer.nextIndex;
  if (awaitsSnapshot) return { ...peer, matchIndex };
  // A probe's nextIndex is a guess that the acknowledgement replaces.
  const isPipelined = peer.mode === "replicate";
  const nextIndex = Math.max(isPipelined ? peer.nextIndex : 0, matchIndex + 1);
  const inFlight = isPipelined ? peer.inFlight.filter((it) => it.lastIndex > matchIndex) : [];
  return { ...peer, mode: "replicate", matchIndex, nextIndex, inFlight };
}

/**
 * "If AppendEntries fails because of log inconsistency: decrement nextIndex and retry" (Figure
 * 3.1), by a whole term at a time (§3.5): after the leader's own last entry of the conflicting
 * term if it has one, else at the first index the follower has of it.
 */
export function handleAppendEntriesRejected(t: Transition, message: AppendEntriesRejected): void {
  const { from, prevLogIndex, conflictTerm, conflictIndex } = message;
  const peer = answeringPeer(t, from);
  if (peer === undefined) return;
  if (prevLogIndex > lastIndex(t.state.log)) return ignore(t, "impossible-acknowledgement");
  // Only the answer to what is being tried counts; an old one would move nextIndex at random.
  const isTried = prevLogIndex === peer.nextIndex - 1;
  const isCurrent = peer.mode === "replicate" || (peer.mode === "probe" && isTried);
  if (prevLogIndex <= peer.matchIndex || !isCurrent) return ignore(t, "stale-rejection");
  const ownIndex = conflictTerm === 0 ? 0 : lastIndexOfTerm(t.state.log, conflictTerm);
  const hint = ownIndex === 0 ? conflictIndex : ownIndex + 1;
  const nextIndex = Math.max(peer.matchIndex + 1, Math.min(hint, prevLogIndex));
  setProgress(t, { ...peer, mode: "probe", nextIndex, inFlight: [] });
  sendAppendEntries(t, from);
}
