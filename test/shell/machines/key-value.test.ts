/** The key-value machine against a plain map, and its snapshots. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SnapshotError, snapshotParts } from "../../../kernel/index.ts";
import { getKey, keyValueMachine, listKeys } from "../../../shell/machines/key-value.ts";
import type { KeyValueCommand } from "../../../shell/machines/key-value-command.ts";
import { checkDeterminism } from "../../../spec/index.ts";

const seed = 20_261_125;
const machine = keyValueMachine();

const key = fc.constantFrom("a", "ab", "abc", "b", "é", "zz");
const value = fc.oneof(fc.constantFrom("", "1", "-7", "x"), fc.string({ unit: "grapheme" }));
const command: fc.Arbitrary<KeyValueCommand> = fc.oneof(
  fc.record({ op: fc.constant("get" as const), key }),
  fc.record({ op: fc.constant("put" as const), key, value }),
  fc.record({ op: fc.constant("delete" as const), key }),
  fc.record({
    op: fc.constant("compare-and-set" as const),
    key,
    value,
    expected: fc.option(value),
  }),
  fc.record({
    op: fc.constant("compare-and-set" as const),
    key,
    value,
    expectedRevision: fc.nat(8),
  }),
  fc.record({ op: fc.constant("increment" as const), key, by: fc.integer({ min: -5, max: 5 }) }),
);

function padded<C extends { readonly value: string }>(command: C, length: number): C {
  return { ...command, value: command.value + "x".repeat(length) };
}

/** What the machine should do, on a map that is changed in place. */
class Model {
  readonly items = new Map<string, { value: string; revision: number }>();
  revision = 0;

  apply(command: KeyValueCommand): unknown {
    const { key } = command;
    const item = this.items.get(key);
    const previous = item?.revision ?? 0;
    const put = (value: string): number => {
      this.items.set(key, { value, revision: ++this.revision });
      return this.revision;
    };
    if (command.op === "get") {
      return { kind: "value", value: item?.value ?? null, revision: previous };
    }
    if (command.op === "put") return { kind: "done", revision: put(command.value), previous };
    if (command.op === "delete") {
      if (this.items.delete(key)) this.revision++;
      return { kind: "done", revision: 0, previous };
    }
    if (command.op === "increment") {
      if (item !== undefined && !/^(0|-?[1-9][0-9]{0,14})$/.test(item.value)) return "conflict";
      const value = Number(item?.value ?? 0) + command.by;
      return { kind: "incremented", value, revision: put(String(value)), previous };
    }
    const holds =
      "expected" in command
        ? (item?.value ?? null) === command.expected
        : previous === command.expectedRevision;
    return holds ? { kind: "done", revision: put(command.value), previous } : "conflict";
  }
}

