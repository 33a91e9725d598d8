/** Limits answer "unknown", and a bad object takes nobody's turn. */
import { describe, expect, it } from "vitest";
import {
  checkLinearizability,
  type KeyValueInput,
  keyValue,
  linearizabilityInSlices,
  type Model,
  type Operation,
  type QueueInput,
  queue,
  unknown,
} from "../../../spec/linearizability/index.ts";

type QueueOperation = Operation<QueueInput, number | null>;

/** Concurrent enqueues, and a dequeue of what none of them put there: every order is tried. */
function hard(key: string, size: number): readonly QueueOperation[] {
  const enqueues = Array.from({ length: size }, (_, at): QueueOperation => {
    const input: QueueInput = { kind: "enqueue", key, value: at };
    return { process: `p${at}`, input, invoked: 0, response: { at: 10, output: null } };
  });
  const input: QueueInput = { kind: "dequeue", key };
  return [...enqueues, { process: "q", input, invoked: 11, response: { at: 12, output: -1 } }];
}

/** An enqueue, and then a dequeue that finds nothing. */
function plainlyWrong(key: string): readonly QueueOperation[] {
  const enqueue: QueueInput = { kind: "enqueue", key, value: 1 };
  const dequeue: QueueInput = { kind: "dequeue", key };
  return [
    ...Array.from({ length: 30 }, (_, at): QueueOperation => {
      return { process: "p", input: enqueue, invoked: at, response: { at, output: null } };
    }),
    { process: "q", input: dequeue, invoked: 40, response: { at: 41, output: null } },
  ];
}

describe("limits", () => {
  it("steps: the check ends with them, undecided", () => {
    const result = checkLinearizability(queue, hard("x", 12), { maxSteps: 10_000 });
    expect(result).toMatchObject({ verdict: "unknown", reason: "steps", decided: 0 });
    expect(result.steps).toBeLessThan(11_000);
  });

  it("memory: the object is given up", () => {
    const result = checkLinearizability(queue, hard("x", 12), { maxMemoryBytes: 1e6 });
    expect(result).toMatchObject({ verdict: "unknown", reason: "memory", decided: 0 });
  });

  it("the caller: asked every few thousand steps", () => {
    let asked = 0;
    const shouldStop = (): boolean => ++asked > 5;
    const result = checkLinearizability(queue, hard("x", 12), { shouldStop });
    expect(result).toMatchObject({ verdict: "unknown", reason: "stopped" });
    expect(result.steps).toBeLessThan(5 * 5000);
  });

  it("are far from what is needed here", () => {
    expect(checkLinearizability(queue, hard("x", 5)).verdict).toBe("violated");
  });
});

describe("turns", () => {
  it("a violation is found although another object is never decided", () => {
    const history = [...hard("a", 20), ...plainlyWrong("b")];
    const result = checkLinearizability(queue, history, { maxSteps: 2_000_000 });
    expect(result).toMatchObject({ verdict: "violated", failure: { partition: "b" } });
  });

  it("an object that needs too much memory does not keep the others from being decided", () => {
    const fine = hard("b", 20).slice(0, -1);
    const limits = { maxMemoryBytes: 1e6 };
    const result = checkLinearizability(queue, [...hard("a", 12), ...fine], limits);
    expect(result).toMatchObject({ verdict: "unknown", reason: "memory", decided: 1 });
  });

  it("progress is told between slices", () => {
    const slices = linearizabilityInSlices(queue, plainlyWrong("b"));
    const told = [...slices];
    expect(told[0]).toMatchObject({ partitions: 1, decided: 0, isExplaining: false });
    expect(told.at(-1)).toMatchObject({ isExplaining: true });
  });
});

describe("what is demanded of a history", () => {
  const input: QueueInput = { kind: "dequeue" };

  it("nothing where there is nothing", () => {
    expect(checkLinearizability(queue, [])).toMatchObject({ verdict: "linearizable", steps: 0 });
  });

  it.each([
    [3, 2],
    [Number.NaN, 2],
    [0, Infinity],
  ])("an interval from %d to %d is refused", (invoked, at) => {
    const history = [{ process: "p", input, invoked, response: { at, output: null } }];
    expect(() => checkLinearizability(queue, history)).toThrow(/operation 0 .* by process p: not/);
  });

  it("intervals are closed: one that ends when another starts is concurrent with it", () => {
    const get = (output: string, invoked: number): Operation<KeyValueInput, string> => {
      const response = { at: invoked + 1, output };
      return { process: "g", input: { kind: "get", key: "x" }, invoked, response };
    };
    const put: Operation<KeyValueInput, null> = {
      process: "p",
      input: { kind: "put", key: "x", value: "1" },
      invoked: 0,
      response: { at: 5, output: null },
    };
    expect(checkLinearizability(keyValue, [put, get("", 5)]).verdict).toBe("linearizable");
    expect(checkLinearizability(keyValue, [put, get("", 6)]).verdict).toBe("violated");
  });
});

describe("what has no response", () => {
  const toggle: Model<number, "flip" | "look", number> = {
    name: "toggle",
    initial: 0,
    step: (state, input, output) => {
      if (input === "flip") return [1 - state];
      return output === unknown || output === state ? [state] : [];
    },
  };
  const flip: Operation<"flip" | "look", number> = {
    process: "f",
    input: "flip",
    invoked: 10,
    response: null,
  };
  const look = (output: number, invoked: number): Operation<"flip" | "look", number> => {
    return { process: "l", input: "look", invoked, response: { at: invoked + 1, output } };
  };

  it.each([
    ["may never take effect", [flip, look(0, 100)], "linearizable"],
    ["may take effect long after", [flip, look(0, 100), look(1, 200)], "linearizable"],
    ["takes effect once", [flip, look(1, 100), look(0, 200)], "violated"],
    ["not before it is invoked", [look(1, 0), flip], "violated"],
    ["two do it twice", [flip, { ...flip }, look(1, 100), look(0, 200)], "linearizable"],
  ])("%s", (_, history, verdict) => {
    expect(checkLinearizability(toggle, history).verdict).toBe(verdict);
  });
});
