import { describe, expect, it } from "vitest";
import {
  arrival,
  candidateOf,
  cluster,
  electionTimeout,
  entries,
  happens,
  ignoredFor,
  isSend,
  joint,
  leaderOf,
  message,
  persistOf,
  receive,
  reply,
  sent,
  server,
  timersOf,
} from "./build.ts";

const follower = server({ log: [1, 2], leaderId: "n3", leaderContact: true });
const preCandidate = happens(follower, electionTimeout).state;

describe("a candidate only increments its term if it first learns from a majority that they would vote for it (§9.6)", () => {
  it("an election timeout changes neither term nor vote, and writes nothing", () => {
    const result = happens(follower, electionTimeout);
    expect(result.state).toMatchObject({ currentTerm: 2, votedFor: null, leaderId: null });
    expect(result.state.role).toEqual({ kind: "pre-candidate", votesGranted: ["n1"] });
    expect(persistOf(result)).toBeUndefined();
    expect(timersOf(result)).toEqual(["election"]);
  });

  it("it asks every other voter about the next term, without waiting for the disk", () => {
    const { effects } = happens(follower, electionTimeout);
    const request = {
      kind: "pre-vote-request",
      from: "n1",
      term: 3,
      lastLogIndex: 2,
      lastLogTerm: 2,
    };
    expect(effects.filter(isSend)).toEqual([
      { kind: "send", early: true, message: { ...request, to: "n2" } },
      { kind: "send", early: true, message: { ...request, to: "n3" } },
    ]);
  });

  it("of five, the second grant starts the election", () => {
    const five = happens(server({ founding: cluster(5) }), electionTimeout).state;
    const one = receive(five, message("pre-vote-response", { from: "n2" }));
    expect(one.state.role).toEqual({ kind: "pre-candidate", votesGranted: ["n1", "n2"] });
    const two = receive(one.state, message("pre-vote-response", { from: "n3" }));
    expect(two.state).toMatchObject({ currentTerm: 1, votedFor: "n1" });
    expect(two.state.role).toEqual({ kind: "candidate", votesGranted: [] });
    expect(sent(two).map(({ kind }) => kind)).toEqual(Array(4).fill("request-vote-request"));
  });

  it("the same grant twice counts once", () => {
    const five = happens(server({ founding: cluster(5) }), electionTimeout).state;
    const grant = message("pre-vote-response");
    const once = receive(five, grant).state;
    expect(receive(once, grant).state).toEqual(once);
  });

  it("a joint configuration needs grants of a majority of each half", () => {
    const founding = joint(["n1", "n2", "n3"], ["n1", "n4", "n5"]);
    let state = happens(server({ founding }), electionTimeout).state;
    for (const from of ["n2", "n3"]) {
      state = receive(state, message("pre-vote-response", { from })).state;
    }
    expect(state.role.kind).toBe("pre-candidate");
    state = receive(state, message("pre-vote-response", { from: "n4" })).state;
    expect(state.role.kind).toBe("candidate");
  });

  it("a single voter needs nobody's leave", () => {
    const { state } = happens(server({ founding: cluster(1) }), electionTimeout);
    expect(state).toMatchObject({ currentTerm: 1, votedFor: "n1", role: { kind: "candidate" } });
  });

  it("another timeout asks again, of the same term, and forgets what was granted", () => {
    const five = happens(server({ founding: cluster(5) }), electionTimeout).state;
    const one = receive(five, message("pre-vote-response")).state;
    expect(happens(one, electionTimeout).state).toEqual(five);
  });
});

