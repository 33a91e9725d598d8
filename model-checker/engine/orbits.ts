/**
 * Which renamings can make a state canonical. Each process has a signature that no renaming
 * changes; only the renamings that sort servers by signature are tried, all of them where
 * signatures tie. The set of renamed states is the same for a whole orbit, so its least
 * member, by fingerprint or by ids, stands for the orbit. Of a partial group all are tried.
 */
import { type Bounds, serverNames } from "../bounds.ts";
import { encode, keyOf } from "../canonical.ts";
import type { Process } from "../process.ts";
import { interchangeable, type Permutation, permutations, renamed } from "../symmetry.ts";

/** The renamings to try, by how the servers' signatures compare. */
export class Orbits {
  private readonly group: readonly Permutation[];
  private readonly all: readonly number[];
  private readonly classes: readonly (readonly number[])[];
  private readonly servers: number;
  private readonly byComparison: (readonly number[] | undefined)[] = [];
  /** Whether the group is of some renamings only: it may have none that sorts. */
  private readonly isPartial: boolean;

  constructor(bounds: Bounds, group: readonly Permutation[]) {
    this.group = group;
    this.all = [...group.keys()];
    this.classes = interchangeable(bounds);
    this.servers = serverNames(bounds).length;
    this.isPartial = group.length < permutations(bounds).length;
  }

  /** Equal for processes that differ only by a renaming. */
  signatureOf(process: Process, position: number): number {
    if (this.isPartial) return 0;
    const home = this.classes.find((positions) => positions.includes(position))?.[0] ?? position;
    const texts = this.group
      .filter(({ to }) => to[position] === home)
      .map(({ names }) => encode(renamed(process, names)));
    return keyOf(`signature ${texts.sort()[0]}`)[0];
  }

  /** The renamings to try for servers with these signatures, by position. */
  candidates(signatures: Int32Array): readonly number[] {
    if (this.isPartial) return this.all;
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
