/** The safety properties hold where they should, and can fail. */
import { describe, expect, it } from "vitest";
import { type Entry, initialDurable } from "../../kernel/index.ts";
import { committedEntriesAreDurable } from "../../spec/durability.ts";
import { logViewOf, payloadText, sameEntry } from "../../spec/index.ts";
import { entriesOf } from "../../spec/logs.ts";
import type { Always, CommittedEntry, History, LogSpan, LogView } from "../../spec/property.ts";
import {
  electionSafety,
  leaderAppendOnly,
  leaderCompleteness,
  logMatching,
  stateMachineSafety,
} from "../../spec/safety.ts";
import { cluster, command, configurationEntry, entries, leaderOf, noOp } from "../kernel/build.ts";
import { quietly, viewOf } from "./build.ts";

type Over<K extends Always["over"]> = Extract<Always, { over: K }>;

function over<K extends Always["over"]>(kind: K, property: Always): Over<K> {
  if (property.over !== kind) throw new Error(`${property.name} is over ${property.over}`);
  return property as Over<K>;
}

function committed(terms: readonly number[], committedInTerm: number): readonly CommittedEntry[] {
  return entries(terms).map((entry) => ({ entry, committedInTerm }));
}

function view(terms: readonly number[], more: Partial<LogView> = {}): LogView {
  const log = span(entries(terms));
  return { log, stored: log, commitIndex: 0, leadsTerm: null, ...more };
}

function span(log: readonly Entry[]): LogSpan {
  return { base: initialDurable(cluster(3)).snapshot, entries: log };
}

function history(leaders: History["leaders"], entries: History["committed"] = []): History {
  return { founding: cluster(3), leaders, committed: entries, reads: [] };
}

describe("Election Safety: at most one leader can be elected in a given term", () => {
  const { holds } = over("history", electionSafety);

  it("allows one leader in each of two terms", () => {
    expect(holds(history([["n1"], ["n2"]]))).toBe(true);
  });
  it("forbids two in one", () => {
    expect(holds(history([["n1"], ["n1", "n2"]]))).toBe(false);
  });
});

describe("Leader Append-Only: a leader never overwrites or deletes entries in its log", () => {
  const { holds } = over("step", leaderAppendOnly);
  const leader = leaderOf(3, { log: [1, 1] });
  const follower = { ...leader, role: { kind: "follower", reads: [] } } as const;
  const other = leaderOf(3, { log: [1, command(2, 1, "other")] });

  it.each([
    ["a leader that keeps its log", quietly(leader, {}), true],
    ["a leader that loses an entry", quietly(leader, { log: leaderOf(3).log }), false],
    ["a leader that changes a command", quietly(leader, { log: other.log }), false],
    ["a follower that loses an entry", quietly(follower, { log: leaderOf(3).log }), true],
    ["a leader deposed with its log", quietly(leader, follower), true],
    ["a new term's log", quietly(leader, { currentTerm: 9, log: leaderOf(3).log }), true],
  ])("%s", (_, step, expected) => {
    expect(holds(step)).toBe(expected);
  });
});

describe("Log Matching: same index and term, then identical up to there", () => {
  const { holds } = over("pair", logMatching);

  it.each([
    ["equal logs", entries([1, 2]), entries([1, 2]), true],
    ["a prefix", entries([1]), entries([1, 2]), true],
    ["logs that part", entries([1, 2]), entries([1, 3, 3]), true],
    ["logs with nothing in common", entries([1]), entries([2]), true],
    ["the same term over a different past", entries([1, 3]), entries([2, 3]), false],
    ["the same index and term, other commands", [command(1, 1, "a")], [command(1, 1, "b")], false],
  ])("%s", (_, a, b, expected) => {
    expect(holds(span(a), span(b))).toBe(expected);
    expect(holds(span(b), span(a))).toBe(expected);
  });
});

describe("Leader Completeness: what is committed in a term is in all later leaders' logs", () => {
  const { holds } = over("server-history", leaderCompleteness);

  it.each([
    ["a later leader that has it", view([1, 1], { leadsTerm: 2 }), committed([1, 1], 1), true],
    ["a later leader that lacks it", view([1], { leadsTerm: 2 }), committed([1, 1], 1), false],
    ["a later leader with another", view([2], { leadsTerm: 2 }), committed([1], 1), false],
    ["a stale leader of an earlier term", view([1], { leadsTerm: 1 }), committed([1, 1], 2), true],
    ["who does not lead", view([]), committed([1, 1], 1), true],
    [
      "a leader between authoring and commitment",
      view([1], { leadsTerm: 3 }),
      committed([1, 2], 4),
      true,
    ],
  ])("%s", (_, server, entries, expected) => {
    expect(holds(server, history([], entries))).toBe(expected);
  });
});

describe("State Machine Safety: nobody applies a different entry for the same index", () => {
  const { holds } = over("server-history", stateMachineSafety);

  it.each([
    ["what everybody committed", view([1, 1], { commitIndex: 2 }), committed([1, 1], 1), true],
    ["less than was committed", view([1, 1], { commitIndex: 1 }), committed([1, 1], 1), true],
    ["another entry", view([1, 2], { commitIndex: 2 }), committed([1, 1], 1), false],
    ["more than history knows", view([1, 1], { commitIndex: 2 }), committed([1], 1), false],
    ["another entry, not committed", view([1, 2], { commitIndex: 1 }), committed([1, 1], 1), true],
  ])("%s", (_, server, entries, expected) => {
    expect(holds(server, history([], entries))).toBe(expected);
  });
});

describe("Durability: an acknowledged entry survives any minority of crashes", () => {
  const { holds } = over("quorum-history", committedEntriesAreDurable);

  it.each([
    ["nothing committed", view([]), committed([], 1), true],
    ["stored", view([1]), committed([1], 1), true],
    ["in the log only", view([1], { stored: span([]) }), committed([1], 1), false],
    ["another entry stored", view([2]), committed([1], 1), false],
  ])("a server counts as a holder: %s", (_, server, entries, expected) => {
    expect(holds(server, history([], entries))).toBe(expected);
  });
});

describe("the same entry", () => {
  it("is told by term and payload, of every kind", () => {
    const of = [noOp(1, 1), command(1, 1), configurationEntry(1, 1, cluster(3))];
    for (const a of of) for (const b of of) expect(sameEntry(a, b)).toBe(a === b);
    expect(sameEntry(noOp(1, 1), noOp(1, 2))).toBe(false);
    expect(new Set(of.map(payloadText)).size).toBe(3);
  });

  it("is looked for in the log while a server is up, and in its storage while it is down", () => {
    const leader = leaderOf(3, { log: [1] });
    const up = logViewOf(viewOf(leader));
    expect(up).toEqual({
      log: span(entriesOf(leader.log)),
      stored: span([]),
      commitIndex: 0,
      leadsTerm: leader.currentTerm,
    });
    const down = logViewOf(viewOf(null, { entries: entries([1]) }));
    expect(down).toEqual({
      log: span(entries([1])),
      stored: span(entries([1])),
      commitIndex: 0,
      leadsTerm: null,
    });
  });
});
