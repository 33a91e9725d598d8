/**
 * One step in the making. The rules change `state` and add effects in order; `step` alone
 * creates it and turns it into a result, so nothing mutable ever leaves the kernel.
 */
import { configurationOf, configurationsAfter } from "./configuration.ts";
import type { Effect, IgnoreReason, RejectReason, Request, Timer } from "./events.ts";
import { replaceSuffix, termAt } from "./log.ts";
import type { Message } from "./messages.ts";
import { isQuorum } from "./quorum.ts";
import type { LeaderRole, State } from "./state.ts";
import type { Entry, KernelConfig, ServerId, Snapshot, Term } from "./types.ts";

/** The state so far, the effects so far, and which entries of the log are new. */
export interface Transition {
  readonly config: KernelConfig;
  state: State;
  readonly effects: Effect[];
  /** Entries that replaced the log's suffix in this step, to be made durable. */
  newEntries: readonly Entry[];
  /** Where the log now begins, if that changed in this step, to be made durable. */
  newBase: Snapshot | null;
}

/** A transition that has changed nothing yet. */
export function begin(config: KernelConfig, state: State): Transition {
  return { config, state, effects: [], newEntries: [], newBase: null };
}

/** Replaces some fields of the state. */
export function update(t: Transition, change: Partial<State>): void {
  t.state = { ...t.state, ...change };
}

/** Replaces the log's suffix from the first of `entries` on, and the configurations with it. */
export function replaceLogSuffix(t: Transition, entries: readonly Entry[]): void {
  const configurations = configurationsAfter(t.state.configurations, entries);
  update(t, { log: replaceSuffix(t.state.log, entries), configurations });
  const [first] = entries;
  const kept = t.newEntries.filter(({ index }) => first === undefined || index < first.index);
  t.newEntries = [...kept, ...entries];
}

/** Sends once everything before it is durable: the rule for whatever makes a promise. */
export function send(t: Transition, message: Message): void {
  t.effects.push({ kind: "send", message, early: false });
}

/** Sends at once: only for messages that promise nothing about durable state (§10.2.1, §9.6). */
export function sendEarly(t: Transition, message: Message): void {
  t.effects.push({ kind: "send", message, early: true });
}

/** Starts `timer` afresh. */
export function resetTimer(t: Transition, timer: Timer): void {
  t.effects.push({ kind: "reset-timer", timer });
}

/** Makes an ignored input observable. */
export function ignore(t: Transition, reason: IgnoreReason, detail = ""): void {
  t.effects.push({ kind: "ignored", reason, detail });
}

/** Refuses a request of the host. */
export function reject(
  t: Transition,
  request: Request,
  reason: RejectReason,
  read: string | null = null,
): void {
  t.effects.push({ kind: "reject", request, reason, read, leaderId: t.state.leaderId });
}

/** Whether `members` hold a quorum of the configuration in force. */
export function isQuorumOf(state: State, members: readonly ServerId[]): boolean {
  return isQuorum(configurationOf(state), members);
}

/** The role where it is a leader's, else null. */
export function leaderRole(state: State): LeaderRole | null {
  return state.role.kind === "leader" ? state.role : null;
}

/** Replaces some of what a leader knows; nothing for who does not lead. */
export function updateLeader(t: Transition, change: Partial<LeaderRole>): void {
  const leader = leaderRole(t.state);
  if (leader !== null) update(t, { role: { ...leader, ...change } });
}

/** Whether the server leads and has committed an entry of its term (thesis §4.1, §6.4). */
export function hasCommittedInTerm({ role, log, commitIndex, currentTerm }: State): boolean {
  return role.kind === "leader" && termAt(log, commitIndex) === currentTerm;
}

/** Sender, receiver and term of a message to `to` in the current term. */
export function envelope(
  t: Transition,
  to: ServerId,
): { readonly from: ServerId; readonly to: ServerId; readonly term: Term } {
  return { from: t.config.id, to, term: t.state.currentTerm };
}
