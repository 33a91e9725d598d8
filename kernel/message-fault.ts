/**
 * The check of what arrives: a message that no correct server can send is refused as a whole,
 * with the first thing that is wrong with it. Thesis §3.5 (entries), §4.3 (configurations),
 * Figure 5.3 (snapshots).
 */
import { configurationFault } from "./configuration.ts";
import type { Message } from "./messages.ts";

type Fields = Readonly<Record<string, unknown>>;

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isName(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function payloadFault(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return "a malformed payload";
  const { kind, command, configuration } = value as Fields;
  if (kind === "no-op") return null;
  if (kind === "command") return typeof command === "string" ? null : "a malformed payload";
  if (kind !== "configuration") return "a malformed payload";
  const fault = configurationFault(configuration);
  return fault === null ? null : `a malformed configuration: ${fault}`;
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
    const fault = payloadFault(entry["payload"]);
    if (fault !== null) return `entry ${index + 1} has ${fault}`;
    index += 1;
    previousTerm = entryTerm;
  }
  return null;
}

/** The snapshot of an index that its leader committed, in a term up to the leader's own. */
function snapshotFault({ term, snapshot }: Fields): string | null {
  if (typeof snapshot !== "object" || snapshot === null) return "snapshot is not a record";
  const { lastIndex, lastTerm, configuration } = snapshot as Fields;
  if (!isCount(lastIndex) || lastIndex === 0) return "the snapshot's lastIndex is not a position";
  if (!isCount(lastTerm) || lastTerm === 0 || lastTerm > (term as number)) {
    return "the snapshot has an impossible term";
  }
  const fault = configurationFault(configuration);
  return fault === null ? null : `the snapshot has a malformed configuration: ${fault}`;
}

function contextFault({ context }: Fields): string | null {
  if (!Array.isArray(context)) return "context is not a list";
  const isRead = (value: unknown): boolean => {
    if (typeof value !== "object" || value === null) return false;
    const { origin, read } = value as Fields;
    return isName(origin) && typeof read === "string";
  };
  return context.every(isRead) ? null : "context names no read";
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
  "install-snapshot-request": [],
  "timeout-now-request": [],
  "read-index-request": [],
  "read-index-response": ["index"],
};

/** What is wrong with `value` as a message, or null. Never throws on plain data of any shape. */
export function messageFault(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return "not a record";
  const message = value as Fields;
  const kind = message["kind"];
  if (typeof kind !== "string" || !Object.hasOwn(COUNTS, kind)) return "unknown kind";
  if (!isName(message["from"])) return "from is not a name";
  if (!isName(message["to"])) return "to is not a name";
  if (!isCount(message["term"])) return "term is not a count";
  for (const field of COUNTS[kind as Message["kind"]]) {
    if (!isCount(message[field])) return `${field} is not a count`;
  }
  return contentsFault(kind as Message["kind"], message);
}

/** What is wrong with the fields that only this kind has and that are no counts. */
function contentsFault(kind: Message["kind"], message: Fields): string | null {
  switch (kind) {
    case "pre-vote-response":
    case "request-vote-response":
      return typeof message["voteGranted"] === "boolean" ? null : "voteGranted is not a boolean";
    case "request-vote-request":
      return typeof message["leadershipTransfer"] === "boolean"
        ? null
        : "leadershipTransfer is not a boolean";
    case "append-entries-request":
      return entriesFault(message);
    case "heartbeat-request":
    case "heartbeat-response":
      return contextFault(message);
    case "install-snapshot-request":
      return snapshotFault(message);
    case "read-index-request":
    case "read-index-response":
      return typeof message["read"] === "string" ? null : "read is not a name";
    default:
      return null;
  }
}
