/**
 * Performs the schedule in the standard input, one action a line, in whatever kernel is loaded,
 * within the bounds that the argument gives as JSON, and prints which of the properties that know
 * nothing of how the kernel works breaks first, and at which line: `{ property, line }`, or null.
 * Run it in a process with `hooks.ts`.
 */
import { text } from "node:stream/consumers";
import { type Bounds, defaultBounds } from "../../model-checker/bounds.ts";
import { violationOf } from "../../model-checker/evaluate.ts";
import { parseAction } from "../../model-checker/schedule.ts";
import { initialWorld, perform } from "../../model-checker/world.ts";
import {
  electionSafety,
  leaderCompleteness,
  logMatching,
  stateMachineSafety,
} from "../../spec/index.ts";

const safety = [electionSafety, logMatching, leaderCompleteness, stateMachineSafety];
const bounds: Bounds = { ...defaultBounds, ...JSON.parse(process.argv[2] ?? "{}") };
const schedule = (await text(process.stdin)).split("\n").filter((line) => line.trim() !== "");

function firstViolation(): { readonly property: string; readonly line: string } | null {
  let world = initialWorld(bounds);
  for (const line of schedule) {
    const action = parseAction(world, line);
    if ("fault" in action) throw new Error(`"${line}": ${action.fault}`);
    const outcome = perform(world, action);
    if ("refused" in outcome) throw new Error(`"${line}": ${outcome.refused}`);
    const property = violationOf(outcome, safety);
    if (property !== null) return { property, line };
    world = outcome.world;
  }
  return null;
}

console.log(JSON.stringify(firstViolation()));
