import { describe, expect, it } from "vitest";
import type { Message } from "../../kernel/index.ts";
import {
  candidateOf,
  happens,
  ignoredFor,
  leaderOf,
  message,
  oneOfEach,
  persistOf,
  receive,
  reply,
  sent,
  server,
  timersOf,
} from "./build.ts";

/** Kinds whose `term` is the term of a campaign that may never start (§9.6). */
function namesACampaign(it: Message): boolean {
  return it.kind === "pre-vote-request" || (it.kind === "pre-vote-response" && it.voteGranted);
}

const carriers = oneOfEach.filter((it) => !namesACampaign(it));
carriers.push(message("pre-vote-response", { voteGranted: false }));
const campaigns = oneOfEach.filter(namesACampaign);

const follower = server({ currentTerm: 5, votedFor: "n3", leaderId: "n3" });
const roles = [
  ["follower", follower],
  ["candidate", candidateOf(3, { currentTerm: 4 })],
  ["leader", leaderOf(3, { currentTerm: 4 })],
] as const;

describe("if one server's current term is smaller, it updates it to the larger value (§3.3)", () => {
  it.each(carriers.map((it) => [it.kind, it] as const))("%s", (_kind, it) => {
    // Without CheckQuorum, so that no RequestVote is disregarded.
    const result = receive(follower, { ...it, term: 7 }, { checkQuorum: false });
    // Who is asked to campaign goes on to the next term at once.
    const expected = it.kind === "timeout-now-request" ? 8 : 7;
    expect(result.state.currentTerm).toBe(expected);
    expect(persistOf(result)).toMatchObject({ currentTerm: expected });
  });

  it.each(campaigns.map((it) => [it.kind, it] as const))("but not for a %s", (_kind, it) => {
    expect(receive(follower, { ...it, term: 7 }).state.currentTerm).toBe(5);
  });

  it("the new term begins without vote and without leader", () => {
    const { state } = receive(follower, message("append-entries-accepted", { term: 7 }));
    expect(state).toMatchObject({ currentTerm: 7, votedFor: null, leaderId: null });
  });

  it("its own term changes neither vote nor leader", () => {
    const { state } = receive(follower, message("append-entries-accepted", { term: 5 }));
    expect(state).toEqual(follower);
  });
});

describe("a candidate or leader whose term is out of date reverts to follower state (§3.3)", () => {
  it.each(roles)("%s", (_name, state) => {
    const result = receive(state, message("append-entries-accepted", { term: 6 }));
    expect(result.state).toMatchObject({ currentTerm: 6, role: { kind: "follower" } });
  });

  it("a leader's election timer starts anew; a follower's goes on", () => {
    const news = message("append-entries-accepted", { term: 6 });
    expect(timersOf(receive(leaderOf(3, { currentTerm: 4 }), news))).toEqual(["election"]);
    expect(timersOf(receive(follower, news))).toEqual([]);
  });
});

describe("if a server receives a request with a stale term number, it rejects it (§3.3)", () => {
  it.each(carriers.map((it) => [it.kind, it] as const))("%s", (_kind, it) => {
    for (const [, state] of roles) {
      const result = receive(state, { ...it, term: 4 });
      expect(ignoredFor(result)).toEqual(["stale-term"]);
      expect(result.state).toEqual(state);
    }
  });

  it("a stale candidate is refused, and told the current term", () => {
    const refusal = reply(receive(follower, message("request-vote-request", { term: 4 })));
    expect(refusal).toEqual({
      kind: "request-vote-response",
      from: "n1",
      to: "n2",
      term: 5,
      voteGranted: false,
    });
  });

  it.each([
    "append-entries-request",
    "heartbeat-request",
    "install-snapshot-request",
    "timeout-now-request",
  ] as const)("a stale leader is told the current term: %s", (kind) => {
    const told = reply(receive(follower, message(kind, { term: 4 })));
    const fields = { from: "n1", to: "n2", term: 5, context: [] };
    expect(told).toEqual({ kind: "heartbeat-response", ...fields });
  });

  it("a stale answer needs no answer", () => {
    const answers = carriers.filter((it) => !it.kind.endsWith("request"));
    for (const it of answers) expect(sent(receive(follower, { ...it, term: 4 }))).toEqual([]);
  });

  it("the stale leader so told steps down", () => {
    const stale = leaderOf(3);
    const { state } = receive(stale, message("heartbeat-response", { term: 5 }));
    expect(state).toMatchObject({ currentTerm: 5, leaderId: null, role: { kind: "follower" } });
    expect(ignoredFor(happens(state, { kind: "heartbeat-timeout" }))).toEqual(["not-leader"]);
  });
});
