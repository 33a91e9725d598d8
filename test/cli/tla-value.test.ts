/** Long values break where TLC breaks them: the expected texts are TLC's. */
import { describe, expect, it } from "vitest";
import { laidOut } from "../../cli/tla-value.ts";
import {
  finiteSet,
  functionFromPairs,
  record,
  tlaString,
  tuple,
  type Value,
} from "../../model-checker/tla/values/index.ts";

const tens = (i: number): Value => finiteSet([2, 3, 4, 5, 6].map((n) => i * 10 ** n));
const LONG = tuple(Array.from({ length: 30 }, (_, i) => 1000 * (i + 1)));
const numbers = Array.from({ length: 30 }, (_, i) => i + 2);
const FUNCTION = functionFromPairs(
  numbers,
  numbers.map((n) => 1000 * n),
);
const RECORD = record(["name", "other", "sets"].map(tlaString), [
  tlaString("a string that takes some room"),
  finiteSet([1]),
  finiteSet([1, 2, 3, 4].map(tens)),
]);

describe("laidOut", () => {
  it("keeps on one line what fits", () => {
    expect(laidOut(tuple([1, tlaString("a")]))).toBe('<<1, "a">>');
    expect(laidOut(true)).toBe("TRUE");
  });

  it("breaks tuples and functions after each element", () => {
    expect(laidOut(LONG)).toMatch(/^<< 1000,\n {3}2000,\n[\s\S]*\n {3}30000 >>$/);
    expect(laidOut(FUNCTION)).toMatch(/^\( 2 :> 2000 @@\n {2}3 :> 3000 @@\n[\s\S]*31 :> 31000 \)$/);
  });

  it("breaks records and sets inside others, each below where it begins", () => {
    expect(laidOut(tuple([2000, RECORD])).split("\n")).toEqual([
      "<< 2000,",
      '   [ name |-> "a string that takes some room",',
      "     other |-> {1},",
      "     sets |->",
      "         { {100, 1000, 10000, 100000, 1000000},",
      "           {200, 2000, 20000, 200000, 2000000},",
      "           {300, 3000, 30000, 300000, 3000000},",
      "           {400, 4000, 40000, 400000, 4000000} } ] >>",
    ]);
  });
});
