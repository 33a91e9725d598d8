/** What a standard module is to the compiler, and the checks of arguments that modules share. */
import { asTuple, EvaluationError, show, type Tuple, type Value } from "../values/index.ts";

/** An operator as a value passes it to another operator. */
export type Operator = (...args: readonly Value[]) => Value;

/** An operator of a standard module. */
export interface StandardOperator {
  readonly name: string;
  /** An "operator" parameter takes an `Operator`, a "value" a `Value`. */
  readonly parameters: readonly ("value" | "operator")[];
  /**
   * A method in notation because its arguments are typed by `parameters`, not by TypeScript.
   * Throws EvaluationError where TLC reports an error.
   */
  apply(...args: readonly (Value | Operator)[]): Value;
}

/** A standard module: what it extends, and its operators by canonical symbol or name. */
export interface StandardModule {
  readonly extends: readonly string[];
  readonly operators: ReadonlyMap<string, StandardOperator>;
}

type Apply = StandardOperator["apply"];

/** An operator on values; `arity` 0 makes it a constant. */
export function operator(name: string, arity: number, apply: Apply): StandardOperator {
  return { name, parameters: Array.from({ length: arity }, () => "value" as const), apply };
}

/** An operator that the checker does not evaluate, with the reason. */
export function refused(name: string, arity: number, reason: string): StandardOperator {
  return operator(name, arity, () => {
    throw new EvaluationError(`The operator ${name} is not supported: ${reason}.`);
  });
}

/** A module of these operators. */
export function standardModule(
  extended: readonly string[],
  operators: readonly StandardOperator[],
): StandardModule {
  return { extends: extended, operators: new Map(operators.map((each) => [each.name, each])) };
}

/** "first" and so on, as messages count arguments. */
export type Position = "first" | "second" | "third";

/** The error of an argument of the wrong kind; `kind` with its article. */
export function argumentError(
  position: Position,
  name: string,
  kind: string,
  value: Value,
): EvaluationError {
  return new EvaluationError(
    `The ${position} argument of ${name} should be ${kind}, but instead it is:\n${show(value)}`,
  );
}

/** The error of the only argument. */
export function onlyArgumentError(name: string, kind: string, value: Value): EvaluationError {
  return new EvaluationError(
    `The argument of ${name} should be ${kind}, but instead it is:\n${show(value)}`,
  );
}

/** The argument as an integer. */
export function integerArgument(value: Value, position: Position, name: string): number {
  if (typeof value === "number") return value;
  throw argumentError(position, name, "an integer", value);
}

/** The argument as a sequence. */
export function sequenceArgument(value: Value, position: Position, name: string): Tuple {
  const sequence = asTuple(value);
  if (sequence === null) throw argumentError(position, name, "a sequence", value);
  return sequence;
}
