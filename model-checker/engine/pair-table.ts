/** A map from two ids to a third: open addressing in one typed array, so a look-up is one line. */

const EMPTY = -1;

/** Maps (a, b), both at least 0, to an integer. */
export class PairTable {
  private data = new Int32Array(3 << 10).fill(EMPTY);
  private mask = (1 << 10) - 1;
  size = 0;

  /** The value at (a, b), or `missing`. */
  get(a: number, b: number, missing: number): number {
    const { data, mask } = this;
    let slot = mix(a, b) & mask;
    for (;;) {
      const at = slot * 3;
      const key = data[at] as number;
      if (key === a && data[at + 1] === b) return data[at + 2] as number;
      if (key === EMPTY) return missing;
      slot = (slot + 1) & mask;
    }
  }

  /** Sets the value at (a, b), which must be absent. */
  add(a: number, b: number, value: number): void {
    if ((this.size + 1) * 2 > this.mask) this.grow();
    this.insert(a, b, value);
    this.size += 1;
  }

  private insert(a: number, b: number, value: number): void {
    const { data, mask } = this;
    let slot = mix(a, b) & mask;
    while (data[slot * 3] !== EMPTY) slot = (slot + 1) & mask;
    data[slot * 3] = a;
    data[slot * 3 + 1] = b;
    data[slot * 3 + 2] = value;
  }

  private grow(): void {
    const old = this.data;
    this.mask = this.mask * 2 + 1;
    this.data = new Int32Array((this.mask + 1) * 3).fill(EMPTY);
    for (let at = 0; at < old.length; at += 3) {
      if (old[at] === EMPTY) continue;
      this.insert(old[at] as number, old[at + 1] as number, old[at + 2] as number);
    }
  }
}

/** Spreads two ids over 32 bits. */
function mix(a: number, b: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  h ^= h >>> 15;
  return Math.imul(h, 0x2c1b3c6d) >>> 7;
}
