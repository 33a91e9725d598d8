/**
 * Whether a cluster of whatever kernel is loaded can always get on once faults stop, within the
 * small bounds of `bounds.ts`: Progress alone, whatever else is violated. Prints a `Finding` as
 * JSON: run it in a process with `hooks.ts`.
 */
import { check } from "../../model-checker/check.ts";
import { MAX_SECONDS, progressFocuses } from "./bounds.ts";
import type { Finding } from "./finding.ts";

async function run(): Promise<Finding> {
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  for (const { name, bounds } of progressFocuses) {
    const { trace } = await check({ bounds, progress: "only", maxSeconds: MAX_SECONDS });
    if (trace === null) continue;
    const { property, schedule } = trace;
    return { property, traceLength: schedule.length, seconds: seconds(), scope: name };
  }
  return { property: null, traceLength: null, seconds: seconds(), scope: null };
}

console.log(JSON.stringify(await run()));
