/** Messages and snapshots between servers of one process. */
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Layer from "effect/Layer";
import * as Scope from "effect/Scope";
import { describe, expect, test } from "vitest";
import type { Message } from "../../../kernel/index.ts";
import { LocalNetwork, Transport, TransportError } from "../../../shell/index.ts";

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "nothing",
    (error: unknown) => error,
  );

describe("LocalNetwork", () => {
  const message: Message = {
    kind: "request-vote-request",
    from: "n1",
    to: "n2",
    term: 1,
    lastLogIndex: 0,
    lastLogTerm: 0,
  } as Message;

  /** A transport that knows n1 and n2, and what arrives at it. */
  async function join(network: LocalNetwork, id: string) {
    const arrived: unknown[] = [];
    const snapshots: Uint8Array[] = [];
    let refusal: TransportError | null = null;
    const scope = Scope.makeUnsafe();
    const context = await Effect.runPromise(Layer.buildWithScope(network.transport(id), scope));
    const transport = Context.get(context, Transport);
    transport.setPeers(new Map(["n1", "n2"].map((peer) => [peer, ""])));
    const receiver = {
      receive: (arrival: unknown): boolean => arrived.push(arrival) > 0,
      receiveSnapshot: (_: unknown, data: Uint8Array) =>
        Effect.suspend(() => {
          if (refusal !== null) return Effect.fail(refusal);
          return Effect.sync(() => void snapshots.push(data));
        }),
    };
    await Effect.runPromise(Scope.provide(transport.start(receiver), scope));
    return {
      transport,
      arrived,
      snapshots,
      refuseSnapshots: (why: string): void => {
        refusal = new TransportError({ message: why });
      },
      stop: () => Effect.runPromise(Scope.close(scope, Exit.void)),
    };
  }

  /** Two transports that know each other. */
  async function pair() {
    const network = new LocalNetwork();
    return { network, n1: await join(network, "n1"), n2: await join(network, "n2") };
  }
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test("brings messages in order, and not within the call", async () => {
    const { n1, n2 } = await pair();
    const second = { ...message };
    n1.transport.send(message);
    n1.transport.send(second);
    expect(n2.arrived).toEqual([]);
    await turn();
    expect(n2.arrived).toHaveLength(2);
    expect((n2.arrived[0] as { message: unknown }).message).toBe(message);
    expect((n2.arrived[1] as { message: unknown }).message).toBe(second);
  });

  test("loses what a server that is cut off sends, is sent, or was sent before", async () => {
    const { network, n1, n2 } = await pair();
    for (const id of ["n1", "n2"]) {
      n1.transport.send(message);
      network.isolate(id);
      n1.transport.send(message);
      await turn();
      network.reconnect(id);
    }
    await turn();
    expect(n2.arrived).toEqual([]);
    n1.transport.send(message);
    await turn();
    expect(n2.arrived).toHaveLength(1);
  });

  test("reaches only the peers that it was told of", async () => {
    const { n1, n2 } = await pair();
    n1.transport.setPeers(new Map());
    n1.transport.send(message);
    await turn();
    expect(n2.arrived).toEqual([]);
  });

  test("brings a snapshot to who is reached, and says whom it does not reach", async () => {
    const { network, n1, n2 } = await pair();
    const install = { ...message, kind: "install-snapshot-request" } as never;
    const bytes = new Uint8Array([1, 2]);
    const bring = (to: string) =>
      Effect.runPromise(n1.transport.sendSnapshot({ ...(install as Message), to } as never, bytes));
    await bring("n2");
    expect(n2.snapshots).toEqual([bytes]);
    const fault = (to: string) =>
      new TransportError({ message: `snapshot to ${to}: it is not reached` });
    expect(await failureOf(bring("n3"))).toEqual(fault("n3"));
    for (const id of ["n1", "n2"]) {
      network.isolate(id);
      expect(await failureOf(bring("n2"))).toEqual(fault("n2"));
      network.reconnect(id);
    }
    n2.refuseSnapshots("no room");
    expect(await failureOf(bring("n2"))).toEqual(new TransportError({ message: "no room" }));
    await n2.stop();
    expect(await failureOf(bring("n2"))).toEqual(fault("n2"));
  });

  test("loses what is on its way to a server that stops, and serves another of its name", async () => {
    const { network, n1, n2 } = await pair();
    n1.transport.send(message);
    await n2.stop();
    await turn();
    expect(n2.arrived).toEqual([]);
    n1.transport.send(message);
    const back = await join(network, "n2");
    await turn();
    expect(back.arrived).toEqual([{ kind: "message", message }]);
    expect(await failureOf(join(network, "n2"))).toEqual(
      new TransportError({ message: "another server is n2" }),
    );
  });

  test("tells that a server is gone, unless it is cut off", async () => {
    const { n1, n2 } = await pair();
    await n2.stop();
    expect(n1.arrived).toEqual([{ kind: "peer-unreachable", peer: "n2" }]);

    const cut = await pair();
    cut.network.isolate("n2");
    await cut.n2.stop();
    expect(cut.n1.arrived).toEqual([]);
  });
});
