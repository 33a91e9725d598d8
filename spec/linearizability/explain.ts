/**
 * The smallest part of a history that is not linearizable. It is found by weaker questions, each
 * answered by a search: an operation may lose its response, and then takes effect at any time
 * after its invocation, or never. What is not linearizable even so contradicts itself without
 * that response.
 */
import { sameData } from "./data.ts";
import { type History, type Model, type Operation, unknown } from "./model.ts";
import { Search, type Start } from "./search.ts";
import { timelineOf } from "./timeline.ts";

/** Why a history is not linearizable. All operations are on one object. */
export interface Failure<State, Input, Output> {
  /** The object; undefined where the model does not tell objects apart. */
  readonly partition: string | undefined;
  /**
   * The shortest beginning of the history on that object that is not linearizable, by invocation.
   * Operations that are open at its end have no response.
   */
  readonly prefix: History<Input, Output>;
  /**
   * Operations of the prefix whose responses contradict one another, by invocation, even if all
   * the others may have taken effect at any time after their invocations, or never.
   */
  readonly core: History<Input, Output>;
  /** Whether every operation of the core is needed: else the limits ended the search for less. */
  readonly isMinimal: boolean;
  /** The last response of the prefix: with it, no order explains all. */
  readonly unexplained: Operation<Input, Output>;
  /**
   * An order that explains every response before it, and the state after that; null where the
   * limits ended the search for it.
   */
  readonly longest: { readonly order: History<Input, Output>; readonly state: State } | null;
  /** Where the prefix is long: its end, of which the core is. null: the core is of all of it. */
  readonly window: {
    /** From when on responses count. */
    readonly after: number;
    /** The states that orders of what responded until then lead to. */
    readonly states: readonly State[];
    /** Whether of all orders; else of those that allow the reads after it. */
    readonly isExhaustive: boolean;
  } | null;
}

/** A violation to be explained. */
export interface Violation<State, Input, Output> {
  readonly model: Model<State, Input, Output>;
  readonly partition: string | undefined;
  /** All operations on the object, in any order. */
  readonly history: History<Input, Output>;
  /** The search that failed. */
  readonly search: Search<State, Input, Output>;
  readonly shouldStop: () => boolean;
}

const SLICE = 4096;
/** Steps for one question, and for all: so many, or so many times those of the search. */
const FOR_ONE = { steps: 50_000, times: 2 };
const FOR_ALL = { steps: 3_000_000, times: 4 };
/** Steps to find out where a long past leads. */
const FOR_PAST = { steps: 500_000, times: 2 };

/** A prefix with more responses is cut to the last of them, if they can be told from the rest. */
const LONG = 256;
const WINDOWS = [48, 64, 96, 128, 192];
/** The most configurations that a window may begin with. */
const MOST_STARTS = 8;

/** Explains a violation, in slices. */
export function* explain<State, Input, Output>(
  violation: Violation<State, Input, Output>,
): Generator<void, Failure<State, Input, Output>, undefined> {
  const { model, partition, history } = violation;
  const questions = new Questions(violation);
  const prefix = yield* shortestPrefix(violation, questions);
  const times = timesOf(prefix);
  const last = times.at(-1);
  const unexplained = prefix.find(({ response }) => response?.at === last);
  if (unexplained === undefined) throw new Error("what has no responses is linearizable");
  const before = until(history, times.findLast((time) => time !== last) ?? -Infinity);
  const longest = yield* questions.ask(new Search(model, timelineOf(model, before)));
  const window = yield* windowOf(model, prefix, questions);
  const all = prefix.filter(({ response }) => response !== null);
  const { core, isMinimal } =
    window === null
      ? { core: all, isMinimal: false }
      : yield* smallestCore(model, window, questions);
  return {
    partition,
    prefix,
    core,
    isMinimal,
    unexplained,
    longest: longest?.isLinearizable === true ? longest.search.best() : null,
    window: window === null ? null : pastOf(model, window),
  };
}

