/**
 * The messages servers exchange, one variant each. Thesis Figure 3.1 (RequestVote, AppendEntries),
 * §9.6 (PreVote), §3.4 (heartbeats), Figure 5.3 (InstallSnapshot), §3.10 (TimeoutNow), §6.4
 * (reads). `message-fault.ts` checks what arrives.
 */
import type { Entry, LogIndex, ServerId, Snapshot, Term } from "./types.ts";

interface Envelope {
  readonly from: ServerId;
  readonly to: ServerId;
  /** The sender's current term; for PreVote see each variant. */
  readonly term: Term;
}

/** PreVote: would you vote for me? `term` is the term the sender would campaign in. */
export interface PreVoteRequest extends Envelope {
  readonly kind: "pre-vote-request";
  readonly lastLogIndex: LogIndex;
  readonly lastLogTerm: Term;
}

/** `term` is the campaign's term when granted, else the responder's current term. */
export interface PreVoteResponse extends Envelope {
  readonly kind: "pre-vote-response";
  readonly voteGranted: boolean;
}

export interface RequestVoteRequest extends Envelope {
  readonly kind: "request-vote-request";
  readonly lastLogIndex: LogIndex;
  readonly lastLogTerm: Term;
  /** The leader asked for this campaign: who hears it may vote all the same (§4.2.3). */
  readonly leadershipTransfer: boolean;
}

export interface RequestVoteResponse extends Envelope {
  readonly kind: "request-vote-response";
  readonly voteGranted: boolean;
}

export interface AppendEntriesRequest extends Envelope {
  readonly kind: "append-entries-request";
  readonly prevLogIndex: LogIndex;
  readonly prevLogTerm: Term;
  readonly entries: readonly Entry[];
  readonly leaderCommit: LogIndex;
}

/** The follower's log agrees with the leader's up to `matchIndex`, durably. */
export interface AppendEntriesAccepted extends Envelope {
  readonly kind: "append-entries-accepted";
  readonly matchIndex: LogIndex;
}

/**
 * The log lacks (`prevLogIndex`, prevLogTerm). `conflictTerm` is the term it has there (0 when
 * it is too short) and `conflictIndex` the first index to try again from (thesis §3.5).
 */
export interface AppendEntriesRejected extends Envelope {
  readonly kind: "append-entries-rejected";
  readonly prevLogIndex: LogIndex;
  readonly conflictTerm: Term;
  readonly conflictIndex: LogIndex;
}

/** A read in the cluster: who was asked for it, and the name it has there, which is used once. */
export interface ReadName {
  readonly origin: ServerId;
  readonly read: string;
}

/**
 * Keeps authority without entries; `leaderCommit` never exceeds what the receiver acknowledged.
 * `context` names the round of reads that an answer confirms, if one is running (§6.4); it is
 * empty where none is.
 */
export interface HeartbeatRequest extends Envelope {
  readonly kind: "heartbeat-request";
  readonly leaderCommit: LogIndex;
  readonly context: readonly ReadName[];
}

/** `context` is the request's; empty where it answers no heartbeat. */
export interface HeartbeatResponse extends Envelope {
  readonly kind: "heartbeat-response";
  readonly context: readonly ReadName[];
}

/** The receiver lacks what the leader's log no longer holds; its host has stored the bytes. */
export interface InstallSnapshotRequest extends Envelope {
  readonly kind: "install-snapshot-request";
  readonly snapshot: Snapshot;
}

/** The leader hands over: campaign at once (§3.10). */
export interface TimeoutNowRequest extends Envelope {
  readonly kind: "timeout-now-request";
}

/** A follower asks its leader from which index on it may answer a read (§6.4). */
export interface ReadIndexRequest extends Envelope {
  readonly kind: "read-index-request";
  readonly read: string;
}

export interface ReadIndexResponse extends Envelope {
  readonly kind: "read-index-response";
  readonly read: string;
  readonly index: LogIndex;
}

export type Message =
  | PreVoteRequest
  | PreVoteResponse
  | RequestVoteRequest
  | RequestVoteResponse
  | AppendEntriesRequest
  | AppendEntriesAccepted
  | AppendEntriesRejected
  | HeartbeatRequest
  | HeartbeatResponse
  | InstallSnapshotRequest
  | TimeoutNowRequest
  | ReadIndexRequest
  | ReadIndexResponse;
