/** The values of TLA+: each row is a TLA+ expression and what TLC printed for it. */
import { describe, expect, test } from "vitest";
import {
  BOOLEAN,
  cap,
  compare,
  cup,
  difference,
  EvaluationError,
  equal,
  type FunctionValue,
  filtered,
  finiteSet,
  functionFromPairs,
  functionSet,
  hashHigh,
  hashLow,
  INT,
  internToken,
  interval,
  isSubset,
  LazyFunction,
  modelValue,
  NAT,
  permute,
  product,
  record,
  recordSet,
  type SetValue,
  STRING,
  sequences,
  show,
  subsets,
  tlaString,
  tuple,
  union,
  type Value,
} from "../../../model-checker/tla/values/index.ts";

// TLC orders names by first appearance; in the module that made these tables this was the order.
for (const name of ["m1", "m2", "m3", "A_1", "B_1", "x", "b", "a", "c", "p", "q"]) {
  internToken(name);
}

const m1 = modelValue("m1");
const m2 = modelValue("m2");
const m3 = modelValue("m3");
const typedA = modelValue("A_1");
const typedB = modelValue("B_1");
const s = tlaString;
const set = (...elements: Value[]): SetValue => finiteSet(elements);
const seq = (...elements: Value[]) => tuple(elements);
const rec = (fields: Record<string, Value>) =>
  record(Object.keys(fields).map(tlaString), Object.values(fields));
const map = (...pairs: [Value, Value][]) =>
  functionFromPairs(
    pairs.map(([key]) => key),
    pairs.map(([, value]) => value),
  );
const lazy = (domain: SetValue, value: (argument: Value) => Value) =>
  new LazyFunction(domain, value);

/** The first element in TLC's order that satisfies the predicate. */
function choose(from: SetValue, predicate: (value: Value) => boolean): Value {
  let chosen: Value | null = null;
  from.forEachUntil((value) => {
    if (!predicate(value)) return false;
    chosen = value;
    return true;
  });
  return chosen!;
}

