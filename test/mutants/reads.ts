/** Bugs put back into reads, leases and leadership transfer (thesis §6.4, §3.10). */
import type { Mutant } from "./catalogue.ts";

const STALE = "Reads Are Linearizable";
const UNCONFIRMED = "Reads Are Confirmed By A Quorum";
const DROPPED = "Every Read Is Answered Or Rejected";

/** Rounds: who confirms what, and for which reads. */
const rounds: readonly Mutant[] = [
  {
    id: "B41-reads",
    about: "a round is confirmed by one server less than a majority",
    file: "kernel/reads.ts",
    find: `  if (!isQuorumOf(t.state, [t.config.id, ...round.acknowledgedBy])) return;`,
    replace: `  const silent = leaderRole(t.state)?.progress.find(
    ({ id }) => !round.acknowledgedBy.includes(id),
  );
  const spare = silent === undefined ? [] : [silent.id];
  if (!isQuorumOf(t.state, [t.config.id, ...spare, ...round.acknowledgedBy])) return;`,
    focuses: ["reads"],
    breaks: [UNCONFIRMED, STALE],
    source: "openraft d60f1e85",
  },
  {
    id: "B63-reads",
    about: "a round is confirmed by most of the peers, learners among them",
    file: "kernel/reads.ts",
    find: `  if (!isQuorumOf(t.state, [t.config.id, ...round.acknowledgedBy])) return;`,
    replace: `  const peers = leaderRole(t.state)?.progress.length ?? 0;
  if ((round.acknowledgedBy.length + 1) * 2 <= peers + 1) return;`,
    focuses: ["reads of a learner"],
    breaks: [UNCONFIRMED, STALE],
    source: "CCF#7375; hashicorp/raft 6e41709",
  },
  {
    id: "B63-joint",
    about: "a round is confirmed by a majority of the new voters alone",
    file: "kernel/reads.ts",
    find: `  if (!isQuorumOf(t.state, [t.config.id, ...round.acknowledgedBy])) return;`,
    replace: `  const { voters } = t.state.configurations.at(-1)?.configuration ?? { voters: [] };
  const members = voters.filter((id) => [t.config.id, ...round.acknowledgedBy].includes(id));
  if (members.length * 2 <= voters.length) return;`,
    focuses: ["reads, members change"],
    breaks: [UNCONFIRMED, STALE],
    source: "CCF#7375; MicroRaft c768342",
  },
  {
    id: "B83",
    about: "reads are answered before the leader has committed in its term",
    file: "kernel/reads.ts",
    find: ` || reads.waiting.length === 0 || !hasCommittedInTerm(t.state)) return;`,
    replace: ` || reads.waiting.length === 0 || leaderRole(t.state) === null) return;`,
    also: [{ find: `  hasCommittedInTerm,\n`, replace: "" }],
    focuses: ["reads of a learner"],
    breaks: ["Reads Wait For A Commit In The Term", STALE],
    source: "etcd#7331; tikv#6340; redisraft#18",
  },
  {
    id: "B88",
    about: "a leader answers without asking anybody",
    file: "kernel/reads.ts",
    find: `  if (!isQuorumOf(t.state, [t.config.id, ...round.acknowledgedBy])) return;`,
    replace: `  if (!isQuorumOf(t.state, [t.config.id]) && round.reads.length === 0) return;`,
    focuses: ["reads"],
    breaks: [UNCONFIRMED, STALE],
    source: "d-engine#383; Xraft-KV#1",
  },
  {
    id: "Q83-other-round",
    about: "an answer to any round confirms the one that is running",
    file: "kernel/reads.ts",
    find: `  if (!reads?.round || !isSameContext(reads.round.context, context)) return;`,
    replace: `  if (!reads?.round || (context.length === 0 && !isSameContext(context, []))) return;`,
    focuses: ["reads"],
    breaks: [UNCONFIRMED, STALE],
  },
  {
    id: "Q83-no-round",
    about: "a heartbeat's answer confirms a round that began after the heartbeat",
    file: "kernel/reads.ts",
    find: `  if (!reads?.round || !isSameContext(reads.round.context, context)) return;`,
    replace: `  const isOther = context.length > 0 && !isSameContext(reads?.round?.context ?? [], context);
  if (!reads?.round || isOther) return;`,
    focuses: ["reads"],
    breaks: [UNCONFIRMED, STALE],
  },
  {
    id: "Q83-joins",
    about: "a read that comes while a round runs joins it",
    file: "kernel/reads.ts",
    find: `  updateLeader(t, { reads: { ...reads, waiting: [...reads.waiting, name] } });`,
    replace: `  if (reads.round !== null) {
    const round = { ...reads.round, reads: [...reads.round.reads, name] };
    return updateLeader(t, { reads: { ...reads, round } });
  }
  updateLeader(t, { reads: { ...reads, waiting: [...reads.waiting, name] } });`,
    focuses: ["reads"],
    breaks: [STALE, "A Round Is Told From Others"],
  },
  {
    id: "Q83-name",
    about: "a round is named by its first read, though a follower's read may come again",
    file: "kernel/reads.ts",
    find: `  return own === undefined ? reads : [own];`,
    replace: `  return own === undefined ? reads.slice(0, 1) : reads.slice(0, 1);`,
    focuses: ["reads"],
    breaks: ["A Round Is Told From Others", STALE],
  },
  {
    id: "Q83-index",
    about: "a read is answered with what was committed before the leader's term",
    file: "kernel/reads.ts",
    find: `  const { commitIndex: index } = t.state;`,
    replace: `  const index = Math.max(0, t.state.commitIndex - 1);`,
    focuses: ["reads"],
    breaks: [STALE],
  },
  {
    id: "Q83-forwarded",
    about: "a follower answers with its own commit index, once its leader has answered",
    file: "kernel/reads.ts",
    find: `  t.effects.push({ kind: "read-ready", read, index });
}

/**
 * Rejects`,
    replace: `  t.effects.push({ kind: "read-ready", read, index: Math.min(index, t.state.commitIndex) });
}

/**
 * Rejects`,
    focuses: ["reads"],
    breaks: [STALE],
    unspecified: "what a client is told",
  },
  {
    id: "Q83-follower",
    about: "a follower that knows a leader answers by itself",
    file: "kernel/reads.ts",
    find: `  update(t, { role: { ...role, reads: [...role.reads, read] } });
  forward(t, leaderId, read);`,
    replace: `  t.effects.push({ kind: "read-ready", read, index: t.state.commitIndex });`,
    focuses: ["reads"],
    breaks: [STALE],
    unspecified: "what a client is told",
  },
];

