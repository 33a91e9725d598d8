/** What the documents say is so: the example runs, names exist, and the ledger is complete. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { EXIT } from "../cli/exit-codes.ts";
import { SPEC_ACTIONS } from "../model-checker/conformance-actions.ts";
import { scopes } from "../model-checker/scopes.ts";
import * as spec from "../spec/index.ts";
import { impossible, mutants } from "./mutants/catalogue.ts";
import { misbehaviours, sessionMutants } from "./mutants/sessions.ts";

const { always, goals, PROGRESS, sometimes } = spec;
const root = join(import.meta.dirname, "..");

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

const readme = read("README.md");
const ledger = read("spec/README.md");

/** The rows of all tables under the head that starts with `first`, as cells. */
function rowsUnder(text: string, first: string): readonly (readonly string[])[] {
  const rows: (readonly string[])[] = [];
  let isInside = false;
  for (const line of text.split("\n")) {
    if (!line.startsWith("|")) isInside = false;
    else if (line.startsWith(`| ${first} |`)) isInside = true;
    else if (isInside && !line.startsWith("| ---")) {
      rows.push(
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    }
  }
  return rows;
}

function blocksOf(text: string, language: string): readonly string[] {
  const found = text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, "gm"));
  return [...found].map(([, block]) => block as string);
}

describe("the README", () => {
  test("shows the example as it is, but for where the kernel comes from", () => {
    const file = read("examples/three-servers.ts");
    expect(blocksOf(readme, "ts")).toEqual([file.replace("../kernel/index.ts", "quorate/kernel")]);
  });

  test("shows what the example prints", () => {
    const example = join(root, "examples/three-servers.ts");
    const printed = execFileSync(process.execPath, [example], { encoding: "utf8" });
    expect(blocksOf(readme, "text")).toEqual([printed]);
  });

  test("links to an example of sessions that does what it is said to do", () => {
    const example = join(root, "examples/retried-deposit.ts");
    const printed = execFileSync(process.execPath, [example], { encoding: "utf8" }).split("\n");
    expect(printed[1]).toBe(printed[2]);
    expect(printed[4]).toContain('"stale"');
    expect(printed[5]).toContain('"machine":"105"');
    expect(printed[6]).toBe("every server would do the same, from any snapshot on");
  });

  test("names commands that exist", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = [...readme.matchAll(/npm (?:run )?([a-z]+)/g)].map(([, name]) => name as string);
    const known = [...Object.keys(scripts), "ci", "are"];
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
    expect(named).toContain("check");
    expect(named).toContain("test");
  });

  test("lists every dependency", () => {
    type Lists = Readonly<Record<"dependencies" | "devDependencies", Record<string, string>>>;
    const { dependencies, devDependencies } = JSON.parse(read("package.json")) as Lists;
    const listed = rowsUnder(readme, "Package").flatMap(([names = ""]) => names.match(/[\w@/-]+/g));
    const used = [...Object.keys(dependencies), ...Object.keys(devDependencies)];
    expect([...listed].sort()).toEqual(used.sort());
  });

  test("lists every exit code", () => {
    const codes = rowsUnder(readme, "Exit code").flatMap(([cell = ""]) => cell.split(", "));
    expect(codes.map(Number)).toEqual(Object.values(EXIT).sort((a, b) => a - b));
  });

  test("gives figures of scopes that exist", () => {
    const named = rowsUnder(readme, "Scope").map(([cell = ""]) => cell.replaceAll("`", ""));
    const known = scopes.map(({ name }) => name);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  test("links to files that exist", () => {
    for (const text of [readme, read("CONTRIBUTING.md")]) {
      const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, to]) => to as string);
      expect(links.filter((to) => !existsSync(join(root, to)))).toEqual([]);
    }
  });
});

