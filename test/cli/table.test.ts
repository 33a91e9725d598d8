import { describe, expect, it } from "vitest";
import { tableLines } from "../../cli/table.ts";

const ROWS = [
  ["server", "log", "term", "at"],
  ["n1", "1-9", "1,234", "here"],
  ["n10", "1-12", "7", ""],
];

describe("a table", () => {
  it("sets numbers to the right, each by itself, and leaves no blanks at the end", () => {
    expect(tableLines(ROWS)).toEqual([
      "server  log   term   at",
      "n1      1-9   1,234  here",
      "n10     1-12      7",
    ]);
  });

  it("sets all columns after those of words to the right, whatever they hold", () => {
    expect(tableLines(ROWS, { words: 2, isIndented: true })).toEqual([
      "  server  log    term    at",
      "  n1      1-9   1,234  here",
      "  n10     1-12      7",
    ]);
  });

  it("is at least as wide as is said, so that lines set one at a time agree", () => {
    const layout = { words: 1, widths: [8, 4, 6, 4] };
    const one = ROWS.flatMap((row) => tableLines([row], layout));
    expect(one).toEqual([
      "server     log    term    at",
      "n1         1-9   1,234  here",
      "n10       1-12       7",
    ]);
    expect(one).toEqual(tableLines(ROWS, layout));
  });

  it("of nothing is nothing", () => {
    expect(tableLines([])).toEqual([]);
  });
});
