/** Each form of TLA+ and the abstract syntax it has; each kind of fault and where it is shown. */
import { describe, expect, it } from "vitest";
import { loadParser } from "../../../model-checker/tla/parser.ts";
import type {
  Bound,
  Expression,
  Module,
  Pattern,
  Unit,
} from "../../../model-checker/tla/syntax.ts";

const parser = await loadParser();

function moduleOf(body: string): Module {
  return parser.parseModule("T.tla", `---- MODULE T ----\n${body}\n====`);
}

/** An expression as an S-expression: names and numbers bare, everything else by its kind. */
function show(it: Expression): string {
  switch (it.kind) {
    case "number":
      return String(it.value);
    case "string":
      return JSON.stringify(it.value);
    case "apply": {
      const steps = it.instance.map((step) => `${call(step.name, step.arguments)}!`);
      return call(steps.join("") + it.name, it.arguments);
    }
    case "at":
      return "@";
    case "let":
      return list("let", it.definitions.map(showUnit), it.body);
    case "forall":
    case "exists":
    case "function":
      return list(it.kind, it.bounds.map(showBound), "body" in it ? it.body : it.value);
    case "set-map":
      return list(it.kind, it.value, it.bounds.map(showBound));
    case "set-filter":
      return list(it.kind, showPattern(it.pattern), it.set, it.condition);
    case "choose":
      return list(it.kind, showPattern(it.pattern), it.set ?? "-", it.body);
    case "record":
    case "record-set":
      return list(
        it.kind,
        it.fields.map(({ name, value }) => `${name}: ${show(value)}`),
      );
    case "except":
      return list(it.kind, it.function, it.updates.map(showUpdate));
    case "case": {
      const arms = it.arms.map((arm) => list("arm", arm.guard, arm.value));
      return list(it.kind, arms, it.other ?? "-");
    }
    case "field":
      return list(it.kind, it.record, it.name);
    case "lambda":
      return list(it.kind, `[${it.parameters.join(" ")}]`, it.body);
    case "fairness":
      return list(it.strength, it.subscript, it.action);
    case "unsupported":
      return list(it.kind, it.what);
    default:
      return list(it.kind, ...operandsOf(it));
  }
}

/** The operands of the forms that have nothing else, in their order. */
function operandsOf(it: Expression): readonly (Expression | readonly string[])[] {
  const { kind: _kind, at: _at, ...rest } = it;
  return Object.values(rest).map((part) => (Array.isArray(part) ? part.map(show) : part));
}

function list(head: string, ...parts: (string | Expression | readonly string[])[]): string {
  const shown = parts.flatMap((it) =>
    typeof it === "string" ? [it] : "kind" in it ? [show(it)] : it,
  );
  return `(${[head, ...shown].join(" ")})`;
}

function call(name: string, operands: readonly Expression[]): string {
  return operands.length === 0 ? name : list(name, ...operands);
}

function showPattern(pattern: Pattern): string {
  return pattern.kind === "tuple" ? `<<${pattern.names.join(" ")}>>` : pattern.name;
}

function showBound({ patterns, set }: Bound): string {
  return `[${patterns.map(showPattern).join(" ")} : ${show(set)}]`;
}

function showUpdate({ path, value }: Extract<Expression, { kind: "except" }>["updates"][number]) {
  const steps = path.map((step) =>
    step.kind === "field" ? `.${step.name}` : `[${step.arguments.map(show).join(" ")}]`,
  );
  return `(${steps.join("")} ${show(value)})`;
}

function showUnit(unit: Unit): string {
  const local = "local" in unit && unit.local ? "local " : "";
  const parameters =
    "parameters" in unit
      ? unit.parameters.map(({ name, arity }) => (arity > 0 ? `${name}/${arity}` : name))
      : [];
  switch (unit.kind) {
    case "operator":
      return list(`${local}def`, [unit.name, ...parameters].join(" "), "=", unit.body);
    case "function-definition":
      return list(`${local}fn`, unit.name, unit.bounds.map(showBound), "=", unit.body);
    case "instance": {
      const substitutions = unit.substitutions.map(({ name, value }) => `${name}<-${show(value)}`);
      return list(`${local}instance`, unit.name ?? "-", parameters, unit.module, substitutions);
    }
    case "variables":
      return list(
        "variables",
        unit.names.map(({ name }) => name),
      );
    case "assume":
      return list("assume", unit.name ?? "-", unit.body);
    case "theorem":
      return list("theorem", unit.name);
    case "module":
      return list("module", unit.module.name, unit.module.units.map(showUnit));
    default:
      return list(unit.kind, parameters);
  }
}

