/**
 * Who has a leader, and until when. Thesis §4.2.3: "if a server receives a RequestVote request
 * within the minimum election timeout of hearing from a current leader, it does not update its
 * term or grant its vote"; §6.2: "a leader steps down if an election timeout elapses without a
 * successful round of heartbeats to a majority of its cluster" (CheckQuorum).
 * TLA+: leaderContact, HearLeader, CheckQuorum.
 */
import { becomeFollower } from "./term.ts";
import {
  ignore,
  isQuorumOf,
  leaderRole,
  resetTimer,
  type Transition,
  update,
} from "./transition.ts";
import type { ServerId } from "./types.ts";

/** Whether this server leads, or heard a leader within the minimum election timeout. */
export function hasLeader(t: Transition): boolean {
  return t.state.role.kind === "leader" || t.state.leaderContact;
}

/**
 * Follows `leaderId`, who spoke as the leader of the current term. "If AppendEntries RPC
 * received from new leader: convert to follower" (Figure 3.1). False, and nothing done, where
 * the term has another leader: no correct peer sends that.
 */
export function hearLeader(t: Transition, leaderId: ServerId): boolean {
  const { role, leaderId: known } = t.state;
  if (role.kind === "leader" || (known !== null && known !== leaderId)) {
    ignore(t, "second-leader-of-term", `${leaderId} in term ${t.state.currentTerm}`);
    return false;
  }
  becomeFollower(t, leaderId);
  resetTimer(t, "election");
  // Only these two rules read the contact; elsewhere it would split states that behave alike.
  if (t.config.preVote || t.config.checkQuorum) {
    update(t, { leaderContact: true });
    resetTimer(t, "minimum-election");
  }
  return true;
}

/** The minimum election timeout passed: votes may be granted again. */
export function onMinimumElectionTimeout(t: Transition): void {
  if (!t.state.leaderContact) ignore(t, "no-leader-contact");
  else update(t, { leaderContact: false });
}

/** A leader's election timeout: step down unless a quorum was heard since the last one. */
export function checkQuorum(t: Transition): void {
  const leader = leaderRole(t.state);
  if (leader === null || !t.config.checkQuorum) return ignore(t, "already-leader");
  const heard = leader.progress.filter((peer) => peer.active).map((peer) => peer.id);
  if (!isQuorumOf(t.state, [t.config.id, ...heard])) return becomeFollower(t, null);
  const progress = leader.progress.map((peer) => ({ ...peer, active: false }));
  update(t, { role: { ...leader, progress } });
  resetTimer(t, "election");
}
