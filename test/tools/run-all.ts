/**
 * `npm test`: types, lint, tests with their coverage, and one exhaustive check. Everything that
 * ran is counted in one closing line, `N passed, N failed`; the exit code is 1 where anything
 * failed, or where no test ran.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type CheckResult, unreached } from "../../model-checker/result.ts";

/** What a finished command left. */
export interface Finished {
  /** 0 where it went well. A command that could not start, or died of a signal, is not 0. */
  readonly code: number;
  readonly stdout: string;
  /** Both streams, as they came. */
  readonly output: string;
}

/** How a step fared: `note` is for its line, `details` for what failed. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly note: string;
  readonly details: string;
}

/** A step counts as one test, or brings its own count. */
interface Step {
  readonly name: string;
  readonly run: () => Promise<readonly Outcome[]>;
}

const root = join(import.meta.dirname, "../..");

/** Runs a command of this project in its root folder; never throws. */
function finish(command: string, ...words: readonly string[]): Promise<Finished> {
  const path = `${join(root, "node_modules/.bin")}${delimiter}${process.env["PATH"] ?? ""}`;
  return new Promise((resolve) => {
    const child = spawn(command, words, { cwd: root, env: { ...process.env, PATH: path } });
    let [stdout, output] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.on("error", (error) => resolve({ code: 1, stdout, output: `${output}${error.message}` }));
    child.on("close", (code) => resolve({ code: code ?? 1, stdout, output }));
  });
}

function one(isGood: boolean, note: string, details: string): Outcome {
  return { passed: isGood ? 1 : 0, failed: isGood ? 0 : 1, note, details };
}

/** A step that passes where its command exits with 0. */
function command(name: string, program: string, ...words: readonly string[]): Step {
  const run = async (): Promise<readonly Outcome[]> => {
    const { code, output } = await finish(program, ...words);
    return [one(code === 0, "", `${[program, ...words].join(" ")}\n${output}`)];
  };
  return { name, run };
}

/** What Vitest's JSON reporter writes, as far as it is read here. */
export interface TestReport {
  readonly numTotalTests: number;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly unknown[];
  }[];
}

/**
 * Tests and their coverage, from Vitest's report (null: there is none) and what c8 printed. A
 * file that could not be loaded is one failure, and so is an error outside of every test.
 */
export function judgeTests(report: TestReport | null, finished: Finished): readonly Outcome[] {
  const { code, output } = finished;
  const isCovered = !output.includes("ERROR: Coverage for") && output.includes("Lines ");
  const coverage = one(isCovered, "coverage", output);
  if (report === null || report.numTotalTests === 0) {
    return [{ passed: 0, failed: 1, note: "0 tests ran", details: output }, coverage];
  }
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && assertionResults.length === 0,
  );
  let failed = report.numFailedTests + unloaded.length;
  if (failed === 0 && code !== 0 && isCovered) failed = 1;
  const skipped = report.numPendingTests === 0 ? "" : `, ${report.numPendingTests} skipped`;
  const note = `${report.numTotalTests} tests${skipped}`;
  return [{ passed: report.numPassedTests, failed, note, details: output }, coverage];
}

async function runTests(): Promise<readonly Outcome[]> {
  const folder = mkdtempSync(join(tmpdir(), "quorate-test-"));
  const file = join(folder, "report.json");
  try {
    const words = ["vitest", "run", "--reporter=dot", "--reporter=json"];
    const finished = await finish("c8", ...words, `--outputFile.json=${file}`);
    const report = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
    return judgeTests(report as TestReport | null, finished);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The check passes where all was visited, checked to conform and reached, and nothing violated. */
export function judgeCheck({ code, stdout, output }: Finished): Outcome {
  let result: CheckResult;
  try {
    result = JSON.parse(stdout) as CheckResult;
  } catch {
    return one(false, "it printed no result", output);
  }
  const missed = unreached(result);
  const { verdict, conformance, distinct } = result;
  const isGood =
    code === 0 && verdict === "exhausted" && missed.length === 0 && conformance !== null;
  const counted = (n: number): string => n.toLocaleString("en-US");
  const checked = `${counted(conformance?.conforming ?? 0)} transitions conform`;
  const states = `${counted(distinct)} states, ${checked}`;
  const note = isGood ? `exhausted, ${states}` : `${verdict}, ${states}`;
  return one(isGood, note, missed.length > 0 ? `unreached: ${missed.join(", ")}` : output);
}

const steps: readonly Step[] = [
  command("types", "tsc", "-p", "tsconfig.json"),
  command("types of the kernel alone", "tsc", "-p", "kernel/tsconfig.json"),
  command("lint", "biome", "check", "--error-on-warnings", "."),
  { name: "tests", run: runTests },
  {
    name: "exhaustive check",
    run: async () => [judgeCheck(await finish("tsx", "cli/main.ts", "check", "smoke", "--json"))],
  },
];

async function main(): Promise<void> {
  let [passed, failed] = [0, 0];
  for (const { name, run } of steps) {
    const started = performance.now();
    const outcomes = await run();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const isGood = outcomes.every((outcome) => outcome.failed === 0);
    const notes = outcomes.map(({ note, failed: bad }) => (bad > 0 ? `${note} FAILED` : note));
    const words = [isGood ? "ok    " : "FAILED", name.padEnd(26), `${seconds} s`.padStart(8)];
    console.log([...words, ` ${notes.filter(Boolean).join(", ")}`].join(" ").trimEnd());
    const details = outcomes.filter((outcome) => outcome.failed > 0).map((o) => o.details.trim());
    for (const text of new Set(details)) console.log(`\n${text}\n`);
    for (const outcome of outcomes) {
      passed += outcome.passed;
      failed += outcome.failed;
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
