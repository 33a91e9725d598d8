/**
 * The replicated key-value service, put together: one server with its storage, transport and API,
 * running the very same kernel that is checked.
 */
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Schedule from "effect/Schedule";
import type * as Scope from "effect/Scope";
import type { Configuration, ServerId } from "../../kernel/index.ts";
import { Durations } from "../api/durations.ts";
import {
  type ApiError,
  type ApiOptions,
  type ApiTls,
  type ServedApi,
  serveApi,
} from "../api/server.ts";
import { handOver } from "../driver/hand-over.ts";
import { makeServer } from "../driver/make-server.ts";
import type { Server, Stopped } from "../driver/server.ts";
import { Storage, type StorageError, Transport, TransportError } from "../driver/services.ts";
import type { Timing } from "../driver/timers.ts";
import { fileJournal, type JournalError } from "../journal/journal.ts";
import {
  type Address,
  addressCommand,
  type ClusterResponse,
  type ClusterState,
} from "../machines/cluster.ts";
import type { KeyValueResponse, KeyValueState } from "../machines/key-value.ts";
import { diskUsage, openStorage } from "../storage/index.ts";
import {
  type TlsOptions,
  TransportCertificates,
  TransportStatus,
  tcpTransport,
} from "../transport/index.ts";
import { serviceMachine } from "./machine.ts";
import { timedStorage } from "./timed-storage.ts";

/** How often a leader looks whether the address book has what it should. */
const BOOK_INTERVAL = "500 millis";

/** A place to listen at; port 0 is any. */
export interface ListenAt {
  readonly host: string;
  readonly port: number;
}

/** What a server of the service is told. */
export interface ServiceOptions {
  readonly id: ServerId;
  /** The cluster's name: the servers of another are neither heard nor is their data read. */
  readonly cluster: string;
  readonly dataDir: string;
  /** Where the founders are; of a server that joins, where those it will hear of are. */
  readonly members: ReadonlyMap<ServerId, Address>;
  /** Begins as no member, and waits to be added. */
  readonly join: boolean;
  readonly peerListen: ListenAt;
  /** Mutual TLS between servers; null for plain TCP, on the hosts that `insecure` allows. */
  readonly peerTls: TlsOptions | null;
  readonly insecure: "loopback" | "any" | null;
  readonly leaseReads: boolean;
  /** Where all that the kernel consumes is recorded, for an audit; null: nowhere. */
  readonly journalDir: string | null;
  readonly timing?: Partial<Timing>;
  readonly api: Omit<ApiOptions, "server" | "places" | "leases" | "disk" | "writes">;
}

/** The server of the service. */
export type ServiceServer = Server<ClusterState<KeyValueState>, ClusterResponse<KeyValueResponse>>;

/** A server of the service at work. */
export interface Service {
  readonly server: ServiceServer;
  /** Where it listens to clients. */
  readonly api: ServedApi;
  /** Completes with the reason where it stops by itself. */
  readonly failed: Effect.Effect<Stopped>;
  /**
   * Puts other certificates in force for connections to come; null leaves those there are. Fails
   * where one cannot be used, naming it: then none has changed.
   */
  readonly replaceCertificates: (
    certificates: ServiceCertificates,
  ) => Effect.Effect<void, TransportError>;
}

/** What is shown to peers and to clients. */
export interface ServiceCertificates {
  readonly peer: TlsOptions | null;
  readonly client: ApiTls | null;
}

/**
 * Runs a server until the scope closes; it hands leadership over first. Fails where its storage
 * cannot be trusted or an address not be had. Throws RangeError for options that make no sense.
 */
