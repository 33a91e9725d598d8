/** A set of 48-bit keys, in 8 to 16 bytes each: a JavaScript set would need much more. */
import { hash, randomUUID } from "node:crypto";

/** So that nobody can make two texts of one key beforehand: of 48 bits that takes seconds. */
const SALT = randomUUID();

/** 48 bits of the SHA-256 of a text and the salt of this process, as a number above 0. */
export function keyOf(text: string): number {
  return Number.parseInt(hash("sha256", SALT + text, "hex").slice(0, 12), 16) || 1;
}

export class KeySet {
  #slots = new Float64Array(1024);
  #size = 0;

  add(key: number): void {
    if (this.#size * 2 >= this.#slots.length) this.#grow();
    const at = this.#find(key);
    if (this.#slots[at] === key) return;
    this.#slots[at] = key;
    this.#size++;
  }

  has(key: number): boolean {
    return this.#slots[this.#find(key)] === key;
  }

  get size(): number {
    return this.#size;
  }

  /** Where the key is, or may be put: keys are hashes already. */
  #find(key: number): number {
    const last = this.#slots.length - 1;
    let at = key % this.#slots.length;
    while (this.#slots[at] !== 0 && this.#slots[at] !== key) at = at === last ? 0 : at + 1;
    return at;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Float64Array(old.length * 2);
    for (const key of old) if (key !== 0) this.#slots[this.#find(key)] = key;
  }
}
