/** Bugs put back into changes of the members, and into who decides while they change. */
import type { Mutant } from "./catalogue.ts";

/** Who votes, and who campaigns. */
const votes: readonly Mutant[] = [
  {
    id: "B19",
    about: "a learner refuses to vote, though the candidate's configuration makes it a voter",
    file: "kernel/election.ts",
    find: `    (votedFor === null || votedFor === message.from) &&`,
    replace: `    isVoter(configurationOf(t.state), t.config.id) &&
    (votedFor === null || votedFor === message.from) &&`,
    focuses: ["members: a learner promoted, one demoted"],
    breaks: ["Votes Follow The Election Restriction"],
    source: "etcd#10998; raft-rs#58",
  },
  {
    id: "B19-pre-vote",
    about: "a learner refuses its pre-vote, though the candidate's configuration makes it a voter",
    file: "kernel/pre-vote.ts",
    find: `    message.term > currentTerm &&
    isLogUpToDate`,
    replace: `    isVoter(configurationOf(t.state), t.config.id) &&
    message.term > currentTerm &&
    isLogUpToDate`,
    focuses: ["members: pre-vote"],
    breaks: ["Votes Follow The Election Restriction"],
    source: "etcd#10998",
  },
  {
    id: "B20",
    about: "a learner campaigns",
    file: "kernel/configuration.ts",
    find: `  if (isVoter(configuration, id)) return true;`,
    replace: `  if (isVoter(configuration, id) || configuration.learners.includes(id)) return true;`,
    focuses: ["members: a learner promoted, one demoted"],
    breaks: ["Only Voters Campaign"],
    source: "etcd db54973; hashicorp/raft#483",
  },
  {
    id: "B20-removed",
    about: "a server campaigns though it knows that its removal is committed",
    file: "kernel/configuration.ts",
    find: `before !== undefined && index > state.commitIndex &&`,
    replace: `before !== undefined &&`,
    focuses: ["members: the leader removed"],
    breaks: ["Only Voters Campaign"],
    source: "hashicorp/raft#483",
  },
  {
    id: "B21",
    about: "a server does not vote for a candidate that its own configuration does not name",
    file: "kernel/election.ts",
    find: `    (votedFor === null || votedFor === message.from) &&`,
    replace: `    isVoter(configurationOf(t.state), message.from) &&
    (votedFor === null || votedFor === message.from) &&`,
    focuses: ["members: one more"],
    breaks: ["Votes Follow The Election Restriction"],
    source: "hashicorp/raft#477, #526; logcabin#205",
  },
  {
    id: "B21-messages",
    about: "a server refuses every message of a sender that its own configuration does not name",
    file: "kernel/step.ts",
    find: `  if (ignoreStaleTerm(t, message)) return;`,
    replace: `  const { voters, outgoingVoters } = configurationOf(t.state);
  if (![...voters, ...outgoingVoters].includes(message.from)) return ignore(t, "not-a-voter");
  if (ignoreStaleTerm(t, message)) return;`,
    also: [
      {
        find: `import { unreachable } from "./assert.ts";`,
        replace: `import { unreachable } from "./assert.ts";
import { configurationOf } from "./configuration.ts";`,
      },
    ],
    focuses: ["members: one more"],
    breaks: ["A Current Leader Is Followed", "Higher Terms Are Adopted"],
    source: "logcabin#56",
  },
  {
    id: "Q61-before",
    about: "a server that its own latest configuration leaves out never campaigns",
    file: "kernel/configuration.ts",
    find: `  return before !== undefined && index > state.commitIndex && isVoter(before.configuration, id);`,
    replace: `  return before === undefined && index > state.commitIndex;`,
    focuses: ["members: the leader removed"],
    breaks: ["campaign of a leader that removed itself"],
    unspecified: "that somebody campaigns",
  },
  {
    id: "Q61-asked",
    about: "a candidate asks only the new set of voters",
    file: "kernel/quorum.ts",
    find: `  return peersOf({ ...configuration, learners: [] }, self);`,
    replace: `  return peersOf({ ...configuration, outgoingVoters: [], learners: [] }, self);`,
    focuses: ["members: all replaced"],
    breaks: ["elected by two majorities"],
  },
];

