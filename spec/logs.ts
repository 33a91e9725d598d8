/** Comparing logs: the one meaning of "the same entry" for every property. */
import {
  baseIndex,
  type Configuration,
  configurationAt,
  type Entry,
  entriesBetween,
  type Log,
  type LogIndex,
  lastIndex,
  type ServerId,
  type State,
} from "../kernel/index.ts";
import type {
  CommittedEntry,
  CommittedHistory,
  KernelStep,
  LogSpan,
  LogView,
  ServerView,
} from "./property.ts";

/** A payload as text: equal payloads give equal text. */
export function payloadText(entry: Entry): string {
  const { payload } = entry;
  if (payload.kind === "no-op") return "no-op";
  if (payload.kind === "command") return `command ${payload.command}`;
  const { voters, outgoingVoters, learners } = payload.configuration;
  return `configuration ${JSON.stringify([voters, outgoingVoters, learners])}`;
}

/** Whether two configurations are the same. Their parts are sorted. */
export function sameConfiguration(a: Configuration, b: Configuration): boolean {
  const text = ({ voters, outgoingVoters, learners }: Configuration): string =>
    JSON.stringify([voters, outgoingVoters, learners]);
  return text(a) === text(b);
}

/** Whether two entries agree in term and payload. */
export function sameEntry(a: Entry, b: Entry): boolean {
  return a === b || (a.term === b.term && payloadText(a) === payloadText(b));
}

/** Whether a log's `entry` at some index is the one that was committed there. */
export function isCommittedEntry(entry: Entry | undefined, committed: CommittedEntry): boolean {
  return entry !== undefined && sameEntry(entry, committed.entry);
}

/** The entries of a log that it still holds, first to last. */
export function entriesOf(log: Log): readonly Entry[] {
  return entriesBetween(log, baseIndex(log) + 1, lastIndex(log));
}

/** The entry at `index`, where the log still holds it. */
export function entryAt({ base, entries }: LogSpan, index: LogIndex): Entry | undefined {
  return entries[index - base.lastIndex - 1];
}

/** Whether a log has the entry committed at `index`, or a snapshot that stands for it. */
export function hasCommitted(log: LogSpan, index: LogIndex, first: CommittedEntry): boolean {
  return index <= log.base.lastIndex || isCommittedEntry(entryAt(log, index), first);
}

/** The configuration in force after the first `length` committed entries. */
export function committedConfiguration(
  { founding, committed }: CommittedHistory,
  length: number,
): Configuration {
  for (const { entry } of committed.slice(0, length).reverse()) {
    if (entry.payload.kind === "configuration") return entry.payload.configuration;
  }
  return founding;
}

/**
 * Whether `members` hold a majority of the voters that the last committed configuration leads to:
 * of its new voters where it is joint, for once it is committed it may be left at any time.
 */
export function isMajorityOfCommitted(
  history: CommittedHistory,
  members: readonly ServerId[],
): boolean {
  const { voters } = committedConfiguration(history, history.committed.length);
  return voters.filter((id) => members.includes(id)).length * 2 > voters.length;
}

/** The log of a state. */
export function spanOf({ log, configurations }: State): LogSpan {
  const { index: lastIndex, configuration } = configurationAt(configurations, baseIndex(log));
  return { base: { lastIndex, lastTerm: log.baseTerm, configuration }, entries: entriesOf(log) };
}

/** The entries that a step newly knows to be committed, as far as the log holds them after it. */
export function committedBy({ before, after }: KernelStep): readonly Entry[] {
  const from = Math.max(before.commitIndex, baseIndex(after.log)) + 1;
  return entriesBetween(after.log, from, after.commitIndex);
}

/** What properties over logs see of a server. */
export function logViewOf({ state, durable }: ServerView): LogView {
  const stored: LogSpan = { base: durable.snapshot, entries: durable.entries };
  if (state === null) {
    return { log: stored, stored, commitIndex: stored.base.lastIndex, leadsTerm: null };
  }
  const leadsTerm = state.role.kind === "leader" ? state.currentTerm : null;
  return { log: spanOf(state), stored, commitIndex: state.commitIndex, leadsTerm };
}

/**
 * Whether both logs agree on the entries up to `length`, as far as both still hold them, and
 * neither is shorter.
 */
export function samePrefix(before: Log, after: Log, length: number): boolean {
  if (lastIndex(after) < length) return false;
  const from = Math.max(baseIndex(before), baseIndex(after)) + 1;
  const mine = entriesBetween(before, from, length);
  const theirs = entriesBetween(after, from, length);
  return mine.every((entry, position) => sameEntry(entry, theirs[position] as Entry));
}
