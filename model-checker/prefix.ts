/**
 * A scripted beginning: an exploration may start where a schedule ends, so that what is too deep
 * for breadth-first search is searched from close by. The schedule is performed in the plain
 * world, step by step under every property, and within no bounds but the shape of the cluster.
 *
 * What it uses of a budget does not count: `crashes 1` means one more crash after it. Terms and
 * log lengths are absolute, since servers are in a term and have a log. A counterexample holds
 * the schedule too, and bounds that allow both parts, so it replays from the beginning.
 */
import { type Durable, lastIndex } from "../kernel/index.ts";
import type { Bounds } from "./bounds.ts";
import { CONFORMANCE, type Conformance, firstFault } from "./conformance-contract.ts";
import { type Budget, limitOf } from "./environment.ts";
import { reachedBy, violationOf } from "./evaluate.ts";
import type { Move } from "./process.ts";
import { formatAction, parseAction } from "./schedule.ts";
import {
  boundLabel,
  boundText,
  digestOfWorld,
  isTrace,
  parseSchedule,
  parseTrace,
  type TraceAction,
  type TraceFault,
} from "./trace.ts";
import { initialWorld, perform, type World } from "./world.ts";

/** Bounds that say what the cluster is, not how far it goes: no part of a run may change them. */
const SHAPE: readonly (keyof Bounds)[] = [
  "servers",
  "learners",
  "joining",
  "sessions",
  "network",
  "storage",
  "preVote",
  "checkQuorum",
  "leaseReads",
  "clocks",
  "window",
  "batch",
];

/** A schedule to start from. */
export interface Prefix {
  /** The bounds of the trace it comes from; null for a schedule without a head. */
  readonly bounds: Bounds | null;
  readonly actions: readonly TraceAction[];
}

/** Where an exploration starts. */
export interface Start {
  /** The world, and within what it is explored: its budgets allow for those used already. */
  readonly world: World;
  /** What led there, one action a line. */
  readonly schedule: readonly string[];
  /** Bounds wide enough for what led there and for all that may follow. */
  readonly replayBounds: Bounds;
  /** "Sometimes" properties reached on the way. */
  readonly reached: readonly string[];
  /** The property that the last action violates, or null; nothing is explored then. */
  readonly violation: string | null;
  /** What that action was to the servers. */
  readonly moves: readonly Move[];
}

/** The prefix that `text` is, a trace or a bare schedule, or the first fault in it. */
export function parsePrefix(text: string): Prefix | TraceFault {
  if (!isTrace(text)) {
    const actions = parseSchedule(text);
    return "fault" in actions ? actions : { bounds: null, actions };
  }
  const trace = parseTrace(text);
  return "fault" in trace ? trace : { bounds: trace.bounds, actions: trace.actions };
}

/** An exploration that starts at the beginning. */
export function startOf(bounds: Bounds): Start {
  const world = initialWorld(bounds);
  return { world, schedule: [], replayBounds: bounds, reached: [], violation: null, moves: [] };
}

/** Performs `prefix` and says where an exploration within `bounds` starts, or what is wrong. */
export function startAfter(
  prefix: Prefix,
  bounds: Bounds,
  conformance: Conformance | null = null,
): Start | TraceFault {
  const fault = shapeFault(prefix, bounds);
  if (fault !== null) return { line: 1, fault };
  let world = initialWorld(unlimited(bounds, prefix.actions.length));
  const changes: string[] = [];
  const worlds = [world];
  const schedule: string[] = [];
  const reached = new Set<string>();
  const ended = (violation: string | null, moves: readonly Move[]): Start => {
    const { within, replayBounds } = boundsAfter(worlds, changes, bounds);
    const start = { ...world, bounds: within };
    return { world: start, schedule, replayBounds, reached: [...reached], violation, moves };
  };
  for (const { line, text, digest } of prefix.actions) {
    const action = parseAction(world, text);
    if ("fault" in action) return { line, fault: action.fault };
    const outcome = perform(world, action);
    if ("refused" in outcome) return { line, fault: `not possible here: ${outcome.refused}` };
    const found = digest === null ? null : digestOfWorld(outcome.world);
    if (found !== digest) return { line, fault: `leads to the state ${found}, not ${digest}` };
    schedule.push(formatAction(world, action));
    if (action.kind === "configure") changes.push(action.target);
    for (const name of reachedBy(world, action, outcome)) reached.add(name);
    world = outcome.world;
    worlds.push(world);
    const strays = firstFault(conformance, outcome.moves) !== null;
    const violation = violationOf(outcome) ?? (strays ? CONFORMANCE : null);
    if (violation !== null) return ended(violation, outcome.moves);
  }
  const excess = excessOf(world, bounds);
  if (excess !== null) return { line: prefix.actions.at(-1)?.line ?? 1, fault: excess };
  return ended(null, []);
}

