/** The exhaustive check of a cluster of real kernels. */
import { setImmediate } from "node:timers/promises";
import { always, PROGRESS, sometimes } from "../spec/index.ts";
import { type Bounds, boundsFault, meets, serverNames } from "./bounds.ts";
import {
  CONFORMANCE,
  type Conformance,
  faultLines,
  firstFault,
  isExercisable,
} from "./conformance-contract.ts";
import { type Found, Search } from "./engine/search.ts";
import { NO_SLOT } from "./engine/transitions.ts";
import { expectedCollisions } from "./engine/visited.ts";
import { KERNEL_INVARIANTS } from "./evaluate.ts";
import { type Start, startAfter, startOf } from "./prefix.ts";
import type { Move } from "./process.ts";
import { missingGoals, missingLines } from "./progress.ts";
import type {
  CheckOptions,
  CheckProgress,
  CheckResult,
  CheckStopReason,
  Counterexample,
  PropertyResult,
} from "./result.ts";
import { formatAction } from "./schedule.ts";
import { permutations } from "./symmetry.ts";
import { type Action, localActionOf, perform, type World } from "./world.ts";

/** States expanded between two looks at the clock. */
const SLICE = 4096;
/** Seconds between two turns of the event loop, so that signals and timers are heard. */
const TURN_SECONDS = 0.1;
/** More renamings than those of five servers cost more than they save. */
const MAX_RENAMINGS = 120;

/** Why these options cannot be checked exhaustively, or null. */
export function checkFault(options: CheckOptions): string | null {
  const { bounds, symmetry = true, progress = false } = options;
  const fault = boundsFault(bounds);
  if (fault !== null) return fault;
  // What is uncommitted is limited by the proposals in any case.
  const unbounded = Object.entries({ ...bounds, uncommitted: 0 }).find(
    ([, value]) => value === Number.POSITIVE_INFINITY,
  );
  if (unbounded !== undefined) return `${unbounded[0]} must be finite to be exhausted`;
  if (progress !== false && bounds.network === "fifo") {
    return "progress is demanded on an unordered network only: on FIFO links what is lost shows";
  }
  if (symmetry && permutations(bounds).length > MAX_RENAMINGS) {
    return `symmetry works for at most ${MAX_RENAMINGS} renamings of servers: turn it off`;
  }
  return null;
}

/**
 * Visits every state within the bounds and evaluates every property of `spec/`. Throws
 * `RangeError` for options that `checkFault` refuses.
 */
export async function check(options: CheckOptions): Promise<CheckResult> {
  const fault = checkFault(options);
  if (fault !== null) throw new RangeError(fault);
  const { bounds, symmetry = true, exact = false, progress = false } = options;
  const conformance = options.conform === true ? await conformanceFor(bounds) : null;
  const begun = begin(options, conformance);
  const { world: start } = begun;
  const { maxStates = Number.POSITIVE_INFINITY } = options;
  const search = new Search(start.bounds, {
    symmetry,
    exact,
    conformance,
    progress,
    maxRecoveryStates: maxStates,
    start,
  });
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  let peakMemoryBytes = process.memoryUsage.rss();
  let stoppedBy: CheckStopReason | null = null;
  let turn = TURN_SECONDS;
  while (stoppedBy === null && begun.violation === null && search.expandSome(SLICE)) {
    if (search.distinct >= maxStates) stoppedBy = "states";
    if (search.recovery?.isFull) stoppedBy = "recovery";
    if (seconds() < turn && search.bytesToExpand(SLICE) === 0) continue;
    turn = seconds() + TURN_SECONDS;
    const memoryBytes = process.memoryUsage.rss();
    peakMemoryBytes = Math.max(peakMemoryBytes, memoryBytes);
    stoppedBy ??= reasonToStop(options, seconds(), memoryBytes + search.bytesToExpand(SLICE));
    options.onProgress?.(progressOf(search, seconds(), memoryBytes));
    await setImmediate();
  }
  // A search that ended with what it decided nothing of was not exhausted.
  if (search.recovery?.isFull) stoppedBy = "recovery";
  const found = begun.violation === null ? search.found() : foundIn(begun.violation);
  return {
    verdict: found !== null ? "violated" : stoppedBy === null ? "exhausted" : "limit",
    stoppedBy: found === null ? stoppedBy : null,
    ...figuresOf(search),
    seconds: seconds(),
    expectedCollisions: exact ? 0 : expectedCollisions(search.distinct),
    peakMemoryBytes: Math.max(peakMemoryBytes, process.memoryUsage.rss()),
    exact,
    symmetry,
    bounds,
    prefix: begun.schedule.length,
    properties: propertyResults(search, options, begun, found, conformance),
    conformance: conformance?.figures ?? null,
    progress: search.recovery?.figures ?? null,
    trace: found === null ? null : counterexample(search, begun, found, conformance),
  };
}

