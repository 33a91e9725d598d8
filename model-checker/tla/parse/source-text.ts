/**
 * The text of a .tla file as the grammar sees it: what stands outside the modules and the
 * comments (PlusCal algorithms among them) are blanked, character for character, so that places
 * in the rest keep their line and column. A tab reaches to the next multiple of eight columns,
 * as in TLC, since the alignment of bulleted lists depends on it.
 */
import { type Span, TlaError } from "../syntax.ts";

/** Blanked text of one file, and the way from an offset in it to a line and column. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
  /** The offset at which each line starts. */
  readonly lineStarts: readonly number[];
  /** The number of the first line: 1, but where a line was put before the text. */
  readonly firstLine: number;
}

const MODULE_START = /-{4,}[ \t]*MODULE\b[ \t]*(\w*)/g;
/** What decides where a module's text goes on: `/\` is here because `/\*` holds no comment. */
const LANDMARK = /"(?:[^"\\\n]|\\.)*"|\/\\|\\\*[^\n]*|\(\*|-{4,}[ \t]*MODULE\b|={4,}/g;
const COMMENT_MARK = /\(\*|\*\)/g;

/**
 * The text of the module that is called `module`, or of the first.
 * @throws TlaError where there is no module, or one or a comment has no end.
 */
export function sourceText(
  file: string,
  text: string,
  { module = "", firstLine = 1 }: { readonly module?: string; readonly firstLine?: number } = {},
): SourceText {
  const expanded = text.includes("\t") ? text.split("\n").map(expandTabs).join("\n") : text;
  const raw = plainText(file, expanded, firstLine);
  return { ...raw, text: moduleTextOf(raw, module) };
}

/** A text of which nothing is blanked. */
export function plainText(file: string, text: string, firstLine = 1): SourceText {
  return { file, text, lineStarts: lineStartsOf(text), firstLine };
}

/** The place of the characters from `start` up to, not including, `end`. */
export function spanOf(source: SourceText, start: number, end: number): Span {
  const first = positionOf(source, start);
  const last = positionOf(source, Math.max(start, end - 1));
  return {
    file: source.file,
    line: first.line,
    column: first.column,
    endLine: last.line,
    endColumn: last.column,
  };
}

function positionOf(source: SourceText, offset: number): { line: number; column: number } {
  let low = 0;
  let high = source.lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (source.lineStarts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + source.firstLine, column: offset - source.lineStarts[low]! + 1 };
}

function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function expandTabs(line: string): string {
  let expanded = "";
  for (const [i, part] of line.split("\t").entries()) {
    if (i > 0) expanded += " ".repeat(8 - (expanded.length % 8));
    expanded += part;
  }
  return expanded;
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

/** Whether a text holds a module of this name, not inside another. */
export function holdsModule(text: string, name: string): boolean {
  return [...text.matchAll(MODULE_START)].some((header) => header[1] === name);
}

/** The text with everything blanked but one module: the one called `name`, or the first. */
function moduleTextOf(source: SourceText, name: string): string {
  const { text } = source;
  let chosen: string | null = null;
  let position = 0;
  for (;;) {
    MODULE_START.lastIndex = position;
    const header = MODULE_START.exec(text);
    if (header === null) break;
    const isNamed = header[1] === name;
    const pieces = [blank(text.slice(0, header.index))];
    position = copyModule(source, header.index, pieces);
    if (chosen === null || isNamed) {
      pieces.push(blank(text.slice(position)));
      chosen = pieces.join("");
    }
    if (isNamed) break;
  }
  if (chosen !== null) return chosen;
  throw new TlaError("no module here: expected ---- MODULE name ----", spanOf(source, 0, 1));
}

/** Copies the module at `start`, with those inside it, and returns where it ends. */
function copyModule(source: SourceText, start: number, pieces: string[]): number {
  const { text } = source;
  let copied = start;
  let depth = 0;
  LANDMARK.lastIndex = start;
  for (let found = LANDMARK.exec(text); found !== null; found = LANDMARK.exec(text)) {
    const [mark] = found;
    if (mark.startsWith("-")) depth += 1;
    else if (mark.startsWith("=")) depth -= 1;
    else if (mark === "(*" || mark.startsWith("\\*")) {
      const end = mark === "(*" ? commentEnd(source, found.index) : LANDMARK.lastIndex;
      pieces.push(text.slice(copied, found.index), blank(text.slice(found.index, end)));
      copied = end;
      LANDMARK.lastIndex = end;
    }
    if (depth === 0) {
      pieces.push(text.slice(copied, LANDMARK.lastIndex));
      return LANDMARK.lastIndex;
    }
  }
  const header = spanOf(source, start, start + 4);
  throw new TlaError("this module has no end: expected a line of ==== after it", header);
}

/** Where the comment that starts with `(*` at `start` ends; comments nest. */
export function commentEnd(source: SourceText, start: number): number {
  let depth = 0;
  COMMENT_MARK.lastIndex = start;
  for (let found = COMMENT_MARK.exec(source.text); found !== null; ) {
    depth += found[0] === "(*" ? 1 : -1;
    if (depth === 0) return COMMENT_MARK.lastIndex;
    found = COMMENT_MARK.exec(source.text);
  }
  throw new TlaError("this comment has no end: expected *)", spanOf(source, start, start + 2));
}
