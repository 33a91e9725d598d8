/** The cluster machine: sessions, bare commands and the address book. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  openSession,
  SnapshotError,
  type StateMachine,
  sessionCommand,
} from "../../../kernel/index.ts";
import { addressCommand, bareCommand, clusterMachine } from "../../../shell/machines/cluster.ts";
import { getKey, keyValueMachine } from "../../../shell/machines/key-value.ts";
import { checkDeterminism } from "../../../spec/index.ts";

const seed = 20_261_125;
const machine = clusterMachine(keyValueMachine(), { maxSessions: 3 });
const put = (value: string): string => JSON.stringify({ op: "put", key: "a", value });
const n1 = { peer: "10.0.0.1:7001", client: "http://10.0.0.1:8001" };
const n2 = { peer: "[::1]:7002", client: "https://two.example:8002" };

function run(commands: readonly string[]) {
  let state = machine.initial;
  const responses = commands.map((command, i) => {
    const next = machine.apply(state, command, i + 1);
    state = next.state;
    return next.response;
  });
  return { state, responses };
}

describe("the cluster machine", () => {
  it("applies a command of a session once, and a bare one every time", () => {
    const commands = [
      openSession,
      sessionCommand(1, 1, put("x")),
      sessionCommand(1, 1, put("x")),
      bareCommand(put("y")),
      bareCommand(put("y")),
    ];
    const { state, responses } = run(commands);
    expect(responses[2]).toEqual(responses[1]);
    expect(getKey(state.sessions.machine, "a")).toEqual({ value: "y", revision: 3 });
  });

  it("tells the machine inside a command's place in the log", () => {
    const told: StateMachine<number, number> = {
      initial: 0,
      apply: (_state, _command, index) => ({ state: index, response: index }),
      snapshot: String,
      restore: Number,
    };
    const outer = clusterMachine(told, { maxSessions: 3 });
    const { state } = outer.apply(outer.initial, openSession, 2);
    const commands = [sessionCommand(1, 1, "x"), bareCommand("x")];
    expect(commands.map((it, i) => outer.apply(state, it, 5 + i).response)).toEqual([
      { kind: "answered", response: 5 },
      { kind: "answered", response: 6 },
    ]);
  });

  it("keeps the addresses in order, whatever the order they came in", () => {
    const enter = [addressCommand("n2", n2), addressCommand("n1", n1)];
    const { state } = run(enter);
    expect([...state.addresses]).toEqual([
      ["n1", n1],
      ["n2", n2],
    ]);
    const other = run(enter.toReversed()).state;
    expect(machine.snapshot(other)).toBe(machine.snapshot(state));
    const { state: left } = machine.apply(state, addressCommand("n1", null), 3);
    expect([...left.addresses.keys()]).toEqual(["n2"]);
  });

  it.each([
    ["hello", "expected open-session"],
    ["address {", "address: not JSON"],
    ['address {"id":"","peer":"a:1","client":"http://a:1"}', "address: id: expected"],
    ['address {"id":"n1","peer":"a"}', "address: peer: expected host:port"],
    ['address {"id":"n1","peer":"a:70000","client":"http://a:1"}', "address: peer: expected"],
    ['address {"id":"n1","peer":"a:1","client":"a:1"}', "address: client: expected http"],
    ['address {"id":"n1","x":1}', 'address: "x": no field of an address'],
  ])("refuses %s", (text, detail) => {
    const { state, response } = machine.apply(machine.initial, text, 1);
    expect(state).toBe(machine.initial);
    expect(response).toMatchObject({ kind: "refused", reason: "malformed" });
    expect(response).toMatchObject({ detail: expect.stringContaining(detail) });
  });

  it("holds at most 1,000 addresses", () => {
    const commands = Array.from({ length: 1001 }, (_, i) => addressCommand(`n${i}`, n1));
    const { state, responses } = run(commands);
    expect(state.addresses.size).toBe(1000);
    expect(responses[1000]).toMatchObject({ detail: "address: the address book is full" });
    expect(machine.apply(state, addressCommand("n5", n2), 9).response.kind).toBe("addressed");
  });

  it("is deterministic, also from a snapshot on", () => {
    const command = fc.oneof(
      fc.constant(openSession),
      fc
        .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }), fc.string())
        .map(([client, sequence, value]) => sessionCommand(client, sequence, put(value))),
      fc.string().map((value) => bareCommand(put(value))),
      fc.constantFrom(
        addressCommand("n1", n1),
        addressCommand("n2", n2),
        addressCommand("n1", null),
        "address x",
      ),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 25 }), (commands) => {
        expect(checkDeterminism(machine, commands)).toBeNull();
      }),
      { seed, numRuns: 40 },
    );
  });

  it.each([
    ["x", "expected the address book in a line"],
    ["x\n", "addresses: "],
    ["{}\n", "addresses: expected a list"],
    ['[["n1"]]\n', "addresses[0]: expected three texts"],
    ['[["n1","a",null]]\n', "addresses[0]: peer"],
    ['[["n2","a:1","http://a:1"],["n1","a:1","http://a:1"]]\n', "addresses[1][0]: not behind"],
    ["[ ]\n", "addresses: not the canonical text"],
    ["[]\nx", "snapshot of sessions"],
  ])("refuses the snapshot %j", (text, fault) => {
    expect(() => machine.restore(text)).toThrow(SnapshotError);
    expect(() => machine.restore(text)).toThrow(fault);
  });
});
