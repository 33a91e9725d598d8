/** Machines that replication would tear apart are found, each with where it differs. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type StateMachine, withSessions } from "../../kernel/index.ts";
import { checkDeterminism } from "../../spec/index.ts";
import { counter } from "../kernel/counter.ts";
import { sessionCommands } from "../kernel/session-commands.ts";

const commands = ["a", "b", "c", "a"];

/** Its snapshot in parts lacks an item. */
const partial: StateMachine<readonly string[], number> = {
  initial: [],
  apply: (state, command) => ({ state: [...state, command], response: state.length }),
  snapshot: (state) => JSON.stringify(state),
  snapshotParts: (state) => [
    "[",
    state
      .slice(1)
      .map((it) => JSON.stringify(it))
      .join(","),
    "]",
  ],
  restore: (text) => JSON.parse(text),
};

/** Its snapshot in parts has what was added after it began. */
function late(): StateMachine<number, number> {
  let latest = 0;
  return {
    initial: 0,
    apply: (state) => {
      latest = state + 1;
      return { state: latest, response: latest };
    },
    snapshot: (state) => `n ${state}`,
    snapshotParts: function* () {
      yield "n ";
      yield String(latest);
    },
    restore: (text) => Number(text.slice(2)),
  };
}

/** A list that grows; its snapshot and everything else as it should be. */
const list: StateMachine<readonly string[], number> = {
  initial: [],
  apply: (state, command) => ({ state: [...state, command], response: state.length }),
  snapshot: (state) => JSON.stringify(state),
  restore: (text) => JSON.parse(text),
};

/** Has a memory beside the state, as a clock or a random generator is. */
function clocked(): typeof list {
  let ticks = 0;
  return {
    ...list,
    apply: (...given) => ({ ...list.apply(...given), response: ticks++ }),
  };
}

/** The same, and it shows in the state only. */
function clockedState(): typeof list {
  let ticks = 0;
  return { ...list, apply: (state) => ({ state: [...state, `${ticks++}`], response: 0 }) };
}

/** Changes the state that it is given. */
const mutating: StateMachine<string[], number> = {
  initial: [],
  apply: (state, command) => {
    state.push(command);
    return { state, response: state.length };
  },
  snapshot: (state) => JSON.stringify(state),
  restore: (text) => JSON.parse(text),
};

/** Changes a part of the old state that no snapshot shows, and answers by it. */
function hiddenMutation(): StateMachine<{ all: readonly string[]; seen: Set<string> }, boolean> {
  const fresh = (all: readonly string[]) => ({ all, seen: new Set(all) });
  return {
    get initial() {
      return fresh([]);
    },
    apply: ({ all, seen }, command) => {
      const response = seen.has(command);
      seen.add(command);
      return { state: { all: [...all, command], seen }, response };
    },
    snapshot: ({ all }) => JSON.stringify(all),
    restore: (text) => fresh(JSON.parse(text)),
  };
}

interface Box {
  n: number;
}

/** Changes the state before the one that it is given. */
const lateMutation: StateMachine<{ readonly own: Box; readonly previous: Box }, null> = {
  get initial() {
    return { own: { n: 0 }, previous: { n: 0 } };
  },
  apply: ({ own, previous }) => {
    previous.n = -1;
    return { state: { own: { n: own.n + 1 }, previous: own }, response: null };
  },
  snapshot: ({ own }) => String(own.n),
  restore: (text) => ({ own: { n: Number(text) }, previous: { n: 0 } }),
};

/** Leaves its last command out of the snapshot, and answers by it. */
const forgetful: StateMachine<{ readonly count: number; readonly last: string }, boolean> = {
  initial: { count: 0, last: "" },
  apply: ({ count, last }, command) => {
    return { state: { count: count + 1, last: command }, response: last === "b" };
  },
  snapshot: ({ count }) => String(count),
  restore: (text) => ({ count: Number(text), last: "" }),
};

/** Answers with the first key that was added; its snapshot sorts the keys. */
const ordered: StateMachine<ReadonlyMap<string, number>, string> = {
  initial: new Map([["z", 0]]),
  apply: (state, command) => {
    const next = new Map(state).set(command, state.size);
    return { state: next, response: [...next.keys()].join("") };
  },
  snapshot: (state) => JSON.stringify([...state].sort(([a], [b]) => (a < b ? -1 : 1))),
  restore: (text) => new Map(JSON.parse(text)),
};

function checking<S, R>(machine: StateMachine<S, R>): () => string | null {
  return () => checkDeterminism(machine, commands);
}

