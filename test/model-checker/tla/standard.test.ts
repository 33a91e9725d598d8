/** The standard modules: each row is a TLA+ expression and what TLC printed for it. */
import { describe, expect, test } from "vitest";
import {
  baseOperators,
  type Operator,
  setPrintSink,
  standardModules,
} from "../../../model-checker/tla/standard/index.ts";
import {
  BOOLEAN,
  EvaluationError,
  finiteSet,
  functionFromPairs,
  functionSet,
  internToken,
  interval,
  LazyFunction,
  modelValue,
  NAT,
  record,
  show,
  subsets,
  tlaString,
  tuple,
  type Value,
} from "../../../model-checker/tla/values/index.ts";

for (const name of ["m1", "m2", "x", "b", "a", "c"]) internToken(name);

const s = tlaString;
const set = (...elements: Value[]) => finiteSet(elements);
const seq = (...elements: Value[]) => tuple(elements);
const map = (...pairs: [Value, Value][]) =>
  functionFromPairs(
    pairs.map(([key]) => key),
    pairs.map(([, value]) => value),
  );
const abab = map([s("a"), 2], [s("b"), 1]);
const setToBag = (...elements: Value[]) => map(...elements.map((e): [Value, Value] => [e, 1]));

/** Applies an operator by its symbol, wherever it is defined. */
function call(name: string, ...args: (Value | Operator)[]): Value {
  for (const { operators } of standardModules.values()) {
    const found = operators.get(name);
    if (found === undefined) continue;
    expect(args.map((arg) => (typeof arg === "function" ? "operator" : "value"))).toEqual(
      found.parameters,
    );
    return found.apply(...args);
  }
  return baseOperators.get(name)!.apply(...args);
}

const even: Operator = (x) => (x as number) % 2 === 0;
const parity: Operator = (x) => (x as number) % 2;
const less: Operator = (x, y) => (x as number) < (y as number);

type Row = [expression: string, name: string, args: (Value | Operator)[], expected: string];

function check(rows: Row[]): void {
  test.each(rows)("%s", (_, name, args, expected) => {
    expect(show(call(name, ...args))).toBe(expected);
  });
}

function refuse(rows: Row[]): void {
  test.each(rows)("%s", (_, name, args, message) => {
    expect(() => call(name, ...args)).toThrow(EvaluationError);
    expect(() => call(name, ...args)).toThrow(message);
  });
}

describe("Naturals, Integers, Reals", () => {
  check([
    ["2 + 3", "+", [2, 3], "5"],
    ["2 - 5", "-", [2, 5], "-3"],
    ["0 * (-5)", "*", [0, -5], "0"],
    ["(-7) \\div 2", "\\div", [-7, 2], "-4"],
    ["7 \\div (-2)", "\\div", [7, -2], "-4"],
    ["(-7) \\div (-2)", "\\div", [-7, -2], "3"],
    ["(-7) % 3", "%", [-7, 3], "2"],
    ["2 ^ 10", "^", [2, 10], "1024"],
    ["(-2) ^ 3", "^", [-2, 3], "-8"],
    ["5 ^ 0", "^", [5, 0], "1"],
    ["-(3)", "-.", [3], "-3"],
    ["5 >= 5", ">=", [5, 5], "TRUE"],
    ["5 <= 4", "<=", [5, 4], "FALSE"],
    ["5 > 5", ">", [5, 5], "FALSE"],
    ["4 < 5", "<", [4, 5], "TRUE"],
    ["1 .. 3", "..", [1, 3], "1..3"],
    ["2147483646 + 1", "+", [2147483646, 1], "2147483647"],
    ["Nat", "Nat", [], "Nat"],
    ["Int", "Int", [], "Int"],
  ]);
  refuse([
    ["2147483647 + 1", "+", [2147483647, 1], "Overflow when computing 2147483647+1"],
    ["(-2147483647) - 2", "-", [-2147483647, 2], "Overflow when computing -2147483647-2"],
    ["65536 * 65536", "*", [65536, 65536], "Overflow when computing 65536*65536"],
    ["2 ^ 31", "^", [2, 31], "Overflow when computing 2^31"],
    ["-(-2147483648)", "-.", [-2147483648], "Overflow when computing --2147483648"],
    ["(-2147483648) \\div (-1)", "\\div", [-2147483648, -1], "Overflow when computing"],
    ["0 ^ 0", "^", [0, 0], "0^0 is undefined."],
    ["2 ^ (-1)", "^", [2, -1], "should be a natural number, but instead it is:\n-1"],
    ["1 \\div 0", "\\div", [1, 0], "The second argument of \\div is 0."],
    ["1 % 0", "%", [1, 0], "should be a positive number, but instead it is:\n0"],
    ['"a" + 1', "+", [s("a"), 1], "The first argument of + should be an integer"],
    ['1 < "a"', "<", [1, s("a")], "second argument of < should be an integer, but instead it is:"],
    ['1 .. "a"', "..", [1, s("a")], "The second argument of .. should be an integer"],
    ["1 / 2", "/", [1, 2], "The operator / is not supported"],
    ["Real", "Real", [], "The operator Real is not supported"],
  ]);
});

