/** Timing: warm up, then several rounds of which the median counts. */

/** What is run `count` times; what it returns is kept, so that nothing is optimised away. */
export type Work = (count: number) => unknown;

const ROUNDS = 9;
let kept: unknown;

/** The middle of `numbers`. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}

/** Nanoseconds that one of `count` takes. */
function nanosecondsEach(work: Work, count: number): number {
  const started = process.hrtime.bigint();
  kept = work(count);
  return Number(process.hrtime.bigint() - started) / count;
}

/**
 * Nanoseconds an operation, for each of `works`: the median of rounds that take turns, so that
 * a busy moment of the machine hits all of them alike.
 */
export function nanoseconds(works: readonly Work[], count: number): readonly number[] {
  for (let i = 0; i < 3; i++) for (const work of works) nanosecondsEach(work, count);
  const rounds = works.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, work] of works.entries()) rounds[i]?.push(nanosecondsEach(work, count));
  }
  return rounds.map(median);
}

/** A generator of numbers that are the same in every run (Lehmer's, modulus 2^31 - 1). */
export function lehmer(): (below: number) => number {
  let seed = 20_141_119;
  return (below) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
}

/** What was kept, so that it counts as used. */
export function lastKept(): unknown {
  return kept;
}
