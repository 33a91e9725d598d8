/**
 * The messages servers exchange, one variant each, and the check of what arrives.
 * Thesis Figure 3.1 (RequestVote, AppendEntries), §9.6 (PreVote), §3.4 (heartbeats).
 */
import type { Entry, LogIndex, ServerId, Term } from "./types.ts";

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

/** Keeps authority without entries; `leaderCommit` never exceeds what the receiver acknowledged. */
export interface HeartbeatRequest extends Envelope {
  readonly kind: "heartbeat-request";
  readonly leaderCommit: LogIndex;
}

export interface HeartbeatResponse extends Envelope {
  readonly kind: "heartbeat-response";
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
  | HeartbeatResponse;

type Fields = Readonly<Record<string, unknown>>;

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function areNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === "string" && name !== "");
}

function isPayload(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { kind, command, configuration } = value as Fields;
  if (kind === "no-op") return true;
  if (kind === "command") return typeof command === "string";
  if (kind !== "configuration" || typeof configuration !== "object") return false;
  const { voters, outgoingVoters, learners } = (configuration ?? {}) as Fields;
  return areNames(voters) && areNames(outgoingVoters) && areNames(learners);
}

/** Entries continue (prevLogIndex, prevLogTerm) without gap and never exceed the sender's term. */
function entriesFault(message: Fields): string | null {
  const { term, prevLogIndex, prevLogTerm, entries } = message;
  if (!Array.isArray(entries)) return "entries is not a list";
  let index = prevLogIndex as number;
  let previousTerm = prevLogTerm as number;
  if (previousTerm > (term as number)) return "prevLogTerm exceeds the sender's term";
  if ((index === 0) !== (previousTerm === 0)) return "prevLogIndex and prevLogTerm disagree";
  for (const entry of entries as readonly (Fields | null)[]) {
    if (typeof entry !== "object" || entry === null) return "an entry is not a record";
    if (entry["index"] !== index + 1) return `entry ${index + 1} is missing`;
    const entryTerm = entry["term"];
    if (
      !isCount(entryTerm) ||
      entryTerm < Math.max(1, previousTerm) ||
      entryTerm > (term as number)
    )
      return `entry ${index + 1} has an impossible term`;
    if (!isPayload(entry["payload"])) return `entry ${index + 1} has a malformed payload`;
    index += 1;
    previousTerm = entryTerm;
  }
  return null;
}

const COUNTS: Readonly<Record<Message["kind"], readonly string[]>> = {
  "pre-vote-request": ["lastLogIndex", "lastLogTerm"],
  "pre-vote-response": [],
  "request-vote-request": ["lastLogIndex", "lastLogTerm"],
  "request-vote-response": [],
  "append-entries-request": ["prevLogIndex", "prevLogTerm", "leaderCommit"],
  "append-entries-accepted": ["matchIndex"],
  "append-entries-rejected": ["prevLogIndex", "conflictTerm", "conflictIndex"],
  "heartbeat-request": ["leaderCommit"],
  "heartbeat-response": [],
};

/** What is wrong with `value` as a message, or null. Never throws on plain data of any shape. */
export function messageFault(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return "not a record";
  const message = value as Fields;
  const kind = message["kind"];
  if (typeof kind !== "string" || !Object.hasOwn(COUNTS, kind)) return "unknown kind";
  if (typeof message["from"] !== "string" || message["from"] === "") return "from is not a name";
  if (typeof message["to"] !== "string" || message["to"] === "") return "to is not a name";
  if (!isCount(message["term"])) return "term is not a count";
  for (const field of COUNTS[kind as Message["kind"]]) {
    if (!isCount(message[field])) return `${field} is not a count`;
  }
  if (kind.endsWith("vote-response") && typeof message["voteGranted"] !== "boolean")
    return "voteGranted is not a boolean";
  return kind === "append-entries-request" ? entriesFault(message) : null;
}
