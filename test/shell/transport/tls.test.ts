/** Who may speak: each server by its own certificate, and nobody else. */
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { FRAME, frame } from "../../../shell/transport/frames.ts";
import { identityFault } from "../../../shell/transport/identity.ts";
import { identityUri, parseAddress, type TlsOptions } from "../../../shell/transport/index.ts";
import { type Authority, makeAuthority } from "./certificates.ts";
import {
  CLUSTER,
  closeAll,
  closed,
  connected,
  heartbeat,
  hello,
  type Node,
  open,
  plain,
  raw,
  termsOf,
  until,
} from "./network.ts";

let ours: Authority;
let theirs: Authority;
const certificates = new Map<string, TlsOptions>();

beforeAll(async () => {
  ours = await makeAuthority("ours");
  theirs = await makeAuthority("theirs");
  for (const id of ["n1", "n2", "n3"]) {
    certificates.set(id, await ours.issue({ names: [identityUri(CLUSTER, id)] }));
  }
});

afterEach(closeAll);

function secured(id: string, tls = certificates.get(id)) {
  return { id, cluster: CLUSTER, listen: { host: "127.0.0.1", port: 0 }, tls: tls ?? null };
}

/** Connects by TLS as whoever holds `tls`, or nobody, and says that it is `from`. */
async function impostor(node: Node, tls: Partial<TlsOptions>, from = "n1"): Promise<Buffer> {
  const socket: TLSSocket = connectTls({
    host: "127.0.0.1",
    port: node.port,
    rejectUnauthorized: false,
    ...tls,
  });
  const pieces: Buffer[] = [];
  socket.on("data", (piece) => pieces.push(piece));
  socket.on("error", () => {});
  socket.on("secureConnect", () => socket.write(hello(from, node.id)));
  await closed(socket);
  return Buffer.concat(pieces);
}

describe("mutual TLS", () => {
  it("lets servers with their own certificates talk", async () => {
    const [a, b] = [await open(secured("n1")), await open(secured("n2"))];
    await connected(a, b);
    a.transport.send(heartbeat("n1", "n2", 3));
    await until(() => b.received.length === 1);
    expect(termsOf(b)).toEqual([3]);
  });

  it("refuses who says to be another server than its certificate does", async () => {
    const b = await open(secured("n2"));
    const answer = await impostor(b, certificates.get("n3") ?? {});
    expect(answer[4]).toBe(FRAME.refusal);
    expect(answer.toString()).toContain("quorate://test/n1 is expected");
    expect(b.counters()["handshake_failures_identity"]).toBe(1);
    expect(b.counters()["accepts"]).toBeUndefined();
  });

  it("welcomes that server under its own name: so the refusal was for the name", async () => {
    const b = await open(secured("n2"));
    const answer = impostor(b, certificates.get("n3") ?? {}, "n3");
    await until(() => b.counters()["accepts"] === 1);
    await b.close();
    expect((await answer)[4]).toBe(FRAME.welcome);
  });

  it.each<[string, () => Promise<Partial<TlsOptions>>]>([
    ["no certificate", async () => ({})],
    ["another authority's", () => theirs.issue({ names: [identityUri(CLUSTER, "n1")] })],
    ["an expired one", () => ours.issue({ names: [identityUri(CLUSTER, "n1")], expired: true })],
  ])("refuses a certificate before it hears anything: %s", async (_name, make) => {
    const b = await open(secured("n2"));
    const answer = await impostor(b, await make());
    expect(answer).toHaveLength(0);
    await until(() => b.counters()["handshake_failures_tls"] === 1);
    expect(b.counters()["accepts"]).toBeUndefined();
  });

  it.each([
    ["of another cluster", [identityUri("other", "n1")]],
    ["with two names of servers", [identityUri(CLUSTER, "n1"), identityUri(CLUSTER, "n3")]],
    ["with a host's name only", [{ type: "dns", value: "n1" } as const]],
    ["with a name that hides another", ["http://x/, URI:quorate://test/n1, y"]],
    ["with a name that begins alike", [`${identityUri(CLUSTER, "n1")}0`]],
  ])("refuses a certificate %s", async (_name, names) => {
    const b = await open(secured("n2"));
    const answer = await impostor(b, await ours.issue({ names }));
    expect(answer[4]).toBe(FRAME.refusal);
    expect(b.counters()["handshake_failures_identity"]).toBe(1);
  });

  it("a dialler leaves who is not the server that it meant", async () => {
    const [a, c] = [await open(secured("n1")), await open(secured("n3"))];
    a.transport.setPeers(new Map([["n2", `127.0.0.1:${c.port}`]]));
    await until(() => (a.counters()["handshake_failures_connect"] ?? 0) >= 2);
    expect(a.counters()["connects"]).toBeUndefined();
    expect(c.counters()["accepts"]).toBeUndefined();
  });

  it("refuses who speaks plainly, and a secured dialler gets nothing from a plain port", async () => {
    const [b, c] = [await open(secured("n2")), await open(plain("n3"))];
    const { socket, answer } = await raw(b);
    socket.write(hello("n1", "n2"));
    await closed(socket);
    expect(answer().includes(frame(FRAME.welcome))).toBe(false);
    expect(b.counters()["handshake_failures_tls"]).toBe(1);
    b.transport.setPeers(new Map([["n3", `127.0.0.1:${c.port}`]]));
    await until(() => (b.counters()["handshake_failures_connect"] ?? 0) >= 1);
    expect(c.counters()["accepts"]).toBeUndefined();
  });
});

