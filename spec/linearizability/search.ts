/**
 * The search for a linearization of the operations on one object: that of Wing and Gong (1993),
 * with Lowe's memory of what was tried ("Testing for linearizability", 2017).
 *
 * A configuration is what was linearised so far and the state it led to. From each, any operation
 * may be next that was invoked before the earliest response which is still to be explained, the
 * `level`. Everything that responded before the level is linearised, so that a configuration is
 * the level, a mask of the few operations that are open there, and a state.
 */
import { hashData, sameData } from "./data.ts";
import {
  type Hopeless,
  hopeless,
  type Model,
  type Operation,
  type Unknown,
  unknown,
} from "./model.ts";
import type { Timeline } from "./timeline.ts";
import { Visited } from "./visited.ts";

/** One operation linearised, and what else could have been done instead. */
interface Frame<State> {
  readonly operation: number;
  /** The states it may lead to, and which of them was taken. */
  readonly states: readonly State[];
  readonly taken: number;
  /** Whether nothing else needs to be tried in its place. */
  readonly forced: boolean;
  /** The state and the level before it. */
  readonly state: State;
  readonly level: number;
}

type Choice<State> = Pick<Frame<State>, "operation" | "states" | "taken" | "forced">;

/** A configuration: its state, and the operations that are not linearised in it. */
export interface Start<State> {
  /** By their numbers in the timeline. */
  readonly left: ReadonlySet<number>;
  readonly state: State;
}

/** Level, hash, slots, and a small state. */
const BYTES_PER_CONFIGURATION = 96;

/** A search that is carried on in slices. */
export class Search<State, Input, Output> {
  /** A measure of work: operations tried, or asked whether they can help a read, and masks. */
  steps = 0;
  /** Responses that some order explains, of the earliest ones. */
  reached = 0;
  readonly #model: Model<State, Input, Output>;
  readonly #timeline: Timeline<Input, Output>;
  readonly #equal: (a: State, b: State) => boolean;
  readonly #visited: Visited<State>;
  /** The operations with a response that are not linearised, by invocation: a ring. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #head: number;
  /** Which of those without response are linearised. */
  readonly #isTaken: Uint8Array;
  readonly #mask: Int32Array;
  readonly #stack: Frame<State>[] = [];
  #state: State;
  #level = 0;
  /** What was undone last, to go on after it; null in a configuration that is new. */
  #undone: Frame<State> | null = null;
  /** The operations of the best stack so far, and how much of it the present one shares. */
  readonly #best: number[] = [];
  #bestLevel = 0;
  #bestState: State;
  #shared = 0;
  /** The level at which it turns back, if it only looks how that can be reached. */
  readonly #horizon: number;
  /** The first configurations, on each way, at that level or beyond. */
  readonly starts: Start<State>[] = [];

  constructor(
    model: Model<State, Input, Output>,
    timeline: Timeline<Input, Output>,
    horizon = Infinity,
  ) {
    this.#model = model;
    this.#timeline = timeline;
    this.#horizon = horizon;
    const { operations, completed, byInvocation, words } = timeline;
    const { equal = sameData, hash = hashData } = model;
    this.#equal = equal;
    this.#visited = new Visited(words, { equal, hash });
    this.#head = completed;
    this.#next = new Int32Array(completed + 1);
    this.#previous = new Int32Array(completed + 1);
    let last = this.#head;
    for (const operation of byInvocation) {
      this.#next[last] = operation;
      this.#previous[operation] = last;
      last = operation;
    }
    this.#next[last] = this.#head;
    this.#previous[this.#head] = last;
    this.#isTaken = new Uint8Array(operations.length);
    this.#mask = new Int32Array(words);
    this.#state = model.initial;
    this.#bestState = model.initial;
  }

  /** How many operations there are. */
  get length(): number {
    return this.#timeline.operations.length;
  }

  /** How much it remembers, roughly. */
  get memoryBytes(): number {
    return this.#visited.size * (BYTES_PER_CONFIGURATION + 4 * this.#mask.length);
  }

