/**
 * A run of a cluster under evaluation: every action is carried out by the world, and every
 * property that it can have changed is evaluated. Beyond any exhaustive bound, and repeatable:
 * a run is the list of its actions.
 */
import {
  type Always,
  always,
  isMajorityOfCommitted,
  type LogView,
  logViewOf,
  type ServerView,
  sometimes,
} from "../spec/index.ts";
import type { Bounds } from "./bounds.ts";
import { KERNEL_INVARIANTS, reachedBy, viewsOf, violationOf } from "./evaluate.ts";
import { formatAction } from "./schedule.ts";
import {
  type Action,
  initialWorld,
  perform,
  positionOf,
  quietly,
  type World,
  type WorldStep,
} from "./world.ts";

/** A run so far. */
export interface Simulation {
  world: World;
  readonly actions: Action[];
  /** How many of them came before faults ended; Infinity while they have not. */
  faultsEnd: number;
  /** The "sometimes" properties reached, by name; several runs may share it. */
  readonly reached: Set<string>;
  /** Timers that the kernel reset since this was last cleared, as `TIMER SERVER`. */
  readonly timersReset: Set<string>;
  /** The violated property; nothing happens any more. */
  violation: string | null;
  /** What else there is to say about the violation. */
  detail: string;
}

/** A cluster before anything happened. */
export function startSimulation(bounds: Bounds, reached = new Set<string>()): Simulation {
  const world = initialWorld(bounds);
  const violation = violationOf(quietly(world));
  return {
    world,
    actions: [],
    faultsEnd: Number.POSITIVE_INFINITY,
    reached,
    timersReset: new Set(),
    violation,
    detail: "",
  };
}

/** Lets `action` happen and evaluates what came of it. False where it cannot happen. */
export function act(run: Simulation, action: Action): boolean {
  if (run.violation !== null) return false;
  const before = run.world;
  const outcome = perform(before, action);
  if ("refused" in outcome) return false;
  run.actions.push(action);
  run.world = outcome.world;
  noteTimers(run, outcome);
  const wanted = sometimes.filter(({ name }) => !run.reached.has(name));
  try {
    for (const name of reachedBy(before, action, outcome, wanted)) run.reached.add(name);
    run.violation = violationAfter(before, outcome);
    run.detail = outcome.broken ?? "";
  } catch (error) {
    // A state that a property cannot even read is no state of a correct kernel.
    run.violation = KERNEL_INVARIANTS;
    run.detail = error instanceof Error ? error.message : String(error);
  }
  return true;
}

function noteTimers(run: Simulation, outcome: WorldStep): void {
  for (const { config, effects } of outcome.steps) {
    for (const effect of effects) {
      if (effect.kind === "reset-timer") run.timersReset.add(`${effect.timer} ${config.id}`);
    }
  }
}

/** The lines of a run in the schedule syntax. */
export function scheduleOf(bounds: Bounds, actions: readonly Action[]): readonly string[] {
  let world = initialWorld(bounds);
  return actions.map((action) => {
    const line = formatAction(world, action);
    const outcome = perform(world, action);
    if ("refused" in outcome) throw new Error(`${line}: ${outcome.refused}`);
    world = outcome.world;
    return line;
  });
}

/**
 * What `violationOf` says, for a step from a world in which everything held: properties that
 * look at nothing that has changed are left out.
 */
export function violationAfter(
  before: World,
  outcome: WorldStep,
  properties = always,
): string | null {
  if (outcome.broken !== null) return KERNEL_INVARIANTS;
  if (outcome.server === null) return null;
  const { world, server } = outcome;
  const views = viewsOf(world);
  const change: Change = {
    world,
    views,
    logs: views.map(logViewOf),
    position: positionOf(world, server),
    isSameHistory: world.environment.history === before.environment.history,
  };
  const violated = properties.find((property) =>
    property.over === "step" ? !outcome.steps.every(property.holds) : !holdsAfter(property, change),
  );
  return violated?.name ?? null;
}

interface Change {
  readonly world: World;
  readonly views: readonly ServerView[];
  readonly logs: readonly LogView[];
  /** Of the one server that may have changed. */
  readonly position: number;
  readonly isSameHistory: boolean;
}

function holdsAfter(property: Exclude<Always, { over: "step" }>, change: Change): boolean {
  const { world, views, logs, position, isSameHistory } = change;
  const { history } = world.environment;
  const [view, log] = [views[position], logs[position]];
  if (view === undefined || log === undefined) return false;
  switch (property.over) {
    case "server":
      return property.holds(view);
    case "pair":
      return logs.every((other) => other === log || property.holds(log.log, other.log));
    case "history":
      return isSameHistory || property.holds(history);
    case "server-history":
      return (isSameHistory ? [log] : logs).every((it) => property.holds(it, history));
    case "quorum-history": {
      const isHolder = (_: ServerView, i: number): boolean =>
        property.holds(logs[i] as LogView, history);
      const holders = views.filter(isHolder).map(({ id }) => id);
      return isMajorityOfCommitted(history, holders);
    }
  }
}

/**
 * Fewer actions to the same end, by leaving out ever shorter pieces. `rerun` gives the actions
 * that were possible of those it is given, or null where they no longer lead there. Stops early
 * at `deadline` (a `performance.now()`).
 */
export function minimised(
  actions: readonly Action[],
  rerun: (actions: readonly Action[]) => readonly Action[] | null,
  deadline: number,
): readonly Action[] {
  let best = actions;
  let size = best.length;
  while (size > 0) {
    const before = best.length;
    for (let from = 0; from < best.length; ) {
      if (performance.now() > deadline) return best;
      const shorter = rerun(best.toSpliced(from, size));
      if (shorter !== null && shorter.length < best.length) best = shorter;
      else from += size;
    }
    // One by one until that changes nothing: what is left out may make more superfluous.
    if (size > 1 || best.length === before) size = size >> 1;
  }
  return best;
}
