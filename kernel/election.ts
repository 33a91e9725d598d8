/**
 * Leader election. Thesis §3.4 (election), §3.6.1 (election restriction), §3.8 (votes are
 * durable before they are told). TLA+: Timeout, HandleRequestVoteRequest,
 * HandleRequestVoteResponse, BecomeLeader.
 */
import { configurationOf, mayCampaign } from "./configuration.ts";
import { checkQuorum, hasLeader } from "./leader-contact.ts";
import { isLogUpToDate, lastIndex, lastTerm } from "./log.ts";
import type { RequestVoteRequest, RequestVoteResponse } from "./messages.ts";
import { startPreVote } from "./pre-vote.ts";
import { progressOfPeers } from "./progress.ts";
import { uncommittedCharsOf } from "./proposal.ts";
import { isVoter, otherVoters } from "./quorum.ts";
import { noReads } from "./reads.ts";
import { appendAsLeader } from "./replication.ts";
import { withName } from "./state.ts";
import { becomeCampaigner, becomeFollower } from "./term.ts";
import { giveUpTransfer } from "./transfer.ts";
import {
  envelope,
  ignore,
  isQuorumOf,
  leaderRole,
  reject,
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
  const leader = leaderRole(t.state);
  if (leader !== null) {
    if (leader.transferTo !== null) giveUpTransfer(t);
    return checkQuorum(t);
  }
  if (mayCampaign(t.state, t.config.id)) return campaign(t);
  // Whatever was asked of the leader will not be answered by it.
  becomeFollower(t, null);
  ignore(t, "not-a-voter");
}

/** Campaigns on request, where an election timeout would, unless a leader is heard. */
export function onCampaign(t: Transition): void {
  if (t.state.role.kind === "leader") return reject(t, "campaign", "already-leader");
  if (!mayCampaign(t.state, t.config.id)) return reject(t, "campaign", "not-a-voter");
  if (t.state.leaderContact) return reject(t, "campaign", "leader-contact");
  campaign(t);
}

function campaign(t: Transition): void {
  // An election timeout is longer than the minimum one: whoever led is no longer heard.
  update(t, { leaderContact: false });
  resetTimer(t, "election");
  if (t.config.preVote) startPreVote(t);
  else startElection(t, false);
}

/**
 * "To begin an election, a follower increments its current term and transitions to candidate
 * state. It then votes for itself and issues RequestVote RPCs" (§3.4). Its own vote counts when
 * it is durable, like everybody's: `countOwnVote`. `leadershipTransfer`: the leader asked for it.
 */
export function startElection(t: Transition, leadershipTransfer: boolean): void {
  const { config } = t;
  becomeCampaigner(t, { kind: "candidate", votesGranted: [] });
  update(t, { currentTerm: t.state.currentTerm + 1, votedFor: config.id });
  for (const to of otherVoters(configurationOf(t.state), config.id)) {
    send(t, {
      kind: "request-vote-request",
      ...envelope(t, to),
      lastLogIndex: lastIndex(t.state.log),
      lastLogTerm: lastTerm(t.state.log),
      leadershipTransfer,
    });
  }
}

/**
 * Whether a RequestVote must be disregarded altogether, its term included: a server that hears
 * a leader is not to be disrupted, unless that leader asked for the campaign (§4.2.3).
 */
export function ignoreDisruption(t: Transition, message: RequestVoteRequest): boolean {
  if (!t.config.checkQuorum || !hasLeader(t) || message.leadershipTransfer) return false;
  ignore(t, "leader-contact", `${message.from} campaigns in term ${message.term}`);
  return true;
}

/**
 * "If votedFor is null or candidateId, and candidate's log is at least as up-to-date as
 * receiver's log, grant vote" (Figure 3.1). To anyone, and whether or not this server is a voter
 * by its own log: the candidate's configuration may be ahead of it, and need this vote (§4.2.1).
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
  if (!isVoter(configurationOf(t.state), message.from)) return ignore(t, "not-a-voter");
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
    role: {
      kind: "leader",
      durableIndex: 0,
      progress: progressOfPeers(t, [], lastIndex(t.state.log) + 1),
      uncommittedChars: uncommittedCharsOf(t.state),
      transferTo: null,
      yielded: false,
      reads: noReads,
    },
  });
  resetTimer(t, "election");
  resetTimer(t, "heartbeat");
  appendAsLeader(t, { kind: "no-op" });
}