function fault(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    if (error instanceof Error && error.name === "TlaError") return error.message;
    throw error;
  }
  return "no fault";
}

describe("an expression has one form in the abstract syntax", () => {
  it.each([
    // Literals and names
    ["12", "12"],
    ["\\b101", "5"],
    ["\\O17", "15"],
    ["\\hfF", "255"],
    ["2147483647", "2147483647"],
    ['"a"', '"a"'],
    ['"\\"\\\\\\t\\n (* \\\\* "', '"\\"\\\\\\t\\n (* \\\\* "'],
    ["TRUE", "TRUE"],
    ["STRING", "STRING"],
    ["x", "x"],
    ["ℕ", "Nat"],
    ["Op(x, 1)", "(Op x 1)"],
    // Operators
    ["a + b", "(+ a b)"],
    ["-a", "(-. a)"],
    ["a - -b", "(- a (-. b))"],
    ["~a", "(~ a)"],
    ["a^+", "(^+ a)"],
    ["+(a, b)", "(+ a b)"],
    ["\\land(a, b)", "(and a b)"],
    ["Op(+, -., /\\)", "(Op + -. /\\)"],
    ["Op(LAMBDA x, y : x)", "(Op (lambda [x y] x))"],
    ["SUBSET S", "(SUBSET S)"],
    // A parenthesis after a prefix operator does not end its operand.
    ["~(a) \\in B", "(~ (\\in a B))"],
    ["~(a) = b /\\ c", "(and (~ (= a b)) c)"],
    ["~(f)[1].r = b", "(~ (= (field (index f 1) r) b))"],
    ["DOMAIN (r).a", "(DOMAIN (field r a))"],
    ["SUBSET (S) \\ T", "(\\ (SUBSET S) T)"],
    ["UNION {S}", "(UNION (set S))"],
    ["DOMAIN f", "(DOMAIN f)"],
    ["LAB:: a", "a"],
    ["(a)", "a"],
    // Instances
    ["I!Op", "I!Op"],
    ["I(a)!J!Op(b)", "((I a)!J!Op b)"],
    ["I!+(a, b)", "(I!+ a b)"],
    ["I!Nat", "I!Nat"],
    // Logic
    ["a /\\ b /\\ c", "(and a b c)"],
    ["(a /\\ b) /\\ c", "(and (and a b) c)"],
    ["a \\/ b \\/ c", "(or a b c)"],
    ["/\\ a\n/\\ \\/ b\n   \\/ c\n/\\ d", "(and a (or b c) d)"],
    ["/\\ a\n/\\ b\n=> c", "(=> (and a b) c)"],
    ["\\A x \\in S : a => b", "(forall [x : S] (=> a b))"],
    ["\\E x, y \\in S, <<u, v>> \\in T : a", "(exists [x y : S] [<<u v>> : T] a)"],
    ["CHOOSE x \\in S : a", "(choose x S a)"],
    ["CHOOSE <<x, y>> \\in S : a", "(choose <<x y>> S a)"],
    ["CHOOSE x : a", "(choose x - a)"],
    ["IF a THEN b ELSE c /\\ d", "(if a b (and c d))"],
    ["CASE a -> 1 [] b -> 2", "(case (arm a 1) (arm b 2) -)"],
    ["CASE a -> 1 [] OTHER -> 2", "(case (arm a 1) 2)"],
    ["LET x == 1 F(y) == y IN F(x)", "(let (def x = 1) (def F y = y) (F x))"],
    ["LET I == INSTANCE M IN I!x", "(let (instance I M) I!x)"],
    // Sets
    ["{}", "(set)"],
    ["{1, 2}", "(set 1 2)"],
    ["{x \\in S : x \\in T}", "(set-filter x S (\\in x T))"],
    ["{<<x, y>> \\in S : a}", "(set-filter <<x y>> S a)"],
    ["{x + y : x \\in S, y \\in T}", "(set-map (+ x y) [x : S] [y : T])"],
    ["S \\X T \\X U", "(product S T U)"],
    ["(S \\X T) \\X U", "(product (product S T) U)"],
    // Functions, records and tuples
    ["[x \\in S, y, z \\in T |-> x]", "(function [x : S] [y z : T] x)"],
    ["[S -> T]", "(function-set S T)"],
    ["f[1]", "(index f 1)"],
    ["f[1, 2][3]", "(index (index f 1 2) 3)"],
    ["[a |-> 1, b |-> 2]", "(record a: 1 b: 2)"],
    ["[a : S, b : T]", "(record-set a: S b: T)"],
    ["r.a.b", "(field (field r a) b)"],
    ["r.IF", "(field r IF)"],
    ["<<>>", "(tuple)"],
    ["<<1, 2>>", "(tuple 1 2)"],
    ['[f EXCEPT ![1].a["b"] = @ + 1, ![2, 3] = 4]', '(except f ([1].a["b"] (+ @ 1)) ([2 3] 4))'],
    // Actions and behaviours
    ["x' = y", "(= (prime x) y)"],
    ["UNCHANGED <<x, y>>", "(unchanged (tuple x y))"],
    ["ENABLED A", "(enabled A)"],
    ["[A]_v", "(square-action A v)"],
    ["[A]_<<x, y>>", "(square-action A (tuple x y))"],
    ["<<A>>_(v)", "(angle-action A v)"],
    ["[][A]_v", "(always (square-action A v))"],
    ["<><<A>>_v", "(eventually (angle-action A v))"],
    ["P ~> Q", "(leads-to P Q)"],
    ["WF_v(A)", "(WF v A)"],
    ["SF_<<x, y>>(A \\/ B)", "(SF (tuple x y) (or A B))"],
  ])("%s", (text, expected) => {
    expect(show(parser.parseExpression(text))).toBe(expected);
  });
});

