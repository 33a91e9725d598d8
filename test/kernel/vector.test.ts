import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  append,
  at,
  dropBefore,
  emptyVector,
  slice,
  take,
  type Vector,
} from "../../kernel/vector.ts";

function vectorOf(values: readonly number[]): Vector<number> {
  return values.reduce<Vector<number>>(append, emptyVector());
}

function toArray(vector: Vector<number>): readonly number[] {
  return slice(vector, 0, vector.length);
}

/** Where the shape changes: a full tail, a full level, a new level. */
const EDGES = [32, 64, 1024, 1056, 32_768, 32_800];
const LENGTHS = [0, 1, 2, ...EDGES.flatMap((edge) => [edge - 1, edge, edge + 1])];

/** `byLength[n]` is the vector 0 ... n-1, made by appending only. */
const byLength = new Map<number, Vector<number>>([[0, emptyVector<number>()]]);
const LONGEST = Math.max(...LENGTHS);
let grown = emptyVector<number>();
for (let value = 0; value < LONGEST; value++) {
  grown = append(grown, value);
  if (LENGTHS.includes(value + 1)) byLength.set(value + 1, grown);
}

function appended(length: number): Vector<number> {
  const vector = byLength.get(length);
  if (vector === undefined) throw new Error(`no vector of length ${length} was kept`);
  return vector;
}

describe("a vector holds what was appended, across every edge of its shape", () => {
  it.each(LENGTHS)("length %i", (length) => {
    const vector = appended(length);
    expect(vector.length).toBe(length);
    const values = Array.from({ length }, (_, value) => value);
    expect(isDeepStrictEqual(toArray(vector), values)).toBe(true);
    for (const position of [0, 31, 32, 1023, 1024, length - 1]) {
      if (position >= 0 && position < length) expect(at(vector, position)).toBe(position);
    }
  });
});

describe("the shape is a function of the length alone: equal contents are equal data", () => {
  it.each(LENGTHS)("cut to %i from the longest", (length) => {
    expect(isDeepStrictEqual(take(appended(LONGEST), length), appended(length))).toBe(true);
  });

  it.each(LENGTHS)("cut to %i, then grown over the next edge and cut again", (length) => {
    let vector = take(appended(LONGEST), length);
    for (let extra = 0; extra < 70; extra++) vector = append(vector, -1);
    expect(isDeepStrictEqual(take(vector, length), appended(length))).toBe(true);
  });

  it("the vector of nothing is the same whether cut or never filled", () => {
    expect(take(appended(1), 0)).toEqual(emptyVector());
  });

  it("taking all is the vector itself", () => {
    expect(take(appended(33), 33)).toBe(appended(33));
  });
});

describe("a vector is read inside its bounds", () => {
  it.each([-1, 3, 32])("position %i of three is an error", (position) => {
    expect(() => at(vectorOf([7, 8, 9]), position)).toThrow("a vector is read inside its bounds");
  });

  it.each([-1, 4])("cutting three to %i is an error", (length) => {
    expect(() => take(vectorOf([7, 8, 9]), length)).toThrow("a vector is cut inside its bounds");
  });

  it.each([1, 4])("dropping before %i, of three without the first two, is an error", (start) => {
    const vector = dropBefore(vectorOf([7, 8, 9]), 2);
    expect(() => dropBefore(vector, start)).toThrow("a vector is cut inside its bounds");
  });

  it("what was dropped is not read, and not cut back to", () => {
    const vector = dropBefore(vectorOf([7, 8, 9]), 2);
    expect(at(vector, 2)).toBe(9);
    expect(() => at(vector, 1)).toThrow("a vector is read inside its bounds");
    expect(() => slice(vector, 1, 3)).toThrow("a vector is sliced inside its bounds");
    expect(() => take(vector, 1)).toThrow("a vector is cut inside its bounds");
  });

  it("the vector of nothing has no position", () => {
    expect(() => at(emptyVector(), 0)).toThrow("a vector is read inside its bounds");
  });
});

describe("slice gives the elements from the first position up to, not including, the second", () => {
  it.each([
    [0, 0],
    [0, 1],
    [31, 33],
    [5, 40],
    [1000, 1100],
    [32_700, 32_801],
    [32_801, 32_801],
  ])("from %i to %i", (from, to) => {
    const values = Array.from({ length: to - from }, (_, offset) => from + offset);
    expect(slice(appended(LONGEST), from, to)).toEqual(values);
  });
});

/** Appends `count` values, or cuts to `share` of the length, on the version numbered `base`. */
const change = fc.record({
  cuts: fc.boolean(),
  base: fc.nat(),
  count: fc.oneof(fc.nat(5), fc.nat(80), fc.constantFrom(31, 32, 33, 1024)),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
});

it("slice outside the bounds is a broken invariant, not an endless search", () => {
  expect(() => slice(vectorOf([1]), 0, 2)).toThrow("a vector is sliced inside its bounds");
  expect(() => slice(vectorOf([1]), -1, 1)).toThrow("a vector is sliced inside its bounds");
});

