/** What a failed attack leaves behind: a file, and one command that runs it again. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LIVENESS } from "../../model-checker/liveness.ts";
import { formatTrace, traceOf } from "../../model-checker/trace.ts";
import type { Violation } from "./run.ts";

const FOLDER = ".tmp";

/** The text of a violation as a trace file; that nothing happens is no property of a state. */
export function traceText(violation: Violation): string {
  const { property, detail } = violation;
  const trace = traceOf(violation);
  const about = detail === "" ? "" : `# ${property}: ${detail}\n`;
  return formatTrace(property === LIVENESS ? { ...trace, property: null } : trace) + about;
}

/** Saves the schedule of `violation` and says how to run it again. */
export function report(violation: Violation, name: string): string {
  const { property, detail, schedule } = violation;
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `${name}.trace`);
  writeFileSync(file, traceText(violation));
  const what = detail === "" ? property : `${property} (${detail})`;
  return `${what} violated by ${schedule.length} actions\nreproduce: npm run quorate -- replay ${file}`;
}
