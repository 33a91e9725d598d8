/** The formats: what they say, and that garbage is a fault with its line, never an exception. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseEdn } from "../../../spec/linearizability/formats/edn.ts";
import {
  checkLinearizability,
  formatOf,
  historyFormats,
  isFault,
  namedModels,
  operationsOf,
  parseHistory,
  unknown,
} from "../../../spec/linearizability/index.ts";

/** The operations of a text for a model, or its fault as `line: what`. */
function read(model: string, text: string, format: Parameters<typeof parseHistory>[1] = "auto") {
  const named = namedModels.get(model);
  if (named === undefined) throw new Error(`no model ${model}`);
  const calls = parseHistory(text, format);
  const operations = isFault(calls) ? calls : operationsOf(named, calls);
  if (isFault(operations)) return `${operations.line}: ${operations.fault}`;
  return operations.map(({ process, input, invoked, response }) => {
    return [process, input, invoked, response?.at ?? null, response?.output ?? null];
  });
}

function verdict(model: string, text: string): string {
  const named = namedModels.get(model);
  const calls = parseHistory(text, "auto");
  if (named === undefined || isFault(calls)) throw new Error(JSON.stringify(calls));
  const operations = operationsOf(named, calls);
  if (isFault(operations)) throw new Error(operations.fault);
  return checkLinearizability(named.model, operations).verdict;
}

const lines = (...events: readonly object[]): string =>
  events.map((event) => JSON.stringify(event)).join("\n");

describe("JSON lines", () => {
  it("completions may leave out f, key and a value that says nothing", () => {
    const text = lines(
      { process: 0, type: "invoke", f: "put", key: "x", value: "1", time: 17 },
      { process: "b", type: "invoke", f: "get", key: "x" },
      { process: 0, type: "ok" },
      { process: "b", type: "ok", f: "get", key: "x", value: null },
    );
    expect(read("key-value", text)).toEqual([
      ["0", { kind: "put", key: "x", value: "1" }, 1, 3, null],
      ["b", { kind: "get", key: "x" }, 2, 4, ""],
    ]);
  });

  it("what failed is left out; info and a missing end mean that nobody knows", () => {
    const text = lines(
      { process: 0, type: "invoke", f: "enqueue", value: 1 },
      { process: 0, type: "fail" },
      { process: 0, type: "invoke", f: "enqueue", value: 2 },
      { process: 0, type: "info", value: "timed out" },
      { process: 0, type: "invoke", f: "dequeue" },
    );
    expect(read("queue", text)).toEqual([
      ["0", { kind: "enqueue", value: 2 }, 3, null, null],
      ["0", { kind: "dequeue" }, 5, null, null],
    ]);
  });

  it("a lock is owned by the process that acquires it", () => {
    const text = lines(
      { process: "a", type: "invoke", f: "acquire", key: "l" },
      { process: "a", type: "ok", value: true },
      { process: "b", type: "invoke", f: "release", key: "l" },
      { process: "b", type: "ok", value: false },
    );
    expect(read("lock", text)).toEqual([
      ["a", { kind: "acquire", owner: "a", key: "l" }, 1, 2, true],
      ["b", { kind: "release", owner: "b", key: "l" }, 3, 4, false],
    ]);
    expect(verdict("lock", text)).toBe("linearizable");
    expect(verdict("lock", text.replace("false", "true"))).toBe("violated");
  });

  const invoke = { process: 0, type: "invoke", f: "write", value: 1 };
  it.each([
    ["register", "{", "1: not JSON: "],
    ["register", `${lines(invoke)}\n[1]`, '2: expected an object with "process"'],
    ["register", lines({ ...invoke, process: {} }), '1: expected "process" to be a number or a'],
    ["register", lines({ ...invoke, type: "okay" }), '1: expected "type" to be one of invoke, ok'],
    ["register", lines({ ...invoke, f: 7 }), '1: expected "f" to be a text, found 7'],
    [
      "register",
      lines({ ...invoke, f: null }),
      "1: an invocation without the name of an operation",
    ],
    ["register", lines({ ...invoke, key: [] }), '1: expected "key" to be a text or a number'],
    ["register", lines({ ...invoke, f: "cas" }), '1: expected "f" to be one of read, write, found'],
    ["register", lines({ ...invoke, value: null }), "1: write needs a value"],
    ["register", lines(invoke, invoke), "2: process 0 has its write of line 1 open"],
    ["register", lines({ process: 1, type: "ok" }), "1: process 1 completes (ok) what it has not"],
    [
      "register",
      lines(invoke, { process: 0, type: "ok", f: "read" }),
      "2: process 0 has its write",
    ],
    ["register", lines(invoke, { process: 0, type: "ok", key: "x" }), "2: process 0 has its write"],
    ["register", lines(invoke, { process: 0, type: "ok", value: 2 }), "2: write 1 completes with"],
    [
      "register",
      lines({ ...invoke, f: "read" }, { process: 0, type: "ok" }),
      "2: read completes without its value",
    ],
    ["cas-register", lines({ ...invoke, f: "cas" }), "1: cas needs a pair of values"],
    ["key-value", lines({ ...invoke, f: "put" }), "1: put needs a key"],
    ["key-value", lines({ ...invoke, f: "append", key: "x" }), "1: append needs a text, not 1"],
    ["key-value", lines({ ...invoke, f: "cas", key: "x" }), '1: expected "f" to be one of get'],
    ["queue", lines({ ...invoke, f: "pop" }), '1: expected "f" to be one of enqueue, dequeue'],
    ["lock", lines({ ...invoke, f: "lock" }), '1: expected "f" to be one of acquire, release'],
    [
      "lock",
      lines({ process: 0, type: "invoke", f: "acquire" }, { process: 0, type: "ok", value: 3 }),
      "2: acquire completes with 3, not true or false",
    ],
    ["register", " \n", "1: the history is empty"],
    ["register", "hello", "1: expected JSON lines, EDN maps or lines with"],
    ["register", lines({ process: "nemesis", type: "info" }), "1: there is no operation in it"],
    [
      "register",
      `{"process":0,"type":"invoke","f":"write","value":${"[".repeat(200)}${"]".repeat(200)}}`,
      '1: "value" is nested more than 100 deep',
    ],
  ])("%s: a fault names its line (%#)", (model, text, fault) => {
    expect(read(model, text)).toContain(fault);
  });
});

