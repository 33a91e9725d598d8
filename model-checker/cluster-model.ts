/**
 * The cluster world as a plain model: the oracle that the engine must agree with. Nothing is
 * interned, cached or summed: a state's canonical text is its identity.
 */

import type { Bounds } from "./bounds.ts";
import { canonicalWorld } from "./canonical-world.ts";
import { violationOf } from "./evaluate.ts";
import type { Model } from "./explorer.ts";
import { permutations } from "./symmetry.ts";
import {
  type Action,
  enabledActions,
  initialWorld,
  perform,
  quietly,
  type World,
} from "./world.ts";
import { renamedWorld, symmetriesOf } from "./world-symmetry.ts";

/** A world and whether the step into it broke a property. */
export interface Visit {
  readonly world: World;
  readonly violation: string | null;
}

/**
 * The model of all behaviours within `bounds`, from `first` on. With `symmetry`, states that
 * differ only by the names of servers count as one, by trying every renaming that leaves `first`
 * alone.
 */
export function clusterModel(
  bounds: Bounds,
  symmetry: boolean,
  first = initialWorld(bounds),
): Model<Visit, Action> {
  const group = symmetry ? symmetriesOf(first) : permutations(bounds).slice(0, 1);
  const quiet = quietly(first);
  return {
    initial: [{ world: first, violation: violationOf(quiet) }],
    actions: ({ world }) => enabledActions(world),
    next: ({ world }, action) => {
      const outcome = perform(world, action);
      if ("refused" in outcome) return null;
      return { world: outcome.world, violation: violationOf(outcome) };
    },
    encode: ({ world }) => {
      const texts = group.map(({ names }) => canonicalWorld(renamedWorld(world, names)));
      return texts.sort()[0] ?? "";
    },
    violation: ({ violation }) => violation,
  };
}
