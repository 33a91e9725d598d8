/**
 * A driver in operation, on the services of the world: a fiber that feeds it, one that keeps its
 * time, and fibers for what takes long. Its outcomes are what `Server` promises.
 */
import { randomBytes } from "node:crypto";
import * as Cause from "effect/Cause";
import * as Clock from "effect/Clock";
import * as Context from "effect/Context";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Fiber from "effect/Fiber";
import * as Option from "effect/Option";
import * as Queue from "effect/Queue";
import * as Random from "effect/Random";
import * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import {
  type KernelConfig,
  kernelConfig,
  type ServerId,
  type StateMachine,
} from "../../kernel/index.ts";
import { Driver, type Host, type Input } from "./driver.ts";
import { nextTurn } from "./next-turn.ts";
import { type Restored, restored } from "./replica.ts";
import type { Answer, Ask } from "./requests.ts";
import { type RequestError, type Server, Stopped } from "./server.ts";
import {
  Journal,
  type Receiver,
  Storage,
  StorageError,
  Transport,
  TransportError,
} from "./services.ts";
import { chunksOfBytes, chunksOfText, MAX_SNAPSHOT_BYTES } from "./snapshot-chunks.ts";
import type { SnapshotPolicy } from "./snapshots.ts";
import { saidBy } from "./thrown.ts";
import { defaultTiming, type Timing, timingFault } from "./timers.ts";

/** What a server is made of, beside the services it runs on. */
export interface ServerOptions<S, R> {
  readonly id: ServerId;
  readonly stateMachine: StateMachine<S, R>;
  /** Where the servers are, `host:port` each. More can be told later by `setPeers`. */
  readonly peers: ReadonlyMap<ServerId, string>;
  readonly kernel?: Partial<KernelConfig>;
  readonly timing?: Partial<Timing>;
  readonly snapshots?: Partial<SnapshotPolicy>;
  /** Most requests that are not answered yet; more are refused as `overloaded`. 10,000. */
  readonly maxRequests?: number;
  /** Most messages that wait to be taken; more are lost, as on a network. 10,000. */
  readonly maxArrivals?: number;
  /** Told the machine's state whenever entries were applied. */
  readonly onApplied?: (state: S) => void;
}

/** What suits a network of servers that are near each other: few messages, each full. */
const kernelDefaults: Partial<KernelConfig> = { maxInFlight: 4, maxEntriesPerMessage: 512 };
const snapshotDefaults: SnapshotPolicy = { every: 50_000, trailing: 5_000, expansion: 4 };

/** The monotonic time in milliseconds. */
function timeOf(clock: Clock.Clock): number {
  return Number(clock.monotonicTimeNanosUnsafe()) / 1e6;
}

/**
 * Starts a server, which runs until the scope closes or its storage fails. Fails where its
 * storage cannot be trusted or its address not be had. Throws RangeError for bad options.
 */