const JEPSEN = `INFO  jepsen.core - Running test
INFO  jepsen.util - 0\t:invoke\t:read\tnil
INFO  jepsen.util - 0\t:ok\t:read\tnil
INFO  jepsen.util - 1   :invoke :cas    [0 3]
INFO  jepsen.util - :nemesis :info :start nil
INFO  jepsen.util - 1   :fail   :cas    [0 3]
INFO  jepsen.util - 2\t:invoke\t:write\t4
INFO  jepsen.util - 2\t:info\t:write\t:timed-out
INFO  jepsen.util - 3\t:invoke\t:read\tnil
INFO  jepsen.util - 3\t:fail\t:read\t:timed-out
INFO  jepsen.util - 4\t:invoke\t:cas\t[4 1]
INFO  jepsen.util - 4\t:ok\t:cas\t[4 1]
`;

describe("Jepsen's register logs", () => {
  it("a cas that failed with its values found another one; other failures are left out", () => {
    expect(read("cas-register", JEPSEN)).toEqual([
      ["0", { kind: "read" }, 2, 3, null],
      ["1", { kind: "cas", from: 0, to: 3 }, 4, 6, false],
      ["2", { kind: "write", value: 4 }, 7, null, null],
      ["4", { kind: "cas", from: 4, to: 1 }, 11, 12, true],
    ]);
    expect(verdict("cas-register", JEPSEN)).toBe("linearizable");
    expect(verdict("cas-register", JEPSEN.replaceAll("[4 1]", "[5 1]"))).toBe("violated");
  });

  it.each([
    ["INFO  jepsen.util - 0 :invoke", "1: expected process, :type, :operation and value"],
    ["INFO  jepsen.util - 0 :begin :read nil", "1: expected one of :invoke, :ok, :fail, :info"],
    ["INFO  jepsen.util - 0 :invoke :cas [0 3", '1: in the value, column 5: expected "]"'],
    ["INFO  jepsen.util - 0 :ok :read 1", "1: process 0 completes (ok) what it has not invoked"],
    ["INFO  jepsen.util done", "1: there is no operation in it"],
  ])("%s is a fault", (text, fault) => {
    expect(read("cas-register", text)).toContain(fault);
  });
});

