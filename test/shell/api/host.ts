/** A single server on services in memory, with its API, for tests. */
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Layer from "effect/Layer";
import * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import { initialDurable } from "../../../kernel/index.ts";
import type { KeyValueServer } from "../../../shell/api/route.ts";
import { type ApiOptions, type ServedApi, serveApi } from "../../../shell/api/server.ts";
import { makeServer } from "../../../shell/driver/make-server.ts";
import type { RequestError } from "../../../shell/driver/server.ts";
import { Storage, Transport } from "../../../shell/driver/services.ts";
import { clusterMachine } from "../../../shell/machines/cluster.ts";
import { keyValueMachine } from "../../../shell/machines/key-value.ts";

/** Keeps everything, in memory. */
function memory() {
  const snapshots = new Map<string, Uint8Array>();
  const storage: typeof Storage.Service = {
    load: Effect.sync(() => initialDurable({ voters: ["n1"], outgoingVoters: [], learners: [] })),
    write: () => Effect.void,
    saveSnapshot: ({ lastIndex }, chunks) =>
      Effect.map(Stream.runCollect(chunks), (all) => {
        snapshots.set(String(lastIndex), Buffer.concat(all));
      }),
    readSnapshot: ({ lastIndex }) =>
      Effect.sync(() => snapshots.get(String(lastIndex)) as Uint8Array),
  };
  const transport: typeof Transport.Service = {
    start: () => Effect.void,
    send: () => {},
    sendSnapshot: () => Effect.void,
    setPeers: () => {},
  };
  return Layer.merge(Layer.succeed(Storage, storage), Layer.succeed(Transport, transport));
}

export interface Hosted {
  readonly server: KeyValueServer;
  readonly api: ServedApi;
  readonly close: () => Promise<void>;
}

export type HostOptions = Partial<Omit<ApiOptions, "server">>;

/** Serves the API of `server` on a free port. */
export async function host(server: KeyValueServer, options: HostOptions = {}): Promise<Hosted> {
  const scope = await Effect.runPromise(Scope.make());
  const listen = { host: "127.0.0.1", port: 0 };
  const api = await Effect.runPromise(
    serveApi({ server, listen, ...options }).pipe(Scope.provide(scope)),
  );
  return { server, api, close: () => Effect.runPromise(Scope.close(scope, Exit.void)) };
}

/** Starts a server of its own, which leads, and serves its API. */
export async function hostOwn(options: HostOptions = {}): Promise<Hosted> {
  const scope = await Effect.runPromise(Scope.make());
  const { promise: leads, resolve } = Promise.withResolvers<void>();
  const server = await Effect.runPromise(
    makeServer({
      id: "n1",
      stateMachine: clusterMachine(keyValueMachine(), { maxSessions: 100 }),
      peers: new Map(),
      onApplied: () => resolve(),
    }).pipe(Scope.provide(scope), Effect.provide(memory())),
  );
  await leads;
  const hosted = await host(server, options);
  const close = async () => {
    await hosted.close();
    await Effect.runPromise(Scope.close(scope, Exit.void));
  };
  return { ...hosted, close };
}

/** A server that does as it is told: for what a real one does seldom. */
export function stub(parts: Partial<KeyValueServer>): KeyValueServer {
  const machine = clusterMachine(keyValueMachine(), { maxSessions: 100 });
  const never = Effect.never as Effect.Effect<never, RequestError>;
  return {
    id: "n1",
    propose: () => never,
    read: never,
    stale: Effect.succeed(machine.initial),
    changeMembers: () => never,
    transfer: () => never,
    takeSnapshot: never,
    status: Effect.succeed({
      id: "n1",
      role: "follower",
      term: 1,
      leaderId: null,
      commitIndex: 0,
      appliedIndex: 0,
      lastIndex: 0,
      snapshotIndex: 0,
      configuration: { voters: ["n1"], outgoingVoters: [], learners: [] },
      peers: [],
    }),
    counters: Effect.succeed({}),
    failed: Effect.never,
    ...parts,
  };
}
