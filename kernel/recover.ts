/**
 * Boot and reboot. Thesis §3.8: a server restarts from its durable state as a follower; the
 * commit index is volatile and is learnt anew from what a snapshot holds on. TLA+: Init, Restart.
 */
import { assert } from "./assert.ts";
import { configurationsAfter, configurationsOfSnapshot } from "./configuration.ts";
import type { Effect, StepResult } from "./events.ts";
import { usesLeases } from "./lease.ts";
import { appendEntries, logAfter } from "./log.ts";
import { assertState, type State } from "./state.ts";
import type { Configuration, Durable, KernelConfig } from "./types.ts";

/** The configuration of a server that waits to be added to a cluster. */
export const noConfiguration: Configuration = { voters: [], outgoingVoters: [], learners: [] };

/**
 * What a new server of a cluster founded with `founding` has stored; with `noConfiguration`, one
 * that is to join a cluster, and does nothing until a leader speaks to it.
 */
export function initialDurable(founding: Configuration): Durable {
  const snapshot = { lastIndex: 0, lastTerm: 0, configuration: founding };
  return { currentTerm: 0, votedFor: null, snapshot, entries: [] };
}

/**
 * The state of a server that starts with `durable`, and what it asks for first. O(log).
 * Throws `InvariantError` where the durable entries are not a log (L1, L2) that follows the
 * durable snapshot: a host must not start a server on storage that is torn or foreign.
 */
export function recover(config: KernelConfig, durable: Durable): StepResult<State> {
  const { currentTerm, votedFor, entries, snapshot } = durable;
  const state: State = {
    currentTerm,
    votedFor,
    log: appendEntries(logAfter(snapshot.lastIndex, snapshot.lastTerm), entries),
    commitIndex: snapshot.lastIndex,
    configurations: configurationsAfter(configurationsOfSnapshot(snapshot), entries),
    leaderId: null,
    // What was promised to a leader outlives a restart (thesis §6.4.1).
    leaderContact: usesLeases(config),
    role: { kind: "follower", reads: [] },
  };
  assert((snapshot.lastIndex === 0) === (snapshot.lastTerm === 0), "a snapshot ends in a term");
  assertState(state);
  const effects: Effect[] = [{ kind: "reset-timer", timer: "election" }];
  if (snapshot.lastIndex > 0) effects.unshift({ kind: "install-snapshot", snapshot });
  if (state.leaderContact) effects.push({ kind: "reset-timer", timer: "minimum-election" });
  return { state, effects };
}
