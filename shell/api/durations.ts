/** How long something took, counted into a histogram: two additions and a short search each. */
import type * as Metric from "effect/Metric";

/** Upper bounds of the buckets, in seconds: from a fast disk's write to what times out. */
const BOUNDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/**
 * A histogram of durations. Its counts are numbers: Effect's own histogram has 32 bits for each
 * bucket, which a busy server fills in days.
 */
export class Durations {
  readonly #counts: number[] = BOUNDS.map(() => 0);
  #count = 0;
  #sum = 0;

  /** Something took so many seconds. */
  add(seconds: number): void {
    let at = 0;
    while (at < BOUNDS.length && seconds > (BOUNDS[at] as number)) at++;
    if (at < BOUNDS.length) this.#counts[at] = (this.#counts[at] as number) + 1;
    this.#count++;
    this.#sum += seconds;
  }

  /** What was counted so far, each bucket with all below it. */
  get state(): Metric.HistogramState {
    let below = 0;
    const buckets = BOUNDS.map((bound, at): [number, number] => {
      below += this.#counts[at] as number;
      return [bound, below];
    });
    // No exposition has a place for the least and the most.
    return { buckets, count: this.#count, sum: this.#sum, min: Number.NaN, max: Number.NaN };
  }
}
