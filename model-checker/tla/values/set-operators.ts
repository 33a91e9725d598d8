/**
 * The operators on sets. Of two sets at hand the result is at hand too; otherwise it is kept as an
 * expression, so that `x \in Nat \cup {Nil}` and `x \in UNION {SUBSET S, T}` need no enumeration.
 */
import { EnumerableSet, FiniteSet, finiteSet, Interval, merge, select } from "./enumerated.ts";
import { FunctionSet, Product, RecordSet, Subsets } from "./lazy-sets.ts";
import { EvaluationError, SetValue, show, type TlaString, type Value } from "./value.ts";

const isAtHand = (set: SetValue): set is FiniteSet | Interval =>
  set instanceof FiniteSet || set instanceof Interval;

/** A set derived from others: its elements are collected and sorted when they are needed. */
abstract class DerivedSet extends EnumerableSet {
  private cached: readonly Value[] | null = null;

  protected abstract collect(): SetValue;

  override elements(): readonly Value[] {
    this.cached ??= this.collect().elements();
    return this.cached;
  }

  override get size(): number {
    return this.elements().length;
  }

  /** Only the elements say whether there are finitely many. */
  override isFinite(): boolean {
    return true;
  }
}

class Cup extends DerivedSet {
  private readonly left: SetValue;
  private readonly right: SetValue;

  constructor(left: SetValue, right: SetValue) {
    super();
    this.left = left;
    this.right = right;
  }

  override has(value: Value): boolean {
    return this.left.has(value) || this.right.has(value);
  }

  override isFinite(): boolean {
    return this.left.isFinite() && this.right.isFinite();
  }

  protected override collect(): SetValue {
    demandEnumerable(this.left, this);
    demandEnumerable(this.right, this);
    return merge(new FiniteSet(this.left.elements()), new FiniteSet(this.right.elements()));
  }

  override show(): string {
    return this.isFinite() ? super.show() : `${this.left.show()} \\cup ${this.right.show()}`;
  }
}

class Difference extends DerivedSet {
  private readonly left: SetValue;
  private readonly right: SetValue;

  constructor(left: SetValue, right: SetValue) {
    super();
    this.left = left;
    this.right = right;
  }

  override has(value: Value): boolean {
    return this.left.has(value) && !this.right.has(value);
  }

  override isFinite(): boolean {
    if (this.left.isFinite()) return true;
    if (this.right.isFinite()) return false;
    throw new EvaluationError(`Attempted to check if the set ${this.show()} is finite.`);
  }

  protected override collect(): SetValue {
    demandEnumerable(this.left, this);
    return select(this.left, (element) => !this.right.has(element));
  }

  override show(): string {
    return this.left.isFinite() ? super.show() : `${this.left.show()} \\ ${this.right.show()}`;
  }
}

/** `{x \in S : P(x)}` of a set not at hand: membership asks S and P. */
class Filtered extends DerivedSet {
  private readonly base: SetValue;
  private readonly predicate: (value: Value) => boolean;

  constructor(base: SetValue, predicate: (value: Value) => boolean) {
    super();
    this.base = base;
    this.predicate = predicate;
  }

  override has(value: Value): boolean {
    return this.base.has(value) && this.predicate(value);
  }

  override forEachUntil(visit: (value: Value) => boolean): boolean {
    return this.base.forEachUntil((value) => this.predicate(value) && visit(value));
  }

  override isFinite(): boolean {
    if (this.base.isFinite()) return true;
    throw new EvaluationError(
      "Attempted to check if expression of form {x \\in S : p(x)} is a finite set, " +
        `but cannot check if S:\n${this.base.show()}\nis finite.`,
    );
  }

  protected override collect(): SetValue {
    const kept: Value[] = [];
    this.forEachUntil((value) => {
      kept.push(value);
      return false;
    });
    return new FiniteSet(kept);
  }

  override show(): string {
    return this.base.isFinite() ? super.show() : `{x \\in ${this.base.show()} : <expression>}`;
  }
}

/** `UNION S` where some member of S is not at hand. */
class Union extends DerivedSet {
  private readonly parts: SetValue;

