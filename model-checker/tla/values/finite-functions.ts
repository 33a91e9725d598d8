/** Tuples (sequences), records, and the other functions on finite sets. */

import { emptySet, interval, search, sortedSet } from "./enumerated.ts";
import {
  canHash,
  compareDomains,
  demandFunction,
  EnumeratedFunction,
} from "./enumerated-function.ts";
import { FUNCTION_HIGH, FUNCTION_LOW, integerHigh, integerLow, pairHigh, pairLow } from "./hash.ts";
import {
  compareValues,
  EvaluationError,
  type FunctionValue,
  hashHigh,
  hashLow,
  ModelValue,
  type Permutation,
  permute,
  type SetValue,
  sameValues,
  show,
  TlaString,
  type Value,
} from "./value.ts";

/** A tuple, which is a sequence and a function on 1..n. */
export class Tuple extends EnumeratedFunction {
  readonly elements: readonly Value[];

  constructor(elements: readonly Value[]) {
    super();
    this.elements = elements;
  }

  override get values(): readonly Value[] {
    return this.elements;
  }

  override domain(): SetValue {
    return this.elements.length === 0 ? emptySet : interval(1, this.elements.length);
  }

  override indexOf(argument: Value): number {
    if (typeof argument === "number") {
      return argument >= 1 && argument <= this.elements.length ? argument - 1 : -1;
    }
    // The empty tuple is the empty function too, whatever its domain might have held.
    if (this.elements.length === 0) return -1;
    throw new EvaluationError(
      `Attempted to access tuple at a non integral index: ${show(argument)}`,
    );
  }

  override apply(argument: Value): Value {
    const index = this.indexOf(argument);
    if (index >= 0) return this.elements[index]!;
    throw new EvaluationError(
      `Attempted to access index ${show(argument)} of tuple\n${this.show()}\n` +
        "which is out of bounds.",
    );
  }

  /** The sequence with one more element. */
  append(value: Value): Tuple {
    const elements = this.elements.slice();
    elements.push(value);
    const result = new Tuple(elements);
    if ((this.low !== 0 || this.high !== 0) && canHash(value)) {
      const key = elements.length;
      result.low = (this.low + pairLow(hashLow(key), hashLow(value))) | 0;
      result.high = (this.high + pairHigh(hashHigh(key), hashHigh(value))) | 0;
    }
    return result;
  }

  override rehash(): void {
    let low = FUNCTION_LOW;
    let high = FUNCTION_HIGH;
    const elements = this.elements;
    for (let index = 0; index < elements.length; index += 1) {
      const element = elements[index]!;
      low = (low + pairLow(integerLow(index + 1), hashLow(element))) | 0;
      high = (high + pairHigh(integerHigh(index + 1), hashHigh(element))) | 0;
    }
    this.low = low;
    this.high = high;
  }

  override equalTo(other: Value): boolean {
    if (other instanceof Tuple) {
      const length = this.elements.length;
      return length === other.elements.length && sameValues(this.elements, other.elements);
    }
    const that = demandFunction(this, other, "check equality of");
    if (that === null) return false;
    return that instanceof Tuple
      ? this.equalTo(that)
      : compareDomains(this, that, "check equality of") === 0;
  }

  override compareTo(other: Value): number {
    if (other instanceof Tuple) {
      const byLength = this.elements.length - other.elements.length;
      return byLength !== 0 ? byLength : compareValues(this.elements, other.elements);
    }
    const that = demandFunction(this, other, "compare");
    if (that === null) return 1;
    return that instanceof Tuple ? this.compareTo(that) : compareDomains(this, that, "compare");
  }

  override show(): string {
    return `<<${this.elements.map(show).join(", ")}>>`;
  }

  override permute(permutation: Permutation): Tuple {
    const values = this.permutedValues(permutation);
    return values === this.elements ? this : new Tuple(values);
  }

  protected override keyAt(index: number): Value {
    return index + 1;
  }

  override withValues(values: readonly Value[]): Tuple {
    return new Tuple(values);
  }
}

export const emptyTuple = new Tuple([]);

