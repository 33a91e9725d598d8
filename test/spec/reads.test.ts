/** What is demanded of reads holds of what the kernel does, and can fail. */
import { describe, expect, it } from "vitest";
import type { Effect, Event, State } from "../../kernel/index.ts";
import { defaultBounds } from "../../model-checker/bounds.ts";
import { initialEnvironment, type Observation, record } from "../../model-checker/environment.ts";
import type { KernelStep, ServerView } from "../../spec/index.ts";
import { readsAreLinearizable } from "../../spec/reads.ts";
import { readsInvariants } from "../../spec/reads-invariants.ts";
import {
  acknowledgedBy,
  after,
  arrival,
  electionTimeout,
  leaderOf,
  leaderRoleOf,
  message,
  noOp,
  oneOfEach,
  server,
} from "../kernel/build.ts";
import { receiptOf, spoilt, stepOf, viewOf } from "./build.ts";

const leases = { leaseReads: true };
const read: Event = { kind: "read", read: "r1" };
const second: Event = { kind: "read", read: "r2" };
const leaseTimeout: Event = { kind: "lease-timeout" };
const confirmation = message("heartbeat-response", { context: [{ origin: "n1", read: "r1" }] });
const change: Event = { kind: "propose-configuration", voters: ["n1"], learners: [] };

const leader = acknowledgedBy(leaderOf(3), ["n2", "n3"]);
const running = after(leader, [read], leases);
const leased = after(running, [arrival(confirmation)], leases);
const forwarded = after(leader, [arrival(message("read-index-request"))], leases);
const follower = server({ leaderId: "n2", currentTerm: 1 });
const asking = after(follower, [read]);

const transfer: Event = { kind: "transfer-leadership", to: "n2" };
const told = after(leader, [transfer], leases);
const states = [leader, running, leased, forwarded, follower, asking, leaderOf(3), server()];
const events: readonly Event[] = [
  read,
  second,
  leaseTimeout,
  change,
  electionTimeout,
  transfer,
  arrival(confirmation),
  ...oneOfEach.map(arrival),
];
const good = states.flatMap((state) =>
  events.flatMap((event) => [stepOf(state, event), stepOf(state, event, leases)]),
);

function withReads(state: State, reads: Partial<ReturnType<typeof leaderRoleOf>["reads"]>): State {
  const role = leaderRoleOf(state);
  return { ...state, role: { ...role, reads: { ...role.reads, ...reads } } };
}

const answer: Effect = { kind: "read-ready", read: "r1", index: 1 };
const answerToOther: Effect = {
  kind: "send",
  early: true,
  message: message("read-index-response", { from: "n1", to: "n2", read: "r1" }),
};
const begun = stepOf(leader, read, leases);
const changed = stepOf(leased, change, leases);
const badSteps: readonly (readonly [string, KernelStep])[] = [
  ["Reads Are Confirmed By A Quorum", spoilt(stepOf(leader, read), {}, [answer])],
  ["Reads Are Confirmed By A Quorum", spoilt(stepOf(running, electionTimeout), {}, [answer])],
  ["Reads Are Confirmed By A Quorum", spoilt(stepOf(forwarded, read), {}, [answerToOther])],
  [
    "Reads Are Confirmed By A Quorum",
    spoilt(receiptOf(running, message("heartbeat-response")), {}, [answer]),
  ],
  [
    "Reads Are Confirmed By A Quorum",
    spoilt(receiptOf(running, { ...confirmation, from: "n9" }), {}, [answer]),
  ],
  [
    "Reads Are Confirmed By A Quorum",
    spoilt(receiptOf(running, { ...confirmation, term: 0 }), {}, [answer]),
  ],
  [
    "A Lease Starts With Its Round",
    { ...begun, effects: begun.effects.filter(({ kind }) => kind !== "reset-timer") },
  ],
  [
    "A Lease Starts With Its Round",
    spoilt(stepOf(leader, electionTimeout, leases), { role: leased.role }),
  ],
  ["A Lease Ends In Time", spoilt(stepOf(leased, leaseTimeout, leases), { role: leased.role })],
  ["A Lease Ends In Time", spoilt(stepOf(running, leaseTimeout, leases), { role: running.role })],
  ["A Lease Ends In Time", spoilt(changed, withReads(changed.after, { lease: true }))],
  [
    "A Told Target Costs The Term's Leases",
    spoilt(stepOf(leader, transfer, leases), { role: { ...leaderRoleOf(told), yielded: false } }),
  ],
  [
    "A Told Target Costs The Term's Leases",
    spoilt(stepOf(told, electionTimeout, leases), { role: leader.role }),
  ],
  ["A Read Is Taken To The Leader", spoilt(stepOf(follower, read), {}, [])],
  [
    "A Read Is Taken To The Leader",
    spoilt(receiptOf(asking, message("heartbeat-request")), {}, []),
  ],
];

