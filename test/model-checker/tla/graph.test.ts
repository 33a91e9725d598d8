/** A graph is known by what it is, not by how it is written. */
import { describe, expect, it } from "vitest";
import { graphOfDot } from "../../../model-checker/tla/graph.ts";

function dot(...lines: readonly string[]): string {
  return ["strict digraph DiskGraph {", ...lines, "}"].join("\n");
}

const ARROW = '1 -> -2 [label="Send(a,{1,2})",color="black",fontcolor="black"];';
const GRAPH = dot(
  '1 [label="/\\\\ x = 1\\n/\\\\ f = <<a, \\"b\\">>",style = filled]',
  ARROW,
  '-2 [label="/\\\\ x = {2, 3}\\n/\\\\ f = [b |-> -1, c |-> TRUE]",tooltip="..."];',
);

describe("graphOfDot", () => {
  it("is the same for equal values in another notation and another order", async () => {
    const same = dot(
      '7 [label="/\\\\ f = [c |-> TRUE,\\n  b |-> -1]\\n/\\\\ x = 2..3",tooltip="..."];',
      '8 -> 7 [label="Send(a,1..2)",color="black"];',
      '8 -> 7 [label="Send(a,1..2)",color="black"];',
      '8 [label="/\\\\ f = (2 :> \\"b\\" @@ 1 :> a)\\n/\\\\ x = 1",style = filled]',
    );
    expect(await graphOfDot(GRAPH)).toEqual({
      states: 2,
      edges: 1,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await graphOfDot(same)).toEqual(await graphOfDot(GRAPH));
  });

  it.each([
    ["a label", "Send(a,{1,2})", "Send(a,{1})"],
    ["a value", "x = 1", "x = 2"],
    ["a string for a model value", "<<a,", '<<\\"a\\",'],
    ["a variable", "x = 1", "y = 1"],
    ["an initial state", ",style = filled", ""],
    ["a step", ARROW, ""],
    ["the direction of a step", "1 -> -2", "-2 -> 1"],
  ])("is another for another %s", async (_what, from, to) => {
    const other = GRAPH.replace(from, to);
    expect(other).not.toBe(GRAPH);
    expect((await graphOfDot(other)).hash).not.toBe((await graphOfDot(GRAPH)).hash);
  });

  it("refuses what TLC does not write", async () => {
    await expect(graphOfDot(dot(ARROW))).rejects.toThrow("the dump has no state 1");
    const strange = dot('1 [label="x = SUBSET y",style = filled]');
    await expect(graphOfDot(strange)).rejects.toThrow("TLC writes");
  });
});
