/**
 * Quorums: every decision by majority in one place.
 * Thesis §3.4 (majority), §4.3 (joint consensus: a majority of each half). TLA+: Quorum, Agree.
 */
import type { Configuration, LogIndex, ServerId } from "./types.ts";

/** Whether `members` holds more than half of `voters`. No voters: nothing to ask, so true. */
export function isMajority(voters: readonly ServerId[], members: readonly ServerId[]): boolean {
  let present = 0;
  for (const voter of voters) if (members.includes(voter)) present += 1;
  return present * 2 > voters.length || voters.length === 0;
}

/** Whether `members` can decide: a majority of the voters and, when joint, of the old ones. */
export function isQuorum(configuration: Configuration, members: readonly ServerId[]): boolean {
  if (configuration.voters.length === 0) return false;
  return (
    isMajority(configuration.voters, members) && isMajority(configuration.outgoingVoters, members)
  );
}

/** The highest index that more than half of `voters` hold; Infinity where there are none. */
function majorityMatchIndex(
  voters: readonly ServerId[],
  matchIndexOf: (id: ServerId) => LogIndex,
): LogIndex {
  if (voters.length === 0) return Number.POSITIVE_INFINITY;
  const descending = voters.map(matchIndexOf).sort((a, b) => b - a);
  return descending[Math.floor(voters.length / 2)] as LogIndex;
}

/** The highest index held by a quorum (raft.tla: Max(agreeIndexes)); 0 without voters. */
export function quorumMatchIndex(
  configuration: Configuration,
  matchIndexOf: (id: ServerId) => LogIndex,
): LogIndex {
  if (configuration.voters.length === 0) return 0;
  return Math.min(
    majorityMatchIndex(configuration.voters, matchIndexOf),
    majorityMatchIndex(configuration.outgoingVoters, matchIndexOf),
  );
}

/** Whether `id` votes in this configuration, in either half. */
export function isVoter(configuration: Configuration, id: ServerId): boolean {
  return configuration.voters.includes(id) || configuration.outgoingVoters.includes(id);
}

/** Whether `id` takes part at all. */
export function isMember(configuration: Configuration, id: ServerId): boolean {
  return isVoter(configuration, id) || configuration.learners.includes(id);
}

/** All members but `self`, each once: voters, outgoing voters, learners. */
export function peersOf(configuration: Configuration, self: ServerId): readonly ServerId[] {
  const { voters, outgoingVoters, learners } = configuration;
  const all = new Set([...voters, ...outgoingVoters, ...learners]);
  all.delete(self);
  return [...all];
}

/** The voters of both halves but `self`, each once. */
export function otherVoters(configuration: Configuration, self: ServerId): readonly ServerId[] {
  return peersOf({ ...configuration, learners: [] }, self);
}
