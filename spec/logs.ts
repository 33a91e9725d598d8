/** Comparing logs: the one meaning of "the same entry" for every property. */
import { type Entry, entriesBetween, type Log, lastIndex, termAt } from "../kernel/index.ts";
import type { CommittedEntry, ServerView } from "./property.ts";

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

/** What a server would answer with now: its state's log, or what it stored while it is down. */
export function logOf(server: ServerView): readonly Entry[] {
  return server.state === null ? server.durable.entries : entriesOf(server.state.log);
}

/** Whether the first `length` entries of both logs agree. */
export function samePrefix(before: Log, after: Log, length: number): boolean {
  if (lastIndex(after) < length) return false;
  const mine = entriesBetween(before, 1, length);
  const theirs = entriesBetween(after, 1, length);
  return mine.every((entry, position) => sameEntry(entry, theirs[position] as Entry));
}

/** Whether the logs hold entries of the same term at `index`. */
export function sameTermAt(a: Log, b: Log, index: number): boolean {
  return index <= lastIndex(a) && index <= lastIndex(b) && termAt(a, index) === termAt(b, index);
}
