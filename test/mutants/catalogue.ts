/**
 * Bugs put back: each entry is one small change of one file of the kernel, most of them bugs that
 * a real implementation of Raft had. `find` occurs exactly once in the file; `replace` takes its
 * place when the module is loaded, so the kernel itself knows nothing of this.
 */
import { deviations } from "./deviations.ts";
import { memberMutants } from "./members.ts";
import { membershipMutants } from "./membership.ts";
import { readsMutants } from "./reads.ts";
import { sessionMutants } from "./sessions.ts";
import { impossibleSnapshots, snapshotMutants } from "./snapshots.ts";

/** One bug that was put back. */
export interface Mutant {
  /** `B...`: a bug with a source; `Q...`: one of our own making. */
  readonly id: string;
  /** What is wrong, in a line. */
  readonly about: string;
  /** The file changed, from the root of the repository. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  /** More changes of the same file, each found exactly once: what the bug needs to show itself. */
  readonly also?: readonly { readonly find: string; readonly replace: string }[];
  /** The bounds of `bounds.ts` to look at before the others, by name: where it shows itself. */
  readonly focuses?: readonly string[];
  /** Properties that may be the first to break, by name. */
  readonly breaks: readonly string[];
  /** Why conformance cannot see it: what the specification leaves out, or leaves open. */
  readonly unspecified?: string;
  /** Where it was a bug. */
  readonly source?: string;
}

/** A known bug that this kernel cannot have by a change of one place. */
export interface Impossible {
  readonly id: string;
  /** Why it cannot be put back, or would change nothing. */
  readonly cannot: string;
}