  /** Goes on until it has made `steps` steps in all: true or false, or null if undecided then. */
  run(steps: number): boolean | null {
    while (this.#level < this.#timeline.completed) {
      if (this.steps >= steps) return null;
      const choice = this.#undone === null ? this.#first() : this.#after(this.#undone);
      if (choice !== null) this.#take(choice);
      else if (this.#stack.length === 0) return false;
      else this.#undo();
    }
    this.#recordBest();
    return true;
  }

  /** The longest order found: of all operations with a response, where the search succeeded. */
  best(): { readonly order: readonly Operation<Input, Output>[]; readonly state: State } {
    const { operations } = this.#timeline;
    const order = this.#best.map((number) => operations[number] as Operation<Input, Output>);
    return { order, state: this.#bestState };
  }

  /**
   * What to try in a configuration that is new. An operation that never changes a state is taken
   * as soon as its answer is right: every order that has it later goes as well with it here.
   */
  #first(): Choice<State> | null {
    const { respondedAt, invokedAt, isReadOnly } = this.#timeline;
    const end = respondedAt[this.#level] as number;
    let first: Choice<State> | null = null;
    for (
      let operation = this.#next[this.#head] as number;
      operation !== this.#head && (invokedAt[operation] as number) < end;
      operation = this.#next[operation] as number
    ) {
      const states = this.#outcomes(operation);
      if (states.length === 0) continue;
      if (isReadOnly[operation] === 1) return { operation, states, taken: 0, forced: true };
      first ??= { operation, states, taken: 0, forced: false };
    }
    return first ?? this.#pendingFrom(this.#timeline.completed);
  }

  /** What to try in the place of `undone`. */
  #after({ operation, states, taken, forced }: Frame<State>): Choice<State> | null {
    if (forced) return null;
    if (taken + 1 < states.length) return { operation, states, taken: taken + 1, forced };
    if (operation >= this.#timeline.completed) return this.#pendingFrom(operation + 1);
    const { respondedAt, invokedAt, completed } = this.#timeline;
    const end = respondedAt[this.#level] as number;
    for (
      let other = this.#next[operation] as number;
      other !== this.#head && (invokedAt[other] as number) < end;
      other = this.#next[other] as number
    ) {
      const outcomes = this.#outcomes(other);
      if (outcomes.length > 0) return { operation: other, states: outcomes, taken: 0, forced };
    }
    return this.#pendingFrom(completed);
  }

  /** The next operation without response, from that number on, that leads to another state. */
  #pendingFrom(first: number): Choice<State> | null {
    const { operations, respondedAt, invokedAt, twin } = this.#timeline;
    const end = respondedAt[this.#level] as number;
    for (
      let operation = first;
      operation < operations.length && (invokedAt[operation] as number) < end;
      operation++
    ) {
      const earlier = twin[operation] as number;
      if (this.#isTaken[operation] === 1) continue;
      if (earlier !== -1 && this.#isTaken[earlier] === 0) continue;
      const states = this.#outcomes(operation).filter((it) => !this.#equal(it, this.#state));
      if (states.length === 0) continue;
      return { operation, states, taken: 0, forced: false };
    }
    return null;
  }

  #outcomes(operation: number): readonly State[] {
    this.steps++;
    const states = this.#stepFrom(this.#state, operation);
    const last = this.#stack.at(-1);
    if (last === undefined || last.operation < this.#timeline.completed) return states;
    // The last one had no response. Where this one leads to the same state without it, that was in
    // vain: the order without it is tried too, and can still make use of it later.
    const without = this.#stepFrom(last.state, operation);
    return states.filter((state) => !without.some((it) => this.#equal(it, state)));
  }

  #stepFrom(state: State, operation: number): readonly State[] {
    const { input, response } = this.#timeline.operations[operation] as Operation<Input, Output>;
    return this.#model.step(state, input, response === null ? unknown : response.output);
  }

  /** Linearises an operation, unless that leads where the search has been. */
  #take({ operation, states, taken, forced }: Choice<State>): void {
    const state = this.#state;
    const level = this.#level;
    const frame: Frame<State> = { operation, states, taken, forced, state, level };
    this.#state = states[taken] as State;
    this.#lift(operation);
    this.steps += this.#mask.length >> 3;
    const worth = this.#outlook();
    if (worth === hopeless || !this.#visited.add(this.#level, this.#mask, worth)) {
      this.#restore(frame);
      return;
    }
    this.#state = worth;
    if (this.#level >= this.#horizon) {
      this.starts.push(this.#start());
      this.#restore(frame);
      return;
    }
    this.#stack.push(frame);
    this.#undone = null;
    this.reached = Math.max(this.reached, this.#level);
  }

  #start(): Start<State> {
    const left = new Set<number>();
    for (let operation = this.#level; operation < this.length; operation++) {
      if (this.#isTaken[operation] === 0) left.add(operation);
    }
    return { left, state: this.#state };
  }

  /** What the present state is worth to the read that is the next to respond. */
  #outlook(): State | Hopeless {
    const { operations, completed, nextRead, respondedAt } = this.#timeline;
    const { outlook } = this.#model;
    if (outlook === undefined) return this.#state;
    let read = nextRead[this.#level] as number;
    while (read < completed && this.#isTaken[read] === 1) read = nextRead[read + 1] as number;
    if (read === completed) return this.#state;
    const { input, response } = operations[read] as Operation<Input, Output>;
    if (response === null || response.output === unknown) return this.#state;
    const end = respondedAt[read] as number;
    return outlook(this.#state, input, response.output, (test) => this.#hasOther(read, end, test));
  }

  /** Whether an operation that is not linearised, and was invoked by `end`, passes `test`. */
  #hasOther(
    read: number,
    end: number,
    test: (input: Input, output: Output | Unknown) => boolean,
  ): boolean {
    const { operations, completed, invokedAt } = this.#timeline;
    const passes = (operation: number): boolean => {
      this.steps++;
      const { input, response } = operations[operation] as Operation<Input, Output>;
      return operation !== read && test(input, response === null ? unknown : response.output);
    };
    for (
      let operation = this.#next[this.#head] as number;
      operation !== this.#head && (invokedAt[operation] as number) < end;
      operation = this.#next[operation] as number
    ) {
      if (passes(operation)) return true;
    }
    for (
      let operation = completed;
      operation < operations.length && (invokedAt[operation] as number) < end;
      operation++
    ) {
      if (this.#isTaken[operation] === 0 && passes(operation)) return true;
    }
    return false;
  }

  #undo(): void {
    this.#recordBest();
    this.#restore(this.#stack.pop() as Frame<State>);
    this.#shared = Math.min(this.#shared, this.#stack.length);
  }

  /** Takes an operation out of the ring, and raises the level over what is explained now. */
  #lift(operation: number): void {
    const { bit, completed } = this.#timeline;
    this.#isTaken[operation] = 1;
    this.#flip(bit[operation] as number);
    if (operation >= completed) return;
    const next = this.#next[operation] as number;
    const previous = this.#previous[operation] as number;
    this.#next[previous] = next;
    this.#previous[next] = previous;
    while (this.#level < completed && this.#isTaken[this.#level] === 1) {
      this.#flip(bit[this.#level] as number);
      this.#level++;
    }
  }

  /** Undoes what taking `frame` did. */
  #restore(frame: Frame<State>): void {
    const { bit, completed } = this.#timeline;
    const { operation, state, level } = frame;
    while (this.#level > level) {
      this.#level--;
      this.#flip(bit[this.#level] as number);
    }
    this.#flip(bit[operation] as number);
    this.#isTaken[operation] = 0;
    this.#state = state;
    this.#undone = frame;
    if (operation >= completed) return;
    this.#next[this.#previous[operation] as number] = operation;
    this.#previous[this.#next[operation] as number] = operation;
  }

  #flip(bit: number): void {
    this.#mask[bit >> 5] = (this.#mask[bit >> 5] as number) ^ (1 << (bit & 31));
  }

  /** Keeps the present stack if it explains more than the best one; copies what is new of it. */
  #recordBest(): void {
    const length = this.#stack.length;
    if (this.#level < this.#bestLevel) return;
    if (this.#level === this.#bestLevel && length <= this.#best.length) return;
    this.#best.length = this.#shared;
    for (let at = this.#shared; at < length; at++) {
      this.#best.push((this.#stack[at] as Frame<State>).operation);
    }
    this.#shared = length;
    this.#bestLevel = this.#level;
    this.#bestState = this.#state;
  }
}