describe("notation and order are TLC's", () => {
  const rows: [expression: string, value: Value, printed: string][] = [
    ["{3, 1, 2, 1}", set(3, 1, 2, 1), "{1, 2, 3}"],
    ["1..3", interval(1, 3), "1..3"],
    ["3..1", interval(3, 1), "{}"],
    ["{}", set(), "{}"],
    ["<<>>", seq(), "<<>>"],
    ["[x \\in {} |-> x]", map(), "<<>>"],
    ['<<1, "a", TRUE>>', seq(1, s("a"), true), '<<1, "a", TRUE>>'],
    ['[b |-> 1, a |-> "x"]', rec({ b: 1, a: s("x") }), '[b |-> 1, a |-> "x"]'],
    ["[i \\in {0, 1} |-> i]", map([0, 0], [1, 1]), "(0 :> 0 @@ 1 :> 1)"],
    ["[i \\in {1, 2} |-> i]", map([2, 2], [1, 1]), "<<1, 2>>"],
    ['[s \\in {"p", "q"} |-> s]', map([s("q"), 2], [s("p"), 1]), "[p |-> 1, q |-> 2]"],
    ['("a b" :> 1 @@ "c" :> 2)', rec({ "a b": 1, c: 2 }), '("c" :> 2 @@ "a b" :> 1)'],
    ["m2 :> 0 @@ m1 :> 1", map([m2, 0], [m1, 1]), "(m1 :> 1 @@ m2 :> 0)"],
    ["{m2, m1, 3}", set(m2, m1, 3), "{m1, m2, 3}"],
    ['{m3, "z"}', set(s("z"), m3), '{m3, "z"}'],
    ["{A_1, m1}", set(typedA, m1), "{m1, A_1}"],
    ['"say \\"hi\\" \\\\ there"', s('say "hi" \\ there'), '"say \\"hi\\" \\\\ there"'],
    ["SUBSET {2, 1}", subsets(set(2, 1)), "{{}, {1}, {2}, {1, 2}}"],
    ["SUBSET (1..7)", subsets(interval(1, 7)), "SUBSET (1..7)"],
    ["SUBSET (1..40)", subsets(interval(1, 40)), "SUBSET (1..40)"],
    ["SUBSET Nat", subsets(NAT), "SUBSET Nat"],
    [
      '[{"a", "b"} -> {1, 2}]',
      functionSet(set(s("a"), s("b")), set(1, 2)),
      "{[b |-> 1, a |-> 1], [b |-> 1, a |-> 2], [b |-> 2, a |-> 1], [b |-> 2, a |-> 2]}",
    ],
    ["[1..1 -> BOOLEAN]", functionSet(interval(1, 1), BOOLEAN), "{<<FALSE>>, <<TRUE>>}"],
    ["[1..11 -> BOOLEAN]", functionSet(interval(1, 11), BOOLEAN), "[1..11 -> {FALSE, TRUE}]"],
    [
      "[b : {1, 2}, a : {TRUE}]",
      recordSet([
        [s("a"), set(true)],
        [s("b"), set(1, 2)],
      ]),
      "{[b |-> 1, a |-> TRUE], [b |-> 2, a |-> TRUE]}",
    ],
    ["[a : Nat]", recordSet([[s("a"), NAT]]), "[a: Nat]"],
    ['{1, 2} \\X {"s"}', product([set(1, 2), set(s("s"))]), '{<<1, "s">>, <<2, "s">>}'],
    ["Nat \\X Int", product([NAT, INT]), "(Nat \\X Int)"],
    ["Seq(Nat)", sequences(NAT), "Seq(Nat)"],
    ["UNION {{1, 2}, {3}, 2..4}", union(set(set(1, 2), set(3), interval(2, 4))), "{1, 2, 3, 4}"],
    [
      "{{}, {2, 3}, {1}, {2}, {1, 5}}",
      set(set(), set(2, 3), set(1), set(2), set(1, 5)),
      "{{}, {1}, {2}, {1, 5}, {2, 3}}",
    ],
    [
      "{<<2>>, <<1, 1>>, <<>>, <<1>>}",
      set(seq(2), seq(1, 1), seq(), seq(1)),
      "{<<>>, <<1>>, <<2>>, <<1, 1>>}",
    ],
    [
      "{[a |-> 2], [a |-> 1, b |-> 0], [a |-> 1]}",
      set(rec({ a: 2 }), rec({ a: 1, b: 0 }), rec({ a: 1 })),
      "{[a |-> 1], [a |-> 2], [b |-> 0, a |-> 1]}",
    ],
    [
      "{[a |-> 2], [b |-> 1], [c |-> 0]}",
      set(rec({ a: 2 }), rec({ b: 1 }), rec({ c: 0 })),
      "{[b |-> 1], [a |-> 2], [c |-> 0]}",
    ],
    ['{"b", "a", "c", "x"}', set(s("b"), s("a"), s("c"), s("x")), '{"x", "b", "a", "c"}'],
    ["{<<1, 2>>, [x \\in {5} |-> 3]}", set(seq(1, 2), map([5, 3])), "{(5 :> 3), <<1, 2>>}"],
    [
      "{[a |-> 1, b |-> 2], <<1>>}",
      set(rec({ a: 1, b: 2 }), seq(1)),
      "{<<1>>, [b |-> 2, a |-> 1]}",
    ],
    ["{0..1, {5}, {0, 2}}", set(interval(0, 1), set(5), set(0, 2)), "{{5}, 0..1, {0, 2}}"],
    ["{1, 2} \\cup {0, m1}", cup(set(1, 2), set(0, m1)), "{m1, 0, 1, 2}"],
    ["{1, 2} \\cap 2..9", cap(set(1, 2), interval(2, 9)), "{2}"],
    ["{1, 2, 3} \\ {2}", difference(set(1, 2, 3), set(2)), "{1, 3}"],
    ["DOMAIN <<7, 8>>", seq(7, 8).domain(), "1..2"],
    ["DOMAIN [a |-> 1, b |-> 2]", rec({ a: 1, b: 2 }).domain(), '{"b", "a"}'],
    ["DOMAIN <<>>", seq().domain(), "{}"],
    ["[<<1, 2, 3>> EXCEPT ![2] = 7]", seq(1, 2, 3).except(2, 7), "<<1, 7, 3>>"],
    ["[<<1, 2, 3>> EXCEPT ![9] = 7]", seq(1, 2, 3).except(9, 7), "<<1, 2, 3>>"],
    ["[[a |-> 1] EXCEPT !.b = 3]", rec({ a: 1 }).except(s("b"), 3), "[a |-> 1]"],
    [
      "CHOOSE S \\in SUBSET (1..3) : 2 \\in S",
      choose(subsets(interval(1, 3)), (value) => (value as SetValue).has(2)),
      "{2}",
    ],
    [
      "CHOOSE f \\in [{1, 2} -> {3, 4}] : f[1] # f[2]",
      choose(functionSet(set(1, 2), set(3, 4)), (value) => {
        const f = value as FunctionValue;
        return f.apply(1) !== f.apply(2);
      }),
      "<<3, 4>>",
    ],
    [
      "CHOOSE t \\in {3, 1} \\X {2, 0} : TRUE",
      choose(product([set(3, 1), set(2, 0)]), () => true),
      "<<1, 0>>",
    ],
    ["CHOOSE s \\in UNION {{5}, {4}} : TRUE", choose(union(set(set(5), set(4))), () => true), "4"],
  ];
  test.each(rows)("%s", (_, value, printed) => {
    expect(show(value)).toBe(printed);
  });
});

