import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Configuration,
  isMajority,
  isMember,
  isQuorum,
  isVoter,
  otherVoters,
  peersOf,
  quorumMatchIndex,
  type ServerId,
} from "../../kernel/index.ts";
import { cluster, joint, names } from "./build.ts";

function subsetsOf(servers: readonly ServerId[]): readonly (readonly ServerId[])[] {
  const [first, ...rest] = servers;
  if (first === undefined) return [[]];
  return subsetsOf(rest).flatMap((subset) => [subset, [first, ...subset]]);
}

/** raft.tla: Quorum == {i in SUBSET(Server) : Cardinality(i) * 2 > Cardinality(Server)}. */
function quorumsOf(voters: readonly ServerId[]): readonly (readonly ServerId[])[] {
  return subsetsOf(voters).filter((subset) => subset.length * 2 > voters.length);
}

/** The definition: `members` include a quorum of the voters and, when joint, of the old ones. */
function isQuorumByDefinition(it: Configuration, members: readonly ServerId[]): boolean {
  const halves = [it.voters, it.outgoingVoters].filter((voters) => voters.length > 0);
  return halves.every((voters) =>
    quorumsOf(voters).some((quorum) => quorum.every((id) => members.includes(id))),
  );
}

const SERVERS = names(7);
const some = (minLength: number) => fc.subarray([...SERVERS], { minLength });
const configurations: fc.Arbitrary<Configuration> = fc.record({
  voters: some(1),
  outgoingVoters: fc.oneof(fc.constant([]), some(0)),
  learners: fc.subarray(["l1", "l2"]),
});
const everyone = [...SERVERS, "l1", "l2"];

describe("a quorum is a majority of the voters (§3.4)", () => {
  it.each([
    [1, [0, 1]],
    [2, [0, 0, 1]],
    [3, [0, 0, 1, 1]],
    [4, [0, 0, 0, 1, 1]],
    [5, [0, 0, 0, 1, 1, 1]],
  ])("of %i voters, whether 0, 1, 2 ... of them are enough: %j", (size, expected) => {
    const voters = names(size);
    const found = expected.map((_, present) => isMajority(voters, voters.slice(0, present)));
    expect(found.map(Number)).toEqual(expected);
  });

  it("of no voters there is nothing to ask, but a cluster without voters decides nothing", () => {
    expect(isMajority([], [])).toBe(true);
    expect(isQuorum(cluster(0), names(3))).toBe(false);
    expect(quorumMatchIndex(cluster(0), () => 7)).toBe(0);
  });
});

describe("agreement requires separate majorities from both configurations (§4.3)", () => {
  const both = joint(["n1", "n2", "n3"], ["n3", "n4", "n5"]);
  it.each([
    ["a majority of the union only", ["n1", "n2", "n3"], false],
    ["a majority of the old only", ["n1", "n2"], false],
    ["a majority of the new only", ["n4", "n5"], false],
    ["a majority of each", ["n1", "n3", "n4"], true],
    ["a majority of each without the shared server", ["n1", "n2", "n4", "n5"], true],
  ])("%s", (_name, members, expected) => {
    expect(isQuorum(both, members)).toBe(expected);
  });

  it("an index counts where both halves hold it", () => {
    const match = new Map(Object.entries({ n1: 9, n2: 9, n3: 4, n4: 3, n5: 2 }));
    expect(quorumMatchIndex(both, (id) => match.get(id) ?? 0)).toBe(3);
  });
});

describe("learners never count", () => {
  const it3 = cluster(3, { learners: ["l1", "l2"] });
  it("towards a quorum", () => {
    expect(isQuorum(it3, ["n1", "l1", "l2"])).toBe(false);
  });

  it("towards the index that a quorum holds", () => {
    expect(quorumMatchIndex(it3, (id) => (id.startsWith("l") ? 9 : 2))).toBe(2);
  });
});

describe("against the definition, by enumerating subsets", () => {
  it("isQuorum", () => {
    fc.assert(
      fc.property(configurations, fc.subarray(everyone), (it, members) => {
        expect(isQuorum(it, members)).toBe(isQuorumByDefinition(it, members));
      }),
      { numRuns: 500 },
    );
  });

  it("quorumMatchIndex is the highest index that the servers who hold it can decide", () => {
    const matches = fc.array(fc.nat(6), { minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(configurations, matches, (it, match) => {
        const matchIndexOf = (id: ServerId) => match[everyone.indexOf(id)] ?? 0;
        const isAgreed = (index: number) =>
          isQuorumByDefinition(
            it,
            everyone.filter((id) => matchIndexOf(id) >= index),
          );
        const expected = Math.max(...[0, 1, 2, 3, 4, 5, 6].filter(isAgreed));
        expect(quorumMatchIndex(it, matchIndexOf)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it("any two quorums of one configuration share a voter", () => {
    const members = () => fc.subarray(everyone);
    fc.assert(
      fc.property(configurations, members(), members(), (it, one, other) => {
        fc.pre(isQuorum(it, one) && isQuorum(it, other));
        expect(one.some((id) => it.voters.includes(id) && other.includes(id))).toBe(true);
      }),
    );
  });
});

describe("who takes part", () => {
  const it5 = { voters: ["n1", "n2"], outgoingVoters: ["n2", "n3"], learners: ["n4"] };
  it.each([
    ["n1", true, true],
    ["n3", true, true],
    ["n4", false, true],
    ["n9", false, false],
  ])("%s votes: %s, is a member: %s", (id, votes, takesPart) => {
    expect([isVoter(it5, id), isMember(it5, id)]).toEqual([votes, takesPart]);
  });

  it("peers and other voters are named once each, and never the server itself", () => {
    expect(peersOf(it5, "n1")).toEqual(["n2", "n3", "n4"]);
    expect(otherVoters(it5, "n2")).toEqual(["n1", "n3"]);
    expect(peersOf(it5, "n9")).toEqual(["n1", "n2", "n3", "n4"]);
  });
});
