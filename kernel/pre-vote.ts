/**
 * PreVote: ask whether an election could be won before disturbing anybody with a new term.
 * Thesis §9.6. Nothing is promised, so nothing is made durable and no term or vote changes.
 * TLA+: PreVoteTimeout, HandlePreVoteRequest, HandlePreVoteResponse.
 */
import { configurationOf } from "./configuration.ts";
import { startElection } from "./election.ts";
import { hasLeader } from "./leader-contact.ts";
import { isLogUpToDate, lastIndex, lastTerm } from "./log.ts";
import type { PreVoteRequest, PreVoteResponse } from "./messages.ts";
import { isVoter, otherVoters } from "./quorum.ts";
import { withName } from "./state.ts";
import { becomeCampaigner } from "./term.ts";
import { envelope, ignore, isQuorumOf, sendEarly, type Transition, update } from "./transition.ts";

/** Becomes a pre-candidate and asks every voter about the next term. */
export function startPreVote(t: Transition): void {
  const { config } = t;
  becomeCampaigner(t, { kind: "pre-candidate", votesGranted: [config.id] });
  if (isQuorumOf(t.state, [config.id])) return startElection(t, false);
  for (const to of otherVoters(configurationOf(t.state), config.id)) {
    sendEarly(t, {
      kind: "pre-vote-request",
      from: config.id,
      to,
      term: t.state.currentTerm + 1,
      lastLogIndex: lastIndex(t.state.log),
      lastLogTerm: lastTerm(t.state.log),
    });
  }
}

/**
 * Grants when the campaign's term is ahead, the log up to date, and no leader was heard; to
 * anyone, for the sender's configuration may be ahead of ours.
 * A grant repeats the campaign's term, a refusal tells our own: a responder that is behind must
 * not look stale, and one that is ahead must bring the sender up to date.
 */
export function handlePreVoteRequest(t: Transition, message: PreVoteRequest): void {
  const { currentTerm, log } = t.state;
  const voteGranted =
    message.term > currentTerm &&
    isLogUpToDate(log, message.lastLogIndex, message.lastLogTerm) &&
    !hasLeader(t);
  const reply = envelope(t, message.from);
  const term = voteGranted ? message.term : currentTerm;
  sendEarly(t, { kind: "pre-vote-response", ...reply, term, voteGranted });
}

/** Counts a pre-vote of this very campaign; a quorum of them starts the election. */
export function handlePreVoteResponse(t: Transition, message: PreVoteResponse): void {
  const { role, currentTerm } = t.state;
  if (role.kind !== "pre-candidate") return ignore(t, "not-campaigning", "no pre-vote is running");
  if (!message.voteGranted) return ignore(t, "vote-refused");
  if (!isVoter(configurationOf(t.state), message.from)) return ignore(t, "not-a-voter");
  const campaign = currentTerm + 1;
  if (message.term < campaign) return ignore(t, "stale-term", `pre-vote for ${message.term}`);
  if (message.term > campaign) return ignore(t, "impossible-term", `pre-vote for ${message.term}`);
  const votesGranted = withName(role.votesGranted, message.from);
  update(t, { role: { kind: "pre-candidate", votesGranted } });
  if (isQuorumOf(t.state, votesGranted)) startElection(t, false);
}
