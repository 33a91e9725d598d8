/** The application of operators: variables and constants too, which take no arguments. */
import { compileBuiltin, isBuiltin } from "./builtin.ts";
import { callRecursive, callRemembering, force, operatorValue } from "./calls.ts";
import { compile } from "./compile.ts";
import { type Context, refuse } from "./context.ts";
import type { Evaluate } from "./machine.ts";
import {
  type Apply,
  type Argument,
  applyInPlace,
  checkArity,
  compileLazy,
  forgetting,
  readSlot,
  resolve,
} from "./names.ts";
import type { Definition, Meaning, Scope } from "./scope.ts";
import type { StandardOperator } from "./standard/index.ts";
import { type Expression, type Span, TlaError } from "./syntax.ts";
import { EvaluationError, type Value } from "./values/index.ts";

/** The closure of an application. */
export function compileApply(e: Apply, c: Context): Evaluate {
  const given = e.arguments.map((expression) => ({ expression, scope: c.scope }));
  return compileNamed(e, c.scope, given, c);
}

/** `e`'s operator, looked up in `scope`, applied to arguments with scopes of their own. */
function compileNamed(e: Apply, scope: Scope, given: readonly Argument[], c: Context): Evaluate {
  const meaning = resolve(e, scope, c.primed);
  if (meaning !== undefined) return compileMeaning(meaning, e.name, given, c, e.at);
  if (isBuiltin(e.name)) return compileBuiltin(e.name, given, c, e.at);
  if (e.name === "\\cdot" || e.name === "-+->") refuse(`the operator ${e.name}`, e.at);
  throw new TlaError(`${e.name} is not defined or declared`, e.at);
}

/** Whatever `name` means, applied. */
export function compileMeaning(
  meaning: Meaning,
  name: string,
  given: readonly Argument[],
  c: Context,
  at: Span,
): Evaluate {
  switch (meaning.kind) {
    case "definition":
      return compileDefinition(meaning.definition, given, c, at);
    case "standard":
      return compileStandard(meaning.operator, given, c, at);
    case "alias":
      return compileAlias(meaning.expression, meaning.scope, given, c, at);
    case "local-operator": {
      const operator = readSlot(c, meaning.routine, meaning.slot, at);
      const values = given.map((argument) => compileArgument(argument, c));
      return (frame) => {
        const apply = operator(frame) as unknown as (...args: Value[]) => Value;
        return apply(...values.map((value) => value(frame)));
      };
    }
    case "instance":
      throw new TlaError(`${name} is an instance, not a value: write ${name}!Operator`, at);
    default:
      checkArity(name, 0, given.length, at);
      return compileValue(meaning, name, c, at);
  }
}

type ValueMeaning = Exclude<
  Meaning,
  { kind: "definition" | "standard" | "alias" | "local-operator" | "instance" }
>;

function compileValue(meaning: ValueMeaning, name: string, c: Context, at: Span): Evaluate {
  switch (meaning.kind) {
    case "variable":
      return readVariable(meaning.index, name, c);
    case "value": {
      const { value } = meaning;
      return () => value;
    }
    case "local":
      return readSlot(c, meaning.routine, meaning.slot, at);
    case "local-thunk": {
      const slot = readSlot(c, meaning.routine, meaning.slot, at);
      return (frame) => force(slot(frame));
    }
    case "lazy":
      return compileLazy(meaning, c);
    case "constant":
      throw new TlaError(`the constant ${name} has no value: the configuration must give one`, at);
    case "placeholder":
    case "parameter":
      throw new TlaError(`${name} has no value here`, at);
  }
}

function readVariable(index: number, name: string, c: Context): Evaluate {
  const { machine } = c;
  if (c.primed) {
    return () => {
      const value = machine.next[index];
      if (value === undefined) throw new EvaluationError(`${name}' is read before it is assigned`);
      return value;
    };
  }
  if (!c.initial) return () => machine.current[index] as Value;
  return () => {
    const value = machine.current[index];
    if (value === undefined) throw new EvaluationError(`${name} is read before it is assigned`);
    return value;
  };
}