function pastOf<State, Input, Output>(
  { equal = sameData }: Model<State, Input, Output>,
  { after, starts, isExhaustive }: Window<State, Input, Output>,
): Failure<State, Input, Output>["window"] {
  if (after === null) return null;
  const all = starts.map(({ state }) => state);
  const states = all.filter((state, at) => all.findIndex((it) => equal(it, state)) === at);
  return { after, states, isExhaustive };
}

interface Answer<State, Input, Output> {
  readonly isLinearizable: boolean;
  readonly search: Search<State, Input, Output>;
}

/** Asks whether histories are linearizable, within limits. */
class Questions<State, Input, Output> {
  /** How many were not answered. */
  unanswered = 0;
  /** The steps of the search that failed. */
  readonly searchSteps: number;
  readonly #shouldStop: () => boolean;
  readonly #mostForOne: number;
  #left: number;

  constructor({ search, shouldStop }: Violation<State, Input, Output>) {
    this.searchSteps = search.steps;
    this.#shouldStop = shouldStop;
    this.#mostForOne = Math.max(FOR_ONE.steps, FOR_ONE.times * search.steps);
    this.#left = Math.max(FOR_ALL.steps, FOR_ALL.times * search.steps);
  }

  /** What the search finds; null if it would take too long. */
  *ask(
    search: Search<State, Input, Output>,
    atMost = this.#mostForOne,
  ): Generator<void, Answer<State, Input, Output> | null, undefined> {
    const most = Math.min(atMost, this.#left);
    let isLinearizable: boolean | null = null;
    while (isLinearizable === null && search.steps < most && !this.#shouldStop()) {
      isLinearizable = search.run(Math.min(most, search.steps + SLICE));
      yield;
    }
    // To lay out the operations takes about as long as to try them.
    this.#left -= search.steps + search.length;
    if (isLinearizable !== null) return { isLinearizable, search };
    this.unanswered++;
    return null;
  }
}

/** What is seen of `history` until `time`, by invocation. */
function until<Input, Output>(
  history: History<Input, Output>,
  time: number,
): History<Input, Output> {
  return history
    .filter(({ invoked }) => invoked <= time)
    .map((it) => (it.response !== null && it.response.at > time ? withoutResponse(it) : it))
    .sort((a, b) => a.invoked - b.invoked);
}

function withoutResponse<Input, Output>(
  operation: Operation<Input, Output>,
): Operation<Input, Output> {
  return { ...operation, response: null };
}

function timesOf<Input, Output>(history: History<Input, Output>): readonly number[] {
  const times = history.flatMap(({ response }) => (response === null ? [] : [response.at]));
  return times.sort((a, b) => a - b);
}

/**
 * The shortest beginning that is not linearizable. All that the failed search reached is
 * linearizable. The end of the shortest is often the next response, and else is found by steps
 * that double, and then by halving: what begins with it is not linearizable either.
 */
function* shortestPrefix<State, Input, Output>(
  { model, history, search }: Violation<State, Input, Output>,
  questions: Questions<State, Input, Output>,
): Generator<void, History<Input, Output>, undefined> {
  const times = timesOf(history);
  let shortest = until(history, times.at(-1) ?? 0);
  let low = search.reached;
  let high = times.length - 1;
  for (let stride = 1, isGalloping = true; low < high; ) {
    const middle = isGalloping ? Math.min(low + stride - 1, high - 1) : (low + high) >> 1;
    const prefix = until(history, times[middle] ?? 0);
    const answer = yield* questions.ask(new Search(model, timelineOf(model, prefix)));
    if (answer?.isLinearizable === false) {
      shortest = prefix;
      high = middle;
      isGalloping = false;
    } else {
      low = middle + 1;
      stride *= 2;
    }
  }
  return shortest;
}

/** Operations that are not linearizable from any of some configurations. */
interface Window<State, Input, Output> {
  /** The time from which on responses count; null for all of them. */
  readonly after: number | null;
  readonly operations: History<Input, Output>;
  /** The state of each configuration, and the operations that are left in it, by their places. */
  readonly starts: readonly Start<State>[];
  /** Whether these are all configurations there can be; else those from which reads can go on. */
  readonly isExhaustive: boolean;
}

/** The end of a long prefix, or all of a short one; null for a past that leaves much open. */
function* windowOf<State, Input, Output>(
  model: Model<State, Input, Output>,
  prefix: History<Input, Output>,
  questions: Questions<State, Input, Output>,
): Generator<void, Window<State, Input, Output> | null, undefined> {
  const timeline = timelineOf(model, prefix);
  const { operations, completed } = timeline;
  if (completed <= LONG) {
    const starts = [{ left: new Set(prefix.keys()), state: model.initial }];
    return { after: null, operations: prefix, starts, isExhaustive: true };
  }
  // What no read allows later is no reason to leave a configuration out, if there is another way:
  // the core should say why it is not possible.
  const { outlook: _, ...patient } = model;
  for (const searched of [patient, model]) {
    const most = searched === patient ? FOR_PAST.steps : FOR_PAST.times * questions.searchSteps;
    for (const length of WINDOWS) {
      const level = completed - length;
      const answer = yield* questions.ask(new Search(searched, timeline, level), most);
      if (answer === null) break;
      const { starts } = answer.search;
      if (starts.length === 0 || starts.length > MOST_STARTS) continue;
      return {
        after: operations[level - 1]?.response?.at ?? null,
        operations: operations.slice(level),
        starts: starts.map(({ left, state }) => {
          return { left: new Set([...left].map((number) => number - level)), state };
        }),
        isExhaustive: searched === patient,
      };
    }
  }
  return null;
}

/**
 * Takes away responses as long as the rest is not linearizable, many at a time first. The more
 * responses there are the less is linearizable, so one pass is enough: what could not be spared
 * with more responses is needed with fewer.
 */
function* smallestCore<State, Input, Output>(
  model: Model<State, Input, Output>,
  { operations, starts }: Window<State, Input, Output>,
  questions: Questions<State, Input, Output>,
): Generator<void, Pick<Failure<State, Input, Output>, "core" | "isMinimal">, undefined> {
  let rest = operations;
  let isMinimal = true;
  const completed = operations.filter(({ response }) => response !== null);
  const isReadOnly = ({ input }: Operation<Input, Output>): boolean =>
    model.isReadOnly?.(input, unknown) ?? false;
  // Operations that change nothing cost nothing without response: the others come last.
  const groups = [
    completed.filter((it) => !isReadOnly(it)),
    completed.filter((it) => isReadOnly(it)),
  ];
  for (let group = groups.pop(); group !== undefined; group = groups.pop()) {
    if (group.length === 0) continue;
    const spared = new Set(group);
    const less = rest.map((it) => (spared.has(it) ? withoutResponse(it) : it));
    const before = questions.unanswered;
    if (yield* isRefuted(model, less, starts, questions)) rest = less;
    else if (group.length === 1) isMinimal &&= questions.unanswered === before;
    else {
      const half = group.length >> 1;
      groups.push(group.slice(half), group.slice(0, half));
    }
  }
  const core = rest.filter(({ response }) => response !== null);
  return { core: core.sort((a, b) => a.invoked - b.invoked), isMinimal };
}

/** Whether the operations are known not to be linearizable from any of the configurations. */
function* isRefuted<State, Input, Output>(
  model: Model<State, Input, Output>,
  operations: History<Input, Output>,
  starts: readonly Start<State>[],
  questions: Questions<State, Input, Output>,
): Generator<void, boolean, undefined> {
  for (const { left, state } of starts) {
    const from = { ...model, initial: state };
    const others = operations.filter((_, place) => left.has(place));
    const answer = yield* questions.ask(new Search(from, timelineOf(from, others)));
    if (answer?.isLinearizable !== false) return false;
  }
  return true;
}