/** Why a prefix cannot lead into an exploration within `bounds`, or null. */
function shapeFault(prefix: Prefix, bounds: Bounds): string | null {
  const { bounds: own } = prefix;
  const name = own === null ? undefined : SHAPE.find((it) => own[it] !== bounds[it]);
  if (own === null || name === undefined) return null;
  const [theirs, wanted] = [boundText(own[name]), boundText(bounds[name])];
  const label = boundLabel(name);
  return `the schedule has ${label} ${theirs}, the exploration ${wanted}: make them equal`;
}

/** The shape of the cluster, and no limit: `actions` may change the members each time. */
function unlimited(bounds: Bounds, actions: number): Bounds {
  const limits = Object.entries(bounds).map(([name, value]) => {
    const isLimit = typeof value === "number" && !SHAPE.includes(name as keyof Bounds);
    return [name, isLimit ? Number.POSITIVE_INFINITY : value];
  });
  const changes = Array<string>(actions).fill("");
  return { ...(Object.fromEntries(limits) as Bounds), changes };
}

function logLength(world: World): number {
  const lengths = world.processes.map((process) =>
    process.kind === "up" ? lastIndex(process.state.log) : storedLength(process.durable),
  );
  return Math.max(...lengths);
}

function storedLength({ snapshot, entries }: Durable): number {
  return snapshot.lastIndex + entries.length;
}

function highestTerm(world: World): number {
  return Math.max(
    ...world.processes.map((process) => {
      return (process.kind === "up" ? process.state : process.durable).currentTerm;
    }),
  );
}

/** The bounds of the exploration with what was used added, and those of the whole run. */
function boundsAfter(
  worlds: readonly World[],
  changes: readonly string[],
  bounds: Bounds,
): { readonly within: Bounds; readonly replayBounds: Bounds } {
  const { budget } = (worlds.at(-1) as World).environment;
  const budgets = Object.entries(budget).map(([item, used]) => {
    return [item, limitOf(bounds, item as keyof Budget) + used];
  });
  const within: Bounds = {
    ...bounds,
    ...Object.fromEntries(budgets),
    changes: [...changes, ...bounds.changes],
  };
  const most = (of: (world: World) => number): number => Math.max(...worlds.map(of));
  const replayBounds = {
    ...within,
    terms: Math.max(bounds.terms, most(highestTerm)),
    log: Math.max(bounds.log, most(logLength)),
    messages: Math.max(
      bounds.messages,
      most(({ network }) => network.messages.length),
    ),
  };
  return { within, replayBounds };
}

/** What of the world at the end of a prefix is outside `bounds`, or null. */
function excessOf(world: World, bounds: Bounds): string | null {
  const { messages, partition } = world.network;
  if (partition !== null) return "the schedule ends in a partition: end it with heal";
  const excess = (what: string, count: number, name: keyof Bounds): string | null =>
    count <= Number(bounds[name])
      ? null
      : `the schedule ends with ${what} ${count}, beyond the bound ${boundLabel(name)} ` +
        boundText(bounds[name]);
  return (
    excess("messages in flight:", messages.length, "messages") ??
    excess("a log of length", logLength(world), "log") ??
    excess("a server in term", highestTerm(world), "terms")
  );
}
