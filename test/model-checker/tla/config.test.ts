/** TLC's configuration files: each statement, each value, each fault. */
import { describe, expect, it } from "vitest";
import { type ConfigValue, parseConfig } from "../../../model-checker/tla/config.ts";

const parse = (text: string) => parseConfig("M.cfg", text);

function show(value: ConfigValue): string {
  switch (value.kind) {
    case "set":
      return `{${value.elements.map(show).join(" ")}}`;
    case "model-value":
      return `model ${value.name}`;
    default:
      return JSON.stringify(value.value);
  }
}

describe("a statement that takes one name", () => {
  it.each([
    ["SPECIFICATION", "specification"],
    ["INIT", "init"],
    ["NEXT", "next"],
    ["SYMMETRY", "symmetry"],
    ["VIEW", "view"],
    ["ALIAS", "alias"],
  ] as const)("%s", (keyword, field) => {
    expect(parse("")[field]).toBe(null);
    expect(parse(`\n${keyword} Name`)[field]).toEqual({
      name: "Name",
      at: expect.objectContaining({ file: "M.cfg", line: 2, column: keyword.length + 2 }),
    });
    const again = `${keyword} A\n${keyword} B`;
    expect(() => parse(again)).toThrow(`M.cfg:2:1: ${keyword} is given twice`);
  });
});

describe("a statement that takes names", () => {
  it.each([
    ["INVARIANT", "invariants"],
    ["INVARIANTS", "invariants"],
    ["PROPERTY", "properties"],
    ["PROPERTIES", "properties"],
    ["CONSTRAINT", "constraints"],
    ["CONSTRAINTS", "constraints"],
    ["ACTION_CONSTRAINT", "actionConstraints"],
    ["ACTION_CONSTRAINTS", "actionConstraints"],
    ["POSTCONDITION", "postconditions"],
    ["POSTCONDITIONS", "postconditions"],
  ] as const)("%s", (keyword, field) => {
    const config = parse(`${keyword} A B\nINIT I ${keyword} C`);
    expect(config[field].map(({ name }) => name)).toEqual(["A", "B", "C"]);
    expect(config.init?.name).toBe("I");
  });
});

describe("CHECK_DEADLOCK is true, false or not said", () => {
  it.each([
    ["", null],
    ["CHECK_DEADLOCK TRUE", true],
    ["CHECK_DEADLOCK FALSE", false],
  ])("%j", (text, expected) => {
    expect(parse(text).checkDeadlock).toBe(expected);
  });
});

describe("a constant is assigned a value", () => {
  it.each([
    ["N = 3", "3"],
    ['N = "a b"', '"a b"'],
    ["N = TRUE", "true"],
    ["N = N", "model N"],
    ["N = {}", "{}"],
    ["N = {1, {a, TRUE}, 2}", "{1 {model a true} 2}"],
    ["N = s1", "model s1"],
    ["N = 2nd", "model 2nd"],
  ])("%s", (text, expected) => {
    const { constants } = parse(`CONSTANT ${text}`);
    expect(constants.map(({ value }) => show(value))).toEqual([expected]);
  });

  it("several, in several statements, some for one module only", () => {
    const { constants } = parse("CONSTANTS A = 1 B = [M] 2\nINIT I\nCONSTANT I!C = 3");
    expect(constants.map(({ name, module, at }) => [name, module, at.line, at.column])).toEqual([
      ["A", null, 1, 11],
      ["B", "M", 1, 17],
      ["I!C", null, 3, 10],
    ]);
  });
});

describe("a name is replaced by another", () => {
  it.each([
    ["A <- B", ["A", null, "B"]],
    ["Nat <- [Naturals] Small", ["Nat", "Naturals", "Small"]],
    ["+ <- Plus", ["+", null, "Plus"]],
    ["\\prec <- Before", ["\\prec", null, "Before"]],
    ["(+) <- Plus", ["(+)", null, "Plus"]],
  ])("%s", (text, expected) => {
    const { replacements } = parse(`CONSTANT ${text}`);
    expect(replacements.map((it) => [it.name, it.module, it.replacement])).toEqual([expected]);
  });
});

describe("comments are ignored", () => {
  it.each([
    ["to the end of the line", "\\* INIT Other\nINIT I \\* J"],
    ["nested", "(* INIT (* a *) Other *) INIT (**) I"],
  ])("%s", (_kind, text) => {
    expect(parse(text).init?.name).toBe("I");
  });
});

describe("a fault is shown with its place and what was expected", () => {
  it.each([
    [
      "INVARIENT A",
      "1:1: expected a keyword such as SPECIFICATION, INVARIANT or CONSTANT, found INVARIENT",
    ],
    ["INIT A B", "1:8: expected a keyword such as SPECIFICATION, INVARIANT or CONSTANT, found B"],
    ["INIT", "1:5: expected a name after INIT, found the end of the file"],
    ["INIT\nNEXT N", "2:1: expected a name after INIT, found NEXT"],
    ["INVARIANT 3", "1:11: expected a name after INVARIANT, found 3"],
    ["CHECK_DEADLOCK yes", "1:16: expected TRUE or FALSE, found yes"],
    ["CHECK_DEADLOCK TRUE CHECK_DEADLOCK TRUE", "1:21: CHECK_DEADLOCK is given twice"],
    ["CONSTANT A", "1:11: expected = or <- after A, found the end of the file"],
    ["CONSTANT F(1) = 2", "1:11: expected = or <- after F, found ("],
    ["CONSTANT 3 = 2", "1:10: expected a constant, found 3"],
    ["CONSTANT A =\nINIT I", "2:1: expected a value, found INIT"],
    ["CONSTANT A = {1 2}", "1:17: expected , or }, found 2"],
    ["CONSTANT A = {1,", "1:17: expected a value, found the end of the file"],
    ["CONSTANT A <- 3", "1:15: expected the definition to put for A, found 3"],
    ["CONSTANT A <- [M B", "1:18: expected ], found B"],
    ["CONSTANT A! = 1", "1:13: expected a name after !, found ="],
    ["CONSTANT A = 2147483648", "1:14: 2147483648 is not a number of 32 bits"],
    [
      "CONSTANT A = {-3}",
      "1:15: a configuration cannot hold the negative number -3: " +
        "define it in the module, and write <- and its name",
    ],
    ['CONSTANT A = "x', '1:14: this string has no end: expected "'],
    ["INIT I (* J", "1:8: this comment has no end: expected *)"],
  ])("%s", (text, expected) => {
    expect(() => parse(text)).toThrow(`M.cfg:${expected}`);
  });
});
