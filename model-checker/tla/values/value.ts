/**
 * The values of TLA+, as TLC has them: booleans, integers of 32 bits, strings, model values, sets
 * and functions (tuples and records are functions), with strict equality, a total order, a hash of
 * two lanes, TLC's notation, and the action of a permutation of model values.
 *
 * Values are immutable; caches inside them (hash, enumeration) do not show.
 */
import { integerHigh, integerLow, mixHigh, mixLow, textHigh, textLow } from "./hash.ts";

export type Value = boolean | number | TlaString | ModelValue | SetValue | FunctionValue;

/** How SYMMETRY renames: model values that are not a key stay. */
export type Permutation = ReadonlyMap<ModelValue, ModelValue>;

/** What TLC calls an evaluation error; the message names no place, the compiler adds it. */
export class EvaluationError extends Error {
  override readonly name = "EvaluationError";
}

/** What all values that are objects share. */
abstract class ObjectValue {
  /** The two lanes of the hash. A composite value has 0 in both until `rehash` has run. */
  low = 0;
  high = 0;
  /** Sets both lanes. */
  abstract rehash(): void;
  abstract equalTo(other: Value): boolean;
  abstract compareTo(other: Value): number;
  abstract show(): string;
  abstract permute(permutation: Permutation): Value;
}

const tokens = new Map<string, number>();

/**
 * The place of a text in the order of first appearance. TLC numbers all names and strings of the
 * configuration and the modules as it reads them, and orders strings, record fields and model
 * values by that number; a loader that interns in the same sequence gets the same order.
 */
export function internToken(text: string): number {
  let token = tokens.get(text);
  if (token === undefined) {
    token = tokens.size;
    tokens.set(text, token);
  }
  return token;
}

/** A string. Interned by `tlaString`: equal strings are the same object; ordered by `token`. */
export class TlaString extends ObjectValue {
  readonly text: string;
  readonly token: number;

  constructor(text: string) {
    super();
    this.text = text;
    this.token = internToken(text);
    this.rehash();
  }

  override rehash(): void {
    this.low = textLow(this.text, 0x41c6ce57);
    this.high = textHigh(this.text, 0x41c6ce57);
  }

  override equalTo(other: Value): boolean {
    if (other instanceof TlaString) return this === other;
    return modelValueEquals(this, other, "check equality of string", "string");
  }

  override compareTo(other: Value): number {
    if (other instanceof TlaString) return this.token - other.token;
    return modelValueAfter(this, other, "string");
  }

  override show(): string {
    const escapes: Record<string, string> = {
      '"': '\\"',
      "\\": "\\\\",
      "\t": "\\t",
      "\n": "\\n",
      "\f": "\\f",
      "\r": "\\r",
    };
    return `"${this.text.replace(/["\\\t\n\f\r]/g, (character) => escapes[character]!)}"`;
  }

  override permute(): Value {
    return this;
  }
}

const strings = new Map<string, TlaString>();

/** The string with this text. */
export function tlaString(text: string): TlaString {
  let value = strings.get(text);
  if (value === undefined) {
    value = new TlaString(text);
    strings.set(text, value);
  }
  return value;
}

/** A value of the configuration that equals only itself. Interned by `modelValue`. */
export class ModelValue extends ObjectValue {
  readonly name: string;
  readonly token: number;
  /** "A" for A_1: comparable only with model values of its type and untyped ones. */
  readonly type: string | null;

  constructor(name: string) {
    super();
    this.name = name;
    this.token = internToken(name);
    this.type = name.length > 2 && name[1] === "_" ? name[0]! : null;
    this.rehash();
  }

  override rehash(): void {
    this.low = textLow(this.name, 0x7a3d9f05);
    this.high = textHigh(this.name, 0x7a3d9f05);
  }

  override equalTo(other: Value): boolean {
    if (this === other) return true;
    this.demandComparable(other, "check equality of");
    return false;
  }

