/**
 * The network where a machine does not give namespaces: a proxy in front of each server, on this
 * machine. Whom a connection comes from is read from its hello, so servers speak plain TCP. What
 * is sent over a silent link waits in the proxy, as it would in a sender's queue.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { decoderOf } from "../../../shell/transport/codec.ts";
import { FRAME, FrameReader } from "../../../shell/transport/frames.ts";
import { HelloSchema } from "../../../shell/transport/schema.ts";
import { freePort } from "../real-cluster.ts";
import { IDS, type Link, type Network } from "./network.ts";

const SLOW_MS = 40;
const readHello = decoderOf(HelloSchema);

/** What goes one way in one connection, and the link it goes over. */
class Stream {
  readonly #to: Socket;
  readonly #link: () => Link;
  readonly #waiting: Buffer[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(to: Socket, link: () => Link) {
    this.#to = to;
    this.#link = link;
  }

  push(piece: Buffer): void {
    this.#waiting.push(piece);
    this.move();
  }

  /** Lets go what the link lets through now, all of it in order. */
  move(): void {
    if (this.#link() === "open") this.#letGo();
    else if (this.#link() === "slow")
      this.#timer ??= setTimeout(() => this.#afterAWhile(), SLOW_MS);
  }

  #afterAWhile(): void {
    this.#timer = null;
    if (this.#link() === "open" || this.#link() === "slow") this.#letGo();
  }

  #letGo(): void {
    for (const piece of this.#waiting.splice(0)) this.#to.write(piece);
  }
}

interface Connection {
  readonly from: string;
  readonly to: string;
  readonly streams: readonly Stream[];
  readonly end: () => void;
}

/** The network. */
export class Proxies implements Network {
  readonly members: string;
  readonly urls: readonly string[];
  readonly #listen: readonly string[];
  readonly #links = new Map<string, Link>();
  readonly #connections = new Set<Connection>();

  private constructor(proxies: readonly number[], peers: readonly number[], clients: number[]) {
    this.urls = clients.map((port) => `http://127.0.0.1:${port}`);
    this.#listen = peers.map((port) => `127.0.0.1:${port}`);
    this.members = IDS.map((id, at) => `${id}=127.0.0.1:${proxies[at]}@${this.urls[at]}`).join(",");
  }

  static async open(): Promise<Proxies> {
    const servers = IDS.map(() => createServer({ noDelay: true }).listen(0, "127.0.0.1"));
    await Promise.all(servers.map((server) => once(server, "listening")));
    const ports: number[] = [];
    for (const _ of [...IDS, ...IDS]) ports.push(await freePort());
    const peers = ports.slice(IDS.length);
    const proxies = servers.map((server) => (server.address() as AddressInfo).port);
    const network = new Proxies(proxies, peers, ports.slice(0, IDS.length));
    for (const [at, server] of servers.entries()) {
      server.on("connection", (socket) =>
        network.#accept(socket, IDS[at] as string, peers[at] ?? 0),
      );
    }
    return network;
  }

  readonly prefix = (): readonly string[] => [];

  readonly flags = async (id: string): Promise<readonly string[]> => {
    return ["--insecure", "--peer-listen", this.#listen[IDS.indexOf(id)] as string];
  };

  readonly set = (from: string, to: string, link: Link): void => {
    this.#links.set(`${from} ${to}`, link);
    for (const connection of this.#connections) {
      const isOn = [connection.from, connection.to].every((id) => id === from || id === to);
      if (isOn && link === "down") connection.end();
      else if (isOn) for (const stream of connection.streams) stream.move();
    }
  };

  readonly lost = (): null => null;

  #link(from: string, to: string): Link {
    const links = [this.#links.get(`${from} ${to}`), this.#links.get(`${to} ${from}`)];
    return links.includes("down") ? "down" : (links[0] ?? "open");
  }

  /** Waits for the hello of who connects to server `to`, then connects it. */
  #accept(inner: Socket, to: string, port: number): void {
    inner.on("error", () => {});
    let said: Buffer[] | null = [];
    const reader = new FrameReader(4_096, true, (type, body) => {
      const hello = type === FRAME.hello ? readHello(body) : null;
      if (hello?._tag !== "Success") inner.destroy();
      else this.#join(inner, port, hello.success.from, to, said ?? []);
      said = null;
      return false;
    });
    inner.on("data", (piece: Buffer) => {
      said?.push(piece);
      if (said !== null) reader.push(piece);
    });
  }

  #join(inner: Socket, port: number, from: string, to: string, said: readonly Buffer[]): void {
    const outer = connect({ port, host: "127.0.0.1", noDelay: true });
    const there = new Stream(outer, () => this.#link(from, to));
    const back = new Stream(inner, () => this.#link(to, from));
    const end = (): void => {
      inner.destroy();
      outer.destroy();
      this.#connections.delete(connection);
    };
    const connection = { from, to, streams: [there, back], end };
    if (this.#link(from, to) === "down") return end();
    this.#connections.add(connection);
    outer.on("error", () => {});
    for (const piece of said) there.push(piece);
    inner.on("data", (piece: Buffer) => there.push(piece)).on("close", end);
    outer.on("data", (piece: Buffer) => back.push(piece)).on("close", end);
  }
}
