/**
 * The static checks of modules, against SANY: it refuses every module of the first table and
 * accepts every one of the second.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../../model-checker/tla/config.ts";
import { loadParser, type TlaParser } from "../../../model-checker/tla/parser.ts";
import { checkConfiguration, checkModule } from "../../../model-checker/tla/semantics.ts";
import type { CheckedModule } from "../../../model-checker/tla/semantics-symbols.ts";

/** What it is about, the lines of the module from its second, and the message from its line on. */
type Row = readonly [what: string, lines: readonly string[], message?: string];

const FAULTY: readonly Row[] = [
  ["a name that is defined nowhere", ["P == Missing"], "2:6: Missing is not defined or declared"],
  [
    "a name that is defined later",
    ["ASSUME P == Q", "Q == 1"],
    "2:13: Q is used before it is defined, on line 3",
  ],
  [
    "an operator that a standard module would define",
    ["EXTENDS FiniteSets, Sequences", "Q == 1 + Len(<<>>)"],
    "3:6: + is not defined or declared: EXTENDS Naturals or Integers",
  ],
  [
    "a negative number without Integers",
    ["EXTENDS Naturals", "Q == -1"],
    "3:6: the minus of a negative number is not defined or declared: EXTENDS Integers",
  ],
  [
    "a bound name in the set of another",
    ["P == \\A x \\in {1}, y \\in {x} : y = x"],
    "2:27: x is not defined or declared",
  ],
  [
    "a function in its own domain",
    ["f[x \\in {1}, y \\in f] == y"],
    "2:20: f is used in its own definition: declare it RECURSIVE",
  ],
  [
    "a recursive operator that is not declared RECURSIVE",
    ["F(a) == F(a)"],
    "2:9: F is used in its own definition: declare it RECURSIVE",
  ],
  [
    "a later definition of a LET",
    ["Q == LET G == H  H == 1 IN G"],
    "2:15: H is used before it is defined, on line 2",
  ],
  [
    "a LOCAL definition of another module",
    [
      "VARIABLE x",
      "---- MODULE B ----",
      "Helper == 1",
      "LOCAL Hid == 2",
      "====",
      "INSTANCE B",
      "P == Helper",
      "Q == Hid",
    ],
    "9:6: Hid is not defined or declared",
  ],
  ["an instance that is not defined", ["P == J!Q"], "2:6: J is not defined or declared"],
  [
    "a variable for an instance",
    ["VARIABLE x", "P == x!Q"],
    "3:6: x is not an instance of a module",
  ],
  [
    "an instance without its operator",
    ["I == INSTANCE Naturals", "P == I"],
    "3:6: I is an instance: write I!Operator",
  ],
  [
    "an operator that the module of an instance lacks",
    ["I == INSTANCE Naturals", "P == I!Foo"],
    "3:6: I!Foo is not defined",
  ],
  [
    "too few arguments of an instance",
    [
      "---- MODULE B ----",
      "CONSTANT C",
      "Q(a) == C = a",
      "====",
      "I(z) == INSTANCE B WITH C <- z",
      "R == I!Q(1)",
    ],
    "7:6: I takes 1 argument, but 0 were given",
  ],
  [
    "too many arguments",
    ["F(a) == a", "P == F(1, 2)"],
    "3:6: F takes 1 argument, but 2 were given",
  ],
  [
    "an operator as a value",
    ["P(a) == a", "Q == P(P)"],
    "3:8: P takes 1 argument, but 0 were given",
  ],
  [
    "a constant operator as a value",
    ["CONSTANT F(_)", "P == F"],
    "3:6: F takes 1 argument, but 0 were given",
  ],
  [
    "a constant applied to an argument",
    ["CONSTANT C", "P == C(1)"],
    "3:6: C takes no arguments, but 1 was given",
  ],
  [
    "a variable applied to an argument",
    ["VARIABLE x", "P == x(1)"],
    "3:6: x takes no arguments, but 1 was given",
  ],
  [
    "a value for an operator",
    ["P(F(_)) == F(1)", "Q == P(1)"],
    "3:8: argument 1 of P should be an operator with 1 argument, but it is a value",
  ],
  [
    "a constant for an operator",
    ["CONSTANT C", "P(F(_)) == F(1)", "Q == P(C)"],
    "4:8: argument 1 of P should be an operator with 1 argument, but C is a value",
  ],
  [
    "a LAMBDA of another arity",
    ["P(F(_)) == F(1)", "Q == P(LAMBDA a, b : a)"],
    "3:8: argument 1 of P should be an operator with 1 argument, but this LAMBDA takes 2",
  ],
  [
    "a LAMBDA for a value",
    ["P(a) == a", "Q == P(LAMBDA b : b)"],
    "3:8: a LAMBDA is an operator: a value is expected here",
  ],
  [
    "a value for the operator of a standard module",
    ["EXTENDS Sequences", "P(a) == a", "Q == SelectSeq(<<1>>, P)", "R == SelectSeq(<<1>>, 1)"],
    "5:23: argument 2 of SelectSeq should be an operator with 1 argument, but it is a value",
  ],
  [
    "an operator of an instance with parameters, as an argument",
    [
      "---- MODULE B ----",
      "CONSTANT C",
      "Q(a) == C = a",
      "====",
      "I(z) == INSTANCE B WITH C <- z",
      "P(F(_)) == F(1)",
      "R == P(I(1)!Q)",
    ],
    "8:8: argument 1 of P should be an operator with 1 argument, but Q is a value",
  ],
  [
    "a function with another number of arguments",
    ["EXTENDS Naturals", "f[x \\in {1}, y \\in {2}] == x + y", "P == f[1,2,3]"],
    "4:6: the function f takes 2 arguments, but 3 are given",
  ],
  [
    "a definition of a name that is defined",
    ["P == 1", "P == 1"],
    "3:1: P is already defined or declared, on line 2",
  ],
  [
    "a variable named as a constant",
    ["CONSTANT C", "VARIABLE C"],
    "3:10: C is already defined or declared, on line 2",
  ],
  [
    "a bound name that is bound around it",
    ["P == \\A x \\in {1} : \\E x \\in {2} : TRUE"],
    "2:24: x is already defined or declared, on line 2",
  ],
  [
    "a bound name that is defined",
    ["x == 1", "P == \\A x \\in {1} : TRUE"],
    "3:9: x is already defined or declared, on line 2",
  ],
  [
    "a name bound twice",
    ["P == \\A y \\in {1}, y \\in {2} : TRUE"],
    "2:20: y is already defined or declared, on line 2",
  ],
  [
    "a parameter that is declared",
    ["VARIABLE x", "F(x) == x"],
    "3:1: x is already defined or declared, on line 2",
  ],
  [
    "two parameters of one name",
    ["F(a, a) == 1"],
    "2:1: a is already defined or declared, on line 2",
  ],
  [
    "a parameter named as its operator",
    ["F(F) == 1"],
    "2:1: F is already defined or declared, on line 2",
  ],
  [
    "a definition of a LET that is defined outside",
    ["x == 1", "P == LET x == 1 IN x"],
    "3:10: x is already defined or declared, on line 2",
  ],
  [
    "a parameter of an operator in a LET",
    ["P == \\E x \\in {1} : LET Op(x) == x IN Op(1)"],
    "2:25: x is already defined or declared, on line 2",
  ],
  [
    "an operator of a standard module defined again",
    ["EXTENDS Naturals", "a + b == 1"],
    "3:1: + is already defined or declared, by a standard module",
  ],
  [
    "a definition named as an assumption",
    ["ASSUME P == TRUE", "P == 1"],
    "3:1: P is already defined or declared, on line 2",
  ],
  [
    "a definition named as a theorem",
    ["THEOREM T == TRUE", "T == 1"],
    "3:1: T is already defined or declared, on line 2",
  ],
  [
    "RECURSIVE without a definition",
    ["P == LET RECURSIVE F(_) G == F(1) IN G"],
    "2:10: F is declared RECURSIVE, but not defined",
  ],
  [
    "RECURSIVE twice",
    ["RECURSIVE F(_), F(_)", "F(y) == F(y)"],
    "2:1: F is already defined or declared, on line 2",
  ],
  [
    "RECURSIVE with other parameters",
    ["RECURSIVE F(_, _)", "F(a) == F(a)"],
    "3:1: F is declared RECURSIVE with arity 2, but defined with arity 1",
  ],
  [
    "RECURSIVE of an operator that a LET defines",
    ["RECURSIVE F(_)", "P == LET F(a) == a IN F(1)", "F(a) == a"],
    "3:10: F is already defined or declared, on line 2",
  ],
  [
    "a declaration before the RECURSIVE operator is defined",
    ["RECURSIVE F(_)", "VARIABLE x", "F(y) == F(y)"],
    "3:1: expected the definition of F, declared RECURSIVE, first",
  ],
  [
    "a RECURSIVE operator that primes its parameter",
    ["VARIABLE x", "RECURSIVE F(_)", "F(y) == IF y = 1 THEN y' ELSE F(1)"],
    "4:1: F is RECURSIVE: it cannot prime y",
  ],
  ["@ outside EXCEPT", ["P == @"], "2:6: @ has a meaning only in the new value of an EXCEPT"],
  [
    "@ in the path of EXCEPT",
    ["P == [[x |-> 1] EXCEPT !.x = @ = 1, ![@] = 1]"],
    "2:39: @ has a meaning only in the new value of an EXCEPT",
  ],
  [
    "WITH for what is not declared",
    [
      "VARIABLE x",
      "---- MODULE B ----",
      "CONSTANT C",
      "Q == C",
      "====",
      "I == INSTANCE B WITH C <- x, Q <- 1",
    ],
    "7:30: module B declares no constant or variable Q",
  ],
  [
    "WITH twice for one constant",
    [
      "VARIABLE x",
      "---- MODULE B ----",
      "CONSTANT C",
      "Q == C",
      "====",
      "I == INSTANCE B WITH C <- x, C <- 1",
    ],
    "7:30: C is substituted twice",
  ],
  [
    "INSTANCE without a value for a constant",
    ["---- MODULE B ----", "CONSTANT F", "Q == F", "====", "I == INSTANCE B"],
    "6:1: INSTANCE B needs F: define it or add WITH F <- ...",
  ],
  [
    "a value WITH for a constant operator",
    ["---- MODULE B ----", "CONSTANT F(_)", "Q(a) == F(a)", "====", "I == INSTANCE B WITH F <- 1"],
    "6:27: WITH F should be an operator with 1 argument, but it is a value",
  ],
  [
    "an operator WITH for a constant",
    [
      "---- MODULE B ----",
      "CONSTANT F",
      "Q == F",
      "====",
      "G(a) == a",
      "I == INSTANCE B WITH F <- G",
    ],
    "7:27: G takes 1 argument, but 0 were given",
  ],
  [
    "a variable WITH for a constant",
    [
      "VARIABLE x",
      "---- MODULE B ----",
      "CONSTANT C",
      "VARIABLE y",
      "Q == C = y",
      "====",
      "I == INSTANCE B WITH C <- x, y <- x",
    ],
    "8:27: what WITH puts in the place of C should be constant, but it reads variables",
  ],
  [
    "an operator that reads a variable WITH for a constant operator",
    [
      "VARIABLE x",
      "---- MODULE B ----",
      "CONSTANT F(_)",
      "VARIABLE y",
      "Q == F(y)",
      "====",
      "I == INSTANCE B WITH F <- LAMBDA a : a = x, y <- x",
    ],
    "8:27: what WITH puts in the place of F should be constant, but it reads variables",
  ],
  [
    "a prime inside a prime",
    ["VARIABLE x", "P == (x')' = 1"],
    "3:7: what is primed should speak of one state, but it has primes",
  ],
  [
    "a prime inside a prime, through a definition",
    ["VARIABLE x", "A == x' = 1", "P == A'"],
    "4:6: what is primed should speak of one state, but it has primes",
  ],
  [
    "a primed argument of an operator that primes",
    ["VARIABLE x", "Q(A) == A'", "R == Q(x')"],
    "4:8: the argument of Q should speak of one state, but it has primes",
  ],
  [
    "the same in a LET",
    ["P(x) == LET Q == x' IN Q", "VARIABLE y", "R == P(y')"],
    "4:8: the argument of P should speak of one state, but it has primes",
  ],
  [
    "a primed argument through an operator parameter",
    ["VARIABLE x", "P(F(_)) == F(x')", "G(a) == a'", "Q == P(G)"],
    "5:8: what is given to G as a should speak of one state, but it has primes",
  ],
  [
    "the same through two operators",
    ["VARIABLE x", "P(F(_), a) == F(a)", "Q(G(_)) == P(G, x')", "R == Q(LAMBDA a : a')"],
    "5:8: what is given to LAMBDA as a should speak of one state, but it has primes",
  ],
  [
    "a prime of UNCHANGED",
    ["VARIABLE x", "P == (UNCHANGED x)'"],
    "3:7: what is primed should speak of one state, but it has primes",
  ],
  [
    "a prime of what an instance substitutes",
    [
      "VARIABLE x",
      "---- MODULE B ----",
      "CONSTANT C",
      "Q == C",
      "====",
      "I(z) == INSTANCE B WITH C <- z",
      "R == I(x')!Q",
      "S == R'",
    ],
    "9:6: what is primed should speak of one state, but it has primes",
  ],
  [
    "an assumption that reads a variable",
    ["VARIABLE x", "ASSUME x = 1"],
    "3:1: an assumption should be constant, but it reads variables",
  ],
  [
    "a primed subscript",
    ["VARIABLE x", "P == [x' = 1]_x'"],
    "3:6: what is primed should speak of one state, but it has primes",
  ],
  [
    "[] of an action",
    ["VARIABLE x", "P == [](x' = 1)"],
    "3:6: [] is followed by an action that is not of the form [A]_v",
  ],
  [
    "[] of a definition of a square action",
    ["VARIABLE x", "P == [x' = 1]_x", "Q == []P"],
    "4:6: [] is followed by an action that is not of the form [A]_v",
  ],
  [
    "<> of an action",
    ["VARIABLE x", "A == x' = 1", "P == <>A"],
    "4:6: <> is followed by an action that is not of the form <<A>>_v",
  ],
  [
    "~> to an action",
    ["VARIABLE x", "A == x' = 1", "P == (x = 1) ~> A"],
    "4:17: a side of ~> is an action: a state or temporal formula is expected",
  ],
  [
    "an action and a temporal formula",
    ["VARIABLE x", "P == (x' = 1) /\\ [](x = 1)"],
    "3:6: /\\ joins an action and a temporal formula",
  ],
  [
    "an action that implies a temporal formula",
    ["VARIABLE x", "P == ~[]x => [](x <=> <>x)", "Q == [x' = 1]_x => []x"],
    "4:6: => joins an action and a temporal formula",
  ],
  [
    "ENABLED of a temporal formula",
    ["VARIABLE x", "P == ENABLED (<>(x = 1))"],
    "3:15: the operand of ENABLED should have no temporal operators, but it is a temporal formula",
  ],
  [
    "fairness of a temporal formula",
    ["VARIABLE x", "P == WF_x([](x = 1))"],
    "3:11: the action of WF_ should have no temporal operators, but it is a temporal formula",
  ],
  [
    "a temporal formula in a set",
    ["VARIABLE x", "R == {[]x}"],
    "3:7: an element of a set should have no temporal operators, but it is a temporal formula",
  ],
  [
    "a temporal formula quantified over a primed set",
    ["VARIABLE x", "R == \\E y \\in x' : []y"],
    "3:15: the set of a quantified temporal formula should have no primes",
  ],
];

