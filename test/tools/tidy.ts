/**
 * The rules of the house as pure functions `(path, text) -> faults`: no compiler, no files, so
 * that a planted violation is one line. Paths are relative to the root, with forward slashes.
 * The text is taken to be formatted: a function ends where its indentation does.
 */

export type Check = (path: string, text: string) => readonly string[];

/** The folders of the product; what else there is may be longer, and may look at everything. */
export const PRODUCT = ["kernel", "spec", "model-checker", "shell", "cli"] as const;
export const FOLDERS = [...PRODUCT, "test", "bench", "examples"] as const;

/** Which folders a folder may import from, itself included. Everything else: all of them. */
const MAY_IMPORT: Readonly<Record<(typeof PRODUCT)[number], readonly string[]>> = {
  kernel: ["kernel"],
  spec: ["spec", "kernel"],
  "model-checker": ["model-checker", "spec", "kernel"],
  shell: ["shell", "kernel"],
  cli: ["cli", "shell", "model-checker", "spec", "kernel"],
};

/** Folders that run anywhere, a browser included: no package and no built-in module. */
const SELF_CONTAINED = ["kernel", "spec"];

const MAX_COLUMNS = 100;
const MAX_FUNCTION_LINES = 70;

function folderOf(path: string): string {
  return path.split("/")[0] ?? "";
}

function isProduct(folder: string): folder is keyof typeof MAY_IMPORT {
  return Object.hasOwn(MAY_IMPORT, folder);
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}

const COMMENT_OR_TEXT =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g;

/** The text with comments blanked, every line and column kept. */
export function withoutComments(text: string): string {
  return text.replace(COMMENT_OR_TEXT, (it) => (it.startsWith("/") ? blank(it) : it));
}

/** The text with comments and the insides of literals blanked; `${...}` stays: it is code. */
export function codeOf(text: string): string {
  return text.replace(COMMENT_OR_TEXT, (it) => {
    if (!it.startsWith("`")) return blank(it);
    return it
      .split(/(\$\{[^}]*\})/)
      .reduce((all, part, at) => all + (at % 2 ? part : blank(part)), "");
  });
}

