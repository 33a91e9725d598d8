/**
 * Reads without a log entry (ReadIndex). Thesis §6.4: a leader that has committed in its term notes
 * its commit index, makes sure by a round of heartbeats that nobody has replaced it, and lets the
 * read be answered once the state machine has reached that index. Followers ask their leader.
 * A round serves all reads that came before it began, and is named after them, so nothing is
 * counted. Every read is answered or rejected.
 * TLA+: Read, HandleReadIndexRequest, HandleReadIndexResponse.
 */
import type { Event } from "./events.ts";
import { sendHeartbeats } from "./heartbeat.ts";
import { mayLease } from "./lease.ts";
import type { ReadIndexRequest, ReadIndexResponse, ReadName } from "./messages.ts";
import type { LeaderReads, Role } from "./state.ts";
import { withName } from "./state.ts";
import {
  envelope,
  hasCommittedInTerm,
  ignore,
  isQuorumOf,
  leaderRole,
  reject,
  resetTimer,
  sendEarly,
  type Transition,
  update,
  updateLeader,
} from "./transition.ts";
import type { LogIndex, ServerId } from "./types.ts";

/** What a leader starts with: no reads. */
export const noReads: LeaderReads = { round: null, waiting: [], lease: false };

/** Takes a read, or forwards it to the leader. */
export function onRead(t: Transition, { read }: Extract<Event, { kind: "read" }>): void {
  const { role, leaderId } = t.state;
  if (typeof read !== "string") return reject(t, "read", "malformed");
  if (role.kind === "leader") {
    const name = { origin: t.config.id, read };
    if (isPending(role.reads, name)) return reject(t, "read", "repeated", read);
    return take(t, name);
  }
  if (role.kind !== "follower" || leaderId === null) return reject(t, "read", "not-leader", read);
  if (role.reads.includes(read)) return reject(t, "read", "repeated", read);
  update(t, { role: { ...role, reads: [...role.reads, read] } });
  forward(t, leaderId, read);
}

function forward(t: Transition, leaderId: ServerId, read: string): void {
  sendEarly(t, { kind: "read-index-request", ...envelope(t, leaderId), read });
}

/** Asks the leader again for what it has not answered: the question may have been lost. */
export function forwardReadsAgain(t: Transition): void {
  const { role, leaderId } = t.state;
  if (role.kind !== "follower" || leaderId === null) return;
  for (const read of role.reads) forward(t, leaderId, read);
}

function isSame(a: ReadName, b: ReadName): boolean {
  return a.origin === b.origin && a.read === b.read;
}

function isSameContext(a: readonly ReadName[], b: readonly ReadName[]): boolean {
  return a.length === b.length && a.every((name, at) => isSame(name, b[at] as ReadName));
}

/** All that a leader has not answered yet, in the order asked. */
function pendingOf({ round, waiting }: LeaderReads): readonly ReadName[] {
  return [...(round?.reads ?? []), ...waiting];
}

function isPending(reads: LeaderReads, name: ReadName): boolean {
  return pendingOf(reads).some((other) => isSame(other, name));
}

/** A follower's read. */
export function handleReadIndexRequest(t: Transition, message: ReadIndexRequest): void {
  const leader = leaderRole(t.state);
  const name = { origin: message.from, read: message.read };
  if (leader === null) return ignore(t, "not-leader", `read ${message.read}`);
  if (isPending(leader.reads, name)) return ignore(t, "repeated-read", message.read);
  take(t, name);
}

function take(t: Transition, name: ReadName): void {
  const reads = leaderRole(t.state)?.reads;
  if (reads === undefined) return;
  updateLeader(t, { reads: { ...reads, waiting: [...reads.waiting, name] } });
  serveReads(t);
}

/** Answers what waits under a lease, else starts the next round for it, as soon as it may. */
export function serveReads(t: Transition): void {
  const reads = leaderRole(t.state)?.reads;
  // Before it has committed in its term, a leader may not know all that is committed (§6.4).
  if (reads === undefined || reads.waiting.length === 0 || !hasCommittedInTerm(t.state)) return;
  const { commitIndex: index } = t.state;
  if (reads.lease) {
    updateLeader(t, { reads: { ...reads, waiting: [] } });
    for (const name of reads.waiting) answer(t, name, index);
  } else if (reads.round === null) {
    const context = contextOf(reads.waiting, t.config.id);
    const isFresh = mayLease(t, context);
    const round = { context, index, reads: reads.waiting, acknowledgedBy: [], isFresh };
    updateLeader(t, { reads: { ...reads, round, waiting: [] } });
    if (isFresh) resetTimer(t, "lease");
    sendHeartbeats(t);
    confirmReads(t);
  }
}

/**
 * What names a round of `reads`. An answer that arrives late must not confirm a round for a read
 * that was asked for after the answer was given. A follower's read may come a second time, once it
 * was answered, and the leader cannot know; so a round of those is named by all of them, and an
 * earlier round of that name was for the same reads. A read of the leader's own comes only once.
 */
function contextOf(reads: readonly ReadName[], self: ServerId): readonly ReadName[] {
  const own = reads.find(({ origin }) => origin === self);
  return own === undefined ? reads : [own];
}

/** A peer has heard this leader for the round of `context`. */
export function acknowledgeReads(
  t: Transition,
  from: ServerId,
  context: readonly ReadName[],
): void {
  const reads = leaderRole(t.state)?.reads;
  if (!reads?.round || !isSameContext(reads.round.context, context)) return;
  const acknowledgedBy = withName(reads.round.acknowledgedBy, from);
  updateLeader(t, { reads: { ...reads, round: { ...reads.round, acknowledgedBy } } });
  confirmReads(t);
}

/** Answers the round's reads once a quorum of the configuration in force confirmed it. */
export function confirmReads(t: Transition): void {
  const reads = leaderRole(t.state)?.reads;
  if (!reads?.round) return;
  const { round } = reads;
  if (!isQuorumOf(t.state, [t.config.id, ...round.acknowledgedBy])) return;
  updateLeader(t, { reads: { ...reads, round: null, lease: round.isFresh } });
  for (const name of round.reads) answer(t, name, round.index);
  serveReads(t);
}

function answer(t: Transition, { origin, read }: ReadName, index: LogIndex): void {
  if (origin === t.config.id) t.effects.push({ kind: "read-ready", read, index });
  else sendEarly(t, { kind: "read-index-response", ...envelope(t, origin), read, index });
}

/** The leader's answer to a read that was forwarded to it. */
export function handleReadIndexResponse(t: Transition, message: ReadIndexResponse): void {
  const { role } = t.state;
  const { read, index } = message;
  if (role.kind !== "follower" || !role.reads.includes(read)) {
    return ignore(t, "unknown-read", read);
  }
  update(t, { role: { ...role, reads: role.reads.filter((other) => other !== read) } });
  t.effects.push({ kind: "read-ready", read, index });
}

/**
 * Rejects what a server in `role`, which it has given up, was to answer. A leader leaves the reads
 * of others to those who asked it: they learn of the next leader, or miss this one.
 */
export function abandonReads(t: Transition, role: Role): void {
  if (role.kind === "follower") {
    for (const read of role.reads) reject(t, "read", "leader-lost", read);
  } else if (role.kind === "leader") {
    for (const { origin, read } of pendingOf(role.reads)) {
      if (origin === t.config.id) reject(t, "read", "leader-lost", read);
    }
  }
}
