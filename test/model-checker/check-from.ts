/**
 * What a check of whatever kernel is loaded answers, within the bounds given as JSON, from where
 * the schedule given as text ends: run it in a process with `test/mutants/hooks.ts`.
 */
import type { Bounds } from "../../model-checker/bounds.ts";
import { check } from "../../model-checker/check.ts";
import { parsePrefix } from "../../model-checker/prefix.ts";

const [, , bounds = "", schedule = ""] = process.argv;
const from = parsePrefix(schedule);
if ("fault" in from) throw new Error(from.fault);
console.log(JSON.stringify(await check({ bounds: JSON.parse(bounds) as Bounds, from })));
