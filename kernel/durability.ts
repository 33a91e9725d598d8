/**
 * What must be durable before it counts. Thesis §3.8 (currentTerm, votedFor and the log are
 * written before anything is answered), §10.2.1 (a leader writes in parallel with replicating
 * and counts itself when done). TLA+: Persist, durable variables.
 */
import { advanceCommitIndex } from "./commit.ts";
import { countOwnVote } from "./election.ts";
import type { Event, PersistEffect } from "./events.ts";
import { lastIndex, lastTerm } from "./log.ts";
import type { State } from "./state.ts";
import { ignore, leaderRole, type Transition, update } from "./transition.ts";

/**
 * The one write that makes a step's changes of term, vote and log durable, or null where it
 * changed none. Term and vote are one record: half of it would forget or invent a vote.
 */
export function persistEffect(before: State, t: Transition): PersistEffect | null {
  const { currentTerm, votedFor, log } = t.state;
  const sameVote = before.currentTerm === currentTerm && before.votedFor === votedFor;
  if (sameVote && t.newEntries.length === 0 && t.newBase === null) return null;
  return {
    kind: "persist",
    currentTerm,
    votedFor,
    snapshot: t.newBase,
    entries: t.newEntries,
    lastIndex: lastIndex(log),
    lastTerm: lastTerm(log),
  };
}

/**
 * A write completed. A candidate counts its own vote once it is durable, and a leader its own
 * entries; a write of an earlier term says nothing about this one.
 */
export function onPersisted(t: Transition, event: Extract<Event, { kind: "persisted" }>): void {
  const { currentTerm, role } = t.state;
  const leader = leaderRole(t.state);
  if (role.kind === "candidate" && event.currentTerm === currentTerm) return countOwnVote(t);
  const isNews = event.lastTerm === currentTerm && event.lastIndex > (leader?.durableIndex ?? 0);
  if (leader === null || !isNews) return ignore(t, "nothing-awaits-persistence");
  update(t, { role: { ...leader, durableIndex: event.lastIndex } });
  advanceCommitIndex(t);
}
