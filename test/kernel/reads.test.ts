import { describe, expect, it } from "vitest";
import type { Event, Message, ReadName, State } from "../../kernel/index.ts";
import {
  acknowledgedBy,
  after,
  arrival,
  cluster,
  configurationEntry,
  electionTimeout,
  happens,
  heartbeatTimeout,
  ignoredFor,
  joint,
  leaderOf,
  leaderRoleOf,
  message,
  propose,
  type Result,
  receive,
  reply,
  sent,
  server,
} from "./build.ts";

/** It has committed the no-op of its term. */
const leader = acknowledgedBy(leaderOf(3), ["n2", "n3"]);
const fresh = leaderOf(3);
const follower = server({ log: [1], leaderId: "n2" });

function read(name: string): Event {
  return { kind: "read", read: name };
}

function named(...names: readonly string[]): readonly ReadName[] {
  return names.map((name) => {
    const [origin = "", it = ""] = name.split(" ");
    return { origin, read: it };
  });
}

/** `from` confirms the round of these reads, `n1 r1` being r1 of n1. */
function confirms(from: string, ...names: readonly string[]): Event {
  return arrival(message("heartbeat-response", { from, context: named(...names) }));
}

function forwarded(from: string, it: string): Event {
  return arrival(message("read-index-request", { from, read: it }));
}

/** What the step answers and rejects, to its own host and to others. */
function outcomes({ effects }: Result): readonly string[] {
  return effects.flatMap((effect) => {
    if (effect.kind === "read-ready") return [`${effect.read} at ${effect.index}`];
    if (effect.kind === "reject") return [`${effect.read} ${effect.reason}`];
    if (effect.kind !== "send" || effect.message.kind !== "read-index-response") return [];
    const { to, read: it, index } = effect.message;
    return [`${it} of ${to} at ${index}`];
  });
}

function contexts(result: Result): readonly unknown[] {
  return sent(result).flatMap((it) => (it.kind === "heartbeat-request" ? [it.context] : []));
}

describe("the leader saves its commit index, and makes sure with a round of heartbeats that it still leads (§6.4)", () => {
  const asked = happens(leader, read("r1"));

  it("each peer gets a heartbeat that names the round, at once", () => {
    expect(contexts(asked)).toEqual([named("n1 r1"), named("n1 r1")]);
    expect(outcomes(asked)).toEqual([]);
  });

  it("a majority's answers confirm it, and the read is answered", () => {
    expect(outcomes(happens(asked.state, confirms("n2", "n1 r1")))).toEqual(["r1 at 1"]);
  });

  it("the index is that of when the round began", () => {
    const proposed = happens(asked.state, propose("a")).state;
    const committed = acknowledgedBy(proposed, ["n2"]);
    expect(committed.commitIndex).toBe(2);
    expect(outcomes(happens(committed, confirms("n3", "n1 r1")))).toEqual(["r1 at 1"]);
  });

  it("one peer counts once, however often it answers", () => {
    const five = happens(acknowledgedBy(leaderOf(5), ["n2", "n3"]), read("r1")).state;
    const twice = after(five, [confirms("n2", "n1 r1")]);
    expect(outcomes(happens(twice, confirms("n2", "n1 r1")))).toEqual([]);
    expect(outcomes(happens(twice, confirms("n3", "n1 r1")))).toEqual(["r1 at 1"]);
  });

  it("it is answered once: later answers find no round", () => {
    const done = after(asked.state, [confirms("n2", "n1 r1")]);
    expect(outcomes(happens(done, confirms("n3", "n1 r1")))).toEqual([]);
  });

  it("a single voter needs nobody", () => {
    const alone = acknowledgedBy(leaderOf(1), []);
    expect(outcomes(happens(alone, read("r1")))).toEqual(["r1 at 1"]);
  });

  it("heartbeats repeat the question while the round runs, and no longer", () => {
    expect(contexts(happens(asked.state, heartbeatTimeout))).toEqual([
      named("n1 r1"),
      named("n1 r1"),
    ]);
    const done = after(asked.state, [confirms("n2", "n1 r1")]);
    expect(contexts(happens(done, heartbeatTimeout))).toEqual([[], []]);
  });

  it.each<[string, Event]>([
    ["to no round", confirms("n2")],
    ["to another round", confirms("n2", "n1 r0")],
    ["to a round of more reads", confirms("n2", "n1 r1", "n1 r2")],
    ["to a read of that name that another was asked for", confirms("n2", "n2 r1")],
    ["of a learner or a stranger", confirms("n9", "n1 r1")],
    ["that accepts entries", arrival(message("append-entries-accepted", { matchIndex: 1 }))],
  ])("an answer %s does not confirm it", (_, event) => {
    const result = happens(asked.state, event);
    expect(outcomes(result)).toEqual([]);
    expect(leaderRoleOf(result.state).reads.round?.acknowledgedBy).toEqual([]);
  });

  it("an answer of an earlier term does not confirm it", () => {
    const later = acknowledgedBy(leaderOf(3, { log: [1] }), ["n2"]);
    const round = happens(later, read("r1")).state;
    const result = happens(round, confirms("n2", "n1 r1"));
    expect(ignoredFor(result)).toEqual(["stale-term"]);
    expect(outcomes(result)).toEqual([]);
  });
});

