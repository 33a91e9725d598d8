/**
 * What snapshots do to a log, and what a leader does about them. Thesis §5.1, §5.3. What a snapshot
 * may stand for is in `snapshots.ts`.
 */
import { baseIndex, type Entry, lastIndex, type Progress, type State } from "../kernel/index.ts";
import { entryAt, sameConfiguration, sameEntry, spanOf } from "./logs.ts";
import type { Always, KernelStep, LogSpan } from "./property.ts";
import { isIgnored, isRefused, received, sends } from "./step-invariants.ts";

function invariant(name: string, rule: string, holds: (step: KernelStep) => boolean): Always {
  return { kind: "always", name, rule, over: "step", holds };
}

function sameSpan(a: LogSpan, b: LogSpan): boolean {
  const { lastIndex: index, lastTerm, configuration } = a.base;
  return (
    index === b.base.lastIndex &&
    lastTerm === b.base.lastTerm &&
    sameConfiguration(configuration, b.base.configuration) &&
    sameEntries(a.entries, b.entries)
  );
}

function sameEntries(a: readonly Entry[], b: readonly Entry[]): boolean {
  return a.length === b.length && a.every((entry, i) => sameEntry(entry, b[i] as Entry));
}

/** Whether a log knows the entry of that index and term: as what it begins after, or in full. */
function knows(log: LogSpan, index: number, term: number): boolean {
  const { base } = log;
  return index === base.lastIndex ? base.lastTerm === term : entryAt(log, index)?.term === term;
}

/** The log that a disk holding `before` has once the step's write is done; `before` without one. */
function written({ before, effects }: KernelStep): LogSpan {
  const log = spanOf(before);
  const write = effects.find((effect) => effect.kind === "persist");
  if (write === undefined) return log;
  const base = write.snapshot ?? log.base;
  const end = write.lastIndex - write.entries.length;
  const kept = log.entries.filter(({ index }) => index > base.lastIndex && index <= end);
  return { base, entries: [...kept, ...write.entries] };
}

function progressOf({ role }: State): readonly Progress[] {
  return role.kind === "leader" ? role.progress : [];
}

export const snapshotInvariants: readonly Always[] = [
  invariant(
    "A Write Tells All That Changed",
    "Whoever did every write of a server has its log: base, members and entries (§3.8, §5.1).",
    (step) => sameSpan(written(step), spanOf(step.after)),
  ),
  invariant(
    "Compaction Keeps What Follows",
    "A snapshot that a server takes removes the log up to its end, and nothing else (§5.1).",
    ({ event, before, after }) => {
      if (event.kind !== "snapshot-taken") return true;
      const base = baseIndex(after.log);
      const rest = spanOf(before).entries.filter(({ index }) => index > base);
      return sameEntries(spanOf(after).entries, rest) && before.commitIndex === after.commitIndex;
    },
  ),
  invariant(
    "A Snapshot Replaces Or Is Known",
    "A snapshot from a leader leaves a log that knows its end as it is, and of any other nothing " +
      "(§5.3).",
    (step) => {
      const message = received(step);
      const { before, after, effects } = step;
      const installs = effects.some(({ kind }) => kind === "install-snapshot");
      if (message?.kind !== "install-snapshot-request") {
        return !installs && (step.event.kind === "snapshot-taken" || sameBase(step));
      }
      const { snapshot } = message;
      if (!installs) return sameSpan(spanOf(before), spanOf(after));
      const isNews = snapshot.lastIndex > before.commitIndex;
      const isKnown = knows(spanOf(before), snapshot.lastIndex, snapshot.lastTerm);
      const replaced = { base: snapshot, entries: [] };
      return isNews && !isKnown && sameSpan(spanOf(after), replaced);
    },
  ),
  invariant(
    "A Snapshot Is Installed Or Entries Are Applied",
    "No step gives the state machine both a snapshot and entries: their order would be open " +
      "(§5.3).",
    ({ effects }) => {
      const installs = effects.filter(({ kind }) => kind === "install-snapshot").length;
      return installs === 0 || (installs === 1 && !effects.some(({ kind }) => kind === "apply"));
    },
  ),
  invariant(
    "A Snapshot Is Acknowledged",
    "Whoever hears a snapshot of its leader answers what its log then holds, at least that much " +
      "(§5.3).",
    (step) => {
      const message = received(step);
      if (message?.kind !== "install-snapshot-request" || isUnheard(step)) return true;
      const [answer, ...more] = sends(step);
      return (
        more.length === 0 &&
        answer?.message.kind === "append-entries-accepted" &&
        answer.message.matchIndex >= message.snapshot.lastIndex &&
        answer.message.matchIndex <= lastIndex(step.after.log)
      );
    },
  ),
  invariant(
    "A Leader Sends Its Own Snapshot",
    "What a leader sends in place of entries is what its log begins after, to a peer that needs " +
      "what is gone (§5.3).",
    ({ before, after, effects }) =>
      effects.every((effect) => {
        if (effect.kind !== "send-snapshot") return true;
        const { to, snapshot } = effect.message;
        const peer = progressOf(after).find(({ id }) => id === to);
        const was = progressOf(before).find(({ id }) => id === to);
        if (peer?.mode !== "snapshot" || peer.matchIndex >= snapshot.lastIndex) return false;
        const isSentAnew = was?.mode !== "snapshot" || peer.matchIndex > was.matchIndex;
        const { base } = spanOf(after);
        return isSentAnew && sameSpan({ base: snapshot, entries: [] }, { base, entries: [] });
      }),
  ),
  invariant(
    "A Peer That Lags Is Served",
    "A peer that answers a heartbeat and lacks entries is sent some, unless a snapshot is on " +
      "its way (§3.5, §5.3).",
    (step) => {
      const message = received(step);
      if (message?.kind !== "heartbeat-response") return true;
      const peer = progressOf(step.before).find(({ id }) => id === message.from);
      const isCurrent = message.term === step.before.currentTerm;
      if (peer === undefined || !isCurrent || peer.mode === "snapshot") return true;
      if (peer.matchIndex === lastIndex(step.before.log)) return true;
      return step.effects.some(
        (effect) =>
          (effect.kind === "send" || effect.kind === "send-snapshot") &&
          effect.message.to === message.from,
      );
    },
  ),
  {
    kind: "always",
    name: "A Transfer Brings What Is Missing",
    rule:
      "A leader waits for a snapshot only while the peer is not known to hold what is in it, " +
      "and only for one that its log begins after (§5.3).",
    over: "server",
    holds: ({ state }) =>
      state === null ||
      progressOf(state).every(
        ({ mode, matchIndex, nextIndex }) =>
          mode !== "snapshot" ||
          (matchIndex + 1 < nextIndex && nextIndex <= baseIndex(state.log) + 1),
      ),
  },
];

function sameBase({ before, after }: KernelStep): boolean {
  return baseIndex(before.log) === baseIndex(after.log);
}

/** Whether a step took its message for a stale one, or one that no correct peer sends. */
function isUnheard(step: KernelStep): boolean {
  return isIgnored(step, "stale-term") || isRefused(step);
}
