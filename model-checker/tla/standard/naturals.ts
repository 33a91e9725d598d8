/** Module Naturals: integers of 32 bits, every overflow an error. */
import { EvaluationError, interval, NAT, type Value } from "../values/index.ts";
import { argumentError, integerArgument, operator, standardModule } from "./operator.ts";

const LARGEST = 2_147_483_647;
const SMALLEST = -2_147_483_648;

/** The result of an operation, if it is an integer of 32 bits. `| 0` also turns -0 into 0. */
function checked(result: number, a: number, symbol: string, b: number): number {
  if (result > LARGEST || result < SMALLEST) throw overflow(`${a}${symbol}${b}`);
  return result | 0;
}

/** The error of a result beyond 32 bits. */
export function overflow(expression: string): EvaluationError {
  return new EvaluationError(`Overflow when computing ${expression}`);
}

/** `a + b`. */
export function plus(a: Value, b: Value): number {
  const left = integerArgument(a, "first", "+");
  const right = integerArgument(b, "second", "+");
  return checked(left + right, left, "+", right);
}

/** `a - b`, which may be negative in Naturals too. */
export function minus(a: Value, b: Value): number {
  const left = integerArgument(a, "first", "-");
  const right = integerArgument(b, "second", "-");
  return checked(left - right, left, "-", right);
}

/** `a * b`. */
export function times(a: Value, b: Value): number {
  const left = integerArgument(a, "first", "*");
  const right = integerArgument(b, "second", "*");
  return checked(left * right, left, "*", right);
}

/** `a ^ b`. */
export function power(a: Value, b: Value): number {
  const base = integerArgument(a, "first", "^");
  const exponent = integerArgument(b, "second", "^");
  if (exponent < 0) throw argumentError("second", "^", "a natural number", exponent);
  if (exponent === 0 && base === 0) throw new EvaluationError("0^0 is undefined.");
  return checked(base ** exponent, base, "^", exponent);
}

/** `a \div b`, rounded down. */
export function divide(a: Value, b: Value): number {
  const left = integerArgument(a, "first", "\\div");
  const right = integerArgument(b, "second", "\\div");
  if (right === 0) throw new EvaluationError("The second argument of \\div is 0.");
  return checked(Math.floor(left / right), left, " \\div ", right);
}

/** `a % b`, never negative. */
export function modulo(a: Value, b: Value): number {
  const left = integerArgument(a, "first", "%");
  const right = integerArgument(b, "second", "%");
  if (right <= 0) throw argumentError("second", "%", "a positive number", right);
  const remainder = left % right;
  return (remainder < 0 ? remainder + right : remainder) | 0;
}

/** `a .. b`. */
export function range(a: Value, b: Value): Value {
  return interval(integerArgument(a, "first", ".."), integerArgument(b, "second", ".."));
}

/** `a < b`. */
export function less(a: Value, b: Value): boolean {
  return integerArgument(a, "first", "<") < integerArgument(b, "second", "<");
}

/** `a <= b`. */
export function lessOrEqual(a: Value, b: Value): boolean {
  return integerArgument(a, "first", "<=") <= integerArgument(b, "second", "<=");
}

/** `a > b`. */
export function greater(a: Value, b: Value): boolean {
  return integerArgument(a, "first", ">") > integerArgument(b, "second", ">");
}

/** `a >= b`. */
export function greaterOrEqual(a: Value, b: Value): boolean {
  return integerArgument(a, "first", ">=") >= integerArgument(b, "second", ">=");
}

export const naturals = standardModule(
  [],
  [
    operator("Nat", 0, () => NAT),
    operator("+", 2, plus),
    operator("-", 2, minus),
    operator("*", 2, times),
    operator("^", 2, power),
    operator("\\div", 2, divide),
    operator("%", 2, modulo),
    operator("..", 2, range),
    operator("<", 2, less),
    operator("<=", 2, lessOrEqual),
    operator(">", 2, greater),
    operator(">=", 2, greaterOrEqual),
  ],
);
