/** Functions that are computed where they are applied. */
import type { EnumeratedFunction } from "./enumerated-function.ts";
import { functionOver } from "./functions.ts";
import {
  EvaluationError,
  equal,
  FunctionValue,
  hashHigh,
  hashLow,
  type Permutation,
  permute,
  type SetValue,
  show,
  type Value,
} from "./value.ts";

/** A remembered application of a lazy function. */
interface Application {
  readonly argument: Value;
  readonly high: number;
  readonly value: Value;
  readonly next: Application | null;
}

/**
 * A function that is computed where it is applied: on Nat, say, or defined by recursion. It
 * remembers what it has computed, and is enumerated only to be compared, hashed or shown.
 */
export class LazyFunction extends FunctionValue {
  private readonly arguments: SetValue;
  private readonly compute: (argument: Value) => Value;
  private readonly known = new Map<number, Application>();
  private enumerated: EnumeratedFunction | null = null;

  constructor(domain: SetValue, compute: (argument: Value) => Value) {
    super();
    this.arguments = domain;
    this.compute = compute;
  }

  override domain(): SetValue {
    return this.arguments;
  }

  override get size(): number {
    return this.arguments.size;
  }

  override apply(argument: Value): Value {
    const key = hashLow(argument);
    const high = hashHigh(argument);
    const first = this.known.get(key) ?? null;
    for (let entry = first; entry !== null; entry = entry.next) {
      if (entry.high === high && equal(entry.argument, argument)) return entry.value;
    }
    if (!this.arguments.has(argument)) {
      throw new EvaluationError(
        `Attempted to apply function:\n${this.show()}\nto argument ${show(argument)}, ` +
          "which is not in the domain of the function.",
      );
    }
    const value = this.compute(argument);
    this.known.set(key, { argument, high, value, next: this.known.get(key) ?? null });
    return value;
  }

  override finite(): EnumeratedFunction {
    this.enumerated ??= functionOver(
      this.arguments,
      this.arguments.elements().map((argument) => this.apply(argument)),
    );
    return this.enumerated;
  }

  override except(argument: Value, value: Value): FunctionValue {
    if (!this.arguments.has(argument)) return this;
    return new LazyFunction(this.arguments, (other) =>
      equal(other, argument) ? value : this.apply(other),
    );
  }

  override rehash(): void {
    const finite = this.finite();
    this.low = hashLow(finite);
    this.high = hashHigh(finite);
  }

  override equalTo(other: Value): boolean {
    return this.finite().equalTo(other);
  }

  override compareTo(other: Value): number {
    return this.finite().compareTo(other);
  }

  override show(): string {
    return this.arguments.enumerable && this.arguments.isFinite()
      ? this.finite().show()
      : `[x \\in ${this.arguments.show()} |-> <expression>]`;
  }

  override permute(permutation: Permutation): Value {
    return permute(this.finite(), permutation);
  }
}
