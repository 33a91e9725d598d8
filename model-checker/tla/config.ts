/**
 * The parser of TLC's configuration files: what of a module is checked, and with which values for
 * its constants. Source: Lamport, Specifying Systems, section 14.7.1, and TLC's current keywords.
 */
import { commentEnd, plainText, type SourceText, spanOf } from "./parse/source-text.ts";
import { type Span, TlaError } from "./syntax.ts";

/** A name that a statement gives, and where. */
export interface ConfigName {
  readonly name: string;
  readonly at: Span;
}

/** What a constant may be assigned; a name alone is a model value. */
export type ConfigValue =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "model-value"; readonly name: string }
  | { readonly kind: "set"; readonly elements: readonly ConfigValue[] };

/** `name = value`, or `name = [module] value`, which holds inside that module only. */
export interface ConfigAssignment extends ConfigName {
  readonly module: string | null;
  readonly value: ConfigValue;
}

/** `name <- replacement`, or `name <- [module] replacement`. */
export interface ConfigReplacement extends ConfigName {
  readonly module: string | null;
  readonly replacement: string;
}

/** A configuration file. Nothing is resolved: the names may not exist. */
export interface ModelConfig {
  readonly specification: ConfigName | null;
  readonly init: ConfigName | null;
  readonly next: ConfigName | null;
  readonly invariants: readonly ConfigName[];
  readonly properties: readonly ConfigName[];
  readonly constraints: readonly ConfigName[];
  readonly actionConstraints: readonly ConfigName[];
  readonly constants: readonly ConfigAssignment[];
  readonly replacements: readonly ConfigReplacement[];
  readonly symmetry: ConfigName | null;
  readonly view: ConfigName | null;
  readonly alias: ConfigName | null;
  readonly postconditions: readonly ConfigName[];
  /** Null where the file does not say. */
  readonly checkDeadlock: boolean | null;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = Mutable<ModelConfig> & {
  invariants: ConfigName[];
  properties: ConfigName[];
  constraints: ConfigName[];
  actionConstraints: ConfigName[];
  postconditions: ConfigName[];
  constants: ConfigAssignment[];
  replacements: ConfigReplacement[];
};

const SINGLE = {
  SPECIFICATION: "specification",
  INIT: "init",
  NEXT: "next",
  SYMMETRY: "symmetry",
  VIEW: "view",
  ALIAS: "alias",
} as const;

const LISTS = {
  INVARIANT: "invariants",
  INVARIANTS: "invariants",
  PROPERTY: "properties",
  PROPERTIES: "properties",
  CONSTRAINT: "constraints",
  CONSTRAINTS: "constraints",
  ACTION_CONSTRAINT: "actionConstraints",
  ACTION_CONSTRAINTS: "actionConstraints",
  POSTCONDITION: "postconditions",
  POSTCONDITIONS: "postconditions",
} as const;

const CONSTANTS = ["CONSTANT", "CONSTANTS"];
const KEYWORDS = [...Object.keys(SINGLE), ...Object.keys(LISTS), ...CONSTANTS, "CHECK_DEADLOCK"];

/** @throws TlaError for text that is not a configuration, with its place and what was expected. */
export function parseConfig(file: string, text: string): ModelConfig {
  const tokens = new Tokens(plainText(file, text));
  const config = emptyConfig();
  while (!tokens.atEnd()) {
    const keyword = tokens.take();
    if (isOneOf(SINGLE, keyword.text)) {
      const field = SINGLE[keyword.text];
      if (config[field] !== null) throw twice(keyword);
      config[field] = named(tokens, `a name after ${keyword.text}`);
    } else if (isOneOf(LISTS, keyword.text)) {
      const names = config[LISTS[keyword.text]];
      while (!atStatement(tokens)) names.push(named(tokens, `a name after ${keyword.text}`));
    } else if (CONSTANTS.includes(keyword.text)) {
      while (!atStatement(tokens)) constant(tokens, config);
    } else if (keyword.text === "CHECK_DEADLOCK") {
      if (config.checkDeadlock !== null) throw twice(keyword);
      config.checkDeadlock = truth(tokens.take());
    } else throw expected("a keyword such as SPECIFICATION, INVARIANT or CONSTANT", keyword);
  }
  return config;
}

/** A configuration that says nothing. */
export function emptyConfig(): Draft {
  return {
    specification: null,
    init: null,
    next: null,
    invariants: [],
    properties: [],
    constraints: [],
    actionConstraints: [],
    constants: [],
    replacements: [],
    symmetry: null,
    view: null,
    alias: null,
    postconditions: [],
    checkDeadlock: null,
  };
}

function isOneOf<T extends object>(table: T, keyword: string): keyword is keyof T & string {
  return Object.hasOwn(table, keyword);
}

function atStatement(tokens: Tokens): boolean {
  return tokens.atEnd() || KEYWORDS.includes(tokens.peek().text);
}

function named(tokens: Tokens, what: string): ConfigName {
  const token = tokens.take();
  if (token.kind !== "name" || KEYWORDS.includes(token.text)) throw expected(what, token);
  return { name: token.text, at: token.at };
}

function truth(token: Token): boolean {
  if (token.text === "TRUE") return true;
  if (token.text === "FALSE") return false;
  throw expected("TRUE or FALSE", token);
}

/** `name = value` or `name <- name`, where a name may be `Instance!name` or an operator symbol. */
function constant(tokens: Tokens, config: Draft): void {
  const first = tokens.take();
  if (first.kind !== "name" && first.kind !== "symbol") throw expected("a constant", first);
  let name = first.text;
  while (tokens.skip("!")) name += `!${named(tokens, "a name after !").name}`;
  const sign = tokens.take();
  if (sign.text !== "=" && sign.text !== "<-") throw expected(`= or <- after ${name}`, sign);
  const module = tokens.skip("[") ? moduleName(tokens) : null;
  if (sign.text === "=") {
    config.constants.push({ name, module, value: value(tokens), at: first.at });
    return;
  }
  const replacement = named(tokens, `the definition to put for ${name}`).name;
  config.replacements.push({ name, module, replacement, at: first.at });
}

function moduleName(tokens: Tokens): string {
  const { name } = named(tokens, "the name of a module");
  const close = tokens.take();
  if (close.text !== "]") throw expected("]", close);
  return name;
}

/** Integers are of 32 bits, as TLC's are. */
const LARGEST = 2 ** 31 - 1;

function value(tokens: Tokens): ConfigValue {
  const token = tokens.take();
  if (token.kind === "number") {
    const number = Number(token.text);
    if (number < 0) {
      const advice = "define it in the module, and write <- and its name";
      throw new TlaError(
        `a configuration cannot hold the negative number ${number}: ${advice}`,
        token.at,
      );
    }
    if (number <= LARGEST) return { kind: "number", value: number };
    throw new TlaError(`${token.text} is not a number of 32 bits`, token.at);
  }
  if (token.kind === "string") return { kind: "string", value: token.text.slice(1, -1) };
  if (token.text === "{") return { kind: "set", elements: elements(tokens) };
  if (token.kind !== "name" || KEYWORDS.includes(token.text)) throw expected("a value", token);
  if (token.text === "TRUE" || token.text === "FALSE") {
    return { kind: "boolean", value: token.text === "TRUE" };
  }
  return { kind: "model-value", name: token.text };
}

function elements(tokens: Tokens): readonly ConfigValue[] {
  const found: ConfigValue[] = [];
  if (tokens.skip("}")) return found;
  for (;;) {
    found.push(value(tokens));
    const next = tokens.take();
    if (next.text === "}") return found;
    if (next.text !== ",") throw expected(", or }", next);
  }
}

function expected(what: string, token: Token): TlaError {
  const found = token.kind === "end" ? "the end of the file" : token.text;
  return new TlaError(`expected ${what}, found ${found}`, token.at);
}

function twice(keyword: Token): TlaError {
  return new TlaError(`${keyword.text} is given twice`, keyword.at);
}

interface Token {
  readonly kind: "name" | "number" | "string" | "symbol" | "punctuation" | "end";
  readonly text: string;
  readonly at: Span;
}

const TOKEN = new RegExp(
  [
    /(?<name>\d*[A-Za-z_]\w*)/,
    /(?<number>-?\d+)/,
    /(?<string>"[^"\n]*")/,
    /(?<punctuation><-|[=![\]{},])/,
    /(?<symbol>\\[A-Za-z]+|\([-+./]\)|[^\s\w"]+)/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "y",
);

const SPACE = /\s*/y;

/** The tokens of a file, with one token of lookahead. */
class Tokens {
  readonly #source: SourceText;
  #position = 0;
  #next: Token;

  constructor(source: SourceText) {
    this.#source = source;
    this.#next = this.#read();
  }

  atEnd(): boolean {
    return this.#next.kind === "end";
  }

  peek(): Token {
    return this.#next;
  }

  take(): Token {
    const token = this.#next;
    this.#next = this.#read();
    return token;
  }

  /** Takes the next token if it is this one. */
  skip(text: string): boolean {
    if (this.#next.text !== text) return false;
    this.take();
    return true;
  }

  #read(): Token {
    this.#skipSpace();
    const start = this.#position;
    TOKEN.lastIndex = start;
    const groups = TOKEN.exec(this.#source.text)?.groups;
    const [kind, text] =
      Object.entries(groups ?? {}).find(([, match]) => match !== undefined) ?? [];
    if (kind === undefined || text === undefined) {
      const at = spanOf(this.#source, start, start + 1);
      if (start === this.#source.text.length) return { kind: "end", text: "", at };
      throw new TlaError('this string has no end: expected "', at);
    }
    this.#position = start + text.length;
    const at = spanOf(this.#source, start, this.#position);
    return { kind: kind as Token["kind"], text, at };
  }

  #skipSpace(): void {
    const { text } = this.#source;
    for (;;) {
      SPACE.lastIndex = this.#position;
      this.#position += SPACE.exec(text)![0].length;
      if (text.startsWith("\\*", this.#position)) {
        const end = text.indexOf("\n", this.#position);
        this.#position = end === -1 ? text.length : end;
      } else if (text.startsWith("(*", this.#position)) {
        this.#position = commentEnd(this.#source, this.#position);
      } else return;
    }
  }
}
