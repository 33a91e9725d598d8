/** What the finite functions share, and how functions of different kinds compare. */
import { FUNCTION_HIGH, FUNCTION_LOW, pairHigh, pairLow } from "./hash.ts";
import {
  compareValues,
  EvaluationError,
  FunctionValue,
  hashHigh,
  hashLow,
  ModelValue,
  type Permutation,
  permute,
  show,
  type Value,
} from "./value.ts";

/** What the finite functions share: values beside sorted arguments. */
export abstract class EnumeratedFunction extends FunctionValue {
  /** The value of the argument with the same index in the sorted domain. */
  abstract readonly values: readonly Value[];
  /** The index of an argument; -1 outside the domain; strict as TLC. */
  abstract indexOf(argument: Value): number;
  /** The argument at an index. */
  protected abstract keyAt(index: number): Value;
  /** A function of the same domain. */
  abstract withValues(values: readonly Value[]): EnumeratedFunction;

  /** Whether this is a record, which TLC compares with records only. */
  get isRecord(): boolean {
    return false;
  }

  override get size(): number {
    return this.values.length;
  }

  override finite(): EnumeratedFunction {
    return this;
  }

  override except(argument: Value, value: Value): FunctionValue {
    const index = this.indexOf(argument);
    return index < 0 ? this : this.exceptAt(index, value);
  }

  /** As `except`, of the argument at an index. */
  exceptAt(index: number, value: Value): EnumeratedFunction {
    const old = this.values[index]!;
    if (old === value) return this;
    const values = this.values.slice();
    values[index] = value;
    const result = this.withValues(values);
    if ((this.low !== 0 || this.high !== 0) && canHash(value)) {
      const key = this.keyAt(index);
      const keyLow = hashLow(key);
      const keyHigh = hashHigh(key);
      const removedLow = pairLow(keyLow, hashLow(old));
      const removedHigh = pairHigh(keyHigh, hashHigh(old));
      result.low = (this.low - removedLow + pairLow(keyLow, hashLow(value))) | 0;
      result.high = (this.high - removedHigh + pairHigh(keyHigh, hashHigh(value))) | 0;
    }
    return result;
  }

  override rehash(): void {
    let low = FUNCTION_LOW;
    let high = FUNCTION_HIGH;
    const values = this.values;
    for (let index = 0; index < values.length; index += 1) {
      const key = this.keyAt(index);
      const value = values[index]!;
      low = (low + pairLow(hashLow(key), hashLow(value))) | 0;
      high = (high + pairHigh(hashHigh(key), hashHigh(value))) | 0;
    }
    this.low = low;
    this.high = high;
  }

  protected permutedValues(permutation: Permutation): readonly Value[] {
    let changed: Value[] | null = null;
    for (let index = 0; index < this.values.length; index += 1) {
      const value = this.values[index]!;
      const image = permute(value, permutation);
      if (image === value) continue;
      changed ??= this.values.slice();
      changed[index] = image;
    }
    return changed ?? this.values;
  }
}

/**
 * Hashes the value, if it can be. A value that cannot be enumerated has no hash, and may still be
 * the value of a function that is only ever applied.
 */
export function canHash(value: Value): boolean {
  try {
    hashLow(value);
    return true;
  } catch {
    return false;
  }
}

/** The error of comparing a function with a value of another kind; model values are unequal. */
export function demandFunction(
  a: EnumeratedFunction,
  b: Value,
  verb: string,
): EnumeratedFunction | null {
  if (b instanceof FunctionValue) return enumerated(b);
  if (b instanceof ModelValue) {
    b.demandComparable(a, verb);
    return null;
  }
  throw new EvaluationError(
    a.isRecord
      ? `Attempted to ${verb} record:\n${a.show()}\nwith non-record\n${show(b)}`
      : `Attempted to ${verb} the function ${a.show()} with the value:\n${show(b)}`,
  );
}

/** Functions of different classes never have the same domain, but may have comparable ones. */
export function compareDomains(a: EnumeratedFunction, b: EnumeratedFunction, verb: string): number {
  if (a.isRecord && b.size > 0 && !b.isRecord) {
    throw new EvaluationError(
      `Attempted to ${verb} record:\n${a.show()}\nwith non-record\n${b.show()}`,
    );
  }
  if (a.size !== b.size) return a.size - b.size;
  return compareValues(a.domain().elements(), b.domain().elements());
}

/** The function with its values beside its arguments; fails if it is infinite. */
export function enumerated(f: FunctionValue): EnumeratedFunction {
  return f.finite() as EnumeratedFunction;
}
