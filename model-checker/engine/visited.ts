/**
 * The set of visited states, each a 64-bit key in two lanes: linear probing in one interleaved
 * typed array. Looking up a random key misses the cache, so the search probes in batches whose
 * slots it touches first: the misses then overlap.
 */

/** An Int32Array holds at most 2^31 entries; two a slot. */
const MAX_SLOTS = 2 ** 30;
const MAX_LOAD = 0.8;

/** A set of 64-bit keys. */
export class VisitedSet {
  private slots = 1 << 16;
  private table = new Int32Array(2 * this.slots);
  size = 0;

  /** Bytes of the table. */
  get bytes(): number {
    return this.table.byteLength;
  }

  /** Bytes needed to make room for `more` keys: 0 if they fit, Infinity if they never will. */
  bytesToGrowFor(more: number): number {
    if (this.size + more <= this.slots * MAX_LOAD) return 0;
    return this.slots * 2 > MAX_SLOTS ? Number.POSITIVE_INFINITY : this.bytes * 2;
  }

  /** Makes room for `more` keys; false where the table cannot grow any further. */
  reserve(more: number): boolean {
    if (this.size + more <= this.slots * MAX_LOAD) return true;
    if (this.slots * 2 > MAX_SLOTS) return false;
    const old = this.table;
    this.slots *= 2;
    this.table = new Int32Array(2 * this.slots);
    for (let at = 0; at < old.length; at += 2) {
      const low = old[at] as number;
      const high = old[at + 1] as number;
      if ((low | high) !== 0) this.place(low, high);
    }
    return true;
  }

  private place(low: number, high: number): void {
    const { table } = this;
    const mask = this.slots - 1;
    let slot = slotOf(low, high, mask);
    while ((table[slot * 2] as number) !== 0 || (table[slot * 2 + 1] as number) !== 0) {
      slot = (slot + 1) & mask;
    }
    table[slot * 2] = low;
    table[slot * 2 + 1] = high;
  }

  /** Reads the slots of `count` keys, so that they are in the cache when `add` comes. */
  touch(lows: Int32Array, highs: Int32Array, count: number): number {
    const { table } = this;
    const mask = this.slots - 1;
    let sum = 0;
    for (let i = 0; i < count; i++) {
      sum ^= table[slotOf(lows[i] as number, highs[i] as number, mask) * 2] as number;
    }
    return sum;
  }

  /** Adds a key; false if it was there. Room must have been reserved. */
  add(low: number, high: number): boolean {
    // Two zero lanes mean an empty slot, so that key shares its place with (1, 0).
    const first = (low | high) === 0 ? 1 : low;
    const { table } = this;
    const mask = this.slots - 1;
    let slot = slotOf(first, high, mask);
    for (;;) {
      const a = table[slot * 2] as number;
      const b = table[slot * 2 + 1] as number;
      if (a === first && b === high) return false;
      if ((a | b) === 0) break;
      slot = (slot + 1) & mask;
    }
    table[slot * 2] = first;
    table[slot * 2 + 1] = high;
    this.size += 1;
    return true;
  }
}

/** Fingerprints are uniform, but the ids of exact mode are not: mix both lanes. */
function slotOf(low: number, high: number, mask: number): number {
  let h = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
  h ^= h >>> 15;
  return (Math.imul(h, 0x2c1b3c6d) ^ high) & mask;
}

/** States expected to be lost because two among `n` share a 64-bit key: n^2 / 2^65. */
export function expectedCollisions(n: number): number {
  return n ** 2 / 2 ** 65;
}