/** Where `folder/file.ts` lands when `path` names it relatively. */
function resolved(path: string, specifier: string): string {
  const parts = path.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

const STATIC_IMPORT = /^(?:import|export)\b(?:[^"'`;]*\bfrom)?\s*["']([^"'\n]+)["']/gm;
const DYNAMIC_IMPORT = /\b(?:import|require)\s*\(\s*["']([^"'\n]+)["']\s*\)/g;
const COMPUTED_IMPORT = /\b(?:import|require)\s*\((?!\s*["'])/;

/** Every module that `text` names: imports, re-exports, dynamic imports, imported types. */
export function specifiersOf(text: string): readonly string[] {
  const source = withoutComments(text);
  const found = [...source.matchAll(STATIC_IMPORT), ...source.matchAll(DYNAMIC_IMPORT)];
  return found.map((match) => match[1] ?? "");
}

function directionFault(path: string, specifier: string): string | null {
  const folder = folderOf(path);
  if (!isProduct(folder)) return null;
  if (specifier.startsWith(".")) {
    const target = folderOf(resolved(path, specifier));
    if (MAY_IMPORT[folder].includes(target)) return null;
    return `${folder}/ may import from ${MAY_IMPORT[folder].join(", ")}, not from ${target}/`;
  }
  if (!SELF_CONTAINED.includes(folder)) return null;
  return `${folder}/ runs anywhere: it imports no package and no built-in module`;
}

/** The direction of imports. */
export const importDirection: Check = (path, text) => {
  const faults = specifiersOf(text).flatMap((specifier) => {
    const fault = directionFault(path, specifier);
    return fault === null ? [] : [`${path}: imports "${specifier}": ${fault}`];
  });
  const isComputed = isProduct(folderOf(path)) && COMPUTED_IMPORT.test(withoutTemplates(text));
  return isComputed ? [...faults, `${path}: imports a computed name: name the module`] : faults;
};

/** The specifiers of imports stay, so that only a computed one looks computed. */
function withoutTemplates(text: string): string {
  return withoutComments(text).replace(/`(?:\\.|[^`\\])*`/g, blank);
}

/** Relative imports carry `.ts`, so that Node runs the sources as they are. */
export const importExtension: Check = (path, text) =>
  specifiersOf(text)
    .filter((specifier) => specifier.startsWith(".") && !/\.(?:ts|json)$/.test(specifier))
    .map((specifier) => `${path}: imports "${specifier}": a relative import carries .ts`);

/** What the kernel must not touch, and what it does instead. */
const AMBIENT: readonly (readonly [RegExp, string, string])[] = [
  [/\bDate\b/, "Date", "time arrives as events"],
  [/\bperformance\b/, "performance", "time arrives as events"],
  [/\bset(?:Timeout|Interval|Immediate)\b/, "a timer", "ask by the effect reset-timer"],
  [/\bqueueMicrotask\b/, "queueMicrotask", "a step is synchronous"],
  [/\b(?:async|await|Promise)\b/, "a promise", "a step is synchronous"],
  [/\bMath\s*(?:\.|\?\.|\[\s*")\s*random\b/, "Math.random", "chance arrives as events"],
  [/\bcrypto\b/, "crypto", "chance arrives as events"],
  [/\b(?:process|Deno|Bun)\b/, "the process", "configuration is an argument"],
  [/\b(?:globalThis|navigator)\b|\bwindow\s*\./, "a global object", "everything is an argument"],
  [/\b(?:console|alert)\b/, "the console", "say it by an effect"],
  [/\b(?:fetch|XMLHttpRequest|WebSocket)\b/, "the network", "ask by the effect send"],
  [/\bimport\.meta\b/, "import.meta", "everything is an argument"],
  [/\b(?:eval|Function)\s*\(/, "eval", "write the code"],
  [/\b(?:WeakRef|FinalizationRegistry)\b/, "the collector", "it is another kind of chance"],
  [/\b(?:localeCompare|toLocale\w*|Intl)\b/, "the locale", "compare by code units"],
];

/** No clock, chance, network, console or locale in the kernel. */
export const noAmbient: Check = (path, text) => {
  if (folderOf(path) !== "kernel") return [];
  return codeOf(text)
    .split("\n")
    .flatMap((line, at) =>
      AMBIENT.filter(([pattern]) => pattern.test(line)).map(
        ([, name, instead]) => `${path}:${at + 1}: ${name} is banned in kernel/: ${instead}`,
      ),
    );
};

/** Node's recursive `mkdir` tries for ever where a directory that is there takes none. */
export const noEndlessMkdir: Check = (path, text) => {
  if (!isProduct(folderOf(path))) return [];
  if (!/\bmkdir(?:Sync)?\([^;]*\brecursive\b/.test(codeOf(text))) return [];
  return [`${path}: a recursive mkdir is banned: use makeDirectory of shell/storage/`];
};

/** Every kernel file names the sections of the thesis that it implements. */
export const citesThesis: Check = (path, text) => {
  const isRule = folderOf(path) === "kernel" && !path.endsWith("/index.ts");
  return isRule && !text.includes("§") ? [`${path}: cites no section (§) of the thesis`] : [];
};

/** Lines fit a screen. */
export const lineWidth: Check = (path, text) => {
  if (!isProduct(folderOf(path))) return [];
  return text.split("\n").flatMap((line, at) => {
    const columns = [...line].length;
    if (columns <= MAX_COLUMNS) return [];
    return [`${path}:${at + 1}: ${columns} columns, at most ${MAX_COLUMNS}`];
  });
};

const FUNCTION = /^\s*(?:export\s+)?(?:default\s+)?(?:async\s+)?function\b/;
const ARROW = /=>\s*\{$/;
const METHOD = /^\s+(?:[a-z]+\s+)*[*#]?[\w$]+(?:<[^>]*>)?\([^;]*\{$/;
const STATEMENT = /^\s*(?:\}\s*)?(?:if|else|for|while|switch|catch|return|do|with|new|await)\b/;

function startsFunction(line: string): boolean {
  if (FUNCTION.test(line) || ARROW.test(line)) return true;
  return METHOD.test(line) && !STATEMENT.test(line);
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

/** A function fits a screen, so that it is read as a whole. */
export const functionLength: Check = (path, text) => {
  if (!isProduct(folderOf(path))) return [];
  const lines = codeOf(text)
    .split("\n")
    .map((line) => line.trimEnd());
  return lines.flatMap((line, start) => {
    if (!startsFunction(line)) return [];
    const closes = (it: string): boolean =>
      indentOf(it) === indentOf(line) && /^\s*\}/.test(it) && !/[{(]$/.test(it);
    const after = lines.slice(start + 1).findIndex(closes);
    const length = after + 2;
    if (after === -1 || length <= MAX_FUNCTION_LINES) return [];
    return [`${path}:${start + 1}: a function of ${length} lines, at most ${MAX_FUNCTION_LINES}`];
  });
};

// In two parts, so that this file does not name what it forbids.
const UNFINISHED = new RegExp(`\\b(?:${["TO", "DO"].join("")}|${["FIX", "ME"].join("")})\\b`);

/** What is not finished is not merged. */
export const nothingUnfinished: Check = (path, text) =>
  text.split("\n").flatMap((line, at) => {
    const found = UNFINISHED.exec(line);
    return found === null ? [] : [`${path}:${at + 1}: ${found[0]}: finish it or leave it out`];
  });

/** Every rule, under the sentence that a failing test shows. */
export const CHECKS: Readonly<Record<string, Check>> = {
  "imports go in one direction": importDirection,
  "relative imports carry .ts": importExtension,
  "the kernel touches no clock, chance, network, console or locale": noAmbient,
  "no directory is made by Node's recursive mkdir": noEndlessMkdir,
  "every kernel file cites a section of the thesis": citesThesis,
  "no line is longer than 100 columns": lineWidth,
  "no function is longer than 70 lines": functionLength,
  "nothing is left unfinished": nothingUnfinished,
};
