/**
 * Breadth-first exploration of a TLA+ model, in TLC's order, so that generated states, distinct
 * states and depth are TLC's. Specifying Systems §14.3.
 */
import { Int32List } from "../engine/growable.ts";
import { VisitedSet } from "../engine/visited.ts";
import type { StopReason, Verdict } from "../result.ts";
import type { TlaAction, TlaModel, TlaState } from "./model.ts";

/** What was found wrong. */
export interface TlaViolation {
  readonly kind: "assumption" | "invariant" | "property" | "deadlock";
  readonly name: string;
  /** The way there: `action` is null for the initial state. */
  readonly trace: readonly TraceStep[];
}

export interface TraceStep {
  readonly action: TlaAction | null;
  readonly state: TlaState;
}

/** How often an action was taken, and how many new states it found. */
export interface ActionCount {
  readonly name: string;
  readonly generated: number;
  readonly distinct: number;
}

/** The outcome. A result without its bounds is not a result: they are in the configuration. */
export interface TlaResult {
  readonly verdict: Verdict;
  readonly stoppedBy: StopReason | null;
  readonly generated: number;
  readonly distinct: number;
  /** As TLC counts: states on the longest of the shortest ways, the first included. */
  readonly depth: number;
  readonly queue: number;
  readonly seconds: number;
  readonly actions: readonly ActionCount[];
  readonly violation: TlaViolation | null;
}

export interface TlaProgress {
  readonly generated: number;
  readonly distinct: number;
  readonly depth: number;
  readonly queue: number;
  readonly seconds: number;
}

/** Where to stop, and whom to tell. */
export interface ExploreOptions {
  readonly maxStates?: number;
  readonly maxSeconds?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TlaProgress) => void;
  /** Called for every step between states within the constraints, initial states first. */
  readonly onEdge?: (before: TlaState | null, action: string, after: TlaState) => void;
}

/** Seconds between two calls of `onProgress`, when signals are let in too. */
const TURN_SECONDS = 0.2;

/** Visits every state of `model`. Evaluation errors are thrown as `TlaError`. */
export async function explore(model: TlaModel, options: ExploreOptions = {}): Promise<TlaResult> {
  const exploration = new Exploration(model, options);
  return exploration.run();
}

class Exploration {
  private readonly model: TlaModel;
  private readonly options: ExploreOptions;
  private readonly started = performance.now();
  private readonly visited = new VisitedSet();
  /** States beyond the constraints: not explored, but checked, once each. */
  private readonly outside = new VisitedSet();
  /** States to expand, a level at a time. */
  private frontier: TlaState[] = [];
  private following: TlaState[] = [];
  /** Of each distinct state: its two lanes and its parent, -1 for initial states. */
  private readonly lows = new Int32List();
  private readonly highs = new Int32List();
  private readonly parents = new Int32List();
  /** The successors by one action. */
  private readonly made: TlaState[] = [];
  private readonly collect = (state: TlaState): boolean => {
    this.made.push(state);
    return false;
  };
  private readonly taken: number[];
  private readonly found: number[];
  private generated = 0;
  private depth = 0;
  /** How many states of the frontier are expanded. */
  private position = 0;
  /** The number of the state being expanded, or -1. */
  private parent = -1;
  private violation: TlaViolation | null = null;

  constructor(model: TlaModel, options: ExploreOptions) {
    this.model = model;
    this.options = options;
    this.taken = model.actions.map(() => 0);
    this.found = model.actions.map(() => 0);
  }

  async run(): Promise<TlaResult> {
    const { model } = this;
    for (const { name, holds } of model.assumptions) {
      if (!holds()) return this.violated({ kind: "assumption", name, trace: [] });
    }
    for (const state of this.allInitial()) {
      if (this.visitInitial(state)) return this.result("violated", null);
    }
    let first = 0;
    let stop: StopReason | null = null;
    let turn = TURN_SECONDS;
    while (this.following.length > 0 && stop === null) {
      this.frontier = this.following;
      this.following = [];
      this.depth += 1;
      this.position = 0;
      while (this.position < this.frontier.length && stop === null) {
        this.parent = first + this.position;
        this.expand(this.frontier[this.position] as TlaState);
        this.position += 1;
        if (this.violation !== null) return this.result("violated", null);
        if (this.seconds() >= turn) {
          await this.report();
          turn = this.seconds() + TURN_SECONDS;
        }
        stop = this.stopReason();
      }
      first += this.frontier.length;
    }
    return this.queue() === 0 ? this.result("exhausted", null) : this.result("limit", stop);
  }

  private stopReason(): StopReason | null {
    const { maxStates, maxSeconds, signal } = this.options;
    if (maxStates !== undefined && this.visited.size >= maxStates) return "states";
    if (signal?.aborted === true) return "interrupted";
    if (maxSeconds !== undefined && this.seconds() >= maxSeconds) return "seconds";
    return null;
  }

  /** States whose successors are not yet known. */
  private queue(): number {
    return this.frontier.length - this.position + this.following.length;
  }

  private seconds(): number {
    return (performance.now() - this.started) / 1000;
  }

  /** Tells how far it is, and lets signals in. */
  private async report(): Promise<void> {
    const { generated, depth } = this;
    this.options.onProgress?.({
      generated,
      depth,
      distinct: this.visited.size,
      queue: this.queue(),
      seconds: this.seconds(),
    });
    await new Promise(setImmediate);
  }

  /** Collected first: evaluating properties on the way would disturb their making. */
  private allInitial(): readonly TlaState[] {
    const states: TlaState[] = [];
    if (this.model.variables.length === 0) return states;
    this.model.initialStates((state) => {
      states.push(state);
      return false;
    });
    return states;
  }

