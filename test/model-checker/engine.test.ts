/**
 * The engine against its oracle. The engine interns, caches, sums and skips; the oracle keeps
 * every state as text in a Set. Both must find the same number of states, the same number of
 * ways into them, and the same depth, on scopes that between them turn everything on.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Bounds, defaultBounds } from "../../model-checker/bounds.ts";
import { check, checkFault } from "../../model-checker/check.ts";
import { clusterModel } from "../../model-checker/cluster-model.ts";
import { explore } from "../../model-checker/explorer.ts";
import { type CheckResult, unreached } from "../../model-checker/result.ts";
import type { Opinion } from "./violation.ts";

const least: Bounds = {
  ...defaultBounds,
  terms: 1,
  log: 1,
  proposals: 0,
  messages: 3,
  crashes: 0,
  heartbeats: false,
};
const plain = { preVote: false, checkQuorum: false } as const;

/** Small enough for the oracle, which does some thousand states a second. */
const scopes: Readonly<Record<string, Partial<Bounds>>> = {
  "PreVote and CheckQuorum": {},
  "PreVote alone": { checkQuorum: false },
  "CheckQuorum alone, with loss": { preVote: false, messages: 2, loss: true },
  "neither, with heartbeats": { ...plain, heartbeats: true },
  "two terms": { ...plain, terms: 2 },
  crashes: { ...plain, crashes: 1 },
  "a message delivered twice": { ...plain, duplications: 1 },
  "one proposal, batch 2": { ...plain, proposals: 1, log: 2 },
  "window 2, batch 1": {
    ...plain,
    servers: 2,
    proposals: 2,
    log: 3,
    window: 2,
    batch: 1,
    heartbeats: true,
  },
  "asynchronous storage": { ...plain, messages: 2, storage: "asynchronous" },
  "asynchronous storage, crashes and duplicates": {
    ...plain,
    servers: 2,
    messages: 2,
    storage: "asynchronous",
    crashes: 1,
    duplications: 1,
  },
  "FIFO links": { network: "fifo" },
  "FIFO links with loss": { ...plain, messages: 2, network: "fifo", loss: true },
  "FIFO links, asynchronous storage, crashes": {
    ...plain,
    servers: 2,
    messages: 2,
    network: "fifo",
    storage: "asynchronous",
    crashes: 1,
    loss: true,
  },
  "two voters and a learner": { servers: 2, learners: 1, messages: 2, heartbeats: true },
  "one voter and two learners": { servers: 1, learners: 2, log: 2, proposals: 1 },
  "one server": { servers: 1, terms: 3, log: 4, proposals: 2, crashes: 2, storage: "asynchronous" },
  "four servers": { ...plain, servers: 4 },
};

function figures(result: Pick<CheckResult, "verdict" | "distinct" | "generated" | "depth">) {
  const { verdict, distinct, generated, depth } = result;
  return { verdict, distinct, generated, depth };
}

describe("the engine agrees with the oracle", () => {
  for (const [name, change] of Object.entries(scopes)) {
    const bounds = { ...least, ...change };
    for (const symmetry of [false, true]) {
      test(`${name}, symmetry ${symmetry ? "on" : "off"}`, async () => {
        const oracle = figures(explore(clusterModel(bounds, symmetry)));
        expect(oracle.verdict).toBe("exhausted");
        expect(figures(await check({ bounds, symmetry }))).toEqual(oracle);
        expect(figures(await check({ bounds, symmetry, exact: true }))).toEqual(oracle);
      });
    }
  }
});

/** Beyond the oracle's patience, exact identity is the second opinion. */
describe("fingerprints agree with exact identity", () => {
  const larger: Readonly<Record<string, Partial<Bounds>>> = {
    "everything on": { heartbeats: true, crashes: 1 },
    "asynchronous storage": { servers: 2, storage: "asynchronous", crashes: 1 },
    "FIFO links": { network: "fifo", messages: 4, crashes: 1 },
  };
  for (const [name, change] of Object.entries(larger)) {
    for (const symmetry of [false, true]) {
      test(`${name}, symmetry ${symmetry ? "on" : "off"}`, async () => {
        const options = { bounds: { ...least, ...change }, symmetry, maxStates: 60_000 };
        const summed = await check(options);
        const exact = await check({ ...options, exact: true });
        expect(figures(exact)).toEqual(figures(summed));
        expect(exact.properties).toEqual(summed.properties);
        expect(exact.expectedCollisions).toBe(0);
      });
    }
  }
});

/** The kernel is correct, so a bug is put back to see what is said of it. */
describe("engine and oracle find the same shortest way to a violation", () => {
  const bugs: readonly (readonly [string, string, Partial<Bounds>])[] = [
    ["Q1", "a step", { ...plain, messages: 4 }],
    ["Q1", "a step, on FIFO links", { ...plain, messages: 4, network: "fifo" }],
    ["B41", "the history", { ...plain, messages: 4, loss: true }],
    ["B50", "the disks", { ...plain, messages: 2, storage: "asynchronous" }],
  ];
  for (const [id, where, change] of bugs) {
    test(`in ${where} (${id})`, () => {
      const bounds = JSON.stringify({ ...least, ...change });
      const hooks = join(import.meta.dirname, "../mutants/hooks.ts");
      const child = join(import.meta.dirname, "violation.ts");
      const words = ["--import", hooks, child, bounds];
      // Without coverage: positions in a changed source would count for the real one.
      const env = { ...process.env, QUORATE_MUTANT: id, NODE_V8_COVERAGE: undefined };
      const printed = execFileSync(process.execPath, words, { encoding: "utf8", env });
      const opinions = JSON.parse(printed) as readonly Opinion[];
      expect(opinions.length).toBe(6);
      for (const { route, property, length, isReplayed } of opinions) {
        expect(property, route).not.toBeNull();
        // A step may violate several properties: which is named first is free, its length is not.
        expect(length, route).toBe(opinions[0]?.length);
        expect(isReplayed, route).toBe(true);
      }
    });
  }
});

