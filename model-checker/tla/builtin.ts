/** The operators that every module has without EXTENDS. Specifying Systems §16.1. */
import { compileArgument } from "./apply.ts";
import { type Context, truth } from "./context.ts";
import type { Evaluate } from "./machine.ts";
import { compileMember } from "./membership.ts";
import { type Argument, checkArity } from "./names.ts";
import { baseOperators } from "./standard/index.ts";
import { operator } from "./standard/operator.ts";
import type { Span } from "./syntax.ts";
import { BOOLEAN, equal, STRING, TlaString, type Value } from "./values/index.ts";

const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["TRUE", true],
  ["FALSE", false],
  ["BOOLEAN", BOOLEAN],
  ["STRING", STRING],
]);

/** Operators on truth values that evaluate both sides. */
const LOGICAL = new Map([
  ["~", operator("~", 1, (value: Value) => !truth(value, "the operand of ~"))],
  [
    "<=>",
    operator(
      "<=>",
      2,
      (a: Value, b: Value) => truth(a, "an operand of <=>") === truth(b, "an operand of <=>"),
    ),
  ],
]);

/** Whether `name` is one of these operators. */
export function isBuiltin(name: string): boolean {
  return name === "=>" || CONSTANTS.has(name) || LOGICAL.has(name) || baseOperators.has(name);
}

/** The closure of a built-in operator applied to its arguments. */
export function compileBuiltin(
  name: string,
  given: readonly Argument[],
  c: Context,
  at: Span,
): Evaluate {
  const constant = CONSTANTS.get(name);
  if (constant !== undefined) {
    checkArity(name, 0, given.length, at);
    return () => constant;
  }
  const known = LOGICAL.get(name) ?? baseOperators.get(name);
  checkArity(name, known?.parameters.length ?? 2, given.length, at);
  if (name === "\\in" || name === "\\notin") {
    const member = compileMember(...(given as [Argument, Argument]), c);
    if (member !== null) return name === "\\in" ? member : (frame) => !member(frame);
  }
  const closures = given.map((argument) => compileArgument(argument, c));
  const [a, b] = closures as [Evaluate, Evaluate];
  if (name === "=") return compileEqual(a, b, true);
  if (name === "#") return compileEqual(a, b, false);
  if (known === undefined) {
    return (frame) =>
      !truth(a(frame), "the left side of =>") || truth(b(frame), "the right side of =>");
  }
  if (closures.length === 1) return (frame) => known.apply(a(frame));
  return (frame) => known.apply(a(frame), b(frame));
}

function compileEqual(a: Evaluate, b: Evaluate, ifEqual: boolean): Evaluate {
  return (frame) => {
    const x = a(frame);
    const y = b(frame);
    if (x === y) return ifEqual;
    // Strings are interned, so two of them are equal only if they are the same.
    if (x instanceof TlaString && y instanceof TlaString) return !ifEqual;
    return equal(x, y) === ifEqual;
  };
}
