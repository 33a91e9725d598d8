import { describe, expect, it } from "vitest";
import type { Effect, State } from "../../kernel/index.ts";
import {
  after,
  allPersisted,
  arrival,
  candidateOf,
  cluster,
  configurationEntry,
  electionTimeout,
  happens,
  ignoredFor,
  isSend,
  joint,
  leaderOf,
  leaderRoleOf,
  message,
  noOp,
  persistOf,
  receive,
  reply,
  sent,
  server,
  timersOf,
} from "./build.ts";

const plain = { preVote: false };

describe("to begin an election, a follower increments its current term and transitions to candidate state; it then votes for itself and issues RequestVote RPCs (§3.4)", () => {
  const follower = server({ log: [1, 2], leaderId: "n3", leaderContact: true });
  const result = happens(follower, electionTimeout, plain);

  it("its new term and its vote for itself are one write", () => {
    expect(result.state).toMatchObject({ currentTerm: 3, votedFor: "n1", leaderId: null });
    expect(persistOf(result)).toMatchObject({ currentTerm: 3, votedFor: "n1", entries: [] });
  });

  it("its own vote is not counted yet", () => {
    expect(result.state.role).toEqual({ kind: "candidate", votesGranted: [] });
  });

  it("whoever led is no longer heard, and the election timer starts anew", () => {
    expect(result.state.leaderContact).toBe(false);
    expect(timersOf(result)).toEqual(["election"]);
  });

  it("every other voter is asked, once term and vote are durable", () => {
    const last = { lastLogIndex: 2, lastLogTerm: 2, leadershipTransfer: false };
    const request = { from: "n1", term: 3, ...last };
    expect(result.effects.filter(isSend)).toEqual(
      ["n2", "n3"].map((to) => ({
        kind: "send",
        early: false,
        message: { kind: "request-vote-request", ...request, to },
      })),
    );
  });

  it("learners are not asked, the outgoing voters of a joint configuration are", () => {
    const founding = { ...joint(["n1", "n2"], ["n1", "n3"]), learners: ["l1"] };
    const asked = sent(happens(server({ founding }), electionTimeout, plain));
    expect(asked.map(({ to }) => to)).toEqual(["n3", "n2"]);
  });

  it("if election timeout elapses: start new election (Figure 3.1, candidates)", () => {
    const again = happens(candidateOf(3), electionTimeout, plain).state;
    expect(again).toMatchObject({ currentTerm: 2, votedFor: "n1" });
    expect(again.role).toEqual({ kind: "candidate", votesGranted: [] });
  });

  it.each([
    ["a learner", cluster(3, { voters: ["n2", "n3"], learners: ["n1"] })],
    ["a server outside the configuration", cluster(3, { voters: ["n2", "n3"] })],
  ])("%s does not campaign", (_name, founding) => {
    const state = server({ founding });
    const refused = happens(state, electionTimeout);
    expect(refused.effects).toMatchObject([{ kind: "ignored", reason: "not-a-voter" }]);
    expect(refused.state).toEqual(state);
  });
});

