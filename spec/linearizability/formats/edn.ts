/**
 * As much of EDN, Clojure's notation for data, as logs of operations use: nil, booleans, numbers,
 * texts, keywords, vectors, lists and maps. A keyword is read as its name: `:ok` as "ok".
 */
import type { Data } from "../data.ts";

/** What was read, or what was expected where. */
export type EdnResult =
  | { readonly value: Data }
  | { readonly column: number; readonly fault: string };

const MAX_DEPTH = 100;
/** Space, a comment, or a tag. */
const SKIPPED = /[\s,]+|;.*|#[A-Za-z][\w.*+!?$%&=<>/-]*/y;
const NUMBER = /[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[NM]?(?=[\s,;()[\]{}"]|$)/y;
const NAME = /:?[A-Za-z*!_?$%&=<>/.+-][\w*!?$%&=<>/.+:#'-]*/y;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };
const NAMED = new Map<string, Data>([
  ["nil", null],
  ["true", true],
  ["false", false],
]);
const CLOSE: Readonly<Record<string, string>> = { "[": "]", "(": ")", "{": "}" };

/** Reads the one value that `text` holds. A tag before a value is skipped. */
export function parseEdn(text: string): EdnResult {
  const reader = new Reader(text);
  try {
    const value = reader.value(0);
    reader.end();
    return { value };
  } catch (error) {
    if (error instanceof EdnFault) return { column: error.column, fault: error.message };
    throw error;
  }
}

class EdnFault extends Error {
  readonly column: number;
  constructor(at: number, message: string) {
    super(message);
    this.column = at + 1;
  }
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): Data {
    this.#skip();
    const start = this.#at;
    if (depth > MAX_DEPTH) throw new EdnFault(start, `nested more than ${MAX_DEPTH} deep`);
    const open = this.#text[start] ?? "";
    if (Object.hasOwn(CLOSE, open)) {
      this.#at++;
      const items = this.#until(CLOSE[open] as string, depth + 1);
      return open === "{" ? this.#map(items, start) : items;
    }
    const number = this.#take(NUMBER);
    if (number !== null) return Number(number.replace(/[NM]$/, ""));
    if (open === '"') return this.#quoted();
    const name = this.#take(NAME);
    if (name === null || name === ":") throw new EdnFault(start, this.#expected("a value"));
    if (name.startsWith(":")) return name.slice(1);
    const value = NAMED.get(name);
    if (value === undefined) throw new EdnFault(start, `expected a value, found the name ${name}`);
    return value;
  }

  end(): void {
    this.#skip();
    if (this.#at < this.#text.length) {
      throw new EdnFault(this.#at, this.#expected("the end of the line"));
    }
  }

  #until(close: string, depth: number): readonly Data[] {
    const items: Data[] = [];
    for (;;) {
      this.#skip();
      if (this.#text[this.#at] === close) {
        this.#at++;
        return items;
      }
      if (this.#at >= this.#text.length) throw new EdnFault(this.#at, this.#expected(`"${close}"`));
      items.push(this.value(depth));
    }
  }

  #map(items: readonly Data[], start: number): Data {
    if (items.length % 2 !== 0) throw new EdnFault(start, "a map with a key that has no value");
    const pairs = items.flatMap((key, at) => (at % 2 === 0 ? [[key, items[at + 1]] as const] : []));
    const strange = pairs.find(([key]) => typeof key === "object");
    if (strange !== undefined) throw new EdnFault(start, "a map with a key that is no name");
    return Object.fromEntries(pairs.map(([key, value]) => [String(key), value as Data]));
  }

  #skip(): void {
    while (this.#take(SKIPPED) !== null);
  }

  /** By hand: an expression that goes over a long text uses up its stack. */
  #quoted(): string {
    const start = this.#at;
    let end = start + 1;
    while (this.#text[end] !== '"') {
      if (end >= this.#text.length) throw new EdnFault(start, "a text that does not end");
      end += this.#text[end] === "\\" ? 2 : 1;
    }
    this.#at = end + 1;
    const inner = this.#text.slice(start + 1, end);
    return inner.replace(/\\(.)/g, (_, it: string) => ESCAPES[it] ?? it);
  }

  #expected(what: string): string {
    const rest = this.#text.slice(this.#at, this.#at + 20);
    return `expected ${what}, found ${rest === "" ? "the end of the line" : JSON.stringify(rest)}`;
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? null;
    this.#at += found?.length ?? 0;
    return found;
  }
}
