/** The named scopes: bounds that are worth exhausting, each with what it is for. */
import { type Bounds, defaultBounds } from "./bounds.ts";

/** A named set of bounds, and where a run of it gives up. */
export interface Scope {
  readonly name: string;
  /** What it looks at and what it costs, in a line. */
  readonly about: string;
  readonly bounds: Bounds;
  /** Checked against `tla/Raft.tla` unless told otherwise. */
  readonly conform?: boolean;
  /** Progress is demanded of every state, unless told otherwise. */
  readonly progress?: boolean;
  /** Left out where all scopes are checked one after another. */
  readonly isLong?: boolean;
  /** Seconds and bytes after which the run stops with the verdict `limit`. */
  readonly maxSeconds?: number;
  readonly maxMemoryBytes?: number;
}

const GIB = 2 ** 30;

/** Elections at their plainest: what is cheap without PreVote, CheckQuorum and heartbeats. */
const plain: Bounds = { ...defaultBounds, preVote: false, checkQuorum: false, heartbeats: false };

/** Logs that are compacted: heartbeats bring a follower that lags what it needs. */
const compacting: Bounds = { ...plain, heartbeats: true, snapshots: 1 };

/** Reads alone: what they need, and no more. */
const asking: Bounds = { ...defaultBounds, proposals: 0, log: 2, messages: 3, preVote: false };
/** Changes of the members, and what of them is left to a next leader. */
const members: Bounds = { ...plain, proposals: 0, crashes: 0, log: 6, messages: 4 };

