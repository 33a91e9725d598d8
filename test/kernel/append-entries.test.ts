import { describe, expect, it } from "vitest";
import type { AppendEntriesRequest, State } from "../../kernel/index.ts";
import {
  appliedBy,
  entries,
  ignoredFor,
  message,
  noOp,
  persistOf,
  type Result,
  receive,
  reply,
  server,
  termsOf,
} from "./build.ts";

/** What a row of the table asks. Each is a fact of the message against the receiver's state. */
interface Facts {
  /** The message's term is earlier than the receiver's. */
  readonly isStale: boolean;
  /** It is later. */
  readonly isNewTerm: boolean;
  /** The receiver follows another leader in its own term. */
  readonly hasOtherLeader: boolean;
  /** The log contains an entry at prevLogIndex whose term matches prevLogTerm. */
  readonly matches: boolean;
  /** An existing entry conflicts with a new one. */
  readonly conflicts: boolean;
  /** That entry is committed. */
  readonly isCommitted: boolean;
  /** The last of the message's entries lies beyond the end of the log. */
  readonly extends: boolean;
}

type Outcome =
  | "impossible"
  | "stale-term"
  | "conflicts-with-committed"
  | "second-leader-of-term"
  | "rejected"
  | "suffix replaced"
  | "entries appended"
  | "log unchanged";

type Row = readonly [string, Record<keyof Facts, 0 | 1 | "-">, Outcome];

const COLUMNS = [
  "isStale",
  "isNewTerm",
  "hasOtherLeader",
  "matches",
  "conflicts",
  "isCommitted",
  "extends",
] as const;

function row(label: string, cells: string, outcome: Outcome): Row {
  const values = cells.split(" ").map((cell) => (cell === "-" ? cell : (Number(cell) as 0 | 1)));
  const wanted = Object.fromEntries(COLUMNS.map((name, at) => [name, values[at] ?? "-"]));
  return [label, wanted as Row[1], outcome];
}

/** Thesis Figure 3.1, AppendEntries RPC, receiver implementation. */
const TABLE: readonly Row[] = [
  //                        isStale
  //                        | isNewTerm
  //                        | | hasOtherLeader
  //                        | | | matches
  //                        | | | | conflicts
  //                        | | | | | isCommitted
  //                        | | | | | | extends
  row("both older and newer", "1 1 - - - - -", "impossible"),
  row("committed conflict of none (stale)", "1 0 - - 0 1 -", "impossible"),
  row("committed conflict of none (equal)", "0 0 - - 0 1 -", "impossible"),
  row("committed conflict of none (newer)", "0 1 - - 0 1 -", "impossible"),
  row("stale, no conflict", "1 0 - - 0 0 -", "stale-term"),
  row("stale, conflict", "1 0 - - 1 - -", "stale-term"),
  row("overwrites committed, own term", "0 0 - 1 1 1 -", "conflicts-with-committed"),
  row("overwrites committed, new term", "0 1 - 1 1 1 -", "conflicts-with-committed"),
  row("other leader, no match, no conflict", "0 0 1 0 0 0 -", "second-leader-of-term"),
  row("other leader, no match, conflict", "0 0 1 0 1 - -", "second-leader-of-term"),
  row("other leader, match, no conflict", "0 0 1 1 0 0 -", "second-leader-of-term"),
  row("other leader, match, conflict", "0 0 1 1 1 0 -", "second-leader-of-term"),
  row("no match, no conflict", "0 0 0 0 0 0 -", "rejected"),
  row("no match, conflict beyond", "0 0 0 0 1 - -", "rejected"),
  row("new term, no match, no conflict", "0 1 - 0 0 0 -", "rejected"),
  row("new term, no match, conflict", "0 1 - 0 1 - -", "rejected"),
  row("conflict", "0 0 0 1 1 0 -", "suffix replaced"),
  row("new term, conflict", "0 1 - 1 1 0 -", "suffix replaced"),
  row("news", "0 0 0 1 0 0 1", "entries appended"),
  row("new term, news", "0 1 - 1 0 0 1", "entries appended"),
  row("no news", "0 0 0 1 0 0 0", "log unchanged"),
  row("new term, no news", "0 1 - 1 0 0 0", "log unchanged"),
];

function allFacts(): readonly Facts[] {
  return Array.from({ length: 2 ** COLUMNS.length }, (_, bits) => {
    const facts = COLUMNS.map((name, at) => [name, ((bits >> at) & 1) === 1]);
    return Object.fromEntries(facts) as unknown as Facts;
  });
}

function matchingRows(facts: Facts): readonly Row[] {
  return TABLE.filter(([, wanted]) =>
    COLUMNS.every((name) => wanted[name] === "-" || (wanted[name] === 1) === facts[name]),
  );
}