describe("would grant, if the log is up-to-date and no leader was heard (§9.6)", () => {
  const own = server({ log: [1, 1, 2] });
  it.each([
    ["next term, equal log", own, { term: 3, lastLogIndex: 3, lastLogTerm: 2 }, true],
    ["next term, better log", own, { term: 3, lastLogIndex: 1, lastLogTerm: 3 }, true],
    ["next term, shorter log", own, { term: 3, lastLogIndex: 2, lastLogTerm: 2 }, false],
    ["next term, older log", own, { term: 3, lastLogIndex: 9, lastLogTerm: 1 }, false],
    ["own term", own, { term: 2, lastLogIndex: 3, lastLogTerm: 2 }, false],
    ["earlier term", own, { term: 1, lastLogIndex: 3, lastLogTerm: 2 }, false],
    [
      "voted in this term already, which the next term does not mind",
      { ...own, votedFor: "n3" },
      { term: 3, lastLogIndex: 3, lastLogTerm: 2 },
      true,
    ],
    [
      "in contact with a leader",
      { ...own, leaderId: "n3", leaderContact: true },
      { term: 3, lastLogIndex: 3, lastLogTerm: 2 },
      false,
    ],
    ["leads itself", leaderOf(3), { term: 9, lastLogIndex: 9, lastLogTerm: 9 }, false],
    ["campaigns itself", candidateOf(3), { term: 2, lastLogIndex: 0, lastLogTerm: 0 }, true],
  ])("%s", (_name, state, fields, voteGranted) => {
    const result = receive(state, message("pre-vote-request", fields));
    expect(reply(result)).toMatchObject({ kind: "pre-vote-response", to: "n2", voteGranted });
    // Neither side of the question promises anything: no state, no write, no timer.
    expect(result.state).toEqual(state);
    expect(result.effects).toHaveLength(1);
    expect(result.effects[0]).toMatchObject({ kind: "send", early: true });
  });

  it("a grant repeats the campaign's term, so that a responder that is behind is not stale", () => {
    const grant = reply(receive(server(), message("pre-vote-request", { term: 9 })));
    expect(grant).toMatchObject({ term: 9, voteGranted: true });
  });

  it("a refusal tells the responder's term, so that the sender catches up", () => {
    const refusal = reply(receive(own, message("pre-vote-request", { term: 1 })));
    expect(refusal).toMatchObject({ term: 2, voteGranted: false });
    const sender = happens(server(), electionTimeout).state;
    const told = receive(sender, { ...refusal, from: "n2", to: "n1" }).state;
    expect(told).toMatchObject({ currentTerm: 2, role: { kind: "follower" } });
  });
});

describe("only a grant of this very campaign counts", () => {
  it.each([
    ["a refusal of its own term", { term: 2, voteGranted: false }, "vote-refused"],
    ["a grant of an earlier campaign", { term: 2, voteGranted: true }, "stale-term"],
    ["a grant of a campaign that never was", { term: 4, voteGranted: true }, "impossible-term"],
  ])("%s is ignored", (_name, fields, reason) => {
    const result = receive(preCandidate, message("pre-vote-response", fields));
    expect(result.effects).toMatchObject([{ kind: "ignored", reason }]);
    expect(result.state).toEqual(preCandidate);
  });

  it.each([
    ["a follower", follower],
    ["a candidate", candidateOf(3, { log: [1, 2] })],
    ["a leader", leaderOf(3, { log: [1, 2] })],
  ])("%s runs no pre-vote", (_name, state) => {
    const grant = message("pre-vote-response", { term: state.currentTerm + 1 });
    const result = receive(state, grant);
    expect(ignoredFor(result)).toEqual(["not-campaigning"]);
    expect(result.state).toEqual(state);
  });

  it("a pre-vote is not a vote", () => {
    const candidate = candidateOf(3);
    const { state } = receive(candidate, message("pre-vote-response", { term: 1 }));
    expect(state).toEqual(candidate);
  });

  it("a learner's grant does not count", () => {
    const founding = cluster(3, { learners: ["l1"] });
    const asked = happens(server({ founding }), electionTimeout).state;
    const { state } = receive(asked, message("pre-vote-response", { from: "l1" }));
    expect(state.role.kind).toBe("pre-candidate");
  });
});

describe("a pre-candidate that hears from a leader follows it", () => {
  it.each([2, 3])("of term %i", (term) => {
    const heard = arrival(message("heartbeat-request", { from: "n3", term }));
    const { state } = happens(preCandidate, heard);
    expect(state).toMatchObject({ currentTerm: term, leaderId: "n3", leaderContact: true });
    expect(state.role).toEqual({ kind: "follower", reads: [] });
  });

  it("entries included", () => {
    const append = message("append-entries-request", { term: 2, entries: entries([1, 2, 2]) });
    expect(receive(preCandidate, append).state.role).toEqual({ kind: "follower", reads: [] });
  });
});
