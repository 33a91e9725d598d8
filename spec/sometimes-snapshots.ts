/** What logs that are compacted must be seen to do. Thesis §5.1, §5.3. */
import { baseIndex, configurationOf, isJoint, lastIndex, type Progress } from "../kernel/index.ts";
import type { KernelStep, Needs, Sometimes } from "./property.ts";
import { isIgnored, received, sends, sometimesStep } from "./steps.ts";

function step(
  name: string,
  rule: string,
  needs: Needs,
  reached: (step: KernelStep) => boolean,
): Sometimes {
  return sometimesStep(name, rule, { snapshots: 1, ...needs }, reached);
}

/** A peer that the leader waits for with a snapshot, before the step and after it. */
function transfers({ before, after }: KernelStep): readonly (readonly [Progress, Progress])[] {
  if (before.role.kind !== "leader" || after.role.kind !== "leader") return [];
  const { progress } = after.role;
  return before.role.progress.flatMap((was) => {
    const now = progress.find(({ id }) => id === was.id);
    return was.mode === "snapshot" && now !== undefined ? [[was, now] as const] : [];
  });
}

function isInstalling({ effects }: KernelStep): boolean {
  return effects.some(({ kind }) => kind === "install-snapshot");
}

/** What it takes that a follower lags behind what its leader has compacted, and is told. */
const lagging: Needs = { terms: 2, log: 2, messages: 3 };

export const snapshotsSometimes: readonly Sometimes[] = [
  step("prefix compacted", "A server drops what its snapshot stands for (§5.1).", {}, (s) => {
    return s.event.kind === "snapshot-taken" && baseIndex(s.after.log) > baseIndex(s.before.log);
  }),
  step(
    "log emptied by compaction",
    "A server's log holds no entry: all of it is in the snapshot (§5.1).",
    {},
    ({ event, after }) =>
      event.kind === "snapshot-taken" && baseIndex(after.log) === lastIndex(after.log),
  ),
  step(
    "entries kept after compaction",
    "A server compacts, and entries remain (§5.1).",
    { log: 2 },
    ({ event, after, before }) =>
      event.kind === "snapshot-taken" &&
      baseIndex(after.log) > baseIndex(before.log) &&
      baseIndex(after.log) < lastIndex(after.log),
  ),
  step("snapshot sent", "A leader sends a snapshot in place of entries (§5.3).", lagging, (s) =>
    s.effects.some(({ kind }) => kind === "send-snapshot"),
  ),
  step("snapshot installed", "A follower takes it in place of its log (§5.3).", lagging, (s) =>
    isInstalling(s),
  ),
  step(
    "snapshot replaces entries",
    "A follower gives up entries, which it has stored, for a snapshot (§5.3).",
    { ...lagging, messages: 4, heartbeats: true },
    (s) => isInstalling(s) && lastIndex(s.before.log) > baseIndex(s.before.log),
  ),
  step(
    "snapshot of a known prefix",
    "A follower that has the entries learns from a snapshot that they are committed (§5.3).",
    { ...lagging, heartbeats: true },
    (s) =>
      received(s)?.kind === "install-snapshot-request" &&
      !isInstalling(s) &&
      s.after.commitIndex > s.before.commitIndex,
  ),
  step(
    "snapshot that brings nothing",
    "A follower hears a snapshot of what it knows to be committed (§5.3).",
    { ...lagging, heartbeats: true },
    (s) => {
      const message = received(s);
      if (message?.kind !== "install-snapshot-request" || isIgnored(s)) return false;
      return message.snapshot.lastIndex <= s.before.commitIndex;
    },
  ),
  step(
    "transfer ended by entries",
    "A peer acknowledges more than the snapshot that it is being sent (§5.3).",
    { ...lagging, proposals: 1, log: 3, messages: 4, heartbeats: true },
    (s) =>
      transfers(s).some(([was, now]) => now.mode !== "snapshot" && now.matchIndex >= was.nextIndex),
  ),
  step("transfer failed", "A host reports that a transfer failed (§5.3).", lagging, (s) =>
    transfers(s).some(([_, now]) => now.mode === "probe" && s.event.kind === "snapshot-failed"),
  ),
  step(
    "entries from before the snapshot",
    "A follower accepts an AppendEntries that starts before its log does (§5.1).",
    { messages: 3, heartbeats: true },
    (s) => {
      const message = received(s);
      if (message?.kind !== "append-entries-request") return false;
      return (
        message.prevLogIndex < baseIndex(s.before.log) &&
        sends(s).some((sent) => sent.message.kind === "append-entries-accepted")
      );
    },
  ),
  step(
    "campaign by the snapshot's term",
    "A server campaigns whose log holds nothing but what a snapshot stands for (§3.6.1).",
    { terms: 2, heartbeats: true },
    ({ before, after }) =>
      after.role.kind === "candidate" &&
      before.role.kind !== "candidate" &&
      baseIndex(after.log) > 0 &&
      baseIndex(after.log) === lastIndex(after.log),
  ),
  step(
    "snapshot during a change",
    "A server compacts before a configuration that is in force and not in the snapshot (§5.1).",
    { changes: 1, log: 3 },
    ({ event, before, after }) =>
      event.kind === "snapshot-taken" &&
      baseIndex(after.log) > baseIndex(before.log) &&
      after.configurations.length > 1,
  ),
  step(
    "snapshot of a joint configuration",
    "A server compacts where the members are in the midst of a change (§4.3, §5.1).",
    { changeThat: "changes voters", log: 3 },
    ({ event, before, after }) => {
      const [base] = after.configurations;
      const isTaken = event.kind === "snapshot-taken" && before !== after;
      return isTaken && base !== undefined && isJoint(base.configuration);
    },
  ),
  step(
    "joined by a snapshot",
    "A server that waits to join learns the configuration from a snapshot (§4.2.1, §5.3).",
    { ...lagging, changeThat: "adds", log: 4, messages: 4 },
    (s) => isInstalling(s) && configurationOf(s.before).voters.length === 0,
  ),
  {
    kind: "sometimes",
    name: "restarted from a snapshot",
    rule: "A server restarts, and its log begins after a snapshot (§5.1).",
    needs: { snapshots: 1, crashes: 1 },
    over: "restart",
    reached: ({ durable }) => durable.snapshot.lastIndex > 0,
  },
  {
    kind: "sometimes",
    name: "unstored compaction lost",
    rule: "A crash takes a compaction that was not yet durable (§5.1).",
    needs: { snapshots: 1, crashes: 1, asynchronousStorage: true },
    over: "crash",
    reached: ({ state, durable }) =>
      state !== null &&
      baseIndex(state.log) > durable.snapshot.lastIndex &&
      durable.entries.some(({ index }) => index === baseIndex(state.log)),
  },
  {
    kind: "sometimes",
    name: "unstored install lost",
    rule: "A crash takes an installed snapshot that was not yet durable (§5.3).",
    needs: { ...lagging, snapshots: 1, crashes: 1, asynchronousStorage: true },
    over: "crash",
    reached: ({ state, durable }) =>
      state !== null &&
      baseIndex(state.log) > durable.snapshot.lastIndex &&
      durable.snapshot.lastIndex + durable.entries.length < baseIndex(state.log),
  },
];