/** A follower in term 4 whose log holds terms 1 1 2 2 2, and a message that makes `facts` true. */
function situation(facts: Facts): { state: State; append: AppendEntriesRequest } {
  const leader = facts.hasOtherLeader ? { leaderId: "n3", leaderContact: true } : {};
  const commitIndex = facts.isCommitted ? 4 : 1;
  const state = server({ log: [1, 1, 2, 2, 2], currentTerm: 4, commitIndex, ...leader });
  const later = facts.conflicts ? 3 : 2;
  const terms = [2, later, later, later].slice(0, facts.extends ? 4 : 3);
  const append = message("append-entries-request", {
    term: facts.isStale ? 3 : facts.isNewTerm ? 5 : 4,
    prevLogIndex: 2,
    prevLogTerm: facts.matches ? 1 : 2,
    entries: entries(terms, 3),
  });
  return { state, append };
}

/** The outcome of a step, told from nothing but its effects. */
function outcomeOf(before: State, result: Result): Outcome {
  const [reason] = ignoredFor(result);
  if (reason !== undefined) return reason as Outcome;
  if (reply(result).kind === "append-entries-rejected") return "rejected";
  const first = persistOf(result)?.entries[0];
  if (first === undefined) return "log unchanged";
  return first.index <= termsOf(before).length ? "suffix replaced" : "entries appended";
}

describe("AppendEntries RPC, receiver implementation, as a decision table (Figure 3.1)", () => {
  const named = allFacts().map((facts) => {
    const cells = COLUMNS.map((name) => Number(facts[name])).join(" ");
    return [cells, facts] as const;
  });

  it.each(named)("exactly one row applies to %s, and foretells the outcome", (_cells, facts) => {
    const rows = matchingRows(facts);
    expect(rows.map(([label]) => label)).toHaveLength(1);
    const [, , expected] = rows[0] as Row;
    if (expected === "impossible") return;
    const { state, append } = situation(facts);
    const result = receive(state, append);
    expect(outcomeOf(state, result)).toBe(expected);
    const follows = expected !== "second-leader-of-term" && expected !== "stale-term";
    const heard = follows && expected !== "conflicts-with-committed";
    if (heard) expect(result.state).toMatchObject({ leaderId: "n2", leaderContact: true });
    else expect(result.state.log).toEqual(state.log);
  });

  it("every row is reached", () => {
    const reached = new Set(
      allFacts()
        .flatMap(matchingRows)
        .map(([label]) => label),
    );
    expect(reached).toEqual(new Set(TABLE.map(([label]) => label)));
  });
});

describe("if an existing entry conflicts with a new one, delete it and all that follow it; append any new entries not already in the log (Figure 3.1)", () => {
  it.each([
    ["an empty log", [], 0, 0, [1, 1], [1, 1], [1, 1]],
    ["the end of the log", [1, 1], 2, 1, [2], [1, 1, 2], [2]],
    ["an overlap", [1, 1, 2], 1, 1, [1, 2, 2], [1, 1, 2, 2], [2]],
    ["a conflict at the first entry", [1, 1, 1], 1, 1, [2, 2], [1, 2, 2], [2, 2]],
    ["a conflict further on", [1, 1, 1, 1], 1, 1, [1, 3], [1, 1, 3], [3]],
    ["a shorter message that conflicts", [1, 2, 2, 2, 2], 1, 1, [3], [1, 3], [3]],
    ["an old message whose entries are all present", [1, 1, 2, 2], 0, 0, [1, 1], [1, 1, 2, 2], []],
    ["no entries", [1, 1, 2, 2], 2, 1, [], [1, 1, 2, 2], []],
  ])("%s", (_name, own, prevLogIndex, prevLogTerm, sent, expected, written) => {
    const state = server({ log: own, currentTerm: 4 });
    const append = message("append-entries-request", {
      term: 4,
      prevLogIndex,
      prevLogTerm,
      entries: entries(sent, prevLogIndex + 1),
    });
    const result = receive(state, append);
    expect(termsOf(result.state)).toEqual(expected);
    expect((persistOf(result)?.entries ?? []).map(({ term }) => term)).toEqual(written);
    const matchIndex = prevLogIndex + sent.length;
    expect(reply(result)).toMatchObject({ kind: "append-entries-accepted", to: "n2", matchIndex });
  });

  it("its entries are durable before they are acknowledged (§3.8)", () => {
    const { effects } = receive(
      server(),
      message("append-entries-request", { entries: [noOp(1, 1)] }),
    );
    expect(effects[0]).toMatchObject({ kind: "persist", entries: [noOp(1, 1)], lastIndex: 1 });
    expect(effects.at(-1)).toMatchObject({ kind: "send", early: false });
  });

  it("a repetition changes nothing and is acknowledged again", () => {
    const append = message("append-entries-request", { entries: entries([1, 1]) });
    const once = receive(server(), append);
    const twice = receive(once.state, append);
    expect(twice.state).toEqual(once.state);
    expect(reply(twice)).toEqual(reply(once));
    expect(persistOf(twice)).toBeUndefined();
  });
});

