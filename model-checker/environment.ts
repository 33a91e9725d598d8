/**
 * What surrounds the servers: how much of the fault budget is used, and the history that
 * properties look at. A pure fold of what servers can be seen to do, so it is small and two
 * routes to the same deeds agree.
 */
import type { Entry, LogIndex, ServerId, Term } from "../kernel/index.ts";
import type { CommittedEntry, History, ReadRecord } from "../spec/index.ts";
import { type Bounds, foundingConfiguration } from "./bounds.ts";
import { type ClockObservation, leasesAfter, type RunningLease } from "./clocks.ts";

/** A deed of a server that history records. */
export type Observation =
  | { readonly kind: "elected"; readonly id: ServerId; readonly term: Term }
  /** A server in `term` newly knows these entries to be committed. */
  | { readonly kind: "committed"; readonly term: Term; readonly entries: readonly Entry[] }
  /** A client asks for a read, is told from which index on it is answered, or is refused. */
  | { readonly kind: "read-asked"; readonly read: string }
  | { readonly kind: "read-ready"; readonly read: string; readonly index: LogIndex }
  | { readonly kind: "read-rejected"; readonly read: string }
  | ClockObservation;

/** The budgets, each a count of what was used. */
export interface Budget {
  readonly crashes: number;
  readonly proposals: number;
  readonly duplications: number;
  readonly snapshots: number;
  readonly changes: number;
  readonly transfers: number;
  readonly reads: number;
  readonly campaigns: number;
  readonly disconnections: number;
}

/** Budgets, history and clocks. */
export interface Environment {
  readonly budget: Budget;
  readonly history: History;
  /** The lease timers that run, by leader; none where leases are off. */
  readonly leases: readonly RunningLease[];
}

const NOTHING_USED: Budget = {
  crashes: 0,
  proposals: 0,
  duplications: 0,
  snapshots: 0,
  changes: 0,
  transfers: 0,
  reads: 0,
  campaigns: 0,
  disconnections: 0,
};

/** Before anything happened. */
export function initialEnvironment(bounds: Bounds): Environment {
  const founding = foundingConfiguration(bounds);
  const history = { founding, leaders: [], committed: [], reads: [] };
  return { budget: NOTHING_USED, history, leases: [] };
}

/** How much of `item` the bounds allow. */
export function limitOf(bounds: Bounds, item: keyof Budget): number {
  return item === "changes" ? bounds.changes.length : bounds[item];
}

/** The environment after one more of `item` was used, or null where `bounds` allow no more. */
export function spend(
  environment: Environment,
  item: keyof Budget,
  bounds: Bounds,
): Environment | null {
  const used = environment.budget[item];
  if (used >= limitOf(bounds, item)) return null;
  return { ...environment, budget: { ...environment.budget, [item]: used + 1 } };
}

/** The environment after `observations`, in order. */
export function record(
  environment: Environment,
  observations: readonly Observation[],
): Environment {
  return observations.reduce(recordOne, environment);
}

function recordOne(environment: Environment, observation: Observation): Environment {
  switch (observation.kind) {
    case "lease-started":
    case "lease-over":
    case "minimum-election-started":
      return { ...environment, leases: leasesAfter(environment.leases, observation) };
    default:
      return { ...environment, history: historyAfter(environment.history, observation) };
  }
}

function historyAfter(history: History, deed: Exclude<Observation, ClockObservation>): History {
  switch (deed.kind) {
    case "elected":
      return { ...history, leaders: withLeader(history.leaders, deed.term, deed.id) };
    case "committed":
      return { ...history, committed: withCommitted(history.committed, deed) };
    default:
      return { ...history, reads: withRead(history, deed) };
  }
}

/** The first to commit at an index decides what is committed there; who differs violates. */
function withCommitted(
  before: readonly CommittedEntry[],
  { entries, term }: Extract<Observation, { kind: "committed" }>,
): readonly CommittedEntry[] {
  const committed = [...before];
  for (const entry of entries) {
    if (entry.index === committed.length + 1) committed.push({ entry, committedInTerm: term });
  }
  return committed;
}

function withLeader(leaders: History["leaders"], term: Term, id: ServerId): History["leaders"] {
  const result = [...leaders];
  while (result.length < term) result.push([]);
  const elected = new Set(result[term - 1]).add(id);
  result[term - 1] = [...elected].sort();
  return result;
}

type ReadObservation = Extract<
  Observation,
  { kind: "read-asked" | "read-ready" | "read-rejected" }
>;

/** What matters of a read is what was committed when it was asked, and then how it ended. */
function withRead({ reads, committed }: History, deed: ReadObservation): History["reads"] {
  const { read } = deed;
  if (deed.kind === "read-asked") {
    return [...reads, { read, floor: committed.length, outcome: "pending" }];
  }
  return reads.map((record) => (record.read === read ? ended(record, deed) : record));
}

function ended(record: ReadRecord, deed: ReadObservation): ReadRecord {
  const { read, floor, outcome } = record;
  if (outcome !== "pending") return { ...record, outcome: "answered twice" };
  if (deed.kind !== "read-ready") return { read, floor: 0, outcome: "rejected" };
  return { read, floor: 0, outcome: deed.index < floor ? "stale" : "answered" };
}
