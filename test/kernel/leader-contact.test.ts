import { describe, expect, it } from "vitest";
import { kernelConfig } from "../../kernel/index.ts";
import {
  acknowledgedBy,
  after,
  arrival,
  candidateOf,
  cluster,
  configurationEntry,
  electionTimeout,
  happens,
  ignoredFor,
  joint,
  leaderOf,
  leaderRoleOf,
  message,
  minimumElectionTimeout,
  progressOf,
  receive,
  reply,
  server,
  timersOf,
} from "./build.ts";

const heartbeat = message("heartbeat-request");
const inContact = receive(server(), heartbeat).state;

describe("if AppendEntries RPC received from new leader: convert to follower (Figure 3.1)", () => {
  it.each([
    ["a follower", server({ currentTerm: 1 })],
    ["a pre-candidate", happens(server({ currentTerm: 1 }), electionTimeout).state],
    ["a candidate", candidateOf(3)],
    ["a candidate of an earlier term", candidateOf(3, { currentTerm: 0 })],
  ])("%s", (_name, state) => {
    for (const kind of ["append-entries-request", "heartbeat-request"] as const) {
      const result = receive(state, message(kind));
      expect(result.state.role).toEqual({ kind: "follower", reads: [] });
      expect(result.state).toMatchObject({ leaderId: "n2", leaderContact: true });
      expect(timersOf(result)).toEqual(["election", "minimum-election"]);
    }
  });

  it("a vote for somebody else does not prevent it", () => {
    const state = server({ currentTerm: 1, votedFor: "n3" });
    expect(receive(state, heartbeat).state).toMatchObject({ votedFor: "n3", leaderId: "n2" });
  });

  it("where no rule reads the contact, it is not kept", () => {
    const result = receive(server(), heartbeat, { preVote: false, checkQuorum: false });
    expect(result.state).toMatchObject({ leaderId: "n2", leaderContact: false });
    expect(timersOf(result)).toEqual(["election"]);
  });

  it.each([
    ["preVote", { preVote: true, checkQuorum: false }],
    ["checkQuorum", { preVote: false, checkQuorum: true }],
  ])("%s alone needs it", (_name, options) => {
    expect(receive(server(), heartbeat, options).state.leaderContact).toBe(true);
  });

  it("both are on by default: without them servers may depose one another for ever", () => {
    expect(kernelConfig("n1")).toMatchObject({ preVote: true, checkQuorum: true });
  });
});

describe("at most one leader can be elected in a given term (Election Safety): a second one is no correct peer", () => {
  it.each([
    ["a follower of another", server({ currentTerm: 1, leaderId: "n3", leaderContact: true })],
    ["the leader itself", leaderOf(3)],
  ])("%s ignores it", (_name, state) => {
    for (const kind of ["append-entries-request", "heartbeat-request"] as const) {
      const result = receive(state, message(kind));
      expect(result.effects).toMatchObject([{ kind: "ignored", reason: "second-leader-of-term" }]);
      expect(result.state).toEqual(state);
    }
  });
});

describe("a server that receives a RequestVote within the minimum election timeout of hearing from a current leader does not update its term or grant its vote (§4.2.3)", () => {
  const request = message("request-vote-request", { from: "n3", term: 9 });

  it.each([
    ["in contact with a leader", inContact],
    ["in contact with the leader of an earlier term", { ...inContact, leaderId: null }],
    ["the leader itself", leaderOf(3)],
  ])("%s", (_name, state) => {
    const result = receive(state, request);
    expect(result.effects).toMatchObject([{ kind: "ignored", reason: "leader-contact" }]);
    expect(result.state).toEqual(state);
  });

  it("without CheckQuorum it may disturb", () => {
    const result = receive(inContact, request, { checkQuorum: false });
    expect(reply(result)).toMatchObject({ term: 9, voteGranted: true });
  });

  it("once the minimum election timeout passed, votes may be granted again", () => {
    const result = happens(inContact, minimumElectionTimeout);
    expect(result.state).toEqual({ ...inContact, leaderContact: false });
    expect(result.effects).toEqual([]);
    expect(reply(receive(result.state, request))).toMatchObject({ term: 9, voteGranted: true });
  });

  it("so they may once its own, longer election timeout passed", () => {
    const waited = happens(inContact, electionTimeout).state;
    expect(reply(receive(waited, request))).toMatchObject({ term: 9, voteGranted: true });
  });

  it("a granted vote is no contact with a leader", () => {
    const voted = receive(server(), message("request-vote-request")).state;
    expect(voted.leaderContact).toBe(false);
  });

  it.each([
    ["nobody was heard", server()],
    ["it leads", leaderOf(3)],
  ])("the minimum election timeout means nothing where %s", (_name, state) => {
    const result = happens(state, minimumElectionTimeout);
    expect(ignoredFor(result)).toEqual(["no-leader-contact"]);
    expect(result.state).toEqual(state);
  });
});