/** Terms, votes, elections. */
const elections: readonly Mutant[] = [
  {
    id: "B1",
    about: "a vote is told before it is durable",
    file: "kernel/election.ts",
    find: `send(t, { kind: "request-vote-response", ...envelope(t, message.from), voteGranted });`,
    replace: `t.effects.push({ kind: "send", early: true, message:
    { kind: "request-vote-response", ...envelope(t, message.from), voteGranted } });`,
    breaks: ["Promises Wait For The Disk", "Election Safety"],
    source: "hashicorp/raft 901ac15; PySyncObj#202",
  },
  {
    id: "B1-self",
    about: "a candidate counts its own vote before it is durable",
    file: "kernel/election.ts",
    find: `becomeCampaigner(t, { kind: "candidate", votesGranted: [] });`,
    replace: `becomeCampaigner(t, { kind: "candidate", votesGranted: [config.id] });`,
    breaks: ["A Campaign Starts With No Votes"],
    source: "sofa-jraft electSelf",
  },
  {
    id: "B2",
    about: "term and vote are two writes, the vote first: a crash between forgets a vote",
    file: "kernel/step.ts",
    find: `[persist, ...t.effects] };`,
    replace: `[{ ...persist, currentTerm: state.currentTerm }, persist, ...t.effects] };`,
    breaks: ["Changes Are Persisted First", "Election Safety", "Durable State Lags"],
    source: "hashicorp/raft#661; sofa-jraft#1241",
  },
  {
    id: "B2-term-first",
    about: "term and vote are two writes, the term first: a crash between keeps an old vote",
    file: "kernel/step.ts",
    find: `[persist, ...t.effects] };`,
    replace: `[{ ...persist, votedFor: state.votedFor }, persist, ...t.effects] };`,
    breaks: ["Changes Are Persisted First", "Durable State Lags"],
    source: "braft MixedMetaStorage",
  },
  {
    id: "B4",
    about: "entering pre-candidacy clears the vote",
    file: "kernel/pre-vote.ts",
    find: `  becomeCampaigner(t, { kind: "pre-candidate", votesGranted: [config.id] });`,
    replace: `  becomeCampaigner(t, { kind: "pre-candidate", votesGranted: [config.id] });
  update(t, { votedFor: null });`,
    breaks: ["One Vote Per Term", "Election Safety", "Campaigns For Itself"],
    source: "canonical/raft 9c70d96, fixed by 98d8f51",
  },
  {
    id: "B5",
    about: "a vote of an earlier term is counted",
    file: "kernel/term.ts",
    find: `if (message.term >= t.state.currentTerm ||`,
    replace: `if (message.kind === "request-vote-response") return false;
  if (message.term >= t.state.currentTerm ||`,
    breaks: ["Election Safety"],
    source: "xraft#33; little-raft#44",
  },
  {
    id: "B6",
    about: "votes are a number, not a set: a duplicate reply counts twice",
    file: "kernel/election.ts",
    find: `  const votesGranted = withName(role.votesGranted, voter);
  update(t, { role: { kind: "candidate", votesGranted } });
  if (isQuorumOf(t.state, votesGranted)) becomeLeader(t);`,
    replace: `  const votesGranted = [...role.votesGranted, voter];
  update(t, { role: { kind: "candidate", votesGranted } });
  if (votesGranted.length * 2 > configurationOf(t.state).voters.length) becomeLeader(t);`,
    breaks: ["Election Safety"],
    source: "xraft#27; coyote-samples#8; liferaft",
  },
  {
    id: "B8",
    about: "logs are compared componentwise, not by term first",
    file: "kernel/log.ts",
    find: `return term > ownTerm || (term === ownTerm && index >= lastIndex(log));`,
    replace: `return term >= ownTerm && index >= lastIndex(log);`,
    breaks: ["Votes Follow The Election Restriction"],
    source: "openraft a48a3282",
  },
  {
    id: "B9",
    about: "a pre-vote that comes late is counted as a vote",
    file: "kernel/step.ts",
    find: `      return handlePreVoteResponse(t, message);`,
    replace: `      if (t.state.role.kind === "candidate" && message.term === t.state.currentTerm)
        return handleRequestVoteResponse(t, { ...message, kind: "request-vote-response" });
      return handlePreVoteResponse(t, message);`,
    breaks: ["Election Safety"],
    source: "canonical/raft 0ed4553",
  },
  {
    id: "B10",
    about: "pre-votes of an earlier campaign count",
    file: "kernel/pre-vote.ts",
    find: `  if (message.term < campaign) return ignore(t, "stale-term", \`pre-vote for \${message.term}\`);
`,
    replace: "",
    breaks: ["Elections Start By Timeout Or Pre-Vote"],
    source: "cockroach#123297",
  },
  {
    id: "B11",
    about: "a new pre-candidacy keeps the votes of the last campaign",
    file: "kernel/pre-vote.ts",
    find: `{ kind: "pre-candidate", votesGranted: [config.id] }`,
    replace: `{ kind: "pre-candidate", votesGranted:
      withName("votesGranted" in t.state.role ? t.state.role.votesGranted : [], config.id) }`,
    breaks: ["A Campaign Starts With No Votes"],
    source: "etcd#8346; raft-rs#83",
  },
  {
    id: "B12",
    about: "a granted pre-vote carries the responder's lower term",
    file: "kernel/pre-vote.ts",
    find: `const term = voteGranted ? message.term : currentTerm;`,
    replace: `const term = currentTerm;`,
    breaks: ["Pre-Vote Grants Can Be Counted"],
    source: "etcd#8243; canonical/raft da1ee05; raft-rs#30",
  },
  {
    id: "B14",
    about: "the higher term of a refused pre-vote is not adopted",
    file: "kernel/term.ts",
    find: `return !(message.kind === "pre-vote-response" && message.voteGranted);`,
    replace: `return message.kind !== "pre-vote-response";`,
    breaks: ["Higher Terms Are Adopted"],
    source: "openraft#1796; canonical/raft#279",
  },
  {
    id: "B15",
    about: "a campaign does not end the contact with the old leader",
    file: "kernel/election.ts",
    find: `  update(t, { leaderContact: false });
`,
    replace: "",
    breaks: ["A Campaign Starts Without A Leader"],
    source: "raft-rs#84",
  },
  {
    id: "B15-leader",
    about: "a pre-candidate still knows the old leader",
    file: "kernel/pre-vote.ts",
    find: `  becomeCampaigner(t, { kind: "pre-candidate", votesGranted: [config.id] });`,
    replace: `  const { leaderId } = t.state;
  becomeCampaigner(t, { kind: "pre-candidate", votesGranted: [config.id] });
  update(t, { leaderId });`,
    breaks: ["A Campaign Starts Without A Leader"],
    unspecified: "whom a server takes for its leader",
    source: "raft-rs#84",
  },
  {
    id: "B16",
    about: "granting a pre-vote counts as hearing a leader",
    file: "kernel/pre-vote.ts",
    find: `  const reply = envelope(t, message.from);`,
    replace: `  if (voteGranted) update(t, { leaderContact: true });
  const reply = envelope(t, message.from);`,
    breaks: ["Pre-Vote Promises Nothing"],
    source: "hashicorp/raft#605, #609",
  },
  {
    id: "B17",
    about: "a pre-vote that comes after winning starts another campaign",
    file: "kernel/pre-vote.ts",
    find: `  if (role.kind !== "pre-candidate") return ignore(t, "not-campaigning", "no pre-vote is running");
  if (!message.voteGranted) return ignore(t, "vote-refused");
  if (!isVoter(configurationOf(t.state), message.from)) return ignore(t, "not-a-voter");
  const campaign = currentTerm + 1;
  if (message.term < campaign) return ignore(t, "stale-term", \`pre-vote for \${message.term}\`);
  if (message.term > campaign) return ignore(t, "impossible-term", \`pre-vote for \${message.term}\`);
  const votesGranted = withName(role.votesGranted, message.from);`,
    replace: `  if (role.kind === "follower") return ignore(t, "not-campaigning", "no pre-vote is running");
  if (!message.voteGranted) return ignore(t, "vote-refused");
  if (message.term < currentTerm) return ignore(t, "stale-term");
  const held = "votesGranted" in role ? role.votesGranted : [t.config.id];
  const votesGranted = withName(held, message.from);`,
    breaks: ["Elections Start By Timeout Or Pre-Vote"],
    source: "openraft 511f33c7, 4490c678",
  },
  {
    id: "B23",
    about: "the term of a stale AppendEntries is taken over, without a maximum",
    file: "kernel/term.ts",
    find: `  ignore(t, "stale-term", \`\${message.kind} of term \${message.term}\`);`,
    replace: `  if (message.kind === "append-entries-request") {
    update(t, { currentTerm: message.term, votedFor: null });
    return false;
  }
  ignore(t, "stale-term", \`\${message.kind} of term \${message.term}\`);`,
    breaks: ["Monotonic Term", "Kernel Invariants"],
    source: "NATS#5671, #5684; WRaft#118",
  },
  {
    id: "B25",
    about: "a restarted leader goes on leading its term",
    file: "kernel/recover.ts",
    find: `    leaderId: null,
    // What was promised to a leader outlives a restart (thesis §6.4.1).
    leaderContact: usesLeases(config),
    role: { kind: "follower", reads: [] },
  };`,
    replace: `    leaderId: null,
    leaderContact: false,
    role: { kind: "follower", reads: [] },
    ...(votedFor === config.id && entries.at(-1)?.term === currentTerm && {
      leaderId: votedFor,
      role: {
        kind: "leader",
        durableIndex: snapshot.lastIndex + entries.length,
        uncommittedChars: 0, transferTo: null, yielded: false,
        reads: { round: null, waiting: [], lease: null },
        progress: snapshot.configuration.voters.flatMap((id) => id === votedFor ? [] : [{
          id, matchIndex: 0, nextIndex: snapshot.lastIndex + entries.length + 1, mode: "probe", inFlight: [],
          active: false,
        }]),
      },
    }),
  };`,
    breaks: ["Log Matching", "State Machine Safety", "Durability", "Leader Completeness"],
    source: "KAFKA-10527",
  },
  {
    id: "B27",
    about: "a leader grants pre-votes",
    file: "kernel/leader-contact.ts",
    find: `return t.state.role.kind === "leader" || t.state.leaderContact;`,
    replace: `return t.state.leaderContact;`,
    breaks: ["No Pre-Vote Under A Leader", "No Vote Under A Leader"],
    source: "DaosRaft#70",
  },
  {
    id: "B28",
    about: "a candidate does not hear the leader of its own term",
    file: "kernel/leader-contact.ts",
    find: `  const { role, leaderId: known } = t.state;`,
    replace: `  const { role, leaderId: known } = t.state;
  if (role.kind === "candidate") return false;`,
    breaks: ["A Current Leader Is Followed"],
    source: "etcd TestCandidateFallback; nebula#1769",
  },
];

