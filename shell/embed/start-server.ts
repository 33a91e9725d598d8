/** A server for programs that use promises. */
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Layer from "effect/Layer";
import * as Scope from "effect/Scope";
import type { ServerId, Snapshot } from "../../kernel/index.ts";
import { handOver } from "../driver/hand-over.ts";
import { makeServer, type ServerOptions } from "../driver/make-server.ts";
import type { Counters, Server, Status, Stopped } from "../driver/server.ts";
import type { TransportError } from "../driver/services.ts";
import { type Journal, Storage, type StorageError, Transport } from "../driver/services.ts";
import type { JournalError } from "../journal/journal.ts";

/** A server, and the services that it runs on. */
export interface StartOptions<S, R> extends ServerOptions<S, R> {
  /** A layer, which is closed with the server; or a storage that outlives it, to start again on. */
  readonly storage: Layer.Layer<Storage, StorageError> | Storage["Service"];
  readonly transport: Layer.Layer<Transport, TransportError>;
  /** Where all that the kernel consumes is recorded, for an audit; nowhere where not given. */
  readonly journal?: Layer.Layer<Journal, JournalError>;
}

/**
 * A running server. What `Server` fails with, these promises reject with: `NotLeader`, `Refused`
 * and `Stopped` say that nothing happened, `OutcomeUnknown` that it may have, or yet may.
 */
export interface PromiseServer<S, R> {
  readonly id: ServerId;
  /** Has the command committed and applied; gives the machine's response. */
  readonly propose: (command: string) => Promise<R>;
  /** The machine's state, with all that was answered anywhere before this was asked (§6.4). */
  readonly read: () => Promise<S>;
  /** The machine's state as this server has it: it may be old. */
  readonly stale: () => S;
  /** Changes the members; done when the new configuration is committed (§4.3). */
  readonly changeMembers: (members: {
    readonly voters: readonly ServerId[];
    readonly learners: readonly ServerId[];
  }) => Promise<void>;
  /** Hands leadership to `to`; done when this server follows it (§3.10). */
  readonly transfer: (to: ServerId) => Promise<void>;
  /** Stores a snapshot now and compacts the log up to it; gives what is stored (§5.1). */
  readonly takeSnapshot: () => Promise<Snapshot>;
  readonly status: () => Status;
  readonly counters: () => Counters;
  /** Where the servers are from now on, `host:port` each. */
  readonly setPeers: (addresses: ReadonlyMap<ServerId, string>) => void;
  /** Resolves with the reason once the server has stopped, asked to or not. */
  readonly failed: Promise<Stopped>;
  /** Stops it; where it leads, another takes over first if one does within two seconds. */
  readonly stop: () => Promise<void>;
  /** Stops it at once, without a word to the others, in the midst of `stop`, too. */
  readonly crash: () => Promise<void>;
  /** `stop`. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/**
 * Starts a server, which runs until `stop` or `crash`, or until its storage fails. Rejects with
 * `StorageError` where the storage cannot be trusted, `TransportError` where the address cannot be
 * had, `JournalError` where the journal cannot be written, RangeError for bad options.
 */
export async function startServer<S, R>(options: StartOptions<S, R>): Promise<PromiseServer<S, R>> {
  const scope = Scope.makeUnsafe();
  let closing: Promise<void> | null = null;
  // Once: a second one would not wait for the first.
  const close = (): Promise<void> => {
    closing ??= Effect.runPromise(Scope.close(scope, Exit.void));
    return closing;
  };
  const { storage, transport, journal } = options;
  const services = Layer.mergeAll(
    "load" in storage ? Layer.succeed(Storage, storage) : storage,
    transport,
    journal ?? Layer.empty,
  );
  const start = Effect.gen(function* () {
    const context = yield* Layer.build(services);
    const run = Effect.all([makeServer(options), Transport]);
    return yield* Effect.provide(run, context);
  });
  try {
    const [server, { setPeers }] = await Effect.runPromise(Scope.provide(start, scope));
    return promising(server, setPeers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function promising<S, R>(
  server: Server<S, R>,
  setPeers: PromiseServer<S, R>["setPeers"],
  crash: () => Promise<void>,
): PromiseServer<S, R> {
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopping ??= Effect.runPromise(handOver(server)).then(crash);
    return stopping;
  };
  return {
    id: server.id,
    propose: (command) => Effect.runPromise(server.propose(command)),
    read: () => Effect.runPromise(server.read),
    stale: () => Effect.runSync(server.stale),
    changeMembers: (members) => Effect.runPromise(server.changeMembers(members)),
    transfer: (to) => Effect.runPromise(server.transfer(to)),
    takeSnapshot: () => Effect.runPromise(server.takeSnapshot),
    status: () => Effect.runSync(server.status),
    counters: () => Effect.runSync(server.counters),
    setPeers,
    failed: Effect.runPromise(server.failed),
    stop,
    crash,
    [Symbol.asyncDispose]: stop,
  };
}
