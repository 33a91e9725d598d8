/** Sets that are never enumerated: Nat, Int, STRING, Seq(S), and Any of module TLC. */
import { asTuple } from "./functions.ts";
import {
  compare,
  EvaluationError,
  FunctionValue,
  ModelValue,
  type Permutation,
  SetValue,
  show,
  TlaString,
  type Value,
} from "./value.ts";

abstract class InfiniteSet extends SetValue {
  override elements(): readonly Value[] {
    throw new EvaluationError(`Attempted to enumerate the non-enumerable set ${this.show()}.`);
  }

  override get size(): number {
    throw new EvaluationError(
      `Attempted to compute the number of elements in the overridden value ${this.show()}.`,
    );
  }

  override isFinite(): boolean {
    return false;
  }

  override get enumerable(): boolean {
    return false;
  }

  override permute(_permutation: Permutation): SetValue {
    return this;
  }

  /** No value of another kind is a member: false for a model value, an error for the rest. */
  protected refuse(value: Value): false {
    if (value instanceof ModelValue && value.type === null) return false;
    throw new EvaluationError(
      `Attempted to check if the value:\n${show(value)}\nis an element of ${this.show()}.`,
    );
  }
}

class Naturals extends InfiniteSet {
  override has(value: Value): boolean {
    return typeof value === "number" ? value >= 0 : this.refuse(value);
  }

  protected override compareEndless(other: SetValue): number {
    return other === INT ? -1 : super.compareEndless(other);
  }

  override show(): string {
    return "Nat";
  }
}

class Integers extends InfiniteSet {
  override has(value: Value): boolean {
    return typeof value === "number" || this.refuse(value);
  }

  protected override compareEndless(other: SetValue): number {
    return other === NAT ? 1 : super.compareEndless(other);
  }

  override show(): string {
    return "Int";
  }
}

class Strings extends InfiniteSet {
  override has(value: Value): boolean {
    return value instanceof TlaString || this.refuse(value);
  }

  override show(): string {
    return "STRING";
  }
}

class Anything extends InfiniteSet {
  override has(_value: Value): boolean {
    return true;
  }

  override show(): string {
    return "ANY";
  }
}

class Sequences extends InfiniteSet {
  private readonly range: SetValue;

  constructor(range: SetValue) {
    super();
    this.range = range;
  }

  override has(value: Value): boolean {
    const sequence = value instanceof FunctionValue ? asTuple(value) : null;
    if (sequence === null) return this.refuse(value);
    return sequence.elements.every((element) => this.range.has(element));
  }

  protected override compareEndless(other: SetValue): number {
    return other instanceof Sequences
      ? compare(this.range, other.range)
      : super.compareEndless(other);
  }

  override permute(permutation: Permutation): SetValue {
    return new Sequences(this.range.permute(permutation) as SetValue);
  }

  override show(): string {
    return `Seq(${this.range.show()})`;
  }
}

export const NAT: SetValue = new Naturals();
export const INT: SetValue = new Integers();
export const STRING: SetValue = new Strings();
/** `v \in Any` is true of any value. */
export const ANY: SetValue = new Anything();

/** `Seq(S)`: membership only. */
export function sequences(range: SetValue): SetValue {
  return new Sequences(range);
}
