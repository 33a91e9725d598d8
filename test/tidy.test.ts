/** The rules of the house hold, and each check is shown to fail where they do not. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  CHECKS,
  citesThesis,
  codeOf,
  FOLDERS,
  functionLength,
  importDirection,
  importExtension,
  lineWidth,
  noAmbient,
  noEndlessMkdir,
  nothingUnfinished,
  specifiersOf,
} from "./tools/tidy.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

interface Source {
  readonly path: string;
  readonly text: string;
}

function sourcesOf(folder: string): readonly Source[] {
  const start = join(ROOT, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const path = relative(ROOT, file).split(sep).join("/");
      return { path, text: readFileSync(file, "utf8") };
    });
}

const sources = FOLDERS.flatMap(sourcesOf);

describe("the house is tidy", () => {
  it("the files are looked at", () => {
    const kernel = sources.filter(({ path }) => path.startsWith("kernel/"));
    expect(kernel.length).toBeGreaterThan(15);
    const imports = kernel.flatMap(({ text }) => specifiersOf(text));
    expect(imports.length).toBeGreaterThan(50);
  });

  it.each(Object.entries(CHECKS))("%s", (_rule, check) => {
    expect(sources.flatMap(({ path, text }) => check(path, text))).toEqual([]);
  });
});

/** A function of this many lines, opened by `head` and closed by `end`. */
function longFunction(head: string, end: string, lines: number): string {
  const indent = " ".repeat(head.length - head.trimStart().length);
  const body = Array(lines - 2).fill(`${indent}  work();`);
  return [head, ...body, `${indent}${end}`].join("\n");
}

describe("imports go in one direction", () => {
  it.each([
    ["kernel/a.ts", "../spec/index.ts"],
    ["kernel/a.ts", "node:fs"],
    ["kernel/a.ts", "effect/Schema"],
    ["kernel/deep/a.ts", "../../test/kernel/build.ts"],
    ["spec/a.ts", "../model-checker/world.ts"],
    ["spec/a.ts", "node:assert"],
    ["spec/a.ts", "effect"],
    ["model-checker/a.ts", "../shell/driver.ts"],
    ["model-checker/engine/a.ts", "../../cli/main.ts"],
    ["model-checker/a.ts", "../test/tools/tidy.ts"],
    ["shell/a.ts", "../model-checker/world.ts"],
    ["shell/a.ts", "../spec/index.ts"],
    ["cli/main.ts", "../bench/run.ts"],
    ["cli/main.ts", "../package.json"],
  ])("%s must not import %s", (path, specifier) => {
    for (const text of [
      `import { x } from "${specifier}";`,
      `import {\n  x,\n  type Y,\n} from "${specifier}";`,
      `import "${specifier}";`,
      `export * from "${specifier}";`,
      `export type { X } from '${specifier}';`,
      `const x = await import("${specifier}");`,
      `type X = typeof import("${specifier}");`,
      `/** "quoted" */\nimport type { X } from "${specifier}";`,
    ]) {
      expect(importDirection(path, text), text).toHaveLength(1);
    }
  });

  it.each([
    ["kernel/a.ts", "./log.ts"],
    ["kernel/deep/a.ts", "../log.ts"],
    ["spec/a.ts", "../kernel/index.ts"],
    ["model-checker/engine/a.ts", "../../kernel/index.ts"],
    ["model-checker/a.ts", "node:worker_threads"],
    ["shell/a.ts", "effect/Schema"],
    ["cli/commands/a.ts", "../../shell/index.ts"],
    ["test/a.test.ts", "../cli/main.ts"],
    ["bench/run.ts", "../test/tools/tidy.ts"],
    ["examples/a.ts", "../shell/index.ts"],
  ])("%s may import %s", (path, specifier) => {
    expect(importDirection(path, `import { x } from "${specifier}";`)).toEqual([]);
  });

  it("a computed name is an import that nobody can check", () => {
    const text = "const it = await import(name);";
    expect(importDirection("cli/main.ts", text)).toHaveLength(1);
    expect(importDirection("cli/main.ts", text)).toHaveLength(1);
    expect(importDirection("test/a.ts", text)).toEqual([]);
  });

  it("a comment imports nothing", () => {
    expect(specifiersOf('// import "../spec/index.ts";\n/*\nimport "node:fs";\n*/')).toEqual([]);
  });
});

describe("relative imports carry .ts", () => {
  it.each(["./log", "./log.js", "../kernel", ".."])("%s does not", (specifier) => {
    expect(importExtension("spec/a.ts", `export * from "${specifier}";`)).toHaveLength(1);
  });

  it.each(["./log.ts", "../package.json", "node:fs", "effect/Schema"])(
    "%s is fine",
    (specifier) => {
      expect(importExtension("cli/a.ts", `import it from "${specifier}";`)).toEqual([]);
    },
  );
});

