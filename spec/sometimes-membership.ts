/**
 * What a cluster whose members change must be seen to do. Thesis §4.1, §4.2, §4.3. Each is demanded
 * where `changes` allows a change of that kind.
 */
import {
  type Configuration,
  configurationOf,
  entriesBetween,
  isJoint,
  isMember,
  isVoter,
  lastIndex,
  latestConfiguration,
  type State,
} from "../kernel/index.ts";
import { committedBy } from "./logs.ts";
import type { KernelStep, Needs, Sometimes } from "./property.ts";
import { isIgnored, received, sends } from "./step-invariants.ts";

function step(
  name: string,
  rule: string,
  needs: Needs,
  reached: (step: KernelStep) => boolean,
): Sometimes {
  return { kind: "sometimes", name, rule, needs, over: "step", reached };
}

function leads({ role }: State): boolean {
  return role.kind === "leader";
}

/** The configurations that a step newly knows to be committed. */
function committed(step: KernelStep): readonly Configuration[] {
  return committedBy(step).flatMap(({ payload }) =>
    payload.kind === "configuration" ? [payload.configuration] : [],
  );
}

/** The configurations that a step appends to a leader's log. */
function appended({ before, after }: KernelStep): readonly Configuration[] {
  const entries = entriesBetween(after.log, lastIndex(before.log) + 1, lastIndex(after.log));
  return entries.flatMap(({ payload }) =>
    payload.kind === "configuration" ? [payload.configuration] : [],
  );
}

/** The reason for which a change was refused, if it was. */
function refused({ effects }: KernelStep, reason: string): boolean {
  return effects.some(
    (effect) =>
      effect.kind === "reject" &&
      effect.request === "propose-configuration" &&
      effect.reason === reason,
  );
}

/** Two servers suffice: the others may be on their way in or out. */
const change: Needs = { servers: 2, changes: 1, log: 4, messages: 3 };
const voters: Needs = { ...change, changeThat: "changes voters" };

export const membershipSometimes: readonly Sometimes[] = [
  step("joint configuration committed", "C_old,new is committed (§4.3).", voters, (s) =>
    committed(s).some(isJoint),
  ),
  step("members changed", "C_new is committed (§4.3).", voters, (s) =>
    committed(s).some((it) => !isJoint(it)),
  ),
  step(
    "inherited change finished",
    "A leader leaves a joint configuration that an earlier one began (§4.3).",
    { ...voters, terms: 2, log: 5 },
    (s) =>
      leads(s.before) &&
      isJoint(configurationOf(s.before)) &&
      isInherited(s.before) &&
      appended(s).some((it) => !isJoint(it)),
  ),
  step(
    "change rolled back",
    "A configuration is truncated, and the one before it is in force again (§4.1).",
    { ...voters, servers: 3, terms: 2, messages: 4 },
    ({ before, after }) => latestConfiguration(after).index < latestConfiguration(before).index,
  ),
  step(
    "change refused before a commit in the term",
    "A leader that has not committed in its term is asked for a change (Ongaro, 2015).",
    change,
    (s) => refused(s, "not-ready"),
  ),
  step(
    "change refused while another is open",
    "A second change has to wait for the first (§4.1).",
    { ...voters, changes: 2 },
    (s) => refused(s, "change-in-progress"),
  ),
  step(
    "second change begun",
    "A leader begins a change after another one has ended (§4.1).",
    { ...voters, changes: 2, log: 6 },
    (s) =>
      s.event.kind === "propose-configuration" &&
      appended(s).length > 0 &&
      latestConfiguration(s.before).index > 0,
  ),
  step(
    "elected by two majorities",
    "A candidate wins while the configuration in force is joint (§4.3).",
    { ...voters, terms: 2 },
    (s) => !leads(s.before) && leads(s.after) && isJoint(configurationOf(s.before)),
  ),
  step(
    "vote for a stranger",
    "A server votes for a candidate that is no member by its own log (§4.2.1).",
    { ...voters, changeThat: "adds", terms: 2, log: 5 },
    (s) => grants(s) && isOfStranger(s),
  ),
  step(
    "vote of a server that is no voter",
    "A server that is no voter by its own log votes, for the candidate's may be ahead (§4.2.1).",
    { ...voters, changeThat: "adds", terms: 2, log: 5 },
    (s) => grants(s) && !isVoter(configurationOf(s.before), s.config.id),
  ),
  step(
    "removed leader steps down",
    "A leader commits its own removal and steps down (§4.2.2).",
    { ...voters, changeThat: "removes" },
    (s) =>
      leads(s.before) &&
      !leads(s.after) &&
      s.before.currentTerm === s.after.currentTerm &&
      committed(s).some((it) => !isVoter(it, s.config.id)),
  ),
  step(
    "campaign of a leader that removed itself",
    "A server campaigns that its own log leaves out: nobody else may have a log as long (§4.2.2).",
    { ...voters, changeThat: "removes", terms: 2, crashes: 1 },
    ({ before, after, config }) =>
      (after.role.kind === "candidate" || after.role.kind === "pre-candidate") &&
      before.role.kind === "follower" &&
      !isMember(configurationOf(after), config.id),
  ),
  step(
    "removed server disturbs nobody",
    "A server that was not told of its removal campaigns, and is not listened to (§4.2.3).",
    { ...voters, changeThat: "removes", terms: 2, checkQuorum: true },
    (s) => isIgnored(s, "leader-contact") && isOfStranger(s),
  ),
  step(
    "promotion refused",
    "A learner that lags behind is to become a voter (§4.2.1).",
    { ...voters, changeThat: "promotes" },
    (s) => refused(s, "not-caught-up"),
  ),
  step(
    "learner promoted",
    "A learner becomes a voter (§4.2.1).",
    { ...voters, changeThat: "promotes" },
    ({ before, after, config }) =>
      configurationOf(before).learners.includes(config.id) &&
      configurationOf(after).voters.includes(config.id),
  ),
  step(
    "voter demoted",
    "A voter becomes a learner, and votes in the old set until that is left (§4.3).",
    { ...voters, changeThat: "demotes" },
    ({ after, config }) => {
      const { outgoingVoters, learners } = configurationOf(after);
      return [outgoingVoters, learners].every((part) => part.includes(config.id));
    },
  ),
];

/** Whether the configuration in force was appended in an earlier term. */
function isInherited(state: State): boolean {
  const { index } = latestConfiguration(state);
  const [entry] = entriesBetween(state.log, index, index);
  return entry !== undefined && entry.term < state.currentTerm;
}

function grants(step: KernelStep): boolean {
  return (
    !isIgnored(step) &&
    sends(step).some(
      ({ message }) => message.kind === "request-vote-response" && message.voteGranted,
    )
  );
}

/** Whether a step's message is of a server that is no member by the receiver's log. */
function isOfStranger(step: KernelStep): boolean {
  const message = received(step);
  return message !== null && !isMember(configurationOf(step.before), message.from);
}