const ACCEPTED: readonly Row[] = [
  [
    "bound names in formulas side by side, then as a definition",
    ["P == (\\A x \\in {1} : TRUE) /\\ (\\E x \\in {2} : TRUE)", "x == 1"],
  ],
  ["a definition named as one in a LET before", ["P == LET x == 1 IN x", "x == 1"]],
  [
    "a LAMBDA that binds what the operator's parameter is called",
    ["P(F(_), a) == F(a)", "Q == P(LAMBDA a : a, 1)"],
  ],
  [
    "a module both extended and instantiated",
    ["EXTENDS Naturals", "I == INSTANCE Naturals", "Q == I!Nat"],
  ],
  ["a name that an INSTANCE brings again", ["Nat == 1", "INSTANCE Naturals"]],
  ["a module met by two ways", ["EXTENDS Sequences", "INSTANCE Naturals", "P == 1 + 1", "I == 2"]],
  [
    "an assumption and a theorem as values",
    ["ASSUME P == TRUE", "THEOREM T == FALSE", "Q == P /\\ T"],
  ],
  [
    "built-in operators as arguments",
    [
      "P(F(_)) == F(1)",
      "Q == P(DOMAIN) ",
      "R == P(SUBSET)",
      "B(G(_, _)) == G(1, 2)",
      "S == B(=) /\\ B(\\cup) /\\ B(=>) /\\ B(/\\)",
    ],
  ],
  [
    "symbols as parameters and operators",
    ["a (+) b == a", "F(_ \\prec _, s) == s \\prec s", "Q == F((+), 1)"],
  ],
  [
    "operators for standard modules",
    [
      "EXTENDS Sequences, TLC, Bags",
      "Q == SelectSeq(<<1>>, LAMBDA a : a = 1)",
      "R == SortSeq(<<1>>, LAMBDA a, b : a = b)",
      "S == BagOfAll(LAMBDA a : a, EmptyBag)",
    ],
  ],
  [
    "RECURSIVE operators that need each other",
    ["RECURSIVE F(_), G(_)", "F(a) == G(a)", "G(a) == F(a)", "f[a \\in {1}] == F(a)"],
  ],
  [
    "a RECURSIVE operator with an operator as parameter",
    ["RECURSIVE F(_, _)", "F(Op(_), a) == F(Op, a)", "P == F(LAMBDA z : z, 1)"],
  ],
  [
    "a RECURSIVE function and functions in a LET",
    ["f[a \\in {1}] == LET g[b \\in {1}] == f[g[b]] IN g[a]", "RECURSIVE g", "g == g"],
  ],
  [
    "a variable declared around a module inside, and in it",
    ["VARIABLE x", "---- MODULE B ----", "VARIABLE x", "Q == x", "===="],
  ],
  [
    "a variable for the parameter of an instance, where it is not used",
    [
      "VARIABLE x",
      "---- MODULE B ----",
      "CONSTANT C",
      "VARIABLE y",
      "Q == y",
      "====",
      "I(z) == INSTANCE B WITH C <- z, y <- x",
      "R == I(x)!Q",
    ],
  ],
  [
    "an operator that reads a variable WITH for a constant operator",
    [
      "VARIABLE x",
      "---- MODULE B ----",
      "CONSTANT F(_)",
      "Q(a) == F(a)",
      "====",
      "I == INSTANCE B WITH F <- LAMBDA a : a = x",
      "R == I!Q(x')",
    ],
  ],
  ["[] of a parameter", ["VARIABLE x", "Q(A) == [](A)", "R == Q(x' = 1)"]],
  [
    "[] of a LET around a square action",
    ["VARIABLE x", "A == x' = 1", "P == <><<A>>_x /\\ []<>(x = 1) /\\ [](LET y == [A]_x IN y)"],
  ],
  [
    "temporal formulas in IF, CASE, functions and records",
    [
      "VARIABLE x",
      "P == IF []x THEN 1 ELSE [a |-> <>x]",
      "Q == CASE []x -> 1 [] OTHER -> 2",
      "R == [y \\in {1} |-> []x]",
    ],
  ],
  ["a prime of a bound name", ["VARIABLE x", "P == \\E y \\in {x'} : y' = 1"]],
  [
    "a prime of a function that reads variables",
    ["VARIABLE x", "f[y \\in {1}] == IF y = 1 THEN x ELSE f[y]", "g[y \\in {1}] == f[y]'"],
  ],
  [
    "@ in a nested EXCEPT and in a LET",
    ["VARIABLE x", "P == [x EXCEPT !.a = [@ EXCEPT ![@.b] = @], ![1][2].c = LET y == @ IN y]"],
  ],
  ["an assumption with an unused variable", ["VARIABLE x", "ASSUME LET y == x IN TRUE"]],
  ["a part of a definition", ["P == TRUE /\\ label :: FALSE", "Q == P!label"]],
  ["unbounded quantifiers, which are refused only where they are used", ["P == \\A x : x = x"]],
];

