/**
 * What must be true of every server at every moment (LogCabin's `checkBasic`). TLA+: the
 * `...Inv` of `tla/Raft.tla`.
 */
import {
  baseIndex,
  configurationOf,
  type Entry,
  entriesBetween,
  isVoter,
  type LogIndex,
  lastIndex,
  type Progress,
  peersOf,
  type ServerId,
  type State,
  termAt,
} from "../kernel/index.ts";
import { entriesOf, sameEntry } from "./logs.ts";
import type { Always, ServerView } from "./property.ts";

/** What must hold of every server, up or down. */
export function serverInvariant(
  name: string,
  rule: string,
  holds: (server: ServerView) => boolean,
): Always {
  return { kind: "always", name, rule, over: "server", holds };
}

/** A rule for servers that are up; one that is down satisfies it. */
export function whileUp(
  name: string,
  rule: string,
  holds: (state: State, server: ServerView) => boolean,
): Always {
  return serverInvariant(
    name,
    rule,
    (server) => server.state === null || holds(server.state, server),
  );
}

function isRising(numbers: readonly number[]): boolean {
  return numbers.every((n, i) => i === 0 || n >= (numbers[i - 1] as number));
}

function isAscending(numbers: readonly number[], above: number): boolean {
  return numbers.every((n, i) => n > (numbers[i - 1] ?? above));
}

function isSoundProgress(peer: Progress, state: State, window: number): boolean {
  return (
    peer.matchIndex < peer.nextIndex &&
    peer.nextIndex <= lastIndex(state.log) + 1 &&
    peer.inFlight.length <= { probe: 1, replicate: window, snapshot: 0 }[peer.mode] &&
    isAscending(
      peer.inFlight.map((message) => message.lastIndex),
      peer.matchIndex,
    )
  );
}

/** Whether a majority of each half of the configuration has stored the leader's entry there. */
function isStoredByQuorum(state: State, id: ServerId, index: LogIndex): boolean {
  if (state.role.kind !== "leader") return false;
  const { durableIndex, progress } = state.role;
  const holders = progress.filter((peer) => peer.matchIndex >= index).map((peer) => peer.id);
  if (durableIndex >= index) holders.push(id);
  const { voters, outgoingVoters } = configurationOf(state);
  const holdsMost = (half: readonly ServerId[]): boolean =>
    half.filter((voter) => holders.includes(voter)).length * 2 > half.length;
  return holdsMost(voters) && (outgoingVoters.length === 0 || holdsMost(outgoingVoters));
}