/** Field names of a record, sorted and shared: equal names are the same array. */
const recordNames = new Map<string, readonly TlaString[]>();
const recordDomains = new WeakMap<readonly TlaString[], SetValue>();

/**
 * The one array that all records with these fields share, sorted by token.
 * An EvaluationError if a name occurs twice.
 */
export function shapeOf(names: readonly TlaString[]): readonly TlaString[] {
  const sorted = names.toSorted((a, b) => a.token - b.token);
  for (let index = 1; index < sorted.length; index += 1) {
    if (sorted[index] === sorted[index - 1]) {
      throw new EvaluationError(
        `Field name ${sorted[index]!.text} occurs multiple times in record.`,
      );
    }
  }
  const key = sorted.map((name) => name.token).join(",");
  const known = recordNames.get(key);
  if (known !== undefined) return known;
  recordNames.set(key, sorted);
  return sorted;
}

/** Of messages, the images and their hashes are wanted in every state that has them. */
const images = new WeakMap<Permutation, WeakMap<RecordValue, RecordValue>>();

/** A record: a function on a non-empty set of strings. */
export class RecordValue extends EnumeratedFunction {
  readonly names: readonly TlaString[];
  readonly values: readonly Value[];

  /** `names` is a result of `shapeOf`, and `values` in the same order. */
  constructor(names: readonly TlaString[], values: readonly Value[]) {
    super();
    this.names = names;
    this.values = values;
  }

  override domain(): SetValue {
    let domain = recordDomains.get(this.names);
    if (domain === undefined) {
      domain = sortedSet(this.names);
      domain.shape = this.names;
      recordDomains.set(this.names, domain);
    }
    return domain;
  }

  override indexOf(argument: Value): number {
    if (argument instanceof TlaString) return this.names.indexOf(argument);
    throw new EvaluationError(
      `Attempted to access record by a non-string argument: ${show(argument)}`,
    );
  }

  override apply(argument: Value): Value {
    const index = this.indexOf(argument);
    if (index >= 0) return this.values[index]!;
    throw new EvaluationError(
      `Attempted to access nonexistent field '${(argument as TlaString).text}' of record\n` +
        this.show(),
    );
  }

  /** The field; an EvaluationError if there is none. */
  get(name: TlaString): Value {
    const index = this.names.indexOf(name);
    return index >= 0 ? this.values[index]! : this.apply(name);
  }

  override equalTo(other: Value): boolean {
    if (other instanceof RecordValue) {
      return this.names === other.names && sameValues(this.values, other.values);
    }
    const that = demandFunction(this, other, "check equality of");
    if (that === null) return false;
    return that instanceof RecordValue
      ? this.equalTo(that)
      : compareDomains(this, that, "check equality of") === 0;
  }

  override compareTo(other: Value): number {
    if (other instanceof RecordValue) {
      if (this.names === other.names) return compareValues(this.values, other.values);
      const bySize = this.names.length - other.names.length;
      return bySize !== 0 ? bySize : compareValues(this.names, other.names);
    }
    const that = demandFunction(this, other, "compare");
    if (that === null) return 1;
    return that instanceof RecordValue
      ? this.compareTo(that)
      : compareDomains(this, that, "compare");
  }

  override show(): string {
    if (!this.names.every(isFieldName)) return showPairs(this.names, this.values);
    const fields = this.names.map((name, index) => `${name.text} |-> ${show(this.values[index]!)}`);
    return `[${fields.join(", ")}]`;
  }

  override permute(permutation: Permutation): RecordValue {
    let known = images.get(permutation);
    if (known === undefined) {
      known = new WeakMap();
      images.set(permutation, known);
    }
    let image = known.get(this);
    if (image === undefined) {
      const values = this.permutedValues(permutation);
      image = values === this.values ? this : new RecordValue(this.names, values);
      known.set(this, image);
    }
    return image;
  }

  override get isRecord(): boolean {
    return true;
  }

  protected override keyAt(index: number): Value {
    return this.names[index]!;
  }

  override withValues(values: readonly Value[]): RecordValue {
    return new RecordValue(this.names, values);
  }
}

