/** Who leads and goes lets the right one take over, and waits for it only so long. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as TestClock from "effect/testing/TestClock";
import { expect, it } from "vitest";
import { handOver } from "../../../shell/driver/hand-over.ts";
import type { PeerStatus, Status } from "../../../shell/driver/server.ts";
import { OutcomeUnknown } from "../../../shell/driver/server.ts";
import { stub } from "../api/host.ts";

const peer = (id: string, matchIndex: number): PeerStatus => {
  return { id, matchIndex, mode: "replicate" };
};
const away: PeerStatus = { id: "n3", matchIndex: 7, mode: "probe" };
const base = Effect.runSync(stub({}).status);
const led: Status = {
  ...base,
  role: "leader",
  configuration: { voters: ["n1", "n2", "n3"], outgoingVoters: [], learners: ["n4"] },
  peers: [peer("n2", 5), peer("n3", 7), peer("n4", 9)],
};

/** A server of this status, and to whom it was asked to hand over. */
function serverOf(status: Status, transfer: Effect.Effect<void, OutcomeUnknown> = Effect.void) {
  const asked: string[] = [];
  const server = stub({
    status: Effect.succeed(status),
    transfer: (to) => {
      asked.push(to);
      return transfer;
    },
  });
  return { server, asked };
}

it.each<[string, Status, readonly string[]]>([
  ["a leader: the voter that lacks least", led, ["n3"]],
  ["a leader that is no member any more", { ...led, peers: [peer("n1", 9), ...led.peers] }, ["n3"]],
  ["a leader that n3 is cut off from: n2", { ...led, peers: [peer("n2", 5), away] }, ["n2"]],
  ["a leader that all are cut off from: one of them", { ...led, peers: [away] }, ["n3"]],
  ["one that follows: nobody", { ...led, role: "follower" }, []],
  ["a leader of learners only: nobody", { ...led, peers: [peer("n4", 9)] }, []],
])("of %s", async (_, status, expected) => {
  const { server, asked } = serverOf(status);
  await Effect.runPromise(handOver(server));
  expect(asked).toEqual(expected);
});

it("that fails is none", async () => {
  const { server, asked } = serverOf(led, Effect.fail(new OutcomeUnknown({ message: "?" })));
  await Effect.runPromise(handOver(server));
  expect(asked).toEqual(["n3"]);
});

it("is not waited for longer than two seconds", async () => {
  const { server } = serverOf(led, Effect.never);
  const program = Effect.gen(function* () {
    const leaving = yield* Effect.forkChild(handOver(server));
    yield* TestClock.adjust("1999 millis");
    const before = leaving.pollUnsafe();
    yield* TestClock.adjust("1 millis");
    yield* Fiber.join(leaving);
    return before;
  });
  expect(await Effect.runPromise(Effect.provide(program, TestClock.layer()))).toBeUndefined();
});