describe("a leader must have committed in its term to know what is committed (§6.4)", () => {
  it("reads wait, and begin a round together when it has", () => {
    const waiting = happens(fresh, read("r1"));
    expect(sent(waiting)).toEqual([]);
    const both = after(waiting.state, [read("r2")]);
    const acknowledged = arrival(message("append-entries-accepted", { matchIndex: 1 }));
    const begun = happens(acknowledgedBy(both, []), acknowledged);
    expect(contexts(begun)).toEqual([named("n1 r1"), named("n1 r1")]);
    expect(outcomes(happens(begun.state, confirms("n3", "n1 r1")))).toEqual(["r1 at 1", "r2 at 1"]);
  });
});

describe("reads that come while a round runs are the next one's (§6.4)", () => {
  const running = after(leader, [read("r1"), read("r2"), forwarded("n3", "x"), read("r3")]);

  it("the round's answers are not theirs", () => {
    const result = happens(running, confirms("n2", "n1 r1"));
    expect(outcomes(result)).toEqual(["r1 at 1"]);
    expect(contexts(result)).toEqual([named("n1 r2"), named("n1 r2")]);
    expect(outcomes(happens(result.state, confirms("n3", "n1 r1")))).toEqual([]);
  });

  it("one round serves them all", () => {
    const next = after(running, [confirms("n2", "n1 r1")]);
    expect(outcomes(happens(next, confirms("n2", "n1 r2")))).toEqual([
      "r2 at 1",
      "x of n3 at 1",
      "r3 at 1",
    ]);
  });
});

describe("a round is named so that no earlier answer can confirm it", () => {
  it("by a read of the leader's own, if it has one: that comes once", () => {
    const running = after(leader, [read("r0"), forwarded("n3", "x"), read("r1")]);
    const next = happens(running, confirms("n2", "n1 r0"));
    expect(contexts(next)).toEqual([named("n1 r1"), named("n1 r1")]);
  });

  it("else by all its reads: a follower's read may come again when it was answered", () => {
    const running = after(leader, [read("r0"), forwarded("n3", "x"), forwarded("n2", "y")]);
    const next = happens(running, confirms("n2", "n1 r0"));
    expect(contexts(next)).toEqual([named("n3 x", "n2 y"), named("n3 x", "n2 y")]);
  });

  it("so an answer that was given before a read was asked does not confirm it", () => {
    // n2's answer to the first round of x is still on its way when x and y are asked together.
    const answered = after(leader, [forwarded("n3", "x"), confirms("n3", "n3 x")]);
    const running = after(answered, [read("r0"), forwarded("n3", "x"), forwarded("n2", "y")]);
    const next = after(running, [confirms("n3", "n1 r0")]);
    expect(outcomes(happens(next, confirms("n2", "n3 x")))).toEqual([]);
    expect(outcomes(happens(next, confirms("n2", "n3 x", "n2 y")))).toEqual([
      "x of n3 at 1",
      "y of n2 at 1",
    ]);
  });
});