export const stateInvariants: readonly Always[] = [
  whileUp(
    "Commit Within Log",
    "A server commits only entries that it has (thesis §3.5).",
    ({ commitIndex, log }) => commitIndex <= lastIndex(log),
  ),
  whileUp(
    "Terms Grow Along Log",
    "Terms never decrease along a log and none exceeds the current term (thesis §3.5).",
    ({ log, currentTerm }) =>
      isRising([log.baseTerm, ...entriesOf(log).map(({ term }) => term), currentTerm]),
  ),
  whileUp(
    "Latest Configuration In Force",
    "A server uses the latest configuration in its log (thesis §4.1).",
    (state) => {
      const inLog = entriesOf(state.log).filter(({ payload }) => payload.kind === "configuration");
      const [, ...kept] = state.configurations;
      return (
        kept.length === inLog.length && kept.every(({ index }, i) => index === inLog[i]?.index)
      );
    },
  ),
  whileUp(
    "Campaigns For Itself",
    "A candidate, and the leader it becomes, voted for itself in its term (thesis §3.4).",
    ({ role, votedFor }, { id }) =>
      (role.kind !== "candidate" && role.kind !== "leader") || votedFor === id,
  ),
  whileUp(
    "Only Voters Campaign",
    "Votes are asked for by voters, in force or until the change that removes them is committed, " +
      "and counted of voters in force (thesis §4.2.1, §4.2.2).",
    (state, { id }) => {
      const { role } = state;
      if (role.kind !== "candidate" && role.kind !== "pre-candidate") return true;
      const [latest, before] = state.configurations.toReversed();
      const isOpen = latest !== undefined && latest.index > state.commitIndex;
      const asks = [latest, isOpen ? before : undefined].some(
        (it) => it !== undefined && isVoter(it.configuration, id),
      );
      const others = role.votesGranted.filter((name) => name !== id);
      return asks && others.every((name) => isVoter(configurationOf(state), name));
    },
  ),
  whileUp(
    "Leader Knows Itself",
    "A leader is the leader it knows of, and nobody else is (thesis §3.4).",
    ({ role, leaderId }, { id }) => (role.kind === "leader") === (leaderId === id),
  ),
  whileUp(
    "Progress Is Sound",
    "matchIndex < nextIndex <= last + 1, the window is kept, in-flight entries are ascending.",
    (state, { config }) =>
      state.role.kind !== "leader" ||
      state.role.progress.every((peer) => isSoundProgress(peer, state, config.maxInFlight)),
  ),
  whileUp(
    "Uncommitted Commands Are Counted",
    "A leader knows exactly how much of what was proposed to it is not committed (§10.2).",
    ({ role, log, commitIndex }) => {
      if (role.kind !== "leader") return true;
      const from = Math.max(commitIndex, baseIndex(log)) + 1;
      const uncommitted = entriesBetween(log, from, lastIndex(log));
      const charsOf = ({ payload }: Entry) =>
        payload.kind === "command" ? payload.command.length : 0;
      return role.uncommittedChars === uncommitted.reduce((sum, it) => sum + charsOf(it), 0);
    },
  ),
  whileUp(
    "A Lease Needs A Leader That Stays",
    "A leader that hands over, or ever told another to campaign, holds no lease (§4.2.3, §6.4.1).",
    ({ role }) =>
      role.kind !== "leader" ||
      (role.transferTo === null && !role.yielded) ||
      (!role.reads.lease && role.reads.round?.isFresh !== true),
  ),
  whileUp(
    "Reads Wait For A Reason",
    "Reads wait only for the round that is running, or for a first commit (thesis §6.4).",
    ({ role, log, commitIndex, currentTerm }) =>
      role.kind !== "leader" ||
      role.reads.waiting.length === 0 ||
      role.reads.round !== null ||
      termAt(log, commitIndex) !== currentTerm,
  ),
  whileUp(
    "Progress Of Every Peer",
    "A leader tracks exactly the other members (thesis §4.1).",
    (state, { id }) => {
      if (state.role.kind !== "leader") return true;
      const tracked = state.role.progress.map((peer) => peer.id);
      const peers = peersOf(configurationOf(state), id);
      return tracked.length === peers.length && peers.every((peer) => tracked.includes(peer));
    },
  ),
  whileUp(
    "Commits What A Quorum Stored",
    "An entry of its term that a leader knows a quorum to have stored is committed (thesis §3.5).",
    (state, { id }) => {
      if (state.role.kind !== "leader") return true;
      const { durableIndex, progress } = state.role;
      const known = [durableIndex, ...progress.map(({ matchIndex }) => matchIndex)];
      const stored = known.filter((index) => isStoredByQuorum(state, id, index));
      const last = Math.min(Math.max(0, ...stored), lastIndex(state.log));
      const from = Math.max(state.commitIndex, baseIndex(state.log)) + 1;
      return entriesBetween(state.log, from, last).every(({ term }) => term !== state.currentTerm);
    },
  ),
  whileUp(
    "Counts What Is Durable",
    "A leader counts itself for no entry that it has not stored (thesis §10.2.1).",
    ({ role, log }, { durable }) => {
      if (role.kind !== "leader" || role.durableIndex === 0) return true;
      const index = role.durableIndex;
      if (index <= baseIndex(log))
        return durable.snapshot.lastIndex + durable.entries.length >= index;
      const stored = durable.entries[index - durable.snapshot.lastIndex - 1];
      const [counted] = entriesBetween(log, index, index);
      return stored !== undefined && counted !== undefined && sameEntry(stored, counted);
    },
  ),
  whileUp(
    "Durable State Lags",
    "What is stored is never ahead of the state: no later term, and no other vote in a term.",
    ({ currentTerm, votedFor }, { durable }) =>
      durable.currentTerm < currentTerm ||
      (durable.currentTerm === currentTerm &&
        (durable.votedFor === null || durable.votedFor === votedFor)),
  ),
];
