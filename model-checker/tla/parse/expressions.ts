/**
 * Expressions: from the grammar's tree to the abstract syntax, one function for each form.
 * What is grammatical but never evaluated here becomes "unsupported", with a name for it.
 */

import type {
  Bound,
  ExceptUpdate,
  Expression,
  InstanceStep,
  Pattern,
  Selector,
  Span,
} from "../syntax.ts";
import { TlaError } from "../syntax.ts";
import { nameOf, textOf } from "./identifiers.ts";
import { number, string } from "./literals.ts";
import {
  isSymbolReference,
  operatorExpression,
  symbolApplied,
  symbolOf,
} from "./operator-expressions.ts";
import { canonicalSymbol } from "./operators.ts";
import { type SourceText, spanOf } from "./source-text.ts";
import { childrenOf, fieldOf, fieldsOf, requiredField, type SyntaxNode } from "./syntax-tree.ts";
import { definition } from "./units.ts";

type Form = (source: SourceText, node: SyntaxNode, at: Span) => Expression;

/** How each node type that is an expression is read. */
const FORMS: Readonly<Record<string, Form>> = {
  nat_number: number,
  binary_number: number,
  octal_number: number,
  hex_number: number,
  real_number: unsupported("a real number"),
  string,
  boolean: name,
  string_set: name,
  boolean_set: name,
  nat_number_set: name,
  int_number_set: name,
  real_number_set: name,
  identifier_ref: name,
  parentheses: (source, node) => expression(source, node.children[0]!),
  label: (source, node) => expression(source, requiredField(node, "expression")),
  subexpression: unsupported("a subexpression selector"),
  proof_step_ref: unsupported("a reference to a proof step"),
  bound_op: (source, node, at) => {
    const [operator, ...operands] = node.children;
    return apply(at, nameOf(source, operator!), expressions(source, operands));
  },
  bound_nonfix_op: (source, node, at) => {
    const [symbol, ...operands] = node.children;
    return symbolApplied(at, symbolOf(source, symbol!), expressions(source, operands));
  },
  prefixed_op: instanceOperator,
  bound_prefix_op: operatorExpression,
  bound_infix_op: operatorExpression,
  bound_postfix_op: operatorExpression,
  prefix_op_symbol: symbolReference,
  infix_op_symbol: symbolReference,
  postfix_op_symbol: symbolReference,
  lambda,
  bounded_quantification: quantification,
  unbounded_quantification: (source, node, at) => {
    const quantifier = textOf(source, requiredField(node, "quantifier"));
    return { kind: "unsupported", what: `${quantifier} without a set to range over`, at };
  },
  choose,
  finite_set_literal: (source, node, at) => {
    return { kind: "set", elements: expressions(source, node.children), at };
  },
  set_filter: setFilter,
  set_map: setMap,
  function_evaluation: (source, node, at) => {
    const [applied, ...operands] = expressions(source, node.children);
    return { kind: "index", function: applied!, arguments: operands, at };
  },
  function_literal: (source, node, at) => {
    const value = expression(source, node.children.at(-1)!);
    return { kind: "function", bounds: bounds(source, node), value, at };
  },
  set_of_functions: (source, node, at) => {
    const [domain, , range] = node.children;
    return {
      kind: "function-set",
      domain: expression(source, domain!),
      range: expression(source, range!),
      at,
    };
  },
  record_literal: (source, node, at) => ({
    kind: "record",
    fields: recordFields(source, node),
    at,
  }),
  set_of_records: (source, node, at) => {
    return { kind: "record-set", fields: recordFields(source, node), at };
  },
  record_value: (source, node, at) => {
    const [record, field] = node.children;
    return {
      kind: "field",
      record: expression(source, record!),
      name: textOf(source, field!),
      at,
    };
  },
  except,
  prev_func_val: (_source, _node, at) => ({ kind: "at", at }),
  tuple_literal: (source, node, at) => {
    return { kind: "tuple", elements: expressions(source, node.children.slice(1, -1)), at };
  },
  step_expr_or_stutter: (source, node, at) => {
    const [action, subscript] = expressions(source, node.children);
    return { kind: "square-action", action: action!, subscript: subscript!, at };
  },
  step_expr_no_stutter: (source, node, at) => {
    const [, action, , subscript] = node.children;
    return {
      kind: "angle-action",
      action: expression(source, action!),
      subscript: expression(source, subscript!),
      at,
    };
  },
  fairness: (source, node, at) => {
    const [subscript, action] = expressions(source, node.children);
    const strength = source.text.startsWith("WF_", node.start) ? "WF" : "SF";
    return { kind: "fairness", strength, subscript: subscript!, action: action!, at };
  },
  if_then_else: (source, node, at) => ({
    kind: "if",
    condition: expression(source, requiredField(node, "if")),
    // biome-ignore lint/suspicious/noThenProperty: the abstract syntax has the word of TLA+.
    then: expression(source, requiredField(node, "then")),
    else: expression(source, requiredField(node, "else")),
    at,
  }),
  case: caseExpression,
  let_in: (source, node, at) => ({
    kind: "let",
    definitions: fieldsOf(node, "definitions").map((unit) => definition(source, unit, false)),
    body: expression(source, requiredField(node, "expression")),
    at,
  }),
  conj_list: bulletedList("and"),
  disj_list: bulletedList("or"),
};