/** All named scopes, the everyday ones first. */
export const scopes: readonly Scope[] = [
  {
    name: "smoke",
    about: "a first look: two terms, a crash, three messages in flight",
    bounds: { ...defaultBounds, proposals: 0, log: 2, messages: 3 },
    conform: true,
  },
  {
    name: "default",
    about: "the main check, about a minute: everything on, four messages in flight",
    bounds: { ...defaultBounds, proposals: 0, log: 2, messages: 4 },
    conform: true,
  },
  {
    name: "deep",
    about: "the main check with a client: as far as an hour or 20 GiB go",
    bounds: { ...defaultBounds, proposals: 1, log: 3, messages: 4 },
    isLong: true,
    maxSeconds: 3600,
    maxMemoryBytes: 20 * GIB,
  },
  {
    name: "clients",
    about: "a client's command through two terms and a crash",
    bounds: { ...defaultBounds, proposals: 1, log: 3, messages: 3 },
    conform: true,
  },
  {
    name: "durability",
    about: "writes that complete late, and crashes that lose what was not written",
    bounds: { ...plain, proposals: 1, log: 3, messages: 3, storage: "asynchronous" },
    conform: true,
  },
  {
    name: "figure-8",
    about: "four terms: what Figure 8 of the Raft paper warns of",
    bounds: { ...plain, terms: 4, proposals: 0, log: 4, messages: 4, crashes: 0 },
    conform: true,
  },
  {
    name: "duplication",
    about: "messages delivered twice",
    bounds: { ...defaultBounds, proposals: 0, log: 2, messages: 3, crashes: 0, duplications: 2 },
    conform: true,
  },
  {
    name: "fifo",
    about: "links that keep the order of sending, and lose",
    bounds: { ...plain, proposals: 1, log: 3, messages: 3, network: "fifo", loss: true },
    conform: true,
  },
  {
    name: "progress",
    about: "whether work can always go on once faults stop: two crashes and a client's command",
    bounds: { ...defaultBounds, proposals: 1, log: 2, messages: 3, crashes: 2 },
    progress: true,
    conform: true,
  },
  {
    name: "sessions",
    about: "clients that try again, through a change of leaders and a snapshot",
    bounds: {
      ...plain,
      sessions: true,
      proposals: 5,
      log: 6,
      messages: 3,
      crashes: 0,
      batch: 4,
      snapshots: 1,
    },
    conform: true,
  },
  {
    name: "election",
    about: "elections through three terms, some of them on request, with PreVote and CheckQuorum",
    bounds: {
      ...defaultBounds,
      terms: 3,
      proposals: 0,
      log: 3,
      messages: 3,
      crashes: 0,
      campaigns: 1,
      heartbeats: false,
    },
    conform: true,
  },
  {
    name: "replication",
    about: "pipelines of batches, late and repeated, a broken connection, more than is taken",
    bounds: {
      ...plain,
      terms: 1,
      proposals: 3,
      log: 4,
      messages: 4,
      crashes: 0,
      duplications: 1,
      disconnections: 1,
      uncommitted: 2,
      window: 2,
      batch: 2,
    },
    conform: true,
  },
  {
    name: "snapshot",
    about: "a log is compacted, and a follower that lags gets the snapshot, through two leaders",
    bounds: { ...compacting, proposals: 1, log: 3, messages: 4, crashes: 0 },
    conform: true,
  },
  {
    name: "snapshot-crash",
    about: "two snapshots and a crash, and whether work can go on from everywhere",
    bounds: { ...compacting, proposals: 0, log: 2, messages: 3, snapshots: 2 },
    progress: true,
    conform: true,
  },
  {
    name: "snapshot-members",
    about: "a snapshot in the midst of a change of the members; one who joins by it",
    bounds: { ...members, joining: 1, log: 4, snapshots: 1, changes: ["n1,n2,n4"] },
    conform: true,
  },
  {
    name: "async-storage",
    about: "writes that complete late, of entries and of snapshots, and a crash between any two",
    bounds: {
      ...plain,
      proposals: 0,
      log: 2,
      messages: 3,
      snapshots: 1,
      storage: "asynchronous",
    },
    conform: true,
  },
  {
    name: "transfer",
    about: "a leader hands over, with PreVote and CheckQuorum on",
    bounds: { ...defaultBounds, log: 2, messages: 3, crashes: 0, transfers: 1, campaigns: 1 },
    conform: true,
  },
  {
    name: "reads",
    about: "reads of leaders and followers, confirmed by rounds of heartbeats",
    bounds: { ...asking, reads: 3, checkQuorum: false },
    conform: true,
  },
  {
    name: "lease",
    about: "reads under leases, by clocks that run alike",
    bounds: { ...asking, crashes: 0, reads: 2, leaseReads: true },
    conform: true,
  },
  {
    name: "lease-faults",
    about: "leases with a crash and a leadership transfer",
    bounds: { ...asking, messages: 2, reads: 2, transfers: 1, leaseReads: true },
    conform: true,
  },
  {
    name: "lease-members",
    about: "leases while a voter is removed",
    bounds: {
      ...asking,
      log: 4,
      messages: 2,
      crashes: 0,
      reads: 2,
      leaseReads: true,
      changes: ["n1,n2"],
    },
    conform: true,
  },
  {
    name: "membership",
    about: "three servers become four, through a change of leaders and a crash",
    bounds: {
      ...members,
      joining: 1,
      changes: ["n1,n2,n3,n4"],
      crashes: 1,
    },
    conform: true,
  },
  {
    name: "membership-replace",
    about: "one server takes the place of another, through a change of leaders and a crash",
    bounds: { ...members, joining: 1, changes: ["n1,n2,n4"], crashes: 1 },
    conform: true,
  },
  {
    name: "membership-replace-all",
    about: "two servers hand over to two others, through three terms and a crash",
    bounds: {
      ...members,
      servers: 2,
      joining: 2,
      changes: ["n3,n4"],
      terms: 3,
      crashes: 1,
    },
    conform: true,
  },
  {
    name: "membership-remove",
    about: "a server is removed, be it the leader: it steps down, and disturbs nobody later",
    bounds: {
      ...members,
      checkQuorum: true,
      heartbeats: true,
      log: 4,
      messages: 3,
      changes: ["n2,n3"],
      crashes: 1,
    },
    conform: true,
  },
  {
    name: "membership-learner",
    about: "a learner catches up and becomes a voter, then a voter becomes a learner",
    bounds: {
      ...members,
      servers: 2,
      learners: 1,
      terms: 3,
      log: 7,
      changes: ["n1,n2,n3", "n1,n3+n2"],
    },
    conform: true,
  },
  {
    name: "membership-2015",
    about: "two leaders each begin a change of four servers: the bug of single-server changes",
    bounds: {
      ...members,
      servers: 4,
      terms: 3,
      log: 4,
      changes: ["n1,n2,n3", "n1,n2,n4"],
    },
    conform: true,
  },
];

/** The scope of that name, or undefined. */
export function scopeNamed(name: string): Scope | undefined {
  return scopes.find((scope) => scope.name === name);
}
