/**
 * Prefix, infix and postfix operators: which form of the abstract syntax each has, and whether
 * their order is clear without parentheses. The grammar resolves every conflict of precedence
 * silently; TLA+ wants parentheses (Specifying Systems, section 15.2.1).
 */

import { type Expression, type Span, TlaError } from "../syntax.ts";
import { expression } from "./expressions.ts";
import { textOf } from "./identifiers.ts";
import {
  bindsAfter,
  bindsBefore,
  canonicalSymbol,
  type Precedence,
  precedenceOf,
} from "./operators.ts";
import { type SourceText, spanOf } from "./source-text.ts";
import { fieldOf, requiredField, type SyntaxNode } from "./syntax-tree.ts";

/** The canonical name of the symbol at `node`. */
export function symbolOf(source: SourceText, node: SyntaxNode): string {
  return canonicalSymbol(textOf(source, node));
}

/** Whether `node` is a symbol alone, or applied as in `+(1, 2)`. */
export function isSymbolReference(node: SyntaxNode): boolean {
  return node.type.endsWith("_op_symbol") || node.type === "bound_nonfix_op";
}

/** An operator symbol applied to operands, in the form that the abstract syntax has for it. */
export function symbolApplied(
  at: Span,
  symbol: string,
  operands: readonly Expression[],
): Expression {
  const [first, second] = operands;
  switch (symbol) {
    case "/\\":
      return { kind: "and", operands, at };
    case "\\/":
      return { kind: "or", operands, at };
    case "\\X":
      return { kind: "product", factors: operands, at };
    case "'":
      return { kind: "prime", operand: first!, at };
    case "UNCHANGED":
      return { kind: "unchanged", operand: first!, at };
    case "ENABLED":
      return { kind: "enabled", operand: first!, at };
    case "[]":
      return { kind: "always", operand: first!, at };
    case "<>":
      return { kind: "eventually", operand: first!, at };
    case "~>":
      return { kind: "leads-to", left: first!, right: second!, at };
    case "-+->":
      return { kind: "unsupported", what: "-+->", at };
    default:
      return { kind: "apply", instance: [], name: symbol, arguments: operands, at };
  }
}

/** Operators that are one list, however many operands they join. */
const LISTED = ["/\\", "\\/", "\\X"];

/** The expression of a prefix, infix or postfix operator. */
export function operatorExpression(source: SourceText, node: SyntaxNode): Expression {
  checkPrecedence(source, node);
  if (isInfix(node)) return infixExpression(source, node);
  const operand = requiredField(node, isPrefix(node) ? "rhs" : "lhs");
  return symbolApplied(spanOf(source, node.start, node.end), operatorName(source, node), [
    expression(source, operand),
  ]);
}

/** `a + b - c`, from the left: a loop, since sums can be long. */
function infixExpression(source: SourceText, node: SyntaxNode): Expression {
  const chain: SyntaxNode[] = [node];
  let first = requiredField(node, "lhs");
  for (; isInfix(first); first = requiredField(first, "lhs")) {
    checkPrecedence(source, first);
    chain.push(first);
  }
  let operands = [expression(source, first)];
  for (const [i, link] of [...chain.entries()].reverse()) {
    const symbol = operatorName(source, link);
    operands.push(expression(source, requiredField(link, "rhs")));
    const next = chain[i - 1];
    const goesOn =
      next !== undefined && LISTED.includes(symbol) && operatorName(source, next) === symbol;
    if (goesOn) continue;
    operands = [symbolApplied(spanOf(source, link.start, link.end), symbol, operands)];
  }
  return operands[0]!;
}

function operatorName(source: SourceText, node: SyntaxNode): string {
  const symbol = symbolOf(source, requiredField(node, "symbol"));
  return isPrefix(node) && symbol === "-" ? "-." : symbol;
}

function isPrefix(node: SyntaxNode): boolean {
  return node.type === "bound_prefix_op";
}

function isInfix(node: SyntaxNode): boolean {
  return node.type === "bound_infix_op";
}

function isPostfix(node: SyntaxNode): boolean {
  return node.type === "bound_postfix_op";
}

/** Operators that end at the right edge of `node`: each competes with what follows it. */
function rightEdge(node: SyntaxNode): readonly SyntaxNode[] {
  const edge: SyntaxNode[] = [];
  for (let at = node; isInfix(at) || isPrefix(at); at = requiredField(at, "rhs")) edge.push(at);
  return edge;
}

/** Operators that begin at the left edge of `node`: each competes with what precedes it. */
function leftEdge(node: SyntaxNode): readonly SyntaxNode[] {
  const edge: SyntaxNode[] = [];
  for (let at = node; isInfix(at) || isPostfix(at); at = requiredField(at, "lhs")) edge.push(at);
  return edge;
}

function checkPrecedence(source: SourceText, node: SyntaxNode): void {
  const here = precedenceIn(source, node);
  const left = fieldOf(node, "lhs");
  for (const before of left === null ? [] : rightEdge(left)) {
    const other = precedenceIn(source, before);
    if (!bindsBefore(other, here)) throw conflict(source, node, other, here);
  }
  const right = fieldOf(node, "rhs");
  if (right === null) return;
  for (const after of leftEdge(right)) {
    const other = precedenceIn(source, after);
    if (!bindsAfter(here, other)) throw conflict(source, after, here, other);
  }
  // After an infix operator a `-` is first taken for one itself, so `a * -b` is a conflict too.
  if (isInfix(node) && isPrefix(right) && operatorName(source, right) === "-.") {
    const negation = precedenceIn(source, right);
    if (bindsBefore(here, negation)) throw conflict(source, right, here, negation);
  }
}

function precedenceIn(source: SourceText, node: SyntaxNode): Precedence {
  return precedenceOf(operatorName(source, node));
}

function conflict(
  source: SourceText,
  node: SyntaxNode,
  left: Precedence,
  right: Precedence,
): TlaError {
  const symbol = requiredField(node, "symbol");
  const [first, second] = [left, right].map(({ name }) => (name === "-." ? "-" : name));
  return new TlaError(
    `${first} and ${second} need parentheses: neither binds more tightly`,
    spanOf(source, symbol.start, symbol.end),
  );
}
