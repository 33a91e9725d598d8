/**
 * What clocks that run alike rule out, in a world without time. A lease timer starts with a round
 * of reads; who acknowledges the round heard the leader later than that, and lets a longer time
 * pass before it votes. So while the lease of a round holds, or can still come to hold, no server
 * that acknowledged it sees its election timeouts pass (thesis §6.4.1).
 */
import type { Effect, KernelConfig, ReadName, ServerId, State } from "../kernel/index.ts";
import { encode } from "./canonical.ts";
import type { LocalInput, Process, Up } from "./process.ts";

/** The promise of a server in `state`, which has carried out `effects`. */
export function promiseAfter(
  config: KernelConfig,
  before: Up["promise"],
  state: State,
  effects: readonly Effect[],
): Up["promise"] {
  if (!config.leaseReads || !state.leaderContact) return null;
  for (const effect of effects) {
    if (effect.kind !== "send" || effect.message.kind !== "heartbeat-response") continue;
    const { to: leaderId, term, context } = effect.message;
    if (context !== null) return { leaderId, term, context };
  }
  return before;
}

/** The promise of a process as a text, or null: equal to the `lease` that rests on it. */
export function promiseOf({ promise }: Process): string | null {
  return promise === null ? null : encode(promise);
}

/** The promise that a process relies on, or may come to rely on, as a leader; or null. */
export function leaseOf(process: Process): string | null {
  if (process.kind === "down" || process.state.role.kind !== "leader") return null;
  const { lease, round } = process.state.role.reads;
  const context: ReadName | null = lease ?? (round?.isFresh ? round.context : null);
  if (context === null) return null;
  return encode({ leaderId: process.id, term: process.state.currentTerm, context });
}

/** The leaders whose lease timer runs. */
export function leaseHolders(processes: readonly Process[]): readonly ServerId[] {
  return processes.filter((process) => leaseOf(process) !== null).map(({ id }) => id);
}

/** Whether an input says that a server has heard no leader for so long that its promise ended. */
export function endsPromise({ kind }: LocalInput): boolean {
  return kind === "election-timeout" || kind === "minimum-election-timeout";
}

/** Whether clocks that run alike rule out that `input` happens to `process` now. */
export function isTooEarly(
  processes: readonly Process[],
  process: Process,
  input: LocalInput,
): boolean {
  const promise = promiseOf(process);
  return promise !== null && endsPromise(input) && processes.some((it) => leaseOf(it) === promise);
}