/** Which configuration is in force. */
const inForce: readonly Mutant[] = [
  {
    id: "B61",
    about: "a configuration is in force only once it is committed",
    file: "kernel/configuration.ts",
    find: `  const latest = state.configurations.at(-1);`,
    replace: `  const { configurations, commitIndex } = state;
  const latest = configurations.findLast(({ index }) => index <= commitIndex) ?? configurations[0];`,
    focuses: ["members: all replaced"],
    breaks: [
      "A Majority Of Each Half Elects",
      "Progress Of Every Peer",
      "Durability",
      "Changes Start In A Committed Term",
    ],
    source: "etcd#7280, #7625, #11284; raft-rs#226",
  },
  {
    id: "B61-election",
    about: "votes are counted by the last committed configuration, not the latest",
    file: "kernel/election.ts",
    find: `  if (isQuorumOf(t.state, votesGranted)) becomeLeader(t);`,
    replace: `  const { configuration } = configurationAt(t.state.configurations, t.state.commitIndex);
  if (isQuorum(configuration, votesGranted)) becomeLeader(t);`,
    also: [
      {
        find: `import { configurationOf, mayCampaign } from "./configuration.ts";`,
        replace: `import { configurationAt, configurationOf, mayCampaign } from "./configuration.ts";`,
      },
      {
        find: `import { isVoter, otherVoters } from "./quorum.ts";`,
        replace: `import { isQuorum, isVoter, otherVoters } from "./quorum.ts";`,
      },
    ],
    focuses: ["members: all replaced"],
    breaks: ["A Majority Of Each Half Elects"],
    source: "etcd#11284; the TLA+ specification, etcd-raft#456",
  },
  {
    id: "Q62-truncated",
    about: "a configuration stays in force after its entry was truncated",
    file: "kernel/configuration.ts",
    find: `  while ((result.at(-1)?.index ?? 0) >= first.index) result = result.slice(0, -1);
`,
    replace: "",
    focuses: ["members: one more"],
    breaks: ["Latest Configuration In Force", "Kernel Invariants"],
    unspecified: "how the configuration in force is kept",
  },
  {
    id: "Q62-restart",
    about: "after a restart the configuration of the snapshot is in force, not the log's latest",
    file: "kernel/recover.ts",
    find: `configurationsAfter(configurationsOfSnapshot(snapshot), entries),`,
    replace: `configurationsAfter(configurationsOfSnapshot(snapshot), []),`,
    focuses: ["members: the leader removed"],
    breaks: ["Latest Configuration In Force"],
    unspecified: "how the configuration in force is kept",
  },
  {
    id: "B67",
    about: "a snapshot carries the latest configuration, not the one of its index",
    file: "kernel/snapshot.ts",
    find: `  const { configuration } = configurationAt(configurations, index);`,
    replace: `  const { configuration } = configurationAt(configurations, Number.MAX_SAFE_INTEGER);`,
    focuses: ["members: a snapshot"],
    breaks: ["Snapshots Stand For What Was Committed"],
    source: "pikiwidb-raft#385; async-raft",
  },
  {
    id: "B67-joint",
    about: "a snapshot carries the new half of a joint configuration alone",
    file: "kernel/snapshot.ts",
    find: `  const { configuration } = configurationAt(configurations, index);`,
    replace: `  const found = configurationAt(configurations, index).configuration;
  const configuration = { ...found, outgoingVoters: [] };`,
    focuses: ["members: a snapshot"],
    breaks: ["Snapshots Stand For What Was Committed"],
    source: "async-raft",
  },
  {
    id: "B67-install",
    about: "a server that installs a snapshot keeps the configuration that it had",
    file: "kernel/snapshot.ts",
    find: `      configurations: configurationsOfSnapshot(snapshot),`,
    replace: `      configurations: [{ ...t.state.configurations.at(-1)!, index }],`,
    focuses: ["members: a snapshot"],
    breaks: ["Snapshots Stand For What Was Committed"],
    source: "pikiwidb-raft#385",
  },
];

