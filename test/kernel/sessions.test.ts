/** Client sessions: a retried command takes effect once. Thesis §6.3. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Json,
  openSession,
  parseSessionCommand,
  SnapshotError,
  type StateMachine,
  sessionCommand,
  snapshotParts,
  withSessions,
} from "../../kernel/index.ts";
import { deepFreeze } from "./build.ts";
import { type Counter, counter } from "./counter.ts";
import { sessionCommands } from "./session-commands.ts";
import { brief, sessionOracle } from "./session-oracle.ts";

const two = withSessions(counter, { maxSessions: 2 });
type State = typeof two.initial;
type Response = ReturnType<typeof two.apply>["response"];

function run(commands: readonly string[], machine = two, from: State = machine.initial) {
  let state = deepFreeze(from);
  const responses = commands.map((command, i): Response => {
    const next = machine.apply(state, command, i + 1);
    state = deepFreeze(next.state);
    return next.response;
  });
  return { state, responses };
}

function briefs(commands: readonly string[]): readonly string[] {
  return run(commands).responses.map(brief);
}

describe("the text of a command", () => {
  it("is read as it was written, whatever the command", () => {
    const count = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(count, count, text, (client, sequence, command) => {
        const read = parseSessionCommand(sessionCommand(client, sequence, command));
        expect(read).toEqual({ kind: "command", client, sequence, command });
      }),
    );
    expect(parseSessionCommand(sessionCommand(1, 2, " a\nb "))).toMatchObject({
      command: " a\nb ",
    });
    expect(parseSessionCommand(openSession)).toEqual({ kind: "open" });
  });

  it("is the only one of that command", () => {
    const near = fc.stringMatching(/^session [0-9+.e ]{0,6} [0-9]{0,3} .?$/);
    fc.assert(
      fc.property(near, (text) => {
        const read = parseSessionCommand(text);
        if (read.kind !== "command") return;
        expect(sessionCommand(read.client, read.sequence, read.command)).toBe(text);
      }),
    );
  });

  it.each([
    ["", 'expected open-session or session CLIENT SEQUENCE COMMAND, got ""'],
    ["open-session ", 'session CLIENT SEQUENCE COMMAND, got "open-session "'],
    ["session 1 2", 'got "session 1 2"'],
    ["x".repeat(41), `got "${"x".repeat(40)}..."`],
    ["session  1 x", 'CLIENT "" is not a whole number from 1'],
    ["session 0 1 x", 'CLIENT "0" is not a whole number from 1 without leading zeros'],
    ["session 01 1 x", 'CLIENT "01"'],
    ["session 1 1e0 x", 'SEQUENCE "1e0"'],
    ["session 1 -1 x", 'SEQUENCE "-1"'],
    ["session 1 9007199254740992 x", 'SEQUENCE "9007199254740992"'],
  ])("%j is none", (text, fault) => {
    const read = parseSessionCommand(text);
    expect(read).toEqual({ kind: "malformed", fault: expect.stringContaining(fault) });
  });

  it.each([
    [0, 1, "client: 0 is not a whole number from 1"],
    [1, 1.5, "sequence: 1.5 is not a whole number from 1"],
    [2 ** 53, 1, "client: 9007199254740992"],
    [1, Number.NaN, "sequence: NaN"],
  ])("client %d and sequence %d are refused", (client, sequence, fault) => {
    expect(() => sessionCommand(client, sequence, "x")).toThrow(fault);
  });
});

describe("a session", () => {
  it("is named by the log: 1 for the first, and no name comes twice", () => {
    expect(briefs([openSession, openSession, openSession, openSession])).toEqual([
      "opened 1",
      "opened 2",
      "opened 3",
      "opened 4",
    ]);
  });

  it("answers its latest command again with the stored response, and without effect", () => {
    const commands = [openSession, "session 1 1 a", "session 1 1 a", "session 1 2 b"];
    expect(briefs(commands)).toEqual(["opened 1", "answered 1:a", "answered 1:a", "answered 2:b"]);
  });

  it("knows a command by its number alone", () => {
    expect(briefs([openSession, "session 1 1 a", "session 1 1 b"]).at(-1)).toBe("answered 1:a");
  });

  it("refuses what comes before its latest command, skipped numbers included", () => {
    const commands = [openSession, "session 1 1 a", "session 1 3 c", "session 1 2 b"];
    const { state, responses } = run([...commands, "session 1 1 a"]);
    expect(responses.slice(-2)).toEqual([
      { kind: "refused", reason: "stale", detail: "command 2 of session 1 comes after 3" },
      { kind: "refused", reason: "stale", detail: "command 1 of session 1 comes after 3" },
    ]);
    expect(state.machine).toEqual({ count: 2, last: "c" });
  });

  it("that expired is told from one that never was, and no command of either is applied", () => {
    const commands = [...Array(3).fill(openSession), "session 1 1 a", "session 4 1 a"];
    const { state, responses } = run(commands);
    expect(responses.slice(-2)).toEqual([
      {
        kind: "refused",
        reason: "expired",
        detail: "session 1 expired: too many were used after it",
      },
      { kind: "refused", reason: "unknown-session", detail: "session 4 was never opened" },
    ]);
    expect(state.machine).toEqual(counter.initial);
  });

  it.each([
    ["a new command", "session 1 2 b"],
    ["its latest command again", "session 1 1 a"],
  ])("is used by %s, and the other one expires", (_, use) => {
    const before = [openSession, "session 1 1 a", openSession];
    expect(briefs([...before, use, openSession, "session 2 1 x"]).at(-1)).toBe("expired");
  });

  it.each([
    ["a stale command", "session 1 1 a"],
    ["what is no command", "session 1"],
  ])("is not used by %s, so it expires", (_, refused) => {
    const before = [openSession, "session 1 1 a", "session 1 2 b", openSession];
    expect(briefs([...before, refused, openSession, "session 1 2 b"]).at(-1)).toBe("expired");
  });

  it("that is refused a command changes nothing", () => {
    const { state } = run([openSession, "session 1 2 b"]);
    for (const text of ["session 1 1 a", "session 2 1 a", "x"]) {
      expect(two.apply(state, text, 9).state).toBe(state);
    }
  });
});

it("the machine inside is told a command's place in the log", () => {
  const apply = (_: Counter, command: string, index: number) => {
    return { state: { count: index, last: command }, response: `at ${index}` };
  };
  const machine = withSessions({ ...counter, apply }, { maxSessions: 2 });
  const { state } = machine.apply(machine.initial, openSession, 4);
  const next = machine.apply(state, "session 1 1 a", 7);
  expect(next.response).toEqual({ kind: "answered", response: "at 7" });
  expect(next.state.machine).toEqual({ count: 7, last: "a" });
});

describe("a snapshot in parts", () => {
  const halves = fc.string({ unit: fc.constantFrom("a", '"', "\n", "\ud83d", "\ude00", "é") });

  it("is the text that JSON has, wherever the machine cuts its own", () => {
    fc.assert(
      fc.property(fc.array(halves), sessionCommands, (texts, commands) => {
        const machine = withSessions(
          { ...counter, snapshot: () => texts.join(""), snapshotParts: () => texts },
          { maxSessions: 2 },
        );
        const { state } = run(commands, machine);
        const sessions = briefSessions(machine.snapshot(state));
        const { opened } = state;
        const expected = { maxSessions: 2, opened, sessions, machine: texts.join("") };
        expect([...snapshotParts(machine, state)].join("")).toBe(JSON.stringify(expected));
        expect(machine.snapshot(state)).toBe(JSON.stringify(expected));
      }),
    );
  });

  it("is made as its parts are asked for", () => {
    const made: number[] = [];
    const slow = {
      ...counter,
      snapshotParts: function* () {
        for (let i = 0; i < 9; i++) {
          made.push(i);
          yield String(i);
        }
      },
    };
    const machine = withSessions(slow, { maxSessions: 2 });
    const parts = snapshotParts(machine, machine.initial)[Symbol.iterator]();
    while (made.length < 2) expect(parts.next().done).toBe(false);
    expect(made).toEqual([0, 1]);
  });
});

function briefSessions(text: string): unknown {
  return (JSON.parse(text) as { readonly sessions: unknown }).sessions;
}

describe("sessions agree with a list that is scanned", () => {
  it("in every response and every effect, from the start and from any snapshot", () => {
    const reached = new Set<string>();
    fc.assert(
      fc.property(sessionCommands, fc.integer({ min: 1, max: 3 }), fc.nat(), (commands, max, n) => {
        const machine = withSessions(counter, { maxSessions: max });
        const expected = sessionOracle(commands, max);
        const { state, responses } = run(commands, machine);
        const got = responses.map(brief);
        expect(got).toEqual(expected.responses);
        expect(state.machine.count).toBe(expected.effects.length);
        const cut = n % (commands.length + 1);
        const taken = machine.snapshot(run(commands.slice(0, cut), machine).state);
        const later = run(commands.slice(cut), machine, machine.restore(taken));
        expect(later.responses).toEqual(responses.slice(cut));
        // The shape, too: equal sessions are equal data, whatever came before.
        expect(later.state).toEqual(state);
        for (const it of got) reached.add(it.split(" ")[0] as string);
      }),
      { numRuns: 3000 },
    );
    const kinds = ["answered", "expired", "malformed", "opened", "stale", "unknown-session"];
    expect([...reached].sort()).toEqual(kinds);
  });
});

describe("a snapshot", () => {
  const { state } = run([openSession, openSession, "session 1 7 a", openSession]);
  const text = '{"maxSessions":2,"opened":3,"sessions":[[1,7,"1:a"],[3,0,null]],"machine":"1 a"}';

  it("holds the sessions by use, and the machine", () => {
    expect(two.snapshot(state)).toBe(text);
    expect(two.restore(text)).toEqual(state);
  });

  it.each([
    ["no JSON", (it: string) => it.slice(1), /snapshot of sessions: .*JSON/],
    ["a list", () => "[]", "expected an object"],
    ["nothing", () => "null", "expected an object"],
    ["another limit", swap(":2", ":3"), "was made with 2, this machine has 3"],
    ["no limit", swap('"maxSessions":2,', ""), "was made with undefined"],
    ["a bad count", swap('"opened":3', '"opened":-1'), "opened: -1 is not a whole number from 0"],
    ["no sessions", swap("sessions", "session"), "sessions: expected a list"],
    [
      "a session too few",
      swap('[1,7,"1:a"],', ""),
      "sessions: 1 of 3 that were opened, expected 2",
    ],
    ["one too many", swap('[1,7,"1:a"]', '[1,7,"1:a"],[2,0,null]'), "sessions: 3 of 3"],
    ["a short session", swap("[3,0,null]", "[3,0]"), "sessions[1]: expected client, sequence"],
    ["client 0", swap("[3,0", "[0,0"), "sessions[1][0]: session 0 was never opened"],
    ["client 4", swap("[3,0", "[4,0"), "sessions[1][0]: session 4 was never opened"],
    ["a client twice", swap("[3,0", "[1,0"), "sessions[1][0]: session 1 came before"],
    ["half a number", swap("[1,7", "[1,7.5"), "sessions[0][1]: 7.5 is not a whole number"],
    ["an answer to nothing", swap("[3,0,null", "[3,0,1"), "sessions[1][2]: a response to no"],
    ["no machine", swap('"1 a"', "1"), "machine: expected a text"],
    ["a space", swap('"opened":3', '"opened": 3'), "not the canonical text from character 26"],
    ["a field more", swap('"1 a"', '"1 a","x":1'), "not the canonical text from character"],
    ["another machine", swap('"1 a"', '"a"'), "counter: no count"],
  ])("with %s is refused", (_, change, fault) => {
    const restore = (): unknown => {
      const changed = change(text);
      return changed.includes('"maxSessions":3') ? three.restore(text) : two.restore(changed);
    };
    expect(restore).toThrow(SnapshotError);
    expect(restore).toThrow(fault);
  });
});

const three = withSessions(counter, { maxSessions: 3 });

function swap(old: string, by: string): (text: string) => string {
  return (text) => text.replace(old, by);
}

/** The counter that gives the same response to everything. */
function answering(response: Json): StateMachine<Counter, Json> {
  return { ...counter, apply: (state) => ({ state, response }) };
}

