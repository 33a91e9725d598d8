/**
 * Says where a text stops being TLA+, and what was expected there. The grammar's parser recovers
 * from every error and goes on, so its tree shows the repair, not the fault: the text is parsed
 * once more with the log on, up to the first token that no reading of the text could take.
 */
import type { Language, Parser } from "web-tree-sitter";
import { TlaError } from "../syntax.ts";
import { innermostOpen } from "./open-construct.ts";
import { type SourceText, spanOf } from "./source-text.ts";

/** A token that could not follow, and the parser's state before it. */
interface Fault {
  readonly state: number;
  /** Where the token, or the space before it, starts. */
  readonly offset: number;
}

/** What is wrong with a text whose tree has errors. */
export function syntaxError(parser: Parser, language: Language, source: SourceText): TlaError {
  const faults = firstFaults(parser, source);
  const furthest = Math.max(...faults.map(({ offset }) => offset));
  const expected = new Set(
    faults
      .filter(({ offset }) => offset === furthest)
      .flatMap(({ state }) => [...(language.lookaheadIterator(state) ?? [])]),
  );
  if (expected.has("escape_char")) {
    const place = spanOf(source, furthest, furthest + 1);
    return new TlaError('this string has no end: expected "', place);
  }
  const offset = startOfFault(source.text, furthest, expected);
  const token = /^(?:\w+|"[^"\n]*"?|[^\s\w"]+)/.exec(source.text.slice(offset))?.[0] ?? "";
  const end = token.startsWith("====");
  const wanted = expectation(source, offset, expected);
  const message =
    wanted === null
      ? `unexpected ${end ? "end" : token}`
      : `expected ${wanted}, found ${end ? "the end" : token}`;
  return new TlaError(message, spanOf(source, offset, offset + token.length));
}

/** The tokens at which the parser's readings of the text, often just one, came to their end. */
function firstFaults(parser: Parser, source: SourceText): readonly Fault[] {
  const faults: Fault[] = [];
  let current: Fault = { state: 0, offset: 0 };
  let recovering = false;
  parser.setLogger((message) => {
    if (recovering) return;
    const process = /^process .*state:(\d+), row:(\d+), col:(\d+)/.exec(message);
    if (process !== null) {
      const [state, row, byte] = process.slice(1).map(Number);
      // The log counts the bytes of UTF-16.
      current = { state: state!, offset: source.lineStarts[row!]! + byte! / 2 };
    } else if (message.startsWith("detect_error")) faults.push(current);
    else if (message.startsWith("resume")) recovering = true;
  });
  parser.parse(source.text)?.delete();
  parser.setLogger(null);
  return faults.length > 0 ? faults : [current];
}

/**
 * The token after `offset`; but a definition that follows an unfinished expression is noticed
 * only behind its `==`, and an end of module in the middle of its `====`: then that sign.
 */
function startOfFault(text: string, offset: number, expected: ReadonlySet<string>): number {
  const start = offset + (/^\s*/.exec(text.slice(offset))?.[0].length ?? 0);
  if (expectsExpression(expected) && text[start] !== "=") return start;
  const signs = /={2,}\s*$/.exec(text.slice(0, text[start] === "=" ? start + 1 : start));
  return signs?.index ?? start;
}

function expectsExpression(expected: ReadonlySet<string>): boolean {
  return expected.has("CHOOSE") && expected.has("LET");
}

function expectation(
  source: SourceText,
  offset: number,
  expected: ReadonlySet<string>,
): string | null {
  const few = [...expected].filter((symbol) => /^[^a-z_]+$/.test(symbol) && symbol !== "(*");
  if (expected.size < 10) return few[0] ?? null;
  if (expectsExpression(expected)) return "an expression";
  const open = innermostOpen(source.text, offset);
  if (open === null || source.text.startsWith(open.wants, offset)) return null;
  const { line, column } = spanOf(source, open.offset, open.offset + 1);
  return `${open.wants} for the ${open.word} at ${line}:${column}`;
}
