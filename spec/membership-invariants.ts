/**
 * Changes of the members, judged in the checker's own words. Thesis §4.1 (in force when appended),
 * §4.2.1 (catching up), §4.2.2 (removing the leader), §4.3 (joint consensus).
 */
import { type Configuration, type ServerId, type State, termAt } from "../kernel/index.ts";
import { entriesOf, payloadText } from "./logs.ts";
import type { Always, KernelStep } from "./property.ts";
import { received } from "./step-invariants.ts";

function whileUp(
  name: string,
  rule: string,
  holds: (state: State, id: ServerId) => boolean,
): Always {
  return {
    kind: "always",
    name,
    rule,
    over: "server",
    holds: ({ state, id }) => state === null || holds(state, id),
  };
}

function invariant(name: string, rule: string, holds: (step: KernelStep) => boolean): Always {
  return { kind: "always", name, rule, over: "step", holds };
}

function latest({ configurations }: State): { index: number; configuration: Configuration } {
  return configurations.at(-1) ?? { index: 0, configuration: NOBODY };
}

const NOBODY: Configuration = { voters: [], outgoingVoters: [], learners: [] };

function holdsMost(half: readonly ServerId[], members: readonly ServerId[]): boolean {
  return half.filter((id) => members.includes(id)).length * 2 > half.length;
}

/** Whether `members` are a majority of each half: what every decision needs. */
function isMajorityOfEach(configuration: Configuration, members: readonly ServerId[]): boolean {
  const { voters, outgoingVoters } = configuration;
  return (
    holdsMost(voters, members) &&
    (outgoingVoters.length === 0 || holdsMost(outgoingVoters, members))
  );
}

function sameNames(a: readonly ServerId[], b: readonly ServerId[]): boolean {
  return [...a].sort().join() === [...b].sort().join();
}

/** Whether `next` may follow `before` in a log. */
function mayFollow(before: Configuration, next: Configuration): boolean {
  // A server that is to join knows no configuration before the first that it is sent.
  if (before.voters.length === 0) return true;
  if (next.outgoingVoters.length === 0) return sameNames(before.voters, next.voters);
  return before.outgoingVoters.length === 0 && sameNames(before.voters, next.outgoingVoters);
}

/** Whether the leader knows what is committed: it has committed an entry of its term. */
function hasCommitted({ log, commitIndex, currentTerm }: State): boolean {
  return termAt(log, commitIndex) === currentTerm;
}

export const membershipInvariants: readonly Always[] = [
  whileUp(
    "Voters Change By Joint Consensus",
    "Voters change in two steps: to the joint configuration of old and new, then to the new " +
      "alone (thesis §4.3).",
    ({ configurations }) =>
      configurations.every(({ configuration }, i) => {
        const before = configurations[i - 1]?.configuration;
        return before === undefined || mayFollow(before, configuration);
      }),
  ),
  whileUp(
    "The Log Decides Who Is A Member",
    "The configurations in force are those of the log's entries, none else (thesis §4.1).",
    ({ configurations, log }) => {
      const entries = entriesOf(log).filter(({ payload }) => payload.kind === "configuration");
      const [, ...kept] = configurations;
      return kept.every(({ configuration }, i) => {
        const entry = entries[i];
        const text = payloadText({
          index: 0,
          term: 0,
          payload: { kind: "configuration", configuration },
        });
        return entry !== undefined && payloadText(entry) === text;
      });
    },
  ),
  whileUp(
    "A Joint Configuration Is Left Once Committed",
    "A leader leaves a joint configuration as soon as it knows it to be committed, and not " +
      "before (thesis §4.3).",
    (state) => {
      const { role, configurations, commitIndex, log, currentTerm } = state;
      if (role.kind !== "leader") return true;
      const { index, configuration } = latest(state);
      const isJoint = configuration.outgoingVoters.length > 0;
      if (isJoint) return index > commitIndex || !hasCommitted(state);
      const before = configurations.at(-2);
      if (before === undefined || before.configuration.outgoingVoters.length === 0) return true;
      // An earlier leader that left it knew what this one may not know yet.
      return termAt(log, index) !== currentTerm || before.index <= commitIndex;
    },
  ),
  whileUp(
    "A Removed Leader Steps Down",
    "A leader that is no voter of a committed configuration leads no more (thesis §4.2.2).",
    (state, id) => {
      const { index, configuration } = latest(state);
      return (
        state.role.kind !== "leader" ||
        index > state.commitIndex ||
        !hasCommitted(state) ||
        configuration.outgoingVoters.length > 0 ||
        configuration.voters.includes(id)
      );
    },
  ),
  invariant(
    "A Leader Leads Until Its Removal Is Committed",
    "A leader gives up for a later term, a lost quorum, or its own removal once that is " +
      "committed (thesis §4.2.2).",
    ({ before, after, event, config }) => {
      if (before.role.kind !== "leader" || after.role.kind === "leader") return true;
      if (after.currentTerm > before.currentTerm || event.kind === "election-timeout") return true;
      const { index, configuration } = latest(after);
      return index <= after.commitIndex && !configuration.voters.includes(config.id);
    },
  ),
  invariant(
    "A Majority Of Each Half Elects",
    "A candidate wins with a majority of the voters and, while two sets of them are in force, of " +
      "either (thesis §3.4, §4.3).",
    (step) => {
      const { before, after, event, config } = step;
      if (before.role.kind === "leader" || after.role.kind !== "leader") return true;
      const voters = before.role.kind === "candidate" ? [...before.role.votesGranted] : [];
      // Its own vote counts from when it is durable.
      if (event.kind === "persisted") voters.push(config.id);
      const message = received(step);
      if (message?.kind === "request-vote-response" && message.voteGranted) {
        voters.push(message.from);
      }
      return isMajorityOfEach(latest(before).configuration, voters);
    },
  ),
  invariant(
    "A Majority Of Each Half Keeps A Leader",
    "A leader that has not heard a majority of each set of voters for an election timeout steps " +
      "down, and no other does (thesis §6.2, §4.3).",
    ({ before, after, event, config }) => {
      if (event.kind !== "election-timeout" || before.role.kind !== "leader") return true;
      if (!config.checkQuorum) return true;
      const heard = before.role.progress.flatMap(({ id, active }) => (active ? [id] : []));
      const isHeard = isMajorityOfEach(latest(before).configuration, [config.id, ...heard]);
      return isHeard === (after.role.kind === "leader");
    },
  ),
  invariant(
    "Only Caught-Up Learners Are Promoted",
    "A learner becomes a voter once it holds all that is committed (thesis §4.2.1).",
    ({ before, after, event }) => {
      if (event.kind !== "propose-configuration" || before.role.kind !== "leader") return true;
      const { voters } = latest(after).configuration;
      const { learners } = latest(before).configuration;
      const { progress } = before.role;
      return learners.every((id) => {
        const matchIndex = progress.find((peer) => peer.id === id)?.matchIndex ?? 0;
        return !voters.includes(id) || matchIndex >= before.commitIndex;
      });
    },
  ),
];
