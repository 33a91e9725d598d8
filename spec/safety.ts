/**
 * The five safety properties of Raft, by the names and in the words of the thesis, Figure 3.2.
 * TLA+: ElectionSafetyInv, LeaderAppendOnlyProp, LogMatchingInv, LeaderCompletenessInv,
 * StateMachineSafetyInv.
 */
import { lastIndex } from "../kernel/index.ts";
import { entryAt, hasCommitted, isCommittedEntry, sameEntry, samePrefix } from "./logs.ts";
import type { Always } from "./property.ts";

export const electionSafety: Always = {
  kind: "always",
  name: "Election Safety",
  rule: "At most one leader can be elected in a given term (thesis §3.4).",
  over: "history",
  holds: (history) => history.leaders.every((elected) => elected.length <= 1),
};

export const leaderAppendOnly: Always = {
  kind: "always",
  name: "Leader Append-Only",
  rule: "A leader never overwrites or deletes entries in its log; it only appends (thesis §3.5).",
  over: "step",
  holds: ({ before, after }) =>
    before.role.kind !== "leader" ||
    after.role.kind !== "leader" ||
    before.currentTerm !== after.currentTerm ||
    samePrefix(before.log, after.log, lastIndex(before.log)),
};

export const logMatching: Always = {
  kind: "always",
  name: "Log Matching",
  rule:
    "If two logs contain an entry with the same index and term, then the logs are identical in " +
    "all entries up through the given index (thesis §3.5).",
  over: "pair",
  holds: (mine, theirs) => {
    const shared = mine.entries.findLastIndex(
      ({ index, term }) => entryAt(theirs, index)?.term === term,
    );
    return mine.entries.slice(0, shared + 1).every((entry) => {
      if (entry.index <= theirs.base.lastIndex) return true;
      const other = entryAt(theirs, entry.index);
      return other !== undefined && sameEntry(entry, other);
    });
  },
};

/**
 * Keyed on the term in which an entry was *committed*. Keyed on the term in which it was
 * created it is false in correct Raft: an entry of term 2 may be committed by a leader of term
 * 4, while a stale leader of term 3 lacks it.
 */
export const leaderCompleteness: Always = {
  kind: "always",
  name: "Leader Completeness",
  rule:
    "If a log entry is committed in a given term, then that entry will be present in the logs of " +
    "the leaders for all higher-numbered terms (thesis §3.6.3).",
  over: "server-history",
  holds: ({ log, leadsTerm }, { committed }) =>
    leadsTerm === null ||
    committed.every(
      (first, i) => first.committedInTerm >= leadsTerm || hasCommitted(log, i + 1, first),
    ),
};

/** Over what servers know to be committed, which is all that they may ever apply. */
export const stateMachineSafety: Always = {
  kind: "always",
  name: "State Machine Safety",
  rule:
    "If a server has applied a log entry at a given index to its state machine, no other server " +
    "will ever apply a different log entry for the same index (thesis §3.6.3).",
  over: "server-history",
  holds: ({ log, commitIndex }, { committed }) =>
    log.entries.every((entry) => {
      const first = committed[entry.index - 1];
      if (entry.index > commitIndex) return true;
      return first !== undefined && isCommittedEntry(entry, first);
    }),
};
