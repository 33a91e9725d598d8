/** The corners of TLA+: every module of `test/tla/` is to us what it is to TLC. */
import { describe, expect, it } from "vitest";
import { explore } from "../../../model-checker/tla/explore.ts";
import { graphOf } from "../../../model-checker/tla/graph.ts";
import { loadFile } from "../../../model-checker/tla/load.ts";
import { TlaError } from "../../../model-checker/tla/syntax.ts";
import { cornerCases, pathsOf, readGraphs, type TlaCase } from "../../tools/tla-cases.ts";

const cases = cornerCases();

async function load(model: TlaCase) {
  const { module, config } = pathsOf(model);
  return loadFile(module, config);
}

async function run(model: TlaCase) {
  return explore(await load(model));
}

describe("what TLC explores to the end", () => {
  it.each(cases.filter(({ verdict }) => verdict === "ok"))("$config: $about", async (model) => {
    const { verdict, violation, generated, distinct, depth } = await run(model);
    expect(violation).toBe(null);
    expect(verdict).toBe("exhausted");
    const { generated: g, distinct: d, depth: n } = model;
    expect({ generated, distinct, depth }).toEqual({ generated: g, distinct: d, depth: n });
  });
});

describe("what TLC finds violated", () => {
  const violated = cases.filter(({ verdict }) => verdict !== "ok" && verdict !== "error");
  it.each(violated)("$config: $about", async (model) => {
    const { violation } = await run(model);
    expect(violation?.kind).toBe(model.verdict);
    expect(violation?.name).toBe(model.violated ?? "deadlock");
    if (model.trace !== null) expect(violation?.trace).toHaveLength(model.trace);
  });
});

describe("what TLC refuses, or finds without a value", () => {
  it.each(cases.filter(({ verdict }) => verdict === "error"))("$config: $about", async (model) => {
    const error: unknown = await run(model).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TlaError);
  });
});

describe("labelled graphs: states, steps and the actions that take them", () => {
  const hashes = readGraphs(cases[0]?.folder ?? "");

  it("every graph that is small enough has a hash, and no other", () => {
    const names = cases.filter(({ hasGraph }) => hasGraph).map(({ config }) => config);
    expect(Object.keys(hashes).sort()).toEqual([...names].sort());
    expect(names.length).toBeGreaterThan(15);
  });

  it.each(cases.filter(({ hasGraph }) => hasGraph))("$config is TLC's", async (model) => {
    expect(await graphOf(await load(model))).toEqual(hashes[model.config]);
  });
});
