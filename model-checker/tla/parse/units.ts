/** Units: the definitions and declarations of a module or a LET, and modules themselves. */

import type { Expression, Module, Parameter, Span, Substitution, Unit } from "../syntax.ts";
import { bounds, expression } from "./expressions.ts";
import { nameOf, textOf } from "./identifiers.ts";
import { symbolOf } from "./operator-expressions.ts";
import { canonicalSymbol } from "./operators.ts";
import { type SourceText, spanOf } from "./source-text.ts";
import { childrenOf, fieldOf, fieldsOf, requiredField, type SyntaxNode } from "./syntax-tree.ts";

/** Units that define nothing which is evaluated. */
const SKIPPED = ["header_line", "single_line", "double_line", "use_or_hide"];

/** The module at `node`, without its proofs. */
export function module(source: SourceText, node: SyntaxNode): Module {
  const name = requiredField(node, "name");
  const extended = childrenOf(node, "extends")[0]?.children ?? [];
  return {
    name: nameOf(source, name),
    extends: extended.map((child) => located(source, child)),
    units: node.children
      .filter((child) => child !== name && child.type !== "extends")
      .filter((child) => !SKIPPED.includes(child.type) && !isNamelessTheorem(child))
      .map((child) => unit(source, child)),
    at: spanOf(source, node.start, node.end),
  };
}

function isNamelessTheorem(node: SyntaxNode): boolean {
  return node.type === "theorem" && fieldOf(node, "name") === null;
}

function unit(source: SourceText, node: SyntaxNode): Unit {
  const at = spanOf(source, node.start, node.end);
  switch (node.type) {
    case "variable_declaration":
      return { kind: "variables", names: node.children.map((c) => located(source, c)), at };
    case "constant_declaration": {
      const parameters = node.children.map((child) => ({
        ...parameter(source, child),
        at: spanOf(source, child.start, child.end),
      }));
      return { kind: "constants", parameters, at };
    }
    case "theorem": {
      const name = nameOf(source, requiredField(node, "name"));
      return { kind: "theorem", name, body: statement(source, node, at), at };
    }
    case "assumption": {
      const name = fieldOf(node, "name");
      const body = expression(source, node.children.at(-1)!);
      return { kind: "assume", name: name === null ? null : nameOf(source, name), body, at };
    }
    case "module":
      return { kind: "module", module: module(source, node), at };
    case "local_definition":
      return { ...definition(source, node.children[0]!, true), at };
    default:
      return definition(source, node, false);
  }
}

function statement(source: SourceText, theorem: SyntaxNode, at: Span): Expression {
  const stated = requiredField(theorem, "statement");
  if (stated.type !== "assume_prove") return expression(source, stated);
  return { kind: "unsupported", what: "the value of a theorem with ASSUME and PROVE", at };
}

/** A definition, or a RECURSIVE declaration: what a LET may hold as well as a module. */
export function definition(source: SourceText, node: SyntaxNode, local: boolean): Unit {
  const at = spanOf(source, node.start, node.end);
  switch (node.type) {
    case "recursive_declaration": {
      const parameters = node.children.map((child) => parameter(source, child));
      return { kind: "recursive", parameters, at };
    }
    case "operator_definition": {
      const body = expression(source, requiredField(node, "definition"));
      return { kind: "operator", ...signature(source, node), body, local, at };
    }
    case "function_definition":
      return {
        kind: "function-definition",
        name: nameOf(source, requiredField(node, "name")),
        bounds: bounds(source, node),
        body: expression(source, requiredField(node, "definition")),
        local,
        at,
      };
    case "instance":
      return { kind: "instance", name: null, parameters: [], ...instance(source, node), local, at };
    case "module_definition": {
      const instanced = instance(source, requiredField(node, "definition"));
      return { kind: "instance", ...signature(source, node), ...instanced, local, at };
    }
    default:
      throw new Error(`no unit has the type ${node.type}`);
  }
}

function located(source: SourceText, node: SyntaxNode): Module["extends"][number] {
  return { name: nameOf(source, node), at: spanOf(source, node.start, node.end) };
}

/** The name and parameters of a definition: `F(x, G(_))`, or `a + b` of a symbol. */
function signature(
  source: SourceText,
  node: SyntaxNode,
): { readonly name: string; readonly parameters: readonly Parameter[] } {
  return {
    name: operatorName(source, requiredField(node, "name")),
    parameters: fieldsOf(node, "parameter").map((child) => parameter(source, child)),
  };
}

function operatorName(source: SourceText, node: SyntaxNode): string {
  if (node.type === "identifier") return nameOf(source, node);
  return canonicalSymbol(textOf(source, node));
}

/** `x`, `F(_, _)`, `_ + _`. */
function parameter(source: SourceText, node: SyntaxNode): Parameter {
  if (node.type === "identifier") return { name: nameOf(source, node), arity: 0 };
  return {
    name: operatorName(source, requiredField(node, "name")),
    arity: childrenOf(node, "placeholder").length,
  };
}

function instance(
  source: SourceText,
  node: SyntaxNode,
): { readonly module: string; readonly substitutions: readonly Substitution[] } {
  return {
    module: nameOf(source, node.children[0]!),
    substitutions: childrenOf(node, "substitution").map(({ children, start, end }) => {
      const [name, , value] = children;
      return {
        name: name!.type === "identifier_ref" ? nameOf(source, name!) : symbolOf(source, name!),
        value: expression(source, value!),
        at: spanOf(source, start, end),
      };
    }),
  };
}
