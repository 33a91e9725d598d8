/** What can happen to a server, and what it asks its host to do. Thesis §10.2.1 for the order. */
import type { InstallSnapshotRequest, Message } from "./messages.ts";
import type { Entry, LogIndex, ServerId, Snapshot, Term } from "./types.ts";

/** One input of `step`. Time and chance arrive as events: the kernel has no clock. */
export type Event =
  | { readonly kind: "message"; readonly message: Message }
  /** An election timeout passed without a leader; for a leader: time to check its quorum. */
  | { readonly kind: "election-timeout" }
  | { readonly kind: "heartbeat-timeout" }
  /** The minimum election timeout passed since a leader was last heard (thesis §4.2.3). */
  | { readonly kind: "minimum-election-timeout" }
  /**
   * The lease timer, started with a round of reads, ran out (thesis §6.4.1). A host gives it before
   * anything that came after that moment, be it late itself.
   */
  | { readonly kind: "lease-timeout" }
  | { readonly kind: "propose"; readonly command: string }
  /** Asks for these members: whatever they are now (thesis §4.3). */
  | {
      readonly kind: "propose-configuration";
      readonly voters: readonly ServerId[];
      readonly learners: readonly ServerId[];
    }
  /**
   * Asks for a read of the state machine. `read` names it: a host uses no name twice, not even
   * after a restart, for an answer to the earlier one may still be on its way.
   */
  | { readonly kind: "read"; readonly read: string }
  /** Asks the leader to make `to` the leader (thesis §3.10). */
  | { readonly kind: "transfer-leadership"; readonly to: ServerId }
  /** Asks for an election now, as if an election timeout had passed. */
  | { readonly kind: "campaign" }
  /** The host has stored its state machine as of `lastIndex`: the log may begin after it. */
  | { readonly kind: "snapshot-taken"; readonly lastIndex: LogIndex }
  /** What `send-snapshot` asked for was delivered, as far as the host can know. */
  | { readonly kind: "snapshot-sent"; readonly peer: ServerId }
  /** What `send-snapshot` asked for failed. */
  | { readonly kind: "snapshot-failed"; readonly peer: ServerId }
  /** The connection to `peer` broke: what was in flight is likely lost. */
  | { readonly kind: "peer-unreachable"; readonly peer: ServerId }
  /** A `persist` completed: what it asked to be durable now is. The fields repeat the effect's. */
  | {
      readonly kind: "persisted";
      readonly currentTerm: Term;
      readonly lastIndex: LogIndex;
      readonly lastTerm: Term;
    };

/** Why an input changed nothing, or less than its sender hoped for. Each is tested by name. */
export type IgnoreReason =
  | "malformed"
  | "not-addressed-here"
  | "stale-term"
  | "impossible-term"
  | "leader-contact"
  | "not-a-voter"
  | "not-leader"
  | "not-campaigning"
  | "vote-refused"
  | "stale-acknowledgement"
  | "stale-rejection"
  | "impossible-acknowledgement"
  | "impossible-commit"
  | "conflicts-with-committed"
  | "already-leader"
  | "no-leader-contact"
  | "second-leader-of-term"
  | "nothing-awaits-persistence"
  | "unknown-peer"
  | "no-transfer-of-snapshot"
  | "awaits-snapshot"
  | "stale-snapshot"
  | "impossible-snapshot"
  | "no-lease"
  | "unknown-read"
  | "repeated-read";

/** What a host asks of a server on behalf of others, and may be refused. */
export type Request = Extract<
  Event["kind"],
  "propose" | "propose-configuration" | "read" | "transfer-leadership" | "campaign"
>;

/** Why a request was refused. Each is tested by name. */
export type RejectReason =
  | "not-leader"
  | "malformed"
  /** The command is longer than `maxCommandChars`. */
  | "too-large"
  /** Too much is uncommitted: try again later. */
  | "overloaded"
  /** The leader is handing over: nothing is taken until that ends. */
  | "transferring"
  /** The leader has not yet committed an entry of its term (thesis §4.1, §6.4). */
  | "not-ready"
  | "change-in-progress"
  | "unchanged"
  /** A learner that is to become a voter lacks committed entries. */
  | "not-caught-up"
  | "already-leader"
  | "not-a-voter"
  /** A leader is heard: a campaign would break what was promised to it (thesis §4.2.3). */
  | "leader-contact"
  /** The transfer did not happen within an election timeout; it still may. */
  | "timed-out"
  /** The leader that was to answer leads no more, or may not: the outcome is not known. */
  | "leader-lost"
  /** A read of that name is already pending here. */
  | "repeated";

/**
 * Make durable, in one atomic write, the hard state and what changed of the log. The log follows
 * `snapshot`, or where it did; then it holds what it held up to `lastIndex` less the length of
 * `entries`, and then `entries`.
 */
export interface PersistEffect {
  readonly kind: "persist";
  readonly currentTerm: Term;
  readonly votedFor: ServerId | null;
  /** Where the log now begins; null: where it did. */
  readonly snapshot: Snapshot | null;
  readonly entries: readonly Entry[];
  /** The end of the log once this is durable: what `persisted` reports back. */
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
}

/** A message to put on the network; `early` ones may overtake a `persist` barrier. */
export interface SendEffect {
  readonly kind: "send";
  readonly message: Message;
  readonly early: boolean;
}

/** The timers a host keeps for the kernel. Resetting an unarmed timer arms it. */
export type Timer = "election" | "minimum-election" | "heartbeat" | "lease";

/** A request was not taken, or will not be answered. */
export interface RejectEffect {
  readonly kind: "reject";
  readonly request: Request;
  readonly reason: RejectReason;
  /** The read's name, where the request was a read. */
  readonly read: string | null;
  readonly leaderId: ServerId | null;
}

/**
 * Carried out in order. `persist` is a barrier that `early` sends may overtake; timers wait for
 * nothing, for a lease's must not start after the heartbeats of its round have left.
 */
export type Effect =
  | PersistEffect
  | SendEffect
  /** Give these committed entries to the state machine, in order. */
  | { readonly kind: "apply"; readonly entries: readonly Entry[] }
  | { readonly kind: "reset-timer"; readonly timer: Timer }
  /**
   * Send `message`, and the bytes of its snapshot before it: the receiver's kernel is given the
   * message once the bytes are stored there. It promises nothing, so that it may overtake a
   * `persist` as an early send. Report `snapshot-sent` or `snapshot-failed`.
   */
  | { readonly kind: "send-snapshot"; readonly message: InstallSnapshotRequest }
  /** Replace the state machine by this snapshot, whose bytes are stored. */
  | { readonly kind: "install-snapshot"; readonly snapshot: Snapshot }
  /** Answer this read once the state machine has applied `index`. */
  | { readonly kind: "read-ready"; readonly read: string; readonly index: LogIndex }
  | RejectEffect
  | { readonly kind: "ignored"; readonly reason: IgnoreReason; readonly detail: string };

/** The outcome of a step: the next state, and what the host must now do, in this order. */
export interface StepResult<S> {
  readonly state: S;
  readonly effects: readonly Effect[];
}
