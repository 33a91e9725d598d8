/**
 * The state of a server between two steps. Thesis Figure 3.1. TLA+: serverVars, logVars,
 * candidateVars, leaderVars. Canonical: sets are sorted, fields a role does not use are absent.
 */
import { assert } from "./assert.ts";
import { configurationOf, type Log, lastIndex, lastTerm } from "./log.ts";
import type { Configuration, LogIndex, ServerId, Term } from "./types.ts";

/** What a leader knows of one peer (thesis §3.5, §10.2.1). */
export interface Progress {
  readonly id: ServerId;
  readonly matchIndex: LogIndex;
  /** Always greater than `matchIndex`. */
  readonly nextIndex: LogIndex;
  /** `probe`: one message at a time until the logs are known to agree; `replicate`: pipelined. */
  readonly mode: "probe" | "replicate";
  /** Last index of each AppendEntries in flight, ascending. */
  readonly inFlight: readonly LogIndex[];
  /** Heard from since the last quorum check. */
  readonly active: boolean;
}

export type Role =
  | { readonly kind: "follower" }
  | { readonly kind: "pre-candidate"; readonly votesGranted: readonly ServerId[] }
  | { readonly kind: "candidate"; readonly votesGranted: readonly ServerId[] }
  | {
      readonly kind: "leader";
      /** The leader's own log is durable up to here, in this term. */
      readonly durableIndex: LogIndex;
      /** One per peer, sorted by name for a canonical encoding only. */
      readonly progress: readonly Progress[];
    };

export interface State {
  readonly currentTerm: Term;
  readonly votedFor: ServerId | null;
  readonly log: Log;
  readonly commitIndex: LogIndex;
  /** The configuration in force: the latest in the log, else the bootstrap one. */
  readonly configuration: Configuration;
  readonly bootstrap: Configuration;
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
  for (const peer of state.role.progress) {
    assert(peer.matchIndex < peer.nextIndex, "matchIndex < nextIndex");
    assert(peer.nextIndex <= lastIndex(state.log) + 1, "nextIndex lies inside the log or after it");
  }
}

/** The same state with a log changed and the configuration that the log puts in force. */
export function withLog(state: State, log: Log): State {
  return { ...state, log, configuration: configurationOf(log, state.bootstrap) };
}

/** `names` with `name`, sorted and without repetition. */
export function withName(names: readonly ServerId[], name: ServerId): readonly ServerId[] {
  return names.includes(name) ? names : [...names, name].sort();
}
