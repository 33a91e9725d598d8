import { afterEach, describe, expect, it, vi } from "vitest";
import { conductAll, type Task } from "../../cli/check-all.ts";
import { defaultBounds } from "../../model-checker/bounds.ts";
import { check } from "../../model-checker/check.ts";
import type { CheckResult, PropertyResult } from "../../model-checker/result.ts";
import { scopes } from "../../model-checker/scopes.ts";
import { moduleOf, quorate } from "./run.ts";

/** Every scope is cut short: enough to see that each has its turn. */
const SHORT = ["check", "--all", "--max-states", "1000", "--no-conform"];
const everyday = scopes.filter(({ isLong }) => isLong !== true).map(({ name }) => name);

describe("check --all", () => {
  it("leaves out what is long", () => {
    expect(everyday).toContain("progress");
    expect(everyday).not.toContain("deep");
  });

  it("prints one table of all scopes, and exits with the worst of all", async () => {
    const { code, stdout, stderr } = await quorate(SHORT);
    expect(stderr).toBe("");
    const [head, ...rows] = stdout.split("\n");
    expect(head).toMatch(/^scope +verdict +distinct +generated +depth +time +sometimes +conf/);
    expect(rows.slice(0, everyday.length).map((row) => row.split(" ")[0])).toEqual(everyday);
    for (const row of rows.slice(0, everyday.length))
      expect(row).toMatch(/limit of (states|recovery)/);
    expect(stdout).toContain(`\n\n0 of ${everyday.length} scopes exhausted with all that is`);
    expect(code).toBe(3);
  });

  it("prints one JSON object with --json", async () => {
    const { code, stdout } = await quorate([...SHORT, "--json"]);
    const { scopes: answers } = JSON.parse(stdout);
    expect(answers.map(({ scope }: { scope: string }) => scope)).toEqual(everyday);
    for (const answer of answers) {
      expect(answer).toMatchObject({ verdict: "limit", distinct: expect.any(Number) });
      expect(["states", "recovery"]).toContain(answer.stoppedBy);
    }
    expect(code).toBe(3);
  });

  it("shows nothing on its way with --quiet", async () => {
    const preload = moduleOf("process.stderr.isTTY = true");
    const { stderr } = await quorate([...SHORT, "--quiet"], { preload });
    expect(stderr).toBe("");
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("ends at %s with what is done, and exits %i", async (signal, expected) => {
    const preload = moduleOf("process.stderr.isTTY = true");
    const words = ["check", "--all", "--no-conform"];
    const { code, stdout, stderr } = await quorate(words, { preload, signal });
    expect(stderr).toContain("smoke: ");
    expect(stdout).toMatch(/\nsmoke +interrupted /);
    expect(stdout).toMatch(/; smoke: interrupted; not checked: default, clients, /);
    expect(code).toBe(expected);
  });

  it.each([
    [["smoke"], "smoke"],
    [["--servers", "5", "--trace", "x.trace"], "--servers, --trace"],
    [["--from", "x.trace"], "--from"],
    [["--verbose"], "--verbose"],
  ])("refuses %j, which means one scope", async (words, named) => {
    const { code, stderr } = await quorate(["check", "--all", ...words]);
    expect(stderr).toContain(`--all checks the scopes as they are, without ${named}\n`);
    expect(code).toBe(2);
  });
});

const bounds = { ...defaultBounds, terms: 1, log: 1, proposals: 0, messages: 1 };

/** A checker that answers what each task's `maxSeconds` says, and what it prints. */
async function conducted(
  answers: readonly Partial<CheckResult>[],
  how: { readonly json?: boolean; readonly quiet?: boolean } = {},
): Promise<string> {
  const model = await check({ bounds });
  const said: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
  const tasks: readonly Task[] = answers.map((_, i) => {
    return { scope: `scope-${i + 1}`, options: { bounds, maxSeconds: i } };
  });
  const checker = async ({ maxSeconds = 0 }): Promise<CheckResult> => {
    return { ...model, properties: [], ...answers[maxSeconds] };
  };
  const settings = { tasks, json: false, quiet: false, canColor: false, ...how };
  try {
    await conductAll(checker, settings);
  } finally {
    vi.restoreAllMocks();
  }
  return said.join("");
}

describe("the verdict on all", () => {
  afterEach(() => {
    process.exitCode = undefined;
  });

  const missing: PropertyResult = { name: "x", kind: "sometimes", result: "unreached" };
  const violated: Partial<CheckResult> = {
    verdict: "violated",
    trace: { bounds, property: "Election Safety", schedule: [], explanation: [] },
  };

  it.each<readonly [string, readonly Partial<CheckResult>[], number, string]>([
    ["all is well", [{}, {}], 0, "2 of 2 scopes exhausted"],
    ["one is cut short", [{}, { verdict: "limit", stoppedBy: "seconds" }], 3, "limit of seconds"],
    ["one misses something", [{ properties: [missing] }, {}], 1, "exhausted, 1 not reached"],
    [
      "one is violated",
      [violated, { verdict: "limit", stoppedBy: "memory" }],
      1,
      "violated: Election Safety",
    ],
  ])("where %s", async (_, answers, code, words) => {
    expect(await conducted(answers)).toContain(words);
    expect(process.exitCode).toBe(code);
  });

  it("tells how to see a violation, and is one line with --quiet", async () => {
    expect(await conducted([violated])).toMatch(/\nTo see the way to it: quorate check scope-1\n$/);
    const quiet = await conducted([violated, {}], { quiet: true });
    expect(quiet).toMatch(/^1 of 2 scopes [^\n]*; scope-1: violated: Election Safety\n$/);
  });
});