describe("the kernel touches no clock, chance, network, console or locale", () => {
  it.each([
    "const now = Date.now();",
    "const x = Math.random();",
    "const x = Math?.random();",
    "performance.now();",
    'if (process.env["X"]) return;',
    "setTimeout(f, 1);",
    "setInterval(f, 1);",
    "queueMicrotask(f);",
    "const id = crypto.randomUUID();",
    "globalThis.x = 1;",
    'console.log("x");',
    "fetch(url);",
    "export async function step() {}",
    "const it = new Promise(f);",
    "return import.meta.url;",
    'return eval("1");',
    "names.sort((a, b) => a.localeCompare(b));",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the planted text is a template.
    "const text = `at ${Date.now()}`;",
  ])("%s", (line) => {
    expect(noAmbient("kernel/a.ts", `/** §3.1 */\n${line}`)).toHaveLength(1);
    expect(noAmbient("kernel/a.ts", `/** §3.1 */\n${line}`)[0]).toMatch(/^kernel\/a\.ts:2: /);
    expect(noAmbient("shell/a.ts", line)).toEqual([]);
  });

  it.each([
    "// Date, Math.random and setTimeout are banned.",
    "/* the process\n of console */",
    'const text = "the Date of the process";',
    "const updateOf = candidateOf(processed, Math.floor(x));",
  ])("but may speak of it: %s", (text) => {
    expect(noAmbient("kernel/a.ts", text)).toEqual([]);
  });
});

describe("no directory is made by Node's recursive mkdir", () => {
  it("neither in one line nor in several", () => {
    expect(noEndlessMkdir("shell/a.ts", "mkdirSync(a, { recursive: true });")).toHaveLength(1);
    expect(noEndlessMkdir("cli/a.ts", "await mkdir(\n  a,\n  { recursive });")).toHaveLength(1);
    expect(noEndlessMkdir("shell/a.ts", "mkdirSync(a);\nrmSync(b, { recursive });")).toEqual([]);
    expect(noEndlessMkdir("test/a.ts", "mkdirSync(a, { recursive: true });")).toEqual([]);
  });
});

describe("every kernel file cites a section of the thesis", () => {
  it("one that does not is a fault, except the index", () => {
    expect(citesThesis("kernel/a.ts", "/** Elections. */")).toHaveLength(1);
    expect(citesThesis("kernel/a.ts", "/** Elections. Thesis §3.4. */")).toEqual([]);
    expect(citesThesis("kernel/index.ts", "/** All. */")).toEqual([]);
    expect(citesThesis("shell/a.ts", "/** Disk. */")).toEqual([]);
  });
});

describe("no line is longer than 100 columns", () => {
  it("101 are, 100 are not, whatever the characters", () => {
    expect(lineWidth("cli/a.ts", `\n${"x".repeat(101)}`)).toEqual([
      "cli/a.ts:2: 101 columns, at most 100",
    ]);
    expect(lineWidth("cli/a.ts", "x".repeat(100))).toEqual([]);
    expect(lineWidth("cli/a.ts", "\u{1F600}".repeat(100))).toEqual([]);
  });
});

describe("no function is longer than 70 lines", () => {
  it.each([
    ["export function f(): void {", "}"],
    ["async function f() {", "}"],
    ["export const f = (x: number): void => {", "};"],
    ["  it.each(names, (name) => {", "});"],
    ["  private step(state: State): Result {", "}"],
    ["  constructor() {", "}"],
    ["  get length(): number {", "}"],
  ])("%s", (head, end) => {
    expect(functionLength("spec/a.ts", longFunction(head, end, 71))).toEqual([
      "spec/a.ts:1: a function of 71 lines, at most 70",
    ]);
    expect(functionLength("spec/a.ts", longFunction(head, end, 70))).toEqual([]);
    expect(functionLength("test/a.ts", longFunction(head, end, 71))).toEqual([]);
  });

  it("a signature of many lines counts, and does not end the function", () => {
    const head = "function f({\n  a,\n}: {\n  a: number;\n}): void {";
    expect(functionLength("spec/a.ts", longFunction(head, "}", 67))).toHaveLength(1);
  });

  it.each([
    ["const TABLE = {", "};"],
    ["  if (x) {", "}"],
    ["  switch (x) {", "}"],
    ["class A {", "}"],
  ])("%s is no function", (head, end) => {
    expect(functionLength("spec/a.ts", longFunction(head, end, 90))).toEqual([]);
  });
});

describe("nothing is left unfinished", () => {
  it.each([["TO", "DO"].join(""), ["FIX", "ME"].join("")])("%s", (word) => {
    expect(nothingUnfinished("test/a.ts", `x();\n// ${word}: later`)).toHaveLength(1);
    expect(nothingUnfinished("test/a.ts", `// ${word}S`)).toEqual([]);
  });
});

describe("what is code", () => {
  it("comments and texts are blanked, and every line keeps its place", () => {
    const placeholder = ["$", "{g}"].join("");
    const text = `a("x // y"); // b\n/* c\nd */ e(\`f\n${placeholder} h\`);`;
    const lines = codeOf(text).split("\n");
    expect(lines.map((line) => line.trim())).toEqual([
      "a(        );",
      "",
      "e(",
      `${placeholder}   );`,
    ]);
    expect(codeOf(text)).toHaveLength(text.length);
  });
});
