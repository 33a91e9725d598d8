/** Sets whose elements are at hand: sorted arrays and intervals of integers. */
import {
  compare,
  EvaluationError,
  equal,
  ModelValue,
  mixedElementHigh,
  mixedElementLow,
  type Permutation,
  permute,
  SetValue,
  show,
  type Value,
} from "./value.ts";

/** TLC's default bound on the elements of one set. */
const MOST_ELEMENTS = 1_000_000;
const LARGEST_INTEGER = 2_147_483_647;

/** Refuses a set as large as TLC refuses it. */
export function demandSetBound(size: number): void {
  if (size > MOST_ELEMENTS) {
    throw new EvaluationError(
      `Attempted to construct a set with too many elements (>${MOST_ELEMENTS}).`,
    );
  }
}

/** The index of `value` among sorted values; if absent, `-1 - index` of where it belongs. */
export function search(items: readonly Value[], value: Value): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = compare(value, items[middle]!);
    if (order === 0) return middle;
    if (order < 0) high = middle;
    else low = middle + 1;
  }
  return -1 - low;
}

/** A set that can be enumerated. */
export abstract class EnumerableSet extends SetValue {
  override permute(permutation: Permutation): SetValue {
    const elements = this.elements();
    let changed: Value[] | null = null;
    for (let index = 0; index < elements.length; index += 1) {
      const element = elements[index]!;
      const image = permute(element, permutation);
      if (image === element) continue;
      changed ??= elements.slice();
      changed[index] = image;
    }
    return changed === null ? this : finiteSet(changed);
  }
}

/** A set given by its elements. */
export class FiniteSet extends EnumerableSet {
  readonly items: readonly Value[];

  /** `items` ascend by `compare` and are distinct. */
  constructor(items: readonly Value[]) {
    super();
    this.items = items;
  }

  override has(value: Value): boolean {
    return search(this.items, value) >= 0;
  }

  override elements(): readonly Value[] {
    return this.items;
  }

  override get size(): number {
    return this.items.length;
  }

  /** The set with one more element. The hash follows by one addition. */
  with(value: Value): FiniteSet {
    const index = search(this.items, value);
    if (index >= 0) return this;
    const { items: old } = this;
    const at = -1 - index;
    const items = new Array<Value>(old.length + 1);
    for (let i = 0; i < at; i += 1) items[i] = old[i]!;
    items[at] = value;
    for (let i = at; i < old.length; i += 1) items[i + 1] = old[i]!;
    const result = new FiniteSet(items);
    if (this.low !== 0 || this.high !== 0) {
      result.low = (this.low + mixedElementLow(value)) | 0;
      result.high = (this.high + mixedElementHigh(value)) | 0;
    }
    return result;
  }

  /** The set without one element. */
  without(value: Value): FiniteSet {
    const index = search(this.items, value);
    if (index < 0) return this;
    const items = this.items.slice();
    items.splice(index, 1);
    const result = new FiniteSet(items);
    if (this.low !== 0 || this.high !== 0) {
      result.low = (this.low - mixedElementLow(value)) | 0;
      result.high = (this.high - mixedElementHigh(value)) | 0;
    }
    return result;
  }
}

/** `low..high`. */
export class Interval extends EnumerableSet {
  readonly from: number;
  readonly to: number;
  private cached: readonly Value[] | null = null;

  constructor(from: number, to: number) {
    super();
    this.from = from;
    this.to = to;
  }

  override has(value: Value): boolean {
    if (typeof value === "number") return value >= this.from && value <= this.to;
    if (this.from > this.to || (value instanceof ModelValue && value.type === null)) return false;
    throw new EvaluationError(
      `Attempted to check if the value:\n${show(value)}\n` +
        `is in the integer interval ${this.show()}`,
    );
  }

  override elements(): readonly Value[] {
    if (this.cached === null) {
      const items: Value[] = new Array(this.size);
      for (let index = 0; index < items.length; index += 1) items[index] = this.from + index;
      this.cached = items;
    }
    return this.cached;
  }

  override get size(): number {
    if (this.to < this.from) return 0;
    const size = this.to - this.from + 1;
    if (size > LARGEST_INTEGER) {
      throw new EvaluationError(
        "Size of interval value exceeds the maximum representable size (32bits): " +
          `${this.show()}.`,
      );
    }
    return size;
  }

  override forEachUntil(visit: (value: Value) => boolean): boolean {
    for (let value = this.from; value <= this.to; value += 1) {
      if (visit(value)) return true;
    }
    return false;
  }

  override rehash(): void {
    let low = 0;
    let high = 0;
    for (let value = this.from; value <= this.to; value += 1) {
      low = (low + mixedElementLow(value)) | 0;
      high = (high + mixedElementHigh(value)) | 0;
    }
    this.low = low;
    this.high = high;
  }

