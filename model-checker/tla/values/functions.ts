/** How functions are made, always of the one class that their domain asks for. */
import { FiniteSet, Interval, sortedSet } from "./enumerated.ts";
import type { EnumeratedFunction } from "./enumerated-function.ts";
import { emptyTuple, FiniteFunction, RecordValue, shapeOf, Tuple } from "./finite-functions.ts";
import { LazyFunction } from "./lazy-function.ts";
import {
  compare,
  EvaluationError,
  equal,
  ModelValue,
  SetValue,
  show,
  TlaString,
  type Value,
} from "./value.ts";

/** The tuple of these elements. */
export function tuple(elements: readonly Value[]): Tuple {
  return elements.length === 0 ? emptyTuple : new Tuple(elements);
}

/** Where each field of a record goes: the value of the i-th name goes to index `to[i]`. */
interface Layout {
  readonly names: readonly TlaString[];
  readonly to: readonly number[];
}

const layouts = new WeakMap<readonly TlaString[], Layout>();

/** Throws an EvaluationError where a name occurs twice. */
export function layoutOf(names: readonly TlaString[]): Layout {
  let layout = layouts.get(names);
  if (layout === undefined) {
    const shape = shapeOf(names);
    layout = { names: shape, to: names.map((name) => shape.indexOf(name)) };
    layouts.set(names, layout);
  }
  return layout;
}

/**
 * The record of these fields, in any order; no field at all is the empty function. Fast where the
 * caller passes the same array of names again.
 */
export function record(names: readonly TlaString[], values: readonly Value[]): EnumeratedFunction {
  if (names.length === 0) return emptyTuple;
  const layout = layoutOf(names);
  const sorted: Value[] = new Array(values.length);
  for (let index = 0; index < sorted.length; index += 1) {
    sorted[layout.to[index]!] = values[index]!;
  }
  return new RecordValue(layout.names, sorted);
}

/** The function with these arguments, sorted and distinct, and their values. */
export function makeFunction(keys: readonly Value[], values: readonly Value[]): EnumeratedFunction {
  return functionOver(sortedSet(keys), values);
}

/** The function on an enumerable domain; `values` in the order of its elements. */
export function functionOver(domain: SetValue, values: readonly Value[]): EnumeratedFunction {
  domain.shape ??= functionShape(domain.elements());
  if (domain.shape === "tuple") return tuple(values);
  if (domain.shape !== "function") return new RecordValue(domain.shape, values);
  // A function outlives the expression of its domain, which may hold on to much.
  const atHand = domain instanceof FiniteSet || domain instanceof Interval;
  return new FiniteFunction(atHand ? domain : sortedSet(domain.elements()), values);
}

function functionShape(keys: readonly Value[]): "tuple" | "function" | readonly TlaString[] {
  if (keys.every((key, index) => key === index + 1)) return "tuple";
  if (keys.every((key): key is TlaString => key instanceof TlaString)) return shapeOf(keys);
  return "function";
}

/** The function with these arguments in any order; a repeated argument is an EvaluationError. */
export function functionFromPairs(
  keys: readonly Value[],
  values: readonly Value[],
): EnumeratedFunction {
  const order = keys.map((_, index) => index).sort((a, b) => compare(keys[a]!, keys[b]!));
  const sorted = order.map((index) => keys[index]!);
  for (let index = 1; index < sorted.length; index += 1) {
    if (equal(sorted[index - 1]!, sorted[index]!)) {
      throw new EvaluationError(
        `The value\n${show(sorted[index]!)}\noccurs multiple times in the function domain.`,
      );
    }
  }
  return makeFunction(
    sorted,
    order.map((index) => values[index]!),
  );
}

/** The value as a tuple, or null if it is none. */
export function asTuple(value: Value): Tuple | null {
  if (value instanceof Tuple) return value;
  if (!(value instanceof LazyFunction)) return null;
  const finite = value.finite();
  return finite instanceof Tuple ? finite : null;
}

/** What messages call the kind of a value. */
export function kindOf(value: Value): string {
  if (typeof value === "number") return "integer";
  if (typeof value === "boolean") return "boolean";
  if (value instanceof TlaString) return "string";
  if (value instanceof ModelValue) return "model value";
  if (value instanceof SetValue) return "set";
  if (value instanceof Tuple) return "tuple";
  return value instanceof RecordValue ? "record" : "function";
}
