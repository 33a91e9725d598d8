/**
 * Progress: the engine, which decides each state when it meets it, against an oracle that builds
 * the whole graph and works backward; then kernels that cannot get on, which both must find.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Bounds, defaultBounds } from "../../model-checker/bounds.ts";
import { check, checkFault } from "../../model-checker/check.ts";
import { missingGoals, missingLines } from "../../model-checker/progress.ts";
import { replay } from "../../model-checker/replay.ts";
import { parseAction } from "../../model-checker/schedule.ts";
import { scopeNamed } from "../../model-checker/scopes.ts";
import { initialWorld, perform, type World } from "../../model-checker/world.ts";
import { goals, PROGRESS } from "../../spec/index.ts";
import { substituting } from "../cli/run.ts";
import { decidePlainly } from "./recovery-oracle.ts";
import type { Opinion } from "./violation.ts";

const least: Bounds = {
  ...defaultBounds,
  servers: 2,
  terms: 1,
  log: 1,
  proposals: 0,
  messages: 2,
  crashes: 0,
  heartbeats: false,
};
const plain = { preVote: false, checkQuorum: false } as const;

/** Small enough for the oracle, which keeps every world of every recovery. */
const scopes: Readonly<Record<string, Partial<Bounds>>> = {
  "everything on": { heartbeats: true },
  "two terms and a crash": { ...plain, terms: 2, crashes: 1 },
  "loss and duplicates": { ...plain, loss: true, duplications: 1 },
  "a client's command": { ...plain, proposals: 1, log: 2, heartbeats: true },
  "asynchronous storage, a crash": { ...plain, storage: "asynchronous", crashes: 1 },
  "one server": { servers: 1, proposals: 1, log: 2, crashes: 1 },
  "a voter and a learner": { servers: 1, learners: 1, heartbeats: true },
  "a read": { ...plain, reads: 1, heartbeats: true, messages: 3 },
  "a read under a lease": { checkQuorum: true, preVote: false, reads: 1, leaseReads: true },
  "a read of a learner": { ...plain, servers: 1, learners: 1, reads: 1, heartbeats: true },
  "a transfer": { ...plain, terms: 2, transfers: 1 },
  "a snapshot": { ...plain, snapshots: 1, loss: true },
  "a server that joins": { ...plain, servers: 1, joining: 1, log: 3, changes: ["n1,n2"] },
  "a leader that leaves": { ...plain, servers: 1, joining: 1, log: 4, changes: ["n2"] },
  "three servers": { ...plain, servers: 3, messages: 2 },
};

describe("the engine agrees with the oracle", () => {
  for (const [name, change] of Object.entries(scopes)) {
    test(name, async () => {
      const bounds = { ...least, ...change };
      const { demanded, atRest, length } = decidePlainly(bounds);
      expect(length).toBeNull();
      for (const exact of [false, true]) {
        const all = await check({ bounds, symmetry: false, exact, progress: true });
        expect(all.verdict).toBe("exhausted");
        expect(all.progress).toMatchObject({ demanded, atRest });
        const orbits = await check({ bounds, exact, progress: true });
        expect(orbits.verdict).toBe("exhausted");
        expect(orbits.progress?.demanded).toBeLessThanOrEqual(demanded);
        expect((orbits.progress?.demanded ?? 0) * 6).toBeGreaterThanOrEqual(demanded);
      }
    });
  }
});

/** What is asked of a state without its messages is asked of it with them, too. */
describe("where what is in flight arrives, instead of being lost", () => {
  for (const name of ["everything on", "loss and duplicates", "asynchronous storage, a crash"]) {
    test(name, () => {
      const bounds = { ...least, ...scopes[name] };
      const { demanded, length } = decidePlainly(bounds, "arrives");
      expect(demanded).toBeGreaterThan(decidePlainly(bounds).demanded);
      expect(length).toBeNull();
    });
  }
});

/** What a kernel that `preload` changes makes of Progress; the oracle's opinion first, if asked. */
function opinionsUnder(
  preload: string,
  change: Partial<Bounds>,
  { id = "", who = [] as readonly string[] } = {},
) {
  const child = join(import.meta.dirname, "progress-opinion.ts");
  const words = ["--import", preload, child, JSON.stringify({ ...least, ...change }), ...who];
  // Without coverage: positions in a changed source would count for the real one.
  const env = { ...process.env, QUORATE_MUTANT: id, NODE_V8_COVERAGE: undefined };
  const printed = execFileSync(process.execPath, words, { encoding: "utf8", env });
  return JSON.parse(printed) as readonly Opinion[];
}

/** What a kernel with this bug of the catalogue in it makes of Progress. */
function opinionsOn(id: string, change: Partial<Bounds>, who: readonly string[] = []) {
  return opinionsUnder(join(import.meta.dirname, "../mutants/hooks.ts"), change, { id, who });
}

