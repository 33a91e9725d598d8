/** What the transport can do on one machine: the codec alone, and messages over loopback. */
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Result from "effect/Result";
import type { Entry, Message } from "../kernel/index.ts";
import { type Receiver, Transport } from "../shell/driver/services.ts";
import { decoderOf, encode } from "../shell/transport/codec.ts";
import { TransportStatus, tcpTransport } from "../shell/transport/index.ts";
import { MessageSchema } from "../shell/transport/schema.ts";
import { nanoseconds } from "./measure.ts";

const ENTRIES = 512;
const COMMAND_CHARS = 400;

/** What was measured of the transport, over plain TCP on loopback, both ends in one process. */
export interface TransportFigures {
  /** Entries of 400 characters, 512 to a message, made into bytes and back. */
  readonly codecEntriesPerSecond: number;
  /** The same made into bytes, sent, received and read. */
  readonly entriesPerSecond: number;
  /** Messages that acknowledge, sent, received and read. */
  readonly acknowledgementsPerSecond: number;
}

function appendEntries(): Message {
  const entries = Array.from({ length: ENTRIES }, (_, at): Entry => {
    const command = `${at} ${"x".repeat(COMMAND_CHARS)}`.slice(0, COMMAND_CHARS);
    return { index: at + 1, term: 1, payload: { kind: "command", command } };
  });
  const before = { prevLogIndex: 0, prevLogTerm: 0, leaderCommit: 0 };
  return { kind: "append-entries-request", from: "n1", to: "n2", term: 1, ...before, entries };
}

const accepted: Message = {
  kind: "append-entries-accepted",
  from: "n1",
  to: "n2",
  term: 1,
  matchIndex: 1_000_000,
};

function codecEntriesPerSecond(): number {
  const decode = decoderOf<Message>(MessageSchema);
  const message = appendEntries();
  const once = (count: number): unknown => {
    let last: unknown;
    for (let i = 0; i < count; i++) last = Result.getOrThrow(decode(encode(message)));
    return last;
  };
  return (1e9 * ENTRIES) / (nanoseconds([once], 100)[0] ?? Number.NaN);
}

/** Starts a transport within the scope, and gives it with its address. */
const open = Effect.fnUntraced(function* (id: string, receiver: Receiver) {
  const scope = yield* Effect.scope;
  const listen = { host: "127.0.0.1", port: 0 };
  const layer = tcpTransport({ id, cluster: "bench", listen, tls: null, insecure: "loopback" });
  const context = yield* Layer.buildWithScope(layer, scope);
  const transport = Context.get(context, Transport);
  const status = Context.get(context, TransportStatus);
  yield* transport.start(receiver);
  return { transport, status, port: (yield* status.address)?.port };
});

/** Sends a message so often, with at most `window` on their way; gives how many a second. */
const throughput = Effect.fnUntraced(function* (message: Message, count: number, window: number) {
  let arrived = 0;
  let sent = 0;
  let pump = (): void => {};
  const receiveSnapshot = (): Effect.Effect<void> => Effect.void;
  const receive = (): boolean => {
    arrived += 1;
    pump();
    return true;
  };
  const to = yield* open("n2", { receive, receiveSnapshot });
  const from = yield* open("n1", { receive: () => true, receiveSnapshot });
  from.transport.setPeers(new Map([["n2", `127.0.0.1:${to.port}`]]));
  while ((yield* from.status.counters)["outbound"] !== 1) yield* Effect.sleep(1);
  const started = process.hrtime.bigint();
  yield* Effect.callback<void>((resume) => {
    pump = () => {
      if (arrived === count) resume(Effect.void);
      while (sent < count && sent - arrived < window) {
        sent += 1;
        from.transport.send(message);
      }
    };
    pump();
  });
  return (count * 1e9) / Number(process.hrtime.bigint() - started);
}, Effect.scoped);

/** Measures the transport; takes some seconds. */
export async function transportFigures(): Promise<TransportFigures> {
  const batches = throughput(appendEntries(), 2_000, 8);
  const acknowledgements = throughput(accepted, 300_000, 1_000);
  return {
    codecEntriesPerSecond: codecEntriesPerSecond(),
    entriesPerSecond: (await Effect.runPromise(batches)) * ENTRIES,
    acknowledgementsPerSecond: await Effect.runPromise(acknowledgements),
  };
}
