/**
 * One server as its journal shows it: the kernel's state, what is durable, and the effects that
 * wait for writes. Thesis §3.8, §10.2.1. As `process.ts` has it, with logs that share what they
 * have in common, for here they are long.
 */
import {
  appendEntries,
  baseIndex,
  compactTo,
  type Durable,
  type Effect,
  entriesBetween,
  type Log,
  lastIndex,
  logAfter,
  type Message,
  type PersistEffect,
  type SendEffect,
  type Snapshot,
  type State,
  termAt,
  truncateAfter,
} from "../../kernel/index.ts";

/** What is durable. */
export interface Disk {
  readonly currentTerm: number;
  readonly votedFor: string | null;
  readonly snapshot: Snapshot;
  readonly log: Log;
}

export interface Host {
  readonly state: State;
  readonly disk: Disk;
  /** Empty, or starts with a write that is not confirmed. */
  readonly stream: readonly (PersistEffect | SendEffect)[];
}

/** What `durable` is as a disk. Throws where its entries are no log. */
export function diskOf({ currentTerm, votedFor, snapshot, entries }: Durable): Disk {
  const log = appendEntries(logAfter(snapshot.lastIndex, snapshot.lastTerm), entries);
  return { currentTerm, votedFor, snapshot, log };
}

/** What a kernel is started with from a disk. */
export function durableOf({ currentTerm, votedFor, snapshot, log }: Disk): Durable {
  const entries = entriesBetween(log, baseIndex(log) + 1, lastIndex(log));
  return { currentTerm, votedFor, snapshot, entries };
}

/** The disk once `write` is durable. */
export function stored(disk: Disk, write: PersistEffect): Disk {
  const { currentTerm, votedFor, entries } = write;
  const snapshot = write.snapshot ?? disk.snapshot;
  const end = write.lastIndex - entries.length;
  let log = end < lastIndex(disk.log) ? truncateAfter(disk.log, end) : disk.log;
  const { lastIndex: base, lastTerm } = snapshot;
  if (base > lastIndex(log)) log = logAfter(base, lastTerm);
  else if (base > baseIndex(log)) log = { ...compactTo(log, base), baseTerm: lastTerm };
  return { currentTerm, votedFor, snapshot, log: appendEntries(log, entries) };
}

/** Whether `durable` is what is on the disk. O(log). */
export function isOnDisk(disk: Disk, durable: Durable): boolean {
  const { currentTerm, votedFor, snapshot, log } = disk;
  if (currentTerm !== durable.currentTerm || votedFor !== durable.votedFor) return false;
  if (JSON.stringify(snapshot) !== JSON.stringify(durable.snapshot)) return false;
  if (lastIndex(log) !== snapshot.lastIndex + durable.entries.length) return false;
  const entries = entriesBetween(log, baseIndex(log) + 1, lastIndex(log));
  return entries.every((entry, i) => JSON.stringify(entry) === JSON.stringify(durable.entries[i]));
}

/** Whether a crash can have left `durable`: some of the writes that were asked for, in order. */
export function mayHaveLeft({ disk, stream }: Host, durable: Durable): boolean {
  let current = disk;
  if (isOnDisk(current, durable)) return true;
  for (const effect of stream) {
    if (effect.kind !== "persist") continue;
    current = stored(current, effect);
    if (isOnDisk(current, durable)) return true;
  }
  return false;
}

/** The host once its kernel came to `state`, and what leaves it now. */
export function carriedOut(
  { disk, stream }: Host,
  state: State,
  effects: readonly Effect[],
): { readonly host: Host; readonly sent: readonly Message[] } {
  const sent: Message[] = [];
  const waiting = [...stream];
  for (const effect of effects) {
    if (effect.kind === "persist") waiting.push(effect);
    else if (effect.kind === "send-snapshot") sent.push(effect.message);
    else if (effect.kind === "send") {
      if (effect.early || waiting.length === 0) sent.push(effect.message);
      else waiting.push(effect);
    }
  }
  return { host: { state, disk, stream: waiting }, sent };
}

/** The host once its first write is durable, and the messages that waited for it. */
export function flushed({ state, disk, stream }: Host): {
  readonly host: Host;
  readonly write: PersistEffect | null;
  readonly sent: readonly Message[];
} {
  const [write] = stream;
  if (write?.kind !== "persist") return { host: { state, disk, stream }, write: null, sent: [] };
  const next = stream.findIndex(({ kind }, i) => i > 0 && kind === "persist");
  const end = next === -1 ? stream.length : next;
  const sent = stream.slice(1, end).map((effect) => (effect as SendEffect).message);
  return { host: { state, disk: stored(disk, write), stream: stream.slice(end) }, write, sent };
}

/** The term of the entry at `index` of a log, where it is still known. */
export function knownTerm(log: Log, index: number): number | null {
  return index >= baseIndex(log) && index <= lastIndex(log) ? termAt(log, index) : null;
}
