/**
 * What a run must reach to be worth anything: a model in which nothing happens satisfies every
 * invariant. Each names what a run must allow before this can be demanded of it. TLA+: the
 * `Debug...` properties of `tla/Raft.tla`.
 */
import {
  baseIndex,
  type Effect,
  type Entry,
  hasEntry,
  lastIndex,
  lastTerm,
  termAt,
} from "../kernel/index.ts";
import { committedBy, entriesOf } from "./logs.ts";
import type { KernelStep, Needs, ServerView, Sometimes } from "./property.ts";
import { flowSometimes } from "./sometimes-flow.ts";
import { membershipSometimes } from "./sometimes-membership.ts";
import { sometimesReads } from "./sometimes-reads.ts";
import { sessionsSometimes } from "./sometimes-sessions.ts";
import { snapshotsSometimes } from "./sometimes-snapshots.ts";
import { isIgnored, received, sends, sometimesStep } from "./steps.ts";

function crash(name: string, rule: string, reached: (server: ServerView) => boolean): Sometimes {
  const needs: Needs = { crashes: 1, asynchronousStorage: true };
  return { kind: "sometimes", name, rule, needs, over: "crash", reached };
}

function becomes({ before, after }: KernelStep, kind: string): boolean {
  return before.role.kind !== kind && after.role.kind === kind;
}

function commits({ before, after }: KernelStep): boolean {
  return after.commitIndex > before.commitIndex;
}

function leads({ after }: KernelStep): boolean {
  return after.role.kind === "leader";
}

function isPersist(effect: Effect): boolean {
  return effect.kind === "persist";
}

/** One log must grow while another does not. */
const longer: Needs = { terms: 2, messages: 3 };

export const sometimes: readonly Sometimes[] = [
  sometimesStep("leader elected", "A candidate wins an election.", { terms: 1 }, (s) =>
    becomes(s, "leader"),
  ),
  sometimesStep(
    "vote split",
    "A candidate times out without a leader.",
    { terms: 2, messages: 4 },
    (s) => {
      return s.before.role.kind === "candidate" && s.event.kind === "election-timeout";
    },
  ),
  sometimesStep("entry committed", "A leader commits an entry of its term.", { terms: 1 }, (s) => {
    return leads(s) && commits(s);
  }),
  sometimesStep(
    "command committed",
    "A follower commits a client's command.",
    { proposals: 1 },
    (s) => {
      if (leads(s) || !commits(s)) return false;
      return committedBy(s).some(({ payload }) => payload.kind === "command");
    },
  ),
  sometimesStep(
    "previous-term entry committed indirectly",
    "A leader commits an entry of an earlier term by committing one of its own (§3.6.2).",
    { terms: 2, log: 2 },
    (s) =>
      leads(s) && commits(s) && termAt(s.after.log, s.before.commitIndex + 1) < s.after.currentTerm,
  ),
  sometimesStep(
    "conflicting suffix truncated",
    "A follower deletes an entry that conflicts with the leader's (§3.5).",
    { terms: 2, log: 2, messages: 4 },
    ({ before, after }) => {
      const isKept = (entry: Entry): boolean => hasEntry(after.log, entry.index, entry.term);
      return entriesOf(before.log).some(
        (entry) => entry.index > baseIndex(after.log) && !isKept(entry),
      );
    },
  ),
  sometimesStep(
    "consistency check failed",
    "A follower rejects AppendEntries (§3.5).",
    longer,
    (s) => sends(s).some(({ message }) => message.kind === "append-entries-rejected"),
  ),
  sometimesStep(
    "leader backtracked",
    "A leader lowers nextIndex after a rejection (§3.5).",
    longer,
    (s) => received(s)?.kind === "append-entries-rejected" && leads(s) && !isIgnored(s),
  ),
  sometimesStep("vote refused", "A candidate's log is not up-to-date (§3.6.1).", longer, (s) => {
    const request = received(s);
    if (request?.kind !== "request-vote-request" || s.after.votedFor !== null) return false;
    return request.lastLogTerm < lastTerm(s.before.log);
  }),
  sometimesStep(
    "stale term answered",
    "A message of an earlier term is ignored.",
    { terms: 2 },
    (s) => isIgnored(s, "stale-term"),
  ),
  sometimesStep(
    "candidate steps down",
    "A candidate finds its term's leader (§3.4).",
    { terms: 2, messages: 3 },
    (s) => {
      const { before, after } = s;
      return before.role.kind === "candidate" && after.leaderId !== null && !leads(s);
    },
  ),
  sometimesStep("leader deposed", "A leader learns of a higher term (§3.3).", { terms: 2 }, (s) => {
    const { before, after } = s;
    return before.role.kind === "leader" && after.currentTerm > before.currentTerm;
  }),
  sometimesStep("pre-vote refused", "A pre-vote is refused (§9.6).", { preVote: true }, (s) =>
    sends(s).some(({ message: m }) => m.kind === "pre-vote-response" && !m.voteGranted),
  ),
  sometimesStep(
    "pre-vote won",
    "A quorum of pre-votes starts an election (§9.6).",
    { preVote: true },
    (s) => received(s)?.kind === "pre-vote-response" && s.after.role.kind === "candidate",
  ),
  sometimesStep(
    "disruption ignored",
    "A vote is not even considered while a leader is heard (§4.2.3).",
    { checkQuorum: true, terms: 2 },
    (s) => isIgnored(s, "leader-contact"),
  ),
  sometimesStep(
    "leader steps down by CheckQuorum",
    "A leader that hears no quorum gives up (§6.2).",
    { checkQuorum: true },
    (s) =>
      s.event.kind === "election-timeout" &&
      s.before.role.kind === "leader" &&
      s.after.role.kind === "follower",
  ),
  sometimesStep(
    "leader keeps its quorum",
    "A leader that hears a quorum stays (§6.2).",
    { checkQuorum: true },
    (s) => s.event.kind === "election-timeout" && leads(s) && !isIgnored(s),
  ),
  sometimesStep(
    "leader commits ahead of its own disk",
    "A quorum of others commits an entry that the leader has not yet stored (§10.2.1).",
    { asynchronousStorage: true },
    (s) =>
      s.after.role.kind === "leader" &&
      commits(s) &&
      s.after.role.durableIndex < s.after.commitIndex,
  ),
  sometimesStep(
    "stale write completes",
    "A write of an earlier term completes and counts for nothing (§10.2.1).",
    { asynchronousStorage: true, terms: 2 },
    (s) =>
      s.event.kind === "persisted" &&
      s.event.currentTerm < s.before.currentTerm &&
      !s.effects.some(isPersist),
  ),
  {
    kind: "sometimes",
    name: "recovered with a log",
    rule: "A server restarts and finds entries (§3.8).",
    needs: { crashes: 1 },
    over: "restart",
    reached: ({ durable }) => durable.entries.length > 0,
  },
  crash(
    "unstored entry lost",
    "A crash takes an entry that was not yet durable (§10.2.1).",
    ({ state, durable }) =>
      state !== null && lastIndex(state.log) > durable.snapshot.lastIndex + durable.entries.length,
  ),
  crash(
    "unstored vote lost",
    "A crash takes a vote that was not yet durable, and so was never told (§3.8).",
    ({ state, durable }) =>
      state !== null && state.votedFor !== null && durable.currentTerm < state.currentTerm,
  ),
  ...sessionsSometimes,
  ...snapshotsSometimes,
  ...flowSometimes,
  ...sometimesReads,
  ...membershipSometimes,
];
