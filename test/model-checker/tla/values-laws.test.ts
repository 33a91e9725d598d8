/** Laws of the values of TLA+, on random values that are built in two different ways. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cap,
  compare,
  cup,
  difference,
  equal,
  finiteSet,
  functionFromPairs,
  hashHigh,
  hashLow,
  interval,
  isSubset,
  LazyFunction,
  type ModelValue,
  makeFunction,
  modelValue,
  permute,
  record,
  type SetValue,
  subsets,
  tlaString,
  tuple,
  type Value,
} from "../../../model-checker/tla/values/index.ts";

/** A value as plain data. Values of the same type are comparable. */
type Plain =
  | { kind: "integer"; value: number }
  | { kind: "model"; value: number }
  | { kind: "set" | "tuple"; items: Plain[] }
  | { kind: "record"; fields: (readonly [string, Plain])[] }
  | { kind: "function"; pairs: (readonly [number, Plain])[] };

const models = ["r1", "r2", "r3"].map(modelValue);
const fieldNames = ["term", "log", "vote"];

const integers = fc
  .integer({ min: -2, max: 3 })
  .map((value): Plain => ({ kind: "integer", value }));
const modelNumbers = fc.nat(2).map((value): Plain => ({ kind: "model", value }));

/** Values of one random type: the depth bounds the nesting. */
function plainsOfType(type: number, depth: number): fc.Arbitrary<Plain> {
  if (depth === 0) return type % 2 === 0 ? integers : modelNumbers;
  const inner = plainsOfType(Math.floor(type / 4), depth - 1);
  const few = fc.array(inner, { maxLength: 3 });
  switch (type % 4) {
    case 0:
      return few.map((items): Plain => ({ kind: "set", items }));
    case 1:
      return few.map((items): Plain => ({ kind: "tuple", items }));
    case 2:
      return fc.subarray(fieldNames, { minLength: 1 }).chain((names) =>
        fc.tuple(...names.map(() => inner)).map((values): Plain => {
          return { kind: "record", fields: names.map((name, index) => [name, values[index]!]) };
        }),
      );
    default:
      return fc.subarray([0, 1, 2]).chain((keys) =>
        fc.tuple(...keys.map(() => inner)).map((values): Plain => {
          return { kind: "function", pairs: keys.map((key, index) => [key, values[index]!]) };
        }),
      );
  }
}

const types = fc.tuple(fc.nat(63), fc.nat(3));
const one = types.chain(([type, depth]) => plainsOfType(type, depth));
const three = types.chain(([type, depth]) => {
  const plain = plainsOfType(type, depth);
  return fc.tuple(plain, plain, plain);
});

/** The plainest way to build a value. */
function build(plain: Plain): Value {
  switch (plain.kind) {
    case "integer":
      return plain.value;
    case "model":
      return models[plain.value]!;
    case "set":
      return finiteSet(plain.items.map(build));
    case "tuple":
      return tuple(plain.items.map(build));
    case "record":
      return record(
        plain.fields.map(([name]) => tlaString(name)),
        plain.fields.map(([, value]) => build(value)),
      );
    case "function":
      return makeFunction(
        plain.pairs.map(([key]) => models[key]!),
        plain.pairs.map(([, value]) => build(value)),
      );
  }
}

/** The same value by detours: unions, updates, appends, lazy functions, other orders. */
function rebuild(plain: Plain): Value {
  switch (plain.kind) {
    case "set": {
      const items = plain.items.map(rebuild).reverse();
      hashLow(finiteSet(items));
      const more = items.map((item) => finiteSet([item])).reduce(cup, finiteSet([]));
      hashLow(more);
      return cup(more, finiteSet(items.concat(items)));
    }
    case "tuple": {
      const items = plain.items.map(rebuild);
      if (items.length === 0) return tuple([]);
      const domain = interval(1, items.length);
      return new LazyFunction(domain, (index) => items[(index as number) - 1]!);
    }
    case "record": {
      const names = plain.fields.map(([name]) => tlaString(name)).reverse();
      const empty = record(
        names,
        names.map(() => 99),
      );
      hashLow(empty);
      return plain.fields.reduce((result, [name, value]) => {
        return result.except(tlaString(name), rebuild(value)) as typeof result;
      }, empty);
    }
    case "function":
      return functionFromPairs(
        plain.pairs.map(([key]) => models[key]!).reverse(),
        plain.pairs.map(([, value]) => rebuild(value)).reverse(),
      );
    default:
      return build(plain);
  }
}

