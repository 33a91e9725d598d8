import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  baseIndex,
  configurationOf,
  type Durable,
  type Event,
  entriesBetween,
  initialDurable,
  kernelConfig,
  lastIndex,
  type Message,
  type State,
} from "../../kernel/index.ts";
import {
  after,
  allPersisted,
  candidateOf,
  cluster,
  entries,
  happens,
  ignoredFor,
  isSend,
  leaderOf,
  leaderRoleOf,
  message,
  persisted,
  persistOf,
  propose,
  receive,
  server,
} from "./build.ts";
import { boot, run, scenario, type Taken } from "./random.ts";

function written(term: number, index: number, lastTerm: number): Event {
  return { kind: "persisted", currentTerm: term, lastIndex: index, lastTerm };
}

describe("currentTerm, votedFor and the log are written before anything is answered (§3.8)", () => {
  it.each<[string, State, Message, object]>([
    [
      "a new term alone",
      server({ log: [1], currentTerm: 1, votedFor: "n1" }),
      message("heartbeat-request", { term: 2 }),
      { currentTerm: 2, votedFor: null, entries: [], lastIndex: 1, lastTerm: 1 },
    ],
    [
      "a vote alone",
      server({ currentTerm: 1 }),
      message("request-vote-request"),
      { currentTerm: 1, votedFor: "n2", entries: [], lastIndex: 0, lastTerm: 0 },
    ],
    [
      "a new term and the vote in it, as one",
      server({ currentTerm: 1, votedFor: "n3" }),
      message("request-vote-request", { term: 2 }),
      { currentTerm: 2, votedFor: "n2", entries: [], lastIndex: 0, lastTerm: 0 },
    ],
    [
      "entries alone",
      server({ log: [1], currentTerm: 1, votedFor: "n3" }),
      message("append-entries-request", {
        prevLogIndex: 1,
        prevLogTerm: 1,
        entries: entries([1, 1], 2),
      }),
      { currentTerm: 1, votedFor: "n3", entries: entries([1, 1], 2), lastIndex: 3, lastTerm: 1 },
    ],
    [
      "a new term and entries that truncate, as one",
      server({ log: [1, 1, 1], votedFor: "n3" }),
      message("append-entries-request", {
        term: 2,
        prevLogIndex: 1,
        prevLogTerm: 1,
        entries: entries([2], 2),
      }),
      { currentTerm: 2, votedFor: null, entries: entries([2], 2), lastIndex: 2, lastTerm: 2 },
    ],
  ])("%s", (_name, state, it, expected) => {
    expect(receive(state, it).effects[0]).toEqual({ kind: "persist", snapshot: null, ...expected });
  });

  it("what changed nothing durable writes nothing", () => {
    const state = server({ log: [1], currentTerm: 1, votedFor: "n2" });
    expect(persistOf(receive(state, message("heartbeat-request")))).toBeUndefined();
    expect(persistOf(receive(state, message("append-entries-accepted")))).toBeUndefined();
  });
});

describe("a leader counts its own entries when they are durable (§10.2.1)", () => {
  const leader = after(leaderOf(3, { log: [1, 1] }), [propose("x")]);

  it("up to the write that completed", () => {
    const first = happens(leader, written(2, 3, 2));
    expect(leaderRoleOf(first.state).durableIndex).toBe(3);
    expect(first.effects).toEqual([]);
    expect(leaderRoleOf(happens(first.state, written(2, 4, 2)).state).durableIndex).toBe(4);
  });

  it.each([
    ["of an earlier term's log", leader, written(1, 2, 1)],
    ["of the vote that elected it, without entry of its term", leader, written(2, 2, 1)],
    ["that completed before", after(leader, [written(2, 4, 2)]), written(2, 3, 2)],
    ["that is reported twice", after(leader, [written(2, 4, 2)]), written(2, 4, 2)],
    ["of a follower", server({ log: [1] }), written(1, 1, 1)],
    ["of a candidate's earlier term", candidateOf(3, { log: [1] }), written(1, 1, 1)],
  ])("a write %s counts for nothing", (_name, state, event) => {
    const result = happens(state, event);
    expect(ignoredFor(result)).toEqual(["nothing-awaits-persistence"]);
    expect(result.state).toEqual(state);
  });

  it("a candidate's own vote counts once, however often it is reported", () => {
    const candidate = candidateOf(5);
    expect(candidate.role).toEqual({ kind: "candidate", votesGranted: ["n1"] });
    expect(happens(candidate, allPersisted(candidate)).state).toEqual(candidate);
  });
});

/** Kinds that promise something about durable state: a vote, or entries. */
const PROMISES: readonly Message["kind"][] = [
  "request-vote-request",
  "request-vote-response",
  "append-entries-accepted",
  "append-entries-rejected",
  "heartbeat-response",
];