describe("who has not come through TLS yet", () => {
  it("is left in time", async () => {
    const limits = { handshakeMs: 150 };
    const node = await open({ ...secured("n2"), limits });
    const { socket } = await raw(node);
    await closed(socket);
    expect(node.counters()["handshake_failures_tls"]).toBe(1);
  });

  it("holds up no shutdown", async () => {
    const node = await open({ ...secured("n2"), limits: { handshakeMs: 600_000 } });
    const { socket } = await raw(node);
    await until(() => node.counters()["inbound"] === 1);
    await node.close();
    await closed(socket);
    expect(node.counters()["inbound"]).toBe(0);
  });
});

describe("names", () => {
  it.each([
    ["test", "n1", "quorate://test/n1"],
    ["a/b", "n 1, URI:x", "quorate://a%2Fb/n%201%2C%20URI%3Ax"],
  ])("of server %s/%s", (cluster, id, uri) => {
    expect(identityUri(cluster, id)).toBe(uri);
    expect(identityFault(`DNS:host, URI:${uri}`, cluster, id)).toBeNull();
    expect(identityFault(`URI:${uri}`, cluster, "n2")).toContain("is expected");
    expect(identityFault(`URI:${uri}`, "c2", id)).toContain("is expected");
    expect(identityFault(`URI:"x, URI:${uri}, y"`, cluster, id)).toContain("unusual");
    expect(identityFault(undefined, cluster, id)).toContain("no alternative names");
  });

  it.each([
    ["127.0.0.1:80", { host: "127.0.0.1", port: 80 }],
    ["a.example:65535", { host: "a.example", port: 65_535 }],
    ["[::1]:1", { host: "::1", port: 1 }],
    ["::1:1", null],
    ["host", null],
    ["host:0", null],
    ["host:65536", null],
    [":1", null],
  ])("of an address %s", (text, address) => {
    expect(parseAddress(text)).toEqual(address);
  });
});

describe("options that make no sense are refused by name", () => {
  const pem = (id: string) => certificates.get(id) as TlsOptions;
  it.each<[string, () => Record<string, unknown>, string]>([
    ["plain TCP unasked", () => ({ tls: null }), "tls: plain TCP must be asked for"],
    [
      "plain TCP on every address",
      () => ({ tls: null, insecure: "loopback", listen: { host: "0.0.0.0", port: 0 } }),
      "listen.host: 0.0.0.0 is not a loopback address",
    ],
    ["another's certificate", () => ({ tls: pem("n2") }), "tls.cert: URI:quorate://test/n2"],
    ["another's key", () => ({ tls: { ...pem("n1"), key: pem("n2").key } }), "tls.key: it is not"],
    ["no key", () => ({ tls: { ...pem("n1"), key: "" } }), "tls.key: "],
    ["no authority", () => ({ tls: { ...pem("n1"), ca: "none" } }), "tls.ca: "],
    ["no certificate", () => ({ tls: { ...pem("n1"), cert: "none" } }), "tls.cert: "],
    ["a limit of nothing", () => ({ limits: { maxFrameBytes: 0 } }), "limits.maxFrameBytes: 0"],
    ["a port beyond ports", () => ({ listen: { host: "::1", port: 7e4 } }), "listen.port: 70000"],
  ])("%s", async (_name, change, fault) => {
    await expect(open({ ...secured("n1"), ...change() })).rejects.toThrow(fault);
  });
});