const round = leaderRoleOf(forwarded).reads.round;
const own = { origin: "n1", read: "r2" };
const badViews: readonly (readonly [string, ServerView])[] = [
  ["Followers Wait For Their Leader", viewOf({ ...asking, leaderId: null })],
  [
    "Confirmed Reads Are Answered",
    viewOf(withReads(forwarded, { round: round && { ...round, acknowledgedBy: ["n3"] } })),
  ],
  [
    "A Round Is Told From Others",
    viewOf(withReads(forwarded, { round: round && { ...round, isFresh: true } })),
  ],
  [
    "A Round Is Told From Others",
    viewOf(withReads(forwarded, { round: round && { ...round, reads: [...round.reads, own] } })),
  ],
  [
    "A Round Is Told From Others",
    viewOf(withReads(forwarded, { round: round && { ...round, context: [own] } })),
  ],
];

function brokenBy(it: KernelStep | ServerView): readonly string[] {
  return readsInvariants
    .filter((property) => {
      if (property.over === "step") return "event" in it && !property.holds(it);
      return property.over === "server" && !("event" in it) && !property.holds(it);
    })
    .map(({ name }) => name);
}

describe("the invariants of reads and leases", () => {
  it("all hold of what the kernel does", () => {
    for (const it of good) expect(brokenBy(it), JSON.stringify(it.event)).toEqual([]);
    for (const state of states) expect(brokenBy(viewOf(state))).toEqual([]);
    expect(brokenBy(viewOf(null))).toEqual([]);
  });

  it.each([...badSteps, ...badViews])("%s can fail", (name, it) => {
    expect(brokenBy(it)).toContain(name);
  });

  it("can each fail", () => {
    const shown = [...badSteps, ...badViews].map(([name]) => name);
    expect(readsInvariants.map(({ name }) => name).filter((it) => !shown.includes(it))).toEqual([]);
  });
});

describe("Reads Are Linearizable", () => {
  const committed: Observation = { kind: "committed", term: 1, entries: [noOp(1, 1), noOp(2, 1)] };
  const asked: Observation = { kind: "read-asked", read: "r1" };
  const at = (index: number): Observation => ({ kind: "read-ready", read: "r1", index });
  const rejected: Observation = { kind: "read-rejected", read: "r1" };

  it.each<[boolean, string, readonly Observation[]]>([
    [true, "an open read", [committed, asked]],
    [true, "all that was committed when it was asked", [committed, asked, at(2)]],
    [true, "what was committed later", [asked, committed, at(0)]],
    [true, "a rejection", [committed, asked, rejected]],
    [false, "less than what was committed when it was asked", [committed, asked, at(1)]],
    [false, "two answers", [committed, asked, at(2), at(2)]],
    [false, "an answer after a rejection", [committed, asked, rejected, at(2)]],
  ])("is %s for %s", (expected, _, observations) => {
    const { history } = record(initialEnvironment(defaultBounds), observations);
    const holds = readsAreLinearizable.over === "history" && readsAreLinearizable.holds(history);
    expect(holds).toBe(expected);
  });
});
