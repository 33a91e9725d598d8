/**
 * The follower's side of log replication. Thesis §3.5 (consistency check, conflicting suffix),
 * Figure 3.1 (AppendEntries RPC). TLA+: HandleAppendEntriesRequest, HandleHeartbeatRequest.
 */
import { commitUpTo } from "./commit.ts";
import { hearLeader } from "./leader-contact.ts";
import {
  baseIndex,
  firstIndexOfTerm,
  hasEntry,
  hasMatchingPrevious,
  lastIndex,
  termAt,
} from "./log.ts";
import type { AppendEntriesRequest, HeartbeatRequest } from "./messages.ts";
import { forwardReadsAgain } from "./reads.ts";
import { envelope, ignore, replaceLogSuffix, send, type Transition } from "./transition.ts";
import type { Entry } from "./types.ts";

/** Takes the leader's entries, or says where the logs part. */
export function handleAppendEntriesRequest(t: Transition, message: AppendEntriesRequest): void {
  const { log, commitIndex } = t.state;
  const { prevLogIndex, prevLogTerm, leaderCommit, from } = message;
  const matches = hasMatchingPrevious(log, prevLogIndex, prevLogTerm);
  const news = matches ? entriesFromFirstConflict(t, message.entries) : [];
  if (news[0] !== undefined && news[0].index <= commitIndex) {
    return ignore(t, "conflicts-with-committed", `entry ${news[0].index} is committed`);
  }
  if (!hearLeader(t, from)) return;
  if (!matches) return rejectAppendEntries(t, message);
  // "Append any new entries not already in the log" (Figure 3.1).
  replaceLogSuffix(t, news);
  // "If leaderCommit > commitIndex, set commitIndex = min(leaderCommit, index of last new entry)":
  // what lies beyond the last entry of this message may not be the leader's.
  const matchIndex = prevLogIndex + message.entries.length;
  commitUpTo(t, Math.min(leaderCommit, matchIndex));
  send(t, { kind: "append-entries-accepted", ...envelope(t, from), matchIndex });
}

/**
 * "If an existing entry conflicts with a new one (same index but different terms), delete the
 * existing entry and all that follow it" (Figure 3.1): the entries from the first that is
 * missing or differs. A message whose entries are all present removes nothing: it may be old.
 * What the log no longer holds was committed, and so is the same everywhere.
 */
function entriesFromFirstConflict(t: Transition, entries: readonly Entry[]): readonly Entry[] {
  const { log } = t.state;
  const present = (entry: Entry): boolean =>
    entry.index <= baseIndex(log) || hasEntry(log, entry.index, entry.term);
  const first = entries.findIndex((entry) => !present(entry));
  return first === -1 ? [] : entries.slice(first);
}

/**
 * "Reply false if log doesn't contain an entry at prevLogIndex whose term matches prevLogTerm",
 * with the conflicting term and its first index so that the leader skips it whole (§3.5).
 */
function rejectAppendEntries(t: Transition, message: AppendEntriesRequest): void {
  const { log } = t.state;
  const { prevLogIndex } = message;
  const isShort = prevLogIndex > lastIndex(log);
  const conflictTerm = isShort ? 0 : termAt(log, prevLogIndex);
  const conflictIndex = isShort ? lastIndex(log) + 1 : firstIndexOfTerm(log, conflictTerm);
  const reply = { ...envelope(t, message.from), prevLogIndex, conflictTerm, conflictIndex };
  send(t, { kind: "append-entries-rejected", ...reply });
}

/** Authority without entries. `leaderCommit` is at most what this server acknowledged. */
export function handleHeartbeatRequest(t: Transition, message: HeartbeatRequest): void {
  if (message.leaderCommit > lastIndex(t.state.log)) {
    return ignore(t, "impossible-commit", `entry ${message.leaderCommit} was never acknowledged`);
  }
  if (!hearLeader(t, message.from)) return;
  commitUpTo(t, message.leaderCommit);
  const { from, context } = message;
  send(t, { kind: "heartbeat-response", ...envelope(t, from), context });
  forwardReadsAgain(t);
}
