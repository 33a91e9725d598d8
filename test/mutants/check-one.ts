/**
 * The exhaustive check of whatever kernel is loaded, over the small bounds of `bounds.ts` until
 * one is violated. Prints a `Finding` as JSON: run it in a process with `hooks.ts`.
 */
import { check } from "../../model-checker/check.ts";
import { type CheckResult, unreached } from "../../model-checker/result.ts";
import { type Focus, MAX_SECONDS } from "./bounds.ts";
import type { Finding } from "./finding.ts";
import { focusesOfMutant } from "./focuses-of.ts";

type Shown = Pick<Finding, "property" | "traceLength">;

/** What a check within `focus` shows: a violation, or that something cannot be reached. */
function shown({ reaches }: Focus, result: CheckResult): Shown {
  const { trace, verdict } = result;
  if (trace !== null) return { property: trace.property, traceLength: trace.schedule.length };
  const missing = unreached(result).find((name) => reaches.includes(name));
  const isMissed = verdict === "exhausted" && missing !== undefined;
  return { property: isMissed ? `unreached: ${missing}` : null, traceLength: null };
}

/** What the first of `list` shows that shows something; a violation before all else. */
async function run(list: readonly Focus[]): Promise<Finding> {
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  let missing: Finding | null = null;
  for (const focus of list) {
    const { name, bounds } = focus;
    const result = await check({ bounds, symmetry: true, maxSeconds: MAX_SECONDS });
    const finding = { ...shown(focus, result), seconds: seconds(), scope: name };
    if (finding.traceLength !== null) return finding;
    if (finding.property !== null) missing ??= finding;
  }
  return missing ?? { property: null, traceLength: null, seconds: seconds(), scope: null };
}

console.log(JSON.stringify(await run(focusesOfMutant("all"))));
