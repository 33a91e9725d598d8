/** What a piece of TLA+ is compiled in: its names, its frame, and which state it reads. */

import type { ActionBody } from "./applied-actions.ts";
import type { Evaluate, Frame, Machine, Routine } from "./machine.ts";
import type { Linker } from "./modules.ts";
import type { Meaning, Scope } from "./scope.ts";
import { type Expression, type Span, TlaError } from "./syntax.ts";
import { EvaluationError, kindOf, show, type Value } from "./values/index.ts";

export interface Context {
  readonly machine: Machine;
  readonly linker: Linker;
  readonly scope: Scope;
  readonly routine: Routine;
  /** Under a prime: variables are those of the next state. */
  readonly primed: boolean;
  /** Initial states are being made: unprimed variables are assigned, and may not be yet. */
  readonly initial: boolean;
  /** Errors tell their place: slower, so only what failed is run again like this. */
  readonly traced: boolean;
  /** Where to note what is false; null unless somebody wants to know why an action is no step. */
  readonly probe?: Probe;
  /** The bodies of functions and RECURSIVE operators that this stands in, as actions. */
  readonly opened?: ReadonlyMap<object, ActionBody>;
}

/** The part of an action that was found false after the most others were found true. */
export class Probe {
  /** Parts found true on the way that is being tried. */
  passed = 0;
  private most = -1;
  /** What was false then; null while nothing was. */
  failed: Expression | null = null;

  note(e: Expression): void {
    if (this.passed <= this.most) return;
    this.most = this.passed;
    this.failed = e;
  }
}

export function inScope(c: Context, scope: Scope): Context {
  return scope === c.scope ? c : { ...c, scope };
}

/** Binds names to new slots of the frame; gives the context inside and the slots. */
export function bind(
  c: Context,
  names: readonly string[],
): { readonly inside: Context; readonly slots: readonly number[] } {
  const { routine } = c;
  const slots = names.map(() => routine.allocate());
  const meanings = names.map((name, i): readonly [string, Meaning] => [
    name,
    { kind: "local", routine, slot: slots[i] as number },
  ]);
  return { inside: inScope(c, c.scope.with(meanings)), slots };
}

/** The way from a frame of `from` out to the frame of `to`, which surrounds it. */
export function outward(from: Routine, to: Routine): number {
  return from.depth - to.depth;
}

/** The frame `hops` routines further out. */
export function frameAt(frame: Frame, hops: number): Frame {
  let at = frame;
  for (let i = 0; i < hops; i++) at = at[0] as Frame;
  return at;
}

/** The truth of a value that must be a boolean. */
export function truth(value: Value, what: string): boolean {
  if (typeof value === "boolean") return value;
  throw new EvaluationError(
    `${what} should be a boolean, but it is the ${kindOf(value)} ${show(value)}`,
  );
}

/** Says where an error happened, unless it is known already. */
export function placed(error: unknown, at: Span): unknown {
  if (error instanceof EvaluationError) return new TlaError(error.message, at);
  if (error instanceof RangeError && /call stack/.test(error.message)) {
    return new TlaError("recursion without end, or too deep", at);
  }
  return error;
}

/** `evaluate`, and where the context is traced, with the place of its errors. */
export function trace(c: Context, e: Expression, evaluate: Evaluate): Evaluate {
  if (!c.traced) return evaluate;
  return (frame) => {
    try {
      return evaluate(frame);
    } catch (error) {
      throw placed(error, e.at);
    }
  };
}

/** Refuses what is outside the language that is evaluated here. */
export function refuse(what: string, at: Span): never {
  throw new TlaError(`${what} is not supported`, at);
}
