/**
 * Which renamings can make a state canonical. Each process has a signature that no renaming
 * changes; only the renamings that sort servers by signature are tried, all of them where
 * signatures tie. The set of renamed states is the same for a whole orbit, so its least
 * member, by fingerprint or by ids, stands for the orbit.
 */
import { type Bounds, serverNames } from "../bounds.ts";
import { encode, keyOf } from "../canonical.ts";
import type { Process } from "../process.ts";
import { interchangeable, type Permutation, renamed } from "../symmetry.ts";

/** The renamings to try, by how the servers' signatures compare. */
export class Orbits {
  private readonly group: readonly Permutation[];
  private readonly classes: readonly (readonly number[])[];
  private readonly servers: number;
  private readonly byComparison: (readonly number[] | undefined)[] = [];

  constructor(bounds: Bounds, group: readonly Permutation[]) {
    this.group = group;
    this.classes = interchangeable(bounds);
    this.servers = serverNames(bounds).length;
  }

  /** Equal for processes that differ only by a renaming. */
  signatureOf(process: Process, position: number): number {
    const home = this.classes.find((positions) => positions.includes(position))?.[0] ?? position;
    const texts = this.group
      .filter(({ to }) => to[position] === home)
      .map(({ names }) => encode(renamed(process, names)));
    return keyOf(`signature ${texts.sort()[0]}`)[0];
  }

  /** The renamings to try for servers with these signatures, by position. */
  candidates(signatures: Int32Array): readonly number[] {
    let comparison = 0;
    for (let i = 1; i < this.servers; i++) {
      for (let j = 0; j < i; j++) {
        const a = signatures[j] as number;
        const b = signatures[i] as number;
        comparison = comparison * 3 + (a === b ? 0 : a < b ? 1 : 2);
      }
    }
    const known = this.byComparison[comparison];
    if (known !== undefined) return known;
    const found = this.sortingRenamings(signatures);
    this.byComparison[comparison] = found;
    return found;
  }

  private sortingRenamings(signatures: Int32Array): readonly number[] {
    const isSorted = (renaming: Permutation): boolean => {
      const inNewOrder = new Int32Array(this.servers);
      renaming.to.forEach((to, from) => {
        inNewOrder[to] = signatures[from] as number;
      });
      return this.classes.every((positions) =>
        positions.every((position, i) => {
          const before = positions[i - 1];
          return (
            before === undefined ||
            (inNewOrder[before] as number) <= (inNewOrder[position] as number)
          );
        }),
      );
    };
    return [...this.group.keys()].filter((r) => isSorted(this.group[r] as Permutation));
  }
}
