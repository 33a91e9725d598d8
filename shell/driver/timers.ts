/**
 * The timers that a kernel asks for, as deadlines: a reset costs nothing, though it comes with
 * every message. Times are milliseconds of a clock that only goes forward.
 */
import type { Event, Timer } from "../../kernel/index.ts";

/** How long timers run, in milliseconds. */
export interface Timing {
  /**
   * The minimum election timeout (thesis §4.2.3). Each election timeout is drawn from this up to
   * twice this, so that candidates rarely meet (§3.4).
   */
  readonly electionTimeout: number;
  /** How often a leader speaks, at the least. Far below the election timeout. */
  readonly heartbeatInterval: number;
  /**
   * How long a lease lasts: below the minimum election timeout by what clocks may gain on each
   * other meanwhile (§6.4.1). Read only where leases are on.
   */
  readonly leaseDuration: number;
}

/** Suits servers that reach each other in a few milliseconds. */
export const defaultTiming: Timing = {
  electionTimeout: 400,
  heartbeatInterval: 80,
  leaseDuration: 300,
};

/** What is wrong with `timing`, or null. */
export function timingFault(timing: Timing): string | null {
  const { electionTimeout, heartbeatInterval, leaseDuration } = timing;
  const bad = Object.entries(timing).find(([, ms]) => !(Number.isFinite(ms) && ms > 0));
  if (bad !== undefined) return `${bad[0]}: ${bad[1]} is not a time in milliseconds`;
  if (heartbeatInterval * 2 > electionTimeout) {
    return `heartbeatInterval: ${heartbeatInterval} is more than half of electionTimeout`;
  }
  if (leaseDuration >= electionTimeout) {
    return `leaseDuration: ${leaseDuration} is not below electionTimeout`;
  }
  return null;
}

const TIMERS: readonly Timer[] = ["lease", "heartbeat", "minimum-election", "election"];

/** When each timer runs out: an unarmed one never does. */
export class Timers {
  readonly #timing: Timing;
  readonly #random: () => number;
  readonly #deadlines = new Map<Timer, number>();

  /** `random` gives numbers from 0 up to 1. */
  constructor(timing: Timing, random: () => number) {
    this.#timing = timing;
    this.#random = random;
  }

  /** Starts `timer` afresh at the time `now`. */
  reset(timer: Timer, now: number): void {
    this.#deadlines.set(timer, now + this.#duration(timer));
  }

  /** Whether the lease has run out by `now`; then it is unarmed. */
  takeLease(now: number): boolean {
    return this.#take("lease", now);
  }

  /** The event of a timer that has run out by `now`, which is unarmed then; null: none has. */
  takeDue(now: number): Event | null {
    const timer = TIMERS.find((it) => this.#take(it, now));
    return timer === undefined ? null : { kind: `${timer}-timeout` };
  }

  /** When to look again: before that, no timer runs out, though any be reset meanwhile. */
  nextLook(now: number): number {
    // No timer is shorter than this, so one that is armed later is not missed.
    const shortest = Math.min(this.#timing.heartbeatInterval, this.#timing.leaseDuration);
    return Math.min(now + shortest, ...this.#deadlines.values());
  }

  #take(timer: Timer, now: number): boolean {
    const isDue = (this.#deadlines.get(timer) ?? Number.POSITIVE_INFINITY) <= now;
    if (isDue) this.#deadlines.delete(timer);
    return isDue;
  }

  #duration(timer: Timer): number {
    const { electionTimeout, heartbeatInterval, leaseDuration } = this.#timing;
    if (timer === "lease") return leaseDuration;
    if (timer === "heartbeat") return heartbeatInterval;
    return timer === "election" ? electionTimeout * (1 + this.#random()) : electionTimeout;
  }
}
