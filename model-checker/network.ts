/**
 * The network between servers. Unordered: a set of messages in flight, any of which may arrive
 * next; sending one that is already in flight adds nothing (the second copy is lost, which a
 * lossy network may always do). FIFO: each link is a queue, and its head arrives next.
 */
import type { Message, ServerId } from "../kernel/index.ts";
import { textOf } from "./canonical.ts";

/** Messages in flight in the order of sending, and who can reach whom. */
export interface Network {
  readonly discipline: "unordered" | "fifo";
  readonly messages: readonly Message[];
  /** While partitioned, the groups within which messages travel; null: everybody reaches all. */
  readonly partition: readonly (readonly ServerId[])[] | null;
}

/** A network with nothing in flight. */
export function emptyNetwork(discipline: Network["discipline"]): Network {
  return { discipline, messages: [], partition: null };
}

function isCut({ partition }: Network, { from, to }: Message): boolean {
  return partition !== null && !partition.some((g) => g.includes(from) && g.includes(to));
}

/** The network with `sent` in flight, less what a partition cuts off. */
export function withSent(network: Network, sent: readonly Message[]): Network {
  if (sent.length === 0) return network;
  const messages = [...network.messages];
  const inFlight = new Set(network.discipline === "unordered" ? messages.map(textOf) : []);
  for (const message of sent) {
    if (isCut(network, message)) continue;
    if (network.discipline === "unordered") {
      const text = textOf(message);
      if (inFlight.has(text)) continue;
      inFlight.add(text);
    }
    messages.push(message);
  }
  return { ...network, messages };
}

/** The position of the first message in flight that is equal to `message`, or -1. */
export function positionInFlight({ messages }: Network, message: Message): number {
  const text = textOf(message);
  return messages.findIndex((other) => other === message || textOf(other) === text);
}

/** The network without the message at `position`. */
export function without(network: Network, position: number): Network {
  return { ...network, messages: network.messages.toSpliced(position, 1) };
}

/** Whether the message at `position` may arrive next. */
export function isDeliverable({ discipline, messages }: Network, position: number): boolean {
  const message = messages[position];
  if (message === undefined) return false;
  const ahead = (other: Message): boolean => other.from === message.from && other.to === message.to;
  return discipline === "unordered" || messages.findIndex(ahead) === position;
}

/** The network cut into `groups` (null: healed); what is in flight across a cut is lost. */
export function partitioned(network: Network, groups: Network["partition"]): Network {
  const cut = { ...network, partition: groups };
  return { ...cut, messages: network.messages.filter((message) => !isCut(cut, message)) };
}
