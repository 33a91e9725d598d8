/**
 * Interning. The parts of a global state (processes, packets, the environment) are few, while
 * their combinations are many: each gets a dense id, and a 64-bit key made once from its content.
 */
import { encode, keyOf } from "../canonical.ts";
import { type Permutation, renamed } from "../symmetry.ts";
import { Int32List } from "./growable.ts";

/** Interned values of one kind, with their keys under every renaming of the servers. */
export class Components<T> {
  readonly values: T[] = [];
  /** Key of `id` under renaming `r`: entries 2 * (id * renamings + r) and the one after. */
  readonly keys = new Int32List();
  private readonly ids = new Map<string, number>();
  private readonly images = new Int32List();
  private readonly kind: string;
  private readonly group: readonly Permutation[];
  private readonly onNew: (value: T) => void;

  /** `kind` keeps the keys of different kinds apart; `onNew` is told of every id, in order. */
  constructor(kind: string, group: readonly Permutation[], onNew: (value: T) => void) {
    this.kind = kind;
    this.group = group;
    this.onNew = onNew;
  }

  /** The id of `value`; equal values have equal ids. */
  intern(value: T): number {
    const text = encode(value);
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    const id = this.values.push(value) - 1;
    this.ids.set(text, id);
    for (const [r, { names }] of this.group.entries()) {
      const content = r === 0 ? text : encode(renamed(value, names));
      const [low, high] = keyOf(`${this.kind} ${content}`);
      this.keys.push(low);
      this.keys.push(high);
      this.images.push(-1);
    }
    this.onNew(value);
    return id;
  }

  /** The value of `id`. */
  valueOf(id: number): T {
    return this.values[id] as T;
  }

  /** The id of the value renamed by renaming `r`; interns it where it is new. */
  image(id: number, r: number): number {
    const at = id * this.group.length + r;
    const known = this.images.data[at] as number;
    if (known !== -1) return known;
    const { names } = this.group[r] as Permutation;
    const result = this.intern(renamed(this.valueOf(id), names));
    this.images.data[at] = result;
    return result;
  }
}