const PORCUPINE = `{:process 0, :type :invoke, :f :append, :key "x", :value "a b"}
{:process 1, :type :invoke, :f :get, :key "x", :value nil}
{:process 0, :type :ok, :f :append, :key "x", :value "a b"}
#jepsen.history.Op{:process 1, :type :ok, :f :get, :key "x", :value "a b"}
{:process :nemesis, :type :info, :f :start, :value nil}
`;

describe("Porcupine's key-value logs", () => {
  it("are read as maps of EDN", () => {
    expect(read("key-value", PORCUPINE)).toEqual([
      ["0", { kind: "append", key: "x", value: "a b" }, 1, 3, null],
      ["1", { kind: "get", key: "x" }, 2, 4, "a b"],
    ]);
    expect(verdict("key-value", PORCUPINE)).toBe("linearizable");
  });

  it.each([
    ["{:process 0, :type", '1: column 19: expected "}", found the end of the line'],
    ["{:process 0, :type}", "1: column 1: a map with a key that has no value"],
    ['{:f "put', "1: column 5: a text that does not end"],
    ["{:process 0} {:process 1}", "1: column 14: expected the end of the line"],
    ["{:process 0, :type :go}", '1: expected "type" to be one of invoke'],
    ["{:process what}", "1: column 11: expected a value, found the name what"],
    ["{[1] 2}", "1: column 1: a map with a key that is no name"],
    ["[1]", "1: expected a map with :process, :type and :f"],
    ["{:a \\x}", "1: column 5: expected a value"],
  ])("%s is a fault", (text, fault) => {
    expect(read("key-value", text, "porcupine")).toContain(fault);
  });
});

describe("EDN", () => {
  it.each([
    ["nil", null],
    ["true", true],
    ["-12", -12],
    ["1.5e3", 1500],
    ["7N", 7],
    [":timed-out", "timed-out"],
    ['"a\\"b\\n"', 'a"b\n'],
    ["[1, [2] (3 4)] ; a comment", [1, [2], [3, 4]]],
    ["{:a {:b [nil]}}", { a: { b: [null] } }],
  ])("%s", (text, value) => {
    expect(parseEdn(text)).toEqual({ value });
  });

  it("long texts are read", () => {
    const long = "x".repeat(20_000_000);
    expect(parseEdn(`"${long}" ${" ".repeat(1_000_000)}`)).toEqual({ value: long });
  });

  it("deep nesting is refused", () => {
    expect(parseEdn("[".repeat(50_000))).toMatchObject({ fault: "nested more than 100 deep" });
  });
});

describe("any text", () => {
  const words = fc.constantFrom(
    ...[...JEPSEN.split(/(\s+)/), ...PORCUPINE.split(/([\s{}])/), "{", "}", "[", "]", '"', "\\"],
    ...lines({ process: 0, type: "invoke", f: "read", key: "x", value: [1] }).split(/([":,])/),
  );
  const texts = fc.oneof(
    fc.array(words, { maxLength: 40 }).map((it) => it.join("")),
    fc.string({ unit: "binary" }),
    fc.json(),
  );

  it("is read or is a fault with a line that it has, in every format and for every model", () => {
    fc.assert(
      fc.property(texts, fc.constantFrom(...historyFormats, "auto" as const), (text, format) => {
        const calls = parseHistory(text, format);
        for (const named of namedModels.values()) {
          const operations = isFault(calls) ? calls : operationsOf(named, calls);
          if (!isFault(operations)) checkLinearizability(named.model, operations);
          else expect(text.split("\n").length).toBeGreaterThanOrEqual(operations.line);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("is recognised by how it begins", () => {
    expect([JEPSEN, PORCUPINE, lines({ process: 0 }), "# no"].map(formatOf)).toEqual([
      "jepsen",
      "porcupine",
      "json",
      null,
    ]);
  });
});

describe("answers that nobody knows", () => {
  it("are no output", () => {
    const text = lines({ process: 0, type: "invoke", f: "acquire" });
    const named = namedModels.get("lock");
    const calls = parseHistory(text, "json");
    if (named === undefined || isFault(calls)) throw new Error("no calls");
    expect(calls).toHaveLength(1);
    expect(named.read(calls[0] as (typeof calls)[number])).toMatchObject({ output: unknown });
  });
});
