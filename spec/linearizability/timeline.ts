/** The operations on one object, in the order of time, as the search needs them. */
import { hashData, sameData } from "./data.ts";
import { type History, type Model, type Operation, unknown } from "./model.ts";

/**
 * Operations by number: first those with a response, in the order of their responses, then those
 * without, in the order of their invocations. Moments are places in the sequence of all
 * invocations and responses.
 */
export interface Timeline<Input, Output> {
  readonly operations: History<Input, Output>;
  /** How many have a response. */
  readonly completed: number;
  /** The moment of each invocation. */
  readonly invokedAt: Int32Array;
  /** The moment of each response. */
  readonly respondedAt: Int32Array;
  /** The numbers of those with a response, in the order of their invocations. */
  readonly byInvocation: Int32Array;
  /**
   * A bit for each operation; no two that are open at the same moment share one. So what was
   * linearised, beyond all that responded before some moment, is a mask of few words.
   */
  readonly bit: Int32Array;
  /** The words of such a mask. */
  readonly words: number;
  /** Which operations never change a state. */
  readonly isReadOnly: Uint8Array;
  /** For each response, and for their end: the first one from there on of such an operation. */
  readonly nextRead: Int32Array;
  /**
   * For one without response: the last one before it with the same input, or -1. Of two such
   * the earlier can always play the part of the later, so the later is tried only after it.
   */
  readonly twin: Int32Array;
}

function isReadOnlyIn<State, Input, Output>(
  { isReadOnly }: Model<State, Input, Output>,
  { input, response }: Operation<Input, Output>,
): boolean {
  return isReadOnly?.(input, response === null ? unknown : response.output) ?? false;
}

/** Operations in the order of their responses, and those without, if they may do anything. */
function ordered<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
): readonly [completed: Operation<Input, Output>[], pending: Operation<Input, Output>[]] {
  const completed = history.filter(({ response }) => response !== null);
  completed.sort((a, b) => (a.response?.at ?? 0) - (b.response?.at ?? 0));
  const pending = history.filter((it) => it.response === null && !isReadOnlyIn(model, it));
  pending.sort((a, b) => a.invoked - b.invoked);
  return [completed, pending];
}

/** Lays out the operations on one object. */
export function timelineOf<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
): Timeline<Input, Output> {
  const [completed, pending] = ordered(model, history);
  const operations = [...completed, ...pending];
  const byInvocation = Int32Array.from(completed.keys());
  const invoked = Float64Array.from(operations, (operation) => operation.invoked);
  byInvocation.sort((a, b) => (invoked[a] as number) - (invoked[b] as number));
  const isReadOnly = Uint8Array.from(operations, (it) => (isReadOnlyIn(model, it) ? 1 : 0));
  const all = Int32Array.from(operations.keys());
  all.sort((a, b) => (invoked[a] as number) - (invoked[b] as number));
  return {
    operations,
    completed: completed.length,
    byInvocation,
    ...moments(operations, completed.length, all),
    isReadOnly,
    nextRead: nextReads(isReadOnly, completed.length),
    twin: twins(operations, completed.length),
  };
}

function nextReads(isReadOnly: Uint8Array, completed: number): Int32Array {
  const next = new Int32Array(completed + 1).fill(completed);
  for (let at = completed - 1; at >= 0; at--) {
    next[at] = isReadOnly[at] === 1 ? at : (next[at + 1] as number);
  }
  return next;
}

/** Walks through time: invocations before responses of the same time, for intervals are closed. */
function moments<Input, Output>(
  operations: History<Input, Output>,
  completed: number,
  byInvocation: Int32Array,
): Pick<Timeline<Input, Output>, "invokedAt" | "respondedAt" | "bit" | "words"> {
  const invokedAt = new Int32Array(operations.length);
  const respondedAt = new Int32Array(completed);
  const bit = new Int32Array(operations.length);
  const free: number[] = [];
  let bits = 0;
  let moment = 0;
  let responses = 0;
  const respondUntil = (time: number): void => {
    for (; responses < completed; responses++) {
      const at = operations[responses]?.response?.at ?? 0;
      if (at >= time) return;
      respondedAt[responses] = moment++;
      free.push(bit[responses] as number);
    }
  };
  for (const number of byInvocation) {
    respondUntil((operations[number] as Operation<Input, Output>).invoked);
    invokedAt[number] = moment++;
    bit[number] = free.pop() ?? bits++;
  }
  respondUntil(Infinity);
  return { invokedAt, respondedAt, bit, words: Math.ceil(bits / 32) };
}

function twins<Input, Output>(operations: History<Input, Output>, completed: number): Int32Array {
  const twin = new Int32Array(operations.length).fill(-1);
  const latest = new Map<number, number[]>();
  for (let number = completed; number < operations.length; number++) {
    const { input } = operations[number] as Operation<Input, Output>;
    const hash = hashData(input);
    const alike = latest.get(hash) ?? [];
    const at = alike.findIndex((other) => sameData(operations[other]?.input, input));
    if (at === -1) alike.push(number);
    else {
      twin[number] = alike[at] as number;
      alike[at] = number;
    }
    latest.set(hash, alike);
  }
  return twin;
}