describe("a machine is refused", () => {
  it.each<readonly [string, () => string | null, string]>([
    [
      "that reads a clock",
      checking(clocked()),
      'command 0 "a": another response in a second run: was 0, is 4',
    ],
    [
      "that keeps the clock's time",
      checking(clockedState()),
      'command 0 "a": another snapshot after it in a second run: was ["0"], is ["4"]',
    ],
    [
      "that changes the old state",
      checking(mutating),
      'command 0 "a": apply changed the state that it was given; its snapshot: before [], after ["a"]',
    ],
    [
      "that changes the old state where the snapshot does not show it",
      checking(hiddenMutation()),
      'command 0 "a": the state before it changed when the run went on; the response: was false, is true',
    ],
    [
      "whose snapshot is another in parts",
      checking(partial),
      'command 1 "b": the snapshot before it, in parts of which some came later: whole ["a"], in parts []',
    ],
    [
      "whose snapshot in parts is of a later state",
      checking(late()),
      'command 0 "a": the snapshot before it, in parts of which some came later: whole n 0, in parts n 1',
    ],
    [
      "that changes an older state",
      checking(lateMutation),
      'command 0 "a": the state before it changed when the run went on; its snapshot: was 0, is -1',
    ],
    [
      "that forgets a field in its snapshot",
      checking(forgetful),
      'command 2 "c": another response, restored from the snapshot after 2 commands: was true, is false',
    ],
    [
      "whose response depends on the order of a Map",
      checking(ordered),
      'command 1 "b": another response, restored from the snapshot after 1 commands: was "zab", is "azb"',
    ],
    [
      "that restores another state",
      checking({ ...list, restore: () => ["x"] }),
      'restored from the snapshot after 0 commands: another snapshot at once: was [], is ["x"]',
    ],
    [
      "that ends elsewhere",
      checking({
        ...forgetful,
        apply: ({ count, last }) => {
          return { state: { count: count + (last === "" ? 1 : 2), last: "x" }, response: true };
        },
      } satisfies typeof forgetful),
      "restored from the snapshot after 1 commands: another snapshot at the end: was 7, is 6",
    ],
    [
      "that cannot apply",
      checking({ ...list, apply: () => JSON.parse("{") }),
      'command 0 "a" throws SyntaxError',
    ],
    [
      "that cannot restore",
      checking({ ...list, restore: () => JSON.parse("{") }),
      "restore of the snapshot after 0 commands throws SyntaxError",
    ],
    [
      "that cannot be a snapshot",
      checking({ ...list, snapshot: () => JSON.parse("{") }),
      "the snapshot of the initial state throws SyntaxError",
    ],
    [
      "whose snapshot cannot be bytes",
      checking({ ...list, snapshot: (state) => `${state.length}\ud800` }),
      'the snapshot of the initial state holds half of a surrogate pair: "0\\ud800"',
    ],
  ])("%s", (_, check, difference) => {
    expect(check()).toContain(difference);
  });

  it("whose initial state is changed by a run", () => {
    const initial = { n: 0 };
    const machine: StateMachine<{ n: number }, number> = {
      initial,
      apply: ({ n }, command) => {
        if (command === "c") initial.n = 9;
        return { state: { n: n + 1 }, response: 0 };
      },
      snapshot: ({ n }) => String(n),
      restore: (text) => ({ n: Number(text) }),
    };
    expect(checkDeterminism(machine, commands)).toBe(
      "the initial state has another snapshot after a run: was 0, is 9",
    );
  });
});

describe("a machine passes", () => {
  it("that is pure", () => {
    expect(checkDeterminism(list, commands)).toBeNull();
    expect(checkDeterminism(list, [])).toBeNull();
    expect(checkDeterminism(counter, commands)).toBeNull();
  });

  it.each([
    [undefined],
    [-0],
    [3n],
    [null],
    [{ b: [1], a: "x" }],
    [new Map([[1, 2]])],
    [new Set([1])],
  ])("that answers %o", (response) => {
    const machine = { ...list, apply: (state: readonly string[]) => ({ state, response }) };
    expect(checkDeterminism<readonly string[], unknown>(machine, commands)).toBeNull();
  });

  it("with sessions around it, whatever the commands", () => {
    fc.assert(
      fc.property(sessionCommands, fc.integer({ min: 1, max: 3 }), (drawn, maxSessions) => {
        expect(checkDeterminism(withSessions(counter, { maxSessions }), drawn)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });
});

describe("responses differ", () => {
  it.each<readonly [unknown, unknown]>([
    [0, -0],
    [1, "1"],
    [1, 1n],
    [null, undefined],
    [
      [1, [2]],
      [1, 2],
    ],
    [{ a: 1 }, { a: 2 }],
    [new Map([[1, 2]]), new Map([[1, 3]])],
    [new Map([[1, 2]]), new Set([1])],
    ["[1]", [1]],
  ])("%o from %o", (first, second) => {
    let isFirst = true;
    const apply = (state: readonly string[]) => {
      const response = isFirst ? first : second;
      isFirst = false;
      return { state, response };
    };
    const machine: StateMachine<readonly string[], unknown> = { ...list, apply };
    expect(checkDeterminism(machine, ["a"])).toContain("another response in a second run");
  });
});

describe("cuts", () => {
  it("are where snapshots are tried, and nowhere else", () => {
    expect(checkDeterminism(forgetful, commands, { cuts: [0, 1, 3, 4] })).toBeNull();
    expect(checkDeterminism(forgetful, commands, { cuts: [4, 2] })).toContain("after 2 commands");
  });

  it.each([-1, 5, 0.5])("%d of 4 commands is refused", (cut) => {
    const check = () => checkDeterminism(list, commands, { cuts: [cut] });
    expect(check).toThrow(`cuts: ${cut} is no whole number from 0 to 4`);
  });
});