describe("if votedFor is null or candidateId, and candidate's log is at least as up-to-date as receiver's log, grant vote (Figure 3.1)", () => {
  const equal = { lastLogIndex: 3, lastLogTerm: 2 };
  it.each([
    ["no vote yet, equal log", null, equal, true],
    ["voted for this candidate, equal log", "n2", equal, true],
    ["voted for another candidate", "n3", equal, false],
    ["voted for itself", "n1", equal, false],
    ["no vote yet, longer log", null, { lastLogIndex: 4, lastLogTerm: 2 }, true],
    ["no vote yet, shorter log of a later term", null, { lastLogIndex: 1, lastLogTerm: 3 }, true],
    ["no vote yet, shorter log", null, { lastLogIndex: 2, lastLogTerm: 2 }, false],
    [
      "no vote yet, longer log of an earlier term",
      null,
      { lastLogIndex: 9, lastLogTerm: 1 },
      false,
    ],
    [
      "voted for this candidate, whose log is behind",
      "n2",
      { lastLogIndex: 2, lastLogTerm: 2 },
      false,
    ],
  ])("%s", (_name, votedFor, end, voteGranted) => {
    const state = server({ log: [1, 1, 2], currentTerm: 4, votedFor });
    const result = receive(state, message("request-vote-request", { term: 4, ...end }));
    expect(reply(result)).toMatchObject({ kind: "request-vote-response", term: 4, voteGranted });
    expect(result.state.votedFor).toBe(voteGranted ? "n2" : votedFor);
    // "... without granting vote to candidate": only a granted vote puts off the own campaign.
    expect(timersOf(result)).toEqual(voteGranted ? ["election"] : []);
  });

  it("a vote is durable before it is told (§3.8)", () => {
    const { effects } = receive(server(), message("request-vote-request"));
    expect(effects.map(({ kind }) => kind)).toEqual(["persist", "reset-timer", "send"]);
    expect(effects[0]).toMatchObject({ currentTerm: 1, votedFor: "n2", entries: [] });
    expect(effects[2]).toMatchObject({ early: false });
  });

  it("a vote that was given before needs no second write", () => {
    const state = server({ currentTerm: 1, votedFor: "n2" });
    expect(persistOf(receive(state, message("request-vote-request")))).toBeUndefined();
  });

  it("a higher term frees the vote, even of a leader, but a log that is behind still loses", () => {
    const leader = leaderOf(3);
    const request = message("request-vote-request", { term: 9 });
    const result = receive(leader, request, { checkQuorum: false });
    expect(result.state).toMatchObject({ currentTerm: 9, votedFor: null });
    expect(reply(result)).toMatchObject({ term: 9, voteGranted: false });
  });

  it("a learner votes when a candidate asks it: the candidate's configuration is newer (§4.2.2)", () => {
    const founding = cluster(3, { voters: ["n2", "n3"], learners: ["n1"] });
    const result = receive(server({ founding }), message("request-vote-request"));
    expect(reply(result)).toMatchObject({ voteGranted: true });
  });
});

describe("a candidate wins an election if it receives votes from a majority of the servers for the same term (§3.4)", () => {
  const vote = (from: string, term = 1) => message("request-vote-response", { from, term });

  it("of three, its own and one more", () => {
    const candidate = candidateOf(3);
    expect(candidate.role).toEqual({ kind: "candidate", votesGranted: ["n1"] });
    expect(receive(candidate, vote("n2")).state.role.kind).toBe("leader");
  });

  it("of five, its own and two more", () => {
    const one = receive(candidateOf(5), vote("n4")).state;
    expect(one.role).toEqual({ kind: "candidate", votesGranted: ["n1", "n4"] });
    expect(receive(one, vote("n2")).state.role.kind).toBe("leader");
  });

  it("by the others' votes alone, while its own is still being written", () => {
    const candidate = happens(server(), electionTimeout, plain).state;
    const won = after(candidate, [arrival(vote("n3")), arrival(vote("n2"))]);
    expect(won.role.kind).toBe("leader");
  });

  it("the same vote twice counts once", () => {
    const one = receive(candidateOf(5), vote("n2")).state;
    expect(receive(one, vote("n2")).state).toEqual(one);
  });

  it("of a joint configuration, a majority of each half (§4.3)", () => {
    const candidate = candidateOf(joint(["n1", "n2", "n3"], ["n1", "n4", "n5"]));
    const oldOnly = after(candidate, [arrival(vote("n2")), arrival(vote("n3"))]);
    expect(oldOnly.role.kind).toBe("candidate");
    expect(receive(oldOnly, vote("n5")).state.role.kind).toBe("leader");
  });

  it("of a joint configuration that only its log holds, not the founding one", () => {
    const both = joint(["n1", "n2", "n3"], ["n1", "n4", "n5"]);
    const candidate = candidateOf(3, { log: [1, configurationEntry(2, 1, both)] });
    const oldOnly = after(candidate, [arrival(vote("n2", 2)), arrival(vote("n3", 2))]);
    expect(oldOnly.role.kind).toBe("candidate");
    expect(receive(oldOnly, vote("n4", 2)).state.role.kind).toBe("leader");
  });

  it("a learner's vote does not count", () => {
    const candidate = candidateOf(cluster(3, { learners: ["l1"] }));
    expect(receive(candidate, vote("l1")).state.role.kind).toBe("candidate");
  });

  it("a refusal is ignored", () => {
    const candidate = candidateOf(3);
    const result = receive(candidate, { ...vote("n2"), voteGranted: false });
    expect(ignoredFor(result)).toEqual(["vote-refused"]);
    expect(result.state).toEqual(candidate);
  });

  it("a vote of an earlier term does not count", () => {
    const candidate = candidateOf(3, { currentTerm: 4 });
    const result = receive(candidate, vote("n2", 4));
    expect(ignoredFor(result)).toEqual(["stale-term"]);
    expect(result.state).toEqual(candidate);
  });

  it.each([
    ["a follower", server({ currentTerm: 1 })],
    ["a pre-candidate", happens(server({ currentTerm: 1 }), electionTimeout).state],
    ["a leader", leaderOf(3)],
  ])("%s counts no votes", (_name, state) => {
    const result = receive(state, vote("n3"));
    expect(ignoredFor(result)).toEqual(["not-campaigning"]);
    expect(result.state).toEqual(state);
  });
});

