/** Every invariant of messages holds of what correct servers send each other, and can fail. */
import { describe, expect, it } from "vitest";
import { type State, step } from "../../kernel/index.ts";
import { messageInvariants } from "../../spec/message-invariants.ts";
import type { KernelStep } from "../../spec/property.ts";
import {
  acknowledgedBy,
  cluster,
  electionTimeout,
  entries,
  leaderOf,
  leaderRoleOf,
  message,
  server,
} from "../kernel/build.ts";
import { receiptOf, sending, spoilt, stepOf } from "./build.ts";

const follower = server({ log: [1, 2], leaderId: "n2", leaderContact: true });
const leader = acknowledgedBy(leaderOf(3, { log: [1, 2] }), ["n2", "n3"]);
const term = leader.currentTerm;

const append = message("append-entries-request", {
  term: 2,
  prevLogIndex: 2,
  prevLogTerm: 2,
  entries: entries([2], 3),
  leaderCommit: 9,
});
const question = message("append-entries-request", {
  term: 2,
  prevLogIndex: 1,
  prevLogTerm: 1,
  leaderCommit: 2,
});
const heartbeat = message("heartbeat-request", { term: 2, leaderCommit: 1 });
const snapshot = message("install-snapshot-request", {
  term: 2,
  snapshot: { lastIndex: 5, lastTerm: 2, configuration: cluster(3) },
});
const known = message("install-snapshot-request", {
  term: 2,
  snapshot: { lastIndex: 1, lastTerm: 1, configuration: cluster(3) },
});

const good: readonly (readonly [string, KernelStep])[] = [
  ["an append", receiptOf(follower, append)],
  ["a question", receiptOf(follower, question)],
  ["a heartbeat", receiptOf(follower, heartbeat)],
  ["a snapshot", receiptOf(follower, snapshot)],
  ["a snapshot of what is committed", receiptOf({ ...follower, commitIndex: 2 }, known)],
  ["a rejection", receiptOf(follower, { ...append, prevLogIndex: 9, entries: [] })],
  ["an acknowledgement", receiptOf(leader, message("append-entries-accepted", { term }))],
  ["a quorum check", stepOf(leader, electionTimeout)],
  ["a quorum check that is off", stepOf(leader, electionTimeout, { checkQuorum: false })],
];

function acknowledging(matchIndex: number): readonly KernelStep["effects"][number][] {
  return [sending(message("append-entries-accepted", { from: "n1", to: "n2", matchIndex }))];
}

function stillHeard(state: State): Partial<State> {
  const role = leaderRoleOf(state);
  return { role: { ...role, progress: role.progress.map((peer) => ({ ...peer, active: true })) } };
}

const beyond = message("heartbeat-request", { term: 2, leaderCommit: 9 });
const usurper = message("heartbeat-request", { term });
const forged = message("append-entries-accepted", { term, matchIndex: 99 });
const overwriting = { ...append, prevLogIndex: 1, prevLogTerm: 1, entries: entries([2], 2) };
const committed = server({ log: [1, 1], currentTerm: 2, commitIndex: 2 });

const bad: readonly (readonly [string, string, KernelStep])[] = [
  ["Nothing Impossible Arrives", "a commit of what was never sent", receiptOf(follower, beyond)],
  ["Nothing Impossible Arrives", "a second leader", receiptOf(leader, usurper)],
  ["Nothing Impossible Arrives", "a forged acknowledgement", receiptOf(leader, forged)],
  [
    "Nothing Impossible Arrives",
    "a message of another",
    receiptOf(leader, { ...forged, to: "n3" }),
  ],
  ["Nothing Impossible Arrives", "no message", receiptOf(leader, { ...forged, matchIndex: -1 })],
  ["Nothing Impossible Arrives", "other entries", receiptOf(committed, overwriting)],
  [
    "A Follower Commits What Its Leader Vouched For",
    "the end of its own log",
    spoilt(receiptOf(follower, question), { commitIndex: 2 }),
  ],
  [
    "A Follower Commits What Its Leader Vouched For",
    "more than a heartbeat says",
    spoilt(receiptOf(follower, heartbeat), { commitIndex: 2 }),
  ],
  [
    "A Follower Commits What Its Leader Vouched For",
    "more than the snapshot",
    spoilt(receiptOf(follower, snapshot), { commitIndex: 6 }),
  ],
  [
    "A Follower Commits What Its Leader Vouched For",
    "by itself",
    spoilt(stepOf(follower, electionTimeout), { commitIndex: 1 }),
  ],
  [
    "An Acknowledgement Vouches For Its Message",
    "the end of its own log",
    spoilt(receiptOf(follower, question), {}, acknowledging(2)),
  ],
  [
    "An Acknowledgement Vouches For Its Message",
    "more than the snapshot",
    spoilt(receiptOf(follower, snapshot), {}, acknowledging(6)),
  ],
  [
    "An Acknowledgement Vouches For Its Message",
    "unasked",
    spoilt(receiptOf(follower, heartbeat), {}, acknowledging(0)),
  ],
  [
    "A Quorum Check Counts Anew",
    "a peer that was heard before",
    spoilt(stepOf(leader, electionTimeout), stillHeard(leader)),
  ],
];

function violatedBy(it: KernelStep): readonly string[] {
  const broken = messageInvariants.filter((rule) => rule.over === "step" && !rule.holds(it));
  return broken.map(({ name }) => name);
}

describe("invariants of messages", () => {
  it.each(good)("all hold of %s", (_, it) => {
    expect(violatedBy(it)).toEqual([]);
    expect(step(it.config, it.before, it.event).state).toEqual(it.after);
  });

  it.each(bad)("%s can fail: %s", (name, _, it) => {
    expect(violatedBy(it)).toContain(name);
  });

  it("can each fail", () => {
    const shown = new Set(bad.map(([name]) => name));
    expect(messageInvariants.map(({ name }) => name).filter((it) => !shown.has(it))).toEqual([]);
  });
});
