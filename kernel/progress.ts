/**
 * What a leader knows of its peers, and how much it may send them. Thesis §3.5 (nextIndex,
 * matchIndex), §10.2.1 (pipelining). TLA+: matchIndex; the rest is the implementation's.
 */
import { assert } from "./assert.ts";
import { configurationOf } from "./configuration.ts";
import type { Event } from "./events.ts";
import { peersOf } from "./quorum.ts";
import type { Progress } from "./state.ts";
import { ignore, leaderRole, type Transition, updateLeader } from "./transition.ts";
import type { Entry, KernelConfig, LogIndex, ServerId } from "./types.ts";

/** "nextIndex initialized to leader last log index + 1, matchIndex to 0" (Figure 3.1). */
function newProgress(id: ServerId, nextIndex: LogIndex): Progress {
  return { id, matchIndex: 0, nextIndex, mode: "probe", inFlight: [], active: false };
}

/**
 * The progress of every peer of the configuration in force: what `known` holds of it, else that
 * of a new peer, to which entries are sent from `nextIndex` on at first.
 */
export function progressOfPeers(
  t: Transition,
  known: readonly Progress[],
  nextIndex: LogIndex,
): readonly Progress[] {
  const peers = [...peersOf(configurationOf(t.state), t.config.id)].sort();
  return peers.map((id) => known.find((peer) => peer.id === id) ?? newProgress(id, nextIndex));
}

/** What the leader knows of `id`; undefined where it does not lead or has no such peer. */
export function progressOf(t: Transition, id: ServerId): Progress | undefined {
  return leaderRole(t.state)?.progress.find((peer) => peer.id === id);
}

/** Replaces what the leader knows of one peer. */
export function setProgress(t: Transition, changed: Progress): void {
  const leader = leaderRole(t.state);
  if (leader === null) return;
  assert(changed.matchIndex < changed.nextIndex, "matchIndex < nextIndex");
  const progress = leader.progress.map((peer) => (peer.id === changed.id ? changed : peer));
  updateLeader(t, { progress });
}

/** The peer that answered, marked as heard from; undefined, and ignored, where it is none. */
export function answeringPeer(t: Transition, id: ServerId): Progress | undefined {
  const peer = progressOf(t, id);
  if (peer === undefined) {
    const reason = leaderRole(t.state) === null ? "not-leader" : "unknown-peer";
    ignore(t, reason, `answer of ${id}`);
    return undefined;
  }
  const active = { ...peer, active: t.config.checkQuorum };
  setProgress(t, active);
  return active;
}

/** Whether nothing more may be sent until the peer has answered what is in flight. */
export function isWindowFull(
  { maxInFlight, maxCharsInFlight }: KernelConfig,
  peer: Progress,
): boolean {
  const { mode, inFlight } = peer;
  if (mode === "snapshot") return true;
  if (inFlight.length >= (mode === "probe" ? 1 : maxInFlight)) return true;
  const chars = inFlight.reduce((sum, message) => sum + message.chars, 0);
  return inFlight.length > 0 && chars >= maxCharsInFlight;
}

/** The size of an entry: the characters of its command. */
export function charsOf({ payload }: Entry): number {
  return payload.kind === "command" ? payload.command.length : 0;
}

/** The size of some entries together. */
export function charsOfAll(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + charsOf(entry), 0);
}

/**
 * The connection to a peer broke: what was in flight is taken for lost. A pipeline starts again
 * from what the peer is known to hold; a probe goes on with its guess, for as little as is known
 * of that peer, starting from it would send everything. Of a snapshot under way the host reports.
 */
export function onPeerUnreachable(
  t: Transition,
  { peer: id }: Extract<Event, { kind: "peer-unreachable" }>,
): void {
  const peer = progressOf(t, id);
  if (peer === undefined) return ignore(t, "unknown-peer", id);
  if (peer.mode === "snapshot") return ignore(t, "awaits-snapshot", id);
  const nextIndex = peer.mode === "probe" ? peer.nextIndex : peer.matchIndex + 1;
  setProgress(t, { ...peer, mode: "probe", nextIndex, inFlight: [] });
}
