import { describe, expect, it } from "vitest";
import { entriesBetween, type State } from "../../kernel/index.ts";
import {
  acknowledgedBy,
  after,
  allPersisted,
  appliedBy,
  arrival,
  cluster,
  configurationEntry,
  happens,
  joint,
  leaderOf,
  message,
  propose,
  type Result,
  receive,
} from "./build.ts";

/** `from` acknowledges the leader's log up to `matchIndex`. */
function acknowledge(state: State, from: string, matchIndex: number): Result {
  const { currentTerm: term } = state;
  return receive(state, message("append-entries-accepted", { from, term, matchIndex }));
}

describe("if there exists an N such that N > commitIndex, a majority of matchIndex[i] >= N, and log[N].term == currentTerm: set commitIndex = N (Figure 3.1)", () => {
  it.each([
    ["nobody", [], 0],
    ["one of four others", [3], 0],
    ["two of four others, with the leader a majority", [3, 3], 3],
    ["all", [3, 3, 3, 3], 3],
    ["at different indexes: the one that a majority holds", [5, 4, 3, 1], 4],
    ["at different indexes, too few of this term", [5, 2, 2, 2], 0],
  ])("acknowledged by %s", (_name, matches, expected) => {
    let state = leaderOf(5, { log: [1, 1] });
    state = after(state, [propose("x"), propose("y")]);
    state = after(state, [allPersisted(state)]);
    for (const [peer, matchIndex] of matches.entries()) {
      state = acknowledge(state, `n${peer + 2}`, matchIndex).state;
    }
    expect(state.commitIndex).toBe(expected);
  });

  it("what it commits is applied, in order, once", () => {
    const leader = after(leaderOf(3, { log: [1, 1] }), []);
    const durable = after(leader, [allPersisted(leader)]);
    const result = acknowledge(durable, "n2", 3);
    const entries = entriesBetween(result.state.log, 1, 3);
    expect(result.effects.filter(({ kind }) => kind === "apply")).toEqual([
      { kind: "apply", entries },
    ]);
    expect(appliedBy(acknowledge(result.state, "n3", 3))).toEqual([]);
  });
});

describe("Raft never commits log entries from previous terms by counting replicas (§3.6.2)", () => {
  // Figure 3.7 (c): S1 leads term 4 and replicates its old entry of term 2 to a majority.
  const leader = leaderOf(5, { log: [1, 2], currentTerm: 3 });
  const durable = after(leader, [allPersisted(leader)]);
  const replicated = after(durable, [
    arrival(message("append-entries-accepted", { from: "n2", term: 4, matchIndex: 2 })),
    arrival(message("append-entries-accepted", { from: "n3", term: 4, matchIndex: 2 })),
  ]);

  it("an entry of term 2 on a majority is not committed in term 4", () => {
    expect(replicated.commitIndex).toBe(0);
  });

  it("once an entry from the current term has been committed, all prior entries are", () => {
    const one = acknowledge(replicated, "n2", 3).state;
    const result = acknowledge(one, "n3", 3);
    expect(result.state.commitIndex).toBe(3);
    expect(appliedBy(result)).toEqual([1, 2, 3]);
  });
});

describe("a leader counts its own entries once they are durable (§10.2.1)", () => {
  const leader = leaderOf(3);

  it("before, one other server is no majority of three", () => {
    const one = acknowledge(leader, "n2", 1);
    expect(one.state.commitIndex).toBe(0);
    const result = happens(one.state, allPersisted(one.state));
    expect(result.state.commitIndex).toBe(1);
    expect(appliedBy(result)).toEqual([1]);
  });

  it("the leader may even commit an entry before it has been written to its own disk, if a majority of followers have", () => {
    const two = acknowledge(acknowledge(leader, "n2", 1).state, "n3", 1).state;
    expect(two).toMatchObject({ commitIndex: 1, role: { durableIndex: 0 } });
  });

  it("only up to what is durable", () => {
    const proposed = after(leader, [allPersisted(leader), propose("x")]);
    expect(acknowledge(proposed, "n2", 2).state.commitIndex).toBe(1);
  });

  it("a single voter commits by its own disk alone", () => {
    const alone = leaderOf(1);
    expect(alone.commitIndex).toBe(0);
    const result = happens(alone, allPersisted(alone));
    expect(appliedBy(result)).toEqual([1]);
    const proposed = happens(result.state, propose("x")).state;
    expect(proposed.commitIndex).toBe(1);
    expect(appliedBy(happens(proposed, allPersisted(proposed)))).toEqual([2]);
  });
});

describe("who counts", () => {
  it("learners do not", () => {
    const leader = leaderOf(cluster(3, { learners: ["l1", "l2"] }));
    const learnt = acknowledgedBy(leader, ["l1", "l2"]);
    expect(learnt.commitIndex).toBe(0);
    expect(acknowledge(learnt, "n3", 1).state.commitIndex).toBe(1);
  });

  it("agreement requires separate majorities from both the old and new configurations (§4.3)", () => {
    const leader = leaderOf(joint(["n1", "n2", "n3"], ["n1", "n4", "n5"]));
    const old = acknowledgedBy(leader, ["n2", "n3"]);
    expect(old.commitIndex).toBe(0);
    expect(acknowledge(old, "n5", 1).state.commitIndex).toBe(1);
  });

  it("of the configuration in the log, not of the founding one", () => {
    const both = joint(["n1", "n2", "n3"], ["n1", "n4", "n5"]);
    const leader = leaderOf(3, { log: [configurationEntry(1, 1, both)] });
    const old = acknowledgedBy(leader, ["n2", "n3"]);
    expect(old.commitIndex).toBe(0);
    expect(acknowledge(old, "n4", 2).state.commitIndex).toBe(2);
  });

  it("not the leader, where it is not part of the new configuration (§4.2.2)", () => {
    const leaving = joint(["n1", "n2", "n3"], ["n2", "n3", "n4"]);
    const without = { voters: ["n2", "n3", "n4"], outgoingVoters: [], learners: [] };
    const leader = leaderOf(leaving);
    const appended = { ...leader, configurations: [{ index: 0, configuration: without }] };
    const one = acknowledgedBy(appended, ["n2"]);
    expect(one.commitIndex).toBe(0);
    expect(acknowledge(one, "n4", 1).state.commitIndex).toBe(1);
  });
});