export const runService = Effect.fnUntraced(function* (
  options: ServiceOptions,
): Effect.fn.Return<Service, StorageError | TransportError | ApiError | JournalError, Scope.Scope> {
  const { id, cluster, members, journalDir } = options;
  const writes = new Durations();
  const context = yield* Layer.build(
    Layer.mergeAll(
      journalDir === null
        ? Layer.empty
        : fileJournal({ directory: journalDir, cluster, server: id }),
      Layer.effect(
        Storage,
        Effect.map(
          openStorage({
            directory: options.dataDir,
            cluster,
            server: id,
            founding: foundingOf(options),
          }),
          (storage) => timedStorage(storage, writes),
        ),
      ),
      tcpTransport({
        id,
        cluster,
        listen: options.peerListen,
        tls: options.peerTls,
        ...(options.insecure === null ? {} : { insecure: options.insecure }),
      }),
    ),
  );
  const run = Effect.gen(function* () {
    const transport = yield* Transport;
    let known: ReadonlyMap<ServerId, Address> | null = null;
    const heed = ({ addresses }: ClusterState<KeyValueState>): void => {
      if (addresses === known) return;
      known = addresses;
      transport.setPeers(peersOf(new Map([...members, ...addresses])));
    };
    const server: ServiceServer = yield* makeServer({
      id,
      stateMachine: serviceMachine(),
      peers: peersOf(members),
      kernel: { leaseReads: options.leaseReads },
      ...(options.timing === undefined ? {} : { timing: options.timing }),
      onApplied: heed,
    });
    // What the snapshot that it starts with says of addresses counts before anything is applied.
    heed(yield* server.stale);
    yield* Effect.forkScoped(keepBook(server, members));
    const { counters } = yield* TransportStatus;
    const api = yield* serveApi({
      ...options.api,
      server: withCounters(server, counters),
      places: members,
      leases: options.leaseReads,
      disk: diskUsage(options.dataDir),
      writes,
    });
    yield* Effect.addFinalizer(() => handOver(server));
    const replaceCertificates = replacing(yield* TransportCertificates, api);
    return { server, api, failed: server.failed, replaceCertificates };
  });
  return yield* Effect.provide(run, context);
});

function replacing(
  peers: typeof TransportCertificates.Service,
  clients: ServedApi,
): Service["replaceCertificates"] {
  return Effect.fnUntraced(function* ({ peer, client }) {
    const uses = [
      ...(peer === null ? [] : [yield* peers.ready(peer).pipe(Effect.mapError(named("peers")))]),
      ...(client === null
        ? []
        : [yield* clients.readyCertificate(client).pipe(Effect.mapError(named("clients")))]),
    ];
    // All are good: none is put in force before that is known.
    for (const use of uses) use();
  });
}

/** An error, with whom the certificate is for. */
function named(whom: string): (error: { readonly message: string }) => TransportError {
  return ({ message }) => new TransportError({ message: `for ${whom}: ${message}` });
}

function foundingOf({ join, members }: ServiceOptions): Configuration {
  return { voters: join ? [] : [...members.keys()], outgoingVoters: [], learners: [] };
}

function peersOf(addresses: ReadonlyMap<ServerId, Address>): ReadonlyMap<ServerId, string> {
  return new Map([...addresses].map(([id, { peer }]) => [id, peer]));
}

/** The server, with what its transport counted among its counters. */
function withCounters(
  server: ServiceServer,
  transport: Effect.Effect<Readonly<Record<string, number>>>,
): ServiceServer {
  const named = Effect.map(transport, (counts) =>
    Object.fromEntries(Object.entries(counts).map(([name, it]) => [`transport_${name}`, it])),
  );
  const counters = Effect.zipWith(server.counters, named, (a, b) => ({ ...a, ...b }));
  return { ...server, counters };
}

/** Has a leader enter the founders that the address book lacks: it tells clients who leads. */
function keepBook(
  server: ServiceServer,
  founders: ReadonlyMap<ServerId, Address>,
): Effect.Effect<void> {
  const look = Effect.gen(function* () {
    const { role, configuration } = yield* server.status;
    if (role !== "leader") return;
    const { addresses } = yield* server.stale;
    const missing = [...founders].filter(([id]) => {
      return configuration.voters.includes(id) && !addresses.has(id);
    });
    for (const [id, address] of missing) yield* server.propose(addressCommand(id, address));
  });
  // What fails now is tried again, by whoever leads then.
  return Effect.ignore(look).pipe(Effect.repeat(Schedule.spaced(BOOK_INTERVAL)), Effect.asVoid);
}
