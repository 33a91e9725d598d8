/**
 * A persistent vector: a 32-way trie with a tail, all plain readonly data. Appending copies at
 * most one tail and, every 32nd time, one path; dropping a prefix or a suffix copies a path and
 * keeps what remains shared. Positions do not move when a prefix is dropped. The shape is a
 * function of start and length alone, so equal contents are equal data (thesis §3.5 and §5.1
 * need: append, truncate, drop what a snapshot holds, read by position).
 */
import { assert } from "./assert.ts";

const BITS = 5;
const WIDTH = 1 << BITS;
const MASK = WIDTH - 1;

/** Powers of two as numbers: positions outgrow the 32 bits of `<<` and `>>>`, and of `& ~MASK`. */
const powers: readonly number[] = Array.from({ length: 64 }, (_, exponent) => 2 ** exponent);

/** 2 to the power of `shift`. */
function power(shift: number): number {
  return powers[shift] as number;
}

/** Which child of a node at this level holds `position`. */
function slotOf(position: number, shift: number): number {
  return Math.floor(position / power(shift)) & MASK;
}

/** In place of an element that was dropped; a node of nothing but such is empty. */
type Dropped = null;
type Node<T> = readonly (Node<T> | T | Dropped)[];

/** An immutable sequence of `T`. Positions count from 0; those before `start` were dropped. */
export interface Vector<T> {
  readonly start: number;
  /** The position after the last element. */
  readonly length: number;
  /** Levels below the root, in bits; 0 while the root is itself a leaf or empty. */
  readonly shift: number;
  readonly root: Node<T>;
  readonly tail: readonly (T | Dropped)[];
}

/** The vector of nothing, whose first element will have position `start`. O(log32 start). */
export function emptyVector<T>(start = 0): Vector<T> {
  const tail = new Array<Dropped>(start - tailStart(start)).fill(null);
  return { start, length: start, shift: shiftFor(start), root: [], tail };
}

/** The levels of a root that holds all but the tail of `length` elements. */
function shiftFor(length: number): number {
  let shift = 0;
  while (tailStart(length) > power(shift + BITS)) shift += BITS;
  return shift;
}

function tailStart(length: number): number {
  return length === 0 ? 0 : length - 1 - ((length - 1) & MASK);
}

function leafAt<T>(vector: Vector<T>, position: number): readonly (T | Dropped)[] {
  if (position >= tailStart(vector.length)) return vector.tail;
  let node: Node<T> = vector.root;
  for (let shift = vector.shift; shift > 0; shift -= BITS) {
    node = node[slotOf(position, shift)] as Node<T>;
  }
  return node as readonly (T | Dropped)[];
}

/** The element at `position`, which must lie inside. O(log32 length). */
export function at<T>(vector: Vector<T>, position: number): T {
  assert(
    position >= vector.start && position < vector.length,
    "a vector is read inside its bounds",
  );
  return leafAt(vector, position)[position & MASK] as T;
}

/** A node whose children before the last were dropped stays as wide as they were. */
function withLast<T>(node: Node<T>, slot: number, last: Node<T>): Node<T> {
  const result: Node<T>[] = node.slice(0, slot) as Node<T>[];
  while (result.length < slot) result.push([]);
  result.push(last);
  return result;
}

function insertLeaf<T>(node: Node<T>, shift: number, position: number, leaf: Node<T>): Node<T> {
  if (shift === 0) return leaf;
  const slot = slotOf(position, shift);
  const child = (node[slot] ?? []) as Node<T>;
  return withLast(node, slot, insertLeaf(child, shift - BITS, position, leaf));
}

/** A vector with `value` added at the end. Amortised O(1); the old vector stays valid. */
export function append<T>(vector: Vector<T>, value: T): Vector<T> {
  if (vector.tail.length < WIDTH) {
    return { ...vector, length: vector.length + 1, tail: [...vector.tail, value] };
  }
  const position = tailStart(vector.length);
  // A full tail that was dropped as a whole leaves nothing behind.
  const leaf = position + WIDTH <= vector.start ? [] : vector.tail;
  const grown = { start: vector.start, length: vector.length + 1, tail: [value] };
  if (position === 0) return { ...grown, shift: 0, root: leaf };
  const full = position === power(vector.shift + BITS);
  const shift = full ? vector.shift + BITS : vector.shift;
  const below: Node<T> = full ? [vector.root] : vector.root;
  const root = leaf.length === 0 ? [] : insertLeaf(below, shift, position, leaf);
  return { ...grown, shift, root };
}

function cut<T>(node: Node<T>, shift: number, position: number): Node<T> {
  if (shift === 0) return node;
  const slot = slotOf(position, shift);
  return [...node.slice(0, slot), cut(node[slot] as Node<T>, shift - BITS, position)];
}

/** The elements up to position `length`. O(log32 length); the old vector stays valid. */
export function take<T>(vector: Vector<T>, length: number): Vector<T> {
  const { start } = vector;
  assert(length >= start && length <= vector.length, "a vector is cut inside its bounds");
  if (length === vector.length) return vector;
  if (length === start) return emptyVector(start);
  const tail = leafAt(vector, length - 1).slice(0, ((length - 1) & MASK) + 1);
  const end = tailStart(length);
  if (end <= start) return { start, length, shift: shiftFor(length), root: [], tail };
  let { root, shift } = vector;
  root = cut(root, shift, end - 1);
  while (shift > 0 && root.length === 1) {
    root = root[0] as Node<T>;
    shift -= BITS;
  }
  return { start, length, shift, root, tail };
}

function prune<T>(node: Node<T>, shift: number, start: number): Node<T> {
  const slot = slotOf(start, shift);
  return node.map((child, i) => {
    if (shift === 0) return i < slot ? null : child;
    if (i < slot) return [];
    return i > slot ? child : prune(child as Node<T>, shift - BITS, start);
  });
}

/**
 * Without the elements before position `start`; the others keep theirs. O(log32 length); the old
 * vector stays valid.
 */
export function dropBefore<T>(vector: Vector<T>, start: number): Vector<T> {
  assert(start >= vector.start && start <= vector.length, "a vector is cut inside its bounds");
  const { length, shift } = vector;
  const end = tailStart(length);
  if (end > start) return { ...vector, start, root: prune(vector.root, shift, start) };
  const tail = vector.tail.map((element, i) => (end + i < start ? null : element));
  return { start, length, shift, root: [], tail };
}

/** The elements from `from` (inclusive) to `to` (exclusive). O(to - from). */
export function slice<T>(vector: Vector<T>, from: number, to: number): readonly T[] {
  assert(from >= vector.start && to <= vector.length, "a vector is sliced inside its bounds");
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
