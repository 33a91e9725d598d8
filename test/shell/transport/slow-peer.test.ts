/** A peer that takes nothing: what waits for it is bounded, and in the end it is left. */

import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Message } from "../../../kernel/index.ts";
import { FRAME, frame } from "../../../shell/transport/frames.ts";
import { closeAll, open, plain, until } from "./network.ts";

const sockets: Socket[] = [];

/** A server that welcomes who dials and then reads no more; gives its port. */
async function sleeper(): Promise<{ readonly port: number; readonly close: () => void }> {
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.pause();
      socket.write(frame(FRAME.welcome));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await closeAll();
});

const KIB_64 = 65_536;
/** A message of about 64 KiB. */
const LARGE: Message = {
  kind: "read-index-request",
  from: "n1",
  to: "n2",
  term: 1,
  read: "x".repeat(KIB_64),
};

describe("a peer that reads nothing", () => {
  it("is sent no more than its queue holds; the rest is dropped and counted", async () => {
    const { port, close } = await sleeper();
    const limits = { maxQueuedBytes: 1 << 20, stallMs: 60_000 };
    const node = await open(plain("n1", { limits }));
    node.transport.setPeers(new Map([["n2", `127.0.0.1:${port}`]]));
    await until(() => node.counters()["outbound"] === 1);
    const before = process.memoryUsage().arrayBuffers;
    const sent = 4_000;
    for (let i = 0; i < sent; i++) {
      node.transport.send(LARGE);
      if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const { dropped_queue_full: dropped, bytes_sent: bytes } = node.counters();
    expect(dropped).toBeGreaterThan(sent / 2);
    // 250 MiB were asked for: what left is what the system's own buffers hold, and the queue.
    expect(bytes).toBeLessThan(64 << 20);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
    close();
  });

  it("is left after a while, reported, and dialled again", async () => {
    const { port, close } = await sleeper();
    const limits = { maxQueuedBytes: 1 << 25, stallMs: 300 };
    const node = await open(plain("n1", { limits }));
    node.transport.setPeers(new Map([["n2", `127.0.0.1:${port}`]]));
    await until(() => node.counters()["outbound"] === 1);
    for (let i = 0; i < 400; i++) node.transport.send(LARGE);
    await until(() => node.received.length === 1);
    expect(node.received).toEqual([{ kind: "peer-unreachable", peer: "n2" }]);
    expect(node.counters()["stalled"]).toBe(1);
    await until(() => node.counters()["connects"] === 2);
    close();
  });

  it("a message longer than a frame may be is dropped at the sender", async () => {
    const { port, close } = await sleeper();
    const node = await open(plain("n1", { limits: { maxFrameBytes: 1_000 } }));
    node.transport.setPeers(new Map([["n2", `127.0.0.1:${port}`]]));
    await until(() => node.counters()["outbound"] === 1);
    node.transport.send(LARGE);
    expect(node.counters()["dropped_too_large"]).toBe(1);
    close();
  });
});
