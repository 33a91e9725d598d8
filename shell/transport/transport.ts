/** The transport over TCP: its connections together, as the service that the driver uses. */
import type { AddressInfo, Server } from "node:net";
import { Server as TlsServer } from "node:tls";
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as Layer from "effect/Layer";
import type { Message, ServerId } from "../../kernel/index.ts";
import { type Receiver, Transport, TransportError } from "../driver/services.ts";
import { Admission } from "./admission.ts";
import { replacementFault, TransportCertificates } from "./certificates.ts";
import { ClaimedAddresses } from "./claimed-addresses.ts";
import { encode } from "./codec.ts";
import { Inbound, messagesTo } from "./inbound.ts";
import { parseAddress, type TransportOptions } from "./options.ts";
import { Outbound } from "./outbound.ts";
import { contextOptions, type Settings, settingsOf, tlsSettingsOf } from "./settings.ts";
import { SnapshotReceiver } from "./snapshot-receiver.ts";
import { bringSnapshot } from "./snapshot-sender.ts";
import { TransportStatus } from "./status.ts";

/** What runs once the transport was started. */
interface Running {
  readonly receiver: Receiver;
  readonly inbound: Inbound;
  readonly server: Server;
  readonly address: AddressInfo;
  readonly fork: <A>(effect: Effect.Effect<A>) => Fiber.Fiber<A>;
}

/**
 * `Transport` over TCP. Each server dials each peer and sends on that connection; snapshots go on
 * connections of their own. Fails for options that make no sense, naming what is wrong.
 */
export function tcpTransport(
  options: TransportOptions,
): Layer.Layer<Transport | TransportStatus | TransportCertificates, TransportError> {
  return Layer.effectContext(
    Effect.try({
      try: () => servicesOf(new TcpTransport(settingsOf(options), options.listen)),
      catch: (error) => new TransportError({ message: (error as Error).message }),
    }),
  );
}

function servicesOf(
  transport: TcpTransport,
): Context.Context<Transport | TransportStatus | TransportCertificates> {
  return Context.make(Transport, {
    start: transport.start,
    send: transport.send,
    sendSnapshot: transport.sendSnapshot,
    setPeers: transport.setPeers,
  }).pipe(
    Context.add(TransportStatus, {
      counters: Effect.sync(() => transport.counters()),
      address: Effect.sync(() => transport.address),
    }),
    Context.add(TransportCertificates, { ready: transport.readyCertificates }),
  );
}

class TcpTransport {
  private readonly settings: Settings;
  private readonly listen: TransportOptions["listen"];
  private readonly admission: Admission;
  private addresses: ReadonlyMap<ServerId, string> = new Map();
  private readonly claimed = new ClaimedAddresses(() => this.connect());
  private readonly outbound = new Map<ServerId, readonly [Outbound, Fiber.Fiber<never>]>();
  private running: Running | null = null;
  private wasStarted = false;

  constructor(settings: Settings, listen: TransportOptions["listen"]) {
    this.settings = settings;
    this.listen = listen;
    this.admission = new Admission(settings);
  }

  get address(): AddressInfo | null {
    return this.running?.address ?? null;
  }

  counters(): Record<string, number> {
    const up = [...this.outbound.values()].filter(([it]) => it.isConnected).length;
    const inbound = this.running?.inbound.size ?? 0;
    return { ...this.settings.counts.all(), inbound, outbound: up };
  }

  readonly start = Effect.fnUntraced({ self: this }, function* (receiver: Receiver) {
    if (this.wasStarted) return yield* new TransportError({ message: "it was started before" });
    this.wasStarted = true;
    const run = Effect.runForkWith(yield* Effect.context<never>());
    const scope = yield* Effect.scope;
    const fork = <A>(effect: Effect.Effect<A>): Fiber.Fiber<A> => Fiber.runIn(run(effect), scope);
    const snapshots = new SnapshotReceiver(this.settings, this.admission, receiver, fork);
    const messages = messagesTo(this.settings, this.admission, receiver);
    const inbound = new Inbound(this.settings, {
      messages: (peer, socket, reader, address) => {
        this.claimed.heard(peer, socket, address);
        this.outbound.get(peer)?.[0].heard();
        return messages(peer, socket, reader, address);
      },
      snapshots: snapshots.converse,
    });
    const server = yield* Effect.acquireRelease(listening(inbound.server(), this.listen), (it) =>
      Effect.callback<void>((resume) => {
        this.running = null;
        this.outbound.clear();
        it.close(() => resume(Effect.void));
        inbound.close();
        snapshots.close();
      }),
    );
    const address = server.address() as AddressInfo;
    this.running = { receiver, inbound, server, address, fork };
    this.connect();
  });

