/** Numbers and strings. */

import { type Expression, type Span, TlaError } from "../syntax.ts";
import { textOf } from "./identifiers.ts";
import { type SourceText, spanOf } from "./source-text.ts";
import type { SyntaxNode } from "./syntax-tree.ts";

/** Integers are of 32 bits, as TLC's are. */
const LARGEST = 2 ** 31 - 1;

const BASES: Readonly<Record<string, number>> = {
  nat_number: 10,
  binary_number: 2,
  octal_number: 8,
  hex_number: 16,
};

/** `12`, `\b1100`, `\o14`, `\hC`. @throws TlaError for a number above 2^31 - 1. */
export function number(source: SourceText, node: SyntaxNode, at: Span): Expression {
  const text = textOf(source, node);
  const value = Number.parseInt(text.replace(/^\\./, ""), BASES[node.type]);
  if (value > LARGEST) throw new TlaError(`${text} is above ${LARGEST}, the largest number`, at);
  return { kind: "number", value, at };
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  t: "\t",
  n: "\n",
  f: "\f",
  r: "\r",
};

/** `"text"`. @throws TlaError for an escape that TLA+ does not have. */
export function string(source: SourceText, node: SyntaxNode, at: Span): Expression {
  const value = textOf(source, node)
    .slice(1, -1)
    .replace(/\\(.)/g, (pair: string, escaped: string, offset: number) => {
      const character = ESCAPES[escaped];
      if (character !== undefined) return character;
      const start = node.start + 1 + offset;
      throw new TlaError(
        `${pair} in a string: expected \\" \\\\ \\t \\n \\f or \\r`,
        spanOf(source, start, start + 2),
      );
    });
  return { kind: "string", value, at };
}