describe("a vector behaves like an array", () => {
  it("after any changes every version, old ones included, equals its array", () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 25 }), (changes) => {
        const versions: { vector: Vector<number>; array: readonly number[] }[] = [
          { vector: emptyVector(), array: [] },
        ];
        for (const [salt, { cuts, base, count, share }] of changes.entries()) {
          const from = versions[base % versions.length] as (typeof versions)[number];
          if (cuts) {
            const length = Math.floor(share * from.array.length);
            const array = from.array.slice(0, length);
            versions.push({ vector: take(from.vector, length), array });
          } else {
            const added = Array.from({ length: count }, (_, value) => salt * 10_000 + value);
            const vector = added.reduce<Vector<number>>(append, from.vector);
            versions.push({ vector, array: [...from.array, ...added] });
          }
        }
        for (const { vector, array } of versions) {
          expect(isDeepStrictEqual(toArray(vector), array)).toBe(true);
          expect(isDeepStrictEqual(vector, vectorOf(array))).toBe(true);
        }
      }),
    );
  });

  it("around 32768 elements, where the third level begins", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 32_700, max: LONGEST }),
        fc.nat(120),
        fc.integer({ min: 32_600, max: 32_700 }),
        (first, count, second) => {
          let vector = take(appended(LONGEST), first);
          for (let value = 0; value < count; value++) vector = append(vector, -value);
          const kept = Array.from({ length: first - second }, (_, offset) => second + offset);
          const added = Array.from({ length: count }, (_, value) => -value);
          expect(slice(vector, second, first + count)).toEqual([...kept, ...added]);
          const again = take(vector, second);
          expect(isDeepStrictEqual(again, take(appended(LONGEST), second))).toBe(true);
        },
      ),
      { numRuns: 20 },
    );
  });
});

/** The vector of the positions `start` ... `length - 1`, begun there and only appended to. */
function begunAt(start: number, values: readonly number[]): Vector<number> {
  return values.reduce<Vector<number>>(append, emptyVector(start));
}

describe("dropping a prefix: the shape is a function of start and length alone", () => {
  const edges = [0, 1, 31, 32, 33, 63, 64, 1023, 1024, 1025, 1056, 1057, 32_767, 32_768, 32_801];

  it.each(edges.flatMap((start) => edges.filter((to) => to >= start).map((to) => [start, to])))(
    "from %i to %i: dropped, begun there, cut and dropped in either order",
    (start = 0, length = 0) => {
      const values = Array.from({ length: length - start }, (_, offset) => start + offset);
      const begun = begunAt(start, values);
      const kept = take(appended(LONGEST), length);
      expect(isDeepStrictEqual(dropBefore(kept, start), begun)).toBe(true);
      const dropped = dropBefore(appended(LONGEST), start);
      expect(isDeepStrictEqual(take(dropped, length), begun)).toBe(true);
      expect(isDeepStrictEqual(slice(begun, start, length), values)).toBe(true);
    },
  );

  it("after any changes every version, old ones included, equals its array", () => {
    fc.assert(fc.property(fc.array(route, { maxLength: 25 }), followRoute));
  });

  it("and so around 2^31, where positions outgrow 32 bits, and at the last whole number", () => {
    for (const start of [
      2 ** 30,
      2 ** 31,
      2 ** 32,
      2 ** 35,
      2 ** 40,
      Number.MAX_SAFE_INTEGER - 99,
    ]) {
      const values = Array.from({ length: 80 }, (_, offset) => offset);
      const vector = begunAt(start - 37, values);
      expect(slice(vector, start - 37, start + 43)).toEqual(values);
      expect(at(vector, start)).toBe(37);
      const cut = take(dropBefore(vector, start), start + 1);
      expect(cut).toEqual(begunAt(start, [37]));
      expect(isDeepStrictEqual(append(cut, 38), begunAt(start, [37, 38]))).toBe(true);
    }
  });
});

/** One change of the version numbered `base`: where to, as a share of what it holds. */
const route = fc.record({
  kind: fc.constantFrom("append", "take", "drop"),
  base: fc.nat(),
  count: fc.oneof(fc.nat(5), fc.nat(80), fc.constantFrom(31, 32, 33, 1024)),
  share: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1)),
});

type Route = typeof route extends fc.Arbitrary<infer T> ? T : never;

/** A vector beside what it must hold, `array`, from position `start` on. */
interface Version {
  readonly vector: Vector<number>;
  readonly start: number;
  readonly array: readonly number[];
}

function changed({ vector, start, array }: Version, change: Route, salt: number): Version {
  const offset = Math.floor(change.share * array.length);
  if (change.kind === "take") {
    return { vector: take(vector, start + offset), start, array: array.slice(0, offset) };
  }
  if (change.kind === "drop") {
    const from = start + offset;
    return { vector: dropBefore(vector, from), start: from, array: array.slice(offset) };
  }
  const added = Array.from({ length: change.count }, (_, value) => salt * 10_000 + value);
  return { vector: added.reduce(append<number>, vector), start, array: [...array, ...added] };
}

function followRoute(changes: readonly Route[]): void {
  const versions: Version[] = [{ vector: emptyVector(), start: 0, array: [] }];
  for (const [salt, change] of changes.entries()) {
    versions.push(changed(versions[change.base % versions.length] as Version, change, salt));
  }
  for (const { vector, start, array } of versions) {
    expect([vector.start, vector.length]).toEqual([start, start + array.length]);
    expect(isDeepStrictEqual(slice(vector, start, vector.length), array)).toBe(true);
    expect(isDeepStrictEqual(vector, begunAt(start, array))).toBe(true);
  }
}
