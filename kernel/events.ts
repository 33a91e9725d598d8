/** What can happen to a server, and what it asks its host to do. Thesis §10.2.1 for the order. */
import type { Message } from "./messages.ts";
import type { Entry, LogIndex, ServerId, Term } from "./types.ts";

/** One input of `step`. Time and chance arrive as events: the kernel has no clock. */
export type Event =
  | { readonly kind: "message"; readonly message: Message }
  /** An election timeout passed without a leader; for a leader: time to check its quorum. */
  | { readonly kind: "election-timeout" }
  | { readonly kind: "heartbeat-timeout" }
  /** The minimum election timeout passed since a leader was last heard (thesis §4.2.3). */
  | { readonly kind: "minimum-election-timeout" }
  | { readonly kind: "propose"; readonly command: string }
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
  | "sender-not-in-configuration"
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
  | "nothing-awaits-persistence";

/** Make durable, in one atomic write, the hard state and the changed suffix of the log. */
export interface PersistEffect {
  readonly kind: "persist";
  readonly currentTerm: Term;
  readonly votedFor: ServerId | null;
  /** Replace the durable log from the first entry's index on; empty: the log is unchanged. */
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
export type Timer = "election" | "minimum-election" | "heartbeat";

/** Carried out in order; `persist` is a barrier that only `early` sends may overtake. */
export type Effect =
  | PersistEffect
  | SendEffect
  /** Give these committed entries to the state machine, in order. */
  | { readonly kind: "apply"; readonly entries: readonly Entry[] }
  | { readonly kind: "reset-timer"; readonly timer: Timer }
  /** A proposal was not taken. */
  | {
      readonly kind: "reject";
      readonly reason: "not-leader" | "malformed";
      readonly leaderId: ServerId | null;
    }
  | { readonly kind: "ignored"; readonly reason: IgnoreReason; readonly detail: string };

/** The outcome of a step: the next state, and what the host must now do, in this order. */
export interface StepResult<S> {
  readonly state: S;
  readonly effects: readonly Effect[];
}