/** Reads that nobody answers. */
const dropped: readonly Mutant[] = [
  {
    id: "B89",
    about: "a smaller quorum does not release the reads that it confirms",
    file: "kernel/replication.ts",
    find: `    endLease(t);
    confirmReads(t);`,
    replace: `    endLease(t);
    if (leader === null) confirmReads(t);`,
    focuses: ["reads, members change"],
    breaks: ["Confirmed Reads Are Answered"],
    source: "raft-rs#363, #169",
  },
  {
    id: "B89-dropped",
    about: "a leader that steps down drops its reads",
    file: "kernel/reads.ts",
    find: `      if (origin === t.config.id) reject(`,
    replace: `      if (origin !== t.config.id) reject(`,
    focuses: ["reads of a learner"],
    breaks: [DROPPED],
    unspecified: "what a client is told",
    source: "etcd#9893",
  },
  {
    id: "Q89-follower",
    about: "a follower that gets another leader drops its reads",
    file: "kernel/reads.ts",
    find: `    for (const read of role.reads) reject(t, "read", "leader-lost", read);
`,
    replace: "",
    focuses: ["reads"],
    breaks: [DROPPED],
    unspecified: "what a client is told",
  },
  {
    id: "Q89-waits",
    about: "a follower waits for a leader that leads no more",
    file: "kernel/term.ts",
    find: `  update(t, { role: { kind: "follower", reads: [] }, leaderId });
  abandonReads(t, role);`,
    replace: `  const reads = role.kind === "follower" ? role.reads : [];
  update(t, { role: { kind: "follower", reads }, leaderId });
  if (role.kind !== "follower") abandonReads(t, role);`,
    focuses: ["reads"],
    breaks: ["Followers Wait For Their Leader", "A Read Is Taken To The Leader"],
  },
  {
    id: "Q89-once",
    about: "a read is forwarded once, and lost with the message",
    file: "kernel/append-entries.ts",
    find: `  forwardReadsAgain(t);
`,
    replace: "",
    focuses: ["reads"],
    breaks: ["A Read Is Taken To The Leader"],
    unspecified: "when a server sends what it may",
  },
  {
    id: "Q89-next",
    about: "reads that waited for the round to end go on waiting",
    file: "kernel/reads.ts",
    find: `  for (const name of round.reads) answer(t, name, round.index);
  serveReads(t);`,
    replace: `  for (const name of round.reads) answer(t, name, round.index);`,
    focuses: ["reads"],
    breaks: ["Reads Wait For A Reason"],
  },
  {
    id: "Q89-commit",
    about: "reads that waited for the first commit go on waiting",
    file: "kernel/commit.ts",
    find: `  serveReads(t);
`,
    replace: "",
    focuses: ["reads"],
    breaks: ["Reads Wait For A Reason"],
  },
];

