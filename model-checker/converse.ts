/** Servers left to talk among themselves: the loop that macros and the liveness phase share. */
import type { Message, ServerId } from "../kernel/index.ts";
import { isDeliverable } from "./network.ts";
import { act, type Simulation } from "./simulate.ts";
import type { Action, World } from "./world.ts";

/**
 * Delivers the messages that `suit` among `group` in the order of sending, completes their
 * writes when nothing else is left, and stops after `limit` actions. How many there were.
 */
export function converse(
  run: Simulation,
  group: readonly ServerId[],
  suits: (message: Message) => boolean,
  limit: number,
): number {
  for (let count = 0; count < limit; count++) {
    const message = nextMessage(run.world, group, suits);
    const action: Action | null =
      message === undefined ? nextFlush(run.world, group) : { kind: "deliver", message };
    if (action === null || !act(run, action)) return count;
  }
  return limit;
}

/** The same, but every message that was delivered is still in flight: it may arrive again. */
export function converseTwice(
  run: Simulation,
  group: readonly ServerId[],
  suits: (message: Message) => boolean,
  limit: number,
): void {
  const heard = new Set<Message>();
  const isNew = (message: Message): boolean => !heard.has(message) && suits(message);
  for (let count = 0; count < limit; count++) {
    const message = nextMessage(run.world, group, isNew);
    if (message !== undefined) heard.add(message);
    const action: Action | null =
      message === undefined ? nextFlush(run.world, group) : { kind: "duplicate", message };
    if (action === null || !act(run, action)) return;
  }
}

/** The first message in flight that can arrive now. */
function nextMessage(
  { network, processes }: World,
  group: readonly ServerId[],
  suits: (message: Message) => boolean,
): Message | undefined {
  const up = processes.flatMap(({ id, kind }) => (kind === "up" && group.includes(id) ? [id] : []));
  return network.messages.find(
    (candidate, position) =>
      up.includes(candidate.to) &&
      group.includes(candidate.from) &&
      suits(candidate) &&
      isDeliverable(network, position),
  );
}

function nextFlush({ processes }: World, group: readonly ServerId[]): Action | null {
  const writing = processes.find(
    (process) => process.kind === "up" && process.stream.length > 0 && group.includes(process.id),
  );
  return writing === undefined ? null : { kind: "flush", server: writing.id };
}
