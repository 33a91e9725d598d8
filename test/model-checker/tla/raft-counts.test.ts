/** The bounded instances of the specification have the states that TLC counts. */
import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { explore } from "../../../model-checker/tla/explore.ts";
import { graphOf } from "../../../model-checker/tla/graph.ts";
import { loadFile } from "../../../model-checker/tla/load.ts";
import { FOLDERS, pathsOf, raftCases, readGraphs } from "../../tools/tla-cases.ts";
import { exploreEdited } from "./raft.ts";

/** The largest instances take half a minute when the machine is idle. */
const PATIENCE = 600_000;

/** Found deep in an instance, after half a minute each: `quorate tla check` is for these too. */
const DEEP = ["DebugNoDisruptionIgnoredInv", "DebugNoIndirectCommitInv"];

const cases = raftCases();

describe("the instances of the specification", () => {
  it("are all counted", () => {
    const configs = readdirSync(FOLDERS.raft).filter((name) => /^MCRaft.*\.cfg$/.test(name));
    expect(cases.map(({ config }) => config).sort()).toEqual(configs.sort());
  });

  it.each(cases)("$config says in its first lines what TLC counts", (model) => {
    const [generated, distinct] = [model.generated, model.distinct].map((figure) =>
      figure?.toLocaleString("en-US"),
    );
    const line = `TLC: ${generated} states generated, ${distinct} distinct, depth ${model.depth}.`;
    expect(readFileSync(join(model.folder, model.config), "utf8")).toContain(line);
  });

  const counts = "$config: TLC's counts, and nothing violated";
  it.each(cases)(counts, { timeout: PATIENCE }, async (model) => {
    const { module, config } = pathsOf(model);
    const result = await explore(await loadFile(module, config));
    expect(result.violation).toBe(null);
    const { generated, distinct, depth } = model;
    expect(result).toMatchObject({ verdict: "exhausted", generated, distinct, depth });
  });
});

describe("labelled graphs: states, steps and the actions that take them", () => {
  const graphed = cases.filter(({ hasGraph }) => hasGraph);
  const hashes = readGraphs(FOLDERS.raft);

  it("every graph that is small enough has a hash, and no other", () => {
    expect(Object.keys(hashes).sort()).toEqual(graphed.map(({ config }) => config).sort());
  });

  it.each(graphed)("$config is TLC's", async (model) => {
    const { module, config } = pathsOf(model);
    expect(await graphOf(await loadFile(module, config))).toEqual(hashes[model.config]);
  });
});

describe("what should happen does: its denial is violated", () => {
  const denials = cases.flatMap((model) => model.debugViolated.map((name) => ({ ...model, name })));

  it("those that are left out here are there", () => {
    expect(denials.map(({ name }) => name)).toEqual(expect.arrayContaining(DEEP));
  });

  const shallow = denials.filter(({ name }) => !DEEP.includes(name));
  it.each(shallow)("$config: $name", async (model) => {
    const keyword = model.name.endsWith("Prop") ? "PROPERTY" : "INVARIANT";
    const { violation } = await exploreEdited(model, (folder) =>
      appendFileSync(join(folder, model.config), `\n${keyword} ${model.name}\n`),
    );
    expect(violation?.name).toBe(model.name);
  });
});
