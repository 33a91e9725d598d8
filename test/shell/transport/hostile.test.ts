/** Whatever comes from outside: it is refused and counted, and the next in line is served. */
import { afterEach, describe, expect, it } from "vitest";
import type { Message } from "../../../kernel/index.ts";
import { encode } from "../../../shell/transport/codec.ts";
import { FRAME, frame, frameHead, PREAMBLE } from "../../../shell/transport/frames.ts";
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
  termsOf,
  until,
} from "./network.ts";

afterEach(closeAll);

const MESSAGE = frame(FRAME.message, encode(heartbeat("n1", "n2", 9)));

/** Sends bytes, and waits until the other side has had enough. */
async function saying(node: Node, bytes: Buffer): Promise<Buffer> {
  const { socket, answer } = await raw(node);
  socket.write(bytes);
  await closed(socket);
  return answer();
}

/** A good server still gets through. */
async function stillServes(node: Node): Promise<void> {
  const peer = await open(plain("n3"));
  await connected(peer, node);
  peer.transport.send(heartbeat("n3", node.id, 77));
  await until(() => termsOf(node).includes(77));
}

describe("a connection that does not begin well", () => {
  const version = Buffer.concat([PREAMBLE.subarray(0, -1), Buffer.from([2])]);
  it.each<[string, Buffer, string, string]>([
    ["garbage", Buffer.from("GET / HTTP/1.1\r\n\r\n"), "refused_preamble", "does not speak"],
    ["another version", version, "refused_version", "version 2, not 1"],
    [
      "another cluster",
      hello("n1", "n2", { cluster: "other" }),
      "handshake_failures_cluster",
      "this is cluster test, not other",
    ],
    ["for another", hello("n1", "n3"), "handshake_failures_receiver", "this is n2, not n3"],
    ["from itself", hello("n2", "n2"), "handshake_failures_identity", "n2 is this server itself"],
    ["no purpose", hello("n1", "n2", { purpose: "" }), "handshake_failures_malformed", "purpose"],
    [
      "a message first",
      Buffer.concat([PREAMBLE, MESSAGE]),
      "handshake_failures_malformed",
      "no hello",
    ],
    ["a hello too long", hello("n".repeat(5_000), "n2"), "refused_frame_size", "at most 4096"],
  ])("%s is refused, and told why", async (_name, bytes, counter, why) => {
    const node = await open(plain("n2"));
    const answer = await saying(node, Buffer.concat([bytes, MESSAGE]));
    expect(answer[4]).toBe(FRAME.refusal);
    expect(answer.toString()).toContain(why);
    expect(node.counters()[counter]).toBe(1);
    expect(node.counters()["accepts"]).toBeUndefined();
    await stillServes(node);
    expect(termsOf(node)).toEqual([77]);
  });

  it("a refused hello is not followed by a good one", async () => {
    const node = await open(plain("n2"));
    await saying(node, Buffer.concat([hello("n1", "n3"), hello("n1", "n2"), MESSAGE]));
    expect(node.counters()["accepts"]).toBeUndefined();
    expect(node.received).toEqual([]);
  });

  it("silence is ended in time, wherever in a hello it falls", async () => {
    const node = await open(plain("n2", { limits: { handshakeMs: 300 } }));
    const bytes = hello("n1", "n2");
    const cut = Array.from({ length: bytes.length }, (_, at) => bytes.subarray(0, at));
    await Promise.all(cut.slice(0, 60).map((it) => saying(node, it)));
    expect(node.counters()["handshake_failures_timeout"]).toBe(60);
    expect(node.received).toEqual([]);
    await stillServes(node);
  });

  it("no more connections are taken than there may be, and then again", async () => {
    const node = await open(plain("n2", { limits: { maxInboundConnections: 3 } }));
    const taken = [await raw(node), await raw(node), await raw(node)];
    const { socket } = await raw(node);
    await closed(socket);
    expect(node.counters()).toMatchObject({ refused_too_many_connections: 1, inbound: 3 });
    for (const it of taken) it.socket.destroy();
    await until(() => node.counters()["inbound"] === 0);
    await stillServes(node);
  });

  it("a server's new connection replaces its old one", async () => {
    const node = await open(plain("n2"));
    const first = await raw(node);
    first.socket.write(hello("n1", "n2"));
    await until(() => node.counters()["accepts"] === 1);
    const second = await raw(node);
    second.socket.write(Buffer.concat([hello("n1", "n2"), MESSAGE]));
    await closed(first.socket);
    await until(() => node.received.length === 1);
    expect(node.counters()["inbound"]).toBe(1);
  });
});