/** Where the exploration starts. Throws `RangeError` where the schedule before it has a fault. */
function begin({ bounds, from }: CheckOptions, conformance: Conformance | null): Start {
  if (from === undefined) return startOf(bounds);
  const begun = startAfter(from, bounds, conformance);
  if ("fault" in begun) throw new RangeError(`line ${begun.line}: ${begun.fault}`);
  return begun;
}

/** A violation by the schedule before the exploration. */
function foundIn(property: string): Found {
  return { property, path: [] };
}

/** Loaded only if asked for: it reads the specification, with packages of its own. */
async function conformanceFor(bounds: Bounds): Promise<Conformance> {
  const { loadConformance } = await import("./conformance.ts");
  return loadConformance(bounds);
}

function reasonToStop(
  { maxSeconds, maxMemoryBytes, signal }: CheckOptions,
  seconds: number,
  memoryBytes: number,
): CheckStopReason | null {
  if (signal?.aborted) return "interrupted";
  if (seconds >= (maxSeconds ?? Number.POSITIVE_INFINITY)) return "seconds";
  if (memoryBytes >= (maxMemoryBytes ?? Number.POSITIVE_INFINITY)) return "memory";
  return null;
}

function figuresOf(
  search: Search,
): Pick<
  CheckResult,
  "distinct" | "generated" | "depth" | "kernelCalls" | "localStates" | "localTransitions"
> {
  return {
    distinct: search.distinct,
    generated: search.generated,
    depth: search.depth,
    kernelCalls: search.transitions.kernelCalls,
    localStates: search.processes.values.length,
    localTransitions: search.transitions.inputs.length,
  };
}

function progressOf(search: Search, seconds: number, memoryBytes: number): CheckProgress {
  const { distinct, generated, depth, queue } = search;
  return { distinct, generated, depth, queue, seconds, memoryBytes };
}

function propertyResults(
  search: Search,
  { bounds, progress = false, from }: CheckOptions,
  begun: Start,
  found: Found | null,
  conformance: Conformance | null,
): readonly PropertyResult[] {
  const reached = new Set([...search.reachedNames, ...begun.reached]);
  const names = [
    ...(progress === "only" ? [] : [...always.map(({ name }) => name), KERNEL_INVARIANTS]),
    ...(conformance === null ? [] : [CONFORMANCE]),
    ...(progress === false ? [] : [PROGRESS]),
  ];
  const ofAlways = names.map((name): PropertyResult => {
    return { name, kind: "always", result: found?.property === name ? "violated" : "holds" };
  });
  // Whoever starts somewhere else looks at one corner: nothing is demanded of what is reached.
  const demanded = sometimes.filter(({ name, needs }) =>
    from === undefined ? meets(bounds, needs) : reached.has(name),
  );
  const ofSometimes = demanded.map(({ name }): PropertyResult => {
    return { name, kind: "sometimes", result: reached.has(name) ? "reached" : "unreached" };
  });
  const never = conformance?.figures.actionsNeverExercised ?? [];
  const missing = never.filter((name) => from === undefined && isExercisable(name, bounds));
  const ofActions = missing.map((name): PropertyResult => {
    return { name: `action ${name} of tla/Raft.tla`, kind: "sometimes", result: "unreached" };
  });
  return [...ofAlways, ...ofSometimes, ...ofActions];
}

/** The path as a schedule: every action runs once more, in the plain world. */
function counterexample(
  search: Search,
  begun: Start,
  found: Found,
  conformance: Conformance | null,
): Counterexample {
  const { replayBounds: bounds } = begun;
  const names = serverNames(bounds);
  let { world, moves } = begun;
  const path = found.path.map(({ slot, packet }) => {
    const action = actionOf(search, slot, packet, names);
    const line = formatAction(world, action);
    const outcome = perform(world, action);
    if ("refused" in outcome)
      throw new Error(`engine and world differ at "${line}": ${outcome.refused}`);
    world = outcome.world;
    moves = outcome.moves;
    return line;
  });
  const schedule = [...begun.schedule, ...path];
  const explanation = explain(found.property, world, moves, conformance);
  return { bounds, property: found.property, schedule, explanation };
}

/** What there is to say of a violation by these moves into `world`, beyond its name. */
function explain(
  property: string,
  world: World,
  moves: readonly Move[],
  conformance: Conformance | null,
): readonly string[] {
  if (property === PROGRESS) return missingLines(missingGoals(world) ?? []);
  const fault = property === CONFORMANCE ? firstFault(conformance, moves) : null;
  return fault === null ? [] : faultLines(fault);
}

function actionOf(
  { transitions, packets }: Search,
  slot: number,
  packet: number,
  names: readonly string[],
): Action {
  if (slot === NO_SLOT)
    return { kind: "drop", message: packets.components.valueOf(packet).message };
  const input = transitions.inputs[slot];
  if (input === undefined) throw new Error(`there is no transition ${slot}`);
  if (input.kind === "message") {
    return { kind: packet === -1 ? "duplicate" : "deliver", message: input.message };
  }
  const server = names[transitions.server.data[slot] as number] as string;
  return localActionOf(input, server);
}