describe("a leader steps down if an election timeout elapses without a successful round of heartbeats to a majority of its cluster (§6.2)", () => {
  const five = leaderOf(5);
  const answersOf = (...ids: string[]) =>
    ids.map((from) => arrival(message("heartbeat-response", { from })));

  it.each([
    ["nobody", [], false],
    ["one of four", ["n2"], false],
    ["two of four, with itself a majority", ["n2", "n5"], true],
    ["all", ["n2", "n3", "n4", "n5"], true],
  ])("heard: %s", (_name, heard, staysLeader) => {
    const state = after(five, answersOf(...heard));
    const result = happens(state, electionTimeout);
    expect(result.state.role.kind).toBe(staysLeader ? "leader" : "follower");
    expect(result.state.leaderId).toBe(staysLeader ? "n1" : null);
    expect(timersOf(result)).toEqual(["election"]);
    expect(result.state).toMatchObject({ currentTerm: 1, votedFor: "n1" });
  });

  it("each timeout asks anew", () => {
    const once = happens(after(five, answersOf("n2", "n3")), electionTimeout).state;
    expect(leaderRoleOf(once).progress.every(({ active }) => !active)).toBe(true);
    expect(happens(once, electionTimeout).state.role.kind).toBe("follower");
  });

  it.each([
    ["an acknowledgement", message("append-entries-accepted", { matchIndex: 1 })],
    ["a stale acknowledgement", message("append-entries-accepted", { matchIndex: 0 })],
    ["a rejection", message("append-entries-rejected")],
    ["a heartbeat response", message("heartbeat-response")],
  ])("%s shows that the peer is there", (_name, answer) => {
    expect(progressOf(receive(leaderOf(3), answer).state, "n2").active).toBe(true);
  });

  it("learners do not count", () => {
    const leader = leaderOf(cluster(3, { learners: ["l1", "l2"] }));
    const state = after(leader, answersOf("l1", "l2"));
    expect(happens(state, electionTimeout).state.role.kind).toBe("follower");
  });

  it("in a joint configuration each half must be heard", () => {
    const leader = leaderOf(joint(["n1", "n2", "n3"], ["n1", "n4", "n5"]));
    const oneHalf = after(leader, answersOf("n2", "n3"));
    expect(happens(oneHalf, electionTimeout).state.role.kind).toBe("follower");
    const bothHalves = after(leader, answersOf("n2", "n4"));
    expect(happens(bothHalves, electionTimeout).state.role.kind).toBe("leader");
  });

  it("in a joint configuration that only its log holds, too", () => {
    const both = joint(["n1", "n2", "n3"], ["n1", "n4", "n5"]);
    const leader = leaderOf(3, { log: [configurationEntry(1, 1, both)] });
    const answers = ["n2", "n3"].map((from) =>
      arrival(message("heartbeat-response", { from, term: 2 })),
    );
    expect(happens(after(leader, answers), electionTimeout).state.role.kind).toBe("follower");
  });

  it("a single voter always hears itself", () => {
    expect(happens(leaderOf(1), electionTimeout).state.role.kind).toBe("leader");
  });

  it("without CheckQuorum a leader does not step down, and keeps nothing to count by", () => {
    const leader = acknowledgedBy(leaderOf(3), ["n2"], { checkQuorum: false });
    expect(progressOf(leader, "n2").active).toBe(false);
    const result = happens(leader, electionTimeout, { checkQuorum: false });
    expect(result.effects).toMatchObject([{ kind: "ignored", reason: "already-leader" }]);
    expect(result.state).toEqual(leader);
  });
});
