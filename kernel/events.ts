/** What can happen to a server, and what it asks its host to do. Thesis §10.2.1 for the order. */
import type { Message } from "./messages.ts";
import type { Entry, LogIndex, ServerId, Term } from "./types.ts";

export type Event =
  | { readonly kind: "message"; readonly message: Message }
  /** An election timeout passed without a leader; for a leader: time to check its quorum. */
  | { readonly kind: "election-timeout" }
  | { readonly kind: "heartbeat-timeout" }
  /** The minimum election timeout passed since a leader was last heard (thesis §4.2.3). */
  | { readonly kind: "minimum-election-timeout" }
  | { readonly kind: "propose"; readonly command: string }
  /** A `persist` completed; (lastIndex, lastTerm) end the log it made durable. */
  | { readonly kind: "persisted"; readonly lastIndex: LogIndex; readonly lastTerm: Term };

export type IgnoreReason =
  | "malformed"
  | "not-addressed-here"
  | "sender-not-in-configuration"
  | "stale-term"
  | "leader-contact"
  | "not-a-voter"
  | "not-leader"
  | "not-campaigning"
  | "vote-refused"
  | "stale-acknowledgement"
  | "stale-rejection"
  | "impossible-acknowledgement"
  | "already-leader"
  | "no-leader-contact"
  | "second-leader-of-term";

/** Carried out in order; `persist` is a barrier that only `early` sends may overtake. */
export type Effect =
  | {
      readonly kind: "persist";
      readonly currentTerm: Term;
      readonly votedFor: ServerId | null;
      /** Replace the durable log from the first entry's index on; empty: the log is unchanged. */
      readonly entries: readonly Entry[];
      /** The end of the log once this is durable: what `persisted` reports back. */
      readonly lastIndex: LogIndex;
      readonly lastTerm: Term;
    }
  | { readonly kind: "send"; readonly message: Message; readonly early: boolean }
  | { readonly kind: "apply"; readonly entries: readonly Entry[] }
  | { readonly kind: "reset-timer"; readonly timer: "election" | "minimum-election" | "heartbeat" }
  | { readonly kind: "reject"; readonly reason: "not-leader"; readonly leaderId: ServerId | null }
  | { readonly kind: "ignored"; readonly reason: IgnoreReason; readonly detail: string };

/** The outcome of a step. */
export interface StepResult<S> {
  readonly state: S;
  readonly effects: readonly Effect[];
}
