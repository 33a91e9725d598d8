/**
 * What must be true of every step of the kernel (LogCabin's `checkDelta`). TLA+: the `...Prop`
 * of `tla/Raft.tla`. Election Safety and the rest of the five are in `safety.ts`.
 */
import {
  baseIndex,
  configurationOf,
  isJoint,
  isQuorum,
  lastIndex,
  lastTerm,
  latestConfiguration,
  type Message,
  type SendEffect,
  type ServerId,
  type State,
  termAt,
} from "../kernel/index.ts";
import { committedBy, sameEntry, samePrefix } from "./logs.ts";
import type { Always, KernelStep } from "./property.ts";
import { invariant, isIgnored, isRefused, received, sends } from "./steps.ts";

/** Whether `message` names the term its sender is in; see `kernel/term.ts`. */
function carriesTerm(message: Message): boolean {
  if (message.kind === "pre-vote-request") return false;
  return !(message.kind === "pre-vote-response" && message.voteGranted);
}

/** Whether a send promises something that a crash must not undo. */
function isPromise({ message }: SendEffect): boolean {
  const { kind } = message;
  return (
    kind === "request-vote-request" ||
    kind === "request-vote-response" ||
    kind === "append-entries-accepted"
  );
}

function grantsVote(step: KernelStep): boolean {
  return sends(step).some(
    ({ message }) =>
      (message.kind === "request-vote-response" || message.kind === "pre-vote-response") &&
      message.voteGranted,
  );
}

/** Whether a vote is asked for at the wish of a leader. */
function isCampaignOfTheLeaders(step: KernelStep): boolean {
  const message = received(step);
  return message?.kind === "request-vote-request" && message.leadershipTransfer;
}

/** Whether the server led, or had heard a leader within the minimum election timeout. */
function hadLeader({ before }: KernelStep): boolean {
  return before.role.kind === "leader" || before.leaderContact;
}

