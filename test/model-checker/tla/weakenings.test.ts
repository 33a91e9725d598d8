/** Each of these edits makes the specification wrong, and its own properties notice. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { TlaResult } from "../../../model-checker/tla/explore.ts";
import { FOLDERS, raftCases } from "../../tools/tla-cases.ts";
import { exploreEdited, substitute } from "./raft.ts";

interface Weakening {
  readonly name: string;
  readonly old: string;
  readonly new: string;
  readonly config: string;
  /** Null where TLC finds nothing violated, and counts other states than before. */
  readonly violates: string | null;
  readonly counts?: Pick<TlaResult, "generated" | "distinct" | "depth">;
}

const text = readFileSync(join(FOLDERS.raft, "weakenings.json"), "utf8");
const weakenings = JSON.parse(text) as readonly Weakening[];
const cases = raftCases();

describe("a specification that is weakened", () => {
  it("in at least five places", () => expect(weakenings.length).toBeGreaterThanOrEqual(5));

  it.each(weakenings)("$name ($violates)", { timeout: 180_000 }, async (weakening) => {
    const model = cases.find(({ config }) => config === weakening.config);
    if (model === undefined) throw new Error(`there is no instance ${weakening.config}`);
    const result = await exploreEdited(model, (folder) =>
      substitute(join(folder, "Raft.tla"), weakening.old, weakening.new),
    );
    expect(result.violation?.name ?? null).toBe(weakening.violates);
    if (weakening.violates !== null) return;
    expect(result).toMatchObject(weakening.counts ?? {});
    expect(result.distinct).not.toBe(model.distinct);
  });
});