/** What may stand before `|->`; a record with other fields is shown as a function. */
function isFieldName(name: TlaString): boolean {
  return /^\w*[A-Za-z]\w*$/.test(name.text) && !/^[WS]F_./.test(name.text);
}

function showPairs(keys: readonly Value[], values: readonly Value[]): string {
  const pairs = keys.map((key, index) => `${show(key)} :> ${show(values[index]!)}`);
  return `(${pairs.join(" @@ ")})`;
}

/** The domain that a permutation makes of one, and where it takes each argument; null: nowhere. */
interface Moved {
  readonly domain: SetValue;
  readonly to: readonly number[] | null;
}

const moves = new WeakMap<Permutation, WeakMap<SetValue, Moved>>();

/** Found once: there are few domains, and most are the same set before and after. */
function movedBy(permutation: Permutation, domain: SetValue): Moved {
  let known = moves.get(permutation);
  if (known === undefined) {
    known = new WeakMap();
    moves.set(permutation, known);
  }
  let moved = known.get(domain);
  if (moved === undefined) {
    const image = domain.permute(permutation) as SetValue;
    const target = image.equalTo(domain) ? domain : image;
    const keys = target.elements();
    const to = domain.elements().map((key) => search(keys, permute(key, permutation)));
    moved = { domain: target, to: image === domain ? null : to };
    known.set(domain, moved);
  }
  return moved;
}

/** A function on a finite set that is neither 1..n nor a set of strings. */
export class FiniteFunction extends EnumeratedFunction {
  /** The arguments, sorted. */
  readonly keys: readonly Value[];
  readonly values: readonly Value[];
  private readonly keySet: SetValue;

  constructor(domain: SetValue, values: readonly Value[]) {
    super();
    this.keys = domain.elements();
    this.values = values;
    this.keySet = domain;
  }

  override domain(): SetValue {
    return this.keySet;
  }

  override indexOf(argument: Value): number {
    const keys = this.keys;
    if (typeof argument === "number") {
      // Most domains of integers have no gaps.
      const offset = argument - (keys[0] as number);
      if (keys[offset] === argument) return offset;
    } else if (argument instanceof ModelValue && keys.length <= 16) {
      const index = keys.indexOf(argument);
      if (index >= 0) return index;
    }
    return Math.max(search(keys, argument), -1);
  }

  override apply(argument: Value): Value {
    const index = this.indexOf(argument);
    if (index >= 0) return this.values[index]!;
    throw new EvaluationError(
      `Attempted to apply function:\n${this.show()}\nto argument ${show(argument)}, ` +
        "which is not in the domain of the function.",
    );
  }

  override equalTo(other: Value): boolean {
    const that = demandFunction(this, other, "check equality of");
    if (that === null) return false;
    if (!(that instanceof FiniteFunction)) {
      return compareDomains(this, that, "check equality of") === 0;
    }
    if (this.keys !== that.keys) {
      if (this.keys.length !== that.keys.length || !sameValues(this.keys, that.keys)) return false;
    }
    return sameValues(this.values, that.values);
  }

  override compareTo(other: Value): number {
    const that = demandFunction(this, other, "compare");
    if (that === null) return 1;
    if (!(that instanceof FiniteFunction)) return compareDomains(this, that, "compare");
    if (this.keys !== that.keys) {
      const order = compareDomains(this, that, "compare");
      if (order !== 0) return order;
    }
    return compareValues(this.values, that.values);
  }

  override show(): string {
    return showPairs(this.keys, this.values);
  }

  override permute(permutation: Permutation): FunctionValue {
    const values = this.permutedValues(permutation);
    const { domain, to } = movedBy(permutation, this.keySet);
    if (to === null) return values === this.values ? this : this.withValues(values);
    const placed = new Array<Value>(to.length);
    for (let index = 0; index < to.length; index += 1) placed[to[index]!] = values[index]!;
    return new FiniteFunction(domain, placed);
  }

  protected override keyAt(index: number): Value {
    return this.keys[index]!;
  }

  override withValues(values: readonly Value[]): FiniteFunction {
    return new FiniteFunction(this.keySet, values);
  }
}
