/**
 * The state of a server between two steps. Thesis Figure 3.1. TLA+: serverVars, logVars,
 * candidateVars, leaderVars. Canonical: sets are sorted, fields a role does not use are absent.
 */
import { assert } from "./assert.ts";
import type { Configurations } from "./configuration.ts";
import { type Log, lastIndex, lastTerm } from "./log.ts";
import type { LogIndex, ServerId, Term } from "./types.ts";

/** What a leader knows of one peer (thesis §3.5, §10.2.1). */
export interface Progress {
  readonly id: ServerId;
  /** The peer's log durably agrees with the leader's up to here. */
  readonly matchIndex: LogIndex;
  /** The next entry to send. Always greater than `matchIndex`. */
  readonly nextIndex: LogIndex;
  /** `probe`: one message at a time until the logs are known to agree; `replicate`: pipelined. */
  readonly mode: "probe" | "replicate";
  /** Last index of each AppendEntries in flight, ascending. */
  readonly inFlight: readonly LogIndex[];
  /** Heard from since the last quorum check; always false where CheckQuorum is off. */
  readonly active: boolean;
}

/** What a server is in its current term, with the fields that only this role has. */
export type Role =
  | { readonly kind: "follower" }
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
}

/** One server, all of it. Plain data, deeply readonly, equal when it behaves alike. */
export interface State {
  readonly currentTerm: Term;
  readonly votedFor: ServerId | null;
  readonly log: Log;
  readonly commitIndex: LogIndex;
  /** The configurations of the log; the last one is in force (thesis §4.1). */
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
  assert(lastTerm(state.log) <= state.currentTerm, "no entry is of a future term");
  if (state.role.kind !== "leader") return;
  assert(!state.leaderContact, "a leader is in contact with no other leader");
  assert(state.role.durableIndex <= lastIndex(state.log), "durableIndex lies inside the log");
  for (const peer of state.role.progress) {
    assert(peer.matchIndex < peer.nextIndex, "matchIndex < nextIndex");
    assert(peer.nextIndex <= lastIndex(state.log) + 1, "nextIndex lies inside the log or after it");
  }
}

/** `names` with `name`, sorted and without repetition. */
export function withName(names: readonly ServerId[], name: ServerId): readonly ServerId[] {
  return names.includes(name) ? names : [...names, name].sort();
}