describe("equality", () => {
  const rows: [expression: string, a: Value, b: Value, same: boolean][] = [
    ["1..0 = {}", interval(1, 0), set(), true],
    ["2..1 = 1..0", interval(2, 1), interval(1, 0), true],
    ["<<1, 2>> = [i \\in {1, 2} |-> i]", seq(1, 2), map([1, 1], [2, 2]), true],
    ["<<1, 2>> = [a |-> 1]", seq(1, 2), rec({ a: 1 }), false],
    ['{1} = {"a", "b"}', set(1), set(s("a"), s("b")), false],
    ["{1, 2} = 1..2", set(1, 2), interval(1, 2), true],
    ["m1 = 3", m1, 3, false],
    ["3 = m1", 3, m1, false],
    ["{m1} = {3}", set(m1), set(3), false],
    ["<<1>> = m1", seq(1), m1, false],
    ["A_1 = m1", typedA, m1, false],
    ['<<1>> = <<"a", "b">>', seq(1), seq(s("a"), s("b")), false],
    ['[a |-> 1] = [b |-> "x"]', rec({ a: 1 }), rec({ b: s("x") }), false],
    ["SUBSET {1} = {{}, {1}}", subsets(set(1)), set(set(), set(1)), true],
    ["SUBSET (1..50) = SUBSET (1..50)", subsets(interval(1, 50)), subsets(interval(1, 50)), true],
    ["[{1} -> {2}] = {<<2>>}", functionSet(set(1), set(2)), set(seq(2)), true],
    ["[{} -> {1}] = [{} -> {2}]", functionSet(set(), set(1)), functionSet(set(), set(2)), true],
    ["Nat = Int", NAT, INT, false],
    ["Nat = Nat", NAT, NAT, true],
    ["Seq(Nat) = Seq(Nat)", sequences(NAT), sequences(NAT), true],
    ["[i \\in 1..2 |-> i] = <<1, 2>>", lazy(interval(1, 2), (i) => i), seq(1, 2), true],
    ["<<1, 2>> = [i \\in 1..2 |-> i]", seq(1, 2), lazy(interval(1, 2), (i) => i), true],
    [
      "{f, g} = {<<1>>}",
      set(
        seq(1),
        lazy(set(1), (i) => i),
      ),
      set(seq(1)),
      true,
    ],
  ];
  test.each(rows)("%s", (_, a, b, same) => {
    expect(equal(a, b)).toBe(same);
    if (same) expect(equal(b, a)).toBe(true);
  });

  test("equal values have equal hashes", () => {
    for (const [, a, b, same] of rows) {
      if (!same || /^(Nat|Seq|SUBSET)/.test(show(a))) continue;
      expect([hashLow(a), hashHigh(a)]).toEqual([hashLow(b), hashHigh(b)]);
      expect(compare(a, b)).toBe(0);
    }
  });
});

