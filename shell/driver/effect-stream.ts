/**
 * The stream of effects of one server: what may be done now, and what waits for which write.
 * Thesis §10.2.1: a `persist` is a barrier that early sends may overtake. Writes that wait while
 * one is in flight are carried out as one (group commit).
 */
import type { Effect, PersistEffect } from "../../kernel/index.ts";

/** What a kernel asks for beside writes. */
export type Action = Exclude<Effect, PersistEffect>;

/** A write, and what waits for it: it and everything before it. */
interface Barrier<T> {
  readonly write: PersistEffect;
  readonly waiting: T[];
}

/** Whether `effect` may overtake the writes before it. */
export function overtakes(effect: Action): boolean {
  if (effect.kind === "send") return effect.early;
  return effect.kind === "reset-timer" || effect.kind === "send-snapshot";
}

/** Items `T` in their order, between barriers. */
export class EffectStream<T> {
  #barriers: Barrier<T>[] = [];
  #inFlight = 0;

  /** Nothing that comes later may be done before this write is durable. */
  pushWrite(write: PersistEffect): void {
    this.#barriers.push({ write, waiting: [] });
  }

  /** Whether `item` may be done now; if not, it waits for the last write. */
  mayPass(item: T): boolean {
    const last = this.#barriers.at(-1);
    last?.waiting.push(item);
    return last === undefined;
  }

  /** All writes that wait, as one, which is in flight from now on; null where that is not due. */
  takeWrite(): PersistEffect | null {
    if (this.#inFlight > 0 || this.#barriers.length === 0) return null;
    this.#inFlight = this.#barriers.length;
    return merged(this.#barriers.map(({ write }) => write));
  }

  /**
   * The write in flight is durable. Gives `next` each of the writes it stands for, in order, with
   * what waited for it; what `next` pushes meanwhile goes to the end of the stream.
   */
  written(next: (write: PersistEffect, released: readonly T[]) => void): void {
    for (; this.#inFlight > 0; this.#inFlight--) {
      const { write, waiting } = this.#barriers.shift() as Barrier<T>;
      next(write, waiting);
    }
  }
}

/** One write that leaves durable what `writes`, at least one, leave in turn. O(their entries). */
export function merged(writes: readonly PersistEffect[]): PersistEffect {
  const last = writes.at(-1) as PersistEffect;
  const entries: PersistEffect["entries"][number][] = [];
  let snapshot: PersistEffect["snapshot"] = null;
  for (const write of writes) {
    const kept = write.lastIndex - write.entries.length;
    while ((entries.at(-1)?.index ?? 0) > kept) entries.pop();
    for (const entry of write.entries) entries.push(entry);
    snapshot = write.snapshot ?? snapshot;
  }
  const base = snapshot?.lastIndex ?? 0;
  return { ...last, snapshot, entries: entries.filter(({ index }) => index > base) };
}
