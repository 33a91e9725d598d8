/**
 * Properties as data. Each names the narrowest view of a cluster that decides it, so that a
 * checker may remember its verdict for that view, and a naive evaluator needs no knowledge of it.
 */
import type {
  Configuration,
  Durable,
  Effect,
  Entry,
  Event,
  KernelConfig,
  LogIndex,
  ServerId,
  Snapshot,
  State,
  Term,
} from "../kernel/index.ts";

/** One server as properties see it: what it has stored, and, while it runs, its state. */
export interface ServerView {
  readonly id: ServerId;
  readonly config: KernelConfig;
  /** null while the server is down. */
  readonly state: State | null;
  readonly durable: Durable;
}

/** One call of the kernel. */
export interface KernelStep {
  readonly config: KernelConfig;
  readonly before: State;
  readonly event: Event;
  readonly after: State;
  readonly effects: readonly Effect[];
}

/** An entry of the committed sequence, and the earliest term in which it was seen committed. */
export interface CommittedEntry {
  readonly entry: Entry;
  readonly committedInTerm: Term;
}

/** What became of a read that a client asked for. */
export interface ReadRecord {
  readonly read: string;
  /** How many entries were committed when it was asked; 0 once it has an outcome. */
  readonly floor: number;
  /** `stale`: answered from before something that was committed when it was asked. */
  readonly outcome: "pending" | "answered" | "stale" | "answered twice" | "rejected";
}

/** The entries that were committed, and what was in force before the first of them. */
export interface CommittedHistory {
  readonly founding: Configuration;
  /** The first entry to be committed at index i + 1. */
  readonly committed: readonly CommittedEntry[];
}

/**
 * What has happened so far, and only proofs need: history variables in TLA+'s sense. A pure
 * fold of what servers can be seen to do.
 */
export interface History extends CommittedHistory {
  /** Who was elected in term i + 1, each name once, sorted. */
  readonly leaders: readonly (readonly ServerId[])[];
  /** The reads asked for, in the order of asking. */
  readonly reads: readonly ReadRecord[];
}

/** A log: what a snapshot stands for, and the entries that follow it. */
export interface LogSpan {
  readonly base: Snapshot;
  readonly entries: readonly Entry[];
}

/** What the properties over logs see of a server: nothing else may sway them. */
export interface LogView {
  /** The server's log; while it is down, what it stored of it. */
  readonly log: LogSpan;
  /** The part of it that is durable. */
  readonly stored: LogSpan;
  /** While the server is down, where its log begins. */
  readonly commitIndex: LogIndex;
  /** The term it leads, or null. */
  readonly leadsTerm: Term | null;
}

interface Named {
  readonly name: string;
  /** What is demanded, in a sentence, with its source. */
  readonly rule: string;
}

/** Must hold in every reachable state, or of every step. */
export type Always = Named & { readonly kind: "always" } & (
    | { readonly over: "server"; readonly holds: (server: ServerView) => boolean }
    /** Of the logs of any two servers. */
    | {
        readonly over: "pair";
        readonly holds: (a: LogSpan, b: LogSpan) => boolean;
      }
    | { readonly over: "step"; readonly holds: (step: KernelStep) => boolean }
    | { readonly over: "history"; readonly holds: (history: History) => boolean }
    | {
        readonly over: "server-history";
        readonly holds: (server: LogView, history: CommittedHistory) => boolean;
      }
    /** Must hold at a majority of the voters last committed, be they up or down. */
    | {
        readonly over: "quorum-history";
        readonly holds: (server: LogView, history: CommittedHistory) => boolean;
      }
  );

/** What a change of the members may do. */
export type KindOfChange = "changes voters" | "adds" | "removes" | "promotes" | "demotes";

/** The least a run must allow before it can be asked to reach something. */
export interface Needs {
  readonly servers?: number;
  readonly terms?: number;
  readonly proposals?: number;
  readonly sessions?: boolean;
  readonly crashes?: number;
  /** Messages in flight at once. */
  readonly messages?: number;
  readonly log?: number;
  readonly snapshots?: number;
  readonly changes?: number;
  /** One of the changes, taken one after the other, does this. */
  readonly changeThat?: KindOfChange;
  readonly transfers?: number;
  readonly reads?: number;
  readonly campaigns?: number;
  readonly learners?: number;
  readonly disconnections?: number;
  /** AppendEntries in flight to one peer. */
  readonly window?: number;
  /** A limit on what a leader holds uncommitted that proposals can exceed. */
  readonly overload?: boolean;
  readonly leaseReads?: boolean;
  readonly heartbeats?: boolean;
  readonly preVote?: boolean;
  readonly checkQuorum?: boolean;
  readonly asynchronousStorage?: boolean;
}

/** Must be reached at least once where `needs` is met: a run in which nothing happens fails. */
export type Sometimes = Named & { readonly kind: "sometimes"; readonly needs: Needs } & (
    | { readonly over: "step"; readonly reached: (step: KernelStep) => boolean }
    /** A crash: `server` as it was just before. */
    | { readonly over: "crash"; readonly reached: (server: ServerView) => boolean }
    /** A restart: `server` as it is just after. */
    | { readonly over: "restart"; readonly reached: (server: ServerView) => boolean }
  );

/** Something demanded of a cluster. */
export type Property = Always | Sometimes;
