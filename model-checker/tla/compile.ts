/**
 * Expressions to closures, one case for each form of expression. Names are resolved and
 * operators are applied in place (names.ts) once, here; evaluation only runs closures. What
 * depends on nothing is evaluated once.
 */

import { compileEnabled } from "./actions.ts";
import { dependence } from "./analysis.ts";
import { compileApply } from "./apply.ts";
import {
  compileChoose,
  compileFilter,
  compileFunction,
  compileMap,
  compileQuantifier,
} from "./binders.ts";
import { type Context, refuse, trace, truth } from "./context.ts";
import { compileExcept, compileField, compileIndex } from "./functions.ts";
import type { Evaluate } from "./machine.ts";
import { compileLet } from "./names.ts";
import { type Expression, TlaError } from "./syntax.ts";
import {
  EvaluationError,
  equal,
  finiteSet,
  functionSet,
  kindOf,
  layoutOf,
  product,
  RecordValue,
  record,
  recordSet,
  SetValue,
  shared,
  show,
  type TlaString,
  tlaString,
  tuple,
  type Value,
} from "./values/index.ts";

/** Forms whose evaluation is worth remembering where nothing can change it. */
const WORTH_KEEPING: ReadonlySet<Expression["kind"]> = new Set([
  "apply",
  "set",
  "set-filter",
  "set-map",
  "function",
  "function-set",
  "record",
  "record-set",
  "tuple",
  "product",
  "choose",
  "exists",
  "forall",
  "except",
  "let",
  "if",
  "index",
]);

/** The closure that evaluates `e`. Throws `TlaError` where a name or a form is not known. */
export function compile(e: Expression, c: Context): Evaluate {
  const evaluate = trace(c, e, compileForm(e, c));
  if (!WORTH_KEEPING.has(e.kind) || dependence(e, c.scope) !== 0) return evaluate;
  let value: Value | undefined;
  return (frame) => {
    value ??= evaluate(frame);
    return value;
  };
}

function compileForm(e: Expression, c: Context): Evaluate {
  switch (e.kind) {
    case "number":
    case "string": {
      const value = e.kind === "string" ? tlaString(e.value) : e.value;
      return () => value;
    }
    case "apply":
      return compileApply(e, c);
    case "and":
      return compileAnd(e.operands, c);
    case "or":
      return compileOr(e.operands, c);
    case "if":
      return compileIf(e, c);
    case "case":
      return compileCase(e, c);
    case "let":
      return compileLet(e, c, compile);
    case "forall":
    case "exists":
      return compileQuantifier(e, c);
    case "choose":
      return compileChoose(e, c);
    case "set-filter":
      return compileFilter(e, c);
    case "set-map":
      return compileMap(e, c);
    case "function":
      return compileFunction(e, c);
    case "index":
      return compileIndex(e, c);
    case "field":
      return compileField(e, c);
    case "except":
      return compileExcept(e, c);
    case "at":
      return compileApply({ kind: "apply", instance: [], name: "@", arguments: [], at: e.at }, c);
    default:
      return compileAggregate(e, c);
  }
}

function compileAggregate(e: Expression, c: Context): Evaluate {
  switch (e.kind) {
    case "set": {
      const elements = compileAll(e.elements, c);
      return (frame) => finiteSet(evaluateAll(elements, frame));
    }
    case "tuple": {
      const elements = compileAll(e.elements, c);
      return (frame) => tuple(evaluateAll(elements, frame));
    }
    case "product": {
      const factors = compileAll(e.factors, c);
      return (frame) => product(factors.map((factor) => asSet(factor(frame), "\\X")));
    }
    case "function-set": {
      const domain = compile(e.domain, c);
      const range = compile(e.range, c);
      return (frame) =>
        functionSet(asSet(domain(frame), "[S -> T]"), asSet(range(frame), "[S -> T]"));
    }
    case "record": {
      const names = e.fields.map(({ name }) => tlaString(name));
      const values = compileAll(
        e.fields.map(({ value }) => value),
        c,
      );
      return compileRecord(names, values);
    }
    case "record-set": {
      const names = e.fields.map(({ name }) => tlaString(name));
      const sets = compileAll(
        e.fields.map(({ value }) => value),
        c,
      );
      return (frame) =>
        recordSet(
          sets.map((set, i) => [names[i] as (typeof names)[0], asSet(set(frame), "[a : S]")]),
        );
    }
    default:
      return compileOfTwoStates(e, c);
  }
}

