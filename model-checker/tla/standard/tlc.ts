/** Module TLC, without what makes a result depend on chance, the clock or the run. */
import {
  ANY,
  EvaluationError,
  enumerated,
  FunctionValue,
  finiteSet,
  functionFromPairs,
  functionOver,
  SetValue,
  search,
  show,
  sortedSet,
  tlaString,
  tuple,
  type Value,
} from "../values/index.ts";
import {
  argumentError,
  type Operator,
  operator,
  refused,
  type StandardOperator,
  sequenceArgument,
  standardModule,
} from "./operator.ts";

let printSink: (text: string) => void = () => {};

/** Sets where Print and PrintT write, one line a call; nowhere by default. */
export function setPrintSink(sink: (text: string) => void): void {
  printSink = sink;
}

/** `Print(out, value)`. */
export function print(out: Value, value: Value): Value {
  printSink(`${show(out)}  ${show(value)}`);
  return value;
}

/** `PrintT(out)`. */
export function printT(out: Value): boolean {
  printSink(show(out));
  return true;
}

/** `Assert(condition, message)`: TRUE, or an EvaluationError. */
export function assertTrue(condition: Value, message: Value): boolean {
  if (condition === true) return true;
  throw new EvaluationError(
    `The first argument of Assert evaluated to FALSE; the second argument was:\n${show(message)}`,
  );
}

/** `argument :> value`. */
export function singleton(argument: Value, value: Value): FunctionValue {
  return functionOver(finiteSet([argument]), [value]);
}

/** `f @@ g`: on common arguments f decides. */
export function combine(f: Value, g: Value): Value {
  if (!(f instanceof FunctionValue)) throw argumentError("first", "@@", "a function", f);
  if (!(g instanceof FunctionValue)) throw argumentError("second", "@@", "a function", g);
  const first = enumerated(f);
  const second = enumerated(g);
  const keys = first.domain().elements().slice();
  const values = first.values.slice();
  second
    .domain()
    .elements()
    .forEach((key, index) => {
      if (search(first.domain().elements(), key) >= 0) return;
      keys.push(key);
      values.push(second.values[index]!);
    });
  return keys.length === first.size ? first : functionFromPairs(keys, values);
}

/** `Permutations(S)`: the bijections of S. */
export function permutations(set: Value): Value {
  if (!(set instanceof SetValue) || !set.enumerable) {
    throw new EvaluationError(
      `Applying Permutations to the following value,\nwhich is not a finite set:\n${show(set)}`,
    );
  }
  const bijections = arrangements(set.elements());
  return sortedSet(bijections.map((images) => functionOver(set, images)));
}

/** All orders of the values, lexicographic if the values ascend. */
function arrangements(values: readonly Value[]): readonly (readonly Value[])[] {
  if (values.length === 0) return [[]];
  return values.flatMap((first) =>
    arrangements(values.filter((value) => value !== first)).map((rest) => [first, ...rest]),
  );
}

/** `SortSeq(s, Before)`: by insertion, as TLC sorts, which decides where Before is no order. */
export function sortSequence(s: Value, before: Operator): Value {
  const { elements } = sequenceArgument(s, "first", "SortSeq");
  const sorted: Value[] = [];
  for (const element of elements) {
    let at = sorted.length;
    while (at > 0 && isBefore(before, element, sorted[at - 1]!)) at -= 1;
    sorted.splice(at, 0, element);
  }
  return tuple(sorted);
}

function isBefore(before: Operator, a: Value, b: Value): boolean {
  const verdict = before(a, b);
  if (typeof verdict === "boolean") return verdict;
  throw argumentError("second", "SortSeq", "a boolean function", verdict);
}

const sortSeq: StandardOperator = {
  name: "SortSeq",
  parameters: ["value", "operator"],
  apply: sortSequence,
};

const OF_THE_RUN = "its value depends on the run of the checker, not on the state";

export const tlc = standardModule(
  [],
  [
    operator("Print", 2, print),
    operator("PrintT", 1, printT),
    operator("Assert", 2, assertTrue),
    operator(":>", 2, singleton),
    operator("@@", 2, combine),
    operator("Permutations", 1, permutations),
    operator("ToString", 1, (value: Value) => tlaString(show(value))),
    operator("TLCEval", 1, (value: Value) => value),
    operator("Any", 0, () => ANY),
    sortSeq,
    refused("JavaTime", 0, "its value depends on the clock"),
    refused("RandomElement", 1, "its value depends on chance"),
    refused("TLCGet", 1, OF_THE_RUN),
    refused("TLCSet", 2, OF_THE_RUN),
  ],
);
