/** The operators on sets and functions that need no module, each as strict as TLC. */
import {
  asSet,
  cap,
  cup,
  difference,
  EvaluationError,
  equal,
  FunctionValue,
  isSubset,
  kindOf,
  SetValue,
  show,
  subsets,
  union,
  type Value,
} from "../values/index.ts";
import { operator, type StandardOperator } from "./operator.ts";

/** `element \in set`. */
export function isElement(element: Value, set: Value): boolean {
  if (set instanceof SetValue) return set.has(element);
  throw new EvaluationError(
    `Attempted to check if the value:\n${show(element)}\n` +
      `is an element of the ${kindOf(set)} ${show(set)}`,
  );
}

/** `DOMAIN f`. */
export function domainOf(f: Value): SetValue {
  if (f instanceof FunctionValue) return f.domain();
  throw new EvaluationError(
    `Attempted to apply the operator DOMAIN to a non-function\n(${kindOf(f)})\n${show(f)}`,
  );
}

/** `f[argument]`. */
export function applyFunction(f: Value, argument: Value): Value {
  if (f instanceof FunctionValue) return f.apply(argument);
  throw new EvaluationError(`A non-function (${kindOf(f)}) was applied as a function.\n${show(f)}`);
}

/** By symbol. */
export const baseOperators: ReadonlyMap<string, StandardOperator> = new Map(
  [
    operator("=", 2, (a: Value, b: Value) => equal(a, b)),
    operator("#", 2, (a: Value, b: Value) => !equal(a, b)),
    operator("\\in", 2, isElement),
    operator("\\notin", 2, (element: Value, set: Value) => !isElement(element, set)),
    operator("\\cup", 2, (a: Value, b: Value) => cup(asSet(a, "\\cup"), asSet(b, "\\cup"))),
    operator("\\cap", 2, (a: Value, b: Value) => cap(asSet(a, "\\cap"), asSet(b, "\\cap"))),
    operator("\\", 2, (a: Value, b: Value) => difference(asSet(a, "\\"), asSet(b, "\\"))),
    operator("\\subseteq", 2, (a: Value, b: Value) =>
      isSubset(asSet(a, "\\subseteq"), asSet(b, "\\subseteq")),
    ),
    operator("SUBSET", 1, (base: Value) => subsets(asSet(base, "SUBSET"))),
    operator("UNION", 1, (sets: Value) => union(asSet(sets, "UNION"))),
    operator("DOMAIN", 1, domainOf),
  ].map((each) => [each.name, each]),
);
