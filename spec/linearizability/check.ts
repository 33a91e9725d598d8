/** Whether a history is linearizable: every object by itself, in turns. */
import { explain, type Failure } from "./explain.ts";
import type { History, Model } from "./model.ts";
import { Search } from "./search.ts";
import { timelineOf } from "./timeline.ts";

/** When to give up. Without limits the check ends by itself, or remembers too much. */
export interface CheckLimits {
  /** Over all objects; the search for an explanation has limits of its own. */
  readonly maxSteps?: number;
  /** What may be remembered at once of what was tried, roughly: 1 GiB by default. */
  readonly maxMemoryBytes?: number;
  /** Asked every few thousand steps; true ends the check, or the search for an explanation. */
  readonly shouldStop?: () => boolean;
}

/** An order of the operations on one object that explains every response. */
export interface Linearization<Input, Output> {
  /** The object; undefined where the model does not tell objects apart. */
  readonly partition: string | undefined;
  /** Every operation with a response, and those without that have taken effect. */
  readonly order: History<Input, Output>;
}

/** Why there is no verdict: which limit was met. */
export type UnknownReason = "steps" | "memory" | "stopped";

/** The outcome of a check. */
export type LinearizabilityResult<State, Input, Output> = {
  /** A measure of work: about how many times an operation was tried. */
  readonly steps: number;
  /** How many objects there are. */
  readonly partitions: number;
} & (
  | {
      readonly verdict: "linearizable";
      readonly linearizations: readonly Linearization<Input, Output>[];
    }
  | { readonly verdict: "violated"; readonly failure: Failure<State, Input, Output> }
  | {
      readonly verdict: "unknown";
      readonly reason: UnknownReason;
      /** How many objects were decided; each of them is linearizable. */
      readonly decided: number;
    }
);

/** How far a check has come. */
export interface LinearizabilityProgress {
  readonly steps: number;
  readonly partitions: number;
  readonly decided: number;
  /** Whether a violation is found, and the smallest part of it is looked for. */
  readonly isExplaining: boolean;
}

/** Steps between two questions whether to stop. */
const SLICE = 4096;
/** The steps that each object gets in the first round, and how many times more in each next. */
const FIRST_LIMIT = 1 << 16;
const GROWTH = 4;
const MAX_MEMORY_BYTES = 2 ** 30;

/** An object and the operations on it. */
type Part<Input, Output> = readonly [string | undefined, History<Input, Output>];

/** The operations on each object, the fewest first; where they are as many, by appearance. */
function partsOf<State, Input, Output>(
  { partition }: Model<State, Input, Output>,
  history: History<Input, Output>,
): readonly Part<Input, Output>[] {
  if (partition === undefined) return history.length === 0 ? [] : [[undefined, history]];
  const parts = new Map<string | undefined, History<Input, Output>[number][]>();
  for (const operation of history) {
    const name = partition(operation.input);
    const part = parts.get(name);
    if (part === undefined) parts.set(name, [operation]);
    else part.push(operation);
  }
  return [...parts].sort(([, a], [, b]) => a.length - b.length);
}

/** @throws RangeError for an operation that ends before it starts, or has no times. */
function demandIntervals<Input, Output>(history: History<Input, Output>): void {
  for (const [at, { process, invoked, response }] of history.entries()) {
    const end = response === null ? invoked : response.at;
    if (Number.isFinite(invoked) && Number.isFinite(end) && invoked <= end) continue;
    const interval = `${invoked} to ${end}`;
    throw new RangeError(
      `operation ${at} of the history, by process ${process}: not an interval: ${interval}`,
    );
  }
}

/**
 * Decides whether `history` is linearizable with respect to `model`: whether all operations,
 * each at one moment between its invocation and its response, can have happened one after
 * another as the model says (Herlihy and Wing, 1990).
 * @throws RangeError for an operation that ends before it starts, or has no times.
 */
