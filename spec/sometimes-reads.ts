/** What runs with reads, leases and transfers must reach to be worth anything. */
import type { KernelStep, Needs, Sometimes } from "./property.ts";
import { isIgnored, received, sends, sometimesStep } from "./steps.ts";

function rejects({ effects }: KernelStep, request: string, reason: string): boolean {
  return effects.some(
    (effect) => effect.kind === "reject" && effect.request === request && effect.reason === reason,
  );
}

function isReady({ effects }: KernelStep): boolean {
  return effects.some(({ kind }) => kind === "read-ready");
}

/** Reads need rounds of heartbeats, which leave at once: of their own, not by the timer. */
const reading: Needs = { reads: 1, messages: 3 };
const leasing: Needs = { reads: 2, messages: 2, leaseReads: true, checkQuorum: true };
const handing: Needs = { transfers: 1, messages: 3 };

export const sometimesReads: readonly Sometimes[] = [
  sometimesStep(
    "read confirmed by a round",
    "A leader answers a read of its own once a quorum has confirmed it (§6.4).",
    reading,
    (s) => isReady(s) && received(s)?.kind === "heartbeat-response",
  ),
  sometimesStep("read forwarded", "A follower gets its leader's answer (§6.4).", reading, (s) => {
    return isReady(s) && received(s)?.kind === "read-index-response";
  }),
  sometimesStep(
    "read asked again",
    "A follower asks again for what it was not answered (§6.4).",
    { ...reading, heartbeats: true },
    (s) =>
      received(s)?.kind === "heartbeat-request" &&
      sends(s).some(({ message }) => message.kind === "read-index-request"),
  ),
  sometimesStep(
    "reads share a round",
    "One round answers several reads (§6.4).",
    { ...reading, reads: 2 },
    (s) => {
      const { role } = s.before;
      return role.kind === "leader" && (role.reads.round?.reads.length ?? 0) > 1;
    },
  ),
  sometimesStep(
    "read waits for a commit",
    "A leader takes a read before it has committed in its term (§6.4).",
    reading,
    ({ after: { role } }) =>
      role.kind === "leader" && role.reads.waiting.length > 0 && role.reads.round === null,
  ),
  sometimesStep(
    "answer to a round that is over",
    "A leader gets an answer that confirms no round any more (§6.4).",
    reading,
    (s) => {
      const message = received(s);
      const { role } = s.before;
      if (message?.kind !== "heartbeat-response" || message.context.length === 0) return false;
      return role.kind === "leader" && role.reads.round === null && !isIgnored(s);
    },
  ),
  sometimesStep(
    "read rejected",
    "Who was to answer leads no more (§6.4).",
    { ...reading, terms: 2 },
    (s) => rejects(s, "read", "leader-lost"),
  ),
  sometimesStep(
    "read answered under a lease",
    "A leader answers at once (§6.4.1).",
    leasing,
    (s) => {
      return s.event.kind === "read" && isReady(s);
    },
  ),
  sometimesStep(
    "lease ran out",
    "A lease ends by its timer (§6.4.1).",
    leasing,
    ({ before, event }) => {
      return (
        event.kind === "lease-timeout" && before.role.kind === "leader" && before.role.reads.lease
      );
    },
  ),
  sometimesStep(
    "round outlived its timer",
    "A round that is confirmed too late gives no lease (§6.4.1).",
    leasing,
    ({ before, event }) =>
      event.kind === "lease-timeout" &&
      before.role.kind === "leader" &&
      before.role.reads.round !== null,
  ),
  sometimesStep("target told to campaign", "A leader hands over (§3.10).", handing, (s) =>
    sends(s).some(({ message }) => message.kind === "timeout-now-request"),
  ),
  sometimesStep(
    "target caught up first",
    "A leader brings the target up to date before it hands over (§3.10).",
    handing,
    (s) =>
      received(s)?.kind === "append-entries-accepted" &&
      sends(s).some(({ message }) => message.kind === "timeout-now-request"),
  ),
  sometimesStep(
    "vote given at the leader's wish",
    "Who hears the leader votes all the same for whom it chose (§3.10, §4.2.3).",
    { ...handing, terms: 2, checkQuorum: true },
    (s) => {
      const message = received(s);
      if (message?.kind !== "request-vote-request" || !message.leadershipTransfer) return false;
      return s.before.leaderContact && s.after.votedFor === message.from;
    },
  ),
  sometimesStep(
    "transfer given up",
    "A transfer takes too long, and the leader stays (§3.10).",
    handing,
    (s) => rejects(s, "transfer-leadership", "timed-out") && s.after.role.kind === "leader",
  ),
  sometimesStep(
    "proposal refused during a transfer",
    "A leader that hands over takes no commands (§3.10).",
    { ...handing, proposals: 1 },
    (s) => rejects(s, "propose", "transferring"),
  ),
  sometimesStep(
    "campaign on request",
    "A server campaigns because it was asked to.",
    { campaigns: 1, messages: 3 },
    ({ before, event, after }) => event.kind === "campaign" && after.role !== before.role,
  ),
  sometimesStep(
    "campaign refused",
    "A server that hears a leader does not campaign on request (§4.2.3).",
    { campaigns: 1, terms: 2, messages: 3, checkQuorum: true },
    (s) => rejects(s, "campaign", "leader-contact"),
  ),
];