describe("Sequences", () => {
  const lazy = new LazyFunction(interval(1, 2), (i) => i);
  check([
    ["Len(<<1, 2>>)", "Len", [seq(1, 2)], "2"],
    ['Len("abc")', "Len", [s("abc")], "3"],
    ["Len([i \\in 1..2 |-> i])", "Len", [lazy], "2"],
    ["Head(<<4, 5>>)", "Head", [seq(4, 5)], "4"],
    ["Tail(<<4, 5>>)", "Tail", [seq(4, 5)], "<<5>>"],
    ['Tail("abc")', "Tail", [s("abc")], '"bc"'],
    ["Append(<<1>>, 2)", "Append", [seq(1), 2], "<<1, 2>>"],
    ["<<1>> \\o <<2, 3>>", "\\o", [seq(1), seq(2, 3)], "<<1, 2, 3>>"],
    ["<<>> \\o <<>>", "\\o", [seq(), seq()], "<<>>"],
    ['"ab" \\o "c"', "\\o", [s("ab"), s("c")], '"abc"'],
    ["SubSeq(<<1, 2, 3>>, 2, 3)", "SubSeq", [seq(1, 2, 3), 2, 3], "<<2, 3>>"],
    ["SubSeq(<<1, 2, 3>>, 3, 2)", "SubSeq", [seq(1, 2, 3), 3, 2], "<<>>"],
    ['SubSeq("abcd", 2, 3)', "SubSeq", [s("abcd"), 2, 3], '"bc"'],
    ["SelectSeq(<<1, 2, 3, 4>>, even)", "SelectSeq", [seq(1, 2, 3, 4), even], "<<2, 4>>"],
    ["Seq(Nat)", "Seq", [NAT], "Seq(Nat)"],
  ]);
  refuse([
    ["Len(3)", "Len", [3], "The argument of Len should be a sequence, but instead it is:\n3"],
    ["Len([a |-> 1])", "Len", [record([s("a")], [1])], "should be a sequence"],
    ["Head(<<>>)", "Head", [seq()], "Attempted to apply Head to the empty sequence."],
    ["Tail(<<>>)", "Tail", [seq()], "Attempted to apply Tail to the empty sequence."],
    ["Head(3)", "Head", [3], "The argument of Head should be a sequence"],
    ["Append(3, 1)", "Append", [3, 1], "Append(s, v) when s is not a sequence:\n3"],
    ["<<1>> \\o 3", "\\o", [seq(1), 3], "of the form t \\o s when s is not a sequence:\n3"],
    ["3 \\o <<1>>", "\\o", [3, seq(1)], "of the form s \\o t when s is not a sequence:\n3"],
    ['"a" \\o 3', "\\o", [s("a"), 3], "of the form t \\o s when s is not a string:\n3"],
    ["SubSeq(<<1, 2>>, 1, 3)", "SubSeq", [seq(1, 2), 1, 3], "The third argument of SubSeq must"],
    ["SubSeq(<<1, 2>>, 0, 1)", "SubSeq", [seq(1, 2), 0, 1], "The second argument of SubSeq"],
    ["SubSeq(3, 1, 1)", "SubSeq", [3, 1, 1], "The first argument of SubSeq should be a seq"],
    ["SelectSeq(3, even)", "SelectSeq", [3, even], "The first argument of SelectSeq should be"],
    ["SelectSeq(<<1>>, parity)", "SelectSeq", [seq(1), parity], "a boolean-valued operator"],
    ["Seq(3)", "Seq", [3], "not a set:\n3"],
  ]);
});

