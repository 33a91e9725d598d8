import { describe, expect, it } from "vitest";
import { InvariantError, type Progress, type State } from "../../kernel/index.ts";
import { assertState, withName } from "../../kernel/state.ts";
import { leaderOf, leaderRoleOf, progressOf, server } from "./build.ts";

const leader = leaderOf(2);

function withProgress(change: Partial<Progress>): State {
  const progress = [{ ...progressOf(leader, "n2"), ...change }];
  return { ...leader, role: { ...leaderRoleOf(leader), progress } };
}

describe("what every state must satisfy", () => {
  it.each([
    ["a new server", server()],
    ["a leader", leader],
    ["a server that committed all it has", server({ log: [1, 1], commitIndex: 2 })],
  ])("%s does", (_name, state) => {
    expect(() => assertState(state)).not.toThrow();
  });

  it.each<[string, State]>([
    ["commitIndex lies inside the log", server({ log: [1], commitIndex: 2 })],
    ["no entry is of a future term", { ...server({ log: [2] }), currentTerm: 1 }],
    ["a leader is in contact with no other leader", { ...leader, leaderContact: true }],
    [
      "durableIndex lies inside the log",
      { ...leader, role: { ...leaderRoleOf(leader), durableIndex: 2 } },
    ],
    ["matchIndex < nextIndex", withProgress({ matchIndex: 1, nextIndex: 1 })],
    ["nextIndex lies inside the log or after it", withProgress({ nextIndex: 3 })],
  ])("%s", (rule, state) => {
    expect(() => assertState(state)).toThrow(InvariantError);
    expect(() => assertState(state)).toThrow(rule);
  });
});

describe("names are a set: sorted and without repetition", () => {
  it.each([
    [[], "n2", ["n2"]],
    [["n2"], "n1", ["n1", "n2"]],
    [["n1", "n2"], "n2", ["n1", "n2"]],
  ])("%j with %s", (names, name, expected) => {
    expect(withName(names, name)).toEqual(expected);
  });
});