  override compareTo(other: Value): number {
    this.demandComparable(other, "compare");
    return other instanceof ModelValue ? this.token - other.token : -1;
  }

  override show(): string {
    return this.name;
  }

  override permute(permutation: Permutation): Value {
    return permutation.get(this) ?? this;
  }

  /** A typed model value meets only its own type and untyped model values. */
  demandComparable(other: Value, verb: string): void {
    if (this.type === null) return;
    if (!(other instanceof ModelValue)) {
      throw new EvaluationError(
        `Attempted to ${verb} the typed model value ${this.name} and the non-model value\n` +
          show(other),
      );
    }
    if (other.type !== null && other.type !== this.type) {
      throw new EvaluationError(
        `Attempted to ${verb} the differently-typed model values ${this.name} and ${other.name}`,
      );
    }
  }
}

const modelValues = new Map<string, ModelValue>();

/** The model value with this name. */
export function modelValue(name: string): ModelValue {
  let value = modelValues.get(name);
  if (value === undefined) {
    value = new ModelValue(name);
    modelValues.set(name, value);
  }
  return value;
}

/** What a set knows about functions on it; see `functionOver`. */
export type FunctionShape = "tuple" | "function" | readonly TlaString[];

/** A set, enumerated or not. */
export abstract class SetValue extends ObjectValue {
  /** What a function with this domain is; null until asked. */
  shape: FunctionShape | null = null;

  /** Strict as TLC: an EvaluationError where `value` is of a kind that the set cannot hold. */
  abstract has(value: Value): boolean;
  /** All elements, each once, ascending by `compare`; an EvaluationError if there is no end. */
  abstract elements(): readonly Value[];
  /** The cardinality; an EvaluationError if infinite or beyond 2^31-1. */
  abstract get size(): number;

  /** Whether the set is finite, decided without enumerating it. */
  isFinite(): boolean {
    return true;
  }

  /** False for sets such as Nat, of which TLC says that they are not enumerable. */
  get enumerable(): boolean {
    return true;
  }

  /** Visits in the order of `elements` until `visit` says true; returns whether one did. */
  forEachUntil(visit: (value: Value) => boolean): boolean {
    for (const element of this.elements()) {
      if (visit(element)) return true;
    }
    return false;
  }

  override rehash(): void {
    let low = 0;
    let high = 0;
    for (const element of this.elements()) {
      low = (low + mixedElementLow(element)) | 0;
      high = (high + mixedElementHigh(element)) | 0;
    }
    this.low = low;
    this.high = high;
  }

  override equalTo(other: Value): boolean {
    if (!(other instanceof SetValue)) {
      if (other instanceof ModelValue) return other.equalTo(this);
      throw new EvaluationError(
        `Attempted to check equality of the set ${this.show()} with the value:\n${show(other)}`,
      );
    }
    if (this === other) return true;
    if (!other.enumerable || !this.enumerable) {
      return this.compareEndless(other) === 0;
    }
    return this.size === other.size && sameValues(this.elements(), other.elements());
  }

  override compareTo(other: Value): number {
    if (!(other instanceof SetValue)) {
      if (other instanceof ModelValue) return -other.compareTo(this);
      throw new EvaluationError(
        `Attempted to compare the set ${this.show()} with the value:\n${show(other)}`,
      );
    }
    if (this === other) return 0;
    if (!other.enumerable || !this.enumerable) return this.compareEndless(other);
    const bySize = this.size - other.size;
    return bySize !== 0 ? bySize : compareValues(this.elements(), other.elements());
  }

  /** The order of two sets of which one is not enumerable; most are not comparable. */
  protected compareEndless(other: SetValue): number {
    throw new EvaluationError(
      `Attempted to compare the set ${this.show()} with the value:\n${other.show()}`,
    );
  }

  override show(): string {
    return `{${this.elements().map(show).join(", ")}}`;
  }
}

