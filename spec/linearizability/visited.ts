/** The configurations that a search has seen: a hash table in typed arrays, exact. */
import { mixed } from "./data.ts";

/** How states are told apart. */
export interface Identity<State> {
  readonly equal: (a: State, b: State) => boolean;
  readonly hash: (state: State) => number;
}

const FIRST_CAPACITY = 64;

function grown(old: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const array = new Int32Array(length);
  array.set(old);
  return array;
}

/** A set of configurations: a level, as many mask words as `width` says, and a state. */
export class Visited<State> {
  size = 0;
  readonly #width: number;
  readonly #identity: Identity<State>;
  /** By hash: the number of an entry plus one, or 0. Twice as long as entries have room. */
  #slots = new Int32Array(2 * FIRST_CAPACITY);
  #hashes = new Int32Array(FIRST_CAPACITY);
  #levels = new Int32Array(FIRST_CAPACITY);
  #masks: Int32Array<ArrayBuffer>;
  readonly #states: State[] = [];

  constructor(width: number, identity: Identity<State>) {
    this.#width = width;
    this.#identity = identity;
    this.#masks = new Int32Array(width * FIRST_CAPACITY);
  }

  /** Adds a configuration; false where it is there already. The mask is copied. */
  add(level: number, mask: Int32Array, state: State): boolean {
    let hash = mixed(level, this.#identity.hash(state));
    for (let word = 0; word < this.#width; word++) hash = mixed(hash, mask[word] as number);
    const last = this.#slots.length - 1;
    let slot = hash & last;
    for (
      let entry = this.#slots[slot] as number;
      entry !== 0;
      entry = this.#slots[slot] as number
    ) {
      if (this.#isAt(entry - 1, hash, level, mask, state)) return false;
      slot = (slot + 1) & last;
    }
    if (this.size === this.#hashes.length) {
      this.#grow();
      slot = this.#free(hash);
    }
    this.#slots[slot] = this.size + 1;
    this.#hashes[this.size] = hash;
    this.#levels[this.size] = level;
    this.#masks.set(mask, this.size * this.#width);
    this.#states.push(state);
    this.size++;
    return true;
  }

  #isAt(entry: number, hash: number, level: number, mask: Int32Array, state: State): boolean {
    if (this.#hashes[entry] !== hash || this.#levels[entry] !== level) return false;
    const start = entry * this.#width;
    for (let word = 0; word < this.#width; word++) {
      if (this.#masks[start + word] !== mask[word]) return false;
    }
    return this.#identity.equal(this.#states[entry] as State, state);
  }

  #free(hash: number): number {
    const last = this.#slots.length - 1;
    let slot = hash & last;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & last;
    return slot;
  }

  #grow(): void {
    const capacity = 2 * this.#hashes.length;
    this.#hashes = grown(this.#hashes, capacity);
    this.#levels = grown(this.#levels, capacity);
    this.#masks = grown(this.#masks, this.#width * capacity);
    this.#slots = new Int32Array(2 * capacity);
    for (let entry = 0; entry < this.size; entry++) {
      this.#slots[this.#free(this.#hashes[entry] as number)] = entry + 1;
    }
  }
}
