/** What is demanded of transfers and refused requests holds of the kernel, and can fail. */
import { describe, expect, it } from "vitest";
import type { Effect, Event } from "../../kernel/index.ts";
import type { KernelStep } from "../../spec/index.ts";
import { transferInvariants } from "../../spec/transfer-invariants.ts";
import {
  acknowledgedBy,
  after,
  arrival,
  electionTimeout,
  leaderOf,
  message,
  oneOfEach,
  propose,
  server,
} from "../kernel/build.ts";
import { quietly, receiptOf, sending, spoilt, stepOf } from "./build.ts";

const transfer: Event = { kind: "transfer-leadership", to: "n2" };
const campaign: Event = { kind: "campaign" };
const wish = message("timeout-now-request");
const heard = message("heartbeat-response");

const behind = acknowledgedBy(leaderOf(3), ["n3"]);
const leader = acknowledgedBy(leaderOf(3), ["n2", "n3"]);
const waiting = after(behind, [transfer]);
const told = after(leader, [transfer]);
const follower = server({ currentTerm: 1, leaderId: "n2", leaderContact: true });

const states = [behind, leader, waiting, told, follower, server(), leaderOf(3)];
const change: Event = { kind: "propose-configuration", voters: ["n1"], learners: [] };
const events = [transfer, campaign, electionTimeout, propose("a"), change];
const good = states.flatMap((state) =>
  [...events, ...oneOfEach.map(arrival)].map((event) => stepOf(state, event)),
);

const caughtUp = message("append-entries-accepted", { matchIndex: 1 });
const candidate = stepOf(server(), electionTimeout, { preVote: false });
const preCandidate = stepOf(server(), electionTimeout).after;
const proposed = stepOf(leader, propose("a"));
const rejection: Effect = {
  kind: "reject",
  request: "propose",
  reason: "not-leader",
  read: null,
  leaderId: null,
};
const request = message("request-vote-request", { from: "n1", leadershipTransfer: true });
const bad: readonly (readonly [string, KernelStep])[] = [
  ["A Full Log Is Told", spoilt(stepOf(leader, transfer), {}, [])],
  ["A Full Log Is Told", spoilt(receiptOf(waiting, caughtUp), {}, [])],
  ["A Full Log Is Told", spoilt(receiptOf(told, heard), {}, [])],
  ["A Transfer Ends In Time", spoilt(stepOf(waiting, electionTimeout), { role: waiting.role })],
  ["A Transfer Ends In Time", spoilt(stepOf(waiting, electionTimeout), {}, [])],
  ["A Leader's Wish Is Obeyed", spoilt(receiptOf(follower, wish), { role: preCandidate.role })],
  ["A Leader's Wish Is Obeyed", spoilt(receiptOf(follower, wish), { currentTerm: 1 })],
  [
    "A Leader's Wish Is Obeyed",
    spoilt(receiptOf(follower, wish), {}, [sending({ ...request, leadershipTransfer: false })]),
  ],
  ["A Leader's Wish Is Obeyed", spoilt(candidate, {}, [sending(request)])],
  [
    "A Leader's Wish Is Obeyed",
    spoilt(receiptOf(server({ currentTerm: 2 }), wish), { currentTerm: 3 }),
  ],
  [
    "No Campaign On Request Under A Leader",
    spoilt(stepOf(follower, campaign), { role: preCandidate.role }),
  ],
  ["What Is Rejected Is Not Taken", spoilt(proposed, {}, [rejection])],
  ["What Is Rejected Is Not Taken", { ...quietly(leader, {}), effects: [rejection] }],
];

function brokenBy(step: KernelStep): readonly string[] {
  const broken = transferInvariants.filter((it) => it.over === "step" && !it.holds(step));
  return broken.map(({ name }) => name);
}

describe("the invariants of transfers and refusals", () => {
  it("all hold of what the kernel does", () => {
    for (const step of good) expect(brokenBy(step), JSON.stringify(step.event)).toEqual([]);
  });

  it.each(bad)("%s can fail", (name, step) => {
    expect(brokenBy(step)).toContain(name);
  });

  it("can each fail", () => {
    const shown = bad.map(([name]) => name);
    expect(transferInvariants.map(({ name }) => name).filter((it) => !shown.includes(it))).toEqual(
      [],
    );
  });
});
