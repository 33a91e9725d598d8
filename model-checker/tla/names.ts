/**
 * What a name stands for where it is used. An operator's definition takes the place of its
 * application, its parameters standing for the arguments: TLA+'s own meaning of a definition
 * (Specifying Systems §17.3). An argument or a LET that is used twice is evaluated once.
 */
import { ACTION, dependence, STATE, usesOf } from "./analysis.ts";
import { compile } from "./compile.ts";
import { type Context, frameAt, inScope, outward } from "./context.ts";
import { type Evaluate, type Frame, UNSET } from "./machine.ts";
import { LET } from "./modules.ts";
import { type Lazy, type Meaning, Scope } from "./scope.ts";
import { type Expression, type Parameter, type Span, TlaError } from "./syntax.ts";
import type { Value } from "./values/index.ts";

/** An argument, in the scope where it was written. */
export interface Argument {
  readonly expression: Expression;
  readonly scope: Scope;
}

export type Apply = Extract<Expression, { kind: "apply" }>;

/** The meaning of `I!J(x)!Op`, or of a plain name; undefined where nothing is so named. */
export function resolve(e: Apply, scope: Scope, primed = false): Meaning | undefined {
  let inside = scope;
  for (const step of e.instance) {
    const meaning = inside.lookup(step.name);
    if (meaning?.kind !== "instance") {
      throw new TlaError(`${step.name} is not an instance of a module`, step.at);
    }
    const { parameters } = meaning;
    checkArity(step.name, parameters.length, step.arguments.length, step.at);
    const bound = step.arguments.map((expression, i): readonly [string, Meaning] => {
      const parameter = parameters[i] as Parameter;
      const given = argumentMeaning(parameter, { expression, scope }, primed, null);
      return [parameter.name, given];
    });
    inside = meaning.instantiate(meaning.scope.with(bound));
  }
  return inside.lookup(e.name);
}

export function checkArity(name: string, needed: number, given: number, at: Span): void {
  if (needed === given) return;
  throw new TlaError(`${name} takes ${needed} arguments, but ${given} were given`, at);
}

export function argumentMeaning(
  parameter: Parameter,
  { expression, scope }: Argument,
  primed: boolean,
  memo: Lazy["memo"],
): Meaning {
  if (parameter.arity > 0) return { kind: "alias", expression, scope };
  return { kind: "lazy", expression, scope, primed, memo };
}

/** Whether evaluating `e` again costs no more than remembering its value. */
function isCheap(e: Expression, scope: Scope): boolean {
  if (e.kind === "number" || e.kind === "string") return true;
  if (e.kind !== "apply" || e.arguments.length > 0 || e.instance.length > 0) return false;
  const meaning = scope.lookup(e.name);
  if (meaning?.kind === "lazy") {
    return meaning.memo !== null || isCheap(meaning.expression, meaning.scope);
  }
  return meaning?.kind === "variable" || meaning?.kind === "value" || meaning?.kind === "local";
}

/** What reads values that are still being assigned; it is evaluated at each use. */
function changing({ initial }: Context): number {
  return initial ? ACTION | STATE : ACTION;
}

/** An operator's body with its parameters bound, and the slots to forget at each entry. */
export interface Applied {
  readonly inside: Context;
  readonly memos: readonly number[];
}

/** Binds `parameters` to `given` for a body that takes the place of the application. */
export function applyInPlace(
  parameters: readonly Parameter[],
  body: Expression,
  scope: Scope,
  given: readonly Argument[],
  c: Context,
): Applied {
  const memos: number[] = [];
  const names = parameters.map((parameter, i): readonly [string, Meaning] => {
    const argument = given[i] as Argument;
    const isOnce =
      parameter.arity > 0 ||
      isCheap(argument.expression, argument.scope) ||
      usesOf(parameter.name, body) < 2 ||
      (dependence(argument.expression, argument.scope) & changing(c)) !== 0;
    const memo = isOnce ? null : { routine: c.routine, slot: c.routine.allocate() };
    if (memo !== null) memos.push(memo.slot);
    return [parameter.name, argumentMeaning(parameter, argument, c.primed, memo)];
  });
  return { inside: inScope(c, names.length === 0 ? scope : scope.with(names)), memos };
}

/** `run`, after forgetting what the slots remember of an earlier entry. */
export function forgetting<T>(
  memos: readonly number[],
  run: (frame: Frame) => T,
): (frame: Frame) => T {
  if (memos.length === 0) return run;
  if (memos.length === 1) {
    const [slot] = memos as [number];
    return (frame) => {
      frame[slot] = UNSET;
      return run(frame);
    };
  }
  return (frame) => {
    for (let i = 0; i < memos.length; i++) frame[memos[i] as number] = UNSET;
    return run(frame);
  };
}

const computations = new WeakMap<Lazy, Evaluate>();

/** The value of an argument or a LET where it is used. */
export function compileLazy(lazy: Lazy, c: Context): Evaluate {
  const { expression, scope, memo } = lazy;
  const primed = c.primed || lazy.primed;
  if (memo === null || primed !== lazy.primed) {
    return compile(expression, { ...c, scope, primed });
  }
  const { routine, slot } = memo;
  const hops = outward(c.routine, routine);
  let compute = computations.get(lazy);
  if (compute === undefined) {
    compute = compile(expression, { ...c, routine, scope, primed });
    computations.set(lazy, compute);
  }
  const evaluate = compute;
  return (frame) => {
    const home = hops === 0 ? frame : frameAt(frame, hops);
    let value = home[slot];
    if (value === UNSET) {
      value = evaluate(home);
      home[slot] = value;
    }
    return value as Value;
  };
}

/** A LET around something to compile: its plain definitions are evaluated once for each entry. */
export function compileLet<T>(
  e: Extract<Expression, { kind: "let" }>,
  c: Context,
  compileBody: (body: Expression, inside: Context) => (frame: Frame) => T,
): (frame: Frame) => T {
  const { scope, memos } = openLet(e, c);
  return forgetting(memos, compileBody(e.body, inScope(c, scope)));
}

function openLet(
  e: Extract<Expression, { kind: "let" }>,
  c: Context,
): { readonly scope: Scope; readonly memos: readonly number[] } {
  const scope = new Scope(c.scope);
  c.linker.readUnits(e.definitions, scope, LET, null);
  const memos: number[] = [];
  for (const [name, meaning] of [...scope.exported()]) {
    if (meaning.kind !== "definition") continue;
    const { parameters, body, isRecursive } = meaning.definition;
    if (parameters.length > 0 || isRecursive) continue;
    const isOnce = (dependence(body, scope) & changing(c)) !== 0;
    const memo = isOnce ? null : { routine: c.routine, slot: c.routine.allocate() };
    if (memo !== null) memos.push(memo.slot);
    scope.redefine(name, { kind: "lazy", expression: body, scope, primed: c.primed, memo });
  }
  return { scope, memos };
}

/** Reads a slot of a frame that surrounds this one, or is it. */
export function readSlot(c: Context, home: Context["routine"], slot: number, at: Span): Evaluate {
  const hops = outward(c.routine, home);
  let routine: Context["routine"] | null = c.routine;
  for (let i = 0; i < hops && routine !== null; i++) routine = routine.parent;
  if (routine !== home) {
    throw new TlaError("a name used outside the operator that binds it is not supported", at);
  }
  if (hops === 0) return (frame) => frame[slot] as Value;
  if (hops === 1) return (frame) => (frame[0] as Frame)[slot] as Value;
  return (frame) => frameAt(frame, hops)[slot] as Value;
}