describe("the machine inside", () => {
  it.each([0, -1, 1.5, Number.NaN])("maxSessions %d is refused", (maxSessions) => {
    expect(() => withSessions(counter, { maxSessions })).toThrow(`maxSessions: ${maxSessions}`);
  });

  it.each([
    [undefined, "undefined"],
    [Number.NaN, "NaN"],
    [{ a: [1, -0] }, "at .a[1]: -0"],
    [{ a: { b: undefined } }, "at .a.b: undefined"],
    [[() => 1], "at [0]: function"],
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is refused.
    [[1, , 2], "at [1]: undefined"],
    [new Map(), "not a plain object"],
  ])("must answer in plain JSON, not %o", (response, fault) => {
    const machine = withSessions(answering(response as Json), { maxSessions: 1 });
    const { state } = machine.apply(machine.initial, openSession, 1);
    const apply = (): unknown => machine.apply(state, "session 1 1 x", 2);
    expect(apply).toThrow(new TypeError(`the machine's response is not plain JSON: ${fault}`));
  });

  it.each([[null], [true], [""], [{ a: [1, { b: "\ud800" }] }]])(
    "may answer %o, and a restored server answers the same",
    (response) => {
      const machine = withSessions(answering(response), { maxSessions: 1 });
      let state = machine.apply(machine.initial, openSession, 1).state;
      state = machine.apply(state, "session 1 1 x", 2).state;
      const restored = machine.restore(machine.snapshot(state));
      expect(machine.apply(restored, "session 1 1 x", 3).response).toEqual({
        kind: "answered",
        response,
      });
    },
  );
});

it("hands the machine inside everything as its own methods", () => {
  class Counting implements StateMachine<number, number> {
    readonly initial = 0;
    readonly by = 2;
    apply(state: number) {
      return { state: state + this.by, response: state + this.by };
    }
    snapshot(state: number) {
      return String(state / this.by);
    }
    restore(text: string) {
      return Number(text) * this.by;
    }
  }
  const machine = withSessions(new Counting(), { maxSessions: 2 });
  const { state } = run([openSession, sessionCommand(1, 1, "x")], machine as never);
  const again = machine.restore(machine.snapshot(state as never));
  expect(again.machine).toBe(2);
});