/** The expression at `node`. @throws TlaError where it breaks a rule that the grammar lacks. */
export function expression(source: SourceText, node: SyntaxNode): Expression {
  const form = FORMS[node.type];
  if (form === undefined) throw new Error(`no expression has the type ${node.type}`);
  return form(source, node, spanOf(source, node.start, node.end));
}

function expressions(source: SourceText, nodes: readonly SyntaxNode[]): readonly Expression[] {
  return nodes.map((node) => expression(source, node));
}

/** The bounds among the children of `node`. */
export function bounds(source: SourceText, node: SyntaxNode): readonly Bound[] {
  return childrenOf(node, "quantifier_bound").map((bound) => ({
    patterns: fieldsOf(bound, "intro").map((intro) => pattern(source, intro)),
    set: expression(source, requiredField(bound, "set")),
    at: spanOf(source, bound.start, bound.end),
  }));
}

function pattern(source: SourceText, node: SyntaxNode): Pattern {
  if (node.type === "identifier") return { kind: "identifier", name: nameOf(source, node) };
  const names = childrenOf(node, "identifier").map((child) => nameOf(source, child));
  return { kind: "tuple", names };
}

function apply(at: Span, applied: string, operands: readonly Expression[]): Expression {
  return { kind: "apply", instance: [], name: applied, arguments: operands, at };
}

function unsupported(what: string): Form {
  return (_source, _node, at) => ({ kind: "unsupported", what, at });
}

function name(source: SourceText, node: SyntaxNode, at: Span): Expression {
  const text = node.type === "identifier_ref" ? nameOf(source, node) : textOf(source, node);
  return apply(at, canonicalSymbol(text), []);
}

function symbolReference(source: SourceText, node: SyntaxNode, at: Span): Expression {
  return apply(at, symbolOf(source, node), []);
}

function lambda(source: SourceText, node: SyntaxNode, at: Span): Expression {
  return {
    kind: "lambda",
    parameters: childrenOf(node, "identifier").map((child) => nameOf(source, child)),
    body: expression(source, node.children.at(-1)!),
    at,
  };
}

