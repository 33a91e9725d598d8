/**
 * What engine and oracle say of Progress of whatever kernel is loaded, within the bounds given as
 * JSON: run it in a process with `test/mutants/hooks.ts`. Prints `Opinion`s as JSON; with the word
 * `engine` after the bounds, the engine's alone.
 */
import type { Bounds } from "../../model-checker/bounds.ts";
import { check } from "../../model-checker/check.ts";
import { replay } from "../../model-checker/replay.ts";
import { traceOf } from "../../model-checker/trace.ts";
import { decidePlainly } from "./recovery-oracle.ts";
import type { Opinion } from "./violation.ts";

async function opinions(bounds: Bounds, isOracleAsked: boolean): Promise<readonly Opinion[]> {
  const result: Opinion[] = [];
  if (isOracleAsked) {
    const { length } = decidePlainly(bounds);
    const property = length === null ? null : "Progress";
    result.push({ route: "oracle", property, length, isReplayed: true });
  }
  for (const symmetry of [false, true]) {
    for (const exact of [false, true]) {
      const { trace } = await check({ bounds, symmetry, exact, progress: "only" });
      result.push({
        route: `engine, symmetry ${symmetry}, exact ${exact}`,
        property: trace?.property ?? null,
        length: trace?.schedule.length ?? null,
        isReplayed: trace !== null && replay(traceOf(trace)).ok,
      });
    }
  }
  return result;
}

const [, , bounds = "", word] = process.argv;
console.log(JSON.stringify(await opinions(JSON.parse(bounds) as Bounds, word !== "engine")));