describe("membership", () => {
  const rows: [expression: string, element: Value, container: SetValue, member: boolean][] = [
    ["m1 \\in Nat", m1, NAT, false],
    ["m1 \\in 1..3", m1, interval(1, 3), false],
    ["m1 \\in [a : Nat]", m1, recordSet([[s("a"), NAT]]), false],
    ["m1 \\in {1, 2}", m1, set(1, 2), false],
    ["-1 \\in Nat", -1, NAT, false],
    ['"s" \\in STRING', s("s"), STRING, true],
    ["{1, 2} \\in SUBSET Nat", set(1, 2), subsets(NAT), true],
    ["<<1>> \\in [1..1 -> Nat]", seq(1), functionSet(interval(1, 1), NAT), true],
    ["<<1>> \\in [1..2 -> Nat]", seq(1), functionSet(interval(1, 2), NAT), false],
    [
      "[a |-> 1] \\in [a : Nat, b : Nat]",
      rec({ a: 1 }),
      recordSet([
        [s("a"), NAT],
        [s("b"), NAT],
      ]),
      false,
    ],
    ["<<1, 2>> \\in Nat \\X Nat", seq(1, 2), product([NAT, NAT]), true],
    ["<<1, 2, 3>> \\in Nat \\X Nat", seq(1, 2, 3), product([NAT, NAT]), false],
    ["<<1, 2>> \\in Seq(Nat)", seq(1, 2), sequences(NAT), true],
    ["3 \\in (Nat \\cup {m1})", 3, cup(NAT, set(m1)), true],
    ["m1 \\in (Nat \\cup {m1})", m1, cup(NAT, set(m1)), true],
    ["0 \\in (Int \\ {0})", 0, difference(INT, set(0)), false],
    ["0 \\in (Int \\cap Nat)", 0, cap(INT, NAT), true],
    ["{4} \\in UNION {SUBSET 1..50}", set(4), union(set(subsets(interval(1, 50)))), true],
    ["4 \\in UNION {Nat}", 4, union(set(NAT)), true],
    ["4 \\in {x \\in Nat : x < 3}", 4, filtered(NAT, (x) => (x as number) < 3), false],
    ['1 \\in {1, "a"}', 1, set(1, s("a")), true],
    ["{4} \\in SUBSET (1..50)", set(4), subsets(interval(1, 50)), true],
  ];
  test.each(rows)("%s", (_, element, container, member) => {
    expect(container.has(element)).toBe(member);
  });

  test("subsets of sets that are never enumerated", () => {
    expect(isSubset(set(1), NAT)).toBe(true);
    expect(isSubset(set(-1), NAT)).toBe(false);
    expect(isSubset(subsets(set(1)), subsets(NAT))).toBe(true);
  });
});

