/** Explorations that start where a schedule ends. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Bounds, defaultBounds } from "../../model-checker/bounds.ts";
import { check } from "../../model-checker/check.ts";
import { clusterModel } from "../../model-checker/cluster-model.ts";
import { explore } from "../../model-checker/explorer.ts";
import { type Prefix, parsePrefix, type Start, startAfter } from "../../model-checker/prefix.ts";
import { replay } from "../../model-checker/replay.ts";
import type { CheckResult } from "../../model-checker/result.ts";
import { permutations } from "../../model-checker/symmetry.ts";
import { traceOf } from "../../model-checker/trace.ts";
import { symmetriesOf } from "../../model-checker/world-symmetry.ts";

const least: Bounds = {
  ...defaultBounds,
  terms: 1,
  log: 1,
  proposals: 0,
  messages: 3,
  crashes: 0,
  heartbeats: false,
  preVote: false,
  checkQuorum: false,
};
const CAMPAIGN = ["timeout n1", "deliver n1 n2 request-vote#1"];
const ELECTION = [...CAMPAIGN, "deliver n2 n1 request-vote-response#1"];

function prefixOf(lines: readonly string[]): Prefix {
  const prefix = parsePrefix(lines.join("\n"));
  if ("fault" in prefix) throw new Error(prefix.fault);
  return prefix;
}

function started(lines: readonly string[], bounds: Bounds): Start {
  const start = startAfter(prefixOf(lines), bounds);
  if ("fault" in start) throw new Error(start.fault);
  return start;
}

function figures(result: Pick<CheckResult, "verdict" | "distinct" | "generated" | "depth">) {
  const { verdict, distinct, generated, depth } = result;
  return { verdict, distinct, generated, depth };
}

describe("engine and oracle agree on what follows", () => {
  const starts: readonly (readonly [string, readonly string[], Partial<Bounds>])[] = [
    ["nothing", [], {}],
    ["a campaign", CAMPAIGN, {}],
    ["an election", ELECTION, { heartbeats: true }],
    ["a crash, and one more", ["crash n3"], { crashes: 1 }],
    ["a proposal, and one more", [...ELECTION, "propose n1 a"], { proposals: 1, log: 3 }],
    ["a duplicate", ["timeout n1", "duplicate n1 n2 request-vote#1"], { duplications: 1 }],
    ["messages on FIFO links", CAMPAIGN, { network: "fifo" }],
    ["a write in progress", ["timeout n1"], { storage: "asynchronous", messages: 2 }],
  ];
  for (const [name, lines, change] of starts) {
    for (const symmetry of [false, true]) {
      test(`${name}, symmetry ${symmetry ? "on" : "off"}`, async () => {
        const bounds = { ...least, ...change };
        const { world } = started(lines, bounds);
        const oracle = figures(explore(clusterModel(world.bounds, symmetry, world)));
        expect(oracle.verdict).toBe("exhausted");
        const options = { bounds, symmetry, from: prefixOf(lines) };
        expect(figures(await check(options))).toEqual(oracle);
        expect(figures(await check({ ...options, exact: true }))).toEqual(oracle);
      });
    }
  }
});

describe("where it starts", () => {
  test("only the renamings that leave the start alone are a symmetry", () => {
    const bounds = { ...least, servers: 3, learners: 2 };
    const count = (lines: readonly string[]): number =>
      symmetriesOf(started(lines, bounds).world).length;
    expect(count([])).toBe(permutations(bounds).length);
    expect(count(["timeout n1"])).toBe(4);
    expect(count(CAMPAIGN)).toBe(2);
  });

  test("what the schedule used of a budget does not count; terms and logs do", () => {
    const bounds = { ...least, terms: 2, crashes: 1, proposals: 2, messages: 9, log: 9 };
    const lines = ["crash n3", ...ELECTION, "propose n1 a"];
    const { world, replayBounds } = started(lines, bounds);
    expect(world.bounds).toEqual({ ...bounds, crashes: 2, proposals: 3 });
    expect(world.environment.budget).toMatchObject({ crashes: 1, proposals: 1, changes: 0 });
    expect(replayBounds).toEqual(world.bounds);
  });

  test("changes of the members asked for on the way come before those still to be asked for", () => {
    const commit = ["deliver n1 n2 append-entries", "deliver n2 n1 append-entries-accepted"];
    const lines = [...ELECTION, ...commit, "configure n1 n1,n2"];
    const bounds = { ...least, log: 9, messages: 9, changes: ["n1,n2,n3"] };
    const { world } = started(lines, bounds);
    expect(world.bounds.changes).toEqual(["n1,n2", "n1,n2,n3"]);
    expect(world.environment.budget.changes).toBe(1);
  });

  test("on its way it may be wider than the exploration", () => {
    const lines = [
      ...CAMPAIGN,
      "drop n1 n3 request-vote#1",
      "crash n1",
      "drop n2 n1 request-vote-response",
    ];
    const { world, replayBounds } = started(lines, { ...least, messages: 1 });
    expect(world.network.messages).toEqual([]);
    expect(world.bounds.messages).toBe(1);
    expect(replayBounds.messages).toBe(2);
  });

  test("a trace brings its bounds and its digests", () => {
    const head = ["quorate trace 1", "property none", "bound terms 5", ""];
    const prefix = prefixOf([...head, "timeout n1"]);
    expect(prefix.bounds?.terms).toBe(5);
    const wrong = prefixOf([...head, "timeout n1 = 000000000000"]);
    const bounds = { ...least, preVote: true, checkQuorum: true };
    expect(startAfter(wrong, bounds)).toEqual({
      line: 5,
      fault: expect.stringMatching(/^leads to the state [0-9a-f]{12}, not 000000000000$/),
    });
  });
});

describe("a schedule with a fault is refused at its line", () => {
  const faults: readonly (readonly [readonly string[], Partial<Bounds>, number, RegExp])[] = [
    [["# an unknown word", "elect n1"], {}, 2, /^unknown action "elect"/],
    [["timeout n1", "", "deliver n1 n4 x"], {}, 3, /^no x#1 is in flight from n1 to n4/],
    [["timeout n1", "restart n2"], {}, 2, /^not possible here: n2 is not down$/],
    [CAMPAIGN, { messages: 1 }, 2, /messages in flight: 2, beyond the bound messages 1$/],
    [
      ["timeout n1", "timeout n1"],
      { messages: 9 },
      2,
      /a server in term 2, beyond the bound terms 1$/,
    ],
    [[...ELECTION, "propose n1 a"], { messages: 9 }, 4, /log of length 2, beyond the bound log 1$/],
    [["partition n1 | n2 n3"], {}, 1, /ends in a partition: end it with heal$/],
  ];
  for (const [lines, change, line, fault] of faults) {
    test(`${fault}`, async () => {
      const bounds = { ...least, ...change };
      const from = prefixOf(lines);
      const found = startAfter(from, bounds);
      expect(found).toEqual({ line, fault: expect.stringMatching(fault) });
      const text = "fault" in found ? found.fault : "";
      await expect(check({ bounds, from })).rejects.toThrow(
        new RangeError(`line ${line}: ${text}`),
      );
    });
  }

  test("as is one that is no schedule, or of another cluster", () => {
    expect(parsePrefix("timeout n1 = xyz")).toMatchObject({ line: 1 });
    const trace = ["quorate trace 1", "property none", "bound servers 5", "timeout n5"];
    expect(startAfter(prefixOf(trace), { ...least, preVote: true, checkQuorum: true })).toEqual({
      line: 1,
      fault: "the schedule has servers 5, the exploration 3: make them equal",
    });
  });
});

describe("what is reported", () => {
  test("what is reached is listed, and nothing is demanded", async () => {
    const result = await check({ bounds: least, from: prefixOf(ELECTION) });
    const sometimes = result.properties.filter(({ kind }) => kind === "sometimes");
    expect(sometimes).toContainEqual({
      name: "leader elected",
      kind: "sometimes",
      result: "reached",
    });
    expect(sometimes.every((property) => property.result === "reached")).toBe(true);
    expect(result.prefix).toBe(3);
  });

  /** What a kernel with a bug in it answers to an exploration from `lines`. */
  function withBug(id: string, bounds: Bounds, lines: readonly string[]): CheckResult {
    const hooks = join(import.meta.dirname, "../mutants/hooks.ts");
    const child = join(import.meta.dirname, "check-from.ts");
    const words = ["--import", hooks, child, JSON.stringify(bounds), lines.join("\n")];
    const env = { ...process.env, QUORATE_MUTANT: id, NODE_V8_COVERAGE: undefined };
    return JSON.parse(execFileSync(process.execPath, words, { encoding: "utf8", env }));
  }

  test("a counterexample holds the schedule, and replays from the beginning", () => {
    const bounds = { ...least, messages: 4 };
    const { trace } = withBug("Q1", bounds, CAMPAIGN);
    expect(trace?.property).toBe("One Vote Per Term");
    expect(trace?.schedule.slice(0, 2)).toEqual(CAMPAIGN);
    expect(trace?.schedule.length).toBeGreaterThan(2);
    if (trace === null) return;
    // Not by this kernel, which has no such bug: it runs up to the end, and nothing is violated.
    const { line } = traceOf(trace).actions.at(-1) ?? { line: 0 };
    expect(replay(traceOf(trace))).toMatchObject({ ok: false, line });
  });

  test("a schedule that violates something itself is the counterexample", () => {
    const lines = [...CAMPAIGN, "timeout n3", "deliver n3 n2 request-vote#1", "timeout n1"];
    const { verdict, distinct, trace } = withBug("Q1", { ...least, terms: 2, messages: 9 }, lines);
    expect({ verdict, distinct }).toEqual({ verdict: "violated", distinct: 1 });
    expect(trace?.property).toBe("One Vote Per Term");
    expect(trace?.schedule).toEqual(lines.slice(0, 4));
  });
});