describe("of an operator's spellings one is canonical", () => {
  it.each([
    ["<=", ["=<", "\\leq", "≤", "<="]],
    [">=", ["\\geq", "≥", ">="]],
    ["#", ["/=", "≠", "#"]],
    ["\\in", ["∈", "\\in"]],
    ["\\cup", ["\\union", "∪", "\\cup"]],
    ["\\cap", ["\\intersect", "∩", "\\cap"]],
    ["\\o", ["\\circ", "∘", "\\o"]],
    ["<=>", ["\\equiv", "≡", "<=>"]],
    ["(+)", ["\\oplus", "⊕", "(+)"]],
    ["(\\X)", ["\\otimes", "⊗", "(\\X)"]],
    ["and", ["\\land", "∧", "/\\"]],
    ["or", ["\\lor", "∨", "\\/"]],
    ["product", ["\\times", "×", "\\X"]],
    ["leads-to", ["↝", "~>"]],
  ])("%s", (canonical, spellings) => {
    for (const symbol of spellings) {
      expect(show(parser.parseExpression(`a ${symbol} b`))).toBe(`(${canonical} a b)`);
    }
  });

  it.each(["\\lnot", "\\neg", "¬", "~"])("~ of %s", (symbol) => {
    expect(show(parser.parseExpression(`${symbol} a`))).toBe("(~ a)");
  });
});

describe("operators group by their precedence, and where it is unclear want parentheses", () => {
  it.each([
    ["a + b * c", "(+ a (* b c))"],
    ["a + b - c + d", "(+ (+ a (- b c)) d)"],
    ["a - b - c", "(- (- a b) c)"],
    ["-a * b + c", "(+ (-. (* a b)) c)"],
    ["A /\\ B => C \\/ D", "(=> (and A B) (or C D))"],
    ["~a = b", "(~ (= a b))"],
    ["[]P /\\ <>Q ~> R", "(leads-to (and (always P) (eventually Q)) R)"],
    ["x \\in -1..1", "(\\in x (.. (-. 1) 1))"],
    ["f @@ 1 :> 2 @@ 3 :> 4", "(@@ (@@ f (:> 1 2)) (:> 3 4))"],
    ["S \\cup DOMAIN f", "(\\cup S (DOMAIN f))"],
    ["a + f[1].b'", "(+ a (prime (field (index f 1) b)))"],
    ["(a => b) => c", "(=> (=> a b) c)"],
  ])("%s", (text, expected) => {
    expect(show(parser.parseExpression(text))).toBe(expected);
  });

  it.each([
    ["a => b => c", 8, "=> and =>"],
    ["a /\\ b \\/ c", 8, "/\\ and \\/"],
    ["a = b = c", 7, "= and ="],
    ["a \\cup b \\cap c", 10, "\\cup and \\cap"],
    ["a \\ b \\ c", 7, "\\ and \\"],
    ["SUBSET S \\X T", 10, "SUBSET and \\X"],
    ["UNCHANGED x'", 12, "UNCHANGED and '"],
    ["[]P = Q", 5, "[] and ="],
    ["a * -b", 5, "* and -"],
    ["a ^ b ^ c", 7, "^ and ^"],
  ])("%s", (text, column, operators) => {
    const message = `${operators} need parentheses: neither binds more tightly`;
    expect(fault(() => parser.parseExpression(text))).toBe(`expression:1:${column}: ${message}`);
  });

  it("a sum of a thousand terms is not too deep", () => {
    const sum = parser.parseExpression(`1${" + 1".repeat(999)}`);
    expect(show(sum).length).toBe(1000 + 999 * "(+  )".length);
  });
});

