/** Symmetry of whole worlds: what renaming the servers leaves as it is. */
import { canonicalWorld } from "./canonical-world.ts";
import { type Permutation, permutations, renamed } from "./symmetry.ts";
import type { World } from "./world.ts";

/** `world` with its servers renamed. */
export function renamedWorld(world: World, names: Permutation["names"]): World {
  return {
    ...world,
    processes: [...renamed(world.processes, names)],
    network: renamed(world.network, names),
    environment: renamed(world.environment, names),
  };
}

/**
 * The renamings that leave `world` alone, the identity first: a group. What can follow from
 * `world` is symmetric under these and no others; before anything happened, they are all.
 */
export function symmetriesOf(world: World): readonly Permutation[] {
  const text = canonicalWorld(world);
  return permutations(world.bounds).filter(
    ({ names }) => canonicalWorld(renamedWorld(world, names)) === text,
  );
}