export const makeServer = Effect.fnUntraced(function* <S, R>(
  options: ServerOptions<S, R>,
): Effect.fn.Return<
  Server<S, R>,
  StorageError | TransportError,
  Storage | Transport | Scope.Scope
> {
  const timing = { ...defaultTiming, ...options.timing };
  const fault = timingFault(timing);
  if (fault !== null) throw new RangeError(fault);
  const storage = yield* Storage;
  const transport = yield* Transport;
  const journal = Option.getOrNull(Context.getOption(yield* Effect.context<never>(), Journal));
  const clock = yield* Clock.Clock;
  const random = yield* Random.Random;
  const scope = yield* Scope.fork(yield* Effect.scope);
  const services = yield* Effect.context<never>();
  const run = Effect.runForkWith(services);
  const fork = <A, E>(effect: Effect.Effect<A, E>): void => {
    Fiber.runIn(run(effect), scope);
  };
  const inbox = yield* Queue.unbounded<Input<S, R>>();
  const failed = yield* Deferred.make<Stopped>();
  const machine = options.stateMachine;

  const durable = yield* storage.load;
  const snapshotState = yield* restoreDurable(storage, machine, durable.snapshot);
  let closing: Fiber.Fiber<void> | null = null;
  const stop = (reason: string): Effect.Effect<void> =>
    Effect.sync(() => {
      driver.stop(reason);
      Deferred.doneUnsafe(failed, Exit.succeed(new Stopped({ message: reason })));
      // Not by this fiber, which may be one of those that end with the scope.
      run(Effect.map(Queue.clear(inbox), (inputs) => driver.refuseAll(inputs)));
      closing ??= run(Scope.close(scope, Exit.void));
    });
  const offer = (input: Input<S, R>): boolean => Queue.offerUnsafe(inbox, input);
  /** Reports how a piece of work that the storage does ended; a failure is the server's end. */
  const whenStored = (work: Effect.Effect<void, StorageError>, input: () => Input<S, R>): void =>
    fork(
      work.pipe(
        Effect.andThen(Effect.sync(() => offer(input()))),
        Effect.catch(({ message }) => stop(`the storage failed: ${message}`)),
        Effect.catchCause((cause) => stop(`the server failed: ${Cause.pretty(cause)}`)),
      ),
    );
  const host: Host = {
    send: transport.send,
    // After the sends of this turn: a disk that holds up this thread must not hold up them, for
    // others write to theirs meanwhile (thesis §10.2.1).
    write: (write) =>
      whenStored(Effect.andThen(nextTurn, storage.write(write)), () => ({ kind: "written" })),
    saveSnapshot: (snapshot, parts) => {
      let bytes = 0;
      const isTooLarge = (): boolean => bytes > MAX_SNAPSHOT_BYTES;
      const chunks = Stream.map(chunksOfText(parts), (chunk) => {
        bytes += chunk.length;
        // Once it was stored, the log would be compacted, and what it stands for be lost.
        if (isTooLarge()) throw new RangeError(`more than ${MAX_SNAPSHOT_BYTES}`);
        return chunk;
      });
      const saved = storage
        .saveSnapshot(snapshot, chunks)
        .pipe(Effect.catchCause((cause) => (isTooLarge() ? Effect.void : Effect.failCause(cause))));
      whenStored(saved, () =>
        isTooLarge()
          ? { kind: "snapshot-too-large", bytes }
          : { kind: "snapshot-saved", snapshot, bytes },
      );
    },
    sendSnapshot: (message) =>
      fork(
        storage.readSnapshot(message.snapshot).pipe(
          // One that the log has gone on from may be gone; the one it rests on must be good.
          Effect.tapError((error) =>
            driver.status.snapshotIndex === message.snapshot.lastIndex
              ? stop(`the storage failed: ${error.message}`)
              : Effect.void,
          ),
          Effect.flatMap((data) => transport.sendSnapshot(message, data)),
          Effect.match({
            onSuccess: () => "snapshot-sent" as const,
            onFailure: () => "snapshot-failed" as const,
          }),
          Effect.map((kind) => offer({ kind: "event", event: { kind, peer: message.to } })),
        ),
      ),
  };
  const driver = new Driver<S, R>(
    {
      config: kernelConfig(options.id, { ...kernelDefaults, ...options.kernel }),
      machine,
      timing,
      snapshots: { ...snapshotDefaults, ...options.snapshots },
      maxRequests: options.maxRequests ?? 10_000,
      onApplied: options.onApplied ?? (() => {}),
    },
    host,
    journal,
    {
      durable,
      restored: snapshotState,
      run: `${options.id}-${randomBytes(9).toString("base64url")}`,
      now: timeOf(clock),
      random: () => random.nextDoubleUnsafe(),
    },
  );
  // The storage is let go of when all that uses it has ended.
  const ended = Effect.suspend(() => (closing === null ? Effect.void : Fiber.join(closing)));
  yield* Effect.addFinalizer(() => Effect.andThen(stop("the server was shut down"), ended));
  transport.setPeers(options.peers);
  yield* transport
    .start(receiverOf(storage, machine, inbox, options.maxArrivals ?? 10_000))
    .pipe(Scope.provide(scope));
  fork(
    work(driver, inbox, clock).pipe(
      Effect.catchCause((cause) => stop(`the server failed: ${Cause.pretty(cause)}`)),
    ),
  );
  fork(keepTime(driver, clock, offer));
  return serverOf(options.id, driver, inbox, failed);
});

