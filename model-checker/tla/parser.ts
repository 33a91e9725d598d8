/**
 * The parser of TLA+ modules: the grammar that the TLA+ community keeps, run by tree-sitter, and
 * its trees turned into the abstract syntax of `syntax.ts`. The two packages are optional and
 * large, so they are loaded on the first call, and by nothing else.
 */
import { createRequire } from "node:module";
import { basename } from "node:path";
import type { Language, Parser } from "web-tree-sitter";
import { withPrefixOperators } from "./parse/prefix-operators.ts";
import { type SourceText, sourceText, spanOf } from "./parse/source-text.ts";
import { syntaxError } from "./parse/syntax-error.ts";
import { childrenOf, liftTree, type SyntaxNode } from "./parse/syntax-tree.ts";
import { module } from "./parse/units.ts";
import { type Expression, type Module, TlaError } from "./syntax.ts";

/** Reads TLA+; both functions throw TlaError for text that is not TLA+. */
export interface TlaParser {
  /**
   * The module in the text of a .tla file; what stands before `---- MODULE` and after `====` is
   * ignored. Of several modules one after another, the one called `name`, by default as the file,
   * or the first.
   */
  parseModule(file: string, text: string, name?: string): Module;
  /** A single expression; its places count from the start of `text`. */
  parseExpression(text: string, file?: string): Expression;
}

const PACKAGES = ["@tlaplus/tree-sitter-tlaplus/tree-sitter-tlaplus.wasm", "web-tree-sitter"];

let loaded: Promise<TlaParser> | null = null;

/** Loads the grammar, once. @throws Error saying what to install, where it is not there. */
export function loadParser(): Promise<TlaParser> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<TlaParser> {
  const [grammar] = PACKAGES.map(locate) as [string, string];
  const treeSitter = await import("web-tree-sitter");
  await treeSitter.Parser.init();
  const language = await treeSitter.Language.load(grammar);
  const parser = new treeSitter.Parser().setLanguage(language);
  const treeOf = (source: SourceText) => syntaxTree(parser, language, source);
  return {
    parseModule: (file, text, name) =>
      parseModule(treeOf, sourceText(file, text, { module: name ?? basename(file, ".tla") })),
    parseExpression: (text, file = "expression") => parseExpression(treeOf, file, text),
  };
}

/** Whether the packages that reading TLA+ needs are installed. */
export function canReadTla(): boolean {
  try {
    for (const path of PACKAGES) locate(path);
    return true;
  } catch {
    return false;
  }
}

function locate(path: string): string {
  try {
    return createRequire(import.meta.url).resolve(path);
  } catch (cause) {
    throw new Error(
      "reading TLA+ needs two more packages: " +
        "npm install web-tree-sitter @tlaplus/tree-sitter-tlaplus",
      { cause },
    );
  }
}

type TreeOf = (source: SourceText) => SyntaxNode;

function parseModule(treeOf: TreeOf, source: SourceText): Module {
  const root = treeOf(source);
  const [only] = childrenOf(root, "module");
  if (only === undefined) throw new Error("the text was found to hold a module");
  return guardingDepth(source, only, () => module(source, withPrefixOperators(source, only)));
}

/** The expression as the only definition of a module, on the lines after its header. */
function parseExpression(treeOf: TreeOf, file: string, text: string): Expression {
  const source = sourceText(file, `---- MODULE expression ---- value ==\n${text}\n====`, {
    firstLine: 0,
  });
  const { units } = parseModule(treeOf, source);
  const [unit, other] = units;
  if (unit?.kind !== "operator") throw new Error("the header defines a value");
  if (other !== undefined) throw new TlaError("expected one expression, found more", other.at);
  return unit.body;
}

function syntaxTree(parser: Parser, language: Language, source: SourceText): SyntaxNode {
  const tree = parser.parse(source.text);
  if (tree === null) throw new Error("the parser has no language");
  try {
    if (tree.rootNode.hasError) throw syntaxError(parser, language, source);
    const cursor = tree.walk();
    const root = liftTree(cursor, source.text);
    cursor.delete();
    return root;
  } finally {
    tree.delete();
  }
}

/** The parse functions recurse as deep as the text is nested. */
function guardingDepth<T>(source: SourceText, root: SyntaxNode, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TlaError("nested too deeply", spanOf(source, root.start, root.end));
  }
}