describe("what is grammatical and never evaluated is named", () => {
  it.each([
    ["3.14", "a real number"],
    ["\\E x : a", "\\E without a set to range over"],
    ["\\EE x : F", "\\EE without a set to range over"],
    ["\\AA x : F", "\\AA without a set to range over"],
    ["F -+-> G", "-+->"],
    ["Op!1!2", "a subexpression selector"],
    ["Op(x)!:", "a subexpression selector"],
  ])("%s", (text, what) => {
    expect(show(parser.parseExpression(text))).toBe(`(unsupported ${what})`);
  });
});

describe("a module is a list of units", () => {
  it.each([
    ["CONSTANT A, F(_, _), _ \\prec _", "(constants A F/2 \\prec/2)"],
    ["VARIABLES x, y", "(variables x y)"],
    ["RECURSIVE F(_), G", "(recursive F/1 G)"],
    ["Op == 1", "(def Op = 1)"],
    ["Op(x, F(_)) == F(x)", "(def Op x F/1 = (F x))"],
    ["LOCAL Op == 1", "(local def Op = 1)"],
    ["a (+) b == a", "(def (+) a b = a)"],
    ["-. a == a", "(def -. a = a)"],
    ["a ^# == a", "(def ^# a = a)"],
    ["Nat == {1}", "(def Nat = (set 1))"],
    ["f[x \\in S, <<y, z>> \\in T] == x", "(fn f [x : S] [<<y z>> : T] = x)"],
    ["INSTANCE M", "(instance - M)"],
    ["LOCAL INSTANCE M WITH a <- 1, + <- Op", "(local instance - M a<-1 +<-Op)"],
    ["I(x) == INSTANCE M WITH F <- LAMBDA y : x", "(instance I x M F<-(lambda [y] x))"],
    ["ASSUME a", "(assume - a)"],
    ["AXIOM Name == a", "(assume Name a)"],
    ["---- MODULE Inner ----\nA == 1\n====", "(module Inner (def A = 1))"],
  ])("%s", (text, expected) => {
    expect(moduleOf(text).units.map(showUnit)).toEqual([expected]);
  });

  it("EXTENDS names modules and where they are named", () => {
    const text = "---- MODULE T ----\nEXTENDS Naturals,\n  Sequences\n====";
    const { extends: extended } = parser.parseModule("T.tla", text);
    expect(extended.map(({ name, at }) => `${name} ${at.line}:${at.column}`)).toEqual([
      "Naturals 2:9",
      "Sequences 3:3",
    ]);
  });

  it("proofs, USE and separators are left out, and of theorems all but their names", () => {
    const text = [
      "THEOREM T1 == A",
      "PROOF",
      "<1>1. A BY DEF A",
      "<1> QED BY <1>1",
      "LEMMA ASSUME NEW x \\in S PROVE x \\in S OBVIOUS",
      "USE DEF A",
      "----",
      "A == 1",
    ].join("\n");
    expect(moduleOf(text).units.map(showUnit)).toEqual(["(theorem T1)", "(def A = 1)"]);
  });

  it("text around the module and comments in it, PlusCal too, are ignored", () => {
    const text = [
      'prose with " and (* and IF',
      "---- MODULE T ---- \\* the header",
      "(* --algorithm half { (* nested *) variables x = 1; *)",
      "A == \\* one (*",
      '  /\\ "(* no comment"',
      "  /\\ \\* two",
      "    b",
      "====",
      'more " prose (* ----',
    ].join("\n");
    expect(parser.parseModule("T.tla", text).units.map(showUnit)).toEqual([
      '(def A = (and "(* no comment" b))',
    ]);
  });

  it.each([
    ["the one that is named as the file", "B.tla", "B"],
    ["else the first", "C.tla", "A"],
  ])("of several modules: %s", (_rule, file, name) => {
    const text = "---- MODULE A ----\n====\n---- MODULE B ----\n====\n";
    expect(parser.parseModule(file, text).name).toBe(name);
  });
});