describe("FiniteSets", () => {
  check([
    ["Cardinality({1, 1, 2})", "Cardinality", [set(1, 1, 2)], "2"],
    ["Cardinality(SUBSET (1..10))", "Cardinality", [subsets(interval(1, 10))], "1024"],
    ["Cardinality([1..3 -> BOOLEAN])", "Cardinality", [functionSet(interval(1, 3), BOOLEAN)], "8"],
    ["IsFiniteSet(Nat)", "IsFiniteSet", [NAT], "FALSE"],
    ["IsFiniteSet({1})", "IsFiniteSet", [set(1)], "TRUE"],
  ]);
  refuse([
    ["Cardinality(Nat)", "Cardinality", [NAT], "compute cardinality of the value\nNat"],
    ["Cardinality(3)", "Cardinality", [3], "compute cardinality of the value\n3"],
    ["IsFiniteSet(3)", "IsFiniteSet", [3], "check if the integer 3 is a finite set."],
  ]);
});

describe("Bags", () => {
  check([
    ["SetToBag({1, 2})", "SetToBag", [set(1, 2)], "<<1, 1>>"],
    ['SetToBag({"a", "b"})', "SetToBag", [set(s("a"), s("b"))], "[b |-> 1, a |-> 1]"],
    ["EmptyBag", "EmptyBag", [], "<<>>"],
    ["{1, 2} (+) {2, 3}", "(+)", [setToBag(1, 2), setToBag(2, 3)], "<<1, 2, 1>>"],
    [
      '{"a", "b"} (+) {"a"}',
      "(+)",
      [setToBag(s("a"), s("b")), setToBag(s("a"))],
      "[b |-> 1, a |-> 2]",
    ],
    ['(2 a, 1 b) (-) {"a", "b"}', "(-)", [abab, setToBag(s("a"), s("b"))], "[a |-> 1]"],
    ["BagUnion({{1}, {1, 2}})", "BagUnion", [set(setToBag(1), setToBag(1, 2))], "<<2, 1>>"],
    ["BagUnion({})", "BagUnion", [set()], "<<>>"],
    ["{1} \\sqsubseteq {1, 2}", "\\sqsubseteq", [setToBag(1), setToBag(1, 2)], "TRUE"],
    ["{1, 2} \\sqsubseteq {1}", "\\sqsubseteq", [setToBag(1, 2), setToBag(1)], "FALSE"],
    [
      "SubBag(2 a, 1 b)",
      "SubBag",
      [abab],
      "{<<>>, [b |-> 1], [a |-> 1], [a |-> 2], [b |-> 1, a |-> 1], [b |-> 1, a |-> 2]}",
    ],
    ["SubBag({})", "SubBag", [seq()], "{<<>>}"],
    ["BagOfAll(parity, {1, 2, 3})", "BagOfAll", [parity, setToBag(1, 2, 3)], "(0 :> 1 @@ 1 :> 2)"],
    ["BagCardinality(2 a, 1 b)", "BagCardinality", [abab], "3"],
    ['CopiesIn("a", (2 a, 1 b))', "CopiesIn", [s("a"), abab], "2"],
    ['CopiesIn("c", (2 a, 1 b))', "CopiesIn", [s("c"), abab], "0"],
    ['BagIn("c", (2 a, 1 b))', "BagIn", [s("c"), abab], "FALSE"],
    ["IsABag(3)", "IsABag", [3], "FALSE"],
    ["IsABag(0 a)", "IsABag", [map([s("a"), 0])], "FALSE"],
    ["IsABag(2 a, 1 b)", "IsABag", [abab], "TRUE"],
    ["BagToSet(2 a, 1 b)", "BagToSet", [abab], '{"b", "a"}'],
  ]);
  const none = map([s("a"), 0]);
  refuse([
    ["BagCardinality(0 a)", "BagCardinality", [none], "which is not a bag:\n[a |-> 0]"],
    ["(0 a) (+) <<>>", "(+)", [none, seq()], "first argument of (+) should be a bag"],
    ["<<>> (-) (0 a)", "(-)", [seq(), none], "second argument of (-) should be a bag"],
    ["BagUnion({(0 a)})", "BagUnion", [set(none)], "element is not a bag:\n{[a |-> 0]}"],
    ["BagToSet(3)", "BagToSet", [3], "which is not a function with a finite domain:\n3"],
  ]);
});

