/** Connections from others: who they are is settled first, and everything after is checked. */
import type { Server, Socket } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import * as Result from "effect/Result";
import type { Message, ServerId } from "../../kernel/index.ts";
import type { Receiver } from "../driver/services.ts";
import type { Admission } from "./admission.ts";
import { decoderOf, encode } from "./codec.ts";
import { MAX_HANDSHAKE_BYTES, prepare } from "./dial.ts";
import { FRAME, FrameError, FrameReader, frame } from "./frames.ts";
import { identityFault } from "./identity.ts";
import { type Hello, HelloSchema, MessageSchema } from "./schema.ts";
import { contextOptions, type Settings } from "./settings.ts";

const readHello = decoderOf(HelloSchema);
const readMessage = decoderOf<Message>(MessageSchema);

/** Takes the frames of a connection that was welcomed. Returns false, having closed it, to end. */
export type Conversation = (type: number, body: Buffer) => boolean;

/** Begins a conversation with `peer`; `address` is where it says that it is reached. */
export type Converse = (
  peer: ServerId,
  socket: Socket,
  reader: FrameReader,
  address: string | null,
) => Conversation;

/** What is wrong with a hello, with the counter's name for it. */
type HelloFault = { readonly kind: string; readonly why: string };

/** The connections of others to this server. */
export class Inbound {
  private readonly settings: Settings;
  private readonly conversations: Readonly<Record<Hello["purpose"], Converse>>;
  private readonly sockets = new Set<Socket>();
  /** The connection of each peer for each purpose: a new one replaces it. */
  private readonly current = new Map<string, Socket>();

  constructor(settings: Settings, conversations: Inbound["conversations"]) {
    this.settings = settings;
    this.conversations = conversations;
  }

  get size(): number {
    return this.sockets.size;
  }

  /** The server that accepts them; not listening yet. */
  readonly server = (): Server => {
    const { tls, limits, counts } = this.settings;
    const accept = (socket: Socket): void => this.accept(socket);
    const server =
      tls === null
        ? createTcpServer(accept)
        : createTlsServer(
            {
              ...contextOptions(tls),
              requestCert: true,
              rejectUnauthorized: true,
              handshakeTimeout: limits.handshakeMs,
            },
            accept,
          );
    // All of them, those that have not come through TLS yet included.
    server.on("connection", (socket: Socket) => {
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
    });
    server.maxConnections = limits.maxInboundConnections;
    server.on("drop", () => counts.add("refused_too_many_connections"));
    server.on("tlsClientError", (_error: Error, socket: Socket) => {
      counts.add("handshake_failures_tls");
      socket.destroy();
    });
    return server;
  };

  close(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private accept(socket: Socket): void {
    const { limits, counts } = this.settings;
    prepare(socket);
    let converse: Conversation | null = null;
    const timer = setTimeout(() => {
      counts.add("handshake_failures_timeout");
      socket.destroy();
    }, limits.handshakeMs);
    const reader = new FrameReader(MAX_HANDSHAKE_BYTES, true, (type, body) => {
      if (converse !== null) return converse(type, body);
      clearTimeout(timer);
      converse = this.greeted(socket, reader, type, body);
      return converse !== null;
    });
    socket.on("data", (piece: Buffer) => {
      counts.add("bytes_received", piece.length);
      try {
        reader.push(piece);
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        counts.add(`refused_${error.reason.replace("-", "_")}`);
        if (converse === null) refuse(socket, error.message);
        else socket.destroy();
      }
    });
    socket.on("close", () => clearTimeout(timer));
  }

  /** Answers what should be a hello. */
  private greeted(
    socket: Socket,
    reader: FrameReader,
    type: number,
    body: Buffer,
  ): Conversation | null {
    const hello = type === FRAME.hello ? readHello(body) : Result.fail("no hello came first");
    const fault = Result.isFailure(hello)
      ? { kind: "malformed", why: hello.failure }
      : this.helloFault(hello.success, socket);
    if (Result.isFailure(hello) || fault !== null) {
      this.settings.counts.add(`handshake_failures_${fault?.kind}`);
      refuse(socket, fault?.why ?? "");
      return null;
    }
    const { from, purpose, address = null } = hello.success;
    const key = `${purpose} ${from}`;
    this.current.get(key)?.destroy();
    this.current.set(key, socket);
    socket.on("close", () => {
      if (this.current.get(key) === socket) this.current.delete(key);
    });
    socket.write(frame(FRAME.welcome));
    this.settings.counts.add("accepts");
    return this.conversations[purpose](from, socket, reader, address);
  }

  private helloFault(hello: Hello, socket: Socket): HelloFault | null {
    const { id, cluster } = this.settings;
    if (hello.cluster !== cluster) {
      return { kind: "cluster", why: `this is cluster ${cluster}, not ${hello.cluster}` };
    }
    if (hello.to !== id) return { kind: "receiver", why: `this is ${id}, not ${hello.to}` };
    if (hello.from === id) return { kind: "identity", why: `${id} is this server itself` };
    if (!(socket instanceof TLSSocket)) return null;
    const names = socket.getPeerCertificate().subjectaltname;
    const why = identityFault(names, cluster, hello.from);
    return why === null ? null : { kind: "identity", why: `the certificate: ${why}` };
  }
}

/** Says why, and closes. */
export function refuse(socket: Socket, reason: string): false {
  socket.end(frame(FRAME.refusal, encode({ reason })), () => socket.destroy());
  return false;
}

/** A conversation of messages, each given to the receiver. */
export function messagesTo(settings: Settings, admission: Admission, receiver: Receiver): Converse {
  const { counts, limits } = settings;
  return (peer, socket, reader) => {
    reader.maxBody = limits.maxFrameBytes;
    return (type, body) => {
      const read = type === FRAME.message ? readMessage(body) : Result.fail("no message");
      if (Result.isFailure(read)) {
        counts.add("refused_malformed");
        socket.destroy();
        return false;
      }
      const message = read.success;
      counts.add("messages_received");
      // Its bytes must have come before it: they do, on the connection for snapshots.
      const isBare = message.kind === "install-snapshot-request";
      const refusal = isBare ? "bare_snapshot" : admission.refusal(message, peer);
      if (refusal !== null) counts.add(`refused_${refusal}`);
      else if (!receiver.receive({ kind: "message", message })) counts.add("dropped_no_room");
      return true;
    };
  };
}
