/**
 * Bugs that break no invariant and stop no cluster: what the kernel does is safe, and is not what
 * the specification says. Only the check against `tla/Raft.tla` shows them.
 */
import { CONFORMANCE } from "../../model-checker/conformance-contract.ts";
import type { Mutant } from "./catalogue.ts";

const breaks: readonly string[] = [CONFORMANCE];

/** Votes, contact with a leader, and answers to those who are behind. */
const elections: readonly Mutant[] = [
  {
    id: "Q11",
    about: "a repeated RequestVote is refused by the very server that voted for its sender",
    file: "kernel/election.ts",
    find: `    (votedFor === null || votedFor === message.from) &&`,
    replace: `    votedFor === null &&`,
    breaks,
  },
  {
    id: "Q12",
    about: "a pre-candidate refuses its vote, though it has voted for nobody",
    file: "kernel/election.ts",
    find: `    (votedFor === null || votedFor === message.from) &&`,
    replace: `    t.state.role.kind !== "pre-candidate" &&
    (votedFor === null || votedFor === message.from) &&`,
    breaks,
  },
  {
    id: "Q13",
    about: "a candidate asks only those for their vote who granted it a pre-vote",
    file: "kernel/election.ts",
    find: `  const { config } = t;
  becomeCampaigner(`,
    replace: `  const { config } = t;
  const { role } = t.state;
  const asked = role.kind === "pre-candidate" ? role.votesGranted : null;
  becomeCampaigner(`,
    also: [
      {
        find: `of otherVoters(configurationOf(t.state), config.id)) {`,
        replace: `of otherVoters(configurationOf(t.state), config.id)) {
    if (asked !== null && !asked.includes(to)) continue;`,
      },
    ],
    breaks,
  },
  {
    id: "Q14",
    about: "only the first word of a leader counts as hearing it: heartbeats do not renew it",
    file: "kernel/leader-contact.ts",
    find: `  if (t.config.preVote || t.config.checkQuorum) {`,
    replace: `  if ((t.config.preVote || t.config.checkQuorum) && known === null) {`,
    breaks,
  },
  {
    id: "Q15",
    about: "a higher term ends the contact with a leader",
    file: "kernel/term.ts",
    find: `update(t, { currentTerm: message.term, votedFor: null });`,
    replace: `update(t, { currentTerm: message.term, votedFor: null, leaderContact: false });`,
    breaks,
  },
  {
    id: "Q16",
    about: "a stale candidate is refused in its own term, and does not learn of the later one",
    file: "kernel/term.ts",
    find: `...reply, voteGranted: false });`,
    replace: `...reply, term: message.term, voteGranted: false });`,
    breaks,
  },
  {
    id: "Q17",
    about: "a stale leader is told of a term that is not durable yet",
    file: "kernel/term.ts",
    find: `    send(t, { kind: "heartbeat-response", ...reply, context: [] });`,
    replace: `    t.effects.push({ kind: "send", early: true, message:
      { kind: "heartbeat-response", ...reply, context: [] } });`,
    breaks,
  },
  {
    id: "Q18",
    about: "a follower takes its leader for the one it voted for",
    file: "kernel/leader-contact.ts",
    find: `  becomeFollower(t, leaderId);`,
    replace: `  becomeFollower(t, leaderId);
  update(t, { votedFor: t.state.votedFor ?? leaderId });`,
    breaks,
  },
];

/** Replication, commit, durability. */
const replication: readonly Mutant[] = [
  {
    id: "B30-alone",
    about: "a follower commits up to the end of its own log",
    file: "kernel/append-entries.ts",
    find: `  commitUpTo(t, Math.min(leaderCommit, matchIndex));`,
    replace: `  commitUpTo(t, Math.min(leaderCommit, lastIndex(t.state.log)));`,
    breaks: [...breaks, "A Follower Commits What Its Leader Vouched For"],
    source: "WRaft#118; openraft 9540c904",
  },
  {
    id: "Q19",
    about: "a heartbeat is answered before the term that it brought is durable",
    file: "kernel/append-entries.ts",
    find: `  send(t, { kind: "heartbeat-response", ...envelope(t, from), context });`,
    replace: `  t.effects.push({ kind: "send", early: true, message:
    { kind: "heartbeat-response", ...envelope(t, from), context } });`,
    breaks,
  },
  {
    id: "Q20",
    about: "a heartbeat tells a peer that lags of no commit, not of those it has",
    file: "kernel/heartbeat.ts",
    find: `const leaderCommit = Math.min(t.state.commitIndex, matchIndex);`,
    replace: `const leaderCommit = matchIndex < t.state.commitIndex ? 0 : t.state.commitIndex;`,
    breaks,
  },
  {
    id: "Q21",
    about: "a leader counts itself only for a write after which it appended nothing",
    file: "kernel/durability.ts",
    find: `  const isNews = event.lastTerm === currentTerm`,
    replace: `  const isNews = event.lastIndex === lastIndex(t.state.log) && event.lastTerm === currentTerm`,
    breaks,
  },
  {
    id: "Q22",
    about: "the previous entry's term is taken from the first entry sent, up to the first answer",
    file: "kernel/replication.ts",
    find: `    prevLogTerm: termAt(log, prevLogIndex),`,
    replace: `    prevLogTerm: peer.matchIndex === 0 && prevLogIndex > 0
      ? (entries[0]?.term ?? t.state.currentTerm)
      : termAt(log, prevLogIndex),`,
    breaks,
  },
];

/** All of them. */
export const deviations: readonly Mutant[] = [...elections, ...replication];
