/**
 * What compiled TLA+ runs on: the values of the variables in a state and in the next one, and
 * frames of local values. One machine a model; nothing in it outlives the evaluation of a state.
 */
import type { Value } from "./values/index.ts";

/** Not yet computed: what a slot of a frame holds before its first use. */
export const UNSET: unique symbol = Symbol("unset");

/** Local values; slot 0 holds the frame of the enclosing routine. */
export type Frame = unknown[];

/** A compiled expression. */
export type Evaluate = (frame: Frame) => Value;
/** A compiled action: calls its continuation for every way to satisfy it; true stops. */
export type Act = (frame: Frame) => boolean;

/** The two states that a formula speaks of; undefined where a variable has no value yet. */
export class Machine {
  readonly variables: readonly string[];
  current: (Value | undefined)[];
  next: (Value | undefined)[];
  /** A state in which what is being checked was true. */
  before: readonly Value[] = [];
  /** Variables of the state in the making that have no value yet. */
  unassigned: number;

  private readonly blank: (Value | undefined)[];

  constructor(variables: readonly string[]) {
    this.variables = variables;
    this.blank = variables.map(() => undefined);
    this.current = variables.map(() => undefined);
    this.next = variables.map(() => undefined);
    this.unassigned = variables.length;
  }

  /** As `clearNext`, for the outermost action: the array is the same each time. */
  startNext(): void {
    this.next = this.blank.fill(undefined);
    this.unassigned = this.blank.length;
  }

  /** Forgets the next state, so that an action can make one. */
  clearNext(): void {
    this.next = new Array(this.variables.length).fill(undefined);
    this.unassigned = this.variables.length;
  }
}

/** The slots of one piece of code that runs on a frame of its own. */
export class Routine {
  readonly parent: Routine | null;
  readonly depth: number;
  private slots = 1;

  constructor(parent: Routine | null) {
    this.parent = parent;
    this.depth = parent === null ? 0 : parent.depth + 1;
  }

  /** A slot that nothing else in this routine uses. */
  allocate(): number {
    this.slots += 1;
    return this.slots - 1;
  }

  /** A frame for this routine within `parent`. */
  frame(parent: Frame | null): Frame {
    const frame = new Array<unknown>(this.slots).fill(UNSET);
    frame[0] = parent;
    return frame;
  }
}

/** A copy of a frame and those around it, for values that outlive the loop they were made in. */
export function snapshot(frame: Frame): Frame {
  const copy = frame.slice();
  if (copy[0] !== null) copy[0] = snapshot(copy[0] as Frame);
  return copy;
}