describe("confirmation is by the members in force (§4.1, §4.3)", () => {
  it("learners do not count", () => {
    const state = acknowledgedBy(leaderOf(cluster(2, { learners: ["n3"] })), ["n2"]);
    const round = happens(state, read("r1")).state;
    expect(outcomes(happens(round, confirms("n3", "n1 r1")))).toEqual([]);
    expect(outcomes(happens(round, confirms("n2", "n1 r1")))).toEqual(["r1 at 1"]);
  });

  it("a joint configuration needs a majority of each half", () => {
    const halves = joint(["n1", "n2", "n3"], ["n1", "n4", "n5"]);
    const state = acknowledgedBy(leaderOf(halves), ["n2", "n4"]);
    const round = happens(state, read("r1")).state;
    const half = after(round, [confirms("n2", "n1 r1"), confirms("n3", "n1 r1")]);
    expect(leaderRoleOf(half).reads.round).not.toBeNull();
    expect(outcomes(happens(half, confirms("n5", "n1 r1")))).toHaveLength(1);
  });

  it("a round goes on under the members that are in force by then, and may end by that", () => {
    const two = acknowledgedBy(leaderOf(2), ["n2"]);
    const change: Event = { kind: "propose-configuration", voters: ["n1"], learners: [] };
    const changing = after(two, [change, read("r1")]);
    const left = arrival(message("append-entries-accepted", { matchIndex: 2 }));
    const result = happens(acknowledgedBy(changing, []), left);
    expect(outcomes(result)).toEqual(["r1 at 1"]);
  });
});

describe("a follower asks its leader, and waits (§6.4)", () => {
  const asked = happens(follower, read("r1"));

  it("the request leaves at once", () => {
    expect(sent(asked)).toEqual([
      { kind: "read-index-request", from: "n1", to: "n2", term: 1, read: "r1" },
    ]);
  });

  it("learners do too", () => {
    const learner = server({
      founding: cluster(2, { voters: ["n2", "n3"], learners: ["n1"] }),
      leaderId: "n2",
    });
    expect(reply(happens(learner, read("r1"))).to).toBe("n2");
  });

  it("the leader's answer is its own, once", () => {
    const answer = arrival(message("read-index-response", { index: 7 }));
    const result = happens(asked.state, answer);
    expect(outcomes(result)).toEqual(["r1 at 7"]);
    expect(ignoredFor(happens(result.state, answer))).toEqual(["unknown-read"]);
  });

  it("it asks again with each heartbeat of that leader, until it is answered", () => {
    const both = after(asked.state, [read("r2")]);
    const heard = receive(both, message("heartbeat-request"));
    const again = sent(heard).filter(({ kind }) => kind === "read-index-request");
    expect(again).toMatchObject([{ read: "r1" }, { read: "r2" }]);
    const answered = after(both, [arrival(message("read-index-response"))]);
    const rest = sent(receive(answered, message("heartbeat-request")));
    expect(rest.filter(({ kind }) => kind === "read-index-request")).toMatchObject([
      { read: "r2" },
    ]);
  });

  it("the leader takes it as its own reads, and what it has already but once", () => {
    const taken = happens(leader, forwarded("n3", "r1"));
    expect(contexts(taken)).toEqual([named("n3 r1"), named("n3 r1")]);
    expect(ignoredFor(happens(taken.state, forwarded("n3", "r1")))).toEqual(["repeated-read"]);
    expect(outcomes(happens(taken.state, confirms("n3", "n3 r1")))).toEqual(["r1 of n3 at 1"]);
  });

  it("the same name of two servers is two reads", () => {
    const both = after(leader, [forwarded("n2", "r1"), forwarded("n3", "r1")]);
    expect(leaderRoleOf(both).reads.waiting).toEqual(named("n3 r1"));
  });

  it("who does not lead takes no reads of others", () => {
    const result = receive(follower, message("read-index-request"));
    expect(ignoredFor(result)).toEqual(["not-leader"]);
    expect(result.state).toEqual(follower);
  });
});

