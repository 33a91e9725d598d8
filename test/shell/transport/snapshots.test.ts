/** Snapshots: whole or not at all, through cuts, and never in the way of messages. */
import { createHash, randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import { afterEach, describe, expect, it } from "vitest";
import { TransportError } from "../../../shell/driver/services.ts";
import { encode } from "../../../shell/transport/codec.ts";
import { FRAME, frame } from "../../../shell/transport/frames.ts";
import {
  closeAll,
  closed,
  connected,
  heartbeat,
  hello,
  install,
  type Node,
  open,
  plain,
  raw,
  until,
} from "./network.ts";

const servers: Server[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
  await closeAll();
});

const send = (from: Node, data: Uint8Array): Promise<void> =>
  Effect.runPromise(from.transport.sendSnapshot(install("n1", "n2"), data));

function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/**
 * A way to a port that is cut, on each connection in turn, after so many bytes; gives its own port
 * and how many bytes went through all in all.
 */
async function cutting(to: number, afters: readonly number[]) {
  const way = { port: 0, connections: 0, bytes: 0 };
  const server = createServer((near) => {
    const after = afters[way.connections++] ?? Number.POSITIVE_INFINITY;
    const far = connect({ host: "127.0.0.1", port: to });
    sockets.push(near, far);
    let passed = 0;
    near.on("data", (piece: Buffer) => {
      const rest = piece.subarray(0, Math.max(0, after - passed));
      passed += piece.length;
      way.bytes += rest.length;
      far.write(rest);
      if (passed >= after) {
        far.end();
        near.destroy();
      }
    });
    far.on("data", (piece) => near.write(piece));
    far.on("error", () => {}).on("close", () => near.destroy());
    near.on("error", () => {}).on("close", () => far.end());
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  way.port = (server.address() as AddressInfo).port;
  return way;
}

/** A way to a port on which the second connection is stuck after so many bytes until `release`. */
async function holding(to: number, after: number) {
  let connections = 0;
  let held: Socket | null = null;
  const server = createServer((near) => {
    const far = connect({ host: "127.0.0.1", port: to });
    sockets.push(near, far);
    const isSecond = ++connections === 2;
    let passed = 0;
    near.on("data", (piece: Buffer) => {
      far.write(piece);
      passed += piece.length;
      if (!isSecond || passed < after || held !== null) return;
      held = near.pause();
    });
    far.on("data", (piece) => near.write(piece));
    far.on("error", () => {}).on("close", () => near.destroy());
    near.on("error", () => {}).on("close", () => far.end());
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { port, isHolding: () => held !== null, release: () => held?.resume() };
}

describe("a snapshot", () => {
  it.each([0, 1, 65_536, 65_537, 3_000_000])("of %i bytes arrives as it was", async (size) => {
    const [a, b] = [await open(plain("n1")), await open(plain("n2"))];
    await connected(a, b);
    const data = randomBytes(size);
    await send(a, data);
    expect(b.snapshots).toHaveLength(1);
    expect(b.snapshots[0]?.message).toEqual(install("n1", "n2"));
    expect(sha256(b.snapshots[0]?.data ?? new Uint8Array())).toBe(sha256(data));
    expect(a.counters()["snapshots_sent"]).toBe(1);
    expect(b.counters()["snapshots_received"]).toBe(1);
  });

  it("goes on where it was cut off, however often", async () => {
    const [a, b] = [await open(plain("n1")), await open(plain("n2"))];
    const size = 4_000_000;
    const way = await cutting(b.port, [1_000_000, 1_000_000, 300_000, 1_000_000]);
    // The messages' connection would take one of the cuts.
    a.transport.setPeers(new Map([["n2", `127.0.0.1:${way.port}`]]));
    await until(() => a.counters()["outbound"] === 1);
    const data = randomBytes(size);
    await send(a, data);
    expect(sha256(b.snapshots[0]?.data ?? new Uint8Array())).toBe(sha256(data));
    expect(way.connections).toBe(5);
    expect(b.counters()["snapshots_resumed"]).toBe(3);
    // Not sent anew each time: hellos and frames' heads take some, and chunks that were cut.
    expect(way.bytes).toBeLessThan(size + 5 * 80_000);
  });

  it("fails where no attempt gets any further", async () => {
    const [a, b] = [await open(plain("n1")), await open(plain("n2"))];
    const way = await cutting(b.port, Array(20).fill(20));
    a.transport.setPeers(new Map([["n2", `127.0.0.1:${way.port}`]]));
    await expect(send(a, randomBytes(1_000))).rejects.toThrow("snapshot to n2");
    expect(a.counters()["snapshots_failed"]).toBe(1);
    expect(b.snapshots).toEqual([]);
  });

  it("fails at once where no address is known, or the receiver refuses, saying why", async () => {
    const a = await open(plain("n1"));
    await expect(send(a, randomBytes(9))).rejects.toThrow("n2: no address is known");
    const store = () => Effect.fail(new TransportError({ message: "the disk is full" }));
    const b = await open(plain("n2", { limits: { maxSnapshotBytes: 10 } }), { store });
    await connected(a, b);
    await expect(send(a, randomBytes(9))).rejects.toThrow("the disk is full");
    await expect(send(a, randomBytes(11))).rejects.toThrow("11 bytes, at most 10");
    expect(b.counters()).toMatchObject({ refused_snapshot: 1, refused_snapshot_size: 1 });
    expect(b.snapshots).toHaveLength(1);
  });

  it("is sent only when it is stored there", async () => {
    const stored = Effect.runSync(Deferred.make<void>());
    const [a, b] = [
      await open(plain("n1")),
      await open(plain("n2"), { store: () => Deferred.await(stored) }),
    ];
    await connected(a, b);
    let isSent = false;
    const sending = send(a, randomBytes(1_000)).then(() => {
      isSent = true;
    });
    await until(() => b.snapshots.length === 1);
    a.transport.send(heartbeat("n1", "n2"));
    await until(() => b.received.length === 1);
    expect(isSent).toBe(false);
    Effect.runSync(Deferred.succeed(stored, undefined));
    await sending;
  });

  it("that is stuck halfway holds up no message", async () => {
    const [a, b] = [await open(plain("n1")), await open(plain("n2"))];
    const way = await holding(b.port, 1_000_000);
    a.transport.setPeers(new Map([["n2", `127.0.0.1:${way.port}`]]));
    await until(() => a.counters()["outbound"] === 1);
    const data = Buffer.alloc(16 << 20, 7);
    const sending = send(a, data);
    await until(() => way.isHolding());
    for (let term = 1; term <= 100; term++) {
      a.transport.send(heartbeat("n1", "n2", term));
      await until(() => b.received.length === term);
    }
    expect(b.snapshots).toEqual([]);
    way.release();
    await sending;
    expect(b.snapshots[0]?.data).toHaveLength(data.length);
  });
});

describe("a sender that does not keep to the protocol", () => {
  const data = randomBytes(1_000);
  const good = { message: install("n1", "n2"), bytes: data.length, sha256: sha256(data) };
  const header = (change: Record<string, unknown> = {}) =>
    frame(FRAME.snapshotHeader, encode({ ...good, ...change }));
  const chunk = (bytes: Uint8Array) => frame(FRAME.snapshotChunk, bytes);
  const corrupted = Buffer.from(data);
  corrupted[500] = (corrupted[500] ?? 0) ^ 1;

  async function saying(node: Node, ...frames: readonly Buffer[]): Promise<string> {
    const { socket, answer } = await raw(node);
    socket.write(Buffer.concat([hello("n1", "n2", { purpose: "snapshots" }), ...frames]));
    await closed(socket);
    return answer().toString();
  }

  it("is told when all is well: so the rest is refused for what it is", async () => {
    const node = await open(plain("n2"));
    await saying(node, header(), chunk(data.subarray(0, 400)), chunk(data.subarray(400)));
    expect(node.snapshots).toHaveLength(1);
  });

  it.each<[string, readonly Buffer[], string, string]>([
    ["corrupted", [header(), chunk(corrupted)], "refused_checksum", "checksum"],
    ["too long", [header(), chunk(Buffer.alloc(1_001))], "refused_malformed", "1001 bytes"],
    ["empty", [header(), chunk(Buffer.alloc(0))], "refused_malformed", "an empty chunk"],
    ["before a header", [chunk(data)], "refused_malformed", "no header"],
    ["of a hash that is none", [header({ sha256: "x" })], "refused_malformed", "sha256"],
    [
      "from another",
      [header({ message: install("n3", "n2") })],
      "refused_wrong_sender",
      "wrong_sender",
    ],
    [
      "of no position",
      [header({ message: install("n1", "n2", 0) })],
      "refused_invalid_message",
      "invalid_message",
    ],
  ])("%s", async (_name, frames, counter, why) => {
    const node = await open(plain("n2"));
    expect(await saying(node, ...frames)).toContain(why);
    expect(node.counters()[counter]).toBe(1);
    expect(node.snapshots).toEqual([]);
    // What was wrong is forgotten: it may come again, from its beginning.
    await saying(node, header(), chunk(data));
    expect(node.snapshots).toHaveLength(1);
  });

  it("is refused where there is no memory for what it promises", async () => {
    const node = await open(plain("n2", { limits: { maxSnapshotBytes: 2 ** 52 } }));
    const answer = await saying(node, header({ bytes: 2 ** 52 }));
    expect(answer).toContain("no memory");
    expect(node.counters()["refused_snapshot_size"]).toBe(1);
  });

  it("that does not go on in time has to begin anew", async () => {
    const node = await open(plain("n2", { limits: { stallMs: 50 } }));
    const begin = async (): Promise<string> => {
      const { socket, answer } = await raw(node);
      socket.write(Buffer.concat([hello("n1", "n2", { purpose: "snapshots" }), header()]));
      await until(() => answer().includes("offset"));
      socket.write(chunk(data.subarray(0, 10)));
      await closed(socket);
      return answer().toString();
    };
    expect(await begin()).toContain('{"offset":0}');
    await until(() => node.counters()["snapshots_forgotten"] === 1);
    expect(await begin()).toContain('{"offset":0}');
  });

  it("that stands still is left", async () => {
    const node = await open(plain("n2", { limits: { stallMs: 100 } }));
    await saying(node, header(), chunk(data.subarray(0, 10)));
    expect(node.counters()["stalled"]).toBe(1);
  });
});
