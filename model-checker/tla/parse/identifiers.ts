/** Names as they are written in a module, and the words that cannot be names. */

import { TlaError } from "../syntax.ts";
import { type SourceText, spanOf } from "./source-text.ts";
import type { SyntaxNode } from "./syntax-tree.ts";

const RESERVED = new Set(
  (
    "ASSUME ASSUMPTION AXIOM BOOLEAN CASE CHOOSE CONSTANT CONSTANTS COROLLARY DOMAIN ELSE " +
    "ENABLED EXCEPT EXTENDS FALSE IF IN INSTANCE LAMBDA LEMMA LET LOCAL MODULE OTHER " +
    "PROPOSITION RECURSIVE STRING SUBSET THEN THEOREM TRUE UNCHANGED UNION VARIABLE VARIABLES WITH"
  ).split(" "),
);

/** The characters of a node. */
export function textOf(source: SourceText, node: SyntaxNode): string {
  return source.text.slice(node.start, node.end);
}

/** @throws TlaError for a reserved word, which the grammar takes for an identifier. */
export function nameOf(source: SourceText, node: SyntaxNode): string {
  const name = textOf(source, node);
  if (RESERVED.has(name)) {
    throw new TlaError(
      `expected a name, found the reserved word ${name}`,
      spanOf(source, node.start, node.end),
    );
  }
  return name;
}
