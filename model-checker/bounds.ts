/**
 * What a run explores: the cluster, its network and storage, and how far it may go. A result
 * without its bounds is not a result, so they are plain data and printed with every verdict.
 */
import {
  type Configuration,
  initialDurable,
  type KernelConfig,
  kernelConfig,
  type ServerId,
} from "../kernel/index.ts";
import type { Needs } from "../spec/index.ts";

/** Everything that decides the state space; `Infinity` only where nothing is exhausted. */
export interface Bounds {
  /** Voters, named n1, n2, ... */
  readonly servers: number;
  /** Learners, named after the voters. */
  readonly learners: number;
  /** No campaign beyond this term. */
  readonly terms: number;
  /** No log longer than this. */
  readonly log: number;
  /** Client proposals in all. */
  readonly proposals: number;
  /** Messages in flight at once. */
  readonly messages: number;
  /** Crashes in all. */
  readonly crashes: number;
  /** Messages delivered twice, in all. */
  readonly duplications: number;
  /** Whether losing a message is an action; a message never delivered is lost in any case. */
  readonly loss: boolean;
  /** Whether leaders send heartbeats. */
  readonly heartbeats: boolean;
  /** `fifo`: each link delivers in the order of sending. */
  readonly network: "unordered" | "fifo";
  /** `asynchronous`: a write completes later, and a crash loses what was not yet written. */
  readonly storage: "synchronous" | "asynchronous";
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  /** AppendEntries in flight to one follower (`maxInFlight` of the kernel). */
  readonly window: number;
  /** Entries in one AppendEntries (`maxEntriesPerMessage` of the kernel). */
  readonly batch: number;
}

/** A small cluster with everything on: the starting point of every scope. */
export const defaultBounds: Bounds = {
  servers: 3,
  learners: 0,
  terms: 2,
  log: 3,
  proposals: 1,
  messages: 4,
  crashes: 1,
  duplications: 0,
  loss: false,
  heartbeats: true,
  network: "unordered",
  storage: "synchronous",
  preVote: true,
  checkQuorum: true,
  window: 1,
  batch: 2,
};

/** What is wrong with `bounds`, or null: one sentence naming the bound and its range. */
export function boundsFault(bounds: Bounds): string | null {
  const least: Partial<Record<keyof Bounds, number>> = { servers: 1, terms: 1, log: 1 };
  for (const [name, value] of Object.entries(bounds) as [keyof Bounds, unknown][]) {
    if (typeof value !== "number") continue;
    const minimum = least[name] ?? (["messages", "window", "batch"].includes(name) ? 1 : 0);
    const isWhole = value === Number.POSITIVE_INFINITY || Number.isInteger(value);
    if (!isWhole || value < minimum) {
      return `${name} must be a whole number of at least ${minimum}, not ${value}`;
    }
  }
  if (bounds.servers + bounds.learners > 9) return "at most 9 servers and learners together";
  return null;
}

/** The names of all servers, voters first. */
export function serverNames(bounds: Bounds): readonly ServerId[] {
  const count = bounds.servers + bounds.learners;
  return Array.from({ length: count }, (_, position) => `n${position + 1}`);
}

/** The configuration the cluster is founded with. */
export function foundingConfiguration(bounds: Bounds): Configuration {
  const names = serverNames(bounds);
  return {
    voters: names.slice(0, bounds.servers),
    outgoingVoters: [],
    learners: names.slice(bounds.servers),
  };
}

/** What every server of the cluster has stored at first. */
export function foundingDurable(bounds: Bounds): ReturnType<typeof initialDurable> {
  return initialDurable(foundingConfiguration(bounds));
}

/** The kernel configuration of one server. */
export function kernelConfigOf(bounds: Bounds, id: ServerId): KernelConfig {
  return kernelConfig(id, {
    preVote: bounds.preVote,
    checkQuorum: bounds.checkQuorum,
    maxEntriesPerMessage: bounds.batch,
    maxInFlight: bounds.window,
  });
}

/** Whether `bounds` allow what a "sometimes" property needs. */
export function meets(bounds: Bounds, needs: Needs): boolean {
  return (
    bounds.servers >= (needs.servers ?? 3) &&
    bounds.terms >= (needs.terms ?? 1) &&
    bounds.proposals >= (needs.proposals ?? 0) &&
    bounds.crashes >= (needs.crashes ?? 0) &&
    bounds.messages >= (needs.messages ?? 1) &&
    bounds.log >= (needs.log ?? 1) &&
    (bounds.heartbeats || !needs.heartbeats) &&
    (bounds.preVote || !needs.preVote) &&
    (bounds.checkQuorum || !needs.checkQuorum) &&
    (bounds.storage === "asynchronous" || !needs.asynchronousStorage)
  );
}

/** The name of the n-th proposed command, from 0: a, b, c, ... */
export function commandNamed(n: number): string {
  return n < 26 ? String.fromCharCode(97 + n) : `c${n}`;
}
