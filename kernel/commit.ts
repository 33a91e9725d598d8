/**
 * Committing. Thesis §3.5, §3.6.2 ("Raft never commits log entries from previous terms by
 * counting replicas"), §10.2.1 (a leader counts its own entries once they are durable).
 * TLA+: AdvanceCommitIndex.
 */
import { configurationOf } from "./configuration.ts";
import { entriesBetween, termAt } from "./log.ts";
import { proceedWithChange } from "./membership.ts";
import { charsOfAll } from "./progress.ts";
import { quorumMatchIndex } from "./quorum.ts";
import { serveReads } from "./reads.ts";
import { leaderRole, type Transition, update, updateLeader } from "./transition.ts";

/** Moves the commit index forward to `index`, never back, and applies what that commits. */
export function commitUpTo(t: Transition, index: number): void {
  const { commitIndex, log } = t.state;
  if (index <= commitIndex) return;
  const entries = entriesBetween(log, commitIndex + 1, index);
  update(t, { commitIndex: index });
  t.effects.push({ kind: "apply", entries });
  const leader = leaderRole(t.state);
  if (leader === null) return;
  updateLeader(t, { uncommittedChars: leader.uncommittedChars - charsOfAll(entries) });
}

/**
 * "If there exists an N such that N > commitIndex, a majority of matchIndex[i] >= N, and
 * log[N].term == currentTerm: set commitIndex = N" (Figure 3.1). What waited for a commit goes on:
 * a change of the configuration, and reads.
 */
export function advanceCommitIndex(t: Transition): void {
  const { state, config } = t;
  const leader = leaderRole(state);
  if (leader === null) return;
  const matchIndexOf = (id: string): number =>
    id === config.id
      ? leader.durableIndex
      : (leader.progress.find((peer) => peer.id === id)?.matchIndex ?? 0);
  const index = quorumMatchIndex(configurationOf(state), matchIndexOf);
  if (index <= state.commitIndex) return;
  if (termAt(state.log, index) !== state.currentTerm) return;
  commitUpTo(t, index);
  proceedWithChange(t);
  serveReads(t);
}
