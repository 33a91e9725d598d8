/**
 * Boot and reboot. Thesis §3.8: a server restarts from its durable state as a follower; the
 * commit index is volatile and is learnt anew. TLA+: Init, Restart.
 */
import { configurationsAfter, foundingConfigurations } from "./configuration.ts";
import type { StepResult } from "./events.ts";
import { appendEntries, emptyLog } from "./log.ts";
import { assertState, type State } from "./state.ts";
import type { Configuration, Durable, KernelConfig } from "./types.ts";

/** What a new server of a cluster founded with `founding` has stored. */
export function initialDurable(founding: Configuration): Durable {
  return { currentTerm: 0, votedFor: null, entries: [], founding };
}

/**
 * The state of a server that starts with `durable`, and what it asks for first. O(log).
 * Throws `InvariantError` where the durable entries are not a log (L1, L2): a host must not
 * start a server on storage that is torn or foreign.
 */
export function recover(_config: KernelConfig, durable: Durable): StepResult<State> {
  const { currentTerm, votedFor, entries, founding } = durable;
  const state: State = {
    currentTerm,
    votedFor,
    log: appendEntries(emptyLog, entries),
    commitIndex: 0,
    configurations: configurationsAfter(foundingConfigurations(founding), entries),
    leaderId: null,
    leaderContact: false,
    role: { kind: "follower" },
  };
  assertState(state);
  return { state, effects: [{ kind: "reset-timer", timer: "election" }] };
}
