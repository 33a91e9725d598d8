/** Module Bags: a bag is a function from its elements to how many copies of each it has. */
import {
  asSet,
  type EnumeratedFunction,
  EvaluationError,
  emptyTuple,
  enumerated,
  FunctionValue,
  finiteSet,
  functionFromPairs,
  functionOver,
  SetValue,
  search,
  show,
  type Value,
} from "../values/index.ts";
import { plus } from "./naturals.ts";
import {
  argumentError,
  type Operator,
  operator,
  type StandardOperator,
  standardModule,
} from "./operator.ts";

const isCount = (value: Value): value is number => typeof value === "number" && value > 0;

/** `IsABag(B)`. */
export function isABag(bag: Value): boolean {
  return bag instanceof FunctionValue && enumerated(bag).values.every(isCount);
}

function wrongValue(name: string, kind: string, value: Value): EvaluationError {
  return new EvaluationError(
    `Applying ${name} to the following value,\nwhich is not ${kind}:\n${show(value)}`,
  );
}

/** The argument as a bag. */
function bagArgument(value: Value, name: string): EnumeratedFunction {
  if (!(value instanceof FunctionValue)) {
    throw wrongValue(name, "a function with a finite domain", value);
  }
  const bag = enumerated(value);
  if (!bag.values.every(isCount)) throw wrongValue(name, "a bag", value);
  return bag;
}

/** How many copies of the key at hand. */
function copies(bag: EnumeratedFunction, element: Value): number {
  const index = search(bag.domain().elements(), element);
  return index < 0 ? 0 : (bag.values[index] as number);
}

/** The bag of the pairs of an element and a count, each element as often as it comes. */
function collect(elements: readonly Value[], counts: readonly Value[]): Value {
  const domain = finiteSet(elements).elements();
  const totals: number[] = domain.map(() => 0);
  for (let index = 0; index < elements.length; index += 1) {
    const at = search(domain, elements[index]!);
    totals[at] = plus(totals[at]!, counts[index]!);
  }
  return functionFromPairs(domain, totals);
}

const elementsOf = (bag: EnumeratedFunction): readonly Value[] => bag.domain().elements();

/** `B1 (+) B2`. */
export function bagSum(b1: Value, b2: Value): Value {
  if (!isABag(b1)) throw argumentError("first", "(+)", "a bag", b1);
  if (!isABag(b2)) throw argumentError("second", "(+)", "a bag", b2);
  const left = bagArgument(b1, "(+)");
  const right = bagArgument(b2, "(+)");
  return collect(elementsOf(left).concat(elementsOf(right)), left.values.concat(right.values));
}

/** `B1 (-) B2`: the copies of B1 that B2 does not take. */
export function bagDifference(b1: Value, b2: Value): Value {
  if (!isABag(b1)) throw argumentError("first", "(-)", "a bag", b1);
  if (!isABag(b2)) throw argumentError("second", "(-)", "a bag", b2);
  const left = bagArgument(b1, "(-)");
  const right = bagArgument(b2, "(-)");
  const elements: Value[] = [];
  const counts: number[] = [];
  elementsOf(left).forEach((element, index) => {
    const rest = (left.values[index] as number) - copies(right, element);
    if (rest <= 0) return;
    elements.push(element);
    counts.push(rest);
  });
  return functionFromPairs(elements, counts);
}

/** `BagUnion(S)`: the sum of the bags in a set. */
export function bagUnion(set: Value): Value {
  if (!(set instanceof SetValue)) throw wrongValue("BagUnion", "a finite enumerable set", set);
  const bags = set.elements().map((bag) => {
    if (isABag(bag)) return bagArgument(bag, "BagUnion");
    throw new EvaluationError(
      "Attempted to apply BagUnion to the following set, whose\n" +
        `element is not a bag:\n${show(set)}`,
    );
  });
  return collect(
    bags.flatMap(elementsOf),
    bags.flatMap((bag) => bag.values),
  );
}

/** `B1 \sqsubseteq B2`. */
export function isSubBag(b1: Value, b2: Value): boolean {
  const left = bagArgument(b1, "\\sqsubseteq");
  const right = bagArgument(b2, "\\sqsubseteq");
  return elementsOf(left).every(
    (element, index) => (left.values[index] as number) <= copies(right, element),
  );
}

/** `SubBag(B)`: all bags that are part of B. */
export function subBags(bag: Value): Value {
  const whole = bagArgument(bag, "SubBag");
  let parts: { elements: readonly Value[]; counts: readonly number[] }[] = [
    { elements: [], counts: [] },
  ];
  elementsOf(whole).forEach((element, index) => {
    const most = whole.values[index] as number;
    const longer = parts.flatMap(({ elements, counts }) =>
      Array.from({ length: most }, (_, copy) => ({
        elements: [...elements, element],
        counts: [...counts, copy + 1],
      })),
    );
    parts = parts.concat(longer);
  });
  return finiteSet(parts.map(({ elements, counts }) => functionFromPairs(elements, counts)));
}

/** `BagOfAll(F, B)`: the bag of F(e) for each copy of e in B. */
export function bagOfAll(map: Operator, bag: Value): Value {
  const source = bagArgument(bag, "BagOfAll");
  return collect(
    elementsOf(source).map((element) => map(element)),
    source.values,
  );
}

/** `BagCardinality(B)`: the number of copies of all elements. */
export function bagCardinality(bag: Value): number {
  return bagArgument(bag, "BagCardinality").values.reduce<number>(plus, 0);
}

/** `SetToBag(S)`. */
export function setToBag(set: Value): Value {
  const domain = asSet(set, "SetToBag");
  return functionOver(
    domain,
    domain.elements().map(() => 1),
  );
}

/** `BagToSet(B)`. */
export function bagToSet(bag: Value): Value {
  if (bag instanceof FunctionValue) return bag.domain();
  throw wrongValue("BagToSet", "a function with a finite domain", bag);
}

const bagOfAllOperator: StandardOperator = {
  name: "BagOfAll",
  parameters: ["operator", "value"],
  apply: bagOfAll,
};

export const bags = standardModule(
  ["TLC"],
  [
    operator("EmptyBag", 0, () => emptyTuple),
    operator("IsABag", 1, isABag),
    operator("BagToSet", 1, bagToSet),
    operator("SetToBag", 1, setToBag),
    operator("BagIn", 2, (e: Value, bag: Value) => copies(bagArgument(bag, "BagIn"), e) > 0),
    operator("CopiesIn", 2, (e: Value, bag: Value) => copies(bagArgument(bag, "CopiesIn"), e)),
    operator("(+)", 2, bagSum),
    operator("(-)", 2, bagDifference),
    operator("BagUnion", 1, bagUnion),
    operator("\\sqsubseteq", 2, isSubBag),
    operator("SubBag", 1, subBags),
    operator("BagCardinality", 1, bagCardinality),
    bagOfAllOperator,
  ],
);
