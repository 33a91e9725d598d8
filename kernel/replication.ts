/**
 * The leader's side of log replication. Thesis §3.5 (replication, back-tracking), §3.4
 * (heartbeats), §10.2.1 (pipelining, writing to disk in parallel). TLA+: ClientRequest,
 * AppendEntries, HandleAppendEntriesResponse, Heartbeat.
 */
import { assert } from "./assert.ts";
import { advanceCommitIndex } from "./commit.ts";
import { configurationOf } from "./configuration.ts";
import { entriesBetween, lastIndex, lastIndexOfTerm, termAt } from "./log.ts";
import type {
  AppendEntriesAccepted,
  AppendEntriesRejected,
  HeartbeatResponse,
} from "./messages.ts";
import { peersOf } from "./quorum.ts";
import type { Progress } from "./state.ts";
import {
  envelope,
  ignore,
  leaderRole,
  replaceLogSuffix,
  resetTimer,
  sendEarly,
  type Transition,
  update,
} from "./transition.ts";
import type { Entry, LogIndex, Payload, ServerId } from "./types.ts";

/** "nextIndex initialized to leader last log index + 1, matchIndex to 0" (Figure 3.1). */
export function initialProgress(t: Transition): readonly Progress[] {
  const nextIndex = lastIndex(t.state.log) + 1;
  const peers = [...peersOf(configurationOf(t.state), t.config.id)].sort();
  return peers.map((id) => ({
    id,
    matchIndex: 0,
    nextIndex,
    mode: "probe",
    inFlight: [],
    active: false,
  }));
}

/** A client's command: "the leader appends the command to its log as a new entry" (§3.5). */
export function onPropose(t: Transition, command: string): void {
  const { leaderId } = t.state;
  if (typeof command !== "string") {
    t.effects.push({ kind: "reject", reason: "malformed", leaderId });
  } else if (leaderRole(t.state) === null) {
    t.effects.push({ kind: "reject", reason: "not-leader", leaderId });
  } else {
    appendAsLeader(t, { kind: "command", command });
  }
}

/** Appends an entry of the current term and sends it to every peer that may get it now. */
export function appendAsLeader(t: Transition, payload: Payload): void {
  const index = lastIndex(t.state.log) + 1;
  replaceLogSuffix(t, [{ index, term: t.state.currentTerm, payload }]);
  for (const { id } of leaderRole(t.state)?.progress ?? []) sendAppendEntries(t, id);
}

/** A heartbeat to every peer: "to maintain their authority" (§3.4). */
export function onHeartbeatTimeout(t: Transition): void {
  const leader = leaderRole(t.state);
  if (leader === null) return ignore(t, "not-leader", "heartbeat timeout");
  for (const { id, matchIndex } of leader.progress) {
    // Beyond matchIndex the peer's log may differ from ours: it must not commit that.
    const leaderCommit = Math.min(t.state.commitIndex, matchIndex);
    sendEarly(t, { kind: "heartbeat-request", ...envelope(t, id), leaderCommit });
  }
  resetTimer(t, "heartbeat");
}

/** What the leader knows of `id`; undefined where it does not lead or has no such peer. */
function progressOf(t: Transition, id: ServerId): Progress | undefined {
  return leaderRole(t.state)?.progress.find((peer) => peer.id === id);
}

function setProgress(t: Transition, changed: Progress): void {
  const leader = leaderRole(t.state);
  if (leader === null) return;
  assert(changed.matchIndex < changed.nextIndex, "matchIndex < nextIndex");
  const progress = leader.progress.map((peer) => (peer.id === changed.id ? changed : peer));
  update(t, { role: { ...leader, progress } });
}

/** Sends all that is due to `id` and its window allows: one probe, or a pipeline. */
function sendAppendEntries(t: Transition, id: ServerId): void {
  for (;;) {
    const peer = progressOf(t, id);
    if (peer === undefined || peer.nextIndex > lastIndex(t.state.log)) return;
    const window = peer.mode === "probe" ? 1 : t.config.maxInFlight;
    if (peer.inFlight.length >= window) return;
    sendOneAppendEntries(t, peer);
  }
}

