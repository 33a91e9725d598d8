/**
 * The grammar takes a prefix operator before a parenthesis, `~(a) \in B`, for one that is applied
 * like a function, `(~(a)) \in B`. TLA+ has no such form: the operand is whatever binds more
 * tightly, and goes on after the parenthesis. Specifying Systems, section 15.2.1.
 */
import { textOf } from "./identifiers.ts";
import { bindsAfter, canonicalSymbol, precedenceOf } from "./operators.ts";
import type { SourceText } from "./source-text.ts";
import { requiredField, type SyntaxNode } from "./syntax-tree.ts";

/** Expressions that begin with another and bind more tightly than any prefix operator. */
const TIGHT = ["function_evaluation", "record_value"];
const OPERATORS = ["bound_infix_op", "bound_postfix_op"];

/** The tree with every such operator where TLA+ has it. */
export function withPrefixOperators(source: SourceText, root: SyntaxNode): SyntaxNode {
  const moved = new WeakSet<SyntaxNode>();
  const visit = (node: SyntaxNode): SyntaxNode => {
    let isChanged = false;
    const children = node.children.map((child) => {
      const visited = visit(child);
      // In `I!~(x)` the operator has a name and is applied like a function.
      const result = node.type === "prefixed_op" ? visited : asPrefix(source, visited);
      if (result !== visited) moved.add(result);
      isChanged ||= result !== child;
      return result;
    });
    const now = isChanged ? { ...node, children } : node;
    const [first] = children;
    if (first === undefined || !moved.has(first) || !bindsTighter(source, first, now)) return now;
    const rotated = rotate(first, now);
    moved.add(rotated);
    return rotated;
  };
  return visit(root);
}

/** `~(a)` as the operator `~` before `(a)`; anything else as it is. */
function asPrefix(source: SourceText, node: SyntaxNode): SyntaxNode {
  const [symbol, operand] = node.children;
  const isOne = node.type === "bound_nonfix_op" && symbol?.type === "prefix_op_symbol";
  if (!isOne || operand === undefined) return node;
  const start = source.text.indexOf("(", symbol.end);
  const rhs = { ...node, type: "parentheses", field: "rhs", start, children: [operand] };
  return { ...node, type: "bound_prefix_op", children: [{ ...symbol, field: "symbol" }, rhs] };
}

/** Whether `outer`, which begins with `prefix`, should be its operand. */
function bindsTighter(source: SourceText, prefix: SyntaxNode, outer: SyntaxNode): boolean {
  if (TIGHT.includes(outer.type)) return true;
  if (!OPERATORS.includes(outer.type)) return false;
  const symbolOf = (node: SyntaxNode): string =>
    canonicalSymbol(textOf(source, requiredField(node, "symbol")));
  return bindsAfter(precedenceOf(symbolOf(prefix)), precedenceOf(symbolOf(outer)));
}

function rotate(prefix: SyntaxNode, outer: SyntaxNode): SyntaxNode {
  const [symbol, operand] = prefix.children as [SyntaxNode, SyntaxNode];
  const [, ...rest] = outer.children;
  const first = { ...operand, field: prefix.field };
  const rhs = { ...outer, field: "rhs", start: operand.start, children: [first, ...rest] };
  return { ...prefix, field: outer.field, end: outer.end, children: [symbol, rhs] };
}
