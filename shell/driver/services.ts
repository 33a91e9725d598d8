/**
 * What the driver needs of the world, as services, so that the same driver runs on a disk and a
 * network, and in a simulation. Time and chance are Effect's own `Clock` and `Random`.
 */
import * as Context from "effect/Context";
import type * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type * as Scope from "effect/Scope";
import type * as Stream from "effect/Stream";
import type {
  Durable,
  Event,
  InstallSnapshotRequest,
  KernelConfig,
  Effect as KernelEffect,
  Message,
  PersistEffect,
  ServerId,
  Snapshot,
  State,
} from "../../kernel/index.ts";

/**
 * What is durable cannot be read or written any more, or cannot be trusted. It says what, where,
 * and what an operator can do. A storage that failed once fails for good: a write that failed may
 * or may not have happened, and trying it again would hide that.
 */
export class StorageError extends Schema.TaggedError<StorageError>()("StorageError", {
  message: Schema.String,
}) {}

/** What a server keeps through crashes: Figure 3.1's persistent state, and snapshots (§5.1). */
export class Storage extends Context.Service<
  Storage,
  {
    /** What is durable now. Called once, before anything is written. */
    readonly load: Effect.Effect<Durable, StorageError>;
    /**
     * Makes one write durable, all of it or nothing: term, vote, where the log begins, and its new
     * end. It replaces whatever the log held from `lastIndex - entries.length + 1` on. Calls do not
     * overlap.
     */
    readonly write: (write: PersistEffect) => Effect.Effect<void, StorageError>;
    /**
     * Stores the bytes of a snapshot durably, beside those there are: all of them, or none where
     * this fails, is interrupted or crashes. They come in chunks that are made when they are asked
     * for; writes go on meanwhile. A snapshot is known by `lastIndex` and `lastTerm`; one that is
     * stored already is left as it is. Those before the durable log's beginning may be deleted at
     * any time. Calls for one snapshot may overlap.
     */
    readonly saveSnapshot: (
      snapshot: Snapshot,
      chunks: Stream.Stream<Uint8Array>,
    ) => Effect.Effect<void, StorageError>;
    /** The bytes of a snapshot that was stored: those of `load().snapshot` always are. */
    readonly readSnapshot: (snapshot: Snapshot) => Effect.Effect<Uint8Array, StorageError>;
  }
>()("quorate/shell/driver/services/Storage") {}

/** What a transport brings. */
export type Received =
  | { readonly kind: "message"; readonly message: Message }
  /** The connection to `peer` broke: what was in flight is likely lost. */
  | { readonly kind: "peer-unreachable"; readonly peer: ServerId };

/** What a transport gives its arrivals to. */
export interface Receiver {
  /** Takes an arrival, or returns false where there is no room: then it is lost, and counted. */
  readonly receive: (arrival: Received) => boolean;
  /**
   * Takes a snapshot whose bytes all arrived and were checked; completes once it is stored, and the
   * sender may be told so. Fails where it was refused, saying why.
   */
  readonly receiveSnapshot: (
    message: InstallSnapshotRequest,
    data: Uint8Array,
  ) => Effect.Effect<void, TransportError>;
}

/** The network cannot be used as was asked; or a snapshot could not be handed over. */
export class TransportError extends Schema.TaggedError<TransportError>()("TransportError", {
  message: Schema.String,
}) {}

/** How servers reach each other. Messages may be lost, late, repeated and out of order. */
export class Transport extends Context.Service<
  Transport,
  {
    /**
     * Listens, and connects to peers as they are needed, until the scope closes. Called once.
     * Fails where the address cannot be had.
     */
    readonly start: (receiver: Receiver) => Effect.Effect<void, TransportError, Scope.Scope>;
    /**
     * Puts a message on its way. Never waits and never fails: what a slow or unreachable peer does
     * not take is dropped, and counted. Not an Effect, for it is called for every message.
     */
    readonly send: (message: Message) => void;
    /**
     * Brings the bytes of a snapshot to the receiver of `message`, and then the message. Completes
     * when the receiver has stored it; never holds up `send`.
     */
    readonly sendSnapshot: (
      message: InstallSnapshotRequest,
      data: Uint8Array,
    ) => Effect.Effect<void, TransportError>;
    /**
     * Where the peers are from now on: `host:port` of each. Connections to others are closed. This
     * server's own address may be among them: a peer that knows nothing of this server may be told
     * it, so that it can answer.
     */
    readonly setPeers: (addresses: ReadonlyMap<ServerId, string>) => void;
  }
>()("quorate/shell/driver/services/Transport") {}

/** Records all that a kernel consumed, for an audit. Not Effects: called at every step. */
export class Journal extends Context.Service<
  Journal,
  {
    /** A kernel was started from what was durable. Called once, before `stepped`. */
    readonly started: (config: KernelConfig, durable: Durable, state: State) => void;
    /** A kernel took `event`, came to `state` and asked for `effects`. */
    readonly stepped: (event: Event, state: State, effects: readonly KernelEffect[]) => void;
    /**
     * Writes down what was recorded so far. The driver calls it before anything that rests on
     * those steps becomes visible, so that a crash loses no step that another server has seen.
     */
    readonly flush: () => void;
  }
>()("quorate/shell/driver/services/Journal") {}
