/**
 * Runs a trace again. It replays exactly when every action is possible, leads to the state that
 * was recorded, and nothing is violated but, by the last action, what the trace says.
 */
import { always, PROGRESS } from "../spec/index.ts";
import { CONFORMANCE, type Conformance, firstFault } from "./conformance-contract.ts";
import { KERNEL_INVARIANTS, violationOf } from "./evaluate.ts";
import { missingGoals } from "./progress.ts";
import { changesOf } from "./render/changes.ts";
import { counted } from "./render/words.ts";
import { formatAction, parseAction } from "./schedule.ts";
import { digestOfWorld, type Trace, type TraceAction } from "./trace.ts";
import {
  type Action,
  enabledActions,
  initialWorld,
  perform,
  quietly,
  type World,
  type WorldStep,
} from "./world.ts";

/** One action that was run again. */
export interface ReplayStep {
  /** Its line in the trace file. */
  readonly line: number;
  readonly text: string;
  readonly action: Action;
  readonly before: World;
  readonly outcome: WorldStep;
  readonly digest: string;
  /** What it changed, in words. */
  readonly changes: readonly string[];
}

/** A trace run to its end: `violation` is what its last action violates, as the trace says. */
export interface Replayed {
  readonly ok: true;
  readonly steps: readonly ReplayStep[];
  readonly violation: string | null;
}

/** A trace that does not replay exactly. */
export interface NotReplayed {
  readonly ok: false;
  /** The steps before the fault. */
  readonly steps: readonly ReplayStep[];
  /** The line of the trace at which it first differs. */
  readonly line: number;
  readonly why: string;
  /** Where the action was not possible: what was, in the schedule syntax. */
  readonly possible: readonly string[];
}

/**
 * Runs `trace` again. Total: whatever does not fit is the answer. With `conformance`, a move that
 * is no step of the specification is a violation too.
 */
export function replay(
  trace: Trace,
  conformance: Conformance | null = null,
): Replayed | NotReplayed {
  const steps: ReplayStep[] = [];
  let world = initialWorld(trace.bounds);
  const fail = (line: number, why: string, possible: readonly string[] = []): NotReplayed => {
    return { ok: false, steps, line, why, possible };
  };
  const first = verdictOn(trace, 0, quietly(world), conformance);
  if (first !== null) return fail(lineAfter(trace, 0), first);
  for (const [i, recorded] of trace.actions.entries()) {
    const step = replayStep(world, recorded);
    if ("why" in step) return fail(recorded.line, step.why, possibleIn(world));
    if (recorded.digest !== null && recorded.digest !== step.digest) {
      return fail(recorded.line, differs(recorded.digest, step.digest));
    }
    steps.push(step);
    world = step.outcome.world;
    const fault = verdictOn(trace, i + 1, step.outcome, conformance);
    if (fault !== null) return fail(recorded.line, fault);
  }
  return { ok: true, steps, violation: trace.property };
}

/** The line of the last of the first `count` actions; of the first where there is none. */
function lineAfter({ actions }: Trace, count: number): number {
  return actions[Math.max(0, count - 1)]?.line ?? 1;
}

function replayStep(before: World, { line, text }: TraceAction): ReplayStep | { why: string } {
  const action = parseAction(before, text);
  if ("fault" in action) return { why: action.fault };
  const outcome = perform(before, action);
  if ("refused" in outcome) {
    const limit = outcome.outOfBounds ? " (out of the trace's bounds)" : "";
    return { why: `${text} is not possible here: ${outcome.refused}${limit}` };
  }
  const digest = digestOfWorld(outcome.world);
  const changes = changesOf(before, action, outcome);
  return { line, text, action, before, outcome, digest, changes };
}

function differs(recorded: string, found: string): string {
  return (
    `the state after this action has the digest ${found}, not ${recorded}: ` +
    "the kernel behaves differently from when the trace was saved, or the trace was edited"
  );
}

/** What can happen in `world` within its bounds, in the schedule syntax. */
function possibleIn(world: World): readonly string[] {
  const possible = enabledActions(world).filter((action) => !("refused" in perform(world, action)));
  return possible.map((action) => formatAction(world, action));
}

/** What the trace is wrong about after `count` actions, or null. */
function verdictOn(
  trace: Trace,
  count: number,
  outcome: WorldStep,
  conformance: Conformance | null,
): string | null {
  const { property, actions } = trace;
  const isLast = count === actions.length;
  const strays = firstFault(conformance, outcome.moves) !== null;
  if (isLast && property === CONFORMANCE && strays) return null;
  if (isLast && property === PROGRESS && missingGoals(outcome.world) !== null) return null;
  if (isLast && property !== null && violates(outcome, property)) return null;
  const violated = firstViolation(outcome) ?? (strays ? CONFORMANCE : null);
  if (violated === null) {
    return isLast && property !== null
      ? `the trace says that its end violates ${property}, but nothing is violated`
      : null;
  }
  if (property === null) return `this violates ${violated}, but the trace says "property none"`;
  if (violated !== property) return `this violates ${violated}, not ${property}`;
  const more = counted(actions.length - count, "more action follows", "more actions follow");
  return `this violates ${violated} already, but ${more}`;
}

/** Whether the outcome violates this very property, whatever else it violates. */
function violates(outcome: WorldStep, property: string): boolean {
  if (firstViolation(outcome) === property) return true;
  const only = always.filter(({ name }) => name === property);
  return outcome.broken === null && firstViolation(outcome, only) === property;
}

/** A state that a property cannot even read is no state of a right kernel. */
function firstViolation(outcome: WorldStep, properties = always): string | null {
  try {
    return violationOf(outcome, properties);
  } catch {
    return KERNEL_INVARIANTS;
  }
}
