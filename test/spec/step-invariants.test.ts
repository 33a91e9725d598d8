/** Every step invariant holds of steps that the kernel takes, and can fail. */
import { describe, expect, it } from "vitest";
import type { Event, Message, State } from "../../kernel/index.ts";
import type { KernelStep } from "../../spec/property.ts";
import { stepInvariants } from "../../spec/step-invariants.ts";
import {
  acknowledgedBy,
  candidateOf,
  electionTimeout,
  heartbeatTimeout,
  leaderOf,
  leaderRoleOf,
  message,
  minimumElectionTimeout,
  oneOfEach,
  propose,
  server,
} from "../kernel/build.ts";
import { quietly, receiptOf, sending, spoilt, stepOf } from "./build.ts";

const follower = server({ log: [1, 2], leaderId: "n2", leaderContact: true });
const alone = server({ log: [1, 2] });
const leader = leaderOf(3, { log: [1, 2] });
const ready = acknowledgedBy(leader, ["n2", "n3"]);
const handingOver = stepOf(ready, { kind: "transfer-leadership", to: "n2" }).after;
const longer = leaderOf(3, { log: [1, 2, 2, 2] });
const change = { kind: "propose-configuration", voters: ["n1"], learners: [] } as const;
const preCandidate = stepOf(alone, electionTimeout).after;
const states = [
  server(),
  follower,
  alone,
  leader,
  ready,
  handingOver,
  candidateOf(3),
  preCandidate,
];
const events: readonly Event[] = [
  electionTimeout,
  heartbeatTimeout,
  minimumElectionTimeout,
  propose("x"),
  change,
  { kind: "read", read: "r1" },
  { kind: "transfer-leadership", to: "n2" },
  { kind: "campaign" },
  { kind: "snapshot-taken", lastIndex: 2 },
  { kind: "peer-unreachable", peer: "n2" },
  { kind: "lease-timeout" },
];

/** What the kernel does in these states with messages of several terms, and with its timers. */
const good: readonly KernelStep[] = states.flatMap((state) =>
  [{}, { preVote: false, checkQuorum: false }].flatMap((options) => [
    ...events.map((event) => stepOf(state, event, options)),
    ...oneOfEach.flatMap((it) =>
      [0, 1, 2, 3, 9].map((term) => receiptOf(state, { ...it, term } as Message, options)),
    ),
  ]),
);

const request = message("request-vote-request", { term: 9, lastLogIndex: 9, lastLogTerm: 8 });
const poll = message("pre-vote-request", { term: 9, lastLogIndex: 9, lastLogTerm: 8 });
const yes = { from: "n1", to: "n2", term: 9, voteGranted: true } as const;
const vote = sending({ kind: "request-vote-response", ...yes });
const preVote = sending({ kind: "pre-vote-response", ...yes });
const append = message("append-entries-request", { term: 2, prevLogIndex: 2, prevLogTerm: 2 });

function leading(change: Partial<ReturnType<typeof leaderRoleOf>["progress"][number]>): State {
  const role = leaderRoleOf(leader);
  const progress = role.progress.map((peer) => ({ ...peer, ...change }));
  return { ...leader, role: { ...role, progress } };
}

const rejection = message("append-entries-rejected", {
  term: leader.currentTerm,
  prevLogIndex: 1,
  conflictIndex: 1,
});

/** Of entry 1, while the leader's first message asked about entry 2. */
const stale = { ...rejection, prevLogIndex: 1 };