export function checkLinearizability<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
  limits: CheckLimits = {},
): LinearizabilityResult<State, Input, Output> {
  const slices = linearizabilityInSlices(model, history, limits);
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
  }
}

/** The same check in slices of a few milliseconds: between two, a program can do other things. */
export function* linearizabilityInSlices<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
  limits: CheckLimits = {},
): Generator<LinearizabilityProgress, LinearizabilityResult<State, Input, Output>, undefined> {
  demandIntervals(history);
  const parts = partsOf(model, history);
  const partitions = parts.length;
  const run = new Run(model, limits, partitions);
  let open = parts;
  // An object that is hard to decide must keep neither the others from their turns nor its
  // memory: a search that has used up its limit is dropped, and begins anew in the next round.
  for (let limit = FIRST_LIMIT; open.length > 0 && run.stoppedBy === null; limit *= GROWTH) {
    const undecided: Part<Input, Output>[] = [];
    for (const part of open) {
      const verdict = yield* run.decide(part, limit);
      if (run.failure !== null) {
        const { failure, steps } = run;
        return { verdict: "violated", failure, steps, partitions };
      }
      if (verdict === null) undecided.push(part);
      if (run.stoppedBy !== null) break;
    }
    open = undecided;
  }
  const { linearizations, steps } = run;
  const reason = run.stoppedBy ?? (run.hasGivenUp ? "memory" : null);
  if (reason === null) return { verdict: "linearizable", linearizations, steps, partitions };
  return { verdict: "unknown", reason, decided: linearizations.length, steps, partitions };
}

/** What a check has found so far. */
class Run<State, Input, Output> {
  steps = 0;
  readonly linearizations: Linearization<Input, Output>[] = [];
  failure: Failure<State, Input, Output> | null = null;
  /** What ends the whole check. */
  stoppedBy: "steps" | "stopped" | null = null;
  /** Whether some object needs too much memory. */
  hasGivenUp = false;
  readonly #model: Model<State, Input, Output>;
  readonly #partitions: number;
  readonly #maxSteps: number;
  readonly #maxMemoryBytes: number;
  readonly #shouldStop: () => boolean;

  constructor(model: Model<State, Input, Output>, limits: CheckLimits, partitions: number) {
    this.#model = model;
    this.#partitions = partitions;
    this.#maxSteps = limits.maxSteps ?? Infinity;
    this.#maxMemoryBytes = limits.maxMemoryBytes ?? MAX_MEMORY_BYTES;
    this.#shouldStop = limits.shouldStop ?? (() => false);
  }

  /** Decides one object within `limit` steps; null where it should get another turn. */
  *decide(
    [partition, history]: Part<Input, Output>,
    limit: number,
  ): Generator<LinearizabilityProgress, boolean | null, undefined> {
    const model = this.#model;
    const search = new Search(model, timelineOf(model, history));
    const before = this.steps;
    let verdict: boolean | null = null;
    while (verdict === null && search.steps < limit) {
      if (this.#shouldStop()) this.stoppedBy = "stopped";
      else if (this.steps >= this.#maxSteps) this.stoppedBy = "steps";
      if (this.stoppedBy !== null) return null;
      if (search.memoryBytes >= this.#maxMemoryBytes) {
        this.hasGivenUp = true;
        return false;
      }
      verdict = search.run(Math.min(limit, search.steps + SLICE, this.#maxSteps - before));
      this.steps = before + search.steps;
      yield this.#progress(false);
    }
    if (verdict === true) this.linearizations.push({ partition, order: search.best().order });
    if (verdict === false) {
      const shouldStop = this.#shouldStop;
      const slices = explain({ model, partition, history, search, shouldStop });
      let slice = slices.next();
      for (; slice.done !== true; slice = slices.next()) yield this.#progress(true);
      this.failure = slice.value;
    }
    return verdict;
  }

  #progress(isExplaining: boolean): LinearizabilityProgress {
    const decided = this.linearizations.length;
    return { steps: this.steps, partitions: this.#partitions, decided, isExplaining };
  }
}
