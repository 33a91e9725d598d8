/** The catalogue fits the kernel as it is; `npm run mutants` runs it. */
import { stripTypeScriptTypes } from "node:module";
import { describe, expect, it } from "vitest";
import { CONFORMANCE } from "../../model-checker/conformance-contract.ts";
import { KERNEL_INVARIANTS } from "../../model-checker/evaluate.ts";
import { LIVENESS } from "../../model-checker/liveness.ts";
import { always, PROGRESS, sometimes } from "../../spec/index.ts";
import { focuses, progressFocuses } from "./bounds.ts";
import { impossible, type Mutant, mutants } from "./catalogue.ts";
import { mutantNamed, mutatedText, originalText } from "./hooks.ts";

const names = new Set([...always, ...sometimes].map(({ name }) => name));

describe.each(mutants)("mutant $id", (mutant) => {
  it("changes its file", () => {
    expect(mutatedText(mutant)).not.toBe(originalText(mutant));
  });

  it("leaves a file that can be read", () => {
    expect(() => stripTypeScriptTypes(mutatedText(mutant))).not.toThrow();
  });

  it("breaks properties that exist", () => {
    const known = new Set([...names, KERNEL_INVARIANTS, LIVENESS, CONFORMANCE, PROGRESS]);
    expect(mutant.breaks).not.toEqual([]);
    expect(mutant.breaks.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe("the catalogue of mutants", () => {
  it("names every bug once", () => {
    const ids = [...mutants, ...impossible].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("knows no other mutant", () => {
    expect(() => mutantNamed("B0")).toThrow("there is no mutant B0");
  });

  it.each([
    ["is missing", "no such text", 0],
    ["occurs twice", "import {", 2],
  ])("refuses a text that %s", (_, find, least) => {
    const mutant: Mutant = { ...mutantNamed("B1"), find };
    const count = Number(/occurs (\d+) times/.exec(messageOf(() => mutatedText(mutant)))?.[1]);
    expect(count).toBeGreaterThanOrEqual(least);
    expect(count).not.toBe(1);
  });

  it("asks small bounds for what exists", () => {
    const asked = [...focuses, ...progressFocuses].flatMap(({ reaches }) => reaches);
    expect(asked.filter((name) => !names.has(name))).toEqual([]);
  });
});

function messageOf(run: () => unknown): string {
  try {
    run();
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
