import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  appendEntries,
  type Entry,
  emptyLog,
  entriesBetween,
  firstIndexOfTerm,
  hasMatchingPrevious,
  isLogUpToDate,
  type Log,
  lastIndex,
  lastIndexOfTerm,
  lastTerm,
  replaceSuffix,
  type Term,
  termAt,
  truncateAfter,
} from "../../kernel/index.ts";
import { command, entries } from "./build.ts";

function logOf(terms: readonly Term[]): Log {
  return appendEntries(emptyLog, entries(terms));
}

function entriesOf(log: Log): readonly Entry[] {
  return entriesBetween(log, 1, lastIndex(log));
}

describe("the log of a server that has stored nothing", () => {
  it("ends at index 0 in term 0", () => {
    expect([lastIndex(emptyLog), lastTerm(emptyLog), termAt(emptyLog, 0)]).toEqual([0, 0, 0]);
    expect(entriesBetween(emptyLog, 1, 0)).toEqual([]);
  });
});

describe("entry i has index i: indexes count from 1 without gaps (L1)", () => {
  it.each([
    ["a gap", [command(1, 1), command(3, 1)]],
    ["a repetition", [command(1, 1), command(1, 1)]],
    ["a start at 0", [command(0, 1)]],
    ["a start at 2", [command(2, 1)]],
  ])("%s is an error", (_name, added) => {
    expect(() => appendEntries(emptyLog, added)).toThrow("appended entries continue the log (L1)");
  });
});

describe("terms never decrease along the log, and each is at least 1 (L2)", () => {
  it.each([
    ["a smaller term", [command(1, 2), command(2, 1)]],
    ["term 0", [command(1, 0)]],
  ])("%s is an error", (_name, added) => {
    expect(() => appendEntries(emptyLog, added)).toThrow("terms never decrease (L2)");
  });

  it("counts what the log already holds", () => {
    expect(() => appendEntries(logOf([3]), [command(2, 2)])).toThrow("terms never decrease (L2)");
  });
});

describe("replaceSuffix: delete the existing entry and all that follow it, then append", () => {
  it.each([
    ["nothing", [1, 1, 2], 4, [], [1, 1, 2]],
    ["an append", [1, 1], 3, [2], [1, 1, 2]],
    ["the last entry", [1, 1, 2], 3, [3], [1, 1, 3]],
    ["all of it by less", [1, 1, 2], 1, [4], [4]],
    ["the middle", [1, 1, 1, 1], 2, [2, 3], [1, 2, 3]],
  ])("%s", (_name, before, first, added, expected) => {
    expect(replaceSuffix(logOf(before), entries(added, first))).toEqual(logOf(expected));
  });

  it("truncateAfter keeps the log up to and including the index", () => {
    expect(truncateAfter(logOf([1, 2, 3]), 2)).toEqual(logOf([1, 2]));
    expect(truncateAfter(logOf([1, 2, 3]), 0)).toEqual(emptyLog);
  });
});

describe("the log with the later last term is more up-to-date; else the longer log (§3.6.1)", () => {
  it.each([
    ["an empty log against an empty one", [], 0, 0, true],
    ["an empty log against an entry", [1], 0, 0, false],
    ["the same end", [1, 2], 2, 2, true],
    ["same term, longer", [1, 2], 3, 2, true],
    ["same term, shorter", [1, 2, 2], 2, 2, false],
    ["later term, though shorter", [1, 1, 1], 1, 2, true],
    ["earlier term, though longer", [1, 2], 9, 1, false],
  ])("%s", (_name, own, index, term, expected) => {
    expect(isLogUpToDate(logOf(own), index, term)).toBe(expected);
  });
});

describe("the log contains an entry at prevLogIndex whose term matches prevLogTerm (§3.5)", () => {
  it.each([
    ["before the first entry", [1, 2], 0, 0, true],
    ["the last entry", [1, 2], 2, 2, true],
    ["an entry of another term", [1, 2], 2, 1, false],
    ["an entry that is missing", [1, 2], 3, 2, false],
    ["nothing to match in an empty log", [], 0, 0, true],
  ])("%s", (_name, own, index, term, expected) => {
    expect(hasMatchingPrevious(logOf(own), index, term)).toBe(expected);
  });
});

describe("first and last index of a term, as a search through all entries finds them", () => {
  it.each([
    [[1, 1, 3, 3, 3, 4], 1, 1, 2],
    [[1, 1, 3, 3, 3, 4], 2, 3, 0],
    [[1, 1, 3, 3, 3, 4], 3, 3, 5],
    [[1, 1, 3, 3, 3, 4], 4, 6, 6],
    [[1, 1, 3, 3, 3, 4], 5, 7, 0],
    [[], 1, 1, 0],
  ])("of %j, term %i: first %i, last %i", (own, term, first, last) => {
    expect(firstIndexOfTerm(logOf(own), term)).toBe(first);
    expect(lastIndexOfTerm(logOf(own), term)).toBe(last);
  });

  it("for any log and term", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 6 })),
        fc.integer({ min: 1, max: 7 }),
        (a, t) => {
          const terms = a.sort((x, y) => x - y);
          const first = terms.findIndex((term) => term >= t);
          expect(firstIndexOfTerm(logOf(terms), t)).toBe(
            first === -1 ? terms.length + 1 : first + 1,
          );
          expect(lastIndexOfTerm(logOf(terms), t)).toBe(terms.lastIndexOf(t) + 1);
        },
      ),
    );
  });
});

/** Replace from a share of the log on, by entries whose terms step up by these amounts. */
const replacement = fc.record({
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  steps: fc.array(fc.constantFrom(0, 0, 0, 1), { maxLength: 70 }),
});

describe("a log behaves like an array of entries", () => {
  it("after any replacements of suffixes, and old versions stay valid (L3)", () => {
    fc.assert(
      fc.property(fc.array(replacement, { maxLength: 20 }), (replacements) => {
        const versions: { log: Log; array: readonly Entry[] }[] = [{ log: emptyLog, array: [] }];
        let { log, array } = { log: emptyLog, array: [] as readonly Entry[] };
        for (const { share, steps } of replacements) {
          const kept = array.slice(0, Math.ceil(share * array.length));
          let term = kept.at(-1)?.term ?? 1;
          const added = steps.map((up, at) => {
            term += up;
            return command(kept.length + at + 1, term);
          });
          if (added.length > 0) array = [...kept, ...added];
          log = replaceSuffix(log, added);
          versions.push({ log, array });
        }
        for (const version of versions) {
          expect(isDeepStrictEqual(entriesOf(version.log), version.array)).toBe(true);
          expect(lastIndex(version.log)).toBe(version.array.length);
          expect(lastTerm(version.log)).toBe(version.array.at(-1)?.term ?? 0);
          const fresh = appendEntries(emptyLog, version.array);
          expect(isDeepStrictEqual(version.log, fresh)).toBe(true);
        }
      }),
    );
  });

  it("entriesBetween gives both ends, and nothing from a later to an earlier index", () => {
    const log = logOf([1, 1, 2, 3]);
    expect(entriesBetween(log, 2, 3)).toEqual([command(2, 1), command(3, 2)]);
    expect(entriesBetween(log, 4, 4)).toEqual([command(4, 3)]);
    expect(entriesBetween(log, 5, 4)).toEqual([]);
  });
});
