/** A log that begins after what a snapshot stands for answers as the whole log would. */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  appendEntries,
  baseIndex,
  compactTo,
  type Entry,
  emptyLog,
  entriesBetween,
  firstIndexOfTerm,
  hasEntry,
  hasMatchingPrevious,
  isLogUpToDate,
  type Log,
  lastIndex,
  lastIndexOfTerm,
  lastTerm,
  logAfter,
  replaceSuffix,
  type Term,
  termAt,
  truncateAfter,
} from "../../kernel/index.ts";
import { command, entries } from "./build.ts";

/** A log of entries with these terms, without those up to `base`. */
function logFrom(base: number, terms: readonly Term[]): Log {
  return compactTo(appendEntries(emptyLog, entries(terms)), base);
}

const log = logFrom(3, [1, 1, 2, 2, 4]);

describe("compactTo drops the entries up to an index, which becomes the base (§5.1)", () => {
  it("the base keeps its index and its term", () => {
    expect([baseIndex(log), termAt(log, 3)]).toEqual([3, 2]);
    expect([lastIndex(log), lastTerm(log)]).toEqual([5, 4]);
  });

  it("what was dropped is not read, truncated to or compacted to", () => {
    expect(() => termAt(log, 2)).toThrow("a vector is read inside its bounds");
    expect(() => entriesBetween(log, 3, 4)).toThrow("a vector is sliced inside its bounds");
    expect(() => truncateAfter(log, 2)).toThrow("a vector is cut inside its bounds");
    expect(() => compactTo(log, 2)).toThrow("a vector is read inside its bounds");
    expect(() => compactTo(log, 6)).toThrow("a vector is read inside its bounds");
  });

  it("to the end, and to where it begins already", () => {
    expect(compactTo(log, 5)).toEqual(logAfter(5, 4));
    expect(compactTo(log, 3)).toEqual(log);
  });

  it("in two steps as in one", () => {
    expect(compactTo(logFrom(1, [1, 1, 2, 2, 4]), 3)).toEqual(log);
  });
});

describe("a log continues its base (L1, L2)", () => {
  it.each([
    ["an entry of the base's index", [command(3, 2)], "continue the log (L1)"],
    ["a gap after the base", [command(5, 2)], "continue the log (L1)"],
    ["a term before the base's", [command(4, 1)], "terms never decrease (L2)"],
  ])("%s is an error", (_name, added, rule) => {
    expect(() => appendEntries(logAfter(3, 2), added)).toThrow(rule);
  });

  it("made from its base and its entries it is the compacted one", () => {
    expect(appendEntries(logAfter(3, 2), entries([2, 4], 4))).toEqual(log);
  });
});

describe("the consistency check where the log begins", () => {
  it.each([
    ["before the base: it was committed, and so agrees", 2, 1, true],
    ["before the first entry", 0, 0, true],
    ["the base", 3, 2, true],
    ["the base in another term", 3, 1, false],
    ["the first entry after it", 4, 2, true],
    ["beyond the end", 6, 4, false],
  ])("%s", (_name, index, term, expected) => {
    expect(hasMatchingPrevious(log, index, term)).toBe(expected);
  });

  it("but before the base no entry is known", () => {
    expect([hasEntry(log, 2, 1), hasEntry(log, 3, 2), hasEntry(log, 4, 2)]).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe("a log of nothing but its base", () => {
  const purged = logAfter(7, 3);

  it.each([
    ["a shorter log of its term", 6, 3, false],
    ["a log of the same end", 7, 3, true],
    ["a longer log of an earlier term", 9, 2, false],
    ["a shorter log of a later term", 1, 4, true],
  ])("is compared by the base: %s", (_name, index, term, expected) => {
    expect(isLogUpToDate(purged, index, term)).toBe(expected);
  });

  it("knows one term", () => {
    expect([1, 2, 3, 4].map((term) => lastIndexOfTerm(purged, term))).toEqual([0, 0, 7, 0]);
    expect([1, 3, 4].map((term) => firstIndexOfTerm(purged, term))).toEqual([8, 8, 8]);
  });
});

/** Terms of a log, and where it is cut. */
const cutLog = fc
  .tuple(fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 90 }), fc.nat())
  .map(([terms, at]) => ({ terms: terms.sort((a, b) => a - b), base: at % (terms.length + 1) }));

describe("compacted, a log answers as the whole one, as far as it reaches", () => {
  it("for every index and term", () => {
    fc.assert(
      fc.property(cutLog, ({ terms, base }) => {
        const whole = appendEntries(emptyLog, entries(terms));
        const cut = compactTo(whole, base);
        expect([lastIndex(cut), lastTerm(cut)]).toEqual([lastIndex(whole), lastTerm(whole)]);
        for (let index = base; index <= terms.length; index++) {
          expect(termAt(cut, index)).toBe(termAt(whole, index));
        }
        for (const term of [1, 2, 3, 4, 5, 6]) {
          const first = Math.max(base + 1, firstIndexOfTerm(whole, term));
          expect(firstIndexOfTerm(cut, term)).toBe(first);
          const last = lastIndexOfTerm(whole, term);
          expect(lastIndexOfTerm(cut, term)).toBe(last >= base ? last : 0);
        }
      }),
    );
  });

  it("cutting commutes with replacing a suffix, and the shape says nothing of the way", () => {
    fc.assert(
      fc.property(cutLog, fc.nat(), fc.nat(70), ({ terms, base }, at, count) => {
        const whole = appendEntries(emptyLog, entries(terms));
        const first = base + 1 + (at % (terms.length - base + 1));
        const added: readonly Entry[] = Array.from({ length: count }, (_, i) =>
          command(first + i, 6),
        );
        const cutFirst = replaceSuffix(compactTo(whole, base), added);
        const cutLast = compactTo(replaceSuffix(whole, added), base);
        expect(isDeepStrictEqual(cutFirst, cutLast)).toBe(true);
        const fresh = logAfter(base, termAt(whole, base));
        const kept = entriesBetween(cutLast, base + 1, lastIndex(cutLast));
        expect(isDeepStrictEqual(cutFirst, appendEntries(fresh, kept))).toBe(true);
      }),
    );
  });
});
