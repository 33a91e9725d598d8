import { describe, expect, it } from "vitest";
import type { Event, State } from "../../kernel/index.ts";
import {
  acknowledgedBy,
  after,
  allPersisted,
  candidateOf,
  cluster,
  configurationEntry,
  electionTimeout,
  happens,
  ignoredFor,
  leaderOf,
  leaderRoleOf,
  message,
  propose,
  type Result,
  receive,
  sent,
  server,
  timersOf,
} from "./build.ts";

/** Only n2 has the leader's whole log. */
const leader = acknowledgedBy(leaderOf(3), ["n2"]);
const toBehind = transfer(leader, "n3");

function to(id: string): Event {
  return { kind: "transfer-leadership", to: id };
}

function transfer(state: State, id: string, options = {}): State {
  return happens(state, to(id), options).state;
}

function told(result: Result): readonly string[] {
  return sent(result).flatMap((it) => (it.kind === "timeout-now-request" ? [it.to] : []));
}

function rejections({ effects }: Result): readonly string[] {
  return effects.flatMap((effect) =>
    effect.kind === "reject" ? [`${effect.request}: ${effect.reason}`] : [],
  );
}

describe("the leader brings the target up to date, then tells it to campaign at once (§3.10)", () => {
  it("a target with the whole log is told in the same step", () => {
    const result = happens(leader, to("n2"));
    expect(leaderRoleOf(result.state).transferTo).toBe("n2");
    expect(result.effects).toContainEqual({
      kind: "send",
      early: true,
      message: { kind: "timeout-now-request", from: "n1", to: "n2", term: 1 },
    });
  });

  it("a target that lags is sent what it lacks, and told when it has acknowledged it", () => {
    expect(told(happens(leader, to("n3")))).toEqual([]);
    const ack = message("append-entries-accepted", { from: "n3", matchIndex: 1 });
    expect(told(receive(toBehind, ack))).toEqual(["n3"]);
  });

  it("it is told again whenever it answers, for the first time may have been lost", () => {
    const toldOnce = transfer(leader, "n2");
    expect(told(receive(toldOnce, message("heartbeat-response")))).toEqual(["n2"]);
  });

  it("what others answer is no reason to tell it again", () => {
    const toldOnce = transfer(leader, "n2");
    const ack = message("append-entries-accepted", { from: "n3", matchIndex: 1 });
    expect(told(receive(toldOnce, ack))).toEqual([]);
    const both = receive(toldOnce, ack).state;
    expect(told(receive(both, message("heartbeat-response", { from: "n3" })))).toEqual([]);
  });

  it("the leader's election timer starts anew: it bounds the transfer", () => {
    expect(timersOf(happens(leader, to("n2")))).toEqual(["election"]);
  });

  it("an outgoing voter of a joint configuration may take over", () => {
    const founding = { voters: ["n1", "n2"], outgoingVoters: ["n1", "n3"], learners: [] };
    const joint = leaderOf(founding);
    expect(leaderRoleOf(transfer(joint, "n3")).transferTo).toBe("n3");
  });
});

describe("a transfer is refused, with the reason", () => {
  const withLearner = leaderOf(cluster(2, { learners: ["n3"] }));
  it.each<[string, State, string, string]>([
    ["by who does not lead", server(), "n2", "not-leader"],
    ["to the leader itself", leader, "n1", "already-leader"],
    ["to a learner", withLearner, "n3", "not-a-voter"],
    ["to a stranger", leader, "n9", "not-a-voter"],
    ["while another runs", toBehind, "n2", "transferring"],
    ["to the same target again", toBehind, "n3", "transferring"],
  ])("%s", (_, state, target, reason) => {
    const result = happens(state, to(target));
    const { leaderId } = state;
    expect(result.effects).toEqual([
      { kind: "reject", request: "transfer-leadership", reason, read: null, leaderId },
    ]);
    expect(result.state).toEqual(state);
  });

  it("to what is no name at all", () => {
    const result = happens(leader, { kind: "transfer-leadership", to: 7 as unknown as string });
    expect(rejections(result)).toEqual(["transfer-leadership: not-a-voter"]);
  });
});

