/** How entries, logs and messages are written for people: `2:a` is the command a of term 2. */
import type { Configuration, Entry, Message } from "../../kernel/index.ts";
import { messageName } from "../schedule.ts";

/** A count with its noun: 1 action, 2 actions. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${value} ${value === 1 ? one : many}`;
}

/** Logs that are longer show only their end. */
const ENTRIES_SHOWN = 8;

/** An entry: its term, and what it holds unless that is a no-op. */
export function entryText({ term, payload }: Entry): string {
  switch (payload.kind) {
    case "no-op":
      return String(term);
    case "command":
      return `${term}:${payload.command}`;
    case "configuration":
      return `${term}:${configurationText(payload.configuration)}`;
  }
}

function configurationText({ voters, outgoingVoters, learners }: Configuration): string {
  const groups = [voters, outgoingVoters, learners.map((id) => `${id}?`)];
  return `{${groups
    .filter((group) => group.length > 0)
    .map((group) => group.join(" "))
    .join(" | ")}}`;
}

/** Entries in brackets, in order; of many, how many there are and the last of them. */
export function entriesText(entries: readonly Entry[]): string {
  const shown = entries.slice(-ENTRIES_SHOWN).map(entryText).join(" ");
  return entries.length <= ENTRIES_SHOWN ? `[${shown}]` : `[${entries.length}: ... ${shown}]`;
}

/** What a message says, without its kind, sender and receiver. `3/2` is index 3 of term 2. */
export function messageFields(message: Message): string {
  const term = `term ${message.term}`;
  switch (message.kind) {
    case "pre-vote-request":
    case "request-vote-request":
      return `${term}, last ${message.lastLogIndex}/${message.lastLogTerm}`;
    case "pre-vote-response":
    case "request-vote-response":
      return `${message.voteGranted ? "granted" : "refused"}, ${term}`;
    case "append-entries-request": {
      const { prevLogIndex, prevLogTerm, entries, leaderCommit } = message;
      const after = `after ${prevLogIndex}/${prevLogTerm}`;
      return `${term}, ${after}, ${entriesText(entries)}, commit ${leaderCommit}`;
    }
    case "append-entries-accepted":
      return `${term}, match ${message.matchIndex}`;
    case "append-entries-rejected": {
      const { prevLogIndex, conflictIndex, conflictTerm } = message;
      return `${term}, not after ${prevLogIndex}, conflict ${conflictIndex}/${conflictTerm}`;
    }
    case "heartbeat-request":
      return `${term}, commit ${message.leaderCommit}`;
    case "heartbeat-response":
      return term;
  }
}

/** A message's kind, in the words of the schedule syntax, and what it says. */
export function messageText(message: Message): string {
  return `${messageName(message)} ${messageFields(message)}`;
}
