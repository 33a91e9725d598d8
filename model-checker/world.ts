/**
 * The cluster world: servers, network, budgets and history, and everything that can happen to
 * them. Plain immutable data. Checker, oracle, simulator, scripts and replay all run this.
 */
import type { KernelConfig, Message, ServerId } from "../kernel/index.ts";
import type { KernelStep } from "../spec/index.ts";
import { type Bounds, foundingDurable, kernelConfigOf, serverNames, targetOf } from "./bounds.ts";
import { isBound, passesElectionTimer } from "./clocks.ts";
import {
  type Budget,
  type Environment,
  initialEnvironment,
  limitOf,
  record,
  spend,
} from "./environment.ts";
import { exceeds, possibleInputs } from "./inputs.ts";
import {
  emptyNetwork,
  isDeliverable,
  type Network,
  partitioned,
  positionInFlight,
  without,
  withSent,
} from "./network.ts";
import { type LocalInput, type Move, type Process, start, stepProcess } from "./process.ts";

/** A cluster at one moment. `configs` and `processes` are in the order of the servers' names. */
export interface World {
  readonly bounds: Bounds;
  readonly configs: readonly KernelConfig[];
  readonly processes: readonly Process[];
  readonly network: Network;
  readonly environment: Environment;
}

/** What happens to one server by itself, in the words of the schedule syntax. */
export type LocalAction = { readonly server: ServerId } & (
  | { readonly kind: (typeof PLAIN_ACTIONS)[number] }
  | { readonly kind: "propose"; readonly command: string }
  | { readonly kind: "read"; readonly read: string }
  /** A change of the members to `target`, as the bounds write it. */
  | { readonly kind: "configure"; readonly target: string }
  | {
      readonly kind: "transfer" | "snapshot-sent" | "snapshot-failed" | "disconnect";
      readonly peer: ServerId;
    }
);

/** The local actions that say nothing but the server they happen to. */
export const PLAIN_ACTIONS = [
  "timeout",
  "minimum-timeout",
  "heartbeat",
  "lease-timeout",
  "flush",
  "crash",
  "restart",
  "campaign",
  /** A snapshot of all that the server knows to be committed. */
  "snapshot",
] as const;

/** What happens to a message in flight. `duplicate` delivers a copy and leaves the message. */
export interface MessageAction {
  readonly kind: "deliver" | "duplicate" | "drop";
  readonly message: Message;
}

/** One thing that can happen to a world. */
export type Action =
  | LocalAction
  | MessageAction
  | { readonly kind: "partition"; readonly groups: readonly (readonly ServerId[])[] }
  | { readonly kind: "heal" };

/** What came of an action. */
export interface WorldStep {
  readonly world: World;
  /** The server it happened to, if one. */
  readonly server: ServerId | null;
  readonly sent: readonly Message[];
  readonly moves: readonly Move[];
  readonly steps: readonly KernelStep[];
  /** What the kernel threw, if it did. */
  readonly broken: string | null;
}

/** Why an action was not carried out: not possible here, or outside the bounds. */
export interface Refusal {
  readonly refused: string;
  /** Whether it could happen, but the bounds leave it out. */
  readonly outOfBounds: boolean;
}

/** What a local action is to the server it happens to, in `process`. */
export function localInputOf(action: LocalAction, process: Process): LocalInput {
  switch (action.kind) {
    case "timeout":
      return { kind: "election-timeout" };
    case "minimum-timeout":
      return { kind: "minimum-election-timeout" };
    case "heartbeat":
      return { kind: "heartbeat-timeout" };
    case "snapshot": {
      const lastIndex = process.kind === "up" ? process.state.commitIndex : 0;
      return { kind: "snapshot-taken", lastIndex };
    }
    case "propose":
      return { kind: "propose", command: action.command };
    case "read":
      return { kind: "read", read: action.read };
    case "configure":
      return { kind: "propose-configuration", ...targetOf(action.target) };
    case "transfer":
      return { kind: "transfer-leadership", to: action.peer };
    case "disconnect":
      return { kind: "peer-unreachable", peer: action.peer };
    case "snapshot-sent":
    case "snapshot-failed":
      return { kind: action.kind, peer: action.peer };
    default:
      return { kind: action.kind };
  }
}

/** The local action that gives `server` this input. */
export function localActionOf(input: LocalInput, server: ServerId): LocalAction {
  switch (input.kind) {
    case "election-timeout":
      return { kind: "timeout", server };
    case "minimum-election-timeout":
      return { kind: "minimum-timeout", server };
    case "heartbeat-timeout":
      return { kind: "heartbeat", server };
    case "snapshot-taken":
      return { kind: "snapshot", server };
    case "propose":
      return { kind: "propose", server, command: input.command };
    case "read":
      return { kind: "read", server, read: input.read };
    case "propose-configuration": {
      const learners = input.learners.length === 0 ? "" : `+${input.learners.join(",")}`;
      return { kind: "configure", server, target: `${input.voters.join(",")}${learners}` };
    }
    case "transfer-leadership":
      return { kind: "transfer", server, peer: input.to };
    case "peer-unreachable":
      return { kind: "disconnect", server, peer: input.peer };
    case "snapshot-sent":
    case "snapshot-failed":
      return { kind: input.kind, server, peer: input.peer };
    case "message":
      throw new Error("a message arrives by no local action");
    default:
      return { kind: input.kind, server };
  }
}

/** What of the budget a local action uses. */
const SPENDS: Partial<Record<LocalAction["kind"], keyof Budget>> = {
  crash: "crashes",
  propose: "proposals",
  snapshot: "snapshots",
  configure: "changes",
  transfer: "transfers",
  read: "reads",
  campaign: "campaigns",
  disconnect: "disconnections",
};

