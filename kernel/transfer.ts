/**
 * Leadership transfer. Thesis §3.10: the leader stops taking proposals, brings the target up to
 * date, and tells it to campaign at once (TimeoutNow); after an election timeout it gives up and
 * resumes. TLA+: TransferLeadership, SendTimeoutNow, HandleTimeoutNowRequest.
 */
import { configurationOf } from "./configuration.ts";
import { startElection } from "./election.ts";
import type { Event, RejectReason } from "./events.ts";
import { endLease, usesLeases } from "./lease.ts";
import { lastIndex } from "./log.ts";
import type { TimeoutNowRequest } from "./messages.ts";
import { progressOf } from "./progress.ts";
import { isVoter } from "./quorum.ts";
import { sendAppendEntries } from "./replication.ts";
import type { LeaderRole } from "./state.ts";
import {
  envelope,
  ignore,
  leaderRole,
  reject,
  resetTimer,
  sendEarly,
  type Transition,
  update,
  updateLeader,
} from "./transition.ts";
import type { ServerId } from "./types.ts";

/** Begins to hand over to another voter, or refuses. */
export function onTransferLeadership(
  t: Transition,
  { to }: Extract<Event, { kind: "transfer-leadership" }>,
): void {
  const leader = leaderRole(t.state);
  const reason = leader === null ? "not-leader" : refusal(t, leader, to);
  if (reason !== null) return reject(t, "transfer-leadership", reason);
  updateLeader(t, { transferTo: to });
  endLease(t);
  resetTimer(t, "election");
  sendAppendEntries(t, to);
  handOver(t, to);
}

function refusal(t: Transition, leader: LeaderRole, to: ServerId): RejectReason | null {
  if (to === t.config.id) return "already-leader";
  if (!isVoter(configurationOf(t.state), to)) return "not-a-voter";
  return leader.transferTo === null ? null : "transferring";
}

/**
 * Tells the target of a transfer to campaign, once its log is as long as the leader's; `to` is who
 * was heard just now, for what was told before may have been lost.
 */
export function handOver(t: Transition, to: ServerId): void {
  if (leaderRole(t.state)?.transferTo !== to) return;
  if (progressOf(t, to)?.matchIndex !== lastIndex(t.state.log)) return;
  sendEarly(t, { kind: "timeout-now-request", ...envelope(t, to) });
  // It may be obeyed long after this transfer was given up.
  updateLeader(t, { yielded: usesLeases(t.config) });
}

/** "If leadership transfer does not complete after about an election timeout, abort" (§3.10). */
export function giveUpTransfer(t: Transition): void {
  updateLeader(t, { transferTo: null });
  reject(t, "transfer-leadership", "timed-out");
}

/** Campaigns at once, whatever leader is heard: it is that leader who asks. */
export function handleTimeoutNowRequest(t: Transition, message: TimeoutNowRequest): void {
  const { role, leaderId } = t.state;
  if (role.kind === "leader" || (leaderId !== null && leaderId !== message.from)) {
    return ignore(t, "second-leader-of-term", message.from);
  }
  if (!isVoter(configurationOf(t.state), t.config.id)) return ignore(t, "not-a-voter");
  update(t, { leaderContact: false });
  resetTimer(t, "election");
  startElection(t, true);
}