/** One AppendEntries from `nextIndex` on; without entries it only asks whether the logs agree. */
function sendOneAppendEntries(t: Transition, peer: Progress): void {
  const prevLogIndex = peer.nextIndex - 1;
  const entries = batchFrom(t, peer.nextIndex);
  sendEarly(t, {
    kind: "append-entries-request",
    ...envelope(t, peer.id),
    prevLogIndex,
    prevLogTerm: termAt(t.state.log, prevLogIndex),
    entries,
    leaderCommit: t.state.commitIndex,
  });
  if (entries.length === 0) return;
  const last = prevLogIndex + entries.length;
  const nextIndex = peer.mode === "replicate" ? last + 1 : peer.nextIndex;
  setProgress(t, { ...peer, nextIndex, inFlight: [...peer.inFlight, last] });
}

/** The entries from `from` that fit in one message; one entry always fits. */
function batchFrom(t: Transition, from: LogIndex): readonly Entry[] {
  const { log } = t.state;
  const { maxEntriesPerMessage, maxCharsPerMessage } = t.config;
  const to = Math.min(lastIndex(log), from + maxEntriesPerMessage - 1);
  const entries = entriesBetween(log, from, to);
  let chars = 0;
  const end = entries.findIndex(({ payload }, position) => {
    chars += payload.kind === "command" ? payload.command.length : 0;
    return position > 0 && chars > maxCharsPerMessage;
  });
  return end === -1 ? entries : entries.slice(0, end);
}

/** The peer that answered, marked as heard from; undefined, and ignored, for a non-leader. */
function answeringPeer(t: Transition, id: ServerId): Progress | undefined {
  const peer = progressOf(t, id);
  if (peer === undefined) {
    ignore(t, "not-leader", `answer of ${id}`);
    return undefined;
  }
  const active = { ...peer, active: t.config.checkQuorum };
  setProgress(t, active);
  return active;
}

/** "If successful: update nextIndex and matchIndex for follower" (Figure 3.1). */
export function handleAppendEntriesAccepted(t: Transition, message: AppendEntriesAccepted): void {
  const { from, matchIndex } = message;
  const peer = answeringPeer(t, from);
  if (peer === undefined) return;
  if (matchIndex > lastIndex(t.state.log)) return ignore(t, "impossible-acknowledgement");
  if (matchIndex <= peer.matchIndex) return ignore(t, "stale-acknowledgement");
  // A probe's nextIndex is a guess that the acknowledgement replaces.
  const sent = peer.mode === "replicate" ? peer.nextIndex : 0;
  const inFlight = peer.mode === "replicate" ? peer.inFlight : [];
  setProgress(t, {
    ...peer,
    mode: "replicate",
    matchIndex,
    nextIndex: Math.max(sent, matchIndex + 1),
    inFlight: inFlight.filter((last) => last > matchIndex),
  });
  advanceCommitIndex(t);
  sendAppendEntries(t, from);
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
  const isCurrent = peer.mode === "replicate" || prevLogIndex === peer.nextIndex - 1;
  if (prevLogIndex <= peer.matchIndex || !isCurrent) return ignore(t, "stale-rejection");
  const ownIndex = conflictTerm === 0 ? 0 : lastIndexOfTerm(t.state.log, conflictTerm);
  const hint = ownIndex === 0 ? conflictIndex : ownIndex + 1;
  const nextIndex = Math.max(peer.matchIndex + 1, Math.min(hint, prevLogIndex));
  setProgress(t, { ...peer, mode: "probe", nextIndex, inFlight: [] });
  sendAppendEntries(t, from);
}

/**
 * A peer that answers heartbeats but lags may have lost an AppendEntries: free one place of its
 * window and send again, if only the question whether the logs agree (liveness; §3.5 "retries
 * AppendEntries RPCs indefinitely").
 */
export function handleHeartbeatResponse(t: Transition, message: HeartbeatResponse): void {
  const peer = answeringPeer(t, message.from);
  if (peer === undefined || peer.matchIndex >= lastIndex(t.state.log)) return;
  const window = peer.mode === "probe" ? 1 : t.config.maxInFlight;
  const isFull = peer.inFlight.length >= window;
  sendOneAppendEntries(t, { ...peer, inFlight: isFull ? peer.inFlight.slice(1) : peer.inFlight });
}
