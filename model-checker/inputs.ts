/**
 * What may happen to one server by itself within given bounds: the one list that world and engine
 * enumerate, in a fixed order.
 */
import {
  baseIndex,
  configurationOf,
  lastIndex,
  mayCampaign,
  otherVoters,
  type Role,
  type State,
} from "../kernel/index.ts";
import { type Bounds, commandAt, readNamed, targetOf } from "./bounds.ts";
import { reliesOnLease } from "./clocks.ts";
import { type Budget, limitOf } from "./environment.ts";
import type { LocalInput, Process, Up } from "./process.ts";

/** An input, and what of the budget it uses. */
export interface PossibleInput {
  readonly input: LocalInput;
  readonly spends: keyof Budget | null;
  /** Only possible where exactly this much of the budget is used: names depend on it. */
  readonly ordinal: number | null;
}

function free(input: LocalInput): PossibleInput {
  return { input, spends: null, ordinal: null };
}

function paid(input: LocalInput, spends: keyof Budget): PossibleInput {
  return { input, spends, ordinal: null };
}

/** One input for each place that the budget of `spends` can be at, or for where it is. */
function numbered(
  { bounds, budget }: Limits,
  spends: keyof Budget,
  inputAt: (ordinal: number) => LocalInput,
): readonly PossibleInput[] {
  const limit = limitOf(bounds, spends);
  const used = budget?.[spends];
  if (used !== undefined && used >= limit) return [];
  const ordinals = used === undefined ? [...Array(limit).keys()] : [used];
  return ordinals.map((ordinal) => ({ input: inputAt(ordinal), spends, ordinal }));
}

interface Limits {
  readonly bounds: Bounds;
  readonly budget: Budget | null;
}

/**
 * The inputs a process may get by itself within `bounds`. With a `budget`, numbered inputs are
 * the next ones; without, whatever they may be numbered.
 */
export function possibleInputs(
  process: Process,
  bounds: Bounds,
  budget: Budget | null,
): readonly PossibleInput[] {
  if (process.kind === "down") return [free({ kind: "restart" })];
  return [
    ...timers(process, bounds),
    ...requests(process, { bounds, budget }),
    ...reports(process.state.role, bounds),
    ...(process.stream.length > 0 ? [free({ kind: "flush" })] : []),
    ...(bounds.crashes > 0 ? [paid({ kind: "crash" }, "crashes")] : []),
  ];
}

function timers({ state, id }: Up, bounds: Bounds): readonly PossibleInput[] {
  const { role } = state;
  const inputs: LocalInput[] = [];
  if (mayTimeOut(state, id, bounds)) inputs.push({ kind: "election-timeout" });
  if (state.leaderContact) inputs.push({ kind: "minimum-election-timeout" });
  if (role.kind === "leader") {
    if (bounds.heartbeats) inputs.push({ kind: "heartbeat-timeout" });
    if (reliesOnLease(role)) inputs.push({ kind: "lease-timeout" });
  }
  return inputs.map(free);
}

/** Whether an election timeout would change anything within the bounds. */
function mayTimeOut(state: State, id: string, bounds: Bounds): boolean {
  const { role, currentTerm } = state;
  if (role.kind === "leader") return bounds.checkQuorum || role.transferTo !== null;
  if (mayCampaign(state, id)) return currentTerm < bounds.terms;
  return role.kind === "follower" && role.reads.length > 0;
}

function requests({ state, id }: Up, limits: Limits): readonly PossibleInput[] {
  const { bounds } = limits;
  const { role } = state;
  const result: PossibleInput[] =
    role.kind === "leader" ? [...requestsToLeader(state, id, limits)] : [];
  if (mayRead(state)) {
    result.push(
      ...numbered(limits, "reads", (n): LocalInput => ({ kind: "read", read: readNamed(n) })),
    );
  }
  const isAble = role.kind !== "leader" && state.currentTerm < bounds.terms;
  if (bounds.campaigns > 0 && isAble && mayCampaign(state, id)) {
    result.push(paid({ kind: "campaign" }, "campaigns"));
  }
  if (bounds.snapshots > 0 && state.commitIndex > baseIndex(state.log)) {
    result.push(paid({ kind: "snapshot-taken", lastIndex: state.commitIndex }, "snapshots"));
  }
  return result;
}

function requestsToLeader(state: State, id: string, limits: Limits): readonly PossibleInput[] {
  const { bounds } = limits;
  const mayTransfer =
    bounds.transfers > 0 && state.role.kind === "leader" && state.role.transferTo === null;
  const targets = mayTransfer ? otherVoters(configurationOf(state), id) : [];
  return [
    ...numbered(
      limits,
      "proposals",
      (n): LocalInput => ({ kind: "propose", command: commandAt(bounds, n) }),
    ),
    ...numbered(
      limits,
      "changes",
      (n): LocalInput => ({ kind: "propose-configuration", ...targetOf(bounds.changes[n] ?? "") }),
    ),
    ...targets.map((to) => paid({ kind: "transfer-leadership", to }, "transfers")),
  ];
}

/** A read is only worth asking for where it is not refused at once. */
function mayRead({ role, leaderId }: State): boolean {
  return role.kind === "leader" || (role.kind === "follower" && leaderId !== null);
}

/** What a leader's host may report of its peers. */
function reports(role: Role, bounds: Bounds): readonly PossibleInput[] {
  if (role.kind !== "leader") return [];
  return role.progress.flatMap(({ id: peer, mode }): readonly PossibleInput[] => {
    if (mode === "snapshot") {
      return [free({ kind: "snapshot-sent", peer }), free({ kind: "snapshot-failed", peer })];
    }
    const isWorthIt = bounds.disconnections > 0 && mode === "replicate";
    return isWorthIt ? [paid({ kind: "peer-unreachable", peer }, "disconnections")] : [];
  });
}

/** What the process exceeds of `bounds`, or null. */
export function exceeds(process: Process, bounds: Bounds): "log" | "terms" | null {
  if (process.kind === "down") return null;
  if (lastIndex(process.state.log) > bounds.log) return "log";
  return process.state.currentTerm > bounds.terms ? "terms" : null;
}
