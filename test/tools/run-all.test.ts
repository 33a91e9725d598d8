/** What `npm test` counts as passed and as failed: above all, that nothing fails in silence. */
import { describe, expect, test } from "vitest";
import { type Finished, judgeCheck, judgeTests, type TestReport } from "./run-all.ts";

const covered = "Lines        : 99%";
const finished: Finished = { code: 0, stdout: "", output: covered };
const report: TestReport = {
  numTotalTests: 3,
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  testResults: [{ status: "passed", assertionResults: [{}, {}, {}] }],
};

function counts(ran: TestReport | null, change: Partial<Finished> = {}): readonly number[] {
  const outcomes = judgeTests(ran, { ...finished, ...change });
  const sum = (key: "passed" | "failed"): number => outcomes.reduce((n, it) => n + it[key], 0);
  return [sum("passed"), sum("failed")];
}

describe("tests and coverage", () => {
  test("every test counts, and the coverage as one", () => {
    expect(counts(report)).toEqual([4, 0]);
  });

  test("failed tests count", () => {
    const failing = { ...report, numPassedTests: 1, numFailedTests: 2 };
    expect(counts(failing, { code: 1 })).toEqual([2, 2]);
  });

  test("no report is a failure", () => {
    expect(counts(null)).toEqual([1, 1]);
  });

  test("0 tests ran is a failure, whatever the exit code", () => {
    expect(counts({ ...report, numTotalTests: 0, numPassedTests: 0 })).toEqual([1, 1]);
  });

  test("a file that cannot be loaded is a failure", () => {
    const unloaded = { status: "failed", assertionResults: [] };
    expect(counts({ ...report, testResults: [unloaded] }, { code: 1 })).toEqual([4, 1]);
  });

  test("an error outside of every test is a failure", () => {
    expect(counts(report, { code: 1 })).toEqual([4, 1]);
  });

  test("too little coverage, or none at all, is a failure", () => {
    const output = `${covered}\nERROR: Coverage for lines (90%) does not meet the threshold`;
    expect(counts(report, { code: 1, output })).toEqual([3, 1]);
    expect(counts(report, { output: "" })).toEqual([3, 1]);
  });
});

describe("the exhaustive check", () => {
  const conformance = { conforming: 9 };
  const result = { verdict: "exhausted", distinct: 9, properties: [] as unknown[], conformance };

  function judged(change: object, code = 0): number {
    const stdout = JSON.stringify({ ...result, ...change });
    return judgeCheck({ code, stdout, output: stdout }).failed;
  }

  test("passes where everything was visited, holds and is reached", () => {
    expect(judged({})).toBe(0);
  });

  test("fails otherwise", () => {
    expect(judged({}, 1)).toBe(1);
    expect(judged({ verdict: "limit" }, 3)).toBe(1);
    expect(judged({ verdict: "violated" })).toBe(1);
    expect(judged({ conformance: null })).toBe(1);
    expect(judged({ properties: [{ name: "x", kind: "sometimes", result: "unreached" }] })).toBe(1);
    expect(judgeCheck({ code: 0, stdout: "no JSON", output: "no JSON" }).failed).toBe(1);
  });
});
