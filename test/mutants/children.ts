/** The ways of looking, each a process of its own with one mutant in its kernel. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Finding } from "./finding.ts";

/** A way of looking. */
export type Way = "unit" | "exhaustive" | "progress" | "schedules" | "conformance";

/** All of them, in the order of the matrix. */
export const WAYS: readonly Way[] = ["unit", "exhaustive", "progress", "schedules", "conformance"];

/** Seconds after which a child is ended, far beyond what it needs: a bug may loop for ever. */
const TIMEOUT_SECONDS: Readonly<Record<Way, number>> = {
  unit: 30,
  exhaustive: 300,
  progress: 120,
  schedules: 60,
  conformance: 300,
};

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const ROOT = here("../..");
const VITEST = here("../../node_modules/vitest/vitest.mjs");

const COMMANDS: Readonly<Record<Way, readonly string[]>> = {
  unit: [VITEST, "run", "--config", here("vitest.config.ts"), "--reporter=json"],
  exhaustive: ["--import", here("hooks.ts"), here("check-one.ts")],
  progress: ["--import", here("hooks.ts"), here("progress-one.ts")],
  schedules: ["--import", here("hooks.ts"), here("attack-one.ts")],
  conformance: ["--import", here("hooks.ts"), here("conform-one.ts")],
};

/** Looks at the kernel with that mutant in it, or at the kernel as it is, for null. */
export async function look(way: Way, mutant: string | null): Promise<Finding> {
  const start = performance.now();
  const output = await outputOf(way, mutant ?? "");
  const seconds = (performance.now() - start) / 1000;
  if (output === null) {
    // A test that hangs has failed; a search that hangs has shown nothing.
    const property = way === "unit" ? "it does not end" : null;
    return { property, traceLength: null, seconds, scope: "it does not end" };
  }
  return way === "unit" ? failedTest(output, seconds) : (parsed(output) as Finding);
}

/** What the child prints, or null where it had to be ended. Rejects where that is no result. */
function outputOf(way: Way, mutant: string): Promise<string | null> {
  // A group of its own, so that it is ended with its own children.
  const child = spawn(process.execPath, COMMANDS[way], {
    cwd: ROOT,
    env: { ...process.env, QUORATE_MUTANT: mutant },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  }, TIMEOUT_SECONDS[way] * 1000);
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => {
      clearTimeout(timer);
      if (isLate) resolve(null);
      else if (output.includes("{")) resolve(output);
      else reject(new Error(`${way}, mutant ${mutant}: no result\n${errors}`));
    });
  });
}

function parsed(output: string): unknown {
  return JSON.parse(output.slice(output.indexOf("{")));
}

interface TestReport {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** The first failed test of a report. */
function failedTest(output: string, seconds: number): Finding {
  const { success, testResults } = parsed(output) as TestReport;
  if (success) return { property: null, traceLength: null, seconds, scope: null };
  const file = testResults.find(({ status }) => status === "failed");
  const test = file?.assertionResults.find(({ status }) => status === "failed");
  const scope = file?.name.slice(ROOT.length) ?? null;
  return { property: test?.fullName ?? "a test file fails", traceLength: null, seconds, scope };
}
