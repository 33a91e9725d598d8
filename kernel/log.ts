/**
 * The replicated log and the questions Raft asks of it. Thesis §3.5, §3.6.1, §5.1.
 * TLA+: LastIndex, TermAt, LogOk.
 *
 * L1. Entries have consecutive indexes: the first follows the base, what a snapshot stands for.
 * L2. Terms never decrease along the log, and each is at least the base's, and at least 1.
 * L3. A log is never changed: appending, truncating and compacting give a new one that shares the
 *     old.
 * `appendEntries` is the gateway that checks L1 and L2; everything else may rely on them.
 */
import { assert } from "./assert.ts";
import type { Entry, LogIndex, Term } from "./types.ts";
import { append, at, dropBefore, emptyVector, slice, take, type Vector } from "./vector.ts";

/** The log of one server: entry `i` is at position `i - 1` of `entries`. */
export interface Log {
  /** The term of the last entry that was dropped; 0 where none was. Its index is `baseIndex`. */
  readonly baseTerm: Term;
  readonly entries: Vector<Entry>;
}

/** The log of a server that has stored nothing. */
export const emptyLog: Log = logAfter(0, 0);

/** A log with nothing in it, whose first entry will follow (`index`, `term`). */
export function logAfter(index: LogIndex, term: Term): Log {
  return { baseTerm: term, entries: emptyVector<Entry>(index) };
}

/** Index of the last entry that was dropped, 0 where none was. */
export function baseIndex(log: Log): LogIndex {
  return log.entries.start;
}

/** Index of the last entry, or of the base where there is none. */
export function lastIndex(log: Log): LogIndex {
  return log.entries.length;
}

/** Term of the entry at `index`, which must lie between the base and the last index. */
export function termAt(log: Log, index: LogIndex): Term {
  return index === baseIndex(log) ? log.baseTerm : at(log.entries, index - 1).term;
}

/** Term of the last entry, or of the base where there is none. */
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
  return { ...log, entries: vector };
}

/** The log up to and including `index`. */
export function truncateAfter(log: Log, index: LogIndex): Log {
  return { ...log, entries: take(log.entries, index) };
}

/** The log after `index`, which becomes its base: a snapshot holds the rest (§5.1). */
export function compactTo(log: Log, index: LogIndex): Log {
  return { baseTerm: termAt(log, index), entries: dropBefore(log.entries, index) };
}

/**
 * The election restriction: whether a log ending in (`index`, `term`) is at least as up-to-date
 * as `log`. The later last term wins; with equal terms the longer log wins (thesis §3.6.1).
 */
export function isLogUpToDate(log: Log, index: LogIndex, term: Term): boolean {
  const ownTerm = lastTerm(log);
  return term > ownTerm || (term === ownTerm && index >= lastIndex(log));
}

/** Whether the log still knows an entry of `index` and `term`: as its base, or in full. */
export function hasEntry(log: Log, index: LogIndex, term: Term): boolean {
  return index >= baseIndex(log) && index <= lastIndex(log) && termAt(log, index) === term;
}

/**
 * The consistency check of AppendEntries: the log holds (`prevLogIndex`, `prevLogTerm`). What lies
 * before the base was committed, so the log of every later leader holds it too (§5.1).
 */
export function hasMatchingPrevious(log: Log, prevLogIndex: LogIndex, prevLogTerm: Term): boolean {
  return prevLogIndex < baseIndex(log) || hasEntry(log, prevLogIndex, prevLogTerm);
}

/** The first index after the base whose term is at least `term`, by bisection (L2), or last + 1. */
export function firstIndexOfTerm(log: Log, term: Term): LogIndex {
  let low = baseIndex(log) + 1;
  let high = lastIndex(log) + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (termAt(log, middle) < term) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The highest index whose term is `term`, the base included, or 0 when none is known. */
export function lastIndexOfTerm(log: Log, term: Term): LogIndex {
  const index = firstIndexOfTerm(log, term + 1) - 1;
  return termAt(log, index) === term ? index : 0;
}