describe("a single voter", () => {
  const alone = cluster(1);
  it.each([true, false])("leads only once its own vote is durable (preVote: %s)", (preVote) => {
    const asked = happens(server({ founding: alone }), electionTimeout, { preVote });
    expect(asked.state.role).toEqual({ kind: "candidate", votesGranted: [] });
    expect(persistOf(asked)).toMatchObject({ currentTerm: 1, votedFor: "n1" });
    expect(sent(asked)).toEqual([]);
    const won = happens(asked.state, allPersisted(asked.state), { preVote });
    expect(won.state.role.kind).toBe("leader");
  });

  it("does not lead by a write of an earlier term", () => {
    const asked = happens(server({ founding: alone, currentTerm: 3 }), electionTimeout).state;
    const stale = { ...allPersisted(asked), kind: "persisted" as const, currentTerm: 3 };
    const result = happens(asked, { ...stale, lastIndex: 0, lastTerm: 0 });
    expect(ignoredFor(result)).toEqual(["nothing-awaits-persistence"]);
    expect(result.state).toEqual(asked);
  });

  it("with a learner leads by itself, and sends the learner its log", () => {
    const founding = cluster(1, { learners: ["l1"] });
    const asked = happens(server({ founding }), electionTimeout).state;
    const won = happens(asked, allPersisted(asked));
    expect(sent(won)).toMatchObject([{ kind: "append-entries-request", to: "l1" }]);
  });
});

describe("upon election", () => {
  const result = receive(
    candidateOf(3, { log: [1, 2] }),
    message("request-vote-response", { term: 3 }),
  );
  const { state } = result;

  it("nextIndex is initialized to leader last log index + 1, matchIndex to 0 (Figure 3.1)", () => {
    const before = { matchIndex: 0, nextIndex: 3, mode: "probe", active: false };
    // What was sent at once is the no-op, entry 3.
    expect(leaderRoleOf(state)).toEqual({
      kind: "leader",
      durableIndex: 0,
      progress: ["n2", "n3"].map((id) => {
        return { id, ...before, inFlight: [{ lastIndex: 3, chars: 0 }] };
      }),
      // Two commands of earlier leaders, `c1` and `c2`, are not known to be committed.
      uncommittedChars: 4,
      transferTo: null,
      yielded: false,
      reads: { round: null, waiting: [], lease: false },
    });
  });

  it("the leader commits a blank no-op entry at the start of its term (§6.4)", () => {
    expect(persistOf(result)).toMatchObject({ entries: [noOp(3, 3)], lastIndex: 3, lastTerm: 3 });
    expect(state.commitIndex).toBe(0);
  });

  it("the first AppendEntries goes to everybody at once, learners included (§10.2.1)", () => {
    const founding = cluster(2, { learners: ["l1"] });
    const won = receive(candidateOf(founding), message("request-vote-response"));
    expect(won.effects.filter(isSend)).toMatchObject(
      ["l1", "n2"].map((to) => ({ early: true, message: { to, entries: [noOp(1, 1)] } })),
    );
  });

  it("it knows itself as the leader, and both its timers start", () => {
    expect(state.leaderId).toBe("n1");
    expect(timersOf(result)).toEqual(["election", "heartbeat"]);
  });
});

