/**
 * A persistent vector: a 32-way trie with a tail, all plain readonly data. Appending copies at
 * most one tail and, every 32nd time, one path; dropping a suffix keeps what remains shared.
 * The shape is a function of the length alone, so equal contents are equal data (thesis §3.5
 * needs: append, truncate, read by position).
 */
import { assert } from "./assert.ts";

const BITS = 5;
const WIDTH = 1 << BITS;
const MASK = WIDTH - 1;

type Node<T> = readonly (Node<T> | T)[];

/** An immutable sequence of `T`. Positions count from 0. */
export interface Vector<T> {
  readonly length: number;
  /** Levels below the root, in bits; 0 while the root is itself a leaf or empty. */
  readonly shift: number;
  readonly root: Node<T>;
  readonly tail: readonly T[];
}

const EMPTY: Vector<never> = { length: 0, shift: 0, root: [], tail: [] };

/** The vector of nothing. */
export function emptyVector<T>(): Vector<T> {
  return EMPTY;
}

function tailStart(length: number): number {
  return length === 0 ? 0 : (length - 1) & ~MASK;
}

function leafAt<T>(vector: Vector<T>, position: number): readonly T[] {
  if (position >= tailStart(vector.length)) return vector.tail;
  let node: Node<T> = vector.root;
  for (let shift = vector.shift; shift > 0; shift -= BITS) {
    node = node[(position >>> shift) & MASK] as Node<T>;
  }
  return node as readonly T[];
}

/** The element at `position`, which must lie inside. O(log32 length). */
export function at<T>(vector: Vector<T>, position: number): T {
  assert(position >= 0 && position < vector.length, "a vector is read inside its bounds");
  return leafAt(vector, position)[position & MASK] as T;
}

function chain<T>(shift: number, leaf: Node<T>): Node<T> {
  return shift === 0 ? leaf : [chain(shift - BITS, leaf)];
}

function insertLeaf<T>(node: Node<T>, shift: number, position: number, leaf: Node<T>): Node<T> {
  if (shift === 0) return leaf;
  const slot = (position >>> shift) & MASK;
  const child = node[slot] as Node<T> | undefined;
  const replaced =
    child === undefined
      ? chain(shift - BITS, leaf)
      : insertLeaf(child, shift - BITS, position, leaf);
  return [...node.slice(0, slot), replaced];
}

/** A vector with `value` added at the end. Amortised O(1); the old vector stays valid. */
export function append<T>(vector: Vector<T>, value: T): Vector<T> {
  if (vector.tail.length < WIDTH) {
    return { ...vector, length: vector.length + 1, tail: [...vector.tail, value] };
  }
  const position = tailStart(vector.length);
  const grown = { length: vector.length + 1, tail: [value] };
  if (position === 0) return { ...grown, shift: 0, root: vector.tail };
  const full = position === 1 << (vector.shift + BITS);
  if (!full) {
    const root = insertLeaf(vector.root, vector.shift, position, vector.tail);
    return { ...grown, shift: vector.shift, root };
  }
  const root: Node<T> = [vector.root, chain(vector.shift, vector.tail)];
  return { ...grown, shift: vector.shift + BITS, root };
}

function cut<T>(node: Node<T>, shift: number, position: number): Node<T> {
  if (shift === 0) return node;
  const slot = (position >>> shift) & MASK;
  return [...node.slice(0, slot), cut(node[slot] as Node<T>, shift - BITS, position)];
}

/** The first `length` elements. O(log32 length); the old vector stays valid. */
export function take<T>(vector: Vector<T>, length: number): Vector<T> {
  assert(length >= 0 && length <= vector.length, "a vector is cut inside its bounds");
  if (length === vector.length) return vector;
  if (length === 0) return emptyVector();
  const tail = leafAt(vector, length - 1).slice(0, ((length - 1) & MASK) + 1);
  const start = tailStart(length);
  if (start === 0) return { length, shift: 0, root: [], tail };
  let { root, shift } = vector;
  root = cut(root, shift, start - 1);
  while (shift > 0 && root.length === 1) {
    root = root[0] as Node<T>;
    shift -= BITS;
  }
  return { length, shift, root, tail };
}

/** The elements from `from` (inclusive) to `to` (exclusive). O(to - from). */
export function slice<T>(vector: Vector<T>, from: number, to: number): readonly T[] {
  assert(from >= 0 && to <= vector.length, "a vector is sliced inside its bounds");
  const result: T[] = [];
  for (let position = from; position < to; ) {
    const leaf = leafAt(vector, position);
    const offset = position & MASK;
    const count = Math.min(to - position, leaf.length - offset);
    for (let i = 0; i < count; i++) result.push(leaf[offset + i] as T);
    position += count;
  }
  return result;
}