describe("what TLC reports as an error is an error", () => {
  const one = rec({ a: 1 });
  const rows: [expression: string, evaluate: () => unknown, message: string][] = [
    ['0 = "a"', () => equal(0, s("a")), 'equality of integer 0 with non-integer:\n"a"'],
    ["TRUE = 1", () => equal(true, 1), "equality of boolean TRUE with non-boolean:\n1"],
    ['"a" = 1', () => equal(s("a"), 1), 'equality of string "a" with non-string:\n1'],
    ['{1} = {"a"}', () => equal(set(1), set(s("a"))), "integer 1 with non-integer"],
    ["{1} = 1", () => equal(set(1), 1), "equality of the set {1} with the value:\n1"],
    ["{} = <<>>", () => equal(set(), seq()), "equality of the set {} with the value:\n<<>>"],
    ["<<1>> = 1", () => equal(seq(1), 1), "the function <<1>> with the value:\n1"],
    ['<<1>> = <<"a">>', () => equal(seq(1), seq(s("a"))), "integer 1 with non-integer"],
    ["[a |-> 1] = <<1, 2>>", () => equal(one, seq(1, 2)), "non-record\n<<1, 2>>"],
    ["[a |-> 1] = 5", () => equal(one, 5), "non-record\n5"],
    ["<<1>> = [a |-> 1]", () => equal(seq(1), one), "integer 1 with non-integer"],
    ['{1, "a"}', () => set(1, s("a")).elements(), 'compare string "a" with non-string:\n1'],
    ['2 \\in {1, "a"}', () => set(1, s("a")).has(2), "with non-string:\n2"],
    ["{<<1>>, 3}", () => set(seq(1), 3).size, "compare integer 3 with non-integer"],
    ["{[a |-> 1], <<1>>}", () => set(one, seq(1)).size, "with non-integer"],
    ['{{1}, {"a"}}', () => set(set(1), set(s("a"))).size, "with non-string:\n1"],
    ["{1} = Nat", () => equal(set(1), NAT), "Nat"],
    ["Nat = {1}", () => equal(NAT, set(1)), "Nat"],
    ["Int = STRING", () => equal(INT, STRING), "compare the set Int with the value:\nSTRING"],
    ["UNION {Nat, {m1}}", () => union(set(NAT, set(m1))).has(4), "compare"],
    ["A_1 = 1", () => equal(typedA, 1), "typed model value A_1"],
    ["1 = A_1", () => equal(1, typedA), "typed model value A_1"],
    ["A_1 = B_1", () => equal(typedA, typedB), "differently-typed model values A_1 and B_1"],
    ["1 \\in {A_1}", () => set(typedA).has(1), "typed model value A_1"],
    ['"a" \\in 1..3', () => interval(1, 3).has(s("a")), "is in the integer interval 1..3"],
    ['"a" \\in {1}', () => set(1).has(s("a")), "with non-string:\n1"],
    ['"a" \\in Nat', () => NAT.has(s("a")), 'the value:\n"a"\nis an element of Nat.'],
    ["1 \\in STRING", () => STRING.has(1), "is an element of STRING."],
    ["1 \\in Seq(Nat)", () => sequences(NAT).has(1), "is an element of Seq(Nat)."],
    ["1 \\in [1..2 -> Nat]", () => functionSet(interval(1, 2), NAT).has(1), "[1..2 -> Nat]"],
    ["1 \\in [a : Nat]", () => recordSet([[s("a"), NAT]]).has(1), "non-record\n1"],
    ["1 \\in Nat \\X Nat", () => product([NAT, NAT]).has(1), "non-tuple\n1"],
    ["1 \\in SUBSET Nat", () => subsets(NAT).has(1), "the non-enumerable value\n1"],
    ["Nat \\subseteq Int", () => isSubset(NAT, INT), "S was not enumerable"],
    ["<<1, 2>>[3]", () => seq(1, 2).apply(3), "index 3 of tuple\n<<1, 2>>\nwhich is out of"],
    ['<<1, 2>>["a"]', () => seq(1, 2).apply(s("a")), 'a non integral index: "a"'],
    ['[a |-> 1]["b"]', () => one.apply(s("b")), "nonexistent field 'b' of record\n[a |-> 1]"],
    ["[a |-> 1][1]", () => one.apply(1), "access record by a non-string argument: 1"],
    ["[i \\in {2, 5} |-> i][3]", () => map([2, 2], [5, 5]).apply(3), "to argument 3"],
    ["[i \\in {m1} |-> i][3]", () => map([m1, 1]).apply(3), "to argument 3"],
    ["[i \\in Nat |-> i][-1]", () => lazy(NAT, (i) => i).apply(-1), "to argument -1"],
    ["[[a |-> 1] EXCEPT ![1] = 2]", () => one.except(1, 2), "non-string argument: 1"],
    ["UNION {1}", () => union(set(1)).elements(), "UNION"],
    ["{x \\in Nat : x < 3}", () => filtered(NAT, () => true).elements(), "Nat"],
    ["(Nat \\cup {m1}) as a value", () => cup(NAT, set(m1)).elements(), "Nat"],
    ["[i \\in Nat |-> i] as a value", () => hashLow(lazy(NAT, (i) => i)), "Nat"],
    ["Cardinality(SUBSET (1..40))", () => subsets(interval(1, 40)).size, "Overflow"],
    ["Cardinality([1..40 -> 1..2])", () => functionSet(interval(1, 40), set(1, 2)).size, "Over"],
    ["the elements of SUBSET (1..22)", () => subsets(interval(1, 22)).elements(), "too many"],
    ["[a |-> 1, a |-> 2]", () => record([s("a"), s("a")], [1, 2]), "multiple times"],
    ["1 :> 1 @@ 1 :> 2, unchecked", () => map([1, 1], [1, 2]), "occurs multiple times"],
  ];
  test.each(rows)("%s", (_, evaluate, message) => {
    expect(evaluate).toThrow(EvaluationError);
    expect(evaluate).toThrow(message);
  });
});