/** Replication, commit, durability. */
const replication: readonly Mutant[] = [
  {
    id: "B29",
    about: "an entry of an earlier term is committed by counting its replicas (Figure 8)",
    file: "kernel/commit.ts",
    find: `  if (termAt(state.log, index) !== state.currentTerm) return;
`,
    replace: "",
    breaks: ["Leader Completeness", "State Machine Safety", "Durability"],
    source: "logcabin#44; PySyncObj#169; CCF#3828",
  },
  // By itself it is safe here (B30-alone): the hint never lets a leader send again what matches an
  // earlier leader's log, so the first entry sent replaces whatever else the follower had of it. A
  // plainer hint shows the harm.
  {
    id: "B30",
    about: "a follower commits up to the end of its own log (and, harmless, asks to start anew)",
    file: "kernel/append-entries.ts",
    find: `  commitUpTo(t, Math.min(leaderCommit, matchIndex));`,
    replace: `  commitUpTo(t, Math.min(leaderCommit, lastIndex(t.state.log)));`,
    also: [
      {
        find: `isShort ? lastIndex(log) + 1 : firstIndexOfTerm(log, conflictTerm);`,
        replace: `isShort ? lastIndex(log) + 1 : 1;`,
      },
      { find: `isShort ? 0 : termAt(log, prevLogIndex);`, replace: `0;` },
    ],
    breaks: ["State Machine Safety"],
    source: "WRaft#118; openraft 9540c904",
  },
  {
    id: "B32",
    about: "a heartbeat carries the commit index whole, beyond what the peer acknowledged",
    file: "kernel/heartbeat.ts",
    find: `const leaderCommit = Math.min(t.state.commitIndex, matchIndex);`,
    replace: `const leaderCommit = t.state.commitIndex;`,
    breaks: ["State Machine Safety"],
    source: "etcd c405634",
  },
  {
    id: "B33",
    about: "everything after prevLogIndex is replaced, even by a message that is old and short",
    file: "kernel/append-entries.ts",
    find: `const news = matches ? entriesFromFirstConflict(t, message.entries) : [];`,
    replace: `const news = matches ? message.entries : [];`,
    breaks: ["Durability", "Leader Completeness"],
    source: "openraft 9540c904; hashicorp/raft 0f31a01; CCF#5927",
  },
  {
    id: "B34",
    about: "a commit index may fall",
    file: "kernel/commit.ts",
    find: `  if (index <= commitIndex) return;`,
    replace: `  if (index === commitIndex) return;`,
    breaks: ["Monotonic Commit"],
    source: "PySyncObj#166; ongardie/raft.tla#19",
  },
  {
    id: "B37",
    about: "nextIndex may fall to matchIndex and below",
    file: "kernel/replication.ts",
    find: `const nextIndex = Math.max(peer.matchIndex + 1, Math.min(hint, prevLogIndex));`,
    replace: `const nextIndex = Math.min(hint, prevLogIndex);`,
    breaks: ["Kernel Invariants", "Progress Is Sound"],
    unspecified: "nextIndex",
    source: "etcd-raft#149; PySyncObj#167",
  },
  {
    id: "B38",
    about: "an old rejection moves nextIndex",
    file: "kernel/replication.ts",
    find: `if (prevLogIndex <= peer.matchIndex || !isCurrent) return`,
    replace: `if (prevLogIndex <= peer.matchIndex) return`,
    breaks: ["Only A Rejection Moves Back"],
    unspecified: "nextIndex",
    source: "etcd 91ff7cd; openraft fbbf37b1; CCF#3723",
  },
  {
    id: "B39",
    about: "an acknowledgement of an earlier term still counts",
    file: "kernel/term.ts",
    find: `if (message.term >= t.state.currentTerm ||`,
    replace: `if (message.kind === "append-entries-accepted") return false;
  if (message.term >= t.state.currentTerm ||`,
    breaks: ["Durability", "Leader Completeness"],
    source: "openraft cecb5de8",
  },
  {
    id: "B45",
    about: "the conflict hint is always the end of the follower's own log",
    file: "kernel/append-entries.ts",
    find: `isShort ? lastIndex(log) + 1 : firstIndexOfTerm(log, conflictTerm);`,
    replace: `lastIndex(log) + 1;`,
    breaks: ["A Rejection Skips A Conflicting Term"],
    unspecified: "hints in rejections",
    source: "openraft 6d53aa12",
  },
  {
    id: "B48",
    about: "an entry that is missing matches any term",
    file: "kernel/log.ts",
    find: `return prevLogIndex < baseIndex(log) || hasEntry(log, prevLogIndex, prevLogTerm);`,
    replace: `return prevLogIndex > lastIndex(log) || termAt(log, prevLogIndex) === prevLogTerm;`,
    breaks: ["Kernel Invariants"],
    source: "etcd 76f1249",
  },
  {
    id: "B50",
    about: "a leader counts itself for an entry that it has not stored",
    file: "kernel/commit.ts",
    find: `      ? leader.durableIndex`,
    replace: `      ? state.log.entries.length`,
    breaks: ["Durability"],
    source: "openraft a9f696a9; etcd#14370",
  },
  {
    id: "B51",
    about: "entries are acknowledged before they are durable",
    file: "kernel/append-entries.ts",
    find: `  send(t, { kind: "append-entries-accepted", ...envelope(t, from), matchIndex });`,
    replace: `  t.effects.push({ kind: "send", early: true, message:
    { kind: "append-entries-accepted", ...envelope(t, from), matchIndex } });`,
    breaks: ["Promises Wait For The Disk", "Durability"],
    source: "openraft ee460f37",
  },
  {
    id: "B51-order",
    about: "the completion of one write is taken for that of all writes",
    file: "kernel/durability.ts",
    find: `update(t, { role: { ...leader, durableIndex: event.lastIndex } });`,
    replace: `update(t, { role: { ...leader, durableIndex: lastIndex(t.state.log) } });`,
    breaks: ["Counts What Is Durable"],
    source: "openraft 2af491fb",
  },
];

