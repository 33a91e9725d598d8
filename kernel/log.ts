/**
 * The replicated log and the questions Raft asks of it. Thesis §3.5, §3.6.1.
 * TLA+: LastTerm, LogOk.
 *
 * L1. Entry `i` has index `i`: indexes count from 1 without gaps.
 * L2. Terms never decrease along the log, and each is at least 1.
 * L3. A log is never changed: appending and truncating give a new one that shares the old.
 * `appendEntries` is the gateway that checks L1 and L2; everything else may rely on them.
 */
import { assert } from "./assert.ts";
import type { Entry, LogIndex, Term } from "./types.ts";
import { append, at, emptyVector, slice, take, type Vector } from "./vector.ts";

/** The log of one server. */
export interface Log {
  readonly entries: Vector<Entry>;
}

/** The log of a server that has stored nothing. */
export const emptyLog: Log = { entries: emptyVector<Entry>() };

/** Index of the last entry, 0 for an empty log. */
export function lastIndex(log: Log): LogIndex {
  return log.entries.length;
}

/** Term of the entry at `index`; 0 at index 0. `index` must not exceed the last index. */
export function termAt(log: Log, index: LogIndex): Term {
  return index === 0 ? 0 : at(log.entries, index - 1).term;
}

/** Term of the last entry, 0 for an empty log. */
export function lastTerm(log: Log): Term {
  return termAt(log, lastIndex(log));
}

/** The entries from `from` to `to`, both inclusive. */
export function entriesBetween(log: Log, from: LogIndex, to: LogIndex): readonly Entry[] {
  return from > to ? [] : slice(log.entries, from - 1, to);
}

/** The log whose suffix from the first of `entries` on is replaced by them. */
export function replaceSuffix(log: Log, entries: readonly Entry[]): Log {
  const [first] = entries;
  return first === undefined ? log : appendEntries(truncateAfter(log, first.index - 1), entries);
}

/** A log with `entries` added; they must continue it (L1, L2). */
export function appendEntries(log: Log, entries: readonly Entry[]): Log {
  let vector = log.entries;
  let previousTerm = lastTerm(log);
  for (const entry of entries) {
    assert(entry.index === vector.length + 1, "appended entries continue the log (L1)");
    assert(entry.term >= previousTerm && entry.term >= 1, "terms never decrease (L2)");
    previousTerm = entry.term;
    vector = append(vector, entry);
  }
  return { entries: vector };
}

/** The log up to and including `index`. */
export function truncateAfter(log: Log, index: LogIndex): Log {
  return { entries: take(log.entries, index) };
}

/**
 * The election restriction: whether a log ending in (`index`, `term`) is at least as up-to-date
 * as `log`. The later last term wins; with equal terms the longer log wins (thesis §3.6.1).
 */
export function isLogUpToDate(log: Log, index: LogIndex, term: Term): boolean {
  const ownTerm = lastTerm(log);
  return term > ownTerm || (term === ownTerm && index >= lastIndex(log));
}

/** The consistency check of AppendEntries: the log holds (`prevLogIndex`, `prevLogTerm`). */
export function hasMatchingPrevious(log: Log, prevLogIndex: LogIndex, prevLogTerm: Term): boolean {
  return prevLogIndex <= lastIndex(log) && termAt(log, prevLogIndex) === prevLogTerm;
}

/** The lowest index whose term is at least `term`, by bisection (L2); last + 1 if none. */
export function firstIndexOfTerm(log: Log, term: Term): LogIndex {
  let low = 1;
  let high = lastIndex(log) + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (termAt(log, middle) < term) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The highest index whose term is `term`, or 0 when the log holds none of it. */
export function lastIndexOfTerm(log: Log, term: Term): LogIndex {
  const index = firstIndexOfTerm(log, term + 1) - 1;
  return termAt(log, index) === term ? index : 0;
}
