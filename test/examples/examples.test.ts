/** Runs the examples that embed servers, and checks what they show. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { specifiersOf } from "../tools/tidy.ts";

const folder = join(import.meta.dirname, "../../examples");
const MAX_LINES = 120;

/** What each prints. */
const shown: Readonly<Record<string, readonly string[]>> = {
  "embedded-counter.ts": [
    'counted {"kind":"answered","response":1}',
    'counted {"kind":"answered","response":2}',
    'counted {"kind":"answered","response":3}',
    "the leader is killed with a count on its way",
    'counted {"kind":"answered","response":4}',
    'counted {"kind":"answered","response":5}',
    "the two that are left read 5",
  ],
  "lock-service.ts": [
    "alice holds the lock, token 1",
    "bob waits, 1 before",
    "carol waits, 2 before",
    "the leader is killed",
    "alice holds the lock, token 1",
    "carol waits, 2 before",
    "alice prints with token 1: done",
    "alice releases",
    "bob holds the lock, token 2",
    "bob prints with token 2: done",
    "alice prints with token 1: refused",
    "line: bob carol",
  ],
  "ledger.ts": [
    "outside -> alice 100: recorded as 1",
    "alice -> bob 30: recorded as 2",
    "bob -> carol 50: refused: bob has not 50",
    "the leader compacts its log and is killed",
    "bob -> carol 20: recorded as 3",
    "alice -> outside 70: recorded as 4",
    "all servers, at the index of 1: alice 100",
    "all servers, at the index of 2: alice 70, bob 30",
    "all servers, at the index of 3: alice 70, bob 10, carol 20",
    "all servers, at the index of 4: alice 0, bob 10, carol 20",
  ],
  "saga.ts": [
    "book paris flight: booked",
    "book paris hotel: booked",
    "the leader is killed before it tells",
    "book paris hotel: booked, as before",
    "book paris car: booked",
    "paris: complete",
    "book rome flight: booked",
    "book rome hotel: booked",
    "book rome car: failed",
    "cancel rome hotel: cancelled",
    "the leader is killed before it tells",
    "cancel rome hotel: cancelled, as before",
    "cancel rome flight: cancelled",
    "rome: undone",
  ],
};

describe.concurrent.each(Object.entries(shown))("%s", (name, lines) => {
  test("prints what it is to show", async () => {
    const run = promisify(execFile)(process.execPath, [join(folder, name)]);
    const { stdout, stderr } = await run;
    expect(stderr).toBe("");
    expect(stdout.trimEnd().split("\n")).toEqual(lines);
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
