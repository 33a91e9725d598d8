/** Plain data as TLA+ values: what `spec/abstraction.ts` says of a server, for the evaluator. */
import type { Abstract } from "../../spec/index.ts";
import {
  finiteSet,
  functionFromPairs,
  modelValue,
  record,
  type TlaString,
  tlaString,
  tuple,
  type Value,
} from "./values/index.ts";

/** What null stands for. */
export const NIL = modelValue("Nil");

/** A value: a Map as a function, an array as a sequence, a Set as a set, an object as a record. */
export function valueOfPlain(plain: Abstract): Value {
  if (plain === null) return NIL;
  if (typeof plain === "string") return tlaString(plain);
  if (typeof plain !== "object") return plain;
  if (Array.isArray(plain)) return tuple(plain.map(valueOfPlain));
  if (plain instanceof Set) return finiteSet([...plain].map(valueOfPlain));
  if (plain instanceof Map) return functionOfMap(plain);
  return record(namesOf(plain), Object.values(plain).map(valueOfPlain));
}

const known = new Map<string, readonly TlaString[]>();

/** The field names of an object; the same list each time, by which records share their shape. */
function namesOf(plain: object): readonly TlaString[] {
  const fields = Object.keys(plain);
  const key = fields.join();
  let names = known.get(key);
  if (names === undefined) {
    names = fields.map(tlaString);
    known.set(key, names);
  }
  return names;
}

/** A function on names. */
export function functionOfMap(map: ReadonlyMap<string, Abstract>): Value {
  return functionFromPairs([...map.keys()].map(tlaString), [...map.values()].map(valueOfPlain));
}
