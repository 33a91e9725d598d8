/**
 * A server of a replicated state machine, as its host sees it: ask for commands, reads and changes,
 * and learn how it went. An outcome is a success, a definite failure (nothing happened, and nothing
 * will), or unknown; the three are never mixed up.
 */
import type * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type {
  Configuration,
  LogIndex,
  RejectReason,
  ServerId,
  Snapshot,
  Term,
} from "../../kernel/index.ts";

/** Definite: this server leads not. `leaderId` may, where it is known. */
export class NotLeader extends Schema.TaggedError<NotLeader>()("NotLeader", {
  leaderId: Schema.NullOr(Schema.String),
}) {
  override get message(): string {
    return `not the leader${this.leaderId === null ? "" : `: ask ${this.leaderId}`}`;
  }
}

/** What a refusal means, as a sentence. */
const REFUSALS: Readonly<Record<Exclude<RejectReason, "not-leader">, string>> = {
  malformed: "what was asked for makes no sense",
  "too-large": "the command is too large",
  overloaded: "too much is not committed yet: try again later",
  transferring: "leadership is being handed over: try again when that has ended",
  "not-ready": "the server is not ready for it yet: try again later",
  "change-in-progress": "another change of the members is going on: try again when it is done",
  unchanged: "the members are so already",
  "not-caught-up": "the learner lacks committed entries: try again later",
  "already-leader": "the server leads already",
  "not-a-voter": "the server does not vote",
  "leader-contact": "a leader is heard",
  "timed-out": "it did not happen in time",
  "leader-lost": "the leader was lost meanwhile",
  repeated: "a read of that name is pending already",
};

/** Definite: the kernel refused, and says why. */
export class Refused extends Schema.TaggedError<Refused>()("Refused", {
  reason: Schema.String as Schema.Schema<Exclude<RejectReason, "not-leader">>,
  leaderId: Schema.NullOr(Schema.String),
}) {
  override get message(): string {
    return REFUSALS[this.reason];
  }
}

/** What was asked for may have happened, may happen later, or never. */
export class OutcomeUnknown extends Schema.TaggedError<OutcomeUnknown>()("OutcomeUnknown", {
  message: Schema.String,
}) {}

/** Definite: the server has stopped, for the reason given. */
export class Stopped extends Schema.TaggedError<Stopped>()("Stopped", {
  message: Schema.String,
}) {}

export type RequestError = NotLeader | Refused | OutcomeUnknown | Stopped;

/** What a server knows of a peer that it leads. */
export interface PeerStatus {
  readonly id: ServerId;
  readonly matchIndex: LogIndex;
  readonly mode: "probe" | "replicate" | "snapshot";
}

/** A server at one moment. */
export interface Status {
  readonly id: ServerId;
  readonly role: "follower" | "pre-candidate" | "candidate" | "leader";
  readonly term: Term;
  readonly leaderId: ServerId | null;
  readonly commitIndex: LogIndex;
  readonly appliedIndex: LogIndex;
  readonly lastIndex: LogIndex;
  /** The log begins after it. */
  readonly snapshotIndex: LogIndex;
  readonly configuration: Configuration;
  /** Empty where this server does not lead. */
  readonly peers: readonly PeerStatus[];
}

/** What a server has counted since it started. Names are those of the metrics. */
export type Counters = Readonly<Record<string, number>>;

/** A running server with a state machine of states `S` and responses `R`. */
export interface Server<S, R> {
  readonly id: ServerId;
  /** Has the command committed and applied; gives the machine's response. */
  readonly propose: (command: string) => Effect.Effect<R, RequestError>;
  /** The machine's state, with all that was answered anywhere before this was asked (§6.4). */
  readonly read: Effect.Effect<S, RequestError>;
  /** The machine's state as this server has it: it may be old. */
  readonly stale: Effect.Effect<S>;
  /** Changes the members; completes when the new configuration is committed (§4.3). */
  readonly changeMembers: (members: {
    readonly voters: readonly ServerId[];
    readonly learners: readonly ServerId[];
  }) => Effect.Effect<void, RequestError>;
  /** Hands leadership to `to`; completes when this server follows it (§3.10). */
  readonly transfer: (to: ServerId) => Effect.Effect<void, RequestError>;
  /** Stores a snapshot now and compacts the log up to it; gives what is stored (§5.1). */
  readonly takeSnapshot: Effect.Effect<Snapshot, RequestError>;
  readonly status: Effect.Effect<Status>;
  readonly counters: Effect.Effect<Counters>;
  /** Completes with the reason once the server has stopped by itself: it serves nothing more. */
  readonly failed: Effect.Effect<Stopped>;
}
