/**
 * Adversarial schedules: fast-check draws flat data, the adversary of the model checker turns it
 * into a run of real kernels far beyond the exhaustive bounds, and every step is evaluated. Used
 * by the test beside this file, and by whoever wants to attack another kernel.
 */
import fc from "fast-check";
import { CHOICE_RANGE, moveKinds, type Plan, simulate } from "../../model-checker/adversary.ts";
import { type Bounds, foundingConfiguration, serverNames } from "../../model-checker/bounds.ts";
import { demandLiveness, LIVENESS } from "../../model-checker/liveness.ts";
import {
  act,
  minimised,
  type Simulation,
  scheduleOf,
  startSimulation,
} from "../../model-checker/simulate.ts";
import type { Action } from "../../model-checker/world.ts";

/** How hard to attack. */
export interface AttackOptions {
  readonly runs: number;
  readonly seed: number;
  /** Stop after this many seconds even if fewer runs were made. */
  readonly seconds?: number;
  /** Numbers of voters to draw from. */
  readonly servers?: readonly number[];
  /** Moves in one run, at most. */
  readonly moves?: number;
  /** Time to make a failing plan smaller, and then to leave out single actions; 10 unless given. */
  readonly shrinkSeconds?: number;
}

/** A violation with the shortest schedule found to it. */
export interface Violation {
  readonly property: string;
  readonly detail: string;
  readonly schedule: readonly string[];
  readonly bounds: Bounds;
}

/** What an attack found. */
export interface Attack {
  readonly violation: Violation | null;
  /** Runs and steps until the violation was found, or in all. */
  readonly runs: number;
  readonly steps: number;
  /** Seconds until then, before the schedule was made shorter. */
  readonly seconds: number;
  /** The "sometimes" properties reached, by name. */
  readonly reached: ReadonlySet<string>;
}

/** Runs between two looks at the clock. */
const BATCH = 50;
/** Keeps the batches of one seed apart from those of the next. */
const SEED_STRIDE = 0x9e3779b1;
const UNBOUNDED = Number.POSITIVE_INFINITY;

/** Usual weights of `moveKinds`; each run leaves some out and favours others (swarm testing). */
const WEIGHTS: Readonly<Record<(typeof moveKinds)[number], number>> = {
  deliver: 8,
  duplicate: 2,
  drop: 1,
  timeout: 2,
  "minimum-timeout": 2,
  heartbeat: 3,
  propose: 4,
  flush: 6,
  crash: 2,
  restart: 2,
  snapshot: 3,
  "snapshot-sent": 2,
  "snapshot-failed": 2,
  configure: 1,
  transfer: 1,
  read: 2,
  "lease-timeout": 1,
  campaign: 2,
  disconnect: 2,
  elect: 5,
  canvass: 3,
  reign: 8,
  sync: 8,
  echo: 6,
  burst: 4,
  bounce: 2,
  partition: 1,
  heal: 1,
  converse: 1,
  write: 2,
  change: 8,
  "leave-behind": 4,
  install: 2,
  "hand-over": 3,
  obey: 3,
  whisper: 2,
  ask: 3,
  usurp: 2,
};

/** Most changes of the members in one run. */
const CHANGES = 12;

/** What part a server has after a change; mostly the same as before. */
const part = fc.constantFrom("same", "same", "same", "voter", "voter", "learner", "absent");
type Part = "same" | "voter" | "learner" | "absent";

/** The changes of the members that `edits` make of the founding configuration, one after another. */
function changesOf(bounds: Bounds, edits: readonly (readonly Part[])[]): readonly string[] {
  let { voters, learners } = foundingConfiguration(bounds);
  return edits.map((edit) => {
    const isIn =
      (part: "voter" | "learner", members: readonly string[]) => (id: string, i: number) =>
        edit[i] === part || (edit[i] === "same" && members.includes(id));
    const names = serverNames(bounds);
    const next = names.filter(isIn("voter", voters));
    learners = names.filter(isIn("learner", learners));
    // Somebody must decide.
    if (next.length > 0) voters = next;
    else learners = learners.filter((id) => !voters.includes(id));
    return learners.length === 0 ? voters.join() : `${voters.join()}+${learners.join()}`;
  });
}