const bad: readonly (readonly [string, KernelStep])[] = [
  ["Applies What It Commits", quietly(alone, { commitIndex: 1 })],
  ["A Stale Rejection Changes Nothing", spoilt(receiptOf(leader, stale), {}, [sending(append)])],
  [
    "A Stale Rejection Changes Nothing",
    spoilt(receiptOf(leader, stale), leading({ nextIndex: 4 })),
  ],
  ["Monotonic Term", quietly(follower, { currentTerm: 1 })],
  ["Monotonic Commit", quietly({ ...follower, commitIndex: 2 }, { commitIndex: 1 })],
  [
    "Monotonic Commit",
    quietly({ ...follower, commitIndex: 2 }, { log: server({ log: [1, 1] }).log }),
  ],
  ["One Vote Per Term", quietly({ ...alone, votedFor: "n2" }, { votedFor: "n3" })],
  ["One Vote Per Term", quietly({ ...alone, votedFor: "n2" }, { votedFor: null })],
  ["Higher Terms Are Adopted", spoilt(receiptOf(alone, request), { currentTerm: 2 })],
  ["Changes Are Persisted First", quietly(alone, { votedFor: "n2" })],
  ["Changes Are Persisted First", quietly(alone, { log: server({ log: [1, 1] }).log })],
  [
    "Changes Are Persisted First",
    spoilt(receiptOf(alone, request), {}, [...receiptOf(alone, request).effects].reverse()),
  ],
  ["Promises Wait For The Disk", spoilt(receiptOf(alone, request), {}, [{ ...vote, early: true }])],
  ["Pre-Vote Promises Nothing", spoilt(receiptOf(alone, poll), { votedFor: "n2" })],
  [
    "Pre-Vote Promises Nothing",
    spoilt(receiptOf(alone, poll), {}, [{ kind: "reset-timer", timer: "election" }]),
  ],
  ["No Pre-Vote Under A Leader", spoilt(receiptOf(follower, poll), {}, [preVote])],
  ["No Vote Under A Leader", spoilt(receiptOf(follower, request), {}, [vote])],
  [
    "Pre-Vote Grants Can Be Counted",
    spoilt(receiptOf(alone, poll), {}, [sending({ ...preVote.message, term: 2 } as Message)]),
  ],
  [
    "Votes Follow The Election Restriction",
    spoilt(receiptOf(alone, { ...request, lastLogTerm: 1 }), {}, [vote]),
  ],
  [
    "Votes Follow The Election Restriction",
    spoilt(receiptOf(alone, { ...request, lastLogTerm: 2, lastLogIndex: 1 }), {}, [vote]),
  ],
  ["Votes Follow The Election Restriction", spoilt(receiptOf(alone, request), {}, [])],
  [
    "A Campaign Starts Without A Leader",
    spoilt(stepOf(follower, electionTimeout), { leaderContact: true }),
  ],
  [
    "A Campaign Starts With No Votes",
    spoilt(stepOf(alone, electionTimeout), {
      role: { kind: "pre-candidate", votesGranted: ["n1", "n2"] },
    }),
  ],
  [
    "A Campaign Starts With No Votes",
    spoilt(stepOf(alone, electionTimeout), { role: { kind: "candidate", votesGranted: ["n2"] } }),
  ],
  [
    "Elections Start By Timeout Or Pre-Vote",
    quietly(alone, { currentTerm: 3, role: { kind: "candidate", votesGranted: [] } }),
  ],
  [
    "No Proposal While Handing Over",
    spoilt(stepOf(handingOver, propose("x")), { log: longer.log }),
  ],
  [
    "Only A Full Log Takes Over",
    spoilt(stepOf(leader, heartbeatTimeout), {}, [
      sending(message("timeout-now-request", { from: "n1", to: "n2" })),
    ]),
  ],
  ["Changes Start In A Committed Term", spoilt(stepOf(leader, change), { log: longer.log })],
  [
    "Reads Wait For A Commit In The Term",
    spoilt(stepOf(leader, { kind: "read", read: "r1" }), {}, [
      { kind: "read-ready", read: "r1", index: 0 },
    ]),
  ],
  [
    "Every Read Is Answered Or Rejected",
    spoilt(stepOf(leader, { kind: "read", read: "r1" }), { role: leader.role }),
  ],
  ["A Current Leader Is Followed", spoilt(receiptOf(alone, append), { leaderId: null })],
  ["Only A Rejection Moves Back", quietly(leading({ matchIndex: 1 }), leading({}))],
  ["Only A Rejection Moves Back", quietly(leader, leading({ nextIndex: 1 }))],
  ["Only A Rejection Moves Back", spoilt(receiptOf(leader, rejection), leading({ nextIndex: 1 }))],
  [
    "A Rejection Skips A Conflicting Term",
    spoilt(receiptOf(alone, append), {}, [
      sending({ ...rejection, from: "n1", to: "n2", prevLogIndex: 5, conflictIndex: 5 }),
    ]),
  ],
  [
    "A Rejection Skips A Conflicting Term",
    spoilt(receiptOf(alone, append), {}, [
      sending({ ...rejection, from: "n1", to: "n2", prevLogIndex: 1, conflictIndex: 2 }),
    ]),
  ],
];

function violatedBy(step: KernelStep): readonly string[] {
  const broken = stepInvariants.filter((it) => it.over === "step" && !it.holds(step));
  return broken.map(({ name }) => name);
}

describe("step invariants", () => {
  it("all hold of what the kernel does", () => {
    expect(good.length).toBeGreaterThan(500);
    for (const step of good) expect(violatedBy(step), JSON.stringify(step.event)).toEqual([]);
  });

  it.each(bad)("%s can fail", (name, step) => {
    expect(violatedBy(step)).toContain(name);
  });

  it("can each fail", () => {
    const shown = new Set(bad.map(([name]) => name));
    expect(stepInvariants.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });
});