/** Leases: what they rest on, and when they end. */
const leases: readonly Mutant[] = [
  {
    id: "B85",
    about: "a lease is kept while the leader hands over",
    file: "kernel/transfer.ts",
    find: `  endLease(t);
`,
    replace: "",
    focuses: ["leases, a transfer"],
    breaks: ["A Lease Needs A Leader That Stays", STALE],
    source: "openraft#1747; tikv#4680",
  },
  {
    id: "B85-yielded",
    about: "a transfer that was given up is forgotten, while TimeoutNow is on its way",
    file: "kernel/transfer.ts",
    find: `  updateLeader(t, { yielded: usesLeases(t.config) });`,
    replace: `  updateLeader(t, { yielded: usesLeases({ ...t.config, leaseReads: false }) });`,
    focuses: ["leases, a transfer"],
    breaks: ["A Told Target Costs The Term's Leases", STALE],
    source: "tikv#4680",
  },
  {
    id: "B86",
    about: "leases without CheckQuorum: nobody is bound",
    file: "kernel/lease.ts",
    find: `  return leaseReads && checkQuorum;`,
    replace: `  return leaseReads || (leaseReads && checkQuorum);`,
    focuses: ["leases without CheckQuorum"],
    breaks: [STALE],
    source: "etcd 926a44a; raft-rs#141",
  },
  {
    id: "Q86-late",
    about: "the lease timer is started when the round is confirmed, not when it began",
    file: "kernel/reads.ts",
    find: `    if (isFresh) resetTimer(t, "lease");
`,
    replace: "",
    also: [
      {
        find: `  for (const name of round.reads) answer(t, name, round.index);`,
        replace: `  if (round.isFresh) resetTimer(t, "lease");
  for (const name of round.reads) answer(t, name, round.index);`,
      },
    ],
    focuses: ["leases"],
    breaks: ["A Lease Starts With Its Round", STALE],
    unspecified: "when a timer is started",
  },
  {
    id: "Q86-slow-round",
    about: "a round that took longer than its timer gives a lease all the same",
    file: "kernel/lease.ts",
    find: `  const round = reads.round === null ? null : { ...reads.round, isFresh: false };`,
    replace: `  const { round } = reads;`,
    focuses: ["leases"],
    breaks: ["A Lease Ends In Time", STALE],
  },
  {
    id: "Q86-forever",
    about: "a lease does not end with its timer",
    file: "kernel/lease.ts",
    find: `  updateLeader(t, { reads: { ...reads, round, lease: false } });`,
    replace: `  updateLeader(t, { reads: { ...reads, round } });`,
    focuses: ["leases"],
    breaks: ["A Lease Ends In Time", STALE],
  },
  {
    id: "Q86-others",
    about: "a round of others' reads gives a lease: late answers to the round before confirm it",
    file: "kernel/lease.ts",
    find: `  return isUnique && leader.transferTo === null && !leader.yielded;`,
    replace: `  return (isUnique || context.length > 0) && leader.transferTo === null && !leader.yielded;`,
    focuses: ["leases"],
    breaks: ["A Round Is Told From Others", STALE],
  },
  {
    id: "Q86-restart",
    about: "a restart forgets what was promised to a leader",
    file: "kernel/recover.ts",
    find: `    leaderContact: usesLeases(config),`,
    replace: `    leaderContact: usesLeases({ ...config, leaseReads: false }),`,
    focuses: ["leases, a crash"],
    breaks: [STALE],
  },
  {
    id: "Q86-members",
    about: "a lease is kept when other members may elect",
    file: "kernel/replication.ts",
    find: `    endLease(t);
`,
    replace: `    if (leader === null) endLease(t);
`,
    focuses: ["leases, members change"],
    breaks: ["A Lease Ends In Time", STALE],
  },
  {
    id: "Q86-campaign",
    about: "a server that hears a leader campaigns on request",
    file: "kernel/election.ts",
    find: `  if (t.state.leaderContact) return reject(t, "campaign", "leader-contact");
`,
    replace: "",
    focuses: ["a transfer, a proposal"],
    breaks: ["No Campaign On Request Under A Leader", STALE],
    unspecified: "whether a campaign is by timeout or on request",
  },
  {
    id: "Q86-wish",
    about: "every campaign claims to be the leader's wish",
    file: "kernel/election.ts",
    find: `      leadershipTransfer,
`,
    replace: `      leadershipTransfer: leadershipTransfer || t.state.currentTerm > 0,
`,
    focuses: ["a transfer"],
    breaks: ["A Leader's Wish Is Obeyed", STALE],
  },
];