/** `I(x)!J!Op(y)`; a step into the parts of an expression (`Op!1!Op2`) is not for evaluation. */
function instanceOperator(source: SourceText, node: SyntaxNode, at: Span): Expression {
  const steps = requiredField(node, "prefix").children;
  const operator = requiredField(node, "op");
  const instance: InstanceStep[] = [];
  for (const step of steps) {
    const target = step.children[0];
    if (step.type !== "subexpr_component" || target === undefined || isSymbolReference(target)) {
      return { kind: "unsupported", what: "a subexpression selector", at };
    }
    const called = target.type === "bound_op" ? target.children : [target];
    instance.push({
      name: nameOf(source, called[0]!),
      arguments: expressions(source, called.slice(1)),
      at: spanOf(source, step.start, step.end),
    });
  }
  const called = operator.children.length > 0 ? operator.children : [operator];
  const applied =
    operator.type === "bound_nonfix_op"
      ? symbolOf(source, called[0]!)
      : canonicalSymbol(textOf(source, called[0]!));
  const operands = expressions(source, called.slice(1));
  return { kind: "apply", instance, name: applied, arguments: operands, at };
}

function quantification(source: SourceText, node: SyntaxNode, at: Span): Expression {
  const quantifier = requiredField(node, "quantifier");
  return {
    kind: quantifier.type === "forall" ? "forall" : "exists",
    bounds: bounds(source, node),
    body: expression(source, requiredField(node, "expression")),
    at,
  };
}

function choose(source: SourceText, node: SyntaxNode, at: Span): Expression {
  const set = fieldOf(node, "set");
  return {
    kind: "choose",
    pattern: pattern(source, requiredField(node, "intro")),
    set: set === null ? null : expression(source, set),
    body: expression(source, requiredField(node, "expression")),
    at,
  };
}

function setFilter(source: SourceText, node: SyntaxNode, at: Span): Expression {
  const generator = requiredField(node, "generator");
  return {
    kind: "set-filter",
    pattern: pattern(source, requiredField(generator, "intro")),
    set: expression(source, requiredField(generator, "set")),
    condition: expression(source, requiredField(node, "filter")),
    at,
  };
}

function setMap(source: SourceText, node: SyntaxNode, at: Span): Expression {
  const value = expression(source, requiredField(node, "map"));
  return { kind: "set-map", value, bounds: bounds(source, node), at };
}

function recordFields(
  source: SourceText,
  node: SyntaxNode,
): readonly { readonly name: string; readonly value: Expression }[] {
  const fields: { readonly name: string; readonly value: Expression }[] = [];
  const parts = node.children.filter((child) => child.type !== "all_map_to");
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const field = parts[i]!;
    const fieldName = textOf(source, field);
    if (fields.some((other) => other.name === fieldName)) {
      const at = spanOf(source, field.start, field.end);
      throw new TlaError(`the field ${fieldName} is given twice`, at);
    }
    fields.push({ name: fieldName, value: expression(source, parts[i + 1]!) });
  }
  return fields;
}

function except(source: SourceText, node: SyntaxNode, at: Span): Expression {
  return {
    kind: "except",
    function: expression(source, requiredField(node, "expr_to_update")),
    updates: childrenOf(node, "except_update").map((update): ExceptUpdate => {
      const path = childrenOf(update, "except_update_specifier")[0]!.children;
      return {
        path: path.map((step) => selector(source, step)),
        value: expression(source, requiredField(update, "new_val")),
        at: spanOf(source, update.start, update.end),
      };
    }),
    at,
  };
}

function selector(source: SourceText, node: SyntaxNode): Selector {
  const at = spanOf(source, node.start, node.end);
  if (node.type === "except_update_record_field") {
    return { kind: "field", name: textOf(source, node.children[0]!), at };
  }
  return { kind: "index", arguments: expressions(source, node.children), at };
}

function caseExpression(source: SourceText, node: SyntaxNode, at: Span): Expression {
  const other = childrenOf(node, "other_arm")[0];
  return {
    kind: "case",
    arms: childrenOf(node, "case_arm").map(({ children: [guard, , value] }) => ({
      guard: expression(source, guard!),
      value: expression(source, value!),
    })),
    other: other === undefined ? null : expression(source, other.children.at(-1)!),
    at,
  };
}

function bulletedList(kind: "and" | "or"): Form {
  return (source, node, at) => ({
    kind,
    operands: node.children.map((item) => expression(source, item.children.at(-1)!)),
    at,
  });
}
