/** Long work goes on in turns, and between two of them signals are heard. */

/** Milliseconds of a turn. */
const TURN = 50;

export interface TurnOptions {
  readonly onProgress?: (steps: number) => void;
  readonly shouldStop?: () => boolean;
}

export class Turns {
  readonly #options: TurnOptions;
  /** The first ends at once, so that who is told to stop before it begins does so. */
  #ends = Number.NEGATIVE_INFINITY;
  /** Whether it was told to stop. */
  isStopped = false;

  constructor(options: TurnOptions) {
    this.#options = options;
  }

  /** Whether this turn has lasted long enough: asked after every small piece of work. */
  get isOver(): boolean {
    return performance.now() >= this.#ends;
  }

  /** Begins the next turn, after `steps` in all; false where it was told to stop. */
  async next(steps: number): Promise<boolean> {
    this.#options.onProgress?.(steps);
    await new Promise((resolve) => setImmediate(resolve));
    this.isStopped ||= this.#options.shouldStop?.() === true;
    this.#ends = performance.now() + TURN;
    return !this.isStopped;
  }
}
