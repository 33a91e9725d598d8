import { describe, expect, it } from "vitest";
import {
  configurationOf,
  type Durable,
  type Entry,
  InvariantError,
  initialDurable,
  kernelConfig,
  recover,
} from "../../kernel/index.ts";
import {
  cluster,
  command,
  configurationEntry,
  entries,
  joint,
  leaderOf,
  termsOf,
} from "./build.ts";

const config = kernelConfig("n1");
const durable: Durable = {
  currentTerm: 4,
  votedFor: "n3",
  entries: entries([1, 1, 3]),
  snapshot: initialDurable(cluster(3)).snapshot,
};

describe("a server restarts from its durable state as a follower (§3.8)", () => {
  const { state, effects } = recover(config, durable);

  it("with its term, its vote and its log", () => {
    expect(state).toMatchObject({ currentTerm: 4, votedFor: "n3" });
    expect(termsOf(state)).toEqual([1, 1, 3]);
  });

  it("knowing no leader, and committing nothing it has not learnt anew", () => {
    expect(state).toMatchObject({ leaderId: null, leaderContact: false, commitIndex: 0 });
    expect(state.role).toEqual({ kind: "follower", reads: [] });
  });

  it("asking for nothing but its election timer", () => {
    expect(effects).toEqual([{ kind: "reset-timer", timer: "election" }]);
  });

  it("in the latest configuration of its log (§4.1)", () => {
    const both = joint(["n1", "n2", "n3"], ["n1", "n4"]);
    const log = [command(1, 1), configurationEntry(2, 1, both), command(3, 1)];
    expect(configurationOf(recover(config, { ...durable, entries: log }).state)).toEqual(both);
    expect(configurationOf(state)).toEqual(cluster(3));
  });

  it("a leader, too, comes back as a follower", () => {
    const { currentTerm, votedFor } = leaderOf(3);
    const again = recover(config, { ...durable, currentTerm, votedFor, entries: [] }).state;
    expect(again).toMatchObject({ currentTerm: 1, votedFor: "n1", role: { kind: "follower" } });
  });
});

describe("a server whose log begins after a snapshot restarts from both (§5.1)", () => {
  const snapshot = { lastIndex: 4, lastTerm: 2, configuration: cluster(5) };
  const stored = { ...durable, snapshot, entries: entries([2, 3], 5) };
  const { state, effects } = recover(config, stored);

  it("with the log that follows it, committed as far as it reaches", () => {
    expect(termsOf(state)).toEqual([2, 3]);
    expect(state.commitIndex).toBe(4);
    expect(state.configurations).toEqual([{ index: 4, configuration: cluster(5) }]);
  });

  it("restoring the state machine before all else: a crash may have come before that", () => {
    expect(effects).toEqual([
      { kind: "install-snapshot", snapshot },
      { kind: "reset-timer", timer: "election" },
    ]);
  });

  it("in the latest configuration after the snapshot, where there is one", () => {
    const log = [configurationEntry(5, 3, cluster(3))];
    expect(configurationOf(recover(config, { ...stored, entries: log }).state)).toEqual(cluster(3));
  });

  it.each<[string, Partial<Durable>, string]>([
    ["entries that overlap it", { entries: entries([2], 4) }, "continue the log (L1)"],
    ["a gap after it", { entries: entries([2], 6) }, "continue the log (L1)"],
    ["an entry of an earlier term", { entries: entries([1], 5) }, "terms never decrease (L2)"],
    ["a later term than the server's", { currentTerm: 1, entries: [] }, "of a future term"],
    ["no term", { snapshot: { ...snapshot, lastTerm: 0 } }, "a snapshot ends in a term"],
    [
      "a term but no index",
      { entries: [], snapshot: { ...snapshot, lastIndex: 0 } },
      "a snapshot ends in a",
    ],
  ])("%s must not start it", (_name, torn, rule) => {
    expect(() => recover(config, { ...stored, ...torn })).toThrow(rule);
  });
});

describe("when servers start up, they begin as followers (§3.4)", () => {
  it("in term 0, without vote and entries", () => {
    const { state } = recover(config, initialDurable(cluster(3)));
    expect(state).toMatchObject({ currentTerm: 0, votedFor: null, role: { kind: "follower" } });
    expect(termsOf(state)).toEqual([]);
    expect(configurationOf(state)).toEqual(cluster(3));
  });
});

describe("storage that is torn or foreign must not start a server", () => {
  it.each<[string, readonly Entry[], string]>([
    [
      "an entry is missing",
      [command(1, 1), command(3, 1)],
      "appended entries continue the log (L1)",
    ],
    ["the first entries are missing", [command(2, 1)], "appended entries continue the log (L1)"],
    ["a term decreases", [command(1, 2), command(2, 1)], "terms never decrease (L2)"],
    ["an entry of no term", [command(1, 0)], "terms never decrease (L2)"],
    ["an entry of a later term than the server's", [command(1, 5)], "no entry is of a future term"],
  ])("%s", (_name, torn, rule) => {
    const start = () => recover(config, { ...durable, entries: torn });
    expect(start).toThrow(InvariantError);
    expect(start).toThrow(rule);
  });
});
