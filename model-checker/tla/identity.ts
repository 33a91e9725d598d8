/**
 * When two states count as one: equal values, or equal VIEWs, or values that differ only by a
 * permutation of SYMMETRY. A state is known by two lanes of 32 bits of its hash. Specifying
 * Systems §14.3.3 and §14.3.4.
 */
import type { ConfigName } from "./config.ts";
import type { TlaState } from "./model.ts";
import { TlaError } from "./syntax.ts";
import {
  FunctionValue,
  hashHigh,
  hashLow,
  ModelValue,
  permute,
  SetValue,
  type Value,
} from "./values/index.ts";

/** The identity of a state. */
export interface Fingerprint {
  readonly low: number;
  readonly high: number;
}

export type Permutation = ReadonlyMap<ModelValue, ModelValue>;

/** The fingerprint of what is `seen` of a state: the least among its images under `given`. */
export function fingerprinting(
  seen: (state: TlaState) => TlaState,
  given: readonly Permutation[],
): (state: TlaState) => Fingerprint {
  const images = permutationGroup(given).map(imagesUnder);
  if (images.length === 0) return (state) => lanes(seen(state));
  return (state) => {
    let least = lanes(seen(state));
    for (const image of images) {
      const other = lanes(seen(image(state)));
      const isLess = other.low < least.low || (other.low === least.low && other.high < least.high);
      if (isLess) least = other;
    }
    return least;
  };
}

/** The permutations in the value of a SYMMETRY. */
export function permutationsIn(value: Value, named: ConfigName): readonly Permutation[] {
  if (!(value instanceof SetValue)) {
    throw new TlaError(`SYMMETRY ${named.name} should be a set of permutations`, named.at);
  }
  return value.elements().map((element) => {
    if (!(element instanceof FunctionValue)) {
      throw new TlaError(`SYMMETRY ${named.name} should be a set of functions`, named.at);
    }
    const keys = element.domain().elements();
    return new Map(
      keys.map((key) => [modelValueOf(key, named), modelValueOf(element.apply(key), named)]),
    );
  });
}

function modelValueOf(value: Value, { name, at }: ConfigName): ModelValue {
  if (value instanceof ModelValue) return value;
  throw new TlaError(`SYMMETRY ${name} should permute model values`, at);
}

/** All products of the permutations given, the identity left out. */
function permutationGroup(given: readonly Permutation[]): readonly Permutation[] {
  const moved = (p: Permutation): Permutation =>
    new Map([...p].filter(([from, to]) => from !== to));
  const keyOf = (p: Permutation): string =>
    [...p]
      .map(([from, to]) => `${from.name}>${to.name}`)
      .sort()
      .join();
  const generators = given.map(moved).filter((p) => p.size > 0);
  const group = new Map<string, Permutation>();
  let fresh: readonly Permutation[] = generators;
  while (fresh.length > 0) {
    for (const p of fresh) group.set(keyOf(p), p);
    const products = fresh.flatMap((p) => generators.map((q) => moved(after(p, q))));
    fresh = products.filter((p) => p.size > 0 && !group.has(keyOf(p)));
  }
  return [...group.values()];
}

/** The images of states: one that shares values with the state before it shares their images. */
function imagesUnder(permutation: Permutation): (state: TlaState) => TlaState {
  const last: Value[] = [];
  const image: Value[] = [];
  return (state) => {
    for (let i = 0; i < state.length; i++) {
      const value = state[i] as Value;
      if (value === last[i]) continue;
      image[i] = permute(value, permutation);
      last[i] = value;
    }
    return image;
  };
}

/** `p`, then `q`. */
function after(p: Permutation, q: Permutation): Permutation {
  const names = new Set([...p.keys(), ...q.keys()]);
  return new Map(
    [...names].map((name) => {
      const first = p.get(name) ?? name;
      return [name, q.get(first) ?? first];
    }),
  );
}

/** Both lanes of a state's hash: its values' hashes, each multiplied by its place. */
function lanes(state: TlaState): Fingerprint {
  let low = 0x2545f491;
  let high = 0x9e3779b9 | 0;
  for (let i = 0; i < state.length; i++) {
    low = Math.imul(low ^ hashLow(state[i] as Value), 0x85ebca6b);
    low ^= low >>> 13;
    high = Math.imul(high ^ hashHigh(state[i] as Value), 0xc2b2ae35 | 0);
    high ^= high >>> 16;
  }
  return { low: low | 0, high: high | 0 };
}