/** Leadership transfer. */
const transfers: readonly Mutant[] = [
  {
    id: "B91",
    about: "a transfer that takes too long is never given up",
    file: "kernel/election.ts",
    find: `    if (leader.transferTo !== null) giveUpTransfer(t);
`,
    replace: `    if (leader.transferTo === leader.kind) giveUpTransfer(t);
`,
    focuses: ["a transfer"],
    breaks: ["A Transfer Ends In Time"],
    unspecified: "what a client is told",
    source: "hashicorp/raft f2fdbd6 (#493)",
  },
  {
    id: "B91-proposals",
    about: "proposals are taken while the leader hands over",
    file: "kernel/proposal.ts",
    find: `  if (leader.transferTo !== null) return reject(t, "propose", "transferring");
`,
    replace: "",
    focuses: ["a transfer, a proposal"],
    breaks: ["No Proposal While Handing Over"],
    source: "hashicorp/raft 62eaa1c (#581)",
  },
  {
    id: "B91-changes",
    about: "the members are changed while the leader hands over",
    file: "kernel/membership.ts",
    find: `  if (leader.transferTo !== null) return "transferring";
`,
    replace: "",
    focuses: ["a transfer, a learner"],
    breaks: ["No Proposal While Handing Over"],
    source: "hashicorp/raft 62eaa1c (#581)",
  },
  {
    id: "B92",
    about: "the target of a transfer asks for pre-votes, which the leader's followers refuse",
    file: "kernel/transfer.ts",
    find: `  startElection(t, true);`,
    replace: `  startPreVote(t);`,
    also: [
      {
        find: `import { startElection } from "./election.ts";`,
        replace: `import { startPreVote } from "./pre-vote.ts";`,
      },
    ],
    focuses: ["a transfer"],
    breaks: ["A Leader's Wish Is Obeyed"],
    source: "canonical/raft 14d32e1, ac53ca3; dragonboat 1c7ebd3",
  },
  {
    id: "B92-wish",
    about: "the target of a transfer does not say so, and is refused by who hears the leader",
    file: "kernel/transfer.ts",
    find: `  startElection(t, true);`,
    replace: `  startElection(t, false);`,
    focuses: ["a transfer"],
    breaks: ["A Leader's Wish Is Obeyed"],
    source: "dragonboat 1c7ebd3",
  },
  {
    id: "B92-lease",
    about: "a server that hears the leader refuses its vote to whom that leader chose",
    file: "kernel/election.ts",
    find: `!hasLeader(t) || message.leadershipTransfer) return false;`,
    replace: `!hasLeader(t)) return false;`,
    focuses: ["a transfer"],
    breaks: ["vote given at the leader's wish"],
    source: "canonical/raft ac53ca3",
  },
  {
    id: "Q91-early",
    about: "the target is told before it has the leader's whole log",
    file: "kernel/transfer.ts",
    find: `  if (progressOf(t, to)?.matchIndex !== lastIndex(t.state.log)) return;`,
    replace: `  if ((progressOf(t, to)?.matchIndex ?? 0) > lastIndex(t.state.log)) return;`,
    focuses: ["a transfer"],
    breaks: ["Only A Full Log Takes Over"],
  },
  {
    id: "Q91-late",
    about: "a target that had to catch up is not told",
    file: "kernel/replication.ts",
    find: `  handOver(t, from);
`,
    replace: "",
    also: [{ find: `import { handOver } from "./transfer.ts";\n`, replace: "" }],
    focuses: ["a transfer"],
    breaks: ["A Full Log Is Told"],
    unspecified: "when a server sends what it may",
  },
  {
    id: "Q91-once",
    about: "the target is told once, and TimeoutNow may be lost",
    file: "kernel/heartbeat.ts",
    find: `  else handOver(t, message.from);
`,
    replace: "",
    also: [{ find: `import { handOver } from "./transfer.ts";\n`, replace: "" }],
    focuses: ["a transfer"],
    breaks: ["A Full Log Is Told"],
    unspecified: "when a server sends what it may",
  },
  {
    id: "Q91-learner",
    about: "a learner obeys TimeoutNow and campaigns",
    file: "kernel/transfer.ts",
    find: `  if (!isVoter(configurationOf(t.state), t.config.id)) return ignore(t, "not-a-voter");
`,
    replace: "",
    focuses: ["a transfer, a learner"],
    breaks: ["Only Voters Campaign"],
  },
  {
    id: "B95",
    about: "a leader that steps down says that what it has not committed was refused",
    file: "kernel/term.ts",
    find: `  if (role.kind === "leader") resetTimer(t, "election");`,
    replace: `  if (role.kind === "leader") {
    resetTimer(t, "election");
    reject(t, "propose", "not-leader");
  }`,
    also: [
      {
        find: `import { envelope, ignore, resetTimer,`,
        replace: `import { reject } from "./transition.ts";
import { envelope, ignore, resetTimer,`,
      },
    ],
    focuses: ["a transfer"],
    breaks: ["What Is Rejected Is Not Taken"],
    unspecified: "what a client is told",
    source: "redisraft#23",
  },
];

/** All of them. */
export const readsMutants: readonly Mutant[] = [...rounds, ...dropped, ...leases, ...transfers];
