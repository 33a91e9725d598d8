/**
 * Leases: until when a leader knows by its clock alone that nobody else can have been elected.
 * Thesis §6.4.1. A confirmed round of heartbeats binds a majority not to vote for the minimum
 * election timeout after they heard it; the lease timer, started before the round was sent, is
 * shorter by as much as clocks may drift apart meanwhile. TLA+: LeaseTimeout, LeaseSafetyInv.
 */
import type { ReadName } from "./messages.ts";
import { ignore, leaderRole, type Transition, updateLeader } from "./transition.ts";
import type { KernelConfig } from "./types.ts";

/** Leases rest on servers that refuse votes while they hear a leader, so on CheckQuorum. */
export function usesLeases({ leaseReads, checkQuorum }: KernelConfig): boolean {
  return leaseReads && checkQuorum;
}

/**
 * Whether a round that `context` names and that begins now may give a lease. Not where the leader
 * hands over, or has ever told another in this term to campaign whatever leader is heard (§4.2.3).
 * And only where a read of the leader's own names it, which names no other round: late answers to
 * an earlier one come from servers that may be bound for a shorter time than the timer runs.
 */
export function mayLease(t: Transition, context: readonly ReadName[]): boolean {
  const leader = leaderRole(t.state);
  if (leader === null || !usesLeases(t.config)) return false;
  const isUnique = context.some(({ origin }) => origin === t.config.id);
  return isUnique && leader.transferTo === null && !leader.yielded;
}

/** The lease timer ran out: what rests on the round that it was started with ends. */
export function onLeaseTimeout(t: Transition): void {
  const reads = leaderRole(t.state)?.reads;
  if (!reads?.lease && !reads?.round?.isFresh) return ignore(t, "no-lease");
  endLease(t);
}

/** No lease holds, and the round that is running will give none. */
export function endLease(t: Transition): void {
  const reads = leaderRole(t.state)?.reads;
  if (reads === undefined) return;
  const round = reads.round === null ? null : { ...reads.round, isFresh: false };
  updateLeader(t, { reads: { ...reads, round, lease: false } });
}
