/** What a history is checked against, and what a history is. */

/** Stands for an output that nobody knows. */
export const unknown: unique symbol = Symbol("unknown");
export type Unknown = typeof unknown;

/** Stands for a state from which nothing can be explained any more. */
export const hopeless: unique symbol = Symbol("hopeless");
export type Hopeless = typeof hopeless;

/**
 * A sequential specification: what one object does when operations come one after another. All
 * functions are pure.
 */
export interface Model<State, Input, Output> {
  readonly name: string;
  readonly initial: State;
  /**
   * The states in which `input` may leave the object if it answers `output`; none where it
   * cannot answer that. With `unknown`: the states for all that it may answer, taken together.
   */
  readonly step: (state: State, input: Input, output: Output | Unknown) => readonly State[];
  /**
   * Which of several independent objects `input` is for; undefined for one that has no name. A
   * state is that of one object: linearizability is local (Herlihy and Wing 1990, theorem 1), so
   * each object is checked by itself.
   */
  readonly partition?: (input: Input) => string | undefined;
  /**
   * Whether `input`, when it answers `output`, never changes any state. Such an operation is
   * linearised as soon as its answer is right; one without response says nothing, and is left
   * out. Without this function nothing is known to be so.
   */
  readonly isReadOnly?: (input: Input, output: Output | Unknown) => boolean;
  /**
   * What `state` is worth, where `input` is the next read-only operation to respond, and is to
   * answer `output`. `hopeless`: it cannot, after none of the operations that `hasOther` finds, in
   * any order. Else the state, or one in its place from which the same operations can follow up to
   * that response. `hasOther` finds what may come before that. This cuts off what leads nowhere:
   * where answers name the writes before them, a search without it tries those in every order.
   */
  readonly outlook?: (
    state: State,
    input: Input,
    output: Output,
    hasOther: (test: (input: Input, output: Output | Unknown) => boolean) => boolean,
  ) => State | Hopeless;
  /** Whether states are the same; by default, by content (`sameData`). */
  readonly equal?: (a: State, b: State) => boolean;
  /** 32 bits that are the same for the same states; by default, `hashData`. */
  readonly hash?: (state: State) => number;
}

/**
 * An operation, from its invocation to its response. Times are numbers of any clock; the interval
 * is closed: operations of which one ends when the other starts are concurrent.
 */
export interface Operation<Input, Output> {
  /** Who invoked it. */
  readonly process: string;
  readonly input: Input;
  readonly invoked: number;
  /**
   * null where there was none, or none that tells: then the operation takes effect at any time
   * after its invocation, or never.
   */
  readonly response: {
    readonly at: number;
    readonly output: Output | Unknown;
  } | null;
}

/** Operations in any order. */
export type History<Input, Output> = readonly Operation<Input, Output>[];
