import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type NumberMap, valueAt, withoutKey, withValue } from "../../kernel/number-map.ts";
import { deepFreeze } from "./build.ts";

/** Keys that share low bits, high bits, or none. */
const key = fc.oneof(
  fc.nat(20),
  fc.nat(20).map((n) => n * 2 ** 20),
  fc.nat(3).map((n) => n * 2 ** 51 + 1),
  fc.constant(Number.MAX_SAFE_INTEGER),
);
const changes = fc.array(fc.record({ key, value: fc.option(fc.nat(9), { nil: null }) }), {
  maxLength: 40,
});

function built(entries: Iterable<readonly [number, number]>): NumberMap<number> {
  let map: NumberMap<number> = null;
  for (const [at, value] of entries) map = deepFreeze(withValue(map, at, value));
  return map;
}

describe("a map of numbers", () => {
  it("holds what a Map holds, and equal contents are equal data", () => {
    fc.assert(
      fc.property(changes, (list) => {
        let map: NumberMap<number> = null;
        const oracle = new Map<number, number>();
        for (const { key: at, value } of list) {
          const before = map;
          map = deepFreeze(value === null ? withoutKey(map, at) : withValue(map, at, value));
          expect(valueAt(before, at)).toBe(oracle.get(at));
          if (value === null) oracle.delete(at);
          else oracle.set(at, value);
        }
        for (const { key: at } of list) expect(valueAt(map, at)).toBe(oracle.get(at));
        expect(map).toEqual(built([...oracle].sort(([a], [b]) => b - a)));
      }),
      { numRuns: 1000 },
    );
  });

  it("without its last key is the empty one", () => {
    expect(withoutKey(withValue<number>(null, 5, 1), 5)).toBeNull();
    expect(withoutKey(null, 5)).toBeNull();
    expect(valueAt(null, 5)).toBeUndefined();
  });
});