function boundsArbitrary(servers: readonly number[]): fc.Arbitrary<Bounds> {
  const budget = fc.constantFrom(0, UNBOUNDED, UNBOUNDED);
  const edit = fc.tuple(part, part, part, part, part, part, part, part, part);
  const drawn = fc.record({
    servers: fc.constantFrom(...servers),
    learners: fc.constantFrom(0, 0, 1),
    joining: fc.constantFrom(0, 1, 1),
    terms: fc.constant(UNBOUNDED),
    log: fc.constant(UNBOUNDED),
    proposals: fc.constant(UNBOUNDED),
    sessions: fc.constantFrom(false, false, true),
    messages: fc.constant(UNBOUNDED),
    crashes: budget,
    snapshots: budget,
    changes: fc.array(edit, { maxLength: CHANGES, size: "max" }),
    transfers: budget,
    reads: budget,
    campaigns: budget,
    disconnections: budget,
    duplications: budget,
    loss: fc.boolean(),
    heartbeats: fc.constant(true),
    network: fc.constantFrom("unordered", "unordered", "fifo"),
    storage: fc.constantFrom("synchronous", "asynchronous"),
    preVote: fc.boolean(),
    checkQuorum: fc.boolean(),
    leaseReads: fc.boolean(),
    clocks: fc.constant("bounded"),
    uncommitted: fc.constantFrom(UNBOUNDED, UNBOUNDED, 3),
    window: fc.constantFrom(1, 2, 4),
    batch: fc.constantFrom(1, 2, 4),
  });
  return drawn.map(({ changes, ...rest }): Bounds => {
    // Leases rest on servers that refuse votes while they hear a leader.
    const checkQuorum = rest.checkQuorum || rest.leaseReads;
    const bounds: Bounds = { ...rest, checkQuorum, changes: [] };
    return { ...bounds, changes: changesOf(bounds, changes) };
  });
}

/** Plans as flat data: each part shrinks by itself. */
function planArbitrary({ servers = [3, 5, 7], moves = 150 }: AttackOptions): fc.Arbitrary<Plan> {
  const factors = moveKinds.map(() => fc.constantFrom(1, 0, 1, 4));
  const number = fc.nat(CHOICE_RANGE - 1);
  return fc.record({
    bounds: boundsArbitrary(servers),
    weights: fc
      .tuple(...factors)
      .map((drawn) => moveKinds.map((kind, i) => WEIGHTS[kind] * (drawn[i] ?? 1))),
    choices: fc.array(fc.tuple(number, number), { maxLength: moves, size: "max" }),
    core: fc.nat(6),
  });
}

interface Failure {
  readonly plan: Plan;
  readonly run: Simulation;
}

/** Attacks the kernel until it breaks or the options are used up. */
export function attack(options: AttackOptions): Attack {
  const start = performance.now();
  const { shrinkSeconds = 10 } = options;
  const elapsed = (): number => (performance.now() - start) / 1000;
  const reached = new Set<string>();
  let [runs, steps, seconds] = [0, 0, 0];
  let failure: Failure | null = null;
  /** Whether `plan` does not fail, or, once one failed, not in the same way. */
  const passes = (plan: Plan): boolean => {
    if (failure !== null && elapsed() > seconds + shrinkSeconds) return true;
    const run = simulate(plan, reached);
    if (failure === null) {
      runs += 1;
      steps += run.actions.length;
      seconds = elapsed();
    }
    const expected = failure?.run.violation ?? run.violation;
    if (run.violation === null || run.violation !== expected) return true;
    failure = { plan, run };
    return false;
  };
  const property = fc.property(planArbitrary(options), passes);
  // By batches, so that time limits new runs only: what was found in time is still made smaller.
  const { seconds: limit = UNBOUNDED } = options;
  for (let batch = 0; failure === null && runs < options.runs && elapsed() < limit; batch++) {
    const numRuns = Math.min(BATCH, options.runs - runs);
    fc.check(property, { seed: Math.imul(options.seed, SEED_STRIDE) + batch, numRuns });
  }
  return { violation: failure && shortened(failure, shrinkSeconds), runs, steps, seconds, reached };
}

/** The violation by as few actions as can be found in a while. */
function shortened({ plan, run }: Failure, seconds: number): Violation {
  const { bounds, core } = plan;
  let best = run;
  const rerun = (actions: readonly Action[]): readonly Action[] | null => {
    const again = startSimulation(bounds);
    for (const action of actions) act(again, action);
    const kept = [...again.actions];
    if (run.violation === LIVENESS) demandLiveness(again, core);
    if (again.violation !== run.violation) return null;
    if (again.actions.length <= best.actions.length) best = again;
    return kept;
  };
  const chaos = run.violation === LIVENESS ? run.actions.slice(0, run.faultsEnd) : run.actions;
  minimised(chaos, rerun, performance.now() + seconds * 1000);
  const { violation, detail, actions } = best;
  return { property: violation ?? "", detail, schedule: scheduleOf(bounds, actions), bounds };
}