/** How changes begin and end. */
const changes: readonly Mutant[] = [
  {
    id: "B60",
    about: "a leader begins a change before it has committed an entry of its term",
    file: "kernel/membership.ts",
    find: `  if (!hasCommittedInTerm(state)) return "not-ready";
`,
    replace: "",
    focuses: ["members: one more"],
    breaks: ["Changes Start In A Committed Term"],
    source: "Ongaro, raft-dev, 2015; hydro#3192",
  },
  {
    id: "B65",
    about: "a new leader does not leave the joint configuration that it found",
    file: "kernel/membership.ts",
    find: `  if (isJoint(configuration)) {`,
    replace: `  if (isJoint(configuration) && termAt(state.log, index) < state.currentTerm) return;
  if (isJoint(configuration)) {`,
    also: [
      {
        find: `import { progressOf } from "./progress.ts";`,
        replace: `import { termAt } from "./log.ts";
import { progressOf } from "./progress.ts";`,
      },
    ],
    focuses: ["members: one more"],
    breaks: ["A Joint Configuration Is Left Once Committed"],
    source: "etcd#12137",
  },
  {
    id: "B65-again",
    about: "a leader leaves the joint configuration anew at every commit until that is committed",
    file: "kernel/membership.ts",
    find: `  const { index, configuration } = latestConfiguration(state);
  if (leaderRole(state) === null || index > state.commitIndex) return;`,
    replace: `  const { configuration } = configurationAt(state.configurations, state.commitIndex);
  if (leaderRole(state) === null) return;`,
    also: [{ find: `  configurationFault,`, replace: `  configurationAt,\n  configurationFault,` }],
    focuses: ["members: all replaced, a command"],
    breaks: ["One Change At A Time", "Voters Change By Joint Consensus"],
    source: "etcd bd3c759",
  },
  {
    id: "B68",
    about: "that a change is open is never forgotten: there is no second one",
    file: "kernel/membership.ts",
    find: `  if (index > state.commitIndex || isJoint(inForce)) return "change-in-progress";`,
    replace: `  if (index > 0 || isJoint(inForce)) return "change-in-progress";`,
    focuses: ["members: one more, then less"],
    breaks: ["second change begun"],
    source: "etcd 141a265",
  },
  {
    id: "B70",
    about: "a removed leader goes on leading",
    file: "kernel/membership.ts",
    find: `    becomeFollower(t, null);`,
    replace: "",
    also: [{ find: `import { becomeFollower } from "./term.ts";\n`, replace: "" }],
    focuses: ["members: the leader removed"],
    breaks: ["A Removed Leader Steps Down"],
    source: "etcd#11038, #10563, #1759; hashicorp/raft#79",
  },
  {
    id: "B70-stalls",
    about: "what only the removed voters had not stored is not committed when they are gone",
    file: "kernel/membership.ts",
    find: `    // Entries that waited for the old majority alone are committed now.
    advanceCommitIndex(t);
`,
    replace: "",
    focuses: ["members: two become one, a command"],
    breaks: ["Commits What A Quorum Stored"],
    source: "etcd#10563",
  },
  {
    id: "B71",
    about: "a leader steps down as soon as it appends its removal",
    file: "kernel/membership.ts",
    find: `    advanceCommitIndex(t);
`,
    replace: `    advanceCommitIndex(t);
    if (!configuration.voters.includes(config.id)) becomeFollower(t, null);
`,
    focuses: ["members: the leader removed"],
    breaks: ["A Leader Leads Until Its Removal Is Committed"],
    source: "CCF#5919, fixed by #5973",
  },
  {
    id: "B74",
    about: "a second change begins before the first is committed",
    file: "kernel/membership.ts",
    find: `  if (index > state.commitIndex || isJoint(inForce)) return "change-in-progress";`,
    replace: '  if (index < 0) return "change-in-progress";',
    focuses: ["members: one more, then less"],
    breaks: ["Changes Start In A Committed Term"],
    source: "etcd-raft#80, #81",
  },
  {
    id: "Q65-early",
    about: "a joint configuration is left at the next commit, whether or not it is committed",
    file: "kernel/membership.ts",
    find: `leaderRole(state) === null || index > state.commitIndex) return;`,
    replace: `leaderRole(state) === null || (!isJoint(configuration) && index > state.commitIndex)) return;`,
    focuses: ["members: all replaced, a command"],
    breaks: ["A Joint Configuration Is Left Once Committed"],
  },
  {
    id: "Q65-at-once",
    about: "C_new is appended together with C_old,new",
    file: "kernel/membership.ts",
    find: `/** Why the leader must not change`,
    replace: `export function leaveAtOnce(t: Transition): void {
  const configuration = { ...configurationOf(t.state), outgoingVoters: [] };
  appendAsLeader(t, { kind: "configuration", configuration });
}

/** Why the leader must not change`,
    also: [
      {
        find: `      learners: [...learners].sort(),
    },
  });`,
        replace: `      learners: [...learners].sort(),
    },
  });
  leaveAtOnce(t);`,
      },
    ],
    focuses: ["members: all replaced"],
    breaks: ["A Joint Configuration Is Left Once Committed"],
  },
  {
    id: "Q65-no-joint",
    about: "voters change in one step",
    file: "kernel/membership.ts",
    find: `isSameSet(voters, inForce.voters) ? [] : inForce.voters,`,
    replace: `[],`,
    focuses: ["members: one more"],
    breaks: ["Voters Change By Joint Consensus", "Durability"],
  },
  {
    id: "Q65-single",
    about: "one voter more or less is taken in one step, which needs a commit in the term first",
    file: "kernel/membership.ts",
    find: `isSameSet(voters, inForce.voters) ? [] : inForce.voters,`,
    replace: `inForce.voters.length + voters.length -
        2 * voters.filter((id) => inForce.voters.includes(id)).length < 2 ? [] : inForce.voters,`,
    also: [{ find: `  if (!hasCommittedInTerm(state)) return "not-ready";\n`, replace: "" }],
    focuses: ["members: one more"],
    breaks: ["Voters Change By Joint Consensus", "Changes Start In A Committed Term", "Durability"],
    source: "Ongaro, raft-dev, 2015",
  },
  {
    id: "Q66",
    about: "a learner that lags behind becomes a voter",
    file: "kernel/membership.ts",
    find: `  return promoted.some(lags) ? "not-caught-up" : null;`,
    replace: `  return promoted.some(lags) && voters.length === 0 ? "not-caught-up" : null;`,
    focuses: ["members: a learner promoted, one demoted"],
    breaks: ["Only Caught-Up Learners Are Promoted"],
  },
  {
    id: "Q67",
    about: "whom a leader tracks does not follow the configuration",
    file: "kernel/replication.ts",
    find: `    updateLeader(t, { progress: progressOfPeers(t, leader.progress, entry.index) });
`,
    replace: "",
    focuses: ["members: one more"],
    breaks: ["Progress Of Every Peer"],
    unspecified: "whom a leader sends to",
  },
  {
    id: "Q67-kept",
    about: "a leader goes on sending to who was removed",
    file: "kernel/progress.ts",
    find: `  return peers.map((id) => known.find((peer) => peer.id === id) ?? newProgress(id, nextIndex));`,
    replace: `  const gone = known.filter(({ id }) => !peers.includes(id));
  return [
    ...peers.map((id) => known.find((peer) => peer.id === id) ?? newProgress(id, nextIndex)),
    ...gone,
  ];`,
    focuses: ["members: all replaced"],
    breaks: ["Progress Of Every Peer"],
  },
  {
    id: "Q67-forgotten",
    about: "with a new configuration a leader forgets what its peers have acknowledged",
    file: "kernel/progress.ts",
    find: `known.find((peer) => peer.id === id) ?? newProgress(id, nextIndex)`,
    replace: `newProgress(id, Math.min(nextIndex, known.length + nextIndex))`,
    focuses: ["members: one more"],
    breaks: ["Only A Rejection Moves Back"],
  },
];

