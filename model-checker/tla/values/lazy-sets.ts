/**
 * Sets kept as the expression that describes them, so that membership needs no enumeration:
 * SUBSET S, [S -> T], [a: S, b: T], S \X T. They enumerate in ascending order, element by element.
 */
import { demandSetBound, EnumerableSet, sortedSet } from "./enumerated.ts";
import { enumerated } from "./enumerated-function.ts";
import { RecordValue, shapeOf, Tuple } from "./finite-functions.ts";
import { asTuple, functionOver } from "./functions.ts";
import {
  EvaluationError,
  equal,
  FunctionValue,
  ModelValue,
  SetValue,
  show,
  type TlaString,
  type Value,
} from "./value.ts";

const LARGEST_INTEGER = 2_147_483_647;
/** TLC shows a set of functions, records or tuples by its elements if there are fewer. */
const FEW_TO_SHOW = 2000;

/** A set that enumerates itself when asked, once. */
export abstract class LazySet extends EnumerableSet {
  private cached: readonly Value[] | null = null;

  /** Visits the elements in ascending order until `visit` says true. */
  protected abstract generate(visit: (value: Value) => boolean): boolean;

  override forEachUntil(visit: (value: Value) => boolean): boolean {
    return this.cached === null ? this.generate(visit) : super.forEachUntil(visit);
  }

  override elements(): readonly Value[] {
    if (this.cached === null) {
      demandSetBound(this.size);
      const elements: Value[] = [];
      this.generate((value) => {
        elements.push(value);
        return false;
      });
      this.cached = elements;
    }
    return this.cached;
  }

  protected overflow(): EvaluationError {
    return new EvaluationError(
      `Overflow when computing the number of elements in:\n${this.describe()}`,
    );
  }

  /** The expression, for messages and where the elements are too many to show. */
  protected abstract describe(): string;

  /** Whether the elements are few enough to be shown. */
  protected showsElements(): boolean {
    try {
      return this.size < FEW_TO_SHOW;
    } catch {
      return false;
    }
  }

  override show(): string {
    return this.showsElements() ? super.show() : this.describe();
  }
}

/** The product of the numbers of choices, or infinity beyond the integers. */
function countChoices(axes: readonly SetValue[]): number {
  let count = 1;
  for (const axis of axes) {
    count *= axis.size;
    if (count > LARGEST_INTEGER) return Number.POSITIVE_INFINITY;
  }
  return count;
}

/** Visits one value from each axis, the last axis fastest; each choice is a new array. */
function forEachChoice(
  axes: readonly (readonly Value[])[],
  visit: (choice: readonly Value[]) => boolean,
): boolean {
  if (axes.some((axis) => axis.length === 0)) return false;
  const at = axes.map(() => 0);
  const choice = axes.map((axis) => axis[0]!);
  for (;;) {
    if (visit(choice.slice())) return true;
    let axis = axes.length - 1;
    while (axis >= 0 && at[axis] === axes[axis]!.length - 1) {
      at[axis] = 0;
      choice[axis] = axes[axis]![0]!;
      axis -= 1;
    }
    if (axis < 0) return false;
    at[axis]! += 1;
    choice[axis] = axes[axis]![at[axis]!]!;
  }
}

/** No value of another kind is a member: false for a model value, an error for the rest. */
function refuse(value: Value, kind: string, container: string): false {
  if (value instanceof ModelValue && value.type === null) return false;
  throw new EvaluationError(
    `Attempted to check if non-${kind}\n${show(value)}\nis in the set of ${kind}s:\n${container}`,
  );
}

/** `SUBSET S`: by size, and lexicographic among equal sizes. */
export class Subsets extends LazySet {
  readonly base: SetValue;

  constructor(base: SetValue) {
    super();
    this.base = base;
  }

  override has(value: Value): boolean {
    if (value instanceof SetValue && value.enumerable) {
      return !value.forEachUntil((element) => !this.base.has(element));
    }
    throw new EvaluationError(
      `Attempted to check if the non-enumerable value\n${show(value)}\n` +
        `is element of\n${this.describe()}`,
    );
  }

  override get size(): number {
    const size = this.base.size;
    if (size >= 31) throw this.overflow();
    return 2 ** size;
  }

  override isFinite(): boolean {
    return this.base.isFinite();
  }

  override equalTo(other: Value): boolean {
    return other instanceof Subsets ? equal(this.base, other.base) : super.equalTo(other);
  }

  protected override generate(visit: (value: Value) => boolean): boolean {
    const items = this.base.elements();
    for (let size = 0; size <= items.length; size += 1) {
      if (forEachCombination(items, size, visit)) return true;
    }
    return false;
  }

  protected override showsElements(): boolean {
    try {
      return this.base.size < 7;
    } catch {
      return false;
    }
  }

  protected override describe(): string {
    const base = this.base.show();
    return /^-?\d+\.\./.test(base) ? `SUBSET (${base})` : `SUBSET ${base}`;
  }
}