/** An argument, evaluated where the operator is applied. */
export function compileArgument({ expression, scope }: Argument, c: Context): Evaluate {
  return compile(expression, { ...c, scope });
}

function compileDefinition(
  definition: Definition,
  given: readonly Argument[],
  c: Context,
  at: Span,
): Evaluate {
  const { name, parameters, body, scope } = definition;
  checkArity(name, parameters.length, given.length, at);
  if (definition.isRecursive) return callRecursive(definition, given, c);
  const remembering = callRemembering(definition, given, c);
  if (remembering !== null) return remembering;
  const { inside, memos } = applyInPlace(parameters, body, scope, given, c);
  return forgetting(memos, compile(body, inside));
}

/** An operator that was passed as an argument: a LAMBDA, or a name. */
function compileAlias(
  operator: Expression,
  scope: Scope,
  given: readonly Argument[],
  c: Context,
  at: Span,
): Evaluate {
  if (operator.kind === "lambda") {
    checkArity("the LAMBDA", operator.parameters.length, given.length, at);
    const parameters = operator.parameters.map((name) => ({ name, arity: 0 }));
    const { inside, memos } = applyInPlace(parameters, operator.body, scope, given, c);
    return forgetting(memos, compile(operator.body, inside));
  }
  if (operator.kind === "apply" && operator.arguments.length === 0) {
    return compileNamed(operator, scope, given, c);
  }
  throw new TlaError("an operator is expected: a name or a LAMBDA", operator.at);
}

/** The comparisons and sums of integers that need no call where both sides are integers. */
function compileArithmetic(name: string, slow: StandardOperator, a: Evaluate, b: Evaluate) {
  const rest = slow.apply as (x: Value, y: Value) => Value;
  switch (name) {
    case "+":
      return (frame: unknown[]): Value => {
        const x = a(frame);
        const y = b(frame);
        if (typeof x === "number" && typeof y === "number") {
          const sum = x + y;
          if ((sum | 0) === sum) return sum;
        }
        return rest(x, y);
      };
    case "-":
      return (frame: unknown[]): Value => {
        const x = a(frame);
        const y = b(frame);
        if (typeof x === "number" && typeof y === "number") {
          const sum = x - y;
          if ((sum | 0) === sum) return sum;
        }
        return rest(x, y);
      };
    case "<":
      return (frame: unknown[]): Value => {
        const x = a(frame);
        const y = b(frame);
        return typeof x === "number" && typeof y === "number" ? x < y : rest(x, y);
      };
    case "<=":
      return (frame: unknown[]): Value => {
        const x = a(frame);
        const y = b(frame);
        return typeof x === "number" && typeof y === "number" ? x <= y : rest(x, y);
      };
    case ">":
      return (frame: unknown[]): Value => {
        const x = a(frame);
        const y = b(frame);
        return typeof x === "number" && typeof y === "number" ? x > y : rest(x, y);
      };
    case ">=":
      return (frame: unknown[]): Value => {
        const x = a(frame);
        const y = b(frame);
        return typeof x === "number" && typeof y === "number" ? x >= y : rest(x, y);
      };
    default:
      return null;
  }
}

function compileStandard(
  operator: StandardOperator,
  given: readonly Argument[],
  c: Context,
  at: Span,
): Evaluate {
  const { name, parameters } = operator;
  checkArity(name, parameters.length, given.length, at);
  const closures = given.map((argument, i) =>
    parameters[i] === "operator" ? operatorValue(argument, c, at) : compileArgument(argument, c),
  );
  const apply = operator.apply as (...args: unknown[]) => Value;
  const [a, b] = closures as [Evaluate, Evaluate];
  if (closures.length === 0) return () => apply();
  if (closures.length === 1) return (frame) => apply(a(frame));
  if (closures.length === 2) {
    return compileArithmetic(name, operator, a, b) ?? ((frame) => apply(a(frame), b(frame)));
  }
  return (frame) => apply(...closures.map((closure) => closure(frame)));
}
