/**
 * What a leader takes of its clients and sends to its peers, and that every AppendEntries is
 * answered. Thesis §3.5, §10.2.
 */
import { type Entry, lastIndex } from "../kernel/index.ts";
import { entryAt, spanOf } from "./logs.ts";
import type { Always } from "./property.ts";
import { serverInvariant } from "./state-invariants.ts";
import { invariant, isIgnored, isRefused, received, sends } from "./steps.ts";

function charsOf(entries: readonly Entry[]): number {
  return entries.reduce(
    (sum, { payload }) => sum + (payload.kind === "command" ? payload.command.length : 0),
    0,
  );
}

export const flowInvariants: readonly Always[] = [
  invariant(
    "Proposals Are Taken Within Limits",
    "A leader that does not hand over takes a command exactly where its length and what is " +
      "uncommitted allow it (§10.2).",
    ({ event, config, before, after }) => {
      if (event.kind !== "propose" || before.role.kind !== "leader") return true;
      if (before.role.transferTo !== null) return true;
      const { entries } = spanOf(before);
      const waiting = charsOf(entries.filter(({ index }) => index > before.commitIndex));
      const { length } = event.command;
      const fits = waiting === 0 || waiting + length <= config.maxUncommittedChars;
      const isTaken = lastIndex(after.log) === lastIndex(before.log) + 1;
      return isTaken === (fits && length <= config.maxCommandChars);
    },
  ),
  invariant(
    "Messages Keep Their Limits",
    "An AppendEntries has no more entries than allowed, and no more characters unless it is one " +
      "entry (§10.2).",
    (step) =>
      sends(step).every(({ message }) => {
        if (message.kind !== "append-entries-request") return true;
        const { entries } = message;
        const { maxEntriesPerMessage, maxCharsPerMessage } = step.config;
        if (entries.length > maxEntriesPerMessage) return false;
        return entries.length <= 1 || charsOf(entries) <= maxCharsPerMessage;
      }),
  ),
  invariant(
    "Every AppendEntries Is Answered",
    "A follower accepts what follows an entry of its log, repeated or not, and rejects anything " +
      "else; never neither (§3.5).",
    (step) => {
      const message = received(step);
      if (message?.kind !== "append-entries-request") return true;
      if (isIgnored(step, "stale-term") || isRefused(step)) return true;
      const [answer, ...more] = sends(step).map((effect) => effect.message);
      if (answer === undefined || more.length > 0 || answer.to !== message.from) return false;
      const { prevLogIndex, prevLogTerm, entries } = message;
      const log = spanOf(step.before);
      const { lastIndex: start, lastTerm } = log.base;
      const previous = prevLogIndex === start ? lastTerm : entryAt(log, prevLogIndex)?.term;
      if (prevLogIndex >= start && previous !== prevLogTerm) {
        return answer.kind === "append-entries-rejected" && answer.prevLogIndex === prevLogIndex;
      }
      return (
        answer.kind === "append-entries-accepted" &&
        answer.matchIndex === prevLogIndex + entries.length
      );
    },
  ),
  serverInvariant(
    "The Window Is Kept",
    "What is in flight to a peer was below its limit of characters before the last (§10.2).",
    ({ state, config }) =>
      state === null ||
      state.role.kind !== "leader" ||
      state.role.progress.every(({ inFlight }) => {
        const before = inFlight.slice(0, -1).reduce((sum, { chars }) => sum + chars, 0);
        return inFlight.length <= 1 || before < config.maxCharsInFlight;
      }),
  ),
];
