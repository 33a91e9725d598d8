/**
 * What engine and oracle say of whatever kernel is loaded, within the bounds given as JSON: run it
 * in a process with `test/mutants/hooks.ts`. Prints `Opinion`s as JSON.
 */
import type { Bounds } from "../../model-checker/bounds.ts";
import { check } from "../../model-checker/check.ts";
import { clusterModel } from "../../model-checker/cluster-model.ts";
import { violationOf } from "../../model-checker/evaluate.ts";
import { explore } from "../../model-checker/explorer.ts";
import type { Counterexample } from "../../model-checker/result.ts";
import { parseAction } from "../../model-checker/schedule.ts";
import { initialWorld, perform } from "../../model-checker/world.ts";
import { always } from "../../spec/index.ts";

/** A violation as one of the routes sees it. */
export interface Opinion {
  readonly route: string;
  readonly property: string | null;
  /** Actions to the violation. */
  readonly length: number | null;
  /** Whether in the plain world the same schedule ends with that violation, and has none before. */
  readonly isReplayed: boolean;
}

function isReplayed({ bounds, schedule, property }: Counterexample): boolean {
  const named = always.filter(({ name }) => name === property);
  let world = initialWorld(bounds);
  for (const [position, line] of schedule.entries()) {
    const action = parseAction(world, line);
    if ("fault" in action) return false;
    const outcome = perform(world, action);
    if ("refused" in outcome) return false;
    if (position === schedule.length - 1) return violationOf(outcome, named) === property;
    if (violationOf(outcome) !== null) return false;
    world = outcome.world;
  }
  return false;
}

async function opinions(bounds: Bounds): Promise<readonly Opinion[]> {
  const result: Opinion[] = [];
  for (const symmetry of [false, true]) {
    const { violation } = explore(clusterModel(bounds, symmetry));
    const property = violation?.property ?? null;
    const length = violation?.actions.length ?? null;
    result.push({ route: `oracle, symmetry ${symmetry}`, property, length, isReplayed: true });
    for (const exact of [false, true]) {
      const { trace } = await check({ bounds, symmetry, exact });
      result.push({
        route: `engine, symmetry ${symmetry}, exact ${exact}`,
        property: trace?.property ?? null,
        length: trace?.schedule.length ?? null,
        isReplayed: trace !== null && isReplayed(trace),
      });
    }
  }
  return result;
}

console.log(JSON.stringify(await opinions(JSON.parse(process.argv[2] ?? "") as Bounds)));
