/**
 * A step without the writes that it does not touch. A server does nothing with the writes that
 * wait but to add one at the end, to send with the last, and to complete the first (§10.2.1). So a
 * step is what it would be if those before the last had been durable already, and nothing waited
 * for the last yet; and a completion, if those after the first were one. How much waits then costs
 * nothing.
 */
import type { Entry, PersistEffect, SendEffect } from "../../kernel/index.ts";
import { type Disk, flushed, stored } from "./host.ts";
import type { Transition } from "./replay.ts";

const isWrite = (it: PersistEffect | SendEffect): it is PersistEffect => it.kind === "persist";

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

/** The step with at most two writes that wait before it, and nothing that waits for the last. */
export function framed(transition: Transition): Transition {
  const { event, before, after } = transition;
  if (event.kind !== "persisted") {
    if (before.stream.length <= 1) return transition;
    const writes = before.stream.filter(isWrite);
    const disk = diskAfter.of(before.disk, writes.slice(0, -1));
    const held = writes.slice(-1);
    const added = after.stream.slice(before.stream.length);
    return {
      ...transition,
      before: { state: before.state, disk, stream: held },
      after: { state: after.state, disk, stream: [...held, ...added] },
    };
  }
  const rest = flushed(before).host.stream;
  if (rest.length <= 1) return transition;
  const one = mergedWrite(rest.filter(isWrite));
  const first = before.stream.slice(0, before.stream.length - rest.length);
  return {
    ...transition,
    before: { ...before, stream: [...first, one] },
    after: { ...after, stream: [one, ...after.stream.slice(rest.length)] },
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
