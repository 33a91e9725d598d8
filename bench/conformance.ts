/** What it costs to check that a move is a step of the specification. */
import { defaultBounds } from "../model-checker/bounds.ts";
import { loadConformance } from "../model-checker/conformance.ts";
import type { Move } from "../model-checker/process.ts";
import { enabledActions, initialWorld, perform } from "../model-checker/world.ts";
import { lehmer, median } from "./measure.ts";

/** Moves of a cluster of three, in random order. */
const MOVES = 20_000;
const bounds = { ...defaultBounds, terms: 9, log: 9, messages: 40, crashes: 99, proposals: 9 };

export interface ConformanceFigures {
  readonly moves: number;
  readonly movesPerSecond: number;
  /** The same moves made once, by the kernel and the world around it. */
  readonly worldMovesPerSecond: number;
  /** How many times longer checking takes than happening. */
  readonly ratio: number;
}

function wander(): readonly Move[] {
  const pick = lehmer();
  const moves: Move[] = [];
  while (moves.length < MOVES) {
    let world = initialWorld(bounds);
    for (let step = 0; step < 150; step++) {
      const actions = enabledActions(world);
      const action = actions[pick(actions.length)];
      if (action === undefined) break;
      const outcome = perform(world, action);
      if ("refused" in outcome) continue;
      moves.push(...outcome.moves);
      world = outcome.world;
    }
  }
  return moves;
}

/** Checks the moves of random runs, several times; the abstraction is made anew each time. */
export async function conformanceFigures(): Promise<ConformanceFigures> {
  const made: number[] = [];
  const checked: number[] = [];
  let count = 0;
  for (let round = 0; round < 5; round++) {
    const started = performance.now();
    const moves = wander();
    made.push(performance.now() - started);
    const conformance = await loadConformance(bounds);
    const before = performance.now();
    if (moves.some((move) => conformance.check(move) !== null)) {
      throw new Error("a move does not conform");
    }
    checked.push(performance.now() - before);
    count = moves.length;
  }
  const ratio = median(checked) / median(made);
  return {
    moves: count,
    movesPerSecond: (count / median(checked)) * 1000,
    worldMovesPerSecond: (count / median(made)) * 1000,
    ratio,
  };
}
