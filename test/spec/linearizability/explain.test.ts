/** The failing part is the smallest: each claim about it is held against the definition. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkLinearizability,
  type Data,
  type History,
  type Operation,
  type RegisterInput,
  register,
} from "../../../spec/linearizability/index.ts";
import { anyHistory, samples } from "./histories.ts";
import { faultOfOrder, isLinearizable } from "./oracle.ts";

/** `history` in which only `responding` respond. */
function only<Input>(
  history: History<Input, Data>,
  responding: History<Input, Data>,
): History<Input, Data> {
  return history.map((it) => (responding.includes(it) ? it : { ...it, response: null }));
}

describe.each(samples)("%s", (_, withSample) => {
  it("prefix and core are not linearizable, and nothing less is", () => {
    withSample(({ model, ...sample }) => {
      let violations = 0;
      fc.assert(
        fc.property(anyHistory(sample, 6), (history) => {
          const result = checkLinearizability(model, history);
          if (result.verdict !== "violated") return;
          violations++;
          const { prefix, core, isMinimal, longest, unexplained, window } = result.failure;
          expect(isLinearizable(model, prefix)).toBe(false);
          expect({ isMinimal, window }).toEqual({ isMinimal: true, window: null });
          const end = unexplained.response?.at ?? 0;
          const before = prefix
            .filter(({ invoked }) => invoked < end)
            .map((it) => ((it.response?.at ?? 0) < end ? it : { ...it, response: null }));
          expect(isLinearizable(model, before)).toBe(true);
          const order = longest?.order ?? [];
          expect(order.every(({ response }) => response === null || response.at < end)).toBe(true);
          expect(isLinearizable(model, only(prefix, core))).toBe(false);
          for (const it of core) {
            const fewer = core.filter((other) => other !== it);
            expect(isLinearizable(model, only(prefix, fewer))).toBe(true);
          }
        }),
        { numRuns: 600 },
      );
      expect(violations).toBeGreaterThan(20);
    });
  });
});

/** Writes of 0, 1, 2, ... one after another, each read back. */
function counting(count: number): Operation<RegisterInput, Data>[] {
  return Array.from({ length: count }, (_, value) => {
    const write: RegisterInput = { kind: "write", value };
    const at = 4 * value;
    return [
      { process: "w", input: write, invoked: at, response: { at: at + 1, output: null } },
      operation("r", at + 2, value),
    ];
  }).flat();
}

function operation(process: string, invoked: number, output: Data): Operation<RegisterInput, Data> {
  return { process, input: { kind: "read" }, invoked, response: { at: invoked + 1, output } };
}

describe("a stale read", () => {
  it("is explained by the write that it should have seen", () => {
    const stale = operation("s", 40, 3);
    const result = checkLinearizability(register, [...counting(8), stale]);
    if (result.verdict !== "violated") throw new Error(result.verdict);
    const { core, unexplained, longest, prefix } = result.failure;
    expect(unexplained).toBe(stale);
    expect(core.at(-1)).toBe(stale);
    expect(core).toHaveLength(3);
    expect(longest?.state).toBe(7);
    expect(faultOfOrder(register, prefix.slice(0, -1), longest?.order ?? [])).toBeNull();
  });

  it("after a long history is explained by the end of it", () => {
    const stale = operation("s", 4_000, 3);
    const result = checkLinearizability(register, [...counting(1_000), stale]);
    if (result.verdict !== "violated") throw new Error(result.verdict);
    const { core, window, prefix } = result.failure;
    expect(prefix).toHaveLength(2_001);
    expect(window).toMatchObject({ isExhaustive: true });
    expect(window?.states).toHaveLength(1);
    expect(core).toEqual([stale]);
  });
});