let parser: TlaParser;
beforeAll(async () => {
  parser = await loadParser();
});

function check(lines: readonly string[]): CheckedModule {
  const text = ["---- MODULE A ----", ...lines, "===="].join("\n");
  const module = parser.parseModule("A.tla", text);
  return checkModule("A", (name) => (name === "A" ? module : undefined));
}

function faultOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Error && error.name === "TlaError") return error.message;
    throw error;
  }
  return "no fault";
}

describe("what SANY refuses", () => {
  for (const [what, lines, message] of FAULTY) {
    it(what, () => {
      expect(faultOf(() => check(lines))).toBe(`A.tla:${message}`);
    });
  }
});

describe("what SANY accepts", () => {
  for (const [what, lines] of ACCEPTED) {
    it(what, () => {
      expect(faultOf(() => check(lines))).toBe("no fault");
    });
  }
});

describe("what a configuration names", () => {
  const lines = [
    "VARIABLE x",
    "Init == x = 1",
    "Step(n) == x' = n",
    "Next == Step(1)",
    "Inv == x = 1",
    "ActionInv == [Next]_x",
  ];
  const fault = (config: string): string =>
    faultOf(() => checkConfiguration(check(lines), parseConfig("A.cfg", config)));

  it("an invariant of one state is accepted", () => {
    expect(fault("INIT Init\nNEXT Next\nINVARIANT Inv")).toBe("no fault");
  });

  it("an invariant with primes is refused", () => {
    expect(fault("INIT Init\nNEXT Next\nINVARIANT Inv ActionInv")).toBe(
      "A.cfg:3:15: INVARIANT ActionInv should speak of one state, but it has primes",
    );
  });

  it("an operator with parameters is refused", () => {
    expect(fault("INIT Init\nNEXT Step")).toBe(
      "A.cfg:2:6: NEXT Step should take no arguments, but it takes 1",
    );
  });

  it("of an invariant that is replaced, the replacement counts", () => {
    expect(fault("INIT Init\nNEXT Next\nINVARIANT ActionInv\nCONSTANT ActionInv <- Inv")).toBe(
      "no fault",
    );
  });
});

