/** A peer that nothing is known of is answered where it says that it is, and nobody else is. */
import { createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { identityUri, type TlsOptions } from "../../../shell/transport/index.ts";
import { makeAuthority } from "./certificates.ts";
import {
  CLUSTER,
  closeAll,
  closed,
  heartbeat,
  hello,
  type Node,
  open,
  plain,
  raw,
  termsOf,
  until,
} from "./network.ts";

const servers: { readonly close: () => void }[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await closeAll();
});

const at = (port: number): string => `127.0.0.1:${port}`;

/** Somewhere that takes connections and says nothing; gives those it took. */
async function silent(): Promise<{ readonly port: number; readonly sockets: readonly Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    // Reads, so that it sees the other's end.
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return { port: (server.address() as { port: number }).port, sockets };
}

/** A connection to `node` that says that it is `from`, reached at `address`; once welcomed. */
async function says(node: Node, from: string, address: string): Promise<Socket> {
  const before = node.counters()["accepts"] ?? 0;
  const { socket } = await raw(node);
  socket.write(hello(from, node.id, { address }));
  await until(() => node.counters()["accepts"] === before + 1);
  return socket;
}

describe("a peer of no known address", () => {
  it("is answered where it says that it is, as long as it is connected", async () => {
    const [leader, joiner] = [await open(plain("n5")), await open(plain("n6"))];
    const own = ["n5", at(leader.port)] as const;
    joiner.transport.setPeers(new Map([["n6", at(joiner.port)]]));
    leader.transport.setPeers(new Map([own, ["n6", at(joiner.port)]]));
    await until(() => joiner.counters()["outbound"] === 1);
    joiner.transport.send(heartbeat("n6", "n5", 3));
    await until(() => termsOf(leader).includes(3));
    expect(joiner.counters()).toMatchObject({ addresses_claimed: 1 });
    expect(leader.counters()["addresses_claimed"]).toBeUndefined();

    leader.transport.setPeers(new Map([own]));
    // Neither has a cause to call the other, and none is made of their being connected.
    joiner.transport.setPeers(new Map());
    await until(() => leader.counters()["inbound"] === 0 && joiner.counters()["inbound"] === 0);
    expect(joiner.counters()["outbound"]).toBe(0);
  });

  it("is answered at its latest word, though its older connection closes later", async () => {
    const [first, second] = [await silent(), await silent()];
    const node = await open(plain("n1"));
    const old = await says(node, "n5", at(first.port));
    await until(() => first.sockets.length === 1);
    const latest = await says(node, "n5", at(second.port));
    await closed(old);
    await until(() => second.sockets.length === 1 && node.counters()["inbound"] === 1);
    node.transport.send(heartbeat("n1", "n5"));
    expect(node.counters()).toMatchObject({ dropped_not_connected: 1 });
    expect(node.counters()["dropped_no_address"]).toBeUndefined();
    latest.destroy();
    await closed(second.sockets[0] as Socket);
    expect(node.counters()["addresses_claimed"]).toBe(2);
  });

  it("has no word where the address is known", async () => {
    const [known, claimed] = [await silent(), await silent()];
    const node = await open(plain("n1"));
    await says(node, "n2", at(claimed.port));
    await until(() => claimed.sockets.length === 1);
    node.transport.setPeers(new Map([["n2", at(known.port)]]));
    await until(() => known.sockets.length === 1);
    await closed(claimed.sockets[0] as Socket);
    await says(node, "n2", at(claimed.port));
    // The next that it dials is dialled after whatever the last one led to.
    const other = await silent();
    await says(node, "n3", at(other.port));
    await until(() => other.sockets.length === 1);
    expect(claimed.sockets).toHaveLength(1);
  });

  it.each(["", "host", "host:0", "host:65536", "a:1:2", 7])("%j is no address", async (address) => {
    const node = await open(plain("n1"));
    const { socket, answer } = await raw(node);
    socket.write(hello("n2", "n1", { address }));
    await closed(socket);
    expect(answer().toString()).toContain("address");
    expect(node.counters()).toMatchObject({ handshake_failures_malformed: 1 });
  });
});

describe("with certificates", () => {
  it("a server can have itself answered, and is told nothing in another's name", async () => {
    const authority = await makeAuthority("ours");
    const secured = async (id: string) => {
      const tls: TlsOptions = await authority.issue({ names: [identityUri(CLUSTER, id)] });
      return open({ id, cluster: CLUSTER, listen: { host: "127.0.0.1", port: 0 }, tls });
    };
    const [joiner, leader, other] = [await secured("n6"), await secured("n5"), await secured("n4")];
    // n5 says that it is where n4 is.
    leader.transport.setPeers(
      new Map([
        ["n5", at(other.port)],
        ["n6", at(joiner.port)],
      ]),
    );
    await until(() => (joiner.counters()["handshake_failures_connect"] ?? 0) > 0);
    expect(joiner.counters()["outbound"]).toBe(0);
    expect(other.counters()["accepts"]).toBeUndefined();

    leader.transport.setPeers(new Map());
    await until(() => joiner.counters()["inbound"] === 0);
    leader.transport.setPeers(
      new Map([
        ["n5", at(leader.port)],
        ["n6", at(joiner.port)],
      ]),
    );
    await until(() => joiner.counters()["outbound"] === 1);
    joiner.transport.send(heartbeat("n6", "n5", 3));
    await until(() => termsOf(leader).includes(3));
  });
});
