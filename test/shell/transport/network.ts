/** Transports of one test process, and what arrives at them, to be awaited. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Layer from "effect/Layer";
import * as Scope from "effect/Scope";
import type { InstallSnapshotRequest, Message, ServerId } from "../../../kernel/index.ts";
import { type Received, Transport, type TransportError } from "../../../shell/driver/services.ts";
import { encode } from "../../../shell/transport/codec.ts";
import { FRAME, frame, PREAMBLE } from "../../../shell/transport/frames.ts";
import {
  TransportCertificates,
  type TransportOptions,
  TransportStatus,
  tcpTransport,
} from "../../../shell/transport/index.ts";

/** What a node of a test was brought. */
export interface Arrived {
  readonly message: InstallSnapshotRequest;
  readonly data: Uint8Array;
}

/** A transport at work. */
export interface Node {
  readonly id: ServerId;
  readonly port: number;
  readonly transport: typeof Transport.Service;
  readonly certificates: typeof TransportCertificates.Service;
  readonly received: Received[];
  readonly snapshots: Arrived[];
  readonly counters: () => Readonly<Record<string, number>>;
  readonly close: () => Promise<void>;
}

export const CLUSTER = "test";
const LISTEN = { host: "127.0.0.1", port: 0 };

/** The options of a node that speaks plain TCP. */
export function plain(id: ServerId, more: Partial<TransportOptions> = {}): TransportOptions {
  return { id, cluster: CLUSTER, listen: LISTEN, tls: null, insecure: "loopback", ...more };
}

/** Nodes that a test opened, closed by `closeAll`. */
const opened: Node[] = [];

/** Closes all nodes of a test. */
export async function closeAll(): Promise<void> {
  await Promise.all(opened.splice(0).map((node) => node.close()));
}

/** What a test may do instead of what a node does with what it is brought. */
export interface Behaviour {
  readonly room?: (arrival: Received) => boolean;
  readonly store?: (arrived: Arrived) => Effect.Effect<void, TransportError>;
}

/** Starts a transport; `before` is called before it listens. */
export async function open(
  options: TransportOptions,
  behaviour: Behaviour = {},
  before: (node: Pick<Node, "certificates">) => void = () => {},
): Promise<Node> {
  const scope = Effect.runSync(Scope.make());
  const received: Received[] = [];
  const snapshots: Arrived[] = [];
  const { id } = options;
  const node = Effect.gen(function* () {
    const context = yield* Layer.buildWithScope(tcpTransport(options), scope);
    const transport = Context.get(context, Transport);
    const status = Context.get(context, TransportStatus);
    const certificates = Context.get(context, TransportCertificates);
    const receiver = {
      receive: (arrival: Received) => {
        if (behaviour.room?.(arrival) === false) return false;
        received.push(arrival);
        return true;
      },
      receiveSnapshot: (message: InstallSnapshotRequest, data: Uint8Array) =>
        Effect.suspend(() => {
          snapshots.push({ message, data });
          return behaviour.store?.({ message, data }) ?? Effect.void;
        }),
    };
    before({ certificates });
    yield* transport.start(receiver).pipe(Scope.provide(scope));
    const address = yield* status.address;
    return {
      id,
      port: address?.port ?? 0,
      transport,
      certificates,
      received,
      snapshots,
      counters: () => Effect.runSync(status.counters),
      close: () => Effect.runPromise(Scope.close(scope, Exit.void)),
    };
  });
  const result = await Effect.runPromise(node);
  opened.push(result);
  return result;
}

/** Tells nodes of each other, and waits until each has a connection to each. */
export async function connected(...nodes: readonly Node[]): Promise<void> {
  const addresses = new Map(nodes.map((it) => [it.id, `127.0.0.1:${it.port}`]));
  for (const { transport } of nodes) transport.setPeers(addresses);
  await until(() => nodes.every((it) => it.counters()["outbound"] === nodes.length - 1));
}

/** Waits until a thing is so; Vitest ends a test that waits for ever, and says where. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** A heartbeat's answer in a term. */
export function heartbeat(from: ServerId, to: ServerId, term = 1): Message {
  return { kind: "heartbeat-response", from, to, term, context: [] };
}

/** A snapshot's message. */
export function install(from: ServerId, to: ServerId, lastIndex = 5): InstallSnapshotRequest {
  const configuration = { voters: ["n1", "n2", "n3"], outgoingVoters: [], learners: [] };
  const snapshot = { lastIndex, lastTerm: 1, configuration };
  return { kind: "install-snapshot-request", from, to, term: 1, snapshot };
}

/** The terms of the messages that a node received. */
export function termsOf(node: Node): readonly number[] {
  return node.received.flatMap((it) => (it.kind === "message" ? [it.message.term] : []));
}

/** What a well-behaved dialler says first. */
export function hello(from: ServerId, to: ServerId, change: Record<string, unknown> = {}): Buffer {
  const body = { cluster: CLUSTER, from, to, purpose: "messages", ...change };
  return Buffer.concat([PREAMBLE, frame(FRAME.hello, encode(body))]);
}

/** A connection that says what a test wants, and everything that came back. */
export async function raw(node: Node): Promise<{ socket: Socket; answer: () => Buffer }> {
  const socket = connect({ host: "127.0.0.1", port: node.port });
  const pieces: Buffer[] = [];
  socket.on("data", (piece) => pieces.push(piece));
  socket.on("error", () => {});
  await once(socket, "connect");
  return { socket, answer: () => Buffer.concat(pieces) };
}

/** Completes when the connection has closed, for whatever cause. */
export function closed(socket: Socket): Promise<void> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => socket.once("close", () => resolve()));
}
