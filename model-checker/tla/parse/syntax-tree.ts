/**
 * The concrete syntax tree that the grammar's parser makes, lifted out of its memory into plain
 * objects. Only what the abstract syntax is made from is kept: the named nodes, no punctuation.
 */
import type { TreeCursor } from "web-tree-sitter";

/** One node; `type` and `field` are names of the grammar, the offsets count characters. */
export interface SyntaxNode {
  readonly type: string;
  readonly field: string | null;
  readonly start: number;
  readonly end: number;
  readonly children: readonly SyntaxNode[];
}

/** Lifts the tree of `text`. A loop, not a recursion: sums of a thousand terms are deep. */
export function liftTree(cursor: TreeCursor, text: string): SyntaxNode {
  const root = { ...liftNode(cursor, text), children: [] as SyntaxNode[] };
  const path: { readonly children: SyntaxNode[] }[] = [root];
  let into = cursor.gotoFirstChild();
  while (path.length > 0) {
    if (!into) {
      path.pop();
      if (path.length === 0) break;
      cursor.gotoParent();
      into = cursor.gotoNextSibling();
      continue;
    }
    if (!cursor.nodeIsNamed) {
      into = cursor.gotoNextSibling();
      continue;
    }
    const node = { ...liftNode(cursor, text), children: [] as SyntaxNode[] };
    path.at(-1)!.children.push(node);
    // A string has a node for each character.
    if (node.type !== "string" && cursor.gotoFirstChild()) path.push(node);
    else into = cursor.gotoNextSibling();
  }
  return root;
}

function liftNode(cursor: TreeCursor, text: string): Omit<SyntaxNode, "children"> {
  // A bulleted list ends for the grammar only where the next token stands to its left.
  let end = cursor.endIndex;
  while (end > cursor.startIndex && " \r\n".includes(text[end - 1]!)) end -= 1;
  return {
    type: cursor.nodeType,
    field: cursor.currentFieldName,
    start: cursor.startIndex,
    end,
  };
}

/** The children of `node` with this field name. */
export function fieldsOf(node: SyntaxNode, field: string): readonly SyntaxNode[] {
  return node.children.filter((child) => child.field === field);
}

/** The one child of `node` with this field name, or null. */
export function fieldOf(node: SyntaxNode, field: string): SyntaxNode | null {
  return node.children.find((child) => child.field === field) ?? null;
}

/** The child that the grammar promises to be there. */
export function requiredField(node: SyntaxNode, field: string): SyntaxNode {
  const child = fieldOf(node, field);
  if (child === null) throw new Error(`the grammar gives every ${node.type} a ${field}`);
  return child;
}

/** The children of these types. */
export function childrenOf(node: SyntaxNode, ...types: readonly string[]): readonly SyntaxNode[] {
  return node.children.filter((child) => types.includes(child.type));
}