describe("TLC", () => {
  const m1 = modelValue("m1");
  const m2 = modelValue("m2");
  check([
    ["5 :> 6", ":>", [5, 6], "(5 :> 6)"],
    ["(1 :> 2) @@ (1 :> 3 @@ 2 :> 4)", "@@", [map([1, 2]), map([1, 3], [2, 4])], "<<2, 4>>"],
    ["<<>> @@ (m1 :> 1)", "@@", [seq(), map([m1, 1])], "(m1 :> 1)"],
    [
      "Permutations({m1, m2})",
      "Permutations",
      [set(m1, m2)],
      "{(m1 :> m1 @@ m2 :> m2), (m1 :> m2 @@ m2 :> m1)}",
    ],
    ["Permutations({})", "Permutations", [set()], "{<<>>}"],
    ["SortSeq(<<3, 1, 2>>, less)", "SortSeq", [seq(3, 1, 2), less], "<<1, 2, 3>>"],
    ["ToString({2, 1})", "ToString", [set(2, 1)], '"{1, 2}"'],
    ["ToString(1..2)", "ToString", [interval(1, 2)], '"1..2"'],
    ["3 \\in Any", "\\in", [3, call("Any")], "TRUE"],
    ['Assert(TRUE, "no")', "Assert", [true, s("no")], "TRUE"],
    ["TLCEval(3)", "TLCEval", [3], "3"],
  ]);
  refuse([
    ['Assert(FALSE, "no")', "Assert", [false, s("no")], 'the second argument was:\n"no"'],
    ["3 @@ <<1>>", "@@", [3, seq(1)], "The first argument of @@ should be a function"],
    ['<<9>> @@ ("k" :> 1)', "@@", [seq(9), map([s("k"), 1])], 'string "k" with non-string:\n1'],
    ["Permutations(3)", "Permutations", [3], "which is not a finite set:\n3"],
    ["SortSeq(<<1, 2>>, +)", "SortSeq", [seq(1, 2), parity], "a boolean function"],
    ["RandomElement({1})", "RandomElement", [set(1)], "RandomElement is not supported"],
    ["JavaTime", "JavaTime", [], "JavaTime is not supported"],
    ["TLCGet(1)", "TLCGet", [1], "TLCGet is not supported"],
    ["TLCSet(1, 2)", "TLCSet", [1, 2], "TLCSet is not supported"],
  ]);

  test("Print and PrintT write to the sink", () => {
    const lines: string[] = [];
    setPrintSink((line) => lines.push(line));
    expect(call("PrintT", seq(1, s("a")))).toBe(true);
    expect(call("Print", s("x"), 3)).toBe(3);
    setPrintSink(() => {});
    expect(lines).toEqual(['<<1, "a">>', '"x"  3']);
  });
});

describe("operators without a module", () => {
  check([
    ["1 = 1", "=", [1, 1], "TRUE"],
    ["1 # 1", "#", [1, 1], "FALSE"],
    ["1 \\in {1}", "\\in", [1, set(1)], "TRUE"],
    ["1 \\notin {1}", "\\notin", [1, set(1)], "FALSE"],
    ["{1} \\cup {2}", "\\cup", [set(1), set(2)], "{1, 2}"],
    ["{1, 2} \\cap {2}", "\\cap", [set(1, 2), set(2)], "{2}"],
    ["{1, 2} \\ {2}", "\\", [set(1, 2), set(2)], "{1}"],
    ["{1} \\subseteq Nat", "\\subseteq", [set(1), NAT], "TRUE"],
    ["SUBSET {1}", "SUBSET", [set(1)], "{{}, {1}}"],
    ["UNION {{1}, {2}}", "UNION", [set(set(1), set(2))], "{1, 2}"],
    ["DOMAIN <<5>>", "DOMAIN", [seq(5)], "1..1"],
  ]);
  refuse([
    ["3 \\in 4", "\\in", [3, 4], "the value:\n3\nis an element of the integer 4"],
    ["DOMAIN 3", "DOMAIN", [3], "the operator DOMAIN to a non-function\n(integer)"],
    ["3 \\cup {1}", "\\cup", [3, set(1)], "\\cup to a value that is not a set:\n3"],
    ["UNION 3", "UNION", [3], "UNION to a value that is not a set:\n3"],
  ]);
});
