/** Messages between transports on one machine. */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import {
  closeAll,
  connected,
  heartbeat,
  hello,
  open,
  plain,
  raw,
  termsOf,
  until,
} from "./network.ts";

afterEach(closeAll);

describe("messages over plain TCP", () => {
  it("arrive in order, at whom they are for", async () => {
    const [a, b, c] = [await open(plain("n1")), await open(plain("n2")), await open(plain("n3"))];
    await connected(a, b, c);
    for (let term = 1; term <= 500; term++) a.transport.send(heartbeat("n1", "n2", term));
    b.transport.send(heartbeat("n2", "n1", 7));
    await until(() => b.received.length === 500 && a.received.length === 1);
    expect(termsOf(b)).toEqual(Array.from({ length: 500 }, (_, at) => at + 1));
    expect(termsOf(a)).toEqual([7]);
    expect(c.received).toEqual([]);
    expect(a.counters()).toMatchObject({ messages_sent: 500, connects: 2, accepts: 2 });
    // All that was sent in one turn of the event loop left together.
    expect(a.counters()["writes"]).toBe(1);
    expect(b.counters()).toMatchObject({ messages_received: 500, outbound: 2, inbound: 2 });
  });

  it("are counted as dropped where nobody is known or reached", async () => {
    const a = await open(plain("n1"));
    a.transport.send(heartbeat("n1", "n2"));
    a.transport.setPeers(new Map([["n2", "127.0.0.1:1"]]));
    a.transport.send(heartbeat("n1", "n2"));
    expect(a.counters()).toMatchObject({ dropped_no_address: 1, dropped_not_connected: 1 });
    await until(() => (a.counters()["handshake_failures_connect"] ?? 0) >= 2);
  });

  it("a peer that ends is reported, and reached again when it is back", async () => {
    const a = await open(plain("n1"));
    let b = await open(plain("n2"));
    await connected(a, b);
    await b.close();
    await until(() => a.received.length === 1);
    expect(a.received).toEqual([{ kind: "peer-unreachable", peer: "n2" }]);
    b = await open(plain("n2", { listen: { host: "127.0.0.1", port: b.port } }));
    await until(() => a.counters()["outbound"] === 1);
    a.transport.send(heartbeat("n1", "n2", 3));
    await until(() => b.received.length === 1);
    expect(termsOf(b)).toEqual([3]);
  });

  it("a peer that is heard of is dialled at once, however long the wait was to be", async () => {
    let b = await open(plain("n2"));
    const { port } = b;
    await b.close();
    // The first attempt fails: the next would come in five minutes, long after this test is over.
    const limits = { backoffMs: 600_000, maxBackoffMs: 600_000 };
    const a = await open(plain("n1", { limits }));
    a.transport.setPeers(new Map([["n2", `127.0.0.1:${port}`]]));
    await until(() => a.counters()["handshake_failures_connect"] === 1);
    b = await open(plain("n2", { listen: { host: "127.0.0.1", port } }));
    b.transport.setPeers(new Map([["n1", `127.0.0.1:${a.port}`]]));
    await until(() => a.counters()["outbound"] === 1);
  });

  it("a peer that is heard of is dialled anew where an attempt hangs, no young one", async () => {
    const dialled: Socket[] = [];
    // Takes connections and answers nothing, as where all was lost on the way.
    const hole = createServer((socket) => void dialled.push(socket.resume()));
    await new Promise<void>((resolve) => hole.listen(0, "127.0.0.1", resolve));
    const handshakeMs = 10_000;
    // Were the next attempt to wait, it would come long after this test is over.
    const limits = { handshakeMs, backoffMs: 600_000, maxBackoffMs: 600_000 };
    const a = await open(plain("n1", { limits }));
    const heard = async (): Promise<void> => {
      const accepts = a.counters()["accepts"] ?? 0;
      const { socket } = await raw(a);
      socket.write(hello("n2", "n1"));
      await until(() => a.counters()["accepts"] === accepts + 1);
    };
    a.transport.setPeers(new Map([["n2", `127.0.0.1:${(hole.address() as AddressInfo).port}`]]));
    await heard();
    expect(a.counters()["redialled"]).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, handshakeMs / 10 + 10));
    await heard();
    expect(a.counters()["redialled"]).toBe(1);
    await until(() => dialled.length === 2 && dialled[0]?.closed === true);
    // That one is young: it is left to its time.
    await heard();
    expect(a.counters()["redialled"]).toBe(1);
    expect(a.counters()["handshake_failures_timeout"]).toBeUndefined();
    hole.close();
  });

  it("go on a new connection once the peer comes back that gave up the old one", async () => {
    const handshakeMs = 500;
    const [a, b] = [await open(plain("n1", { limits: { handshakeMs } })), await open(plain("n2"))];
    await connected(a, b);
    // Older than what the peer may connect upon.
    await new Promise((resolve) => setTimeout(resolve, handshakeMs + 10));
    const { socket } = await raw(a);
    socket.write(hello("n2", "n1"));
    await until(() => (a.counters()["renewed"] ?? 0) > 0);
    await until(() => {
      a.transport.send(heartbeat("n1", "n2", 7));
      return termsOf(b).includes(7);
    });
    // The peer's is young, so it stays: no end would there be otherwise.
    expect(b.counters()["renewed"]).toBeUndefined();
  });

  it("go to a peer's new address, and no longer to the old one", async () => {
    const [a, old] = [await open(plain("n1")), await open(plain("n2"))];
    await connected(a, old);
    const moved = await open(plain("n2"));
    a.transport.setPeers(new Map([["n2", `127.0.0.1:${moved.port}`]]));
    await until(() => a.counters()["outbound"] === 1 && old.counters()["inbound"] === 0);
    a.transport.send(heartbeat("n1", "n2", 4));
    await until(() => moved.received.length === 1);
    expect(termsOf(old)).toEqual([]);
    a.transport.setPeers(new Map());
    await until(() => moved.counters()["inbound"] === 0);
    a.transport.send(heartbeat("n1", "n2", 5));
    expect(a.counters()["dropped_no_address"]).toBe(1);
  });
});
