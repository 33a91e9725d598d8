/**
 * What surrounds the servers: how much of the fault budget is used, and the history that
 * properties look at. A pure fold of what servers can be seen to do, so it is small and two
 * routes to the same deeds agree.
 */
import type { Entry, ServerId, Term } from "../kernel/index.ts";
import type { CommittedEntry, History } from "../spec/index.ts";
import type { Bounds } from "./bounds.ts";

/** A deed of a server that history records. */
export type Observation =
  | { readonly kind: "elected"; readonly id: ServerId; readonly term: Term }
  /** A server in `term` newly knows these entries to be committed. */
  | { readonly kind: "committed"; readonly term: Term; readonly entries: readonly Entry[] };

/** The budgets, each a count of what was used. */
export interface Budget {
  readonly crashes: number;
  readonly proposals: number;
  readonly duplications: number;
}

/** Budgets and history. */
export interface Environment {
  readonly budget: Budget;
  readonly history: History;
}

export const initialEnvironment: Environment = {
  budget: { crashes: 0, proposals: 0, duplications: 0 },
  history: { leaders: [], committed: [] },
};

/** The environment after one more of `item` was used, or null where `bounds` allow no more. */
export function spend(
  environment: Environment,
  item: keyof Budget,
  bounds: Bounds,
): Environment | null {
  const used = environment.budget[item];
  if (used >= bounds[item]) return null;
  return { ...environment, budget: { ...environment.budget, [item]: used + 1 } };
}

/** The environment after `observations`, in order. */
export function record(
  environment: Environment,
  observations: readonly Observation[],
): Environment {
  if (observations.length === 0) return environment;
  const history = observations.reduce(recordOne, environment.history);
  return { ...environment, history };
}

function recordOne(history: History, observation: Observation): History {
  if (observation.kind === "elected") {
    return { ...history, leaders: withLeader(history.leaders, observation.term, observation.id) };
  }
  // The first to commit at an index decides what is committed there; who differs violates.
  const committed: CommittedEntry[] = [...history.committed];
  for (const entry of observation.entries) {
    if (entry.index === committed.length + 1) {
      committed.push({ entry, committedInTerm: observation.term });
    }
  }
  return { ...history, committed };
}

function withLeader(leaders: History["leaders"], term: Term, id: ServerId): History["leaders"] {
  const result = [...leaders];
  while (result.length < term) result.push([]);
  const elected = new Set(result[term - 1]).add(id);
  result[term - 1] = [...elected].sort();
  return result;
}
