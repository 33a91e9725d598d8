/**
 * What must be true of every step of a leadership transfer (thesis §3.10), and of campaigns and
 * other requests that are refused. TLA+: the `...Prop` of `tla/Raft.tla`.
 */
import { type LeaderRole, lastIndex, type State } from "../kernel/index.ts";
import { samePrefix } from "./logs.ts";
import type { Always, KernelStep } from "./property.ts";
import { invariant, isIgnored, received, sends } from "./steps.ts";

function leaderOf({ role }: State): LeaderRole | null {
  return role.kind === "leader" ? role : null;
}

/** Whether the target of the transfer of `state` has all of its log. */
function isTargetReady(state: State): boolean {
  const leader = leaderOf(state);
  const peer = leader?.progress.find(({ id }) => id === leader.transferTo);
  return peer?.matchIndex === lastIndex(state.log);
}

/** Whether the step campaigns because its leader asked for it. */
function isAskedFor(it: KernelStep): boolean {
  return received(it)?.kind === "timeout-now-request";
}

export const transferInvariants: readonly Always[] = [
  invariant(
    "A Full Log Is Told",
    "The target of a transfer is told as soon as it has the whole log, and again when it is " +
      "heard (thesis §3.10).",
    (it) => {
      const { before, after } = it;
      const to = leaderOf(after)?.transferTo ?? null;
      if (to === null || !isTargetReady(after)) return true;
      const isBegun = leaderOf(before)?.transferTo !== to;
      const message = received(it);
      const isHeard =
        message?.kind === "heartbeat-response" &&
        message.from === to &&
        message.term === before.currentTerm;
      if (!isBegun && !isHeard && isTargetReady(before)) return true;
      return sends(it).some(({ message }) => message.kind === "timeout-now-request");
    },
  ),
  invariant(
    "A Transfer Ends In Time",
    "A leader whose election timeout passes hands over no more, and says so (thesis §3.10).",
    ({ before, event, after, effects }) => {
      const wasHandingOver = (leaderOf(before)?.transferTo ?? null) !== null;
      if (event.kind !== "election-timeout" || !wasHandingOver) return true;
      const isTold = effects.some(
        (effect) => effect.kind === "reject" && effect.request === "transfer-leadership",
      );
      return isTold && (leaderOf(after)?.transferTo ?? null) === null;
    },
  ),
  invariant(
    "A Leader's Wish Is Obeyed",
    "A voter whom the leader of its term tells to campaign does so at once, with no pre-vote, " +
      "and says for whom; and nobody else says so (thesis §3.10, §4.2.3).",
    (it) => {
      const { before, after } = it;
      const isWish = ({ message }: ReturnType<typeof sends>[number]): boolean =>
        message.kind === "request-vote-request" && message.leadershipTransfer;
      if (!isAskedFor(it)) return !sends(it).some(isWish);
      if (isIgnored(it)) return after.currentTerm === Math.max(before.currentTerm, termOf(it));
      const requests = sends(it).filter(({ message }) => message.kind === "request-vote-request");
      return (
        after.currentTerm === termOf(it) + 1 &&
        after.role.kind === "candidate" &&
        requests.every(isWish)
      );
    },
  ),
  invariant(
    "No Campaign On Request Under A Leader",
    "A server that hears a leader refuses to campaign: it promised not to (thesis §4.2.3).",
    ({ before, event, after }) =>
      event.kind !== "campaign" || !before.leaderContact || after.role === before.role,
  ),
  invariant(
    "What Is Rejected Is Not Taken",
    "A proposal or a change of members is rejected in the step that asks for it, or never, and " +
      "then leaves the log as it was: rejected means that it will not happen.",
    ({ before, event, after, effects }) =>
      effects.every((effect) => {
        if (effect.kind !== "reject") return true;
        if (effect.request !== "propose" && effect.request !== "propose-configuration") return true;
        const isSameLog =
          lastIndex(before.log) === lastIndex(after.log) &&
          samePrefix(before.log, after.log, lastIndex(before.log));
        return event.kind === effect.request && isSameLog;
      }),
  ),
];

function termOf(it: KernelStep): number {
  return received(it)?.term ?? 0;
}