describe("if leaderCommit > commitIndex, set commitIndex = min(leaderCommit, index of last new entry) (Figure 3.1)", () => {
  it.each([
    ["all that is new", 0, 4, [2, 2], 4, [1, 2, 3, 4]],
    ["up to leaderCommit", 0, 3, [2, 2], 3, [1, 2, 3]],
    [
      "not beyond the last entry of the message, which may not be the leader's",
      0,
      9,
      [2],
      3,
      [1, 2, 3],
    ],
    ["not beyond prevLogIndex where there are no entries", 0, 9, [], 2, [1, 2]],
    ["what is committed is not applied again", 2, 4, [2, 2], 4, [3, 4]],
    ["never back", 4, 3, [2, 2], 4, []],
    ["never back, by an old message", 4, 9, [], 4, []],
  ])("%s", (_name, commitIndex, leaderCommit, sent, expected, applied) => {
    const state = server({ log: [1, 1, 2, 2, 2], currentTerm: 4, commitIndex });
    const append = message("append-entries-request", {
      term: 4,
      prevLogIndex: 2,
      prevLogTerm: 1,
      entries: entries(sent, 3),
      leaderCommit,
    });
    const result = receive(state, append);
    expect(result.state.commitIndex).toBe(expected);
    expect(appliedBy(result)).toEqual(applied);
  });

  it("a rejected message commits nothing", () => {
    const state = server({ log: [1, 1], currentTerm: 4 });
    const append = message("append-entries-request", {
      term: 4,
      prevLogIndex: 2,
      prevLogTerm: 2,
      leaderCommit: 2,
    });
    expect(receive(state, append).state.commitIndex).toBe(0);
  });
});

describe("when rejecting, the follower can include the term of the conflicting entry and the first index it stores for that term (§3.5)", () => {
  it.each([
    ["a log that is too short", [1, 1], 5, 4, 0, 3],
    ["an empty log", [], 3, 1, 0, 1],
    ["a conflict in the last term", [1, 2, 2, 2], 4, 3, 2, 2],
    ["a conflict in the middle of a term", [1, 2, 2, 2], 3, 3, 2, 2],
    ["a conflict in the first term", [1, 1, 1], 2, 3, 1, 1],
    ["an own term later than the leader's", [1, 1, 4], 3, 2, 4, 3],
  ])("%s", (_name, own, prevLogIndex, prevLogTerm, conflictTerm, conflictIndex) => {
    const state = server({ log: own, currentTerm: 4 });
    const result = receive(
      state,
      message("append-entries-request", { term: 4, prevLogIndex, prevLogTerm }),
    );
    expect(reply(result)).toEqual({
      kind: "append-entries-rejected",
      from: "n1",
      to: "n2",
      term: 4,
      prevLogIndex,
      conflictTerm,
      conflictIndex,
    });
    expect(result.state.log).toEqual(state.log);
  });
});

describe("heartbeats maintain authority without entries (§3.4)", () => {
  const state = server({ log: [1, 1, 1], currentTerm: 1, commitIndex: 1 });

  it.each([
    ["nothing new", 1, 1, []],
    ["an earlier index", 0, 1, []],
    ["what this server acknowledged", 3, 3, [2, 3]],
  ])("leaderCommit is %s", (_name, leaderCommit, expected, applied) => {
    const result = receive(state, message("heartbeat-request", { leaderCommit }));
    expect(result.state).toMatchObject({ commitIndex: expected, leaderId: "n2" });
    expect(appliedBy(result)).toEqual(applied);
    expect(reply(result)).toEqual({
      kind: "heartbeat-response",
      from: "n1",
      to: "n2",
      term: 1,
      context: [],
    });
  });

  it("a leaderCommit that was never acknowledged is no correct leader's", () => {
    const result = receive(state, message("heartbeat-request", { leaderCommit: 4 }));
    expect(result.effects).toMatchObject([{ kind: "ignored", reason: "impossible-commit" }]);
    expect(result.state).toEqual(state);
  });

  it("the answer waits until the term is durable", () => {
    const { effects } = receive(server(), message("heartbeat-request", { term: 3 }));
    expect(effects[0]).toMatchObject({ kind: "persist", currentTerm: 3 });
    expect(effects.at(-1)).toMatchObject({ kind: "send", early: false });
  });
});
