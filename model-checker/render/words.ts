/** How entries, logs and messages are written for people: `2:a` is the command a of term 2. */
import type { Configuration, Entry, Message, ReadName, Snapshot } from "../../kernel/index.ts";
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

/** What a snapshot stands for: `2/1 {n1 n2 n3}` up to the entry 2 of term 1. */
export function snapshotText({ lastIndex, lastTerm, configuration }: Snapshot): string {
  return `snapshot ${lastIndex}/${lastTerm} ${configurationText(configuration)}`;
}

function contextText({ context }: { readonly context: readonly ReadName[] }): string {
  const names = context.map(({ origin, read }) => `${read} of ${origin}`);
  return names.length === 0 ? "" : `, for ${names.join(" and ")}`;
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
      return `${term}, last ${message.lastLogIndex}/${message.lastLogTerm}`;
    case "request-vote-request": {
      const wish = message.leadershipTransfer ? ", at the leader's wish" : "";
      return `${term}, last ${message.lastLogIndex}/${message.lastLogTerm}${wish}`;
    }
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
      return `${term}, commit ${message.leaderCommit}${contextText(message)}`;
    case "heartbeat-response":
      return `${term}${contextText(message)}`;
    case "install-snapshot-request":
      return `${term}, ${snapshotText(message.snapshot)}`;
    case "timeout-now-request":
      return term;
    case "read-index-request":
      return `${term}, ${message.read}`;
    case "read-index-response":
      return `${term}, ${message.read} at ${message.index}`;
  }
}

/** A message's kind, in the words of the schedule syntax, and what it says. */
export function messageText(message: Message): string {
  return `${messageName(message)} ${messageFields(message)}`;
}