test("docs/embedding.md shows one program, which prints what it says", () => {
  const program = blocksOf(read("docs/embedding.md"), "typescript").join("\n");
  const here = program.replaceAll(/"quorate\/(\w+)"/g, (_, part: string) => {
    return JSON.stringify(join(root, part, "index.ts"));
  });
  const flags = ["--input-type=module-typescript", "--eval", here];
  const printed = execFileSync(process.execPath, flags, { cwd: root, encoding: "utf8" });
  const said = [...program.matchAll(/^console\.log.*\/\/ (.*)$/gm)].map(([, text]) => text);
  expect(printed).toBe(`${said.join("\n")}\n`);
  expect(said).toHaveLength(2);
}, 30_000);

describe("docs/mutants.md", () => {
  const page = read("docs/mutants.md");

  test("has a row for every bug of the catalogue, and says what caught it", () => {
    const rows = rowsUnder(page, "Bug").filter((row) => row.length === 6);
    expect(rows.map(([id]) => id)).toEqual(mutants.map(({ id }) => id));
    expect(rows.filter((row) => row[3] === "?" || row.includes(""))).toEqual([]);
  });

  test("says of every bug that a kernel cannot carry why", () => {
    const rows = rowsUnder(page, "Bug").filter((row) => row.length === 2);
    expect(rows).toEqual(impossible.map(({ id, cannot }) => [id, cannot]));
  });
});

describe("the ledger", () => {
  const rows = rowsUnder(ledger, "Rule");

  test("has rows of six cells, none empty", () => {
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.filter((row) => row.length !== 6 || row.includes(""))).toEqual([]);
  });

  test("names functions that their files export, a rule at least one", () => {
    for (const [rule = "", , , kernel = ""] of rows) {
      const named = [...kernel.matchAll(/`(\w+)` \(([\w-]+\.ts)\)/g)];
      expect(named.length, rule).toBeGreaterThan(0);
      for (const [, name, file] of named) {
        const source = read(`kernel/${file}`);
        expect(source, `${name} in ${file}`).toMatch(
          new RegExp(`^export function\\*? ${name}\\b`, "m"),
        );
      }
    }
  });

  test("names operators of the specification, and every action of its Next", () => {
    const specification = read("tla/Raft.tla");
    const defined = [...specification.matchAll(/^(\w+)(?:\([^)]*\))? ==/gm)].map(([, it]) => it);
    const named = rows.flatMap((row) => (row[2] as string).split(", "));
    expect(named.filter((name) => name !== "---" && !defined.includes(name))).toEqual([]);
    const missing = SPEC_ACTIONS.filter((name) => !named.includes(name));
    expect(missing).toEqual([]);
    const next = /^Next ==\n([\s\S]*?)\n\n/m.exec(specification)?.[1] ?? "";
    const taken = [...next.matchAll(/(?:: |\\\/ )([A-Z]\w+)/g)].map(([, it]) => it);
    expect([...new Set(taken)].sort()).toEqual([...SPEC_ACTIONS].sort());
  });

  test("names properties that exist, and every one that must always hold", () => {
    const named = rows.flatMap((row) => (row[4] as string).split("; "));
    const known = [
      ...always.map(({ name }) => name),
      ...sometimes.map(({ name }) => `"${name}"`),
      PROGRESS,
    ];
    const functions = Object.keys(spec).map((name) => `\`${name}\``);
    expect(named.filter((name) => ![...known, ...functions].includes(name))).toEqual([]);
    const missing = known.filter((name) => !named.includes(name));
    expect(missing).toEqual([]);
  });

  test("explains every goal of Progress", () => {
    const named = rowsUnder(ledger, "Goal").map(([name]) => name);
    expect(named).toEqual(goals.map(({ name }) => name));
  });

  test("names tests and mutants that exist", () => {
    const ids = [...mutants, ...sessionMutants, ...misbehaviours].map(({ id }) => id);
    for (const [rule = "", , , , , cell = ""] of rows) {
      const [files = "", caught = ""] = cell.split("; ");
      for (const file of files.split(", ")) {
        expect(existsSync(join(root, "test", file)), `${rule}: ${file}`).toBe(true);
      }
      const named = caught === "" ? [] : caught.split(", ");
      expect(named.filter((id) => !ids.includes(id))).toEqual([]);
    }
  });
});
