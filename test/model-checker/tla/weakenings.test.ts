/** Each of these edits makes the specification wrong, and its own properties notice. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FOLDERS, raftCases } from "../../tools/tla-cases.ts";
import { exploreEdited, substitute } from "./raft.ts";

interface Weakening {
  readonly name: string;
  readonly old: string;
  readonly new: string;
  readonly config: string;
  /** Null where nothing is violated: then there are other states than those counted. */
  readonly violates: string | null;
}

const text = readFileSync(join(FOLDERS.raft, "weakenings.json"), "utf8");
const weakenings = JSON.parse(text) as readonly Weakening[];
const cases = raftCases();

/** Counting what is larger takes minutes: only TLC's counts, in the entry, are the evidence. */
const MAX_DISTINCT = 10_000;

/** Each takes seconds when the machine is idle. */
const PATIENCE = 600_000;

const noticedHere = weakenings.filter(({ violates, config }) => {
  const model = cases.find((one) => one.config === config);
  return violates !== null || (model?.distinct ?? 0) <= MAX_DISTINCT;
});

describe("a specification that is weakened", () => {
  it("in at least five places", () => expect(noticedHere.length).toBeGreaterThanOrEqual(5));

  it.each(noticedHere)("$name ($violates)", { timeout: PATIENCE }, async (weakening) => {
    const model = cases.find(({ config }) => config === weakening.config);
    if (model === undefined) throw new Error(`there is no instance ${weakening.config}`);
    const edit = (folder: string): void =>
      substitute(join(folder, "Raft.tla"), weakening.old, weakening.new);
    // One state more than there should be is enough to see.
    const most = `${(model.distinct ?? 0) + 1}`;
    const limit = weakening.violates === null ? ["--max-states", most] : [];
    const result = await exploreEdited(model, edit, limit);
    expect(result.violation?.name ?? null).toBe(weakening.violates);
    if (weakening.violates === null) expect(result.distinct).not.toBe(model.distinct);
  });
});
