/**
 * Proposals of clients, and how much a leader takes of them. Thesis §3.5 ("the leader appends the
 * command to its log as a new entry"), §3.10 (none during a transfer), §10.2 (bounded queues).
 * TLA+: ClientRequest.
 */
import { entriesBetween, lastIndex } from "./log.ts";
import { charsOfAll } from "./progress.ts";
import { appendAsLeader } from "./replication.ts";
import type { State } from "./state.ts";
import { leaderRole, reject, type Transition } from "./transition.ts";

/** A client's command: appended to the leader's log, or refused with the reason. */
export function onPropose(t: Transition, command: string): void {
  const { maxCommandChars, maxUncommittedChars } = t.config;
  const leader = leaderRole(t.state);
  if (typeof command !== "string") return reject(t, "propose", "malformed");
  if (leader === null) return reject(t, "propose", "not-leader");
  if (leader.transferTo !== null) return reject(t, "propose", "transferring");
  if (command.length > maxCommandChars) return reject(t, "propose", "too-large");
  // A command that is alone always fits, or it would never.
  const chars = leader.uncommittedChars + command.length;
  if (leader.uncommittedChars > 0 && chars > maxUncommittedChars) {
    return reject(t, "propose", "overloaded");
  }
  appendAsLeader(t, { kind: "command", command });
}

/** The characters of the commands that are not yet committed. O(those entries). */
export function uncommittedCharsOf({ log, commitIndex }: State): number {
  return charsOfAll(entriesBetween(log, commitIndex + 1, lastIndex(log)));
}