describe("the leader stops accepting new requests while it hands over (§3.10)", () => {
  it("commands", () => {
    const result = happens(toBehind, propose("a"));
    expect(rejections(result)).toEqual(["propose: transferring"]);
    expect(result.state).toEqual(toBehind);
  });

  it("changes of the members", () => {
    const voters = ["n1", "n2", "n3", "n4"];
    const result = happens(toBehind, { kind: "propose-configuration", voters, learners: [] });
    expect(rejections(result)).toEqual(["propose-configuration: transferring"]);
  });
});

describe("if leadership transfer does not complete after about an election timeout, the leader resumes (§3.10)", () => {
  const heard = receive(toBehind, message("heartbeat-response")).state;

  it("it says so and takes proposals again", () => {
    const result = happens(heard, electionTimeout);
    expect(rejections(result)).toEqual(["transfer-leadership: timed-out"]);
    expect(leaderRoleOf(result.state).transferTo).toBeNull();
    expect(rejections(happens(result.state, propose("a")))).toEqual([]);
  });

  it("without CheckQuorum too", () => {
    const options = { checkQuorum: false };
    const result = happens(transfer(leader, "n3", options), electionTimeout, options);
    expect(rejections(result)).toEqual(["transfer-leadership: timed-out"]);
    expect(leaderRoleOf(result.state).transferTo).toBeNull();
  });

  it("a leader that hears no quorum gives up both", () => {
    const active = leaderRoleOf(toBehind).progress.map((it) => ({ ...it, active: false }));
    const unheard: State = { ...toBehind, role: { ...leaderRoleOf(toBehind), progress: active } };
    const result = happens(unheard, electionTimeout);
    expect(rejections(result)).toEqual(["transfer-leadership: timed-out"]);
    expect(result.state.role.kind).toBe("follower");
  });

  it("one that was never told may be chosen again; the next leader knows nothing of it", () => {
    const resumed = happens(heard, electionTimeout).state;
    expect(leaderRoleOf(transfer(resumed, "n2")).transferTo).toBe("n2");
    expect(leaderRoleOf(leaderOf(3)).transferTo).toBeNull();
  });
});

describe("the target campaigns at once, whatever leader it hears (§3.10, §4.2.3)", () => {
  const following = server({
    log: [1],
    currentTerm: 2,
    leaderId: "n2",
    leaderContact: true,
  });
  const wish = message("timeout-now-request", { term: 2 });

  it("without a pre-vote, which those who hear the leader would refuse", () => {
    const result = receive(following, wish, { preVote: true });
    expect(result.state).toMatchObject({ currentTerm: 3, votedFor: "n1", leaderContact: false });
    expect(result.state.role).toEqual({ kind: "candidate", votesGranted: [] });
    expect(timersOf(result)).toEqual(["election"]);
  });

  it("says that its leader asked for it, so that others vote though they hear that leader", () => {
    const requests = sent(receive(following, wish));
    expect(requests.map((it) => it.kind)).toEqual(["request-vote-request", "request-vote-request"]);
    expect(requests).toMatchObject([{ leadershipTransfer: true }, { leadershipTransfer: true }]);
    const vote = receive(following, {
      ...message("request-vote-request"),
      term: 3,
      lastLogIndex: 1,
      lastLogTerm: 1,
      leadershipTransfer: true,
    });
    expect(sent(vote)).toMatchObject([{ kind: "request-vote-response", voteGranted: true }]);
  });

  it("the leader itself steps down for it, and votes", () => {
    const request = message("request-vote-request", {
      term: 2,
      lastLogIndex: 1,
      lastLogTerm: 1,
      leadershipTransfer: true,
    });
    const result = receive(transfer(leader, "n2"), request);
    expect(result.state).toMatchObject({ currentTerm: 2, votedFor: "n2" });
    expect(result.state.role.kind).toBe("follower");
  });

  it("its next campaign is of its own and says nothing of the leader", () => {
    const candidate = receive(following, wish).state;
    const requests = sent(happens(candidate, electionTimeout, { preVote: false }));
    expect(requests).toMatchObject([{ leadershipTransfer: false }, { leadershipTransfer: false }]);
  });

  it("from any role: a pre-candidate or candidate of the leader's term", () => {
    const preCandidate = happens(server({ currentTerm: 2 }), electionTimeout).state;
    expect(receive(preCandidate, wish).state.role.kind).toBe("candidate");
    const candidate = receive(candidateOf(3), message("timeout-now-request")).state;
    expect(candidate).toMatchObject({ currentTerm: 2, role: { kind: "candidate" } });
  });

  it("the reads it was asked for are rejected: their leader will not answer", () => {
    const reading = happens(following, { kind: "read", read: "r1" }).state;
    expect(rejections(receive(reading, wish))).toEqual(["read: leader-lost"]);
  });

  it("a single voter leads when its vote is durable", () => {
    const alone = server({ founding: cluster(1), currentTerm: 2 });
    const candidate = receive(alone, wish).state;
    expect(after(candidate, [allPersisted(candidate)]).role.kind).toBe("leader");
  });
});

