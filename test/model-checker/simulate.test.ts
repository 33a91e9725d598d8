import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lastIndex } from "../../kernel/index.ts";
import { CHOICE_RANGE, moveKinds, type Plan, simulate } from "../../model-checker/adversary.ts";
import { type Bounds, defaultBounds } from "../../model-checker/bounds.ts";
import { violationOf } from "../../model-checker/evaluate.ts";
import { LIVENESS } from "../../model-checker/liveness.ts";
import { replay } from "../../model-checker/replay.ts";
import { minimised, scheduleOf, violationAfter } from "../../model-checker/simulate.ts";
import { parseTrace } from "../../model-checker/trace.ts";
import { type Action, initialWorld, perform } from "../../model-checker/world.ts";
import type { Always } from "../../spec/index.ts";
import { traceText } from "../schedules/report.ts";

const UNBOUNDED = Number.POSITIVE_INFINITY;
const wide: Bounds = {
  ...defaultBounds,
  learners: 1,
  joining: 1,
  terms: UNBOUNDED,
  log: UNBOUNDED,
  proposals: UNBOUNDED,
  messages: UNBOUNDED,
  crashes: UNBOUNDED,
  duplications: UNBOUNDED,
  snapshots: UNBOUNDED,
  changes: ["n1,n2,n3,n4", "n2,n3,n5", "n1,n2,n3,n5+n4"],
  transfers: UNBOUNDED,
  reads: UNBOUNDED,
  campaigns: UNBOUNDED,
  disconnections: UNBOUNDED,
  leaseReads: true,
  storage: "asynchronous",
};

const number = fc.nat(CHOICE_RANGE - 1);
const plans: fc.Arbitrary<Plan> = fc.record({
  bounds: fc.constant(wide),
  weights: fc.constant(moveKinds.map(() => 1)),
  choices: fc.array(fc.tuple(number, number), { maxLength: 40, size: "max" }),
  core: fc.nat(4),
});

const named = { kind: "always", name: "planted", rule: "It is broken sooner or later." } as const;

/** One property a view, each broken by any run that gets anywhere. */
const planted: readonly Always[] = [
  { ...named, over: "server", holds: ({ state }) => (state?.commitIndex ?? 0) < 3 },
  { ...named, over: "pair", holds: (a, b) => Math.abs(a.entries.length - b.entries.length) < 2 },
  { ...named, over: "step", holds: ({ after }) => lastIndex(after.log) < 4 },
  { ...named, over: "history", holds: ({ leaders }) => leaders.length < 3 },
  {
    ...named,
    over: "server-history",
    holds: ({ log }, { committed }) => committed.length < log.entries.length + 2,
  },
  {
    ...named,
    over: "quorum-history",
    holds: ({ stored }, { committed }) => committed.length < 2 || stored.entries.length < 3,
  },
];

describe("evaluating what a step can have changed", () => {
  it.each(planted)("agrees with evaluating everything, over $over", (property) => {
    let broken = 0;
    const agrees = (plan: Plan): void => {
      let world = initialWorld(wide);
      for (const action of simulate(plan).actions) {
        const outcome = perform(world, action);
        if ("refused" in outcome) throw new Error(outcome.refused);
        const naive = violationOf(outcome, [property]);
        expect(violationAfter(world, outcome, [property])).toBe(naive);
        if (naive !== null) broken += 1;
        if (naive !== null) return;
        world = outcome.world;
      }
    };
    fc.assert(fc.property(plans, agrees), { seed: 1, numRuns: 25 });
    expect(broken).toBeGreaterThan(0);
  });
});

describe("a run", () => {
  it("is its actions: written down and read back, it replays exactly", () => {
    const replays = (plan: Plan): void => {
      const schedule = scheduleOf(wide, simulate(plan).actions);
      const text = traceText({ property: LIVENESS, detail: "planted", schedule, bounds: wide });
      const trace = parseTrace(text);
      if ("fault" in trace) throw new Error(trace.fault);
      expect(replay(trace)).toMatchObject({ ok: true, violation: null });
    };
    fc.assert(fc.property(plans, replays), { seed: 2, numRuns: 5 });
  });

  it("that ends with a cluster unable to work is a violation", () => {
    const plan = { bounds: { ...wide, proposals: 0 }, weights: [], choices: [], core: 0 };
    expect(simulate(plan)).toMatchObject({ violation: LIVENESS, faultsEnd: 0 });
  });
});

describe("a schedule is made smaller", () => {
  const timeouts: readonly Action[] = ["n1", "n2", "n3", "n4", "n5", "n6", "n7"].map((server) => {
    return { kind: "timeout", server };
  });
  /** Whether what matters is left: the first and the sixth. */
  const rerun = (actions: readonly Action[]): readonly Action[] | null => {
    const servers = actions.map((action) => "server" in action && action.server);
    return servers.includes("n1") && servers.includes("n6") ? actions : null;
  };

  it("to the actions that matter", () => {
    expect(minimised(timeouts, rerun, UNBOUNDED)).toEqual([timeouts[0], timeouts[5]]);
  });

  it("as far as time allows", () => {
    expect(minimised(timeouts, rerun, 0)).toEqual(timeouts);
  });
});