  readonly setPeers = (addresses: ReadonlyMap<ServerId, string>): void => {
    // Who is taken out is left, and has to connect anew to be answered.
    for (const peer of this.addresses.keys()) if (!addresses.has(peer)) this.claimed.forget(peer);
    this.addresses = new Map(addresses);
    const own = addresses.get(this.settings.id);
    this.settings.address = own === undefined || parseAddress(own) === null ? null : own;
    this.connect();
  };

  readonly send = (message: Message): void => {
    const { counts } = this.settings;
    const [outbound] = this.outbound.get(message.to) ?? [];
    if (outbound === undefined) return counts.add("dropped_no_address");
    this.admission.sent(message.term);
    // Not made into bytes for nothing.
    if (!outbound.isConnected) return counts.add("dropped_not_connected");
    outbound.send(encode(message));
  };

  readonly sendSnapshot: typeof Transport.Service.sendSnapshot = (message, data) =>
    Effect.suspend(() => {
      const address = this.addresses.get(message.to);
      if (address !== undefined) return bringSnapshot(this.settings, address, message, data);
      const fault = `snapshot to ${message.to}: no address is known`;
      return Effect.fail(new TransportError({ message: fault }));
    });

  readonly readyCertificates: typeof TransportCertificates.Service.ready = (tls) =>
    Effect.try({
      try: () => {
        const { id, cluster } = this.settings;
        if (this.settings.tls === null) throw new Error("tls: this transport speaks plain TCP");
        const fault = replacementFault(tls, Date.now());
        if (fault !== null) throw new Error(`tls.${fault.part}: ${fault.what}`);
        const ready = tlsSettingsOf(tls, cluster, id);
        return () => {
          this.settings.tls = ready;
          const server = this.running?.server;
          if (server instanceof TlsServer) server.setSecureContext(contextOptions(tls));
        };
      },
      catch: (error) => new TransportError({ message: (error as Error).message }),
    });

  /** Makes the connections be those to the peers, and to others that say where they are. */
  private connect(): void {
    if (this.running === null) return;
    const { receiver, fork } = this.running;
    const addresses = this.claimed.beside(this.addresses);
    for (const [peer, [outbound, fiber]] of this.outbound) {
      if (addresses.get(peer) === outbound.address) continue;
      this.outbound.delete(peer);
      fork(Fiber.interrupt(fiber));
    }
    for (const [peer, address] of addresses) {
      if (peer === this.settings.id || this.outbound.has(peer)) continue;
      if (!this.addresses.has(peer)) this.settings.counts.add("addresses_claimed");
      const onLost = (): void => {
        receiver.receive({ kind: "peer-unreachable", peer });
      };
      const outbound = new Outbound(this.settings, peer, address, onLost);
      this.outbound.set(peer, [outbound, fork(outbound.run)]);
    }
  }
}

/** The server, once it listens. */
function listening(
  server: Server,
  { host, port }: TransportOptions["listen"],
): Effect.Effect<Server, TransportError> {
  return Effect.callback<Server, TransportError>((resume) => {
    const failed = (error: Error): void => {
      const message = `cannot listen on ${host}:${port}: ${error.message}`;
      resume(Effect.fail(new TransportError({ message })));
    };
    server.once("error", failed);
    server.listen({ host, port }, () => {
      server.off("error", failed);
      // A failure to accept is one connection's.
      server.on("error", () => {});
      resume(Effect.succeed(server));
    });
  });
}