describe("places count from 1, up to the last character", () => {
  const placeOf = ({ at }: Expression) => `${at.line}:${at.column}-${at.endLine}:${at.endColumn}`;

  it("of a bulleted list, from its first bullet", () => {
    const [unit] = moduleOf("A ==  /\\ a\n      /\\ b + 1").units;
    if (unit?.kind !== "operator" || unit.body.kind !== "and") throw new Error("not a list");
    expect([unit.body, ...unit.body.operands].map(placeOf)).toEqual([
      "2:7-3:14",
      "2:10-2:10",
      "3:10-3:14",
    ]);
  });

  it("of an expression, in its own text", () => {
    expect(placeOf(parser.parseExpression("a +\n  b"))).toBe("1:1-2:3");
  });

  it("a tab reaches to the next multiple of eight", () => {
    const [unit] = moduleOf("A ==    /\\ a\n\t/\\ b").units;
    if (unit?.kind !== "operator") throw new Error("not a definition");
    expect(show(unit.body)).toBe("(and a b)");
    expect(placeOf(unit.body)).toBe("2:9-3:12");
  });
});

describe("a fault is shown where no reading of the text can go on, with what was expected", () => {
  it.each([
    ["A == IF x THEN 2\nB == 3", "3:1: expected ELSE for the IF at 2:6, found B"],
    ["A == IF x\nB == 3", "3:1: expected THEN for the IF at 2:6, found B"],
    ["A == (1 + 2\nB == 3", "3:1: expected ) for the ( at 2:6, found B"],
    ["A == {(1), 2\nB == 3", "3:1: expected } for the { at 2:6, found B"],
    ["A == <<1, 2\nB == 3", "3:1: expected >> for the << at 2:6, found B"],
    ["A == f[1\nB == 3", "3:1: expected ] for the [ at 2:7, found B"],
    ["A == \\A x \\in S P(x)", "2:17: expected : for the \\A at 2:6, found P"],
    ["A == LET x == 1 x * 1", "2:21: expected IN for the LET at 2:6, found 1"],
    ["A == IF", "3:1: expected THEN for the IF at 2:6, found the end"],
    ["A == f[1, ]", "2:11: expected an expression, found ]"],
    ["A == /\\ a\n     /\\\nB == 1", "4:1: expected an expression, found B"],
    ["A == [f EXCEPT [1] = 2]", "2:16: expected !, found ["],
    ["A == [a |-> 1, b -> 2]", "2:18: expected |->, found ->"],
    ["A == INSTANCE M WITH a", "3:1: expected <-, found the end"],
    ["A == 1 +\nB == 3", "3:3: unexpected =="],
    ["A == 1 ? 2", "2:8: unexpected ?"],
    ["A == 1)", "2:7: unexpected )"],
    ["A ==", "3:1: unexpected end"],
    ["VARIABLE x y\nA == 1", "3:1: unexpected A"],
    ['A == "abc\nB == 1', '2:10: this string has no end: expected "'],
    ['A == "a\\q"', '2:8: \\q in a string: expected \\" \\\\ \\t \\n \\f or \\r'],
    ["A == 1 (* abc", "2:8: this comment has no end: expected *)"],
    ["A == 2147483648", "2:6: 2147483648 is above 2147483647, the largest number"],
    ["A == \\hFFFFFFFF", "2:6: \\hFFFFFFFF is above 2147483647, the largest number"],
    ["A == [a |-> 1, b |-> 2, a |-> 3]", "2:25: the field a is given twice"],
    ["A == [a : S, a : T]", "2:14: the field a is given twice"],
    ["IN == 1", "2:1: expected a name, found the reserved word IN"],
    ["A(IF) == 1", "2:3: expected a name, found the reserved word IF"],
    ["THEOREM A\n<1> QED BY )", "3:12: expected an expression, found )"],
    [`A == ${"(".repeat(1500)}1`, "3:1: expected ) for the ( at 2:1505, found the end"],
  ])("%s", (text, expected) => {
    expect(fault(() => moduleOf(text))).toBe(`T.tla:${expected}`);
  });

  it.each([
    ["", "1:1: no module here: expected ---- MODULE name ----"],
    ["A == 1", "1:1: no module here: expected ---- MODULE name ----"],
    ["---- MODULE T ----\nA == 1", "1:1: this module has no end: expected a line of ==== after it"],
    ["---- MODULE T ---\nA == 1\n====", "1:15: expected ----, found ---"],
  ])("a file: %j", (text, expected) => {
    expect(fault(() => parser.parseModule("T.tla", text))).toBe(`T.tla:${expected}`);
  });

  it.each([
    ["1 +", "2:1: unexpected end"],
    ["<<1", "2:1: expected >> for the << at 1:1, found the end"],
    ["1 x == 2", "1:3: expected one expression, found more"],
    ["LAMBDA x : x", "1:10: unexpected :"],
  ])("an expression: %s", (text, expected) => {
    expect(fault(() => parser.parseExpression(text, "value"))).toBe(`value:${expected}`);
  });
});