describe("a welcome connection", () => {
  it("takes frames cut at every byte, whole", async () => {
    const node = await open(plain("n2"));
    const { socket } = await raw(node);
    socket.setNoDelay(true);
    const bytes = Buffer.concat([hello("n1", "n2"), MESSAGE, MESSAGE]);
    for (const byte of bytes) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => node.received.length === 2);
    expect(termsOf(node)).toEqual([9, 9]);
  });

  it("that ends within a frame leaves nothing behind", async () => {
    const node = await open(plain("n2"));
    for (let at = 1; at < MESSAGE.length; at += 3) {
      const { socket } = await raw(node);
      socket.end(Buffer.concat([hello("n1", "n2"), MESSAGE.subarray(0, at)]));
      await closed(socket);
    }
    await until(() => node.counters()["inbound"] === 0);
    expect(node.received).toEqual([]);
  });

  it.each<[string, Buffer, string]>([
    ["longer than any may be", frameHead(FRAME.message, (1 << 24) + 1), "refused_frame_size"],
    ["of no type", Buffer.alloc(4), "refused_frame_size"],
    ["of another type", frame(99, encode(heartbeat("n1", "n2"))), "refused_malformed"],
    ["of no JSON", frame(FRAME.message, Buffer.from("{]")), "refused_malformed"],
    ["of no message", frame(FRAME.message, encode({ kind: "gossip" })), "refused_malformed"],
  ])("is closed at a frame %s", async (_name, bytes, counter) => {
    const node = await open(plain("n2"));
    await saying(node, Buffer.concat([hello("n1", "n2"), bytes, MESSAGE]));
    expect(node.counters()[counter]).toBe(1);
    expect(node.received).toEqual([]);
    await stillServes(node);
  });

  const gap = { index: 3, term: 1, payload: { kind: "no-op" } } as const;
  const append = { kind: "append-entries-request", from: "n1", to: "n2", term: 1 } as const;
  const before = { prevLogIndex: 0, prevLogTerm: 0, leaderCommit: 0 };
  it.each<[string, Message, string]>([
    ["from another server", heartbeat("n3", "n2"), "refused_wrong_sender"],
    ["for another server", heartbeat("n1", "n3"), "refused_wrong_receiver"],
    ["that no server sends", { ...append, ...before, entries: [gap] }, "refused_invalid_message"],
    ["of a term absurdly far", heartbeat("n1", "n2", 2e9), "refused_term_jump"],
    ["of a snapshot without its bytes", install("n1", "n2"), "refused_bare_snapshot"],
  ])("loses a message %s, and goes on", async (_name, message, counter) => {
    const node = await open(plain("n2"));
    const { socket } = await raw(node);
    const bytes = frame(FRAME.message, encode(message));
    socket.write(Buffer.concat([hello("n1", "n2"), bytes, MESSAGE]));
    await until(() => node.received.length > 0);
    expect(termsOf(node)).toEqual([9]);
    expect(node.counters()[counter]).toBe(1);
  });

  it("terms may go as far as others have led them", async () => {
    const node = await open(plain("n2", { limits: { maxTermJump: 10 } }));
    const { socket } = await raw(node);
    const terms = [10, 21, 20, 30, 41, 40];
    const frames = terms.map((it) => frame(FRAME.message, encode(heartbeat("n1", "n2", it))));
    socket.write(Buffer.concat([hello("n1", "n2"), ...frames]));
    await until(() => node.counters()["messages_received"] === 6);
    expect(termsOf(node)).toEqual([10, 20, 30, 40]);
    expect(node.counters()["refused_term_jump"]).toBe(2);
  });

  it("counts what the receiver has no room for", async () => {
    const node = await open(plain("n2"), { room: () => false });
    const { socket } = await raw(node);
    socket.write(Buffer.concat([hello("n1", "n2"), MESSAGE]));
    await until(() => node.counters()["dropped_no_room"] === 1);
  });
});
