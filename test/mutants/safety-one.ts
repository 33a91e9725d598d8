/**
 * Performs the trace that the argument names in whatever kernel is loaded, and prints which of the
 * safety properties of Figure 3.2 breaks first, and at which line: `{ property, line }`; null where
 * none does as far as the trace can be performed. Run it in a process with `hooks.ts`.
 */
import { readFileSync } from "node:fs";
import { violationOf } from "../../model-checker/evaluate.ts";
import { parseAction } from "../../model-checker/schedule.ts";
import { parseTrace, type Trace } from "../../model-checker/trace.ts";
import { initialWorld, perform } from "../../model-checker/world.ts";
import {
  electionSafety,
  leaderAppendOnly,
  leaderCompleteness,
  logMatching,
  stateMachineSafety,
} from "../../spec/index.ts";

/** They know nothing of how a kernel works. */
const safety = [
  electionSafety,
  leaderAppendOnly,
  logMatching,
  leaderCompleteness,
  stateMachineSafety,
];

/** The first violation of a run, and the line of the trace that brought it about. */
export interface Violation {
  readonly property: string;
  readonly line: number;
}

function firstViolation({ bounds, actions }: Trace): Violation | null {
  let world = initialWorld(bounds);
  for (const { text, line } of actions) {
    const action = parseAction(world, text);
    // Another kernel may not have sent what the trace delivers.
    if ("fault" in action) return null;
    const outcome = perform(world, action);
    if ("refused" in outcome) return null;
    const property = violationOf(outcome, safety);
    if (property !== null) return { property, line };
    world = outcome.world;
  }
  return null;
}

const [, , path = ""] = process.argv;
const trace = parseTrace(readFileSync(path, "utf8"));
if ("fault" in trace) throw new Error(`${path}:${trace.line}: ${trace.fault}`);
console.log(JSON.stringify(firstViolation(trace)));