  constructor(parts: SetValue) {
    super();
    this.parts = parts;
  }

  override has(value: Value): boolean {
    return this.parts.forEachUntil((part) => asSet(part, "UNION").has(value));
  }

  override isFinite(): boolean {
    return !this.parts.forEachUntil((part) => !asSet(part, "UNION").isFinite());
  }

  protected override collect(): SetValue {
    return unionOf(this.parts.elements().map((part) => asSet(part, "UNION")));
  }

  override show(): string {
    return this.parts.isFinite() && this.isFinite() ? super.show() : `UNION(${this.parts.show()})`;
  }
}

function demandEnumerable(set: SetValue, whole: SetValue): void {
  if (!set.enumerable) {
    throw new EvaluationError(
      `Attempted to enumerate\n${whole.show()}\nbut\n${set.show()}\nis not enumerable.`,
    );
  }
}

/** The value as a set; otherwise an EvaluationError that names the operator. */
export function asSet(value: Value, operator: string): SetValue {
  if (value instanceof SetValue) return value;
  throw new EvaluationError(
    `Attempted to apply the operator ${operator} to a value that is not a set:\n${show(value)}`,
  );
}

/** Many sets are merged at once: sorting all elements beats merging one by one. */
function unionOf(parts: readonly SetValue[]): SetValue {
  const [first, second] = parts;
  if (first === undefined || second === undefined) return first ?? finiteSet([]);
  if (parts.length === 2) return cup(first, second);
  return finiteSet(parts.flatMap((part) => part.elements()));
}

/** `SUBSET S`. */
export const subsets = (base: SetValue): SetValue => new Subsets(base);

/** `[S -> T]`. */
export const functionSet = (domain: SetValue, range: SetValue): SetValue =>
  new FunctionSet(domain, range);

/** `[a: S, b: T]`, fields in any order. An EvaluationError if a name occurs twice. */
export const recordSet = (
  fields: readonly (readonly [name: TlaString, set: SetValue])[],
): SetValue => new RecordSet(fields);

/** `S \X T \X U`. */
export const product = (factors: readonly SetValue[]): SetValue => new Product(factors);

/** `{x \in S : P(x)}`, decided only where needed. */
export const filtered = (base: SetValue, predicate: (value: Value) => boolean): SetValue =>
  new Filtered(base, predicate);

/** `UNION S`. */
export function union(sets: SetValue): SetValue {
  if (sets instanceof FiniteSet) {
    const parts = sets.items;
    if (parts.every((part) => part instanceof SetValue && isAtHand(part))) {
      return unionOf(parts as readonly SetValue[]);
    }
  }
  return new Union(sets);
}

/** `S \cup T`. */
export function cup(a: SetValue, b: SetValue): SetValue {
  if (isAtHand(a)) {
    if (isAtHand(b)) return merge(a, b);
    if (a.size === 0) return b;
  } else if (isAtHand(b) && b.size === 0) {
    return a;
  }
  return new Cup(a, b);
}

/** `S \cap T`. */
export function cap(a: SetValue, b: SetValue): SetValue {
  if (isAtHand(a)) return select(a, (element) => b.has(element));
  if (isAtHand(b)) return select(b, (element) => a.has(element));
  const [base, other] = a.enumerable ? [a, b] : [b, a];
  return filtered(base, (element) => other.has(element));
}

/** `S \ T`. */
export function difference(a: SetValue, b: SetValue): SetValue {
  if (!isAtHand(a)) return new Difference(a, b);
  if (a instanceof FiniteSet && b instanceof FiniteSet && b.items.length === 1) {
    return a.without(b.items[0]!);
  }
  return select(a, (element) => !b.has(element));
}

/** `S \subseteq T`; S must be enumerable, T need not be. */
export function isSubset(a: SetValue, b: SetValue): boolean {
  if (a === b && a.enumerable) return true;
  if (a instanceof Subsets && b instanceof Subsets) return isSubset(a.base, b.base);
  if (!a.enumerable) {
    throw new EvaluationError(
      "Attempted to evaluate an expression of form S \\subseteq T, but S was not enumerable.",
    );
  }
  return !a.forEachUntil((element) => !b.has(element));
}