/** Feeds the driver, all that has come at a time. */
function work<S, R>(
  driver: Driver<S, R>,
  inbox: Queue.Queue<Input<S, R>>,
  clock: Clock.Clock,
): Effect.Effect<never> {
  return Queue.takeAll(inbox).pipe(
    Effect.map((inputs) => driver.handle(inputs, timeOf(clock))),
    Effect.forever({ disableYield: true }),
  );
}

/** Wakes the driver whenever a timer may have run out. */
function keepTime<S, R>(
  driver: Driver<S, R>,
  clock: Clock.Clock,
  offer: (input: Input<S, R>) => boolean,
): Effect.Effect<never> {
  return Effect.suspend(() => {
    const now = timeOf(clock);
    // Rounded up, so that the timer has run out when this wakes.
    return Effect.sleep(Math.max(1, Math.ceil(driver.nextLook(now) - now)));
  }).pipe(
    Effect.andThen(Effect.sync(() => offer({ kind: "wake" }))),
    Effect.forever({ disableYield: true }),
  );
}

/** The state of the durable snapshot; null where the log begins at its beginning. */
function restoreDurable<S, R>(
  storage: typeof Storage.Service,
  machine: StateMachine<S, R>,
  snapshot: Parameters<typeof storage.readSnapshot>[0],
): Effect.Effect<Restored<S> | null, StorageError> {
  if (snapshot.lastIndex === 0) return Effect.succeed(null);
  return storage.readSnapshot(snapshot).pipe(
    Effect.flatMap((data) =>
      Effect.try({
        try: () => restored(machine, snapshot, data),
        catch: (error) => {
          const what = `snapshot ${snapshot.lastIndex} of term ${snapshot.lastTerm}`;
          const advice = "start this server with the state machine that made it";
          return new StorageError({ message: `${what}: ${saidBy(error)}; ${advice}` });
        },
      }),
    ),
  );
}

/** Takes what the transport brings. A snapshot is read and stored before the kernel hears of it. */
function receiverOf<S, R>(
  storage: typeof Storage.Service,
  machine: StateMachine<S, R>,
  inbox: Queue.Queue<Input<S, R>>,
  maxArrivals: number,
): Receiver {
  const hasRoom = (): boolean => Queue.sizeUnsafe(inbox) < maxArrivals;
  return {
    receive: (event) => hasRoom() && Queue.offerUnsafe(inbox, { kind: "event", event }),
    receiveSnapshot: Effect.fnUntraced(function* (message, data) {
      const state = yield* Effect.try({
        try: () => restored(machine, message.snapshot, data),
        catch: (error) => new TransportError({ message: saidBy(error) }),
      });
      yield* storage
        .saveSnapshot(message.snapshot, chunksOfBytes(data))
        .pipe(Effect.mapError(({ message }) => new TransportError({ message })));
      Queue.offerUnsafe(inbox, { kind: "snapshot-received", message, restored: state });
    }),
  };
}

/** What a host sees of a driver that is fed through `inbox`. */
function serverOf<S, R>(
  id: ServerId,
  driver: Driver<S, R>,
  inbox: Queue.Queue<Input<S, R>>,
  failed: Deferred.Deferred<Stopped>,
): Server<S, R> {
  const ask = <A>(make: (answer: Answer<A>) => Ask<S, R>): Effect.Effect<A, RequestError> =>
    Effect.callback<A, RequestError>((resume) => {
      const request = make(resume);
      if (driver.hasStopped) driver.refuseAll([{ kind: "ask", ask: request }]);
      else Queue.offerUnsafe(inbox, { kind: "ask", ask: request });
    });
  return {
    id,
    propose: (command) => ask((answer) => ({ kind: "propose", command, answer })),
    read: ask((answer) => ({ kind: "read", answer })),
    stale: Effect.sync(() => driver.machineState),
    changeMembers: ({ voters, learners }) =>
      ask((answer) => ({ kind: "propose-configuration", voters, learners, answer })),
    transfer: (to) => ask((answer) => ({ kind: "transfer-leadership", to, answer })),
    takeSnapshot: ask((answer) => ({ kind: "take-snapshot", answer })),
    status: Effect.sync(() => driver.status),
    counters: Effect.sync(() => driver.counters),
    failed: Deferred.await(failed),
  };
}
