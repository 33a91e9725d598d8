/**
 * What travels between servers, as schemas: the kernel's messages (Figure 3.1, §9.6, §3.4, Figure
 * 5.3, §3.10, §6.4), and what connections and snapshots are opened with. Types alone: whether the
 * values of a message make sense together is `messageFault`'s to say.
 */
import * as Schema from "effect/Schema";
import type { Message } from "../../kernel/index.ts";
import { parseAddress } from "./options.ts";

const Name = Schema.String.check(Schema.isMinLength(1));
const Count = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }));

const Configuration = Schema.Struct({
  voters: Schema.Array(Name),
  outgoingVoters: Schema.Array(Name),
  learners: Schema.Array(Name),
});

const Payload = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("no-op") }),
  Schema.Struct({ kind: Schema.Literal("command"), command: Schema.String }),
  Schema.Struct({ kind: Schema.Literal("configuration"), configuration: Configuration }),
]);

const Entry = Schema.Struct({ index: Count, term: Count, payload: Payload });

const Snapshot = Schema.Struct({
  lastIndex: Count,
  lastTerm: Count,
  configuration: Configuration,
});

const Context = Schema.Array(Schema.Struct({ origin: Name, read: Schema.String }));

/** A message of one kind: what every message has, and `fields`. */
function message<const K extends Message["kind"], const F extends Schema.Struct.Fields>(
  kind: K,
  fields: F,
) {
  return Schema.Struct({
    kind: Schema.Literal(kind),
    from: Name,
    to: Name,
    term: Count,
    ...fields,
  });
}

const InstallSnapshot = message("install-snapshot-request", { snapshot: Snapshot });

/** A message between kernels. */
export const MessageSchema = Schema.Union([
  message("pre-vote-request", { lastLogIndex: Count, lastLogTerm: Count }),
  message("pre-vote-response", { voteGranted: Schema.Boolean }),
  message("request-vote-request", {
    lastLogIndex: Count,
    lastLogTerm: Count,
    leadershipTransfer: Schema.Boolean,
  }),
  message("request-vote-response", { voteGranted: Schema.Boolean }),
  message("append-entries-request", {
    prevLogIndex: Count,
    prevLogTerm: Count,
    entries: Schema.Array(Entry),
    leaderCommit: Count,
  }),
  message("append-entries-accepted", { matchIndex: Count }),
  message("append-entries-rejected", {
    prevLogIndex: Count,
    conflictTerm: Count,
    conflictIndex: Count,
  }),
  message("heartbeat-request", { leaderCommit: Count, context: Context }),
  message("heartbeat-response", { context: Context }),
  InstallSnapshot,
  message("timeout-now-request", {}),
  message("read-index-request", { read: Schema.String }),
  message("read-index-response", { read: Schema.String, index: Count }),
]);

/** What a connection is for: snapshots have their own, so that nothing waits behind them. */
export const PurposeSchema = Schema.Literals(["messages", "snapshots"]);
export type Purpose = typeof PurposeSchema.Type;

const Place = Schema.String.check(
  Schema.makeFilter((text) => parseAddress(text) !== null, { expected: "host:port" }),
);

/**
 * The first frame of who dials: who it is, whom it means, and where peers reach it, if it knows:
 * servers of before say nothing of that, and do not read it.
 */
export const HelloSchema = Schema.Struct({
  cluster: Name,
  from: Name,
  to: Name,
  purpose: PurposeSchema,
  address: Schema.optionalKey(Place),
});
export type Hello = typeof HelloSchema.Type;

/** The answer to a hello, or to a snapshot, that is not taken: why. */
export const RefusalSchema = Schema.Struct({ reason: Schema.String });

/** What a snapshot's transfer begins with: `bytes` in all, of hash `sha256` in hexadecimal. */
export const SnapshotHeaderSchema = Schema.Struct({
  message: InstallSnapshot,
  bytes: Count,
  sha256: Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/)),
});
export type SnapshotHeader = typeof SnapshotHeaderSchema.Type;

/** How many bytes of the snapshot the receiver has: the sender goes on from there. */
export const SnapshotOffsetSchema = Schema.Struct({ offset: Count });
