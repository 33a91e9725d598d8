/**
 * A persistent map from whole numbers to values, all plain readonly data: a binary trie over the
 * bits of the key, lowest first, in which each key hangs where its bits set it apart. The shape
 * is a function of the keys alone, so equal contents are equal data. Keys that are handed out in
 * order spread evenly: depth about log2 of how many there are, 53 at the very most.
 * Holds the sessions of thesis §6.3.
 */

/** An immutable map from safe integers >= 0 to `V`; null is the empty one. */
export type NumberMap<V> = Leaf<V> | Fork<V> | null;

interface Leaf<V> {
  readonly key: number;
  readonly value: V;
}

/** Two keys at least: those whose bit is 0, and those whose bit is 1. */
interface Fork<V> {
  readonly zero: NumberMap<V>;
  readonly one: NumberMap<V>;
}

function isLeaf<V>(map: Leaf<V> | Fork<V>): map is Leaf<V> {
  return "key" in map;
}

// Keys exceed 32 bits, so no bitwise operators.
function bitOf(key: number, depth: number): number {
  return Math.floor(key / 2 ** depth) % 2;
}

/** The value of `key`; undefined where it is absent. */
export function valueAt<V>(map: NumberMap<V>, key: number): V | undefined {
  let node = map;
  for (let depth = 0; node !== null && !isLeaf(node); depth++) {
    node = bitOf(key, depth) === 0 ? node.zero : node.one;
  }
  return node !== null && node.key === key ? node.value : undefined;
}

/** The map with `value` at `key`, instead of what was there. */
export function withValue<V>(map: NumberMap<V>, key: number, value: V, depth = 0): NumberMap<V> {
  if (map === null) return { key, value };
  if (isLeaf(map)) return map.key === key ? { key, value } : apart(map, { key, value }, depth);
  return bitOf(key, depth) === 0
    ? { zero: withValue(map.zero, key, value, depth + 1), one: map.one }
    : { zero: map.zero, one: withValue(map.one, key, value, depth + 1) };
}

/** Two different keys, from the first bit at which they differ. */
function apart<V>(a: Leaf<V>, b: Leaf<V>, depth: number): Fork<V> {
  const [bitA, bitB] = [bitOf(a.key, depth), bitOf(b.key, depth)];
  if (bitA !== bitB) return bitA === 0 ? { zero: a, one: b } : { zero: b, one: a };
  const deeper = apart(a, b, depth + 1);
  return bitA === 0 ? { zero: deeper, one: null } : { zero: null, one: deeper };
}

/** The map without `key`. */
export function withoutKey<V>(map: NumberMap<V>, key: number, depth = 0): NumberMap<V> {
  if (map === null) return null;
  if (isLeaf(map)) return map.key === key ? null : map;
  const isZero = bitOf(key, depth) === 0;
  const zero = isZero ? withoutKey(map.zero, key, depth + 1) : map.zero;
  const one = isZero ? map.one : withoutKey(map.one, key, depth + 1);
  // A key that is alone needs no further bit.
  if (one === null && zero !== null && isLeaf(zero)) return zero;
  if (zero === null && one !== null && isLeaf(one)) return one;
  return { zero, one };
}
