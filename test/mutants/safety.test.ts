/**
 * What bugs of membership come to: the checker catches them early, by properties that say how a
 * change must be done; each trace of `safety/` goes on until a committed entry is lost, or two lead
 * one term. So those properties ask for no more than safety needs, and the scopes are deep enough
 * to show harm. (B60 alone does none: joint consensus does not need the rule of 2015.)
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseTrace } from "../../model-checker/trace.ts";
import type { Violation } from "./safety-one.ts";

const here = import.meta.dirname;
const folder = join(here, "safety");
const ids = readdirSync(folder).map((name) => name.replace(/\.trace$/, ""));

/** What breaks first in a kernel with `mutant` in it, or, for "", in the kernel as it is. */
function violationIn(mutant: string, trace: string): Violation | null {
  const program = ["--import", join(here, "hooks.ts"), join(here, "safety-one.ts"), trace];
  const { stdout, stderr } = spawnSync(process.execPath, program, {
    env: { ...process.env, QUORATE_MUTANT: mutant },
    encoding: "utf8",
  });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Violation | null;
}

describe.each(ids)("the trace of %s", (id) => {
  const path = join(folder, `${id}.trace`);
  const trace = parseTrace(readFileSync(path, "utf8"));
  if ("fault" in trace) throw new Error(`${path}:${trace.line}: ${trace.fault}`);

  it("ends in the harm that it names", () => {
    const line = trace.actions.at(-1)?.line;
    expect(violationIn(id, path)).toEqual({ property: trace.property, line });
  });

  it("does none to the kernel as it is", () => {
    expect(violationIn("", path)).toBeNull();
  });
});

describe("joint consensus without the rule of 2015", () => {
  it("survives what single-server changes do not", () => {
    expect(violationIn("B60", join(folder, "Q65-single.trace"))).toBeNull();
  });
});
