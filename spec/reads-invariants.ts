/**
 * What must be true of every step of a server that is asked for reads (thesis §6.4), or answers
 * them by its clock (§6.4.1). TLA+: the `...Prop` of `tla/Raft.tla`.
 */
import {
  configurationOf,
  type Effect,
  isQuorum,
  type LeaderReads,
  type ReadName,
  type ServerId,
  type State,
} from "../kernel/index.ts";
import { sameConfiguration } from "./logs.ts";
import type { Always, KernelStep } from "./property.ts";
import { serverInvariant } from "./state-invariants.ts";
import { invariant, received, sends } from "./steps.ts";

function readsOf({ role }: State): LeaderReads | null {
  return role.kind === "leader" ? role.reads : null;
}

function isSame(a: ReadName, b: ReadName): boolean {
  return a.origin === b.origin && a.read === b.read;
}

function isSameList(a: readonly ReadName[], b: readonly ReadName[]): boolean {
  return a.length === b.length && a.every((name, i) => isSame(name, b[i] as ReadName));
}

/** The reads that a leader answers in this step, its own and those of others. */
function answered({ before, effects, config }: KernelStep): readonly ReadName[] {
  if (before.role.kind !== "leader") return [];
  return effects.flatMap((effect): readonly ReadName[] => {
    if (effect.kind === "read-ready") return [{ origin: config.id, read: effect.read }];
    if (effect.kind !== "send" || effect.message.kind !== "read-index-response") return [];
    return [{ origin: effect.message.to, read: effect.message.read }];
  });
}

/** Whom the step counts for the round that was running: who answered it, until now or now. */
function confirming(it: KernelStep): readonly ServerId[] {
  const round = readsOf(it.before)?.round ?? null;
  const message = received(it);
  if (round === null) return [];
  const isAnswer =
    message?.kind === "heartbeat-response" &&
    message.term === it.before.currentTerm &&
    isSameList(message.context, round.context);
  return isAnswer ? [...round.acknowledgedBy, message.from] : round.acknowledgedBy;
}

function startsLeaseTimer(effect: Effect): boolean {
  return effect.kind === "reset-timer" && effect.timer === "lease";
}

export const readsInvariants: readonly Always[] = [
  invariant(
    "Reads Are Confirmed By A Quorum",
    "A leader answers what a quorum confirmed since it was asked, or what it may by its lease " +
      "(thesis §6.4).",
    (it) => {
      const { before, after, config } = it;
      const round = readsOf(before)?.round ?? null;
      const isInRound = (name: ReadName): boolean =>
        round?.reads.some((other) => isSame(other, name)) === true;
      const isConfirmedBy = (members: readonly ServerId[]): boolean =>
        isQuorum(configurationOf(after), [config.id, ...members]);
      const mayBeLeased = readsOf(before)?.lease === true || readsOf(after)?.lease === true;
      return answered(it).every((name) =>
        isInRound(name) ? isConfirmedBy(confirming(it)) : mayBeLeased || isConfirmedBy([]),
      );
    },
  ),
  invariant(
    "A Lease Starts With Its Round",
    "The lease timer starts when a round begins, before its heartbeats leave, and only a round " +
      "that began with it gives a lease (thesis §6.4.1).",
    ({ before, after, effects }) => {
      const [was, is] = [readsOf(before), readsOf(after)];
      const isStarted = effects.some(startsLeaseTimer);
      const isNewRound = is?.round?.isFresh === true && is.round.context !== was?.round?.context;
      const isNewLease = is?.lease === true && was?.lease !== true;
      return (!isNewRound || isStarted) && (!isNewLease || isStarted || !!was?.round?.isFresh);
    },
  ),
  invariant(
    "A Lease Ends In Time",
    "When the lease timer runs out, or other members may elect, no lease is left (thesis §6.4.1).",
    ({ before, event, after, effects }) => {
      const isChanged = !sameConfiguration(configurationOf(before), configurationOf(after));
      if (event.kind !== "lease-timeout" && !isChanged) return true;
      const reads = readsOf(after);
      const isLeased = reads?.lease === true || reads?.round?.isFresh === true;
      return !isLeased || effects.some(startsLeaseTimer);
    },
  ),
  invariant(
    "A Told Target Costs The Term's Leases",
    "A leader that uses leases never forgets, while it leads, that it told another to campaign, " +
      "for that may be obeyed at any later time (thesis §4.2.3).",
    (it) => {
      const { before, after, config } = it;
      if (after.role.kind !== "leader" || !config.leaseReads || !config.checkQuorum) return true;
      const isTold = sends(it).some(({ message }) => message.kind === "timeout-now-request");
      const wasTold = before.role.kind === "leader" && before.role.yielded;
      return after.role.yielded || !(isTold || wasTold);
    },
  ),
  invariant(
    "A Read Is Taken To The Leader",
    "What a follower is asked for it asks its leader, again with each heartbeat (thesis §6.4).",
    (it) => {
      const { after, event, effects } = it;
      const { role, leaderId } = after;
      if (role.kind !== "follower") return true;
      const isHeartbeat = received(it)?.kind === "heartbeat-request";
      if (isHeartbeat && effects.some(({ kind }) => kind === "ignored")) return true;
      const due = isHeartbeat
        ? role.reads
        : event.kind === "read" && role !== it.before.role
          ? [event.read]
          : [];
      return due.every((read) =>
        sends(it).some(
          ({ message }) =>
            message.kind === "read-index-request" &&
            message.read === read &&
            message.to === leaderId,
        ),
      );
    },
  ),
  serverInvariant(
    "Followers Wait For Their Leader",
    "A follower has open reads only while it knows of a leader to answer them (thesis §6.4).",
    ({ state }) =>
      state?.role.kind !== "follower" || state.role.reads.length === 0 || state.leaderId !== null,
  ),
  serverInvariant(
    "Confirmed Reads Are Answered",
    "No round waits that the members in force have confirmed (thesis §6.4).",
    ({ state, id }) => {
      const round = state === null ? null : (readsOf(state)?.round ?? null);
      if (state === null || round === null) return true;
      return !isQuorum(configurationOf(state), [id, ...round.acknowledgedBy]);
    },
  ),
  serverInvariant(
    "A Round Is Told From Others",
    "A round is named by one read of the leader's own, which is asked once, or by all its reads; " +
      "only the first may give a lease: late answers to an earlier round of the other's name " +
      "confirm the same reads, and bind nobody (thesis §6.4.1).",
    ({ state, id }) => {
      const round = state === null ? null : (readsOf(state)?.round ?? null);
      if (round === null) return true;
      const { context, reads, isFresh } = round;
      const [first] = context;
      const isOwn = context.length === 1 && first?.origin === id;
      const isTaken = reads.some((name) => first !== undefined && isSame(name, first));
      return isOwn ? isTaken : !isFresh && isSameList(context, reads);
    },
  ),
];
