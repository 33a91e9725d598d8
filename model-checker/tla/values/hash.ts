/**
 * The arithmetic of the two hash lanes of a value. Each lane is 32 bits and mixes with constants
 * of its own, so together they make a fingerprint of 64 bits without BigInt.
 *
 * The hash of a set is the sum of its elements' contributions, and that of a function the sum over
 * its pairs: independent of any order, so that a hash depends on content only, and a set with one
 * more element or a function with one changed value is hashed from its origin by one addition.
 */

/** A bijection on int32 in which each bit of the result depends on each bit of `bits`. */
export function mixLow(bits: number): number {
  let hash = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** As `mixLow`, with constants of its own. */
export function mixHigh(bits: number): number {
  let hash = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return hash ^ (hash >>> 16);
}

const SMALL = 1024;
const smallLow = Int32Array.from({ length: SMALL }, (_, value) => mixLow(value ^ 0x2545f491));
const smallHigh = Int32Array.from({ length: SMALL }, (_, value) => mixHigh(value ^ 0x5bd1e995));

/** The lanes of an integer; most integers are small, and read from a table. */
export const integerLow = (value: number): number =>
  value >= 0 && value < SMALL ? smallLow[value]! : mixLow(value ^ 0x2545f491);
export const integerHigh = (value: number): number =>
  value >= 0 && value < SMALL ? smallHigh[value]! : mixHigh(value ^ 0x5bd1e995);

/** What a pair of argument and value adds to the lane of a function. */
export const pairLow = (key: number, value: number): number =>
  mixLow(Math.imul(key, 0x9e3779b1) + value);
export const pairHigh = (key: number, value: number): number =>
  mixHigh(Math.imul(key, 0x3c6ef372 + 1) + value);

/** Where the lanes of a function start: the empty function is unlike the empty set. */
export const FUNCTION_LOW = 0x1b873593;
export const FUNCTION_HIGH = 0x38b34ae5;

/** The lane of a text; `seed` keeps strings and model values of the same text apart. */
export function textLow(text: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return mixLow(hash ^ text.length);
}

/** As `textLow`, for the other lane. */
export function textHigh(text: string, seed: number): number {
  let hash = ~seed;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash, 0x5bd1e995) + text.charCodeAt(index);
    hash ^= hash >>> 15;
  }
  return mixHigh(hash ^ text.length);
}