/** The cluster before anything happened. */
export function initialWorld(bounds: Bounds): World {
  const configs = serverNames(bounds).map((id) => kernelConfigOf(bounds, id));
  return {
    bounds,
    configs,
    processes: configs.map((config) => start(config, foundingDurable(bounds, config.id))),
    network: emptyNetwork(bounds.network),
    environment: initialEnvironment(bounds),
  };
}

/** The position of a server, or -1. */
export function positionOf(world: World, id: ServerId): number {
  return world.configs.findIndex((config) => config.id === id);
}

/**
 * Everything that can happen now within the bounds, except what would send too much or grow a
 * log too long, which only `perform` can tell. In a fixed order: messages in the order of
 * sending, then servers by name. Partitions are for scripts: loss covers them.
 */
export function enabledActions(world: World): readonly Action[] {
  const { bounds, network, processes, environment } = world;
  const actions: Action[] = [];
  const { budget } = environment;
  network.messages.forEach((message, position) => {
    if (!isDeliverable(network, position)) return;
    if (processes[positionOf(world, message.to)]?.kind === "up") {
      actions.push({ kind: "deliver", message });
      if (budget.duplications < bounds.duplications) actions.push({ kind: "duplicate", message });
    }
    if (bounds.loss) actions.push({ kind: "drop", message });
  });
  for (const process of processes) {
    for (const { input, spends } of possibleInputs(process, bounds, budget)) {
      if (spends !== null && budget[spends] >= limitOf(bounds, spends)) continue;
      if (isTooEarly(world, process.id, input)) continue;
      actions.push(localActionOf(input, process.id));
    }
  }
  return actions;
}

function refuse(refused: string, outOfBounds = false): Refusal {
  return { refused, outOfBounds };
}

/** Lets `action` happen, or says why it cannot. */
export function perform(world: World, action: Action): WorldStep | Refusal {
  switch (action.kind) {
    case "partition":
    case "heal": {
      const groups = action.kind === "heal" ? null : action.groups;
      return quietly({ ...world, network: partitioned(world.network, groups) });
    }
    case "deliver":
    case "duplicate":
    case "drop":
      return performOnMessage(world, action);
    default:
      return performLocally(world, action);
  }
}

/** A step in which no server takes part; also how a world stands before anything happened. */
export function quietly(world: World): WorldStep {
  return { world, server: null, sent: [], moves: [], steps: [], broken: null };
}

function performOnMessage(world: World, { kind, message }: MessageAction): WorldStep | Refusal {
  const { network, environment, bounds } = world;
  const position = positionInFlight(network, message);
  if (position === -1) return refuse("no such message is in flight");
  if (!isDeliverable(network, position)) return refuse("an earlier message of this link is ahead");
  const rest = without(network, position);
  if (kind === "drop") return quietly({ ...world, network: rest });
  if (kind === "deliver") {
    return stepServer({ ...world, network: rest }, message.to, { kind: "message", message });
  }
  const spent = spend(environment, "duplications", bounds);
  if (spent === null) return refuse("no duplication is left", true);
  return stepServer({ ...world, environment: spent }, message.to, { kind: "message", message });
}

function performLocally(world: World, action: LocalAction): WorldStep | Refusal {
  const { environment, bounds, processes } = world;
  const process = processes[positionOf(world, action.server)];
  if (process === undefined) return refuse(`there is no server ${action.server}`);
  const item = SPENDS[action.kind];
  const spent = item === undefined ? environment : spend(environment, item, bounds);
  if (spent === null) return refuse(`no ${action.kind} is left`, true);
  const input = localInputOf(action, process);
  if (isTooEarly(world, action.server, input)) {
    return refuse("clocks that run alike allow it only once the leader's lease has ended", true);
  }
  if (input.kind === "read" && isNameUsed(environment, input.read)) {
    return refuse(`a read named ${input.read} was asked before`);
  }
  return stepServer({ ...world, environment: spent }, action.server, input);
}

/** Whether the bounds' clocks rule out that `input` happens to the server `id` now. */
function isTooEarly({ bounds, environment }: World, id: ServerId, input: LocalInput): boolean {
  if (bounds.clocks === "free" || !passesElectionTimer(input)) return false;
  return isBound(environment.leases, id);
}

function isNameUsed({ history }: Environment, name: string): boolean {
  return history.reads.some(({ read }) => read === name);
}

/** Why `process` cannot take `input`, or null. */
function impossible(process: Process, input: LocalInput): string | null {
  if (process.kind === "down") return input.kind === "restart" ? null : `${process.id} is down`;
  if (input.kind === "restart") return `${process.id} is not down`;
  if (input.kind === "flush" && process.stream.length === 0) {
    return `${process.id} has no write in progress`;
  }
  return null;
}

function stepServer(world: World, id: ServerId, input: LocalInput): WorldStep | Refusal {
  const { bounds, configs, processes } = world;
  const position = positionOf(world, id);
  const [config, process] = [configs[position], processes[position]];
  if (config === undefined || process === undefined) return refuse(`there is no server ${id}`);
  const fault = impossible(process, input);
  if (fault !== null) return refuse(fault);
  const outcome = stepProcess(config, process, input, bounds.storage);
  const { sent, moves, steps, broken } = outcome;
  const excess = exceeds(outcome.process, bounds);
  if (excess !== null) {
    return refuse(excess === "log" ? "the log would be too long" : "no term is left", true);
  }
  const network = withSent(world.network, sent);
  if (network.messages.length > bounds.messages) {
    return refuse("too many messages would be in flight", true);
  }
  const environment = record(world.environment, outcome.observations);
  const next = {
    ...world,
    processes: processes.with(position, outcome.process),
    network,
    environment,
  };
  return { world: next, server: id, sent, moves, steps, broken };
}
