/** The check says what the definition says, for every model; and it knows its limits. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkLinearizability,
  type Data,
  type History,
} from "../../../spec/linearizability/index.ts";
import { anyHistory, atomicHistory, type Sample, samples } from "./histories.ts";
import { faultOfOrder, isLinearizable } from "./oracle.ts";

const RUNS = 1500;

/** The verdict, after what comes with it was held against the definition. */
function verdictOf<State, Input>(
  { model }: Sample<State, Input>,
  history: History<Input, Data>,
): string {
  const result = checkLinearizability(model, history);
  if (result.verdict === "linearizable") {
    for (const { partition, order } of result.linearizations) {
      const part = history.filter(({ input }) => model.partition?.(input) === partition);
      expect(faultOfOrder(model, part, order)).toBeNull();
    }
  }
  return result.verdict;
}

describe.each(samples)("%s", (_, withSample) => {
  it("is judged as by trying every order", () => {
    withSample((sample) => {
      const seen = { linearizable: 0, violated: 0 };
      fc.assert(
        fc.property(anyHistory(sample, 6), (history) => {
          const expected = isLinearizable(sample.model, history) ? "linearizable" : "violated";
          seen[expected]++;
          expect(verdictOf(sample, history)).toBe(expected);
        }),
        { numRuns: RUNS },
      );
      expect(Math.min(seen.linearizable, seen.violated)).toBeGreaterThan(RUNS / 50);
    });
  });

  it("is accepted where an object did each operation at one moment", () => {
    withSample((sample) => {
      fc.assert(
        fc.property(atomicHistory(sample, 14), (history) => {
          expect(verdictOf(sample, history)).toBe("linearizable");
        }),
        { numRuns: RUNS / 5 },
      );
    });
  });

  it("is judged as by trying every order where one answer of such an object is changed", () => {
    withSample((sample) => {
      const changes = fc.record({ at: fc.nat(), output: sample.outputs });
      fc.assert(
        fc.property(atomicHistory(sample, 7), changes, (atomic, { at, output }) => {
          const history = atomic.map((it, place) => {
            if (it.response === null || place !== at % atomic.length) return it;
            return { ...it, response: { ...it.response, output } };
          });
          const expected = isLinearizable(sample.model, history) ? "linearizable" : "violated";
          expect(verdictOf(sample, history)).toBe(expected);
        }),
        { numRuns: RUNS / 3 },
      );
    });
  });
});
