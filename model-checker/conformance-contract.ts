/**
 * What a checker knows of the conformance check without loading it: reading the specification
 * needs packages that nothing else does.
 */
import type { Bounds } from "./bounds.ts";
import type { Move } from "./process.ts";

/** The name under which a transition that is no step of the specification is reported. */
export const CONFORMANCE = "Conformance To The Specification";

/** A transition that is no step of the specification. */
export interface ConformanceFault {
  /** What the specification was asked: the name of an action. */
  readonly action: string;
  /** What happened to which server. */
  readonly event: string;
  /** Where the part of the action is that is false, and its text; null where no action applies. */
  readonly falsePart: string | null;
  /** The server's variables in TLA+: `name = value`, or `name: before -> after`. */
  readonly abstraction: readonly string[];
  /** The messages it sent, in TLA+. */
  readonly sent: readonly string[];
}

/** What was checked: moves, of which a transition and the write that it waits for are two. */
export interface ConformanceFigures {
  readonly transitions: number;
  readonly conforming: number;
  /** Among the conforming: nothing that the specification knows of changed. */
  readonly stutters: number;
  readonly actionsExercised: readonly string[];
  readonly actionsNeverExercised: readonly string[];
}

/** Checks moves one by one, and counts. */
export interface Conformance {
  /** null where the move is a step of the specification. */
  check(move: Move): ConformanceFault | null;
  readonly figures: ConformanceFigures;
}

/** The first of `moves` that is no step of the specification, or null. */
export function firstFault(
  conformance: Conformance | null,
  moves: readonly Move[],
): ConformanceFault | null {
  for (const move of moves) {
    const fault = conformance?.check(move) ?? null;
    if (fault !== null) return fault;
  }
  return null;
}

const hasPeers = ({ servers, learners }: Bounds): boolean => servers + learners > 1;
const hasPreVote = (bounds: Bounds): boolean => bounds.preVote && bounds.servers > 1;
const hasReads = (bounds: Bounds): boolean => bounds.reads > 0 && hasPeers(bounds);
const hasHeartbeats = (bounds: Bounds): boolean =>
  (bounds.heartbeats || bounds.reads > 0) && hasPeers(bounds);
const hasRivals = ({ servers, terms }: Bounds): boolean => servers > 1 && terms > 1;

const hasTransfers = ({ transfers, servers }: Bounds): boolean => transfers > 0 && servers > 1;
// Somebody must be behind the snapshot, and be known to be.
const hasSnapshots = (bounds: Bounds): boolean =>
  bounds.snapshots > 0 &&
  hasPeers(bounds) &&
  (bounds.servers + bounds.learners > 2 || hasRivals(bounds));

/** What must be true of bounds before an action can be taken; one not listed always can. */
const NEEDS: Readonly<Record<string, (bounds: Bounds) => boolean>> = {
  PreVoteTimeout: ({ preVote }) => preVote,
  Timeout: ({ preVote }) => !preVote,
  CheckQuorum: ({ checkQuorum, servers }) => checkQuorum && servers > 1,
  MinimumElectionTimeout: (bounds) => (bounds.preVote || bounds.checkQuorum) && hasPeers(bounds),
  ClientRequest: ({ proposals }) => proposals > 0,
  GiveUpReads: ({ reads, learners, joining }) => reads > 0 && learners + joining > 0,
  LeaseTimeout: ({ reads, leaseReads, checkQuorum }) => reads > 0 && leaseReads && checkQuorum,
  Read: ({ reads }) => reads > 0,
  ReadAtFollower: hasReads,
  SendReadIndexRequest: hasReads,
  HandleReadIndexRequest: hasReads,
  HandleReadIndexResponse: hasReads,
  ProposeConfiguration: ({ changes }) => changes.length > 0,
  TransferLeadership: hasTransfers,
  GiveUpTransfer: hasTransfers,
  SendTimeoutNow: hasTransfers,
  HandleTimeoutNowRequest: hasTransfers,
  SnapshotTaken: ({ snapshots }) => snapshots > 0,
  SendInstallSnapshot: (bounds) => hasSnapshots(bounds),
  HandleInstallSnapshotRequest: (bounds) => hasSnapshots(bounds),
  Crash: ({ crashes }) => crashes > 0,
  Restart: ({ crashes }) => crashes > 0,
  SendPreVoteRequest: hasPreVote,
  HandlePreVoteRequest: hasPreVote,
  HandlePreVoteResponse: hasPreVote,
  SendAppendEntries: hasPeers,
  Heartbeat: hasHeartbeats,
  HandleHeartbeatRequest: hasHeartbeats,
  // Without heartbeats, this is how a stale leader is answered.
  HandleHeartbeatResponse: (bounds) => hasHeartbeats(bounds) || hasRivals(bounds),
  DropStaleMessage: hasRivals,
  HandleRequestVoteRequest: ({ servers }) => servers > 1,
  HandleRequestVoteResponse: ({ servers }) => servers > 1,
  HandleAppendEntriesRequest: hasPeers,
  HandleAppendEntriesAccepted: hasPeers,
  // A probe starts after the leader's log, which another server lacks after a second election: in
  // short logs because a message to it is still in flight, which leaves room for one more only.
  HandleAppendEntriesRejected: (bounds) =>
    hasRivals(bounds) && bounds.log > 1 && (bounds.messages > 2 || bounds.log > 2),
};

/** Whether a run within `bounds` that is exhausted should have taken the action. */
export function isExercisable(action: string, bounds: Bounds): boolean {
  return NEEDS[action]?.(bounds) ?? true;
}

/** A fault in a few lines: what happened, what the specification says, what changed. */
export function faultLines(fault: ConformanceFault): readonly string[] {
  const { action, event, falsePart, abstraction, sent } = fault;
  const said =
    falsePart === null
      ? `no action of tla/Raft.tla does this (tried: ${action})`
      : `this is no step of ${action}: false is ${falsePart}`;
  return [
    event,
    said,
    ...abstraction.map((variable) => `  ${variable}`),
    ...sent.map((message) => `  sends ${message}`),
  ];
}
