/** The kernel against `tla/Raft.tla`: what conforms, and that what does not is found and explained. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyLog, type Message, type State } from "../../kernel/index.ts";
import { type Bounds, defaultBounds } from "../../model-checker/bounds.ts";
import { check } from "../../model-checker/check.ts";
import { loadConformance } from "../../model-checker/conformance.ts";
import {
  CONFORMANCE,
  faultLines,
  firstFault,
  isExercisable,
} from "../../model-checker/conformance-contract.ts";
import type { Move, Up } from "../../model-checker/process.ts";
import { parseAction } from "../../model-checker/schedule.ts";
import { enabledActions, initialWorld, perform } from "../../model-checker/world.ts";
import { runScript } from "../tools/script.ts";

const SCRIPTS = join(import.meta.dirname, "../scripts");
const scripts = readdirSync(SCRIPTS).filter((name) => name.endsWith(".txt"));
const WIDE: Bounds = {
  ...defaultBounds,
  terms: 9,
  log: 9,
  messages: 40,
  crashes: 9,
  proposals: 9,
  duplications: 9,
  window: 3,
};

/** The moves of a schedule. */
function movesOf(bounds: Bounds, schedule: readonly string[]): readonly Move[] {
  let world = initialWorld(bounds);
  return schedule.flatMap((line) => {
    const action = parseAction(world, line);
    if ("fault" in action) throw new Error(action.fault);
    const outcome = perform(world, action);
    if ("refused" in outcome) throw new Error(`${line}: ${outcome.refused}`);
    world = outcome.world;
    return outcome.moves;
  });
}

/** Lets what `choices` point at happen; calls `visit` for every move. */
function wander(bounds: Bounds, choices: readonly number[], visit: (move: Move) => void): void {
  let world = initialWorld(bounds);
  for (const choice of choices) {
    const actions = enabledActions(world);
    const action = actions[choice % actions.length];
    if (action === undefined) return;
    const outcome = perform(world, action);
    if ("refused" in outcome) continue;
    outcome.moves.forEach(visit);
    world = outcome.world;
  }
}

describe("every kernel transition is a step of the specification", () => {
  it.each(scripts)("in the script %s", async (name) => {
    const text = readFileSync(join(SCRIPTS, name), "utf8");
    const moves: Move[] = [];
    let bounds: Bounds | null = null;
    runScript(text, ({ world, moves: made }) => {
      bounds = world.bounds;
      moves.push(...made);
    });
    if (bounds === null) throw new Error("a script that does nothing");
    const conformance = await loadConformance(bounds);
    const fault = firstFault(conformance, moves);
    expect(fault === null ? [] : faultLines(fault)).toEqual([]);
    expect(moves.length).toBeGreaterThan(0);
  });

  it.each<[string, Partial<Bounds>]>([
    ["five servers", { servers: 5 }],
    ["a learner, and writes that complete late", { learners: 1, storage: "asynchronous" }],
    ["neither PreVote nor CheckQuorum", { preVote: false, checkQuorum: false }],
    ["PreVote alone", { checkQuorum: false }],
    ["CheckQuorum alone", { preVote: false, storage: "asynchronous" }],
    ["a server by itself", { servers: 1, storage: "asynchronous" }],
    ["a server with a learner", { servers: 1, learners: 1 }],
    ["reads, handing over, snapshots", { learners: 1, reads: 9, transfers: 3, snapshots: 3 }],
    ["leases", { reads: 9, leaseReads: true, preVote: false, transfers: 2 }],
    ["leases of a server with a learner", { servers: 1, learners: 1, reads: 9, leaseReads: true }],
    [
      "members that change, reads, and writes that complete late",
      {
        servers: 2,
        joining: 2,
        changes: ["n2,n3+n1", "n1,n3", "n3,n4", "n1,n2"],
        reads: 5,
        leaseReads: true,
        snapshots: 3,
        storage: "asynchronous",
      },
    ],
  ])("under random schedules: %s", async (_name, changes) => {
    const bounds = { ...WIDE, ...changes };
    const conformance = await loadConformance(bounds);
    const choices = fc.array(fc.nat({ max: 1 << 16 }), { size: "max", maxLength: 150 });
    fc.assert(
      fc.property(choices, (drawn) => {
        wander(bounds, drawn, (move) => {
          const fault = conformance.check(move);
          if (fault !== null) throw new Error(faultLines(fault).join("\n"));
        });
      }),
      { numRuns: 60 },
    );
    const { transitions, conforming, stutters } = conformance.figures;
    expect(conforming).toBe(transitions);
    expect(stutters).toBeLessThan(transitions / 2);
  });

  it("in an exhaustive check, which counts them and the actions they take", async () => {
    const bounds: Bounds = { ...defaultBounds, servers: 2, messages: 2, crashes: 0, log: 2 };
    const { verdict, conformance, properties } = await check({ bounds, conform: true });
    expect(verdict).toBe("exhausted");
    expect(conformance?.conforming).toBe(conformance?.transitions);
    const never = conformance?.actionsNeverExercised ?? [];
    expect(never).toEqual(expect.arrayContaining(["Timeout", "Crash", "Restart"]));
    const missing = never.filter((name) => isExercisable(name, bounds));
    const unreached = properties.filter(({ result }) => result === "unreached");
    expect(unreached.map(({ name }) => name)).toEqual(
      expect.arrayContaining(missing.map((name) => `action ${name} of tla/Raft.tla`)),
    );
    expect(properties).toContainEqual({ name: CONFORMANCE, kind: "always", result: "holds" });
  });
});