describe("the key-value machine", () => {
  it("does what a plain map does", () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const model = new Model();
        let state = machine.initial;
        for (const it of commands) {
          const next = machine.apply(state, JSON.stringify(it), 1);
          const expected = model.apply(it);
          if (expected === "conflict") expect(next.response.kind).toBe("conflict");
          else expect(next.response).toEqual(expected);
          kinds.add(`${it.op} ${next.response.kind}`);
          state = next.state;
          expect(getKey(state, it.key)).toEqual(model.items.get(it.key));
        }
        expect(new Map(state.items.entries())).toEqual(model.items);
      }),
      { seed, numRuns: 200 },
    );
    // Without these the comparison would have shown little.
    expect([...kinds].sort()).toEqual([
      "compare-and-set conflict",
      "compare-and-set done",
      "delete done",
      "get value",
      "increment conflict",
      "increment incremented",
      "put done",
    ]);
  });

  it("is deterministic, also from a snapshot on, and leaves old states alone", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 25 }), (commands) => {
        const texts = commands.map((it) => JSON.stringify(it));
        expect(checkDeterminism(machine, texts)).toBeNull();
      }),
      { seed, numRuns: 40 },
    );
  });

  it("has the snapshot that JSON has, in parts of bounded size", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), fc.nat(5000), (commands, length) => {
        const texts = commands.map((it) => JSON.stringify("value" in it ? padded(it, length) : it));
        const { state } = texts.reduce((at, text) => machine.apply(at.state, text, 1), {
          state: machine.initial,
        });
        const rows = [...state.items.entries()].map(([key, item]) => [
          key,
          item.value,
          item.revision,
        ]);
        const whole = JSON.stringify({ revision: state.revision, items: rows });
        const parts = [...snapshotParts(machine, state)];
        expect(parts.join("")).toBe(whole);
        expect(machine.snapshot(state)).toBe(whole);
        for (const part of parts) expect(part.length).toBeLessThan(4096 + 3 * 5000);
        if (whole.length > 40_000) expect(parts.length).toBeGreaterThan(2);
      }),
      { seed, numRuns: 100 },
    );
  });

  it("keeps old states where many keys share their nodes", () => {
    const texts = Array.from({ length: 500 }, (_, i) =>
      JSON.stringify({ op: i % 5 === 4 ? "delete" : "put", key: `k${(i * 37) % 150}`, value: "v" }),
    ).map((text) => (text.includes("delete") ? text.replace(',"value":"v"', "") : text));
    expect(checkDeterminism(machine, texts, { cuts: [0, 100, 499] })).toBeNull();
  });

  it("lists what a filter and a sort would", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1 })),
        fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 2 }),
        fc.option(fc.string({ unit: fc.constantFrom("a", "b", "c") }), { nil: undefined }),
        fc.nat(5),
        (keys, prefix, after, limit) => {
          let state = machine.initial;
          for (const key of keys) {
            state = machine.apply(state, JSON.stringify({ op: "put", key, value: key }), 1).state;
          }
          const expected = keys
            .filter((key) => key.startsWith(prefix) && (after === undefined || key > after))
            .sort()
            .slice(0, limit);
          const listed = listKeys(state, { prefix, after, limit });
          expect(listed.map(([key]) => key)).toEqual(expected);
          expect(listed.every(([key, item]) => item.value === key)).toBe(true);
        },
      ),
      { seed, numRuns: 300 },
    );
  });

  it.each([
    ["", "not JSON"],
    ["[]", "expected an object"],
    ['{"op":"pop","key":"a"}', "op: expected one of"],
    ['{"op":"toString","key":"a"}', "op: expected one of"],
    ['{"op":"put","key":"","value":""}', "key: 0 bytes, expected 1 to 1024"],
    [JSON.stringify({ op: "get", key: "é".repeat(513) }), "key: 1026 bytes"],
    ['{"op":"get","key":"\\ud800"}', "key: holds half of a surrogate pair"],
    ['{"op":"put","key":"a","value":1}', "value: expected a text, got 1"],
    [JSON.stringify({ op: "put", key: "a", value: "x".repeat(262_145) }), "value: 262145 bytes"],
    ['{"op":"get","key":"a","value":"b"}', '"value": no field of get'],
    ['{"op":"put","key":"a","value":"b","expected":null}', '"expected": no field of put'],
    ['{"op":"compare-and-set","key":"a","value":"b"}', "expected one of"],
    ['{"op":"compare-and-set","key":"a","value":"b","expectedRevision":-1}', "from 0, got -1"],
    ['{"op":"increment","key":"a","by":0.5}', "by: expected a whole number, got 0.5"],
  ])("answers %.60s as malformed", (text, detail) => {
    const { state, response } = machine.apply(machine.initial, text, 1);
    expect(state).toBe(machine.initial);
    expect(response).toEqual({ kind: "malformed", detail: expect.stringContaining(detail) });
  });

  it("takes the longest key and value", () => {
    const text = JSON.stringify({ op: "put", key: "é".repeat(512), value: "x".repeat(262_144) });
    expect(machine.apply(machine.initial, text, 1).response.kind).toBe("done");
  });

  it.each([
    ["x", "snapshot of keys: "],
    ["null", "revision: expected"],
    ['{"revision":-1,"items":[]}', "revision: expected"],
    ['{"revision":1,"items":{}}', "items: expected a list"],
    ['{"revision":1,"items":[["a","b"]]}', "items[0]: expected key, value and revision"],
    ['{"revision":1,"items":[["a",1,1]]}', "items[0]: value: expected a text"],
    ['{"revision":1,"items":[["a","b",2]]}', "items[0][2]: expected a whole number from 1 to 1"],
    ['{"revision":2,"items":[["b","",1],["a","",2]]}', "items[1][0]: not behind"],
    ['{"revision":2,"items":[["a","",1],["b","",1]]}', "items[1][2]: revision 1 came before"],
    ['{"revision":0, "items":[]}', "not the canonical text"],
  ])("refuses the snapshot %s", (text, fault) => {
    expect(() => machine.restore(text)).toThrow(SnapshotError);
    expect(() => machine.restore(text)).toThrow(fault);
  });
});