  override equalTo(other: Value): boolean {
    if (!(other instanceof Interval)) return super.equalTo(other);
    if (this.from > this.to) return other.from > other.to;
    return this.from === other.from && this.to === other.to;
  }

  override permute(): SetValue {
    return this;
  }

  override show(): string {
    return this.from <= this.to ? `${this.from}..${this.to}` : "{}";
  }
}

/**
 * A set of values that have no common order, as {1, "a"}: TLC finds its error only when it has to
 * sort, and can tell before that that 1 is an element.
 */
class UnsortableSet extends EnumerableSet {
  private readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    super();
    this.items = items;
  }

  override has(value: Value): boolean {
    return this.items.some((item) => equal(item, value));
  }

  override elements(): readonly Value[] {
    return sortDistinct(this.items);
  }

  override get size(): number {
    return this.elements().length;
  }

  override show(): string {
    return `{${this.items.map(show).join(", ")}}`;
  }
}

export const emptySet: SetValue = new FiniteSet([]);

/** The set of these values, in any order and with any repetitions. */
export function finiteSet(values: readonly Value[]): SetValue {
  if (values.length === 0) return emptySet;
  if (values.length === 1) return new FiniteSet(values);
  demandSetBound(values.length);
  try {
    return new FiniteSet(sortDistinct(values));
  } catch (error) {
    if (error instanceof EvaluationError) return new UnsortableSet(values);
    throw error;
  }
}

/** The set of these values, which ascend by `compare` and are distinct. */
export function sortedSet(values: readonly Value[]): SetValue {
  return values.length === 0 ? emptySet : new FiniteSet(values);
}

const fromOne: Interval[] = [];

/** `low..high`. The intervals 1..n, which are the domains of sequences, are shared. */
export function interval(low: number, high: number): SetValue {
  if (low !== 1 || high < 1 || high > 64) return new Interval(low, high);
  fromOne[high] ??= new Interval(1, high);
  return fromOne[high];
}

export const BOOLEAN: SetValue = new FiniteSet([false, true]);

const FEW = 24;

/** The values in ascending order without repetitions; the argument itself if it is so already. */
function sortDistinct(values: readonly Value[]): readonly Value[] {
  let ascending = 1;
  while (ascending < values.length && compare(values[ascending]!, values[ascending - 1]!) > 0) {
    ascending += 1;
  }
  if (ascending === values.length) return values;
  if (values.length <= FEW) return insertAll(values, ascending);
  const sorted = values.slice().sort(compare);
  let kept = 1;
  for (let index = 1; index < sorted.length; index += 1) {
    const value = sorted[index]!;
    if (compare(value, sorted[kept - 1]!) === 0) continue;
    sorted[kept] = value;
    kept += 1;
  }
  sorted.length = kept;
  return sorted;
}

/** Binary insertion, which compares the fewest times; the first `ascending` values are sorted. */
function insertAll(values: readonly Value[], ascending: number): readonly Value[] {
  const sorted = values.slice(0, ascending);
  for (let next = ascending; next < values.length; next += 1) {
    const value = values[next]!;
    const index = search(sorted, value);
    if (index >= 0) continue;
    const at = -1 - index;
    sorted.push(value);
    for (let to = sorted.length - 1; to > at; to -= 1) sorted[to] = sorted[to - 1]!;
    sorted[at] = value;
  }
  return sorted;
}

/** The union of two sets at hand; one of them itself where it is the result. */
export function merge(a: EnumerableSet, b: EnumerableSet): SetValue {
  if (a === b || b.size === 0) return a;
  if (a.size === 0) return b;
  if (b.size === 1 && a instanceof FiniteSet) return a.with(b.elements()[0]!);
  if (a.size === 1 && b instanceof FiniteSet) return b.with(a.elements()[0]!);
  const left = a.elements();
  const right = b.elements();
  const items: Value[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    const order = compare(left[i]!, right[j]!);
    items.push(order <= 0 ? left[i]! : right[j]!);
    if (order <= 0) i += 1;
    if (order >= 0) j += 1;
  }
  while (i < left.length) items.push(left[i++]!);
  while (j < right.length) items.push(right[j++]!);
  if (items.length === left.length) return a;
  return items.length === right.length ? b : new FiniteSet(items);
}

/** The elements of `a` that satisfy `keep`; `a` itself if all do. */
export function select(a: SetValue, keep: (value: Value) => boolean): SetValue {
  const elements = a.elements();
  const kept: Value[] = [];
  for (const element of elements) {
    if (keep(element)) kept.push(element);
  }
  return kept.length === elements.length ? a : sortedSet(kept);
}
