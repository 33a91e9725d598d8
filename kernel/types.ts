/**
 * The vocabulary of the kernel: names, numbers, entries, configurations, durable state.
 * Thesis §3.2-3.5 and Figure 3.1 (state of a server); §4.3 (joint configurations).
 */

/** A server's name, e.g. `n1`. Names are compared for equality, never ordered by rules. */
export type ServerId = string & { readonly brand?: "ServerId" };
/** A term, a logical clock of elections (thesis §3.3). The first election is term 1. */
export type Term = number & { readonly brand?: "Term" };
/** A position in the log (thesis §3.5). The first entry has index 1; 0 is "before the log". */
export type LogIndex = number & { readonly brand?: "LogIndex" };

/**
 * The members in force. `voters` decide together with `outgoingVoters`, which is empty
 * except in a joint configuration C_old,new (thesis §4.3). Learners receive entries only.
 */
export interface Configuration {
  readonly voters: readonly ServerId[];
  readonly outgoingVoters: readonly ServerId[];
  readonly learners: readonly ServerId[];
}

/** What an entry holds: a client's opaque command, a leader's no-op, or a configuration. */
export type Payload =
  | { readonly kind: "no-op" }
  | { readonly kind: "command"; readonly command: string }
  | { readonly kind: "configuration"; readonly configuration: Configuration };

/** One entry of the log; `term` is the term of the leader that created it (thesis §3.5). */
export interface Entry {
  readonly index: LogIndex;
  readonly term: Term;
  readonly payload: Payload;
}

/**
 * What a snapshot of the state machine stands for (thesis Figure 5.3): everything up to the entry
 * (`lastIndex`, `lastTerm`), and the configuration in force there. The state machine's bytes are
 * the host's, kept under (`lastIndex`, `lastTerm`). The founding configuration of a cluster is
 * its snapshot of index 0.
 */
export interface Snapshot {
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
  readonly configuration: Configuration;
}

/** What survives a crash: Figure 3.1's "persistent state", and where the log begins (§5.1). */
export interface Durable {
  readonly currentTerm: Term;
  readonly votedFor: ServerId | null;
  /** The log follows it. */
  readonly snapshot: Snapshot;
  readonly entries: readonly Entry[];
}

/** Constants of one server: the same at every step of one run. */
export interface KernelConfig {
  readonly id: ServerId;
  /** Ask whether an election could be won before raising the term (thesis §9.6). */
  readonly preVote: boolean;
  /**
   * A leader steps down when it hears no quorum for an election timeout, and servers in
   * contact with a leader refuse votes (leader stickiness; thesis §6.2 and §4.2.3).
   */
  readonly checkQuorum: boolean;
  /** Most entries in one AppendEntries, at least 1. */
  readonly maxEntriesPerMessage: number;
  /** Most command characters in one AppendEntries; one entry always fits. */
  readonly maxCharsPerMessage: number;
  /** Most AppendEntries in flight to one follower, at least 1 (thesis §10.2.1). */
  readonly maxInFlight: number;
  /**
   * Command characters in flight to one follower from which on nothing more is sent; so one
   * message always fits, and the last may exceed it.
   */
  readonly maxCharsInFlight: number;
  /** Most characters in one command: a longer one is rejected as `too-large`. */
  readonly maxCommandChars: number;
  /**
   * Most command characters that a leader holds uncommitted: what would exceed it is rejected as
   * `overloaded`. One command always fits where nothing is uncommitted.
   */
  readonly maxUncommittedChars: number;
  /**
   * A leader answers reads without asking for as long as a confirmed round of heartbeats binds
   * its followers (thesis §6.4.1). Needs CheckQuorum, and clocks whose rates differ by less than
   * the lease timer is shorter than the minimum election timeout.
   */
  readonly leaseReads: boolean;
}

/** A server's configuration with the defaults that suit a real cluster. */
export function kernelConfig(id: ServerId, options: Partial<KernelConfig> = {}): KernelConfig {
  return {
    preVote: true,
    checkQuorum: true,
    maxEntriesPerMessage: 64,
    maxCharsPerMessage: 1 << 20,
    maxInFlight: 16,
    maxCharsInFlight: 1 << 23,
    maxCommandChars: 1 << 20,
    maxUncommittedChars: 1 << 26,
    leaseReads: false,
    ...options,
    id,
  };
}
