/**
 * Numbers all names and strings in the order in which TLC meets them: it orders strings by that
 * number, and so decides what CHOOSE takes of them. First come the values of the configuration;
 * then the names in all modules, each module as it is parsed; then the strings, each module once
 * all that it needs is analysed. The names in standard modules are left out.
 */
import type { ConfigValue, ModelConfig } from "./config.ts";
import { internToken } from "./values/index.ts";

/** A module's text without comments, and the modules that it needs. */
export interface ReadModule {
  readonly text: string;
  readonly extended: readonly string[];
  readonly instanced: readonly string[];
}

/** Numbers the values of a configuration. */
export function numberValues({ constants }: ModelConfig): void {
  const visit = (value: ConfigValue): void => {
    if (value.kind === "string") internToken(value.value);
    else if (value.kind === "model-value") internToken(value.name);
    else if (value.kind === "set") value.elements.forEach(visit);
  };
  for (const { value } of constants) visit(value);
}

/** Numbers the names and strings of `root` and of all it needs. */
export function numberTexts(root: string, modules: ReadonlyMap<string, ReadModule>): void {
  const found = (names: readonly string[]) => names.filter((name) => modules.has(name));
  const parsed = new Set<string>([root]);
  // The set grows as it is gone through: by all that is extended, then by one that is instantiated.
  for (let isMore = true; isMore; ) {
    for (const name of parsed) {
      for (const other of found(modules.get(name)?.extended ?? [])) parsed.add(other);
    }
    const size = parsed.size;
    const instanced = [...parsed].flatMap((name) => found(modules.get(name)?.instanced ?? []));
    const next = instanced.find((name) => !parsed.has(name));
    if (next !== undefined) parsed.add(next);
    isMore = parsed.size > size;
  }
  for (const name of parsed) tokensOf(modules, name, NAME).forEach(internToken);
  const analysed = new Set<string>();
  const analyse = (name: string): void => {
    if (analysed.has(name) || !modules.has(name)) return;
    analysed.add(name);
    const { extended, instanced } = modules.get(name) as ReadModule;
    [...extended, ...instanced].forEach(analyse);
    for (const quoted of tokensOf(modules, name, STRING)) internToken(unquoted(quoted));
  };
  analyse(root);
}

/** Symbols such as `\in`, strings, `WF_` and `]_`, or words. */
const TOKEN = /\\[A-Za-z]+|"(?:[^"\\\n]|\\.)*"|\b[WS]F_|(?<=[\]>])_|\w+/g;
const STRING = /^"/;
const NAME = /^\w/;

function tokensOf(
  modules: ReadonlyMap<string, ReadModule>,
  name: string,
  kind: RegExp,
): readonly string[] {
  const tokens = modules.get(name)?.text.match(TOKEN) ?? [];
  return tokens.filter((token) => kind.test(token));
}

const ESCAPES: Readonly<Record<string, string>> = { t: "\t", n: "\n", f: "\f", r: "\r" };

function unquoted(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}