function checkWrites({ before, result }: Taken): void {
  const { state, effects } = result;
  const changed =
    before.currentTerm !== state.currentTerm ||
    before.votedFor !== state.votedFor ||
    before.log !== state.log;
  const persists = effects.filter(({ kind }) => kind === "persist");
  expect(persists).toHaveLength(changed ? 1 : 0);
  if (changed) expect(effects[0]?.kind).toBe("persist");
}

/** The last index that is durable. */
function endOf({ snapshot, entries }: Durable): number {
  return snapshot.lastIndex + entries.length;
}

function checkReplay({ host }: Taken): void {
  const { state, durable, writes } = host;
  const all = writes.reduce(persisted, durable);
  expect(all).toEqual({
    currentTerm: state.currentTerm,
    votedFor: state.votedFor,
    snapshot: {
      lastIndex: baseIndex(state.log),
      lastTerm: state.log.baseTerm,
      configuration: state.configurations[0]?.configuration,
    },
    entries: entriesBetween(state.log, baseIndex(state.log) + 1, lastIndex(state.log)),
  });
}

function checkPromises({ result, host }: Taken): void {
  const all = host.writes.reduce(persisted, host.durable);
  for (const { message: it, early } of result.effects.filter(isSend)) {
    if (PROMISES.includes(it.kind)) expect([it.kind, early]).toEqual([it.kind, false]);
    if (it.kind === "request-vote-request") expect(all).toMatchObject({ votedFor: "n1" });
    if (it.kind === "request-vote-response" && it.voteGranted) {
      expect(all).toMatchObject({ currentTerm: it.term, votedFor: it.to });
    }
    if (it.kind === "append-entries-accepted") {
      expect(it.matchIndex).toBeLessThanOrEqual(endOf(all));
    }
  }
}

function checkLeader({ before, host }: Taken): void {
  const { role, currentTerm } = host.state;
  if (role.kind !== "leader") return;
  // It counts no entry of its own that a crash could take.
  expect(role.durableIndex).toBeLessThanOrEqual(endOf(host.durable));
  // The early messages of a leader name its term, and a single voter has voted by then.
  const { voters, outgoingVoters } = configurationOf(host.state);
  const isElected = before.role.kind !== "leader";
  if (isElected && voters.length === 1 && outgoingVoters.length === 0) {
    expect(host.durable).toMatchObject({ currentTerm, votedFor: "n1" });
  }
}

describe("over any events, crashes and slow disks", () => {
  const holds = (check: (taken: Taken) => void) =>
    fc.assert(
      fc.property(scenario, ({ founding, moves, ...options }) => {
        const start = boot(kernelConfig("n1", options), initialDurable(founding));
        for (const taken of run(start, moves)) check(taken);
      }),
      { numRuns: 300 },
    );

  it("one write comes first exactly where currentTerm, votedFor or the log changed", () => {
    holds(checkWrites);
  });

  it("all writes together give exactly the state's term, vote and log", () => {
    holds(checkReplay);
  });

  it("no vote and no acknowledgement leaves before what it promises is durable", () => {
    holds(checkPromises);
  });

  it("a leader counts of its own log what is durable, and a single voter leads by a durable vote", () => {
    holds(checkLeader);
  });
});

describe("the random runs are not empty", () => {
  it("they elect, append, truncate, commit and step down", () => {
    const seen = new Set<string>();
    const note = ({ before, result }: Taken): void => {
      const { state, effects } = result;
      if (before.role.kind !== state.role.kind)
        seen.add(`${before.role.kind} -> ${state.role.kind}`);
      if (lastIndex(state.log) < lastIndex(before.log)) seen.add("truncates");
      for (const effect of effects) seen.add(isSend(effect) ? effect.message.kind : effect.kind);
      for (const reason of ignoredFor(result)) seen.add(reason);
    };
    const all = fc.sample(scenario, { numRuns: 2000, seed: 1 });
    for (const { founding, moves, ...options } of all) {
      const start = boot(kernelConfig("n1", options), initialDurable(founding));
      for (const taken of run(start, moves)) note(taken);
    }
    for (const it of [
      "pre-candidate -> candidate",
      "candidate -> leader",
      "candidate -> follower",
      "leader -> follower",
      "truncates",
      "persist",
      "apply",
      "reject",
      "pre-vote-response",
      "request-vote-response",
      "append-entries-request",
      "append-entries-accepted",
      "append-entries-rejected",
      "heartbeat-request",
      "conflicts-with-committed",
      "stale-acknowledgement",
      "stale-rejection",
    ]) {
      expect(seen, it).toContain(it);
    }
  });

  it("a cluster of three is founded with three", () => {
    expect(boot(kernelConfig("n1"), initialDurable(cluster(3))).state).toEqual(server());
  });
});