describe("a campaign on request is what an election timeout would begin", () => {
  const campaign = { kind: "campaign" } as const;

  function rejectedFor(state: State): readonly Effect[] {
    const result = happens(state, campaign);
    expect(result.state).toBe(state);
    return result.effects;
  }

  function refused(reason: string, leaderId: string | null = null): readonly unknown[] {
    return [{ kind: "reject", request: "campaign", reason, read: null, leaderId }];
  }

  it.each([
    ["with PreVote", { preVote: true }],
    ["without", { preVote: false }],
  ])("%s", (_name, options) => {
    const alike = happens(server({ log: [1, 1] }), electionTimeout, options);
    expect(happens(server({ log: [1, 1] }), campaign, options)).toEqual(alike);
  });

  it("also of a candidate, in the next term", () => {
    const again = happens(candidateOf(3), campaign, { preVote: false }).state;
    expect(again).toMatchObject({ currentTerm: 2, votedFor: "n1" });
  });

  it("a leader refuses", () => {
    expect(rejectedFor(leaderOf(3))).toEqual(refused("already-leader", "n1"));
  });

  it("so does who hears a leader: votes are promised to that one (§4.2.3)", () => {
    const hearing = server({ leaderId: "n2", leaderContact: true });
    expect(rejectedFor(hearing)).toEqual(refused("leader-contact", "n2"));
    const silent = server({ leaderId: "n2", leaderContact: false });
    expect(happens(silent, campaign).state.role.kind).toBe("pre-candidate");
  });

  it("and who is no voter in force: a learner, a stranger, one that waits to join", () => {
    const others = ["n2", "n3"];
    for (const founding of [
      cluster(0, { voters: others, learners: ["n1"] }),
      cluster(0, { voters: others }),
      cluster(0),
    ]) {
      expect(rejectedFor(server({ founding }))).toEqual(refused("not-a-voter"));
    }
  });

  it("an outgoing voter of a joint configuration votes, and so may campaign (§4.3)", () => {
    const founding = joint(["n1", "n2", "n3"], ["n2", "n3", "n4"]);
    expect(happens(server({ founding }), campaign).state.role.kind).toBe("pre-candidate");
  });

  it("who is left out still may, until it knows that to be committed (§4.2.2)", () => {
    const leaving = configurationEntry(1, 1, cluster(0, { voters: ["n2", "n3"] }));
    const left = server({ log: [leaving] });
    expect(happens(left, campaign).state.role.kind).toBe("pre-candidate");
    expect(rejectedFor({ ...left, commitIndex: 1 })).toEqual(refused("not-a-voter"));
  });
});

describe("who is no voter starts no election when its timeout passes (§4.2.1)", () => {
  it("it only knows no leader any more", () => {
    const learner = server({
      founding: cluster(0, { voters: ["n2", "n3"], learners: ["n1"] }),
      leaderId: "n2",
    });
    const result = happens(learner, electionTimeout);
    expect(ignoredFor(result)).toEqual(["not-a-voter"]);
    expect(result.state).toEqual({ ...learner, leaderId: null });
  });
});
