/**
 * What clocks that run alike rule out, in a world without time. A lease timer runs for less than
 * the minimum election timeout, by at least as much as clocks may drift apart meanwhile; that is
 * the one assumption about clocks (thesis §6.4.1). So while a lease timer runs, no timer of an
 * election, on any server, that was started after it can pass. Nothing else is ruled out: election
 * timers that were started before it, and the lease timer itself, may pass at any moment.
 *
 * Sound, for every run that it leaves out has an election timeout that passed before a shorter
 * timer that was started earlier. Which of two timers was started first is plain, for they are
 * started by steps of servers, and steps are one sequence. Of the timers of an election only those
 * count here that start because a leader is heard, or with the server: where they are started, so
 * is the longer one that ends in a campaign. A server that is down keeps its place: it was bound
 * before, and its timers start anew when it is back.
 *
 * Tight enough, for no proof needs more: the majority that confirmed a round heard of it after its
 * lease timer was started, so all of it is bound until that ends. Leases that nobody relies on any
 * more bind nobody, though their timers may still run: that allows more, so it hides nothing.
 */
import type { Effect, Role, ServerId, Timer } from "../kernel/index.ts";
import type { LocalInput, Process } from "./process.ts";

/** A lease timer that runs, and on which the leader `id` relies, or may come to. */
export interface RunningLease {
  readonly id: ServerId;
  /** The servers that have heard a leader, or started, since it was started; sorted. */
  readonly bound: readonly ServerId[];
}

/** What a server does with the timers of leases, and of the promises they rest on. */
export type ClockObservation =
  | { readonly kind: "lease-started" | "lease-over"; readonly id: ServerId }
  | { readonly kind: "minimum-election-started"; readonly id: ServerId };

/** Whether a leader answers reads by its clock, or will once the round is confirmed. */
export function reliesOnLease(role: Role): boolean {
  return role.kind === "leader" && (role.reads.lease || role.reads.round?.isFresh === true);
}

function hasLease(process: Process): boolean {
  return process.kind === "up" && reliesOnLease(process.state.role);
}

/** What a step with these effects did to clocks. */
export function clockObservations(
  before: Process,
  after: Process,
  effects: readonly Effect[],
): readonly ClockObservation[] {
  const { id } = after;
  const starts = (timer: Timer): boolean =>
    effects.some((effect) => effect.kind === "reset-timer" && effect.timer === timer);
  const result: ClockObservation[] = [];
  if (starts("minimum-election")) result.push({ kind: "minimum-election-started", id });
  if (!hasLease(after)) {
    if (hasLease(before)) result.push({ kind: "lease-over", id });
  } else if (starts("lease")) {
    result.push({ kind: "lease-started", id });
  }
  return result;
}

/** The running leases after `observation`. */
export function leasesAfter(
  leases: readonly RunningLease[],
  { kind, id }: ClockObservation,
): readonly RunningLease[] {
  if (kind === "minimum-election-started") {
    return leases.map((lease) => ({ ...lease, bound: withServer(lease.bound, id) }));
  }
  const others = leases.filter((lease) => lease.id !== id);
  if (kind === "lease-over") return others;
  return [...others, { id, bound: [] }].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function withServer(servers: readonly ServerId[], id: ServerId): readonly ServerId[] {
  return servers.includes(id) ? servers : [...servers, id].sort();
}

/** The leaders whose lease timer runs, and matters to them. */
export function leaseHolders(processes: readonly Process[]): readonly ServerId[] {
  return processes.filter(hasLease).map(({ id }) => id);
}

/** Whether an input says that a server has heard no leader for at least the minimum time. */
export function passesElectionTimer({ kind }: Pick<LocalInput, "kind">): boolean {
  return kind === "election-timeout" || kind === "minimum-election-timeout";
}

/** Whether clocks that run alike rule out that an election timer of `id` passes now. */
export function isBound(leases: readonly RunningLease[], id: ServerId): boolean {
  return leases.some(({ bound }) => bound.includes(id));
}