describe("a wish that is not its leader's, or too late, is ignored", () => {
  it.each<[string, State, number, string]>([
    [
      "a learner's",
      server({ founding: cluster(2, { learners: ["n1"], voters: ["n2", "n3"] }), currentTerm: 2 }),
      2,
      "not-a-voter",
    ],
    ["of an earlier term", server({ currentTerm: 3 }), 2, "stale-term"],
    ["to the leader of the term", leaderOf(3), 1, "second-leader-of-term"],
    [
      "from who is not the leader it follows",
      server({ currentTerm: 2, leaderId: "n3" }),
      2,
      "second-leader-of-term",
    ],
  ])("%s", (_, state, term, reason) => {
    const result = receive(state, message("timeout-now-request", { term }));
    expect(ignoredFor(result)).toEqual([reason]);
    expect(result.state).toEqual(state);
  });

  it("one removed from the members by a configuration that it has", () => {
    const removed = server({
      log: [configurationEntry(1, 1, { voters: ["n2", "n3"], outgoingVoters: [], learners: [] })],
    });
    expect(ignoredFor(receive(removed, message("timeout-now-request")))).toEqual(["not-a-voter"]);
  });

  it("a stale leader is told the term", () => {
    const result = receive(server({ currentTerm: 3 }), message("timeout-now-request", { term: 2 }));
    expect(sent(result)).toMatchObject([{ kind: "heartbeat-response", term: 3 }]);
  });
});

describe("a campaign on request is one by timeout, unless a leader is heard (§4.2.3)", () => {
  const campaign: Event = { kind: "campaign" };

  it.each([true, false])("it asks as an election timeout would, with pre-vote %s", (preVote) => {
    const state = server({ currentTerm: 2 });
    const [asked, timedOut] = [campaign, electionTimeout].map((it) =>
      happens(state, it, { preVote }),
    );
    expect(asked).toEqual(timedOut);
  });

  it.each<[string, State, string]>([
    ["a leader", leader, "already-leader"],
    [
      "a learner",
      server({ founding: cluster(2, { voters: ["n2", "n3"], learners: ["n1"] }) }),
      "not-a-voter",
    ],
    ["who hears a leader", server({ leaderId: "n2", leaderContact: true }), "leader-contact"],
  ])("it is refused by %s", (_, state, reason) => {
    const result = happens(state, campaign);
    expect(rejections(result)).toEqual([`campaign: ${reason}`]);
    expect(result.state).toEqual(state);
  });

  it("the request's refusal names the leader", () => {
    const result = happens(server({ leaderId: "n2", leaderContact: true }), campaign);
    expect(result.effects).toMatchObject([{ kind: "reject", leaderId: "n2" }]);
  });
});

describe("what is rejected is not taken", () => {
  it("a deposed leader rejects no proposal it has taken: it may yet be committed", () => {
    const proposed = happens(leader, propose("a")).state;
    const result = receive(proposed, message("heartbeat-request", { term: 9 }));
    expect(result.state.role.kind).toBe("follower");
    expect(rejections(result)).toEqual([]);
  });
});
