/** Runs the examples that embed servers, and checks what they show. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { specifiersOf } from "../tools/tidy.ts";

const folder = join(import.meta.dirname, "../../examples");
const MAX_LINES = 120;

/** What each prints; where chance decides who does it, by a pattern. */
const shown: Readonly<Record<string, readonly (string | RegExp)[]>> = {
  "embedded-counter.ts": [
    'counted {"kind":"answered","response":1}',
    'counted {"kind":"answered","response":2}',
    'counted {"kind":"answered","response":3}',
    "the leader is killed with a count on its way",
    'counted {"kind":"answered","response":4}',
    'counted {"kind":"answered","response":5}',
    "the two that are left read 5",
  ],
};

describe.each(Object.entries(shown))("%s", (name, lines) => {
  test("prints what it is to show", async () => {
    const run = promisify(execFile)(process.execPath, [join(folder, name)]);
    const { stdout, stderr } = await run;
    expect(stderr).toBe("");
    const printed = stdout.trimEnd().split("\n");
    expect(printed).toEqual(
      lines.map((line) => (typeof line === "string" ? line : expect.stringMatching(line))),
    );
  }, 60_000);

  test("is short, and uses nothing that an embedder has not", () => {
    const text = readFileSync(join(folder, name), "utf8");
    expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(MAX_LINES);
    const foreign = specifiersOf(text).filter(
      (it) => !it.startsWith("node:") && !/^\.\.\/(?:kernel|shell)\/index\.ts$/.test(it),
    );
    expect(foreign).toEqual([]);
  });
});