describe("a transition that is no step of the specification", () => {
  const bounds: Bounds = { ...WIDE, preVote: false, checkQuorum: false };
  const moves = movesOf(bounds, [
    "timeout n1",
    "deliver n1 n2 request-vote#1",
    "deliver n2 n1 request-vote-response#1",
    "deliver n1 n2 append-entries#1",
    "deliver n2 n1 append-entries-accepted#1",
    "heartbeat n1",
    "crash n3",
    "restart n3",
  ]);
  const withState = (move: Move, change: Partial<State>): Move => {
    const after = move.after as Up;
    return { ...move, after: { ...after, state: { ...after.state, ...change } } };
  };
  const withSent = (move: Move, change: Partial<Message>): Move => {
    return { ...move, sent: move.sent.map((it) => ({ ...it, ...change }) as Message) };
  };
  /** The first move that `wanted` picks. */
  const pick = (wanted: (move: Move) => boolean): Move => {
    const found = moves.find(wanted);
    if (found === undefined) throw new Error("the schedule has no such move");
    return found;
  };
  const receives = (kind: Message["kind"]): Move =>
    pick(({ input }) => input.kind === "message" && input.message.kind === kind);

  it.each<[string, () => Move, string, RegExp]>([
    [
      "a vote that is told and not kept",
      () => withState(receives("request-vote-request"), { votedFor: null }),
      "HandleRequestVoteRequest",
      /^votedFor' = \[votedFor EXCEPT/,
    ],
    [
      "a term that is not adopted",
      () => withState(receives("request-vote-request"), { currentTerm: 0 }),
      "HandleRequestVoteRequest",
      /^currentTerm' = /,
    ],
    [
      "a commit index beyond what a quorum acknowledged",
      () => withState(receives("append-entries-accepted"), { commitIndex: 0 }),
      "HandleAppendEntriesAccepted",
      /^commitIndex' = /,
    ],
    [
      "a follower that keeps no entry",
      () => withState(receives("append-entries-request"), { log: emptyLog }),
      "HandleAppendEntriesRequest",
      /^log' = /,
    ],
    [
      "a heartbeat that commits more than the peer acknowledged",
      () =>
        withSent(
          pick(({ input }) => input.kind === "heartbeat-timeout"),
          { leaderCommit: 5 },
        ),
      "Heartbeat",
      /^messages' = /,
    ],
    [
      "a server that forgets its term when it restarts",
      () =>
        withState(
          pick(({ input }) => input.kind === "restart"),
          { currentTerm: 7 },
        ),
      "Restart",
      /^/,
    ],
  ])("%s", async (_name, make, action, part) => {
    const conformance = await loadConformance(bounds);
    const fault = conformance.check(make());
    expect(fault?.action).toBe(action);
    expect(fault?.falsePart).toMatch(part);
    expect(fault?.falsePart).toMatch(/\(tla\/Raft\.tla:\d+:\d+\)$/);
    const [event = "", said] = fault === null ? [] : faultLines(fault);
    expect(event).toMatch(/^n\d/);
    expect(said).toContain(`no step of ${action}`);
    expect(conformance.figures).toMatchObject({ transitions: 1, conforming: 0 });
  });

  it("is not hidden by other servers' moves, which conform", async () => {
    const conformance = await loadConformance(bounds);
    expect(moves.map((move) => conformance.check(move))).toEqual(moves.map(() => null));
    const never = conformance.figures.actionsNeverExercised;
    expect(never).not.toContain("HandleAppendEntriesAccepted");
    expect(never).toContain("ClientRequest");
  });

  it("a message too many is no stutter", async () => {
    const conformance = await loadConformance(bounds);
    const crash = pick(({ input }) => input.kind === "crash");
    const { sent } = pick((move) => move.input.kind === "flush" && move.sent.length > 0);
    expect(conformance.check({ ...crash, sent })?.action).toBe("Crash");
  });

  it("a leader that ignores a command is idle, unless it holds as much as it may", async () => {
    const limited: Bounds = { ...bounds, servers: 2, terms: 1, uncommitted: 1 };
    const lead = ["timeout n1", "deliver n1 n2 request-vote#1"];
    const led = [...lead, "deliver n2 n1 request-vote-response#1"];
    const proposals = (schedule: readonly string[]): readonly Move[] =>
      movesOf(limited, schedule).filter(({ input }) => input.kind === "propose");
    const [taken] = proposals([...led, "propose n1 a"]) as [Move];
    const [, refused] = proposals([...led, "propose n1 a", "propose n1 b"]) as [Move, Move];
    const conformance = await loadConformance(limited);
    expect(conformance.check({ ...taken, after: taken.before, sent: [] })).not.toBeNull();
    expect(conformance.check(refused)).toBeNull();
    const unlimited = await loadConformance({ ...limited, uncommitted: 9 });
    expect(unlimited.check(refused)).not.toBeNull();
  });
});