/** What tells two plain values apart: sets without order and repetition. */
function canonical(plain: Plain): string {
  switch (plain.kind) {
    case "integer":
    case "model":
      return `${plain.value}`;
    case "set":
      return `{${[...new Set(plain.items.map(canonical))].sort().join()}}`;
    case "tuple":
      return `<${plain.items.map(canonical).join()}>`;
    case "record":
      return `[${plain.fields.map(([name, value]) => `${name}:${canonical(value)}`).sort()}]`;
    case "function":
      // The empty function is the empty tuple, but never meets one of the same type.
      return `(${plain.pairs.map(([key, value]) => `${key}:${canonical(value)}`)})`;
  }
}

const hash = (value: Value): string => `${hashLow(value)} ${hashHigh(value)}`;

describe("laws", () => {
  test("a value does not depend on how it is built", () => {
    fc.assert(
      fc.property(one, (plain) => {
        const straight = build(plain);
        const detour = rebuild(plain);
        expect(equal(straight, detour) && equal(detour, straight)).toBe(true);
        expect(compare(straight, detour)).toBe(0);
        expect(hash(detour)).toBe(hash(straight));
        expect(hash(rebuild(plain))).toBe(hash(straight));
      }),
      { numRuns: 1000 },
    );
  });

  test("equality, order and hash tell the same values apart, and the order is total", () => {
    fc.assert(
      fc.property(three, (plains) => {
        const [a, b, c] = plains.map(build) as [Value, Value, Value];
        const same = canonical(plains[0]) === canonical(plains[1]);
        expect(equal(a, b)).toBe(same);
        expect(compare(a, b) === 0).toBe(same);
        expect(hash(a) === hash(b)).toBe(same);
        expect(Math.sign(compare(a, b)) + Math.sign(compare(b, a))).toBe(0);
        if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });

  test("a permutation acts: identity and composition", () => {
    const [r1, r2, r3] = models as [ModelValue, ModelValue, ModelValue];
    const turn = new Map([
      [r1, r2],
      [r2, r3],
      [r3, r1],
    ]);
    const swap = new Map([
      [r1, r2],
      [r2, r1],
    ]);
    const both = new Map([
      [r2, r3],
      [r3, r2],
    ]);
    fc.assert(
      fc.property(one, (plain) => {
        const value = rebuild(plain);
        expect(equal(permute(value, new Map()), value)).toBe(true);
        const twice = permute(permute(value, swap), turn);
        const composed = permute(
          value,
          new Map([
            [r1, r3],
            [r3, r1],
          ]),
        );
        expect(equal(twice, composed)).toBe(true);
        expect(hash(twice)).toBe(hash(composed));
        expect(equal(permute(permute(value, both), both), value)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("set operators agree with their definitions", () => {
    const small = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 40 });
    const sets = fc.oneof(
      small.map((items) => finiteSet(items)),
      fc.tuple(fc.nat(30), fc.nat(30)).map(([low, high]) => interval(low, high)),
    );
    const numbers = (set: SetValue) => set.elements() as readonly number[];
    fc.assert(
      fc.property(sets, sets, fc.boolean(), (a, b, hashFirst) => {
        if (hashFirst) hash(a);
        const left = numbers(a);
        const right = new Set(numbers(b));
        const expected: [SetValue, number[]][] = [
          [cup(a, b), [...new Set([...left, ...right])]],
          [cap(a, b), left.filter((x) => right.has(x))],
          [difference(a, b), left.filter((x) => !right.has(x))],
        ];
        for (const [result, items] of expected) {
          const sorted = items.toSorted((x, y) => x - y);
          expect(numbers(result)).toEqual(sorted);
          expect(hash(result)).toBe(hash(finiteSet(sorted)));
        }
        expect(isSubset(a, b)).toBe(left.every((x) => right.has(x)));
        expect(subsets(b).has(a)).toBe(isSubset(a, b));
      }),
      { numRuns: 1000 },
    );
  });

  test("lanes do not collide on many small values", () => {
    const lanes = new Set<string>();
    const low = new Set<number>();
    let count = 0;
    for (let a = 0; a < 60; a += 1) {
      for (let b = 0; b < 60; b += 1) {
        for (const value of [
          tuple([a, b]),
          finiteSet([tuple([a]), tuple([b, b])]),
          tuple([finiteSet([a]), b]),
        ]) {
          lanes.add(hash(value));
          low.add(hashLow(value));
          count += 1;
        }
      }
    }
    expect(lanes.size).toBe(count);
    expect(low.size).toBeGreaterThan(count - 3);
  });
});