test("symmetry divides the states by at most the number of renamings", async () => {
  const bounds = { ...least, heartbeats: true };
  const all = await check({ bounds, symmetry: false });
  const orbits = await check({ bounds, symmetry: true });
  expect(orbits.distinct).toBeLessThan(all.distinct);
  expect(orbits.distinct * 6).toBeGreaterThanOrEqual(all.distinct);
  expect(orbits.depth).toBe(all.depth);
});

describe("a check that does not finish says why", () => {
  test("at the limit of states", async () => {
    const result = await check({ bounds: defaultBounds, maxStates: 10_000 });
    expect(result.verdict).toBe("limit");
    expect(result.stoppedBy).toBe("states");
    expect(result.distinct).toBeGreaterThanOrEqual(10_000);
    expect(result.trace).toBeNull();
  });

  test("at the limit of seconds", async () => {
    const result = await check({ bounds: defaultBounds, maxSeconds: 0.2 });
    expect(result.verdict).toBe("limit");
    expect(result.stoppedBy).toBe("seconds");
    expect(result.seconds).toBeLessThan(5);
  });

  test("at the limit of memory", async () => {
    const result = await check({ bounds: defaultBounds, maxMemoryBytes: 1 });
    expect(result.stoppedBy).toBe("memory");
  });

  test("when interrupted, and progress is told until then", async () => {
    const controller = new AbortController();
    const told: number[] = [];
    const result = await check({
      bounds: defaultBounds,
      signal: controller.signal,
      onProgress: ({ distinct }) => {
        told.push(distinct);
        if (told.length === 2) controller.abort();
      },
    });
    expect(result.verdict).toBe("limit");
    expect(result.stoppedBy).toBe("interrupted");
    expect(told.length).toBeGreaterThanOrEqual(2);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });
});

describe("what is reported", () => {
  test("a demanded behaviour that the bounds hide is unreached", async () => {
    const result = await check({ bounds: { ...least, messages: 1 } });
    expect(result.verdict).toBe("exhausted");
    expect(unreached(result)).toContain("leader elected");
  });

  test("what the bounds cannot allow is not demanded", async () => {
    const result = await check({ bounds: { ...least, ...plain, terms: 1 } });
    const names = result.properties.map(({ name }) => name);
    expect(names).toContain("leader elected");
    expect(names).not.toContain("pre-vote refused");
    expect(names).not.toContain("leader deposed");
  });

  test("bounds, identity and costs come with every result", async () => {
    const bounds = { ...least, ...plain };
    const result = await check({ bounds, symmetry: false });
    expect(result.bounds).toEqual(bounds);
    expect(result.symmetry).toBe(false);
    expect(result.exact).toBe(false);
    expect(result.stoppedBy).toBeNull();
    expect(result.kernelCalls).toBeGreaterThan(0);
    expect(result.kernelCalls).toBeLessThan(result.generated);
    expect(result.expectedCollisions).toBe(result.distinct ** 2 / 2 ** 65);
    expect(result.properties.filter(({ result: r }) => r === "violated")).toEqual([]);
  });
});

describe("bounds that cannot be exhausted are refused", () => {
  const refused: readonly (readonly [Partial<Bounds>, boolean, string])[] = [
    [{ terms: Number.POSITIVE_INFINITY }, true, "terms must be finite to be exhausted"],
    [{ servers: 0 }, true, "servers must be a whole number of at least 1, not 0"],
    [{ messages: 0 }, true, "messages must be a whole number of at least 1, not 0"],
    [{ crashes: -1 }, true, "crashes must be a whole number of at least 0, not -1"],
    [{ log: 1.5 }, true, "log must be a whole number of at least 1, not 1.5"],
    [{ servers: 8, learners: 2 }, false, "at most 9 servers, learners and joining together"],
    [{ changes: ["n1,n9"] }, false, 'changes: "n1,n9" names "n9", which is no server'],
    [{ changes: ["+n1"] }, false, 'changes: "+n1" there are no voters'],
    [{ servers: 6 }, true, "symmetry works for at most 120 renamings of servers: turn it off"],
  ];
  for (const [change, symmetry, fault] of refused) {
    test(fault, async () => {
      const options = { bounds: { ...least, ...change }, symmetry };
      expect(checkFault(options)).toBe(fault);
      await expect(check(options)).rejects.toThrow(new RangeError(fault));
    });
  }

  test("sound bounds are not", () => {
    expect(checkFault({ bounds: least })).toBeNull();
    expect(checkFault({ bounds: { ...least, servers: 7 }, symmetry: false })).toBeNull();
  });
});
