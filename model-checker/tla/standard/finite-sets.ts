/** Module FiniteSets. */
import { EvaluationError, kindOf, SetValue, show, type Value } from "../values/index.ts";
import { operator, standardModule } from "./operator.ts";

/** `IsFiniteSet(S)`. */
export function isFiniteSet(set: Value): boolean {
  if (set instanceof SetValue) return set.isFinite();
  throw new EvaluationError(
    `Attempted to check if the ${kindOf(set)} ${show(set)} is a finite set.`,
  );
}

/** `Cardinality(S)`. */
export function cardinality(set: Value): number {
  if (set instanceof SetValue && set.enumerable) return set.size;
  throw new EvaluationError(`Attempted to compute cardinality of the value\n${show(set)}`);
}

export const finiteSets = standardModule(
  [],
  [operator("IsFiniteSet", 1, isFiniteSet), operator("Cardinality", 1, cardinality)],
);