describe("modules that need each other", () => {
  const modules = (texts: Readonly<Record<string, string>>) => (name: string) => {
    const text = texts[name];
    return text && parser.parseModule(`${name}.tla`, `---- MODULE ${name} ----\n${text}\n====`);
  };
  const fault = (texts: Readonly<Record<string, string>>): string =>
    faultOf(() => checkModule("A", (name) => modules(texts)(name) || undefined));

  it("a fault is reported in the file that has it", () => {
    expect(fault({ A: "EXTENDS B", B: "P == Q" })).toBe("B.tla:2:6: Q is not defined or declared");
  });

  it("a definition that conflicts with one in another file names that file", () => {
    expect(fault({ A: "EXTENDS B\nP == 1", B: "P == 2" })).toBe(
      "A.tla:3:1: P is already defined or declared, in B.tla:2",
    );
  });

  it("a module that needs itself, and one that is not there", () => {
    expect(fault({ A: "EXTENDS B", B: "EXTENDS A" })).toBe("B.tla:2:9: module A needs itself");
    expect(fault({ A: "EXTENDS C" })).toBe("A.tla:2:9: module C was not found");
  });

  it("two definitions of one name may meet, but not a definition and a declaration", () => {
    expect(fault({ A: "EXTENDS B, C", B: "P == 1", C: "P == 2" })).toBe("no fault");
    expect(fault({ A: "EXTENDS B, C", B: "P == 1", C: "VARIABLE P" })).toBe(
      "A.tla:2:12: P is already defined or declared, in B.tla:2",
    );
  });
});
