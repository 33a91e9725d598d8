/** Small bounds that look at different corners: one list for every mutant, cheap ones first. */
import { type Bounds, defaultBounds } from "../../model-checker/bounds.ts";
import { membershipFocuses } from "./membership-bounds.ts";
import { readsFocuses } from "./reads-bounds.ts";
import { snapshotsFocuses } from "./snapshots-bounds.ts";

/** Bounds with a name. */
export interface Focus {
  readonly name: string;
  readonly bounds: Bounds;
  /** "Sometimes" properties that a correct kernel reaches within them. */
  readonly reaches: readonly string[];
}

/** Seconds after which bounds are given up; what was visited by then counts. */
export const MAX_SECONDS = 15;

/** Plain Raft: no pre-vote, no heartbeats, one entry a message. The rest is deep and narrow. */
const plain: Bounds = {
  ...defaultBounds,
  preVote: false,
  checkQuorum: false,
  heartbeats: false,
  proposals: 0,
  crashes: 0,
  messages: 3,
  batch: 1,
};

const elections: Bounds = { ...defaultBounds, proposals: 0, crashes: 0, messages: 3, log: 2 };
const quiet: Bounds = { ...elections, checkQuorum: false, heartbeats: false, log: 1, loss: true };
const writes: Bounds = { ...plain, crashes: 1, storage: "asynchronous" };

/** In the order in which they are tried. */
export const focuses: readonly Focus[] = [
  {
    name: "a server that joins, and a snapshot",
    bounds: {
      ...plain,
      servers: 2,
      joining: 1,
      terms: 1,
      log: 2,
      changes: ["n1,n2+n3"],
      snapshots: 1,
    },
    reaches: ["entry committed"],
  },
  {
    name: "clients with sessions",
    bounds: { ...plain, servers: 2, terms: 1, sessions: true, proposals: 11, log: 12 },
    reaches: ["retry committed", "late command committed"],
  },
  {
    name: "two terms, plain",
    bounds: { ...plain, terms: 2, log: 2 },
    reaches: ["leader elected", "entry committed"],
  },
  {
    name: "one term, a duplicate",
    bounds: { ...plain, terms: 1, proposals: 1, log: 2, duplications: 1, messages: 4 },
    reaches: ["leader elected", "command committed"],
  },
  {
    name: "two terms, pre-vote",
    bounds: { ...quiet, terms: 2 },
    reaches: ["pre-vote won", "pre-vote refused"],
  },
  {
    name: "two terms, heartbeats",
    bounds: { ...plain, terms: 2, log: 1, heartbeats: true, loss: true },
    reaches: ["leader elected", "entry committed"],
  },
  {
    name: "five servers, a duplicate",
    bounds: { ...plain, servers: 5, terms: 1, log: 1, duplications: 1, messages: 4, loss: true },
    reaches: ["leader elected"],
  },
  {
    name: "five servers, pre-vote",
    bounds: { ...quiet, servers: 5, terms: 1, messages: 4 },
    reaches: ["pre-vote won"],
  },
  {
    name: "one term, writes take time",
    bounds: { ...writes, terms: 1, proposals: 2, log: 3, messages: 2 },
    reaches: ["leader commits ahead of its own disk"],
  },
  {
    name: "one term, everything on",
    bounds: { ...elections, terms: 1, proposals: 1 },
    reaches: ["pre-vote won", "leader keeps its quorum", "leader steps down by CheckQuorum"],
  },
  {
    name: "one term, a window of three, a duplicate",
    bounds: {
      ...plain,
      terms: 1,
      log: 4,
      proposals: 3,
      messages: 4,
      duplications: 1,
      window: 3,
    },
    reaches: ["command committed"],
  },
  {
    name: "two terms, everything on",
    bounds: { ...elections, terms: 2 },
    reaches: ["candidate steps down", "pre-vote refused", "disruption ignored"],
  },
  {
    name: "two terms, writes take time",
    bounds: { ...writes, terms: 2, log: 2 },
    reaches: ["stale write completes"],
  },
  {
    name: "three terms, a proposal",
    bounds: { ...plain, terms: 3, log: 3, proposals: 1, messages: 4 },
    reaches: ["command committed", "previous-term entry committed indirectly"],
  },
  {
    name: "four terms",
    bounds: { ...plain, terms: 4, log: 2, messages: 4 },
    reaches: ["conflicting suffix truncated", "leader backtracked", "vote refused"],
  },
  ...readsFocuses,
  ...membershipFocuses,
  ...snapshotsFocuses,
];

/** Where Progress is demanded: two servers, so that none can do without the other; old logs. */
export const progressFocuses: readonly Focus[] = [
  {
    name: "two servers, everything on",
    bounds: { ...elections, servers: 2, terms: 2, crashes: 1 },
    reaches: ["leader elected", "recovered with a log"],
  },
  {
    name: "two terms, a proposal",
    bounds: { ...plain, terms: 2, log: 3, proposals: 1 },
    reaches: ["leader elected", "command committed"],
  },
  {
    name: "one term, writes take time, a crash",
    bounds: { ...writes, terms: 1, log: 2, proposals: 1 },
    reaches: ["leader elected", "unstored entry lost"],
  },
  {
    name: "a server joins",
    bounds: { ...plain, servers: 1, joining: 1, terms: 1, log: 3, changes: ["n1,n2"] },
    reaches: [],
  },
  {
    name: "a learner reads",
    bounds: { ...plain, servers: 1, learners: 1, terms: 1, log: 1, reads: 1, heartbeats: true },
    reaches: [],
  },
  {
    name: "a snapshot",
    bounds: { ...plain, terms: 1, log: 1, messages: 4, snapshots: 1 },
    reaches: ["leader elected"],
  },
  {
    name: "two servers, a transfer",
    bounds: { ...plain, servers: 2, terms: 2, log: 2, transfers: 1 },
    reaches: [],
  },
];
