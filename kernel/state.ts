/**
 * The state of a server between two steps. Thesis Figure 3.1. TLA+: serverVars, logVars,
 * candidateVars, leaderVars. Canonical: sets are sorted, fields a role does not use are absent.
 */
import { assert } from "./assert.ts";
import type { Configurations } from "./configuration.ts";
import { baseIndex, type Log, lastIndex, lastTerm } from "./log.ts";
import type { ReadName } from "./messages.ts";
import type { LogIndex, ServerId, Term } from "./types.ts";

/** One AppendEntries in flight: its last entry, and the characters of its commands. */
export interface InFlight {
  readonly lastIndex: LogIndex;
  readonly chars: number;
}

/** What a leader knows of one peer (thesis §3.5, §10.2.1). */
export interface Progress {
  readonly id: ServerId;
  /** The peer's log durably agrees with the leader's up to here. */
  readonly matchIndex: LogIndex;
  /** The next entry to send. Always greater than `matchIndex`. */
  readonly nextIndex: LogIndex;
  /**
   * `probe`: one message at a time until the logs are known to agree; `replicate`: pipelined;
   * `snapshot`: nothing until a snapshot, which ends before `nextIndex`, is there or has failed.
   */
  readonly mode: "probe" | "replicate" | "snapshot";
  /** The AppendEntries in flight, in the order of their last entries. */
  readonly inFlight: readonly InFlight[];
  /** Heard from since the last quorum check; always false where CheckQuorum is off. */
  readonly active: boolean;
}

/** What a server is in its current term, with the fields that only this role has. */
export type Role =
  /** `reads`: those forwarded to the leader and not yet answered, in the order asked. */
  | { readonly kind: "follower"; readonly reads: readonly string[] }
  | { readonly kind: "pre-candidate"; readonly votesGranted: readonly ServerId[] }
  | { readonly kind: "candidate"; readonly votesGranted: readonly ServerId[] }
  | LeaderRole;

/** The volatile state of a leader, reinitialised after election (thesis Figure 3.1). */
export interface LeaderRole {
  readonly kind: "leader";
  /** The leader's own log is durable up to here, in this term; 0: nothing of this term yet. */
  readonly durableIndex: LogIndex;
  /** One per peer, sorted by name for a canonical encoding only. */
  readonly progress: readonly Progress[];
  /** Characters of the commands after the commit index. */
  readonly uncommittedChars: number;
  /** Whom the leader is handing over to: it takes no proposals meanwhile (thesis §3.10). */
  readonly transferTo: ServerId | null;
  /**
   * TimeoutNow was sent in this term, and may be obeyed at any later time: no lease holds in this
   * term any more. Always false where leases are off.
   */
  readonly yielded: boolean;
  readonly reads: LeaderReads;
}

/** Reads that a leader has not yet answered, and until when it may answer at once (§6.4). */
export interface LeaderReads {
  readonly round: ReadRound | null;
  /** Those for the next round, in the order asked. */
  readonly waiting: readonly ReadName[];
  /** A confirmed round still binds its followers (thesis §6.4.1). Then no other is running. */
  readonly lease: boolean;
}

/** A round of heartbeats that asks whether the leader still leads, for a batch of reads. */
export interface ReadRound {
  /** What its heartbeats carry, so that their answers are told from those of other rounds. */
  readonly context: readonly ReadName[];
  /** The commit index when it began. */
  readonly index: LogIndex;
  readonly reads: readonly ReadName[];
  readonly acknowledgedBy: readonly ServerId[];
  /** The lease timer, started with it, still runs: once confirmed it gives a lease. */
  readonly isFresh: boolean;
}

/** One server, all of it. Plain data, deeply readonly, equal when it behaves alike. */
export interface State {
  readonly currentTerm: Term;
  readonly votedFor: ServerId | null;
  readonly log: Log;
  readonly commitIndex: LogIndex;
  /** The configurations of the log from its base on; the last one is in force (§4.1). */
  readonly configurations: Configurations;
  /** The leader of `currentTerm`, where known. */
  readonly leaderId: ServerId | null;
  /** A leader was heard within the minimum election timeout (thesis §4.2.3). */
  readonly leaderContact: boolean;
  readonly role: Role;
}

/** Checks what every state must satisfy; run at the end of every step. O(peers). */
export function assertState(state: State): void {
  assert(state.commitIndex <= lastIndex(state.log), "commitIndex lies inside the log");
  assert(baseIndex(state.log) <= state.commitIndex, "only what is committed was dropped");
  assert(lastTerm(state.log) <= state.currentTerm, "no entry is of a future term");
  if (state.role.kind !== "leader") return;
  assert(!state.leaderContact, "a leader is in contact with no other leader");
  assert(state.role.durableIndex <= lastIndex(state.log), "durableIndex lies inside the log");
  const { round, lease } = state.role.reads;
  assert(round === null || !lease, "no round is running under a lease");
  for (const peer of state.role.progress) {
    assert(peer.matchIndex < peer.nextIndex, "matchIndex < nextIndex");
    assert(peer.nextIndex <= lastIndex(state.log) + 1, "nextIndex lies inside the log or after it");
  }
}

/** `names` with `name`, sorted and without repetition. */
export function withName(names: readonly ServerId[], name: ServerId): readonly ServerId[] {
  return names.includes(name) ? names : [...names, name].sort();
}