/** A function; tuples and records included. */
export abstract class FunctionValue extends ObjectValue {
  abstract domain(): SetValue;
  /** An EvaluationError where `argument` is outside the domain. */
  abstract apply(argument: Value): Value;
  /** As TLC: outside the domain the function is unchanged. */
  abstract except(argument: Value, value: Value): FunctionValue;
  /** The cardinality of the domain. */
  abstract get size(): number;
  /** The same function as a Tuple, RecordValue or FiniteFunction; fails if it is infinite. */
  abstract finite(): FunctionValue;
}

/** Whether two sequences of the same length have equal values, compared from the left. */
export function sameValues(a: readonly Value[], b: readonly Value[]): boolean {
  for (let index = 0; index < a.length; index += 1) {
    if (!equal(a[index]!, b[index]!)) return false;
  }
  return true;
}

/** The lexicographic order of two sequences of the same length. */
export function compareValues(a: readonly Value[], b: readonly Value[]): number {
  for (let index = 0; index < a.length; index += 1) {
    const order = compare(a[index]!, b[index]!);
    if (order !== 0) return order;
  }
  return 0;
}

/** TLC's `=`. Values of kinds that TLC does not compare are an EvaluationError, as 0 = "a". */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a === "object") return a.equalTo(b);
  if (typeof a === typeof b) return false;
  return typeof a === "number"
    ? modelValueEquals(a, b, "check equality of integer", "integer")
    : modelValueEquals(a, b, "compare equality of boolean", "boolean");
}

/** TLC's order: negative, 0 or positive. The same strictness as `equal`. */
export function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  if (typeof a === "number") {
    if (typeof b === "number") return a < b ? -1 : 1;
    return modelValueAfter(a, b, "integer");
  }
  if (typeof a === "object") return a.compareTo(b);
  if (typeof b === "boolean") return a ? 1 : -1;
  return modelValueAfter(a, b, "boolean");
}

function modelValueEquals(a: Value, b: Value, verb: string, kind: string): false {
  if (!(b instanceof ModelValue)) {
    throw new EvaluationError(`Attempted to ${verb} ${show(a)} with non-${kind}:\n${show(b)}`);
  }
  b.demandComparable(a, "check equality of");
  return false;
}

function modelValueAfter(a: Value, b: Value, kind: string): 1 {
  if (!(b instanceof ModelValue)) {
    throw new EvaluationError(
      `Attempted to compare ${kind} ${show(a)} with non-${kind}:\n${show(b)}`,
    );
  }
  b.demandComparable(a, "compare");
  return 1;
}

const TRUE_LANE = 0x3ade68b1;
const FALSE_LANE = 0x1c69b3f7;

/** The first lane of the hash, an int32. Equal values have equal lanes. */
export function hashLow(value: Value): number {
  if (typeof value === "number") return integerLow(value);
  if (typeof value === "boolean") return value ? TRUE_LANE : FALSE_LANE;
  if (value.low === 0 && value.high === 0) value.rehash();
  return value.low;
}

/** The second lane of the hash, independent of the first. */
export function hashHigh(value: Value): number {
  if (typeof value === "number") return integerHigh(value);
  if (typeof value === "boolean") return value ? ~FALSE_LANE : ~TRUE_LANE;
  if (value.low === 0 && value.high === 0) value.rehash();
  return value.high;
}

/** What an element adds to the first lane of a set. */
export const mixedElementLow = (value: Value): number => mixLow(hashLow(value) + 0x27d4eb2f);
/** What an element adds to the second lane of a set. */
export const mixedElementHigh = (value: Value): number => mixHigh(hashHigh(value) + 0x165667b1);

/** TLC's notation, as in its error traces. */
export function show(value: Value): string {
  if (typeof value === "object") return value.show();
  if (typeof value === "number") return String(value);
  return value ? "TRUE" : "FALSE";
}

/** The value with its model values renamed; the value itself where nothing changes. */
export function permute(value: Value, permutation: Permutation): Value {
  return typeof value === "object" ? value.permute(permutation) : value;
}
