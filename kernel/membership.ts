/**
 * Changing the members of a cluster, from any set to any set, by joint consensus: C_old, then
 * C_old,new, which needs a majority of both, then C_new. Thesis §4.1 (in force when appended; one
 * change at a time), §4.2.1 (catching up), §4.2.2 (removing the leader), §4.3 (joint consensus),
 * and Ongaro's correction of 2015 (none before the leader has committed in its term).
 * TLA+: ProposeConfiguration, ProceedWithChange.
 */
import { advanceCommitIndex } from "./commit.ts";
import {
  configurationFault,
  configurationOf,
  isJoint,
  latestConfiguration,
} from "./configuration.ts";
import type { Event, RejectReason } from "./events.ts";
import { progressOf } from "./progress.ts";
import { isVoter } from "./quorum.ts";
import { appendAsLeader } from "./replication.ts";
import { becomeFollower } from "./term.ts";
import { hasCommittedInTerm, leaderRole, reject, type Transition } from "./transition.ts";
import type { Configuration, ServerId } from "./types.ts";

type Proposal = Extract<Event, { kind: "propose-configuration" }>;

/** Begins a change of the members, or refuses it with the reason. */
export function onProposeConfiguration(t: Transition, { voters, learners }: Proposal): void {
  const target = { voters, outgoingVoters: [], learners };
  const reason = configurationFault(target) === null ? refusal(t, target) : "malformed";
  if (reason !== null) return reject(t, "propose-configuration", reason);
  const inForce = configurationOf(t.state);
  appendAsLeader(t, {
    kind: "configuration",
    configuration: {
      voters: [...voters].sort(),
      // With the same voters every quorum is the same, so nothing needs to be bridged.
      outgoingVoters: isSameSet(voters, inForce.voters) ? [] : inForce.voters,
      learners: [...learners].sort(),
    },
  });
}

/** Why the leader must not change to `target` now, or null. */
function refusal(t: Transition, target: Configuration): RejectReason | null {
  const { state } = t;
  const leader = leaderRole(state);
  if (leader === null) return "not-leader";
  if (leader.transferTo !== null) return "transferring";
  // Until then an earlier leader's change may be in force elsewhere (Ongaro, 2015).
  if (!hasCommittedInTerm(state)) return "not-ready";
  const { index, configuration: inForce } = latestConfiguration(state);
  if (index > state.commitIndex || isJoint(inForce)) return "change-in-progress";
  const { voters, learners } = target;
  if (isSameSet(voters, inForce.voters) && isSameSet(learners, inForce.learners)) {
    return "unchanged";
  }
  // A learner becomes a voter once it holds all that is committed: until then the new majority
  // might have to wait for it. Strangers may join at once, at the asker's own risk.
  const promoted = voters.filter((id) => inForce.learners.includes(id));
  const lags = (id: ServerId): boolean => (progressOf(t, id)?.matchIndex ?? 0) < state.commitIndex;
  return promoted.some(lags) ? "not-caught-up" : null;
}

function isSameSet(a: readonly ServerId[], b: readonly ServerId[]): boolean {
  return a.length === b.length && a.every((id) => b.includes(id));
}

/**
 * What a leader does once it has committed the configuration in force: it leaves a joint one, be
 * it its own or an earlier leader's, and steps down where it is no voter of the new one, for "the
 * leader steps down once C_new is committed" (§4.2.2).
 */
export function proceedWithChange(t: Transition): void {
  const { state, config } = t;
  const { index, configuration } = latestConfiguration(state);
  if (leaderRole(state) === null || index > state.commitIndex) return;
  if (isJoint(configuration)) {
    appendAsLeader(t, {
      kind: "configuration",
      configuration: { ...configuration, outgoingVoters: [] },
    });
    // Entries that waited for the old majority alone are committed now.
    advanceCommitIndex(t);
  } else if (!isVoter(configuration, config.id)) {
    becomeFollower(t, null);
  }
}