describe("laziness", () => {
  test("a large set is enumerated only as far as needed", () => {
    let seen = 0;
    const found = subsets(interval(1, 30)).forEachUntil((value) => {
      seen += 1;
      return (value as SetValue).size === 2;
    });
    expect([found, seen]).toEqual([true, 32]);
    expect(functionSet(interval(1, 30), BOOLEAN).forEachUntil(() => true)).toBe(true);
  });

  test("a recursive function remembers its values", () => {
    let applied = 0;
    const fibonacci: LazyFunction = lazy(NAT, (n) => {
      applied += 1;
      if ((n as number) < 2) return n;
      const before = fibonacci.apply((n as number) - 1) as number;
      return before + (fibonacci.apply((n as number) - 2) as number);
    });
    expect(fibonacci.apply(40)).toBe(102_334_155);
    expect(applied).toBe(41);
  });

  test("sizes need no enumeration", () => {
    expect(subsets(interval(1, 30)).size).toBe(2 ** 30);
    expect(functionSet(interval(1, 10), interval(1, 7)).size).toBe(7 ** 10);
    expect(product([interval(1, 1000), interval(1, 1000)]).size).toBe(1_000_000);
    expect(functionSet(set(), set()).size).toBe(1);
    expect(functionSet(set(1), set()).size).toBe(0);
    expect(product([NAT, set(1)]).isFinite()).toBe(false);
  });
});

describe("renaming of model values", () => {
  const swap = new Map([
    [m1, m2],
    [m2, m1],
  ]);
  test("keys, elements and values are renamed and sorted again", () => {
    const value = map([m1, set(m2, m3)], [m2, seq(m1)], [m3, rec({ a: m1 })]);
    expect(show(permute(value, swap))).toBe("(m1 :> <<m2>> @@ m2 :> {m1, m3} @@ m3 :> [a |-> m2])");
    expect(permute(permute(value, swap), swap)).toEqual(value);
  });

  test("a value without such model values is itself", () => {
    const value = map([m3, seq(1, set(s("m1")))]);
    expect(permute(value, swap)).toBe(value);
    expect(permute(set(m1, m2), swap)).toEqual(set(m1, m2));
  });
});
