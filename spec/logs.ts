/** Comparing logs: the one meaning of "the same entry" for every property. */
import { type Entry, entriesBetween, type Log, lastIndex } from "../kernel/index.ts";
import type { CommittedEntry, LogView, ServerView } from "./property.ts";

/** A payload as text: equal payloads give equal text. */
export function payloadText(entry: Entry): string {
  const { payload } = entry;
  if (payload.kind === "no-op") return "no-op";
  if (payload.kind === "command") return `command ${payload.command}`;
  const { voters, outgoingVoters, learners } = payload.configuration;
  return `configuration ${JSON.stringify([voters, outgoingVoters, learners])}`;
}

/** Whether two entries agree in term and payload. */
export function sameEntry(a: Entry, b: Entry): boolean {
  return a.term === b.term && payloadText(a) === payloadText(b);
}

/** Whether a log's `entry` at some index is the one that was committed there. */
export function isCommittedEntry(entry: Entry | undefined, committed: CommittedEntry): boolean {
  return entry !== undefined && sameEntry(entry, committed.entry);
}

/** All entries of a log, first to last. */
export function entriesOf(log: Log): readonly Entry[] {
  return entriesBetween(log, 1, lastIndex(log));
}

/** What properties over logs see of a server. */
export function logViewOf({ state, durable }: ServerView): LogView {
  const stored = durable.entries;
  if (state === null) return { log: stored, stored, commitIndex: 0, leadsTerm: null };
  const leadsTerm = state.role.kind === "leader" ? state.currentTerm : null;
  return { log: entriesOf(state.log), stored, commitIndex: state.commitIndex, leadsTerm };
}

/** Whether the first `length` entries of both logs agree. */
export function samePrefix(before: Log, after: Log, length: number): boolean {
  if (lastIndex(after) < length) return false;
  const mine = entriesBetween(before, 1, length);
  const theirs = entriesBetween(after, 1, length);
  return mine.every((entry, position) => sameEntry(entry, theirs[position] as Entry));
}
