/**
 * Runs every script of this folder and compares what it says with what happens.
 * `QUORATE_REWRITE=1` writes what happens into the scripts: review the difference.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runScript } from "../tools/script.ts";

const folder = import.meta.dirname;
const scripts = readdirSync(folder).filter((name) => name.endsWith(".txt"));
const isRewriting = process.env["QUORATE_REWRITE"] === "1";

describe("interaction scripts", () => {
  it("are there", () => expect(scripts.length).toBeGreaterThanOrEqual(14));

  it.each(scripts)("%s", (name) => {
    const path = join(folder, name);
    const written = readFileSync(path, "utf8");

    const happened = runScript(written);

    if (isRewriting) writeFileSync(path, happened);
    else expect(happened).toBe(written);
  });
});

describe("a script fails", () => {
  const head = "# Title\n\nbound servers 3";
  const cases = {
    "where an expectation fails": "timeout n1\nexpect n1 role leader\n----",
    "where an action is unknown": "explode n1\n----",
    "where a server is unknown": "show n9\n----",
    "where a message is not in flight": "deliver n1 n2 request-vote\n----",
  };
  it.each(Object.entries(cases))("%s", (_, block) => {
    expect(() => runScript(`${head}\n\n${block}\n`)).toThrow();
  });

  it("where its start violates a property", () => {
    const durable = (server: string, command: string): string =>
      `durable ${server} term 1 vote none log 1:${command}`;
    const start = `${head}\n${durable("n1", "a")}\n${durable("n2", "b")}\n`;
    expect(() => runScript(start)).toThrow("Log Matching");
  });

  it("unless what it says is what happens", () => {
    const script = `${head}\n\nexpect n1 role follower\n----\n`;
    expect(runScript(script)).toBe(`${head}\n\nexpect n1 role follower\n----\nas expected\n`);
  });
});