  /** One initial state; true stops. */
  private visitInitial(state: TlaState): boolean {
    const { model } = this;
    this.generated += 1;
    const inside = model.constraints.every(({ holds }) => holds(state, null));
    const isNew = inside ? this.add(state) : this.addOutside(state);
    if (inside) this.options.onEdge?.(null, "Init", state);
    if (isNew) {
      for (const { name, holds } of model.initialGoals) {
        if (!holds(state, null)) return this.fail("property", name, null, state);
      }
      for (const { name, holds } of model.invariants) {
        if (!holds(state, null)) return this.fail("invariant", name, null, state);
      }
    }
    if (isNew && inside) this.following.push(state);
    return false;
  }

  private expand(state: TlaState): void {
    const { model, made } = this;
    let isStuck = true;
    for (let index = 0; index < model.actions.length; index++) {
      const { successors } = model.actions[index] as TlaAction;
      // Visited afterwards, for checking them disturbs their making.
      made.length = 0;
      successors(state, this.collect);
      for (let i = 0; i < made.length; i++) {
        isStuck = false;
        if (this.visit(state, index, made[i] as TlaState)) return;
      }
    }
    if (isStuck && model.checksDeadlock) this.fail("deadlock", "deadlock", null, state);
  }

  /** One step; true stops. */
  private visit(before: TlaState, index: number, after: TlaState): boolean {
    const { model } = this;
    const action = model.actions[index] as TlaAction;
    this.generated += 1;
    this.taken[index] = (this.taken[index] as number) + 1;
    const inside =
      model.constraints.every(({ holds }) => holds(after, before)) &&
      model.actionConstraints.every(({ holds }) => holds(before, after));
    const isNew = inside ? this.add(after) : this.addOutside(after);
    if (inside) this.options.onEdge?.(before, action.label, after);
    if (isNew) {
      for (const { name, holds } of model.invariants) {
        if (!holds(after, before)) return this.fail("invariant", name, action, after);
      }
    }
    for (const { name, holds } of model.stepGoals) {
      if (!holds(before, after)) return this.fail("property", name, action, after);
    }
    if (isNew && inside) {
      this.found[index] = (this.found[index] as number) + 1;
      this.following.push(after);
    }
    return false;
  }

  /** Adds a state; false if it was known. */
  private add(state: TlaState): boolean {
    if (!this.visited.reserve(1)) throw new RangeError("too many states for one visited set");
    const { low, high } = this.model.fingerprint(state);
    if (!this.visited.add(low, high)) return false;
    this.lows.push(low);
    this.highs.push(high);
    this.parents.push(this.parent);
    return true;
  }

  /** Whether a state beyond the constraints is met for the first time. */
  private addOutside(state: TlaState): boolean {
    const { low, high } = this.model.fingerprint(state);
    // Without room, states are checked again: slower, and no less right.
    return !this.outside.reserve(1) || this.outside.add(low, high);
  }

  private fail(
    kind: TlaViolation["kind"],
    name: string,
    action: TlaAction | null,
    state: TlaState,
  ): boolean {
    const isFirst = this.parent === -1;
    const before = isFirst ? [] : this.traceTo(this.parent);
    // A deadlock is of the last state itself.
    const trace = kind === "deadlock" ? before : [...before, { action, state }];
    this.violation = { kind, name, trace };
    return true;
  }

  /** The way to a visited state, found again along the parents by their fingerprints. */
  private traceTo(id: number): readonly TraceStep[] {
    const ids: number[] = [];
    for (let at = id; at !== -1; at = this.parents.data[at] as number) ids.unshift(at);
    const steps: TraceStep[] = [];
    for (const at of ids) {
      const last = steps.at(-1);
      const isIt = (state: TlaState): boolean => {
        const { low, high } = this.model.fingerprint(state);
        return low === this.lows.data[at] && high === this.highs.data[at];
      };
      steps.push(last === undefined ? this.findInitial(isIt) : this.findSuccessor(last, isIt));
    }
    return steps;
  }

  private findInitial(isIt: (state: TlaState) => boolean): TraceStep {
    return { action: null, state: this.allInitial().find(isIt) as TlaState };
  }

  private findSuccessor({ state }: TraceStep, isIt: (state: TlaState) => boolean): TraceStep {
    for (const action of this.model.actions) {
      const candidates: TlaState[] = [];
      action.successors(state, (after) => {
        candidates.push(after);
        return false;
      });
      const found = candidates.find(isIt);
      if (found !== undefined) return { action, state: found };
    }
    throw new Error("a visited state is not where it was found");
  }

  private violated(violation: TlaViolation): TlaResult {
    this.violation = violation;
    return this.result("violated", null);
  }

  private result(verdict: Verdict, stoppedBy: StopReason | null): TlaResult {
    const { generated, depth, violation } = this;
    return {
      verdict,
      stoppedBy,
      generated,
      distinct: this.visited.size,
      depth,
      queue: this.queue(),
      seconds: this.seconds(),
      actions: this.actionCounts(),
      violation,
    };
  }

  /** By name: TLC's coverage too speaks of the operator, not of its arguments. */
  private actionCounts(): readonly ActionCount[] {
    const counts = new Map<string, ActionCount>();
    this.model.actions.forEach(({ name }, i) => {
      const before = counts.get(name) ?? { name, generated: 0, distinct: 0 };
      const generated = before.generated + (this.taken[i] as number);
      counts.set(name, { name, generated, distinct: before.distinct + (this.found[i] as number) });
    });
    return [...counts.values()];
  }
}