/** Majorities while two sets of voters are in force. */
const majorities: readonly Mutant[] = [
  {
    id: "B62",
    about: "a majority of both sets of voters taken together elects",
    file: "kernel/quorum.ts",
    find: `    isMajority(configuration.voters, members) && isMajority(configuration.outgoingVoters, members)`,
    replace: `    isMajority(
      [...new Set([...configuration.voters, ...configuration.outgoingVoters])],
      members,
    )`,
    focuses: ["members: two of three replaced by one"],
    breaks: ["A Majority Of Each Half Elects"],
    source: "CCF#3948, #4018; openraft 6c0ccaf3",
  },
  {
    id: "B62-new",
    about: "a majority of the new voters elects, while the old ones still count",
    file: "kernel/quorum.ts",
    find: `    isMajority(configuration.voters, members) && isMajority(configuration.outgoingVoters, members)`,
    replace: `isMajority(configuration.voters, members)`,
    focuses: ["members: all replaced"],
    breaks: ["A Majority Of Each Half Elects"],
    source: "openraft d882e743",
  },
  {
    id: "B62-old",
    about: "a majority of the old voters elects, while the new ones count already",
    file: "kernel/quorum.ts",
    find: `    isMajority(configuration.voters, members) && isMajority(configuration.outgoingVoters, members)`,
    replace: `    isMajority(
      configuration.outgoingVoters.length > 0 ? configuration.outgoingVoters : configuration.voters,
      members,
    )`,
    focuses: ["members: all replaced"],
    breaks: ["A Majority Of Each Half Elects"],
    source: "camunda#57387",
  },
  {
    id: "B62-commit",
    about: "a majority of both sets of voters taken together commits",
    file: "kernel/quorum.ts",
    find: `  return Math.min(
    majorityMatchIndex(configuration.voters, matchIndexOf),
    majorityMatchIndex(configuration.outgoingVoters, matchIndexOf),
  );`,
    replace: `  const { voters, outgoingVoters } = configuration;
  return majorityMatchIndex([...new Set([...voters, ...outgoingVoters])], matchIndexOf);`,
    focuses: ["members: all replaced"],
    breaks: ["Durability", "Commits What A Quorum Stored", "Leader Completeness"],
    source: "CCF#3948; openraft beb0302b",
  },
  {
    id: "B62-commit-new",
    about: "a majority of the new voters commits, while the old ones still count",
    file: "kernel/quorum.ts",
    find: `  return Math.min(
    majorityMatchIndex(configuration.voters, matchIndexOf),
    majorityMatchIndex(configuration.outgoingVoters, matchIndexOf),
  );`,
    replace: `  return majorityMatchIndex(configuration.voters, matchIndexOf);`,
    focuses: ["members: two of three replaced by one"],
    breaks: ["Leader Completeness", "State Machine Safety"],
    source: "openraft d882e743",
  },
  {
    id: "B62-commit-old",
    about: "a majority of the old voters commits, while the new ones count already",
    file: "kernel/quorum.ts",
    find: `  return Math.min(
    majorityMatchIndex(configuration.voters, matchIndexOf),
    majorityMatchIndex(configuration.outgoingVoters, matchIndexOf),
  );`,
    replace: `  const { voters, outgoingVoters } = configuration;
  return majorityMatchIndex(outgoingVoters.length > 0 ? outgoingVoters : voters, matchIndexOf);`,
    focuses: ["members: all replaced"],
    breaks: ["Durability"],
    source: "camunda#57387",
  },
  {
    id: "B63",
    about: "a quorum check counts learners",
    file: "kernel/leader-contact.ts",
    find: `  if (!isQuorumOf(t.state, [t.config.id, ...heard])) return becomeFollower(t, null);`,
    replace: `  if ((heard.length + 1) * 2 <= leader.progress.length + 1) return becomeFollower(t, null);`,
    focuses: ["members: quorum checks"],
    breaks: ["A Majority Of Each Half Keeps A Leader"],
    unspecified: "who was heard by a quorum check",
    source: "MicroRaft c768342; hashicorp/raft 6e41709",
  },
  {
    id: "B63-any",
    about: "a quorum check asks for a majority of either set of voters",
    file: "kernel/leader-contact.ts",
    find: `  if (!isQuorumOf(t.state, [t.config.id, ...heard])) return becomeFollower(t, null);`,
    replace: `  const { voters, outgoingVoters } = configurationOf(t.state);
  const isHeard = [voters, outgoingVoters].some(
    (half) => half.length > 0 && isMajority(half, [t.config.id, ...heard]),
  );
  if (!isHeard) return becomeFollower(t, null);`,
    also: [
      {
        find: `import { becomeFollower } from "./term.ts";`,
        replace: `import { configurationOf } from "./configuration.ts";
import { isMajority } from "./quorum.ts";
import { becomeFollower } from "./term.ts";`,
      },
    ],
    focuses: ["members: quorum checks"],
    breaks: ["A Majority Of Each Half Keeps A Leader"],
    unspecified: "who was heard by a quorum check",
    source: "CCF#7375",
  },
  {
    id: "Q63-commit",
    about: "learners count where entries are committed",
    file: "kernel/quorum.ts",
    find: `    majorityMatchIndex(configuration.voters, matchIndexOf),
    majorityMatchIndex(configuration.outgoingVoters, matchIndexOf),`,
    replace: `    majorityMatchIndex([...configuration.voters, ...configuration.learners], matchIndexOf),
    majorityMatchIndex(configuration.outgoingVoters, matchIndexOf),`,
    focuses: ["members: a learner promoted, one demoted"],
    breaks: ["Durability", "Commits What A Quorum Stored"],
  },
];

export const membershipMutants: readonly Mutant[] = [
  ...votes,
  ...inForce,
  ...changes,
  ...majorities,
];
