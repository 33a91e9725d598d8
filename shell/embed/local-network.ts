/**
 * `Transport` between servers of one process, for tests and trials of whoever embeds servers.
 * Messages arrive as the very objects that were sent, in a later turn of the event loop.
 */
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import type { Message, ServerId } from "../../kernel/index.ts";
import { type Receiver, Transport, TransportError } from "../driver/services.ts";

/** A network in this process. Its servers are known by their ids. */
export class LocalNetwork {
  private readonly receivers = new Map<ServerId, Receiver>();
  private readonly isolated = new Set<ServerId>();
  private inFlight: Message[] = [];

  /**
   * The transport of server `id`. It reaches the peers that it was told of; of their addresses,
   * any text will do. Starting it fails while another server has this id.
   */
  transport(id: ServerId): Layer.Layer<Transport> {
    return Layer.sync(Transport, () => {
      let peers: ReadonlyMap<ServerId, string> = new Map();
      const reaches = (to: ServerId): boolean => peers.has(to) && !this.isCut(id, to);
      return {
        start: (receiver) => this.attach(id, receiver),
        setPeers: (addresses) => {
          peers = new Map(addresses);
        },
        send: (message) => {
          if (reaches(message.to)) this.send(message);
        },
        sendSnapshot: (message, data) =>
          Effect.suspend(() => {
            const receiver = reaches(message.to) ? this.receivers.get(message.to) : undefined;
            if (receiver !== undefined) return receiver.receiveSnapshot(message, data);
            const fault = `snapshot to ${message.to}: it is not reached`;
            return Effect.fail(new TransportError({ message: fault }));
          }),
      };
    });
  }

  /** Cuts a server off: nothing reaches it, and nothing that it sends arrives. */
  isolate(id: ServerId): void {
    this.isolated.add(id);
  }

  /** Ends what `isolate` did. What was sent meanwhile is lost. */
  reconnect(id: ServerId): void {
    this.isolated.delete(id);
  }

  private isCut(from: ServerId, to: ServerId): boolean {
    return this.isolated.has(from) || this.isolated.has(to);
  }

  private attach(id: ServerId, receiver: Receiver) {
    const attached = Effect.suspend(() => {
      if (this.receivers.has(id)) {
        return Effect.fail(new TransportError({ message: `another server is ${id}` }));
      }
      return Effect.sync(() => void this.receivers.set(id, receiver));
    });
    const detach = Effect.sync(() => {
      this.receivers.delete(id);
      // As a connection that breaks: a server that is only cut off shows none of it.
      for (const [other, { receive }] of this.receivers) {
        if (!this.isCut(id, other)) receive({ kind: "peer-unreachable", peer: id });
      }
    });
    return Effect.asVoid(Effect.acquireRelease(attached, () => detach));
  }

  /** Never within the call: the driver that sends is in the middle of a batch. */
  private send(message: Message): void {
    this.inFlight.push(message);
    if (this.inFlight.length === 1) setImmediate(() => this.deliver());
  }

  private deliver(): void {
    const messages = this.inFlight;
    this.inFlight = [];
    for (const message of messages) {
      if (this.isCut(message.from, message.to)) continue;
      this.receivers.get(message.to)?.receive({ kind: "message", message });
    }
  }
}