export const stepInvariants: readonly Always[] = [
  invariant(
    "Monotonic Term",
    "A server's current term increases monotonically over time (thesis §3.3).",
    ({ before, after }) => after.currentTerm >= before.currentTerm,
  ),
  invariant(
    "Monotonic Commit",
    "A commit index never falls, and what is committed never changes (thesis §3.5).",
    ({ before, after }) =>
      after.commitIndex >= before.commitIndex &&
      samePrefix(before.log, after.log, before.commitIndex),
  ),
  invariant(
    "Applies What It Commits",
    "What a step commits is given to the state machine, once and in order (thesis §3.5).",
    (step) => {
      const applied = step.effects.flatMap((effect) =>
        effect.kind === "apply" ? effect.entries : [],
      );
      // What a snapshot stands for is restored with it.
      const committed = committedBy(step);
      return (
        applied.length === committed.length &&
        committed.every((entry, i) => {
          const given = applied[i];
          return given?.index === entry.index && sameEntry(given, entry);
        })
      );
    },
  ),
  invariant(
    "One Vote Per Term",
    "Each server will vote for at most one candidate in a given term (thesis §3.4).",
    ({ before, after }) =>
      after.currentTerm !== before.currentTerm ||
      before.votedFor === null ||
      after.votedFor === before.votedFor,
  ),
  invariant(
    "Higher Terms Are Adopted",
    "A server that learns of a higher term updates its own (thesis §3.3), unless it must not be " +
      "disrupted (§4.2.3).",
    (step) => {
      const message = received(step);
      if (message === null || !carriesTerm(message)) return true;
      const refused =
        isIgnored(step, "leader-contact") ||
        isIgnored(step, "malformed") ||
        isIgnored(step, "not-addressed-here");
      return refused || step.after.currentTerm >= message.term;
    },
  ),
  invariant(
    "Changes Are Persisted First",
    "Term, vote and log are on their way to the disk before anything else is done (thesis §3.8).",
    ({ before, after, effects }) => {
      const isChanged =
        before.currentTerm !== after.currentTerm ||
        before.votedFor !== after.votedFor ||
        baseIndex(before.log) !== baseIndex(after.log) ||
        lastIndex(before.log) !== lastIndex(after.log) ||
        !samePrefix(before.log, after.log, lastIndex(before.log));
      const persists = effects.filter((effect) => effect.kind === "persist");
      const [first] = effects;
      if (!isChanged) return true;
      return (
        persists.length === 1 &&
        first?.kind === "persist" &&
        first.currentTerm === after.currentTerm &&
        first.votedFor === after.votedFor &&
        first.lastIndex === lastIndex(after.log)
      );
    },
  ),
  invariant(
    "Promises Wait For The Disk",
    "A vote or an acknowledgement is never sent before it is durable (thesis §3.8).",
    (step) => sends(step).every((effect) => !effect.early || !isPromise(effect)),
  ),
  invariant(
    "Pre-Vote Promises Nothing",
    "Answering a pre-vote changes nothing: no term, no vote, no timer (thesis §9.6).",
    (step) => {
      if (received(step)?.kind !== "pre-vote-request") return true;
      const { before, after, effects } = step;
      return (
        before.currentTerm === after.currentTerm &&
        before.votedFor === after.votedFor &&
        before.leaderContact === after.leaderContact &&
        before.role.kind === after.role.kind &&
        effects.every((effect) => effect.kind === "send" || effect.kind === "ignored")
      );
    },
  ),
  invariant(
    "No Pre-Vote Under A Leader",
    "A server that leads, or hears a leader, grants no pre-vote (thesis §9.6).",
    (step) => received(step)?.kind !== "pre-vote-request" || !hadLeader(step) || !grantsVote(step),
  ),
  invariant(
    "No Vote Under A Leader",
    "With CheckQuorum, a server that leads, or hears a leader, grants no vote, unless that " +
      "leader asked for the campaign (thesis §4.2.3).",
    (step) =>
      !step.config.checkQuorum ||
      isCampaignOfTheLeaders(step) ||
      received(step)?.kind !== "request-vote-request" ||
      !hadLeader(step) ||
      !grantsVote(step),
  ),
  invariant(
    "Pre-Vote Grants Can Be Counted",
    "A granted pre-vote names the campaign's term, a refused one the responder's (thesis §9.6).",
    (step) => {
      const request = received(step);
      if (request?.kind !== "pre-vote-request") return true;
      return sends(step).every(
        ({ message }) =>
          message.kind !== "pre-vote-response" ||
          message.term === (message.voteGranted ? request.term : step.after.currentTerm),
      );
    },
  ),
  invariant(
    "Votes Follow The Election Restriction",
    "A (pre-)vote is refused to a log that is less up-to-date, and to no other by its log " +
      "(thesis §3.6.1).",
    (step) => {
      const request = received(step);
      if (request?.kind !== "request-vote-request" && request?.kind !== "pre-vote-request") {
        return true;
      }
      const { before } = step;
      const upToDate = isAsUpToDate(step, request.lastLogTerm, request.lastLogIndex);
      if (!upToDate) return !grantsVote(step);
      const mustGrant = request.term > before.currentTerm && !hadLeader(step) && !isIgnored(step);
      return !mustGrant || grantsVote(step);
    },
  ),
  invariant(
    "A Campaign Starts Without A Leader",
    "A server that campaigns knows no leader and hears none (thesis §3.4, §9.6).",
    ({ before, after }) => {
      const campaigns = after.role.kind === "pre-candidate" || after.role.kind === "candidate";
      return !campaigns || before.role === after.role || !(after.leaderContact || after.leaderId);
    },
  ),
  invariant(
    "A Campaign Starts With No Votes",
    "A pre-candidate starts with its own pre-vote, a candidate with none (thesis §3.4, §9.6).",
    ({ event, after, config }) => {
      if (event.kind !== "election-timeout" && event.kind !== "campaign") return true;
      if (after.role.kind === "candidate") return after.role.votesGranted.length === 0;
      if (after.role.kind !== "pre-candidate") return true;
      return after.role.votesGranted.join() === config.id;
    },
  ),
  invariant(
    "Elections Start By Timeout Or Pre-Vote",
    "A term is raised by a campaign only: a timeout, or a quorum of pre-votes for that very term " +
      "(thesis §3.4, §9.6), or a leader's wish (§3.10).",
    (step) => {
      const { before, after, event } = step;
      if (after.currentTerm === before.currentTerm || after.role.kind !== "candidate") return true;
      if (event.kind === "election-timeout" || event.kind === "campaign") return true;
      const message = received(step);
      if (message?.kind === "timeout-now-request") return true;
      return (
        message?.kind === "pre-vote-response" &&
        message.voteGranted &&
        message.term === after.currentTerm &&
        before.role.kind === "pre-candidate" &&
        isQuorum(configurationOf(before), [...before.role.votesGranted, message.from])
      );
    },
  ),
  invariant(
    "A Current Leader Is Followed",
    "A server that hears the leader of its term becomes its follower (thesis §3.4).",
    (step) => {
      const message = received(step);
      const isLeaders =
        message?.kind === "append-entries-request" ||
        message?.kind === "heartbeat-request" ||
        message?.kind === "install-snapshot-request";
      if (!isLeaders || message.term < step.before.currentTerm || isRefused(step)) return true;
      return step.after.role.kind === "follower" && step.after.leaderId === message.from;
    },
  ),
  invariant(
    "Only A Rejection Moves Back",
    "Within a term a peer's matchIndex never falls, and its nextIndex falls only by a rejection " +
      "of what was last tried (thesis §3.5).",
    (step) => {
      const { before, after, event } = step;
      if (before.role.kind !== "leader" || after.role.kind !== "leader") return true;
      const message = received(step);
      return after.role.progress.every((now) => {
        const was =
          before.role.kind === "leader" && before.role.progress.find(({ id }) => id === now.id);
        if (!was) return true;
        if (now.matchIndex < was.matchIndex) return false;
        if (now.nextIndex >= was.nextIndex || now.mode === "snapshot") return true;
        if (event.kind === "peer-unreachable" || event.kind === "snapshot-failed") return true;
        const isAnswer = message?.from === now.id;
        if (isAnswer && message.kind === "append-entries-accepted") return was.mode !== "replicate";
        return (
          isAnswer &&
          message.kind === "append-entries-rejected" &&
          message.prevLogIndex > was.matchIndex &&
          (was.mode === "replicate" || message.prevLogIndex === was.nextIndex - 1)
        );
      });
    },
  ),
  invariant(
    "A Stale Rejection Changes Nothing",
    "A rejection of what is acknowledged, or was not last tried, moves nothing (thesis §3.5).",
    (step) => {
      const { before, after } = step;
      const message = received(step);
      if (before.role.kind !== "leader" || message?.kind !== "append-entries-rejected") return true;
      const was = before.role.progress.find(({ id }) => id === message.from);
      if (was === undefined || message.term !== before.currentTerm) return true;
      const isTried = was.mode === "probe" && message.prevLogIndex === was.nextIndex - 1;
      const isCurrent = was.mode === "replicate" || isTried;
      if (isCurrent && message.prevLogIndex > was.matchIndex) return true;
      const now =
        after.role.kind === "leader" && after.role.progress.find(({ id }) => id === message.from);
      return (
        sends(step).length === 0 &&
        now !== undefined &&
        now !== false &&
        now.mode === was.mode &&
        now.nextIndex === was.nextIndex &&
        JSON.stringify(now.inFlight) === JSON.stringify(was.inFlight)
      );
    },
  ),
  invariant(
    "A Rejection Skips A Conflicting Term",
    "A rejection names the first index of the conflicting term, or the end of a short log " +
      "(thesis §3.5).",
    (step) =>
      sends(step).every(({ message }) => {
        if (message.kind !== "append-entries-rejected") return true;
        const { prevLogIndex, conflictIndex } = message;
        const log = step.after.log;
        return prevLogIndex > lastIndex(log)
          ? conflictIndex === lastIndex(log) + 1
          : conflictIndex <= prevLogIndex;
      }),
  ),
  invariant(
    "No Proposal While Handing Over",
    "A leader that hands over appends no command and starts no change (thesis §3.10).",
    ({ before, event, after }) =>
      (event.kind !== "propose" && event.kind !== "propose-configuration") ||
      before.role.kind !== "leader" ||
      before.role.transferTo === null ||
      lastIndex(after.log) === lastIndex(before.log),
  ),
  invariant(
    "Only A Full Log Takes Over",
    "A leader tells another to campaign only when that one has its whole log (thesis §3.10).",
    (step) =>
      sends(step).every(({ message }) => {
        if (message.kind !== "timeout-now-request") return true;
        const { role, log } = step.after;
        if (role.kind !== "leader" || role.transferTo !== message.to) return false;
        const peer = role.progress.find(({ id }) => id === message.to);
        return peer?.matchIndex === lastIndex(log);
      }),
  ),
  invariant(
    "Changes Start In A Committed Term",
    "A change of members starts where the leader has committed in its term and no other change " +
      "is open (thesis §4.1; Ongaro, 2015).",
    ({ event, before, after }) => {
      if (
        event.kind !== "propose-configuration" ||
        lastIndex(after.log) === lastIndex(before.log)
      ) {
        return true;
      }
      const { index, configuration } = latestConfiguration(before);
      return (
        termAt(before.log, before.commitIndex) === before.currentTerm &&
        index <= before.commitIndex &&
        !isJoint(configuration)
      );
    },
  ),
  invariant(
    "Reads Wait For A Commit In The Term",
    "A leader answers no read before it has committed an entry of its term (thesis §6.4).",
    (step) => {
      const { after, before, effects } = step;
      if (before.role.kind !== "leader" || after.role.kind !== "leader") return true;
      const answers =
        effects.some(({ kind }) => kind === "read-ready") ||
        sends(step).some(({ message }) => message.kind === "read-index-response");
      return !answers || termAt(after.log, after.commitIndex) === after.currentTerm;
    },
  ),
  invariant(
    "Every Read Is Answered Or Rejected",
    "A read that a server was asked for is pending, ready or rejected after every step (§6.4).",
    (step) => {
      const asked = step.event.kind === "read" ? [step.event.read] : [];
      const open = [...pendingReads(step.before, step.config.id), ...asked];
      const done = step.effects.flatMap((effect) =>
        (effect.kind === "read-ready" || effect.kind === "reject") && effect.read !== null
          ? [effect.read]
          : [],
      );
      const still = [...pendingReads(step.after, step.config.id), ...done];
      return open.every((read) => still.includes(read));
    },
  ),
];

/** The reads that hosts asked of this very server and that are not yet answered. */
function pendingReads({ role }: State, id: ServerId): readonly string[] {
  if (role.kind === "follower") return role.reads;
  if (role.kind !== "leader") return [];
  const all = [...(role.reads.round?.reads ?? []), ...role.reads.waiting];
  return all.filter(({ origin }) => origin === id).map(({ read }) => read);
}

/** The election restriction in the checker's own words, so that it does not trust the kernel's. */
function isAsUpToDate({ before }: KernelStep, term: number, index: number): boolean {
  // A log may end where its snapshot does, without an entry.
  const own = lastTerm(before.log);
  return term === own ? index >= lastIndex(before.log) : term > own;
}