describe("a kernel that cannot get on is found by the shortest way there", () => {
  const bugs: readonly (readonly [string, string, Partial<Bounds>, number])[] = [
    ["B12", "from the start", { checkQuorum: false }, 0],
    ["Q23", "after one loss", plain, 3],
    ["Q8", "in the second term", { ...plain, terms: 2, log: 2, loss: true }, 4],
  ];
  for (const [id, when, change, steps] of bugs) {
    test(`${id}, ${when}: engine and oracle agree`, () => {
      const opinions = opinionsOn(id, change);
      expect(opinions.length).toBe(5);
      for (const { route, property, length, isReplayed } of opinions) {
        expect({ property, length, isReplayed }, route).toEqual({
          property: PROGRESS,
          length: steps,
          isReplayed: true,
        });
      }
    });
  }

  const beyond: readonly (readonly [string, string, Partial<Bounds>])[] = [
    ["B14", "two servers, neither of which may lead", { terms: 2, messages: 3, heartbeats: true }],
    ["B28", "three servers", { ...plain, servers: 3, terms: 2, log: 3, messages: 3, proposals: 1 }],
  ];
  for (const [id, where, change] of beyond) {
    test(`${id}, with ${where}: all ways of the engine agree`, () => {
      const opinions = opinionsOn(id, change, ["engine"]);
      expect(opinions.map(({ property }) => property)).toEqual(Array(4).fill(PROGRESS));
      expect(new Set(opinions.map(({ length }) => length)).size).toBe(1);
    });
  }
});

describe("a bug that stops one thing for ever is found", () => {
  const bugs: readonly (readonly [string, string, string, string, Partial<Bounds>])[] = [
    [
      "a forwarded read that was lost is not asked again (B89)",
      "kernel/reads.ts",
      "  for (const read of role.reads) forward(t, leaderId, read);",
      "",
      { ...plain, servers: 1, learners: 1, reads: 1, heartbeats: true },
    ],
    [
      "nobody leaves a joint configuration (B65)",
      "kernel/membership.ts",
      "  if (isJoint(configuration)) {",
      "  if (isJoint(configuration)) return;\n  if (isJoint(configuration)) {",
      { ...plain, servers: 1, joining: 1, log: 3, changes: ["n1,n2"] },
    ],
    [
      "a peer that lacks what was compacted gets no snapshot (B79)",
      "kernel/snapshot.ts",
      '  t.effects.push({ kind: "send-snapshot", message });',
      "",
      { ...plain, servers: 3, snapshots: 1, messages: 4 },
    ],
  ];
  for (const [name, file, from, to, change] of bugs) {
    test(name, () => {
      const opinions = opinionsUnder(substituting(file, from, to), change, { who: ["engine"] });
      expect(opinions.map(({ property }) => property)).toEqual(Array(4).fill(PROGRESS));
    });
  }
});

/** The world after these actions. */
function worldAfter(bounds: Bounds, lines: readonly string[]): World {
  return lines.reduce((world, line) => {
    const action = parseAction(world, line);
    if ("fault" in action) throw new Error(action.fault);
    const outcome = perform(world, action);
    if ("refused" in outcome) throw new Error(outcome.refused);
    return outcome.world;
  }, initialWorld(bounds));
}

describe("of one world", () => {
  const bounds = { ...least, ...plain, terms: 2, crashes: 2, log: 2 };
  const election = ["timeout n1", "deliver n1 n2 request-vote"];

  test.each([
    ["before anything happened", []],
    ["with a candidate", ["timeout n1"]],
    ["with everybody down", [...election, "crash n1", "crash n2"]],
    ["with a leader whose entry is lost", [...election, "deliver n2 n1 request-vote-response"]],
  ])("nothing is missing %s", (_, lines) => {
    expect(missingGoals(worldAfter(bounds, lines))).toBeNull();
  });

  test("what is out of reach is named, with its rule", () => {
    for (const { name, rule } of goals) {
      expect(missingLines([name]).join("\n")).toContain(`"${name}": ${rule}`);
    }
    expect(missingLines([]).join("\n")).toContain("never all at once");
  });

  test("a trace that says so replays only where it is so", () => {
    const actions = [{ line: 4, text: "timeout n1", digest: null }];
    expect(replay({ property: PROGRESS, bounds, actions })).toMatchObject({
      ok: false,
      line: 4,
      why: "the trace says that its end violates Progress, but nothing is violated",
    });
  });
});

describe("what is reported", () => {
  test("of how many states it was demanded, and of how many that was no demand", async () => {
    const bounds = { ...least, ...plain, servers: 3, messages: 4, heartbeats: true };
    const { progress, properties } = await check({ bounds, progress: true });
    expect(progress?.atRest).toBeGreaterThan(0);
    expect(progress?.atRest).toBeLessThan((progress?.demanded ?? 0) / 2);
    expect(properties).toContainEqual({ name: PROGRESS, kind: "always", result: "holds" });
  });

  test("nothing where it was not asked for; nothing else where it alone was", async () => {
    const unasked = await check({ bounds: least });
    expect(unasked.progress).toBeNull();
    expect(unasked.properties.map(({ name }) => name)).not.toContain(PROGRESS);
    const { properties } = await check({ bounds: least, progress: "only" });
    const always = properties.filter(({ kind }) => kind === "always");
    expect(always).toEqual([{ name: PROGRESS, kind: "always", result: "holds" }]);
  });

  test("a limit of states is one of recovery too", async () => {
    const bounds = { ...least, ...plain };
    const all = await check({ bounds, progress: true });
    const { distinct, progress } = all;
    expect(progress?.visited).toBeGreaterThan(distinct + 1);
    const stopped = await check({ bounds, progress: true, maxStates: distinct + 1 });
    expect(stopped).toMatchObject({ verdict: "limit", stoppedBy: "recovery" });
    expect(stopped.progress?.visited).toBeLessThanOrEqual(distinct + 2);
  });

  test("on FIFO links it is refused", () => {
    const options = { bounds: { ...least, network: "fifo" }, progress: true } as const;
    expect(checkFault(options)).toMatch(/^progress is demanded on an unordered network only/);
  });

  test("a scope is meant for it", () => {
    expect(scopeNamed("progress")).toMatchObject({ progress: true });
  });
});
