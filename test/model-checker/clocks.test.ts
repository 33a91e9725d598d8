/** What clocks rule out, and that leases rest on it: with them reads are linearizable. */
import { describe, expect, it, test } from "vitest";
import { type Bounds, defaultBounds } from "../../model-checker/bounds.ts";
import { check } from "../../model-checker/check.ts";
import {
  type ClockObservation,
  isBound,
  leasesAfter,
  type RunningLease,
} from "../../model-checker/clocks.ts";
import { clusterModel } from "../../model-checker/cluster-model.ts";
import { explore } from "../../model-checker/explorer.ts";
import { parseAction } from "../../model-checker/schedule.ts";
import { scopeNamed } from "../../model-checker/scopes.ts";
import { initialWorld, perform, type World } from "../../model-checker/world.ts";
import { readsAreLinearizable } from "../../spec/index.ts";

const lease = scopeNamed("lease")?.bounds ?? defaultBounds;
/** What the README shows. */
const small: Bounds = { ...lease, messages: 2 };

/** The world after these lines, and what was said of the first that was refused. */
function run(bounds: Bounds, lines: readonly string[]): { world: World; refused: string | null } {
  let world = initialWorld(bounds);
  for (const line of lines) {
    const action = parseAction(world, line);
    if ("fault" in action) throw new Error(`${line}: ${action.fault}`);
    const outcome = perform(world, action);
    if ("refused" in outcome) return { world, refused: `${line}: ${outcome.refused}` };
    world = outcome.world;
  }
  return { world, refused: null };
}

describe("reads under leases", () => {
  test("are linearizable where clocks run alike", async () => {
    const { verdict, distinct } = await check({ bounds: small });
    expect({ verdict, distinct }).toEqual({ verdict: "exhausted", distinct: 122_025 });
  });

  test("are not where clocks are free, and the counterexample is found in seconds", async () => {
    const { verdict, distinct, trace } = await check({ bounds: { ...small, clocks: "free" } });
    expect(verdict).toBe("violated");
    expect(trace?.property).toBe(readsAreLinearizable.name);
    expect(distinct).toBeLessThan(100_000);
    // Clocks that run alike forbid just this: an election timer that passes under the lease.
    const { refused } = run(small, trace?.schedule ?? []);
    expect(refused).toMatch(/^(minimum-)?timeout n\d: clocks/);
  });
});

describe("while a lease timer runs, no election timer that was started later passes", () => {
  const heard = ["timeout n1", "deliver n1 n2 request-vote", "deliver n2 n1 request-vote-response"];
  const committed = ["deliver n1 n2 append-entries", "deliver n2 n1 append-entries-accepted"];
  const start = ["minimum-timeout n2", "minimum-timeout n3", ...heard, ...committed];
  const asked = [...start, "read n1 r1"];
  const bound = [...asked, "deliver n1 n2 heartbeat"];
  const leased = [...bound, "deliver n2 n1 heartbeat-response"];
  const bounds: Bounds = { ...lease, messages: 9, crashes: 1, transfers: 1, reads: 9 };

  it.each<[string, readonly string[]]>([
    ["before anybody asked for a lease", [...start, "minimum-timeout n2"]],
    ["on a server that has not heard of the round", [...asked, "minimum-timeout n2"]],
    ["once the lease has ended", [...leased, "lease-timeout n1", "timeout n2"]],
    ["once a round that was too slow gives none", [...bound, "lease-timeout n1", "timeout n2"]],
    ["once its leader is down", [...leased, "crash n1", "timeout n2"]],
    ["once its leader hands over", [...leased, "transfer n1 n2", "timeout n2"]],
    ["of the leader itself", [...leased, "timeout n1"]],
  ])("free %s", (_, lines) => {
    expect(run(bounds, lines).refused).toBeNull();
  });

  it.each<[string, readonly string[]]>([
    ["that acknowledged the round", [...leased, "minimum-timeout n2"]],
    ["that campaigns", [...leased, "timeout n2"]],
    ["while the round is not yet confirmed", [...bound, "timeout n2"]],
    ["that has restarted", [...leased, "crash n2", "restart n2", "minimum-timeout n2"]],
    [
      "that started later, whatever it heard",
      [...asked, "crash n3", "restart n3", "minimum-timeout n3"],
    ],
    ["that hears the leader in any way", [...asked, "deliver n1 n3 append-entries", "timeout n3"]],
  ])("bound on a server %s", (_, lines) => {
    expect(run(bounds, lines).refused).toMatch(/timeout n\d: clocks that run alike/);
    expect(run({ ...bounds, clocks: "free" }, lines).refused).toBeNull();
  });

  it("a new timer binds anew who hears of it", () => {
    const again = [...leased, "lease-timeout n1", "read n1 r2"];
    expect(run(bounds, [...again, "minimum-timeout n2"]).refused).toBeNull();
    const heardAgain = [...again, "deliver n1 n2 heartbeat", "minimum-timeout n2"];
    expect(run(bounds, heardAgain).refused).toMatch("clocks");
  });

  it("what a server hears late binds it too: its timer starts then", () => {
    // n3 hears of the first round while the lease of the second is what holds.
    const second = ["lease-timeout n1", "read n1 r2", "deliver n1 n2 heartbeat"];
    const late = [...leased, ...second, "deliver n1 n3 heartbeat#1", "timeout n3"];
    expect(run(bounds, late).refused).toMatch("clocks");
  });
});

describe("the leases that run", () => {
  const after = (...observations: readonly ClockObservation[]): readonly RunningLease[] =>
    observations.reduce(leasesAfter, []);
  const starts = (id: string): ClockObservation => ({ kind: "lease-started", id });
  const hears = (id: string): ClockObservation => ({ kind: "minimum-election-started", id });

  it("bind each server once, in the order of names", () => {
    const leases = after(starts("n2"), hears("n3"), hears("n1"), hears("n3"), starts("n1"));
    expect(leases).toEqual([
      { id: "n1", bound: [] },
      { id: "n2", bound: ["n1", "n3"] },
    ]);
    expect([isBound(leases, "n3"), isBound(leases, "n2")]).toEqual([true, false]);
  });

  it("are forgotten when nobody relies on them", () => {
    expect(after(hears("n1"), starts("n1"), { kind: "lease-over", id: "n1" })).toEqual([]);
  });
});

test("a read's name is used once", () => {
  const { refused } = run({ ...lease, messages: 9 }, ["timeout n1", "read n2 r1"]);
  expect(refused).toBeNull();
  const twice = run({ ...lease, messages: 9 }, ["timeout n1", "read n2 r1", "read n2 r1"]);
  expect(twice.refused).toMatch("a read named r1 was asked before");
});

describe.each([false, true])(
  "the engine agrees with the oracle on leases, symmetry %s",
  (symmetry) => {
    const least: Bounds = { ...small, terms: 1, log: 1, heartbeats: false };

    test.each<[string, Bounds]>([
      ["two servers and a crash", { ...least, servers: 2, crashes: 1 }],
      ["three servers", least],
    ])("%s", async (_, bounds) => {
      const { verdict, distinct, generated, depth } = await check({ bounds, symmetry });
      const oracle = explore(clusterModel(bounds, symmetry));
      const expected = { verdict: oracle.verdict, distinct: oracle.distinct };
      expect({ verdict, distinct }).toEqual(expected);
      expect([generated, depth]).toEqual([oracle.generated, oracle.depth]);
    });
  },
);
