/**
 * The cluster world: servers, network, budgets and history, and everything that can happen to
 * them. Plain immutable data. Checker, oracle, simulator, scripts and replay all run this.
 */
import type { KernelConfig, Message, ServerId } from "../kernel/index.ts";
import type { KernelStep } from "../spec/index.ts";
import {
  type Bounds,
  commandNamed,
  foundingDurable,
  kernelConfigOf,
  serverNames,
} from "./bounds.ts";
import { encode } from "./canonical.ts";
import { type Environment, initialEnvironment, record, spend } from "./environment.ts";
import {
  emptyNetwork,
  isDeliverable,
  type Network,
  partitioned,
  without,
  withSent,
} from "./network.ts";
import {
  exceeds,
  type LocalInput,
  localInputs,
  type Move,
  type Process,
  start,
  stepProcess,
} from "./process.ts";

/** A cluster at one moment. `configs` and `processes` are in the order of the servers' names. */
export interface World {
  readonly bounds: Bounds;
  readonly configs: readonly KernelConfig[];
  readonly processes: readonly Process[];
  readonly network: Network;
  readonly environment: Environment;
}

/** What happens to one server by itself, in the words of the schedule syntax. */
export type LocalAction =
  | { readonly kind: "timeout"; readonly server: ServerId }
  | { readonly kind: "minimum-timeout"; readonly server: ServerId }
  | { readonly kind: "heartbeat"; readonly server: ServerId }
  | { readonly kind: "flush"; readonly server: ServerId }
  | { readonly kind: "crash"; readonly server: ServerId }
  | { readonly kind: "restart"; readonly server: ServerId }
  | { readonly kind: "propose"; readonly server: ServerId; readonly command: string };

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

const LOCAL_ACTIONS: Readonly<Record<string, LocalAction["kind"]>> = {
  "election-timeout": "timeout",
  "minimum-election-timeout": "minimum-timeout",
  "heartbeat-timeout": "heartbeat",
  propose: "propose",
  flush: "flush",
  crash: "crash",
  restart: "restart",
};

/** What a local action is to the server it happens to. */
export function localInputOf(action: LocalAction): LocalInput {
  switch (action.kind) {
    case "timeout":
      return { kind: "election-timeout" };
    case "minimum-timeout":
      return { kind: "minimum-election-timeout" };
    case "heartbeat":
      return { kind: "heartbeat-timeout" };
    case "propose":
      return { kind: "propose", command: action.command };
    default:
      return { kind: action.kind };
  }
}

/** The local action that gives `server` an input of this kind. */
export function localActionOf(
  kind: LocalInput["kind"],
  server: ServerId,
  command: string,
): LocalAction {
  const name = LOCAL_ACTIONS[kind];
  if (name === undefined) throw new Error(`no local action gives a server: ${kind}`);
  return name === "propose" ? { kind: name, server, command } : { kind: name, server };
}

/** The cluster before anything happened. */
export function initialWorld(bounds: Bounds): World {
  const configs = serverNames(bounds).map((id) => kernelConfigOf(bounds, id));
  return {
    bounds,
    configs,
    processes: configs.map((config) => start(config, foundingDurable(bounds))),
    network: emptyNetwork(bounds.network),
    environment: initialEnvironment,
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
  const { duplications, proposals, crashes } = environment.budget;
  network.messages.forEach((message, position) => {
    if (!isDeliverable(network, position)) return;
    if (processes[positionOf(world, message.to)]?.kind === "up") {
      actions.push({ kind: "deliver", message });
      if (duplications < bounds.duplications) actions.push({ kind: "duplicate", message });
    }
    if (bounds.loss) actions.push({ kind: "drop", message });
  });
  for (const process of processes) {
    for (const kind of localInputs(process, bounds)) {
      if (kind === "propose" && proposals >= bounds.proposals) continue;
      if (kind === "crash" && crashes >= bounds.crashes) continue;
      actions.push(localActionOf(kind, process.id, commandNamed(proposals)));
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
  const text = encode(message);
  const position = network.messages.findIndex((other) => encode(other) === text);
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
  const { environment, bounds } = world;
  const item = ({ crash: "crashes", propose: "proposals" } as const)[action.kind as string];
  const spent = item === undefined ? environment : spend(environment, item, bounds);
  if (spent === null) return refuse(`no ${action.kind} is left`, true);
  return stepServer({ ...world, environment: spent }, action.server, localInputOf(action));
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
  if (exceeds(outcome.process, bounds) !== null) return refuse("the log would be too long", true);
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
