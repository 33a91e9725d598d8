/**
 * A step without the writes that it does not touch. A server does nothing with the writes that
 * wait but to add one at the end, to send with the last, and to complete the first (§10.2.1). So a
 * step is what it would be if those before the last had been durable already; and a completion,
 * if those after the first were one. The number of writes that wait then costs nothing.
 */
import type { Entry, PersistEffect, SendEffect } from "../../kernel/index.ts";
import { type Disk, flushed, type Host, stored } from "./host.ts";
import type { Transition } from "./replay.ts";

type Stream = readonly (PersistEffect | SendEffect)[];

const isWrite = (it: Stream[number]): it is PersistEffect => it.kind === "persist";

/** What is on a disk after some writes; remembered, for the next step asks for hardly more. */
class DiskAfter {
  #disk: Disk | null = null;
  #writes: readonly PersistEffect[] = [];
  #after: Disk | null = null;

  of(disk: Disk, writes: readonly PersistEffect[]): Disk {
    const known = this.#writes.length;
    const isMore =
      disk === this.#disk &&
      known <= writes.length &&
      this.#writes.every((write, i) => write === writes[i]);
    const [from, rest] = isMore ? [this.#after ?? disk, writes.slice(known)] : [disk, writes];
    this.#disk = disk;
    this.#writes = writes;
    this.#after = rest.reduce(stored, from);
    return this.#after;
  }
}

const diskAfter = new DiskAfter();

/** The step with at most two writes that wait before it, and at most one that it adds. */
export function framed(transition: Transition): Transition {
  const { event, before, after } = transition;
  if (event.kind !== "persisted") {
    const last = before.stream.findLastIndex(isWrite);
    if (last <= 0) return transition;
    const disk = diskAfter.of(before.disk, before.stream.slice(0, last).filter(isWrite));
    const from = ({ state, stream }: Host): Host => ({ state, disk, stream: stream.slice(last) });
    return { ...transition, before: from(before), after: from(after) };
  }
  const rest = flushed(before).host.stream;
  const last = rest.findLastIndex(isWrite);
  if (last <= 0) return transition;
  const one = mergedWrite(rest.slice(0, last + 1).filter(isWrite));
  const first = before.stream.slice(0, before.stream.length - rest.length);
  const withOne = (stream: Stream): Stream => [one, ...stream.slice(last + 1)];
  return {
    ...transition,
    before: { ...before, stream: [...first, ...withOne(rest)] },
    after: { ...after, stream: withOne(after.stream) },
  };
}

/** One write that leaves durable what `writes`, at least one, leave in turn. */
function mergedWrite(writes: readonly PersistEffect[]): PersistEffect {
  const entries: Entry[] = [];
  let snapshot: PersistEffect["snapshot"] = null;
  for (const write of writes) {
    const kept = write.lastIndex - write.entries.length;
    while ((entries.at(-1)?.index ?? 0) > kept) entries.pop();
    entries.push(...write.entries);
    snapshot = write.snapshot ?? snapshot;
  }
  const base = snapshot?.lastIndex ?? 0;
  const last = writes.at(-1) as PersistEffect;
  return { ...last, snapshot, entries: entries.filter(({ index }) => index > base) };
}