function compileOfTwoStates(e: Expression, c: Context): Evaluate {
  switch (e.kind) {
    case "prime":
      if (c.primed) throw new TlaError("a prime inside a prime", e.at);
      return compile(e.operand, { ...c, primed: true });
    case "unchanged":
      return compileUnchanged(e.operand, c);
    case "enabled":
      return compileEnabled(e, c);
    case "square-action":
      return compileOr([e.action, { kind: "unchanged", operand: e.subscript, at: e.at }], c);
    case "angle-action": {
      const action = compile(e.action, c);
      const same = compileUnchanged(e.subscript, c);
      return (frame) => truth(action(frame), "the action of <<A>>_v") && !same(frame);
    }
    case "unsupported":
      return refuse(e.what, e.at);
    case "lambda":
      throw new TlaError("a LAMBDA is an operator, not a value", e.at);
    default:
      return refuse(`the temporal operator of a ${e.kind} formula, inside an expression,`, e.at);
  }
}

/** Records of one place in the text have one layout: their values are put where they belong. */
function compileRecord(names: readonly TlaString[], values: readonly Evaluate[]): Evaluate {
  if (new Set(names).size < names.length) {
    return (frame) => record(names, evaluateAll(values, frame));
  }
  const { names: shape, to } = layoutOf(names);
  return (frame) => {
    const sorted = new Array<Value>(values.length);
    for (let i = 0; i < values.length; i++) {
      sorted[to[i] as number] = (values[i] as Evaluate)(frame);
    }
    return shared(new RecordValue(shape, sorted));
  };
}

export function compileAll(expressions: readonly Expression[], c: Context): readonly Evaluate[] {
  return expressions.map((each) => compile(each, c));
}

/** The values of several closures, in order. */
export function evaluateAll(closures: readonly Evaluate[], frame: unknown[]): Value[] {
  const values = new Array<Value>(closures.length);
  for (let i = 0; i < closures.length; i++) values[i] = (closures[i] as Evaluate)(frame);
  return values;
}

/** A value that must be a set. */
export function asSet(value: Value, what: string): SetValue {
  if (value instanceof SetValue) return value;
  throw new EvaluationError(`${what} needs a set, but got the ${kindOf(value)} ${show(value)}`);
}

function compileAnd(operands: readonly Expression[], c: Context): Evaluate {
  const conjuncts = compileAll(operands, c);
  const [first, second] = conjuncts as [Evaluate, Evaluate];
  if (conjuncts.length === 2) {
    return (frame) =>
      truth(first(frame), "an operand of /\\") && truth(second(frame), "an operand of /\\");
  }
  return (frame) => {
    for (let i = 0; i < conjuncts.length; i++) {
      if (!truth((conjuncts[i] as Evaluate)(frame), "an operand of /\\")) return false;
    }
    return true;
  };
}

function compileOr(operands: readonly Expression[], c: Context): Evaluate {
  const disjuncts = compileAll(operands, c);
  return (frame) => {
    for (let i = 0; i < disjuncts.length; i++) {
      if (truth((disjuncts[i] as Evaluate)(frame), "an operand of \\/")) return true;
    }
    return false;
  };
}

function compileIf(e: Extract<Expression, { kind: "if" }>, c: Context): Evaluate {
  const condition = compile(e.condition, c);
  const then = compile(e.then, c);
  const otherwise = compile(e.else, c);
  return (frame) =>
    truth(condition(frame), "the condition of IF") ? then(frame) : otherwise(frame);
}

function compileCase(e: Extract<Expression, { kind: "case" }>, c: Context): Evaluate {
  const guards = compileAll(
    e.arms.map(({ guard }) => guard),
    c,
  );
  const values = compileAll(
    e.arms.map(({ value }) => value),
    c,
  );
  const other = e.other === null ? null : compile(e.other, c);
  return (frame) => {
    for (let i = 0; i < guards.length; i++) {
      if (truth((guards[i] as Evaluate)(frame), "a guard of CASE")) {
        return (values[i] as Evaluate)(frame);
      }
    }
    if (other !== null) return other(frame);
    throw new EvaluationError("CASE with no guard true and no OTHER");
  };
}

/** `UNCHANGED e`: e has the same value in both states. */
export function compileUnchanged(operand: Expression, c: Context): Evaluate {
  if (c.primed) throw new TlaError("UNCHANGED inside a prime", operand.at);
  const before = compile(operand, c);
  const after = compile(operand, { ...c, primed: true });
  return (frame) => equal(before(frame), after(frame));
}