describe("every read is answered or rejected, never dropped", () => {
  const asked = after(follower, [read("r1"), read("r2")]);
  const voter = { voters: ["n2", "n3"], learners: ["n1"] };
  const learner = after(server({ founding: cluster(2, voter), log: [1], leaderId: "n2" }), [
    read("r1"),
    read("r2"),
  ]);
  const vote = message("request-vote-request", {
    from: "n3",
    term: 2,
    lastLogIndex: 9,
    lastLogTerm: 2,
  });

  it.each<[string, State, Event]>([
    ["hears of a later term", asked, arrival(vote)],
    ["hears another leader", asked, arrival(message("heartbeat-request", { from: "n3", term: 2 }))],
    ["campaigns", asked, electionTimeout],
    ["is a learner and hears no leader", learner, electionTimeout],
    ["is told to campaign", asked, arrival(message("timeout-now-request"))],
  ])("a follower rejects what is open when it %s", (_, state, event) => {
    const result = happens(state, event);
    expect(outcomes(result)).toEqual(["r1 leader-lost", "r2 leader-lost"]);
    expect(result.state.role).not.toHaveProperty("reads", ["r1", "r2"]);
  });

  it("a follower that hears the same leader again goes on waiting", () => {
    const append = message("append-entries-request", { prevLogIndex: 1, prevLogTerm: 1 });
    expect(receive(asked, append).state.role).toEqual(asked.role);
  });

  const running = after(leader, [read("r1"), forwarded("n3", "x"), read("r2")]);
  const heard = after(running, [electionTimeout]);
  it.each<[string, Event]>([
    ["hears of a later term", arrival(message("heartbeat-response", { term: 2 }))],
    ["hears no quorum", electionTimeout],
  ])("a leader rejects its own, of the round and waiting, when it %s", (_, event) => {
    const result = happens(heard, event);
    expect(result.state.role).toEqual({ kind: "follower", reads: [] });
    expect(outcomes(result)).toEqual(["r1 leader-lost", "r2 leader-lost"]);
  });

  it("and when it leaves the cluster", () => {
    const two = acknowledgedBy(leaderOf(2), ["n2"]);
    const change: Event = { kind: "propose-configuration", voters: ["n2"], learners: [] };
    const joined = acknowledgedBy(after(two, [change]), ["n2"]);
    const asking = after(joined, [read("r1")]);
    const last = happens(asking, arrival(message("append-entries-accepted", { matchIndex: 3 })));
    expect(last.state.role.kind).toBe("follower");
    expect(outcomes(last)).toEqual(["r1 leader-lost"]);
  });
});

describe("a read is refused, with the reason", () => {
  const candidate = happens(server(), electionTimeout, { preVote: false }).state;
  it.each<[string, State, Event, string]>([
    ["who knows no leader", server(), read("r1"), "r1 not-leader"],
    ["a pre-candidate", happens(server(), electionTimeout).state, read("r1"), "r1 not-leader"],
    ["a candidate", candidate, read("r1"), "r1 not-leader"],
    ["a follower that has it", after(follower, [read("r1")]), read("r1"), "r1 repeated"],
    ["a leader that has it running", after(leader, [read("r1")]), read("r1"), "r1 repeated"],
    ["a leader that has it waiting", after(fresh, [read("r1")]), read("r1"), "r1 repeated"],
    [
      "anybody, without a name",
      leader,
      { kind: "read", read: 7 as unknown as string },
      "null malformed",
    ],
  ])("by %s", (_, state, event, expected) => {
    const result = happens(state, event);
    expect(outcomes(result)).toEqual([expected]);
    expect(result.effects).toHaveLength(1);
    expect(result.state).toEqual(state);
  });
});

describe("a message about reads that no server sends is malformed", () => {
  const heartbeat = message("heartbeat-request");
  it.each<[string, unknown]>([
    ["context is not a list", { ...heartbeat, context: null }],
    ["context is not a list", { ...heartbeat, context: { origin: "n1", read: "r1" } }],
    ["context names no read", { ...heartbeat, context: [null] }],
    ["context names no read", { ...heartbeat, context: [{ origin: "", read: "r1" }] }],
    ["context names no read", { ...heartbeat, context: [{ origin: "n1", read: 1 }] }],
    ["read is not a name", { ...message("read-index-request"), read: 1 }],
    ["index is not a count", { ...message("read-index-response"), index: -1 }],
  ])("%s", (fault, it) => {
    const result = receive(follower, it as Message);
    expect(result.effects).toEqual([{ kind: "ignored", reason: "malformed", detail: fault }]);
  });
});

it("reads go on while the leader hands over, and after a change of members", () => {
  const handing = after(leader, [{ kind: "transfer-leadership", to: "n2" }, read("r1")]);
  expect(outcomes(happens(handing, confirms("n3", "n1 r1")))).toEqual(["r1 at 1"]);
  const changed = server({ log: [configurationEntry(1, 1, cluster(5))], leaderId: "n2" });
  expect(reply(happens(changed, read("r1"))).to).toBe("n2");
});