/** Bugs of our own making, of the same kinds. */
const own: readonly Mutant[] = [
  {
    id: "B41",
    about: "a quorum is one less than a majority",
    file: "kernel/quorum.ts",
    find: `return present * 2 > voters.length || voters.length === 0;`,
    replace: `return present * 2 >= voters.length - 1 || voters.length === 0;`,
    breaks: ["Election Safety"],
    source: "openraft d60f1e85, there for reads",
  },
  {
    id: "B42",
    about: "the index a quorum holds is taken one place too high in the sorted list",
    file: "kernel/quorum.ts",
    find: `descending[Math.floor(voters.length / 2)] as LogIndex;`,
    replace: `descending[Math.max(0, Math.floor(voters.length / 2) - 1)] as LogIndex;`,
    breaks: ["Durability"],
    source: "openraft f076cf6f, there by not sorting",
  },
  {
    id: "B43",
    about: "a leader commits its own last stored entry or nothing, whatever its peers have stored",
    file: "kernel/commit.ts",
    find: `  if (termAt(state.log, index) !== state.currentTerm) return;
  commitUpTo(t, index);`,
    replace: `  const own = leader.durableIndex;
  if (index < own || own === 0 || termAt(state.log, own) !== state.currentTerm) return;
  commitUpTo(t, own);`,
    breaks: ["Commits What A Quorum Stored"],
    source: "canonical/raft 1996d32",
  },
  {
    id: "B54",
    about: "applying skips the first of the newly committed entries",
    file: "kernel/commit.ts",
    find: `entriesBetween(log, commitIndex + 1, index)`,
    replace: `entriesBetween(log, commitIndex + 2, index)`,
    breaks: ["Applies What It Commits"],
    unspecified: "what is applied, and when",
    source: "etcd 8ecce32",
  },
  {
    id: "Q1",
    about: "a server votes twice in a term",
    file: "kernel/election.ts",
    find: `    (votedFor === null || votedFor === message.from) &&
`,
    replace: "",
    breaks: ["One Vote Per Term", "Election Safety"],
  },
  {
    id: "Q2",
    about: "a vote is given to a log that is less up-to-date",
    file: "kernel/election.ts",
    find: `    (votedFor === null || votedFor === message.from) &&
    isLogUpToDate(log, message.lastLogIndex, message.lastLogTerm);`,
    replace: `    votedFor === null || votedFor === message.from;`,
    breaks: ["Votes Follow The Election Restriction"],
  },
  {
    id: "Q3",
    about: "a new term does not free the vote",
    file: "kernel/term.ts",
    find: `update(t, { currentTerm: message.term, votedFor: null });`,
    replace: `update(t, { currentTerm: message.term });`,
    breaks: ["Votes Follow The Election Restriction"],
  },
  {
    id: "Q4",
    about: "a leader that learns of a higher term goes on leading",
    file: "kernel/term.ts",
    find: `  becomeFollower(t, null);
  update(t,`,
    replace: `  if (t.state.role.kind !== "leader") becomeFollower(t, null);
  update(t,`,
    breaks: ["Campaigns For Itself", "Election Safety"],
  },
  {
    id: "Q5",
    about: "the consistency check looks at the index only",
    file: "kernel/log.ts",
    find: `return prevLogIndex < baseIndex(log) || hasEntry(log, prevLogIndex, prevLogTerm);`,
    replace: `return prevLogIndex <= lastIndex(log);`,
    breaks: ["Log Matching"],
  },
  {
    id: "Q6",
    about: "an entry that conflicts with a new one is kept",
    file: "kernel/append-entries.ts",
    find: `entry.index <= baseIndex(log) || hasEntry(log, entry.index, entry.term);`,
    replace: `entry.index <= lastIndex(log);`,
    breaks: ["State Machine Safety", "Durability", "Log Matching"],
  },
  {
    id: "Q7",
    about: "a change of the log alone is not made durable",
    file: "kernel/durability.ts",
    find: `  if (sameVote && t.newEntries.length === 0 && t.newBase === null) return null;`,
    replace: `  if (sameVote) return null;`,
    breaks: ["Changes Are Persisted First"],
  },
  {
    id: "Q8",
    about: "a new leader takes every peer to have its log",
    file: "kernel/progress.ts",
    find: `{ id, matchIndex: 0, nextIndex,`,
    replace: `{ id, matchIndex: nextIndex - 1, nextIndex,`,
    breaks: ["Durability", "State Machine Safety", "Kernel Invariants"],
  },
  {
    id: "Q9",
    about: "a new leader appends nothing of its own term",
    file: "kernel/election.ts",
    find: `  appendAsLeader(t, { kind: "no-op" });
`,
    replace: "",
    breaks: ["entry committed"],
  },
  {
    id: "Q23",
    about: "an AppendEntries that was lost is not sent again while it fills the window",
    file: "kernel/heartbeat.ts",
    find: `  const isFull = isWindowFull(t.config, peer);`,
    replace: `  const isFull = isWindowFull(t.config, peer);
  if (isFull) return;`,
    breaks: ["Progress"],
    unspecified: "when AppendEntries is sent again",
  },
  {
    id: "Q10",
    about: "an acknowledgement names the end of the follower's old log, not what it was sent",
    file: "kernel/append-entries.ts",
    find: `  const matchIndex = prevLogIndex + message.entries.length;`,
    replace: `  const matchIndex = Math.max(prevLogIndex + message.entries.length, lastIndex(log));`,
    breaks: ["Durability", "State Machine Safety", "Kernel Invariants"],
  },
];

/** Every bug that is put back. */
export const mutants: readonly Mutant[] = [
  ...elections,
  ...replication,
  ...own,
  ...deviations,
  ...sessionMutants,
  ...memberMutants,
  ...readsMutants,
  ...membershipMutants,
  ...snapshotMutants,
];

/** Bugs of the same list that this kernel cannot carry. */
export const impossible: readonly Impossible[] = [
  ...impossibleSnapshots,
  { id: "B24", cannot: "the kernel reads no files: its host hands it what is durable" },
  { id: "B53", cannot: "the kernel writes no files: a host whose write fails must stop" },
  {
    id: "B73",
    cannot: "a server cannot tell that its disk was wiped: its host must give it another name",
  },
  {
    id: "B96",
    cannot:
      "a setting, not a bug: without PreVote and CheckQuorum servers may depose one another for " +
      "ever, but from every state there is a way on; that they are on by default is tested",
  },
];
