/**
 * Leader election. Thesis §3.4 (election), §3.6.1 (election restriction), §3.8 (votes are
 * durable before they are told). TLA+: Timeout, HandleRequestVoteRequest,
 * HandleRequestVoteResponse, BecomeLeader.
 */
import { configurationOf } from "./configuration.ts";
import { checkQuorum, hasLeader } from "./leader-contact.ts";
import { isLogUpToDate, lastIndex, lastTerm } from "./log.ts";
import type { RequestVoteRequest, RequestVoteResponse } from "./messages.ts";
import { startPreVote } from "./pre-vote.ts";
import { isVoter, otherVoters } from "./quorum.ts";
import { appendAsLeader, initialProgress } from "./replication.ts";
import { withName } from "./state.ts";
import {
  envelope,
  ignore,
  isQuorumOf,
  resetTimer,
  send,
  type Transition,
  update,
} from "./transition.ts";
import type { ServerId } from "./types.ts";

/**
 * "If a follower receives no communication over a period of time called the election timeout,
 * then it assumes there is no viable leader and begins an election" (§3.4).
 */
export function onElectionTimeout(t: Transition): void {
  if (t.state.role.kind === "leader") return checkQuorum(t);
  if (!isVoter(configurationOf(t.state), t.config.id)) return ignore(t, "not-a-voter");
  // An election timeout is longer than the minimum one: whoever led is no longer heard.
  update(t, { leaderContact: false });
  resetTimer(t, "election");
  if (t.config.preVote) startPreVote(t);
  else startElection(t);
}

/**
 * "To begin an election, a follower increments its current term and transitions to candidate
 * state. It then votes for itself and issues RequestVote RPCs" (§3.4). Its own vote counts when
 * it is durable, like everybody's: `countOwnVote`.
 */
export function startElection(t: Transition): void {
  const { config } = t;
  update(t, {
    currentTerm: t.state.currentTerm + 1,
    votedFor: config.id,
    leaderId: null,
    role: { kind: "candidate", votesGranted: [] },
  });
  for (const to of otherVoters(configurationOf(t.state), config.id)) {
    send(t, {
      kind: "request-vote-request",
      ...envelope(t, to),
      lastLogIndex: lastIndex(t.state.log),
      lastLogTerm: lastTerm(t.state.log),
    });
  }
}

/**
 * Whether a RequestVote must be disregarded altogether, its term included: a server that hears
 * a leader is not to be disrupted (§4.2.3).
 */
export function ignoreDisruption(t: Transition, message: RequestVoteRequest): boolean {
  if (!t.config.checkQuorum || !hasLeader(t)) return false;
  ignore(t, "leader-contact", `${message.from} campaigns in term ${message.term}`);
  return true;
}

/**
 * "If votedFor is null or candidateId, and candidate's log is at least as up-to-date as
 * receiver's log, grant vote" (Figure 3.1).
 */
export function handleRequestVoteRequest(t: Transition, message: RequestVoteRequest): void {
  const { votedFor, log } = t.state;
  const voteGranted =
    (votedFor === null || votedFor === message.from) &&
    isLogUpToDate(log, message.lastLogIndex, message.lastLogTerm);
  if (voteGranted) {
    update(t, { votedFor: message.from });
    resetTimer(t, "election");
  }
  send(t, { kind: "request-vote-response", ...envelope(t, message.from), voteGranted });
}

/** Counts a vote of the current term, once a voter. */
export function handleRequestVoteResponse(t: Transition, message: RequestVoteResponse): void {
  if (t.state.role.kind !== "candidate") return ignore(t, "not-campaigning");
  if (!message.voteGranted) return ignore(t, "vote-refused");
  countVote(t, message.from);
}

/** A candidate's vote for itself is durable: count it. */
export function countOwnVote(t: Transition): void {
  countVote(t, t.config.id);
}

/** "A candidate wins an election if it receives votes from a majority of the servers" (§3.4). */
function countVote(t: Transition, voter: ServerId): void {
  const { role } = t.state;
  if (role.kind !== "candidate") return ignore(t, "not-campaigning");
  const votesGranted = withName(role.votesGranted, voter);
  update(t, { role: { kind: "candidate", votesGranted } });
  if (isQuorumOf(t.state, votesGranted)) becomeLeader(t);
}

/**
 * Leads the current term, and appends a no-op: only an entry of its own term lets a leader
 * commit what earlier leaders left (§3.6.2, §6.4).
 */
function becomeLeader(t: Transition): void {
  update(t, {
    leaderId: t.config.id,
    role: { kind: "leader", durableIndex: 0, progress: initialProgress(t) },
  });
  resetTimer(t, "election");
  resetTimer(t, "heartbeat");
  appendAsLeader(t, { kind: "no-op" });
}