/** Visits the subsets of one size in lexicographic order. */
function forEachCombination(
  items: readonly Value[],
  size: number,
  visit: (value: Value) => boolean,
): boolean {
  const at = Array.from({ length: size }, (_, index) => index);
  for (;;) {
    if (visit(sortedSet(at.map((index) => items[index]!)))) return true;
    let last = size - 1;
    while (last >= 0 && at[last] === items.length - size + last) last -= 1;
    if (last < 0) return false;
    at[last]! += 1;
    for (let next = last + 1; next < size; next += 1) at[next] = at[next - 1]! + 1;
  }
}

/** `[S -> T]`. */
export class FunctionSet extends LazySet {
  readonly domain: SetValue;
  readonly range: SetValue;

  constructor(domain: SetValue, range: SetValue) {
    super();
    this.domain = domain;
    this.range = range;
  }

  override has(value: Value): boolean {
    if (!(value instanceof FunctionValue)) return refuse(value, "function", this.describe());
    const f = enumerated(value);
    if (!equal(f.domain(), this.domain)) return false;
    for (const image of f.values) {
      if (!this.range.has(image)) return false;
    }
    return true;
  }

  override get size(): number {
    const domain = this.domain.size;
    const range = this.range.size;
    if (range <= 1) return domain === 0 ? 1 : range;
    const size = range ** domain;
    if (size > LARGEST_INTEGER) throw this.overflow();
    return size;
  }

  override isFinite(): boolean {
    return this.domain.isFinite() && this.range.isFinite();
  }

  override equalTo(other: Value): boolean {
    if (other instanceof FunctionSet) {
      if (equal(this.domain, other.domain) && equal(this.range, other.range)) return true;
    }
    return super.equalTo(other);
  }

  protected override generate(visit: (value: Value) => boolean): boolean {
    const range = this.range.elements();
    const axes = this.domain.elements().map(() => range);
    return forEachChoice(axes, (values) => visit(functionOver(this.domain, values)));
  }

  protected override describe(): string {
    return `[${this.domain.show()} -> ${this.range.show()}]`;
  }
}

/** `[a: S, b: T]`. */
export class RecordSet extends LazySet {
  readonly names: readonly TlaString[];
  readonly ranges: readonly SetValue[];

  /** At least one field, in any order. */
  constructor(fields: readonly (readonly [name: TlaString, set: SetValue])[]) {
    super();
    this.names = shapeOf(fields.map(([name]) => name));
    this.ranges = this.names.map((name) => fields.find(([other]) => other === name)![1]);
  }

  override has(value: Value): boolean {
    if (!(value instanceof FunctionValue)) return refuse(value, "record", this.describe());
    const finite = value.finite();
    if (!(finite instanceof RecordValue)) {
      return finite.size === 0 ? false : refuse(value, "record", this.describe());
    }
    if (finite.names !== this.names) return false;
    for (let index = 0; index < this.ranges.length; index += 1) {
      if (!this.ranges[index]!.has(finite.values[index]!)) return false;
    }
    return true;
  }

  override get size(): number {
    const size = countChoices(this.ranges);
    if (size > LARGEST_INTEGER) throw this.overflow();
    return size;
  }

  override isFinite(): boolean {
    return this.ranges.every((range) => range.isFinite());
  }

  protected override generate(visit: (value: Value) => boolean): boolean {
    const axes = this.ranges.map((range) => range.elements());
    return forEachChoice(axes, (values) => visit(new RecordValue(this.names, values)));
  }

  protected override describe(): string {
    const fields = this.names.map((name, at) => `${name.text}: ${this.ranges[at]!.show()}`);
    return `[${fields.join(", ")}]`;
  }
}

/** `S \X T`. */
export class Product extends LazySet {
  readonly factors: readonly SetValue[];

  constructor(factors: readonly SetValue[]) {
    super();
    this.factors = factors;
  }

  override has(value: Value): boolean {
    const tuple = asTuple(value);
    if (tuple === null) {
      const isFunction = value instanceof FunctionValue && value.finite().size > 0;
      const keys = isFunction ? value.domain().elements() : [];
      if (isFunction && keys.every((key) => typeof key === "number")) return false;
      return refuse(value, "tuple", this.describe());
    }
    if (tuple.elements.length !== this.factors.length) return false;
    for (let index = 0; index < this.factors.length; index += 1) {
      if (!this.factors[index]!.has(tuple.elements[index]!)) return false;
    }
    return true;
  }

  override get size(): number {
    const size = countChoices(this.factors);
    if (size > LARGEST_INTEGER) throw this.overflow();
    return size;
  }

  override isFinite(): boolean {
    return this.factors.every((factor) => factor.isFinite());
  }

  protected override generate(visit: (value: Value) => boolean): boolean {
    const axes = this.factors.map((factor) => factor.elements());
    return forEachChoice(axes, (values) => visit(new Tuple(values)));
  }

  protected override describe(): string {
    return `(${this.factors.map((factor) => factor.show()).join(" \\X ")})`;
  }
}
