/** The bounded instances of the specification have the states that TLC counts. */
import { appendFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { explore } from "../../../model-checker/tla/explore.ts";
import { graphOf } from "../../../model-checker/tla/graph.ts";
import { loadFile } from "../../../model-checker/tla/load.ts";
import { FOLDERS, pathsOf, raftCases, readGraphs } from "../../tools/tla-cases.ts";
import { exploreApart, exploreEdited } from "./raft.ts";

/** What is larger has a process of its own: measuring coverage would slow it many times over. */
const MAX_GENERATED = 60_000;
/** The largest takes less than a minute when the machine is idle. */
const PATIENCE = 600_000;

/** Found deep in an instance, after half a minute each: `quorate tla check` is for these too. */
const DEEP = ["DebugNoDisruptionIgnoredInv", "DebugNoIndirectCommitInv"];

const cases = raftCases();
const isSmall = ({ generated }: (typeof cases)[0]): boolean => (generated ?? 0) <= MAX_GENERATED;

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
  const large = cases.filter((model) => !isSmall(model));
  it.concurrent.for(large)(counts, { timeout: PATIENCE }, async (model, { onTestFinished }) => {
    const { generated, distinct, depth } = model;
    const expected = { verdict: "exhausted", generated, distinct, depth, violation: null };
    const explored = await exploreApart(model, model.folder, [], { onTestFinished });
    expect(explored).toMatchObject(expected);
  });

  it.each(cases.filter(isSmall))(counts, async (model) => {
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
  it.each(shallow)("$config: $name", { timeout: PATIENCE }, async (model) => {
    const keyword = model.name.endsWith("Prop") ? "PROPERTY" : "INVARIANT";
    const { violation } = await exploreEdited(model, (folder) =>
      appendFileSync(join(folder, model.config), `\n${keyword} ${model.name}\n`),
    );
    expect(violation?.name).toBe(model.name);
  });
});
