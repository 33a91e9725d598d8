/** Certificates replaced while servers run: for connections to come, or not at all. */
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type TLSSocket } from "node:tls";
import * as Effect from "effect/Effect";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { identityUri, type TlsOptions } from "../../../shell/transport/index.ts";
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
  until,
} from "./network.ts";

let old: Authority;
let fresh: Authority;
beforeAll(async () => {
  old = await makeAuthority("old");
  fresh = await makeAuthority("fresh");
});
afterEach(closeAll);

const of = (authority: Authority, id: string): Promise<TlsOptions> =>
  authority.issue({ names: [identityUri(CLUSTER, id)] });

function secured(id: string, tls: TlsOptions) {
  return { id, cluster: CLUSTER, listen: { host: "127.0.0.1", port: 0 }, tls };
}

function replace({ certificates }: Node, tls: TlsOptions): void {
  Effect.runSync(certificates.ready(tls))();
}

const fingerprint = ({ cert }: TlsOptions): string => new X509Certificate(cert).fingerprint256;

/** The certificate that a node shows to whoever holds `tls`. */
async function shown(node: Node, tls: TlsOptions): Promise<string> {
  const socket = connect({ port: node.port, ...tls, rejectUnauthorized: false });
  socket.on("error", () => {});
  await once(socket, "secureConnect");
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

describe("certificates of a transport that runs", () => {
  it("pass from one authority to another, and no connection is lost", async () => {
    const [a1, a2] = [await of(old, "n1"), await of(old, "n2")];
    const [b1, b2] = [await of(fresh, "n1"), await of(fresh, "n2")];
    const [n1, n2] = [await open(secured("n1", a1)), await open(secured("n2", a2))];
    await connected(n1, n2);
    const both = `${old.pem}\n${fresh.pem}`;
    for (const [node, tls] of [
      [n1, { ...a1, ca: both }],
      [n2, { ...a2, ca: both }],
      [n1, { ...b1, ca: both }],
      [n2, { ...b2, ca: both }],
      [n1, b1],
      [n2, b2],
    ] as const) {
      replace(node, tls);
    }
    n1.transport.send(heartbeat("n1", "n2"));
    await until(() => n2.received.length === 1);
    expect(n1.counters()["connects"]).toBe(1);
    expect(await shown(n2, b1)).toBe(fingerprint(b2));
    // Of the old authority nothing is heard any more.
    const outcast = connect({ port: n2.port, ...a1, rejectUnauthorized: false });
    outcast.on("error", () => {});
    outcast.on("secureConnect", () => outcast.write(hello("n1", "n2")));
    await closed(outcast);
    expect(n2.counters()["accepts"]).toBe(1);
    // Both sides of a connection that is made anew have the new ones.
    n1.transport.setPeers(new Map());
    await until(() => n1.counters()["outbound"] === 0);
    await connected(n1, n2);
    n1.transport.send(heartbeat("n1", "n2"));
    await until(() => n2.received.some((it, at) => at > 0 && it.kind === "message"));
  });

  it("are those that a server dials with", async () => {
    const [a1, b1, b2] = [await of(old, "n1"), await of(fresh, "n1"), await of(fresh, "n2")];
    const seen: string[] = [];
    const server = createServer({ ...b2, requestCert: true, rejectUnauthorized: false });
    server.on("secureConnection", (socket: TLSSocket) => {
      seen.push(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const n1 = await open(secured("n1", a1));
    const { port } = server.address() as AddressInfo;
    n1.transport.setPeers(new Map([["n2", `127.0.0.1:${port}`]]));
    // The old authority does not know the new one's server.
    await until(() => (n1.counters()["handshake_failures_connect"] ?? 0) > 0);
    replace(n1, b1);
    await until(() => seen.includes(fingerprint(b1)));
    n1.transport.setPeers(new Map());
    server.close();
    await once(server, "close");
  });

  it("can be replaced before it has started", async () => {
    const [a1, b1] = [await of(old, "n1"), await of(fresh, "n1")];
    const n1 = await open(secured("n1", a1), {}, ({ certificates }) =>
      Effect.runSync(certificates.ready(b1))(),
    );
    expect(await shown(n1, await of(fresh, "n2"))).toBe(fingerprint(b1));
  });

  it("stay where others would not do", async () => {
    const [a1, a2] = [await of(old, "n1"), await of(old, "n2")];
    const expired = await old.issue({ names: [identityUri(CLUSTER, "n1")], expired: true });
    const n1 = await open(secured("n1", a1));
    const cases: readonly (readonly [Partial<TlsOptions>, string])[] = [
      [{ cert: "" }, "tls.cert: no certificate in PEM"],
      [{ key: a1.cert }, "tls.key: no private key in PEM"],
      [{ key: a2.key }, "tls.key: it is not that of the certificate"],
      [{ ca: "-----BEGIN CERTIFICATE-----" }, "tls.ca: no certificate in PEM"],
      [a2, "tls.cert: URI:quorate://test/n2: quorate://test/n1 is expected"],
      [expired, "tls.cert: it expired at 20"],
    ];
    for (const [change, fault] of cases) {
      expect(() => replace(n1, { ...a1, ...change })).toThrow(fault);
    }
    expect(await shown(n1, a2)).toBe(fingerprint(a1));
    expect(() => Effect.runSync(n1.certificates.ready({ ...a1, cert: "" }))).toThrow();
    const open1 = await open(plain("n1"));
    expect(() => replace(open1, a1)).toThrow("tls: this transport speaks plain TCP");
  });

  it("are only checked until they are put in force", async () => {
    const [a1, b1] = [await of(old, "n1"), await of(fresh, "n1")];
    const n1 = await open(secured("n1", a1));
    const use = Effect.runSync(n1.certificates.ready(b1));
    expect(await shown(n1, await of(old, "n2"))).toBe(fingerprint(a1));
    use();
    expect(await shown(n1, await of(fresh, "n2"))).toBe(fingerprint(b1));
  });
});
