/** Progress of one world: whether its servers can reach every goal once faults stop. */
import { goals } from "../spec/index.ts";
import { Recovery } from "./engine/recovery.ts";
import { permutations } from "./symmetry.ts";
import type { World } from "./world.ts";

/**
 * The goals that `world` cannot reach once faults stop, with what is in flight lost; null where
 * it can. An empty list: each can be reached, and never all at once.
 */
export function missingGoals({ bounds, processes }: World): readonly string[] | null {
  const recovery = new Recovery(bounds, permutations(bounds).slice(0, 1), false);
  return recovery.missingFrom(processes);
}

/** What cannot be reached, in a few lines. */
export function missingLines(missing: readonly string[]): readonly string[] {
  const head = "Faults stop here: what is in flight is lost, and servers that are down restart.";
  if (missing.length === 0) return [head, "Each goal can be reached, and never all at once."];
  const named = goals.filter(({ name }) => missing.includes(name));
  const lines = named.map(({ name, rule }) => `Out of reach is "${name}": ${rule}`);
  return [head, ...lines];
}
