/** What one server can be, and can be sent, within some bounds. */
import type { Message, ServerId } from "../../../kernel/index.ts";
import type { Bounds } from "../../../model-checker/bounds.ts";
import { encode } from "../../../model-checker/canonical.ts";
import type { Conformance } from "../../../model-checker/conformance-contract.ts";
import { Search } from "../../../model-checker/engine/search.ts";
import type { Move, Process } from "../../../model-checker/process.ts";
import { permutations, renamed } from "../../../model-checker/symmetry.ts";

/** The server that stands for all: they are interchangeable. */
export const SERVER = "n1";

/** The states and messages of `SERVER` that an exhaustive run finds. */
export interface Reached {
  readonly bounds: Bounds;
  /** Its states, those between an input and the completion of its write among them. */
  readonly processes: readonly Process[];
  /** All that is addressed to it, in whatever state. */
  readonly messages: readonly Message[];
  /** Which message it gets in which state. */
  readonly deliveries: readonly (readonly [Process, Message])[];
}

/** Exhausts `bounds`; all servers must be voters. */
export function reachedWithin(bounds: Bounds): Reached {
  const moves: Move[] = [];
  const figures = { transitions: 0, conforming: 0, stutters: 0 };
  const conformance: Conformance = {
    check: (move) => {
      moves.push(move);
      return null;
    },
    figures: { ...figures, actionsExercised: [], actionsNeverExercised: [] },
  };
  const search = new Search(bounds, { symmetry: true, conformance });
  while (search.expandSome(1 << 12));
  const renamings = permutations(bounds).map(({ names }) => names);
  /** `values` and what is equal to one but for the names, where it is about `SERVER`. */
  const orbits = <T>(values: readonly T[], serverOf: (value: T) => ServerId): readonly T[] => {
    const images = [...new Set(values)].flatMap((value) =>
      renamings
        .filter((names) => names.get(serverOf(value)) === SERVER)
        .map((names) => renamed(value, names)),
    );
    return [...new Map(images.map((image) => [encode(image), image])).values()];
  };
  return {
    bounds,
    processes: orbits(
      moves.flatMap(({ before, after }) => [before, after]),
      ({ id }) => id,
    ),
    messages: orbits(
      search.packets.components.values.map(({ message }) => message),
      ({ to }) => to,
    ),
    deliveries: orbits(
      moves.flatMap(({ before, input }): (readonly [Process, Message])[] =>
        input.kind === "message" ? [[before, input.message]] : [],
      ),
      ([{ id }]) => id,
    ),
  };
}
