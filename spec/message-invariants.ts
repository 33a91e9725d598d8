/**
 * What must be true of every step that a message causes in a correct cluster: what servers may
 * say, and what others may make of it. True of clusters, not of the kernel alone: a kernel that is
 * handed nonsense refuses it.
 */
import type { IgnoreReason } from "../kernel/index.ts";
import type { Always, KernelStep } from "./property.ts";
import { invariant, isIgnored, received, sends } from "./steps.ts";

/** Why a kernel refuses what no correct peer sends. */
const IMPOSSIBLE: readonly IgnoreReason[] = [
  "malformed",
  "not-addressed-here",
  "impossible-acknowledgement",
  "impossible-commit",
  "conflicts-with-committed",
  "second-leader-of-term",
];

/** The index up to which a leader's message lets its receiver commit. */
function vouchedFor(step: KernelStep): number {
  const message = received(step);
  switch (message?.kind) {
    case "append-entries-request":
      return Math.min(message.leaderCommit, message.prevLogIndex + message.entries.length);
    case "heartbeat-request":
      return message.leaderCommit;
    case "install-snapshot-request":
      return message.snapshot.lastIndex;
    default:
      return 0;
  }
}

/** What of its log a follower may acknowledge in answer to a message. */
function acknowledgeable(step: KernelStep): number | null {
  const message = received(step);
  switch (message?.kind) {
    case "append-entries-request":
      return message.prevLogIndex + message.entries.length;
    case "install-snapshot-request":
      return Math.max(message.snapshot.lastIndex, step.after.commitIndex);
    default:
      return null;
  }
}

export const messageInvariants: readonly Always[] = [
  invariant(
    "Nothing Impossible Arrives",
    "No server of a correct cluster is sent what it must refuse as impossible (thesis §3.6.3).",
    (step) => received(step) === null || !IMPOSSIBLE.some((reason) => isIgnored(step, reason)),
  ),
  invariant(
    "A Follower Commits What Its Leader Vouched For",
    "A follower commits up to the leader's commit index, and of its own log only what the same " +
      "message has compared (thesis Figure 3.1).",
    (step) => {
      const { before, after } = step;
      if (before.role.kind === "leader") return true;
      return after.commitIndex <= Math.max(before.commitIndex, vouchedFor(step));
    },
  ),
  invariant(
    "An Acknowledgement Vouches For Its Message",
    "A follower acknowledges what the message has compared and brought; of a snapshot its end, " +
      "or what is committed beyond (thesis §3.5).",
    (step) =>
      sends(step).every(
        ({ message }) =>
          message.kind !== "append-entries-accepted" ||
          message.matchIndex === acknowledgeable(step),
      ),
  ),
  invariant(
    "A Quorum Check Counts Anew",
    "After a quorum check a leader has heard nobody yet (thesis §6.2).",
    ({ config, event, after }) =>
      event.kind !== "election-timeout" ||
      !config.checkQuorum ||
      after.role.kind !== "leader" ||
      after.role.progress.every(({ active }) => !active),
  ),
];
