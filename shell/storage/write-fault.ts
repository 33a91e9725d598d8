/** What a write must be for the log to stay a log (L1, L2), checked before the disk is touched. */
import type { PersistEffect } from "../../kernel/index.ts";
import type { Meta } from "./records.ts";

type Stored = Pick<Meta, "currentTerm" | "votedFor" | "snapshot" | "lastIndex" | "lastTerm">;

/** Why `write` cannot follow what is stored; null where it can. */
export function writeFault(stored: Stored, write: PersistEffect): string | null {
  const { entries, lastIndex, lastTerm, currentTerm } = write;
  if (currentTerm < stored.currentTerm) {
    return `the term was to fall from ${stored.currentTerm} to ${currentTerm}`;
  }
  const votedOtherwise = stored.votedFor !== null && write.votedFor !== stored.votedFor;
  if (currentTerm === stored.currentTerm && votedOtherwise) {
    return `the vote of term ${currentTerm} was to change from ${stored.votedFor}`;
  }
  const start = (write.snapshot ?? stored.snapshot).lastIndex;
  if (start < stored.snapshot.lastIndex) {
    return `the log was to begin at ${start}, but does at ${stored.snapshot.lastIndex}`;
  }
  const begin = lastIndex - entries.length;
  if (begin < start) return `the log was to begin at ${start}, but to be replaced from ${begin}`;
  if (begin > stored.lastIndex && begin !== start) {
    return `entries from ${begin + 1} on were to follow ${stored.lastIndex}`;
  }
  for (const [i, { index, term, payload }] of entries.entries()) {
    if (index !== begin + 1 + i) return `entry ${begin + 1 + i} was given as ${index}`;
    if (term > currentTerm) return `entry ${index} is of term ${term}, beyond ${currentTerm}`;
    if (payload.kind === "command" && !payload.command.isWellFormed()) {
      return `the command of entry ${index} has a lone surrogate`;
    }
  }
  const last = entries.at(-1);
  if (last !== undefined && last.term !== lastTerm) {
    return `the last entry is of term ${last.term}, not ${lastTerm}`;
  }
  return null;
}
