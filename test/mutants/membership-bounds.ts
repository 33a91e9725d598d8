/** Small bounds within which members change. */
import { type Bounds, defaultBounds } from "../../model-checker/bounds.ts";
import type { Focus } from "./bounds.ts";

const members: Bounds = {
  ...defaultBounds,
  preVote: false,
  checkQuorum: false,
  heartbeats: false,
  proposals: 0,
  crashes: 0,
  log: 5,
};

/** Two servers become two others: the smallest cluster in which no voter stays. */
const replaced: Bounds = { ...members, servers: 2, joining: 2, changes: ["n3,n4"] };

export const membershipFocuses: readonly Focus[] = [
  {
    name: "members: all replaced",
    bounds: replaced,
    reaches: ["joint configuration committed", "elected by two majorities", "members changed"],
  },
  {
    name: "members: all replaced, a command",
    bounds: { ...replaced, terms: 1, proposals: 1 },
    reaches: ["members changed"],
  },
  {
    name: "members: two become one, a command",
    bounds: {
      ...members,
      servers: 2,
      terms: 1,
      proposals: 1,
      storage: "asynchronous",
      changes: ["n1"],
    },
    reaches: ["joint configuration committed"],
  },
  {
    name: "members: one more",
    bounds: { ...members, joining: 1, log: 4, changes: ["n1,n2,n3,n4"] },
    reaches: ["change rolled back", "change refused before a commit in the term"],
  },
  {
    name: "members: one more, then less",
    bounds: { ...members, servers: 2, joining: 1, log: 6, changes: ["n1,n2,n3", "n1,n2"] },
    reaches: ["second change begun", "change refused while another is open"],
  },
  {
    name: "members: the leader removed",
    bounds: { ...members, servers: 2, log: 4, crashes: 1, changes: ["n2"] },
    reaches: ["removed leader steps down", "campaign of a leader that removed itself"],
  },
  {
    name: "members: a learner promoted, one demoted",
    bounds: { ...members, servers: 2, learners: 1, changes: ["n1,n2,n3", "n1,n3+n2"] },
    reaches: ["promotion refused", "learner promoted"],
  },
  {
    name: "members: two of three replaced by one",
    bounds: { ...members, joining: 1, log: 4, changes: ["n1,n4"] },
    reaches: ["joint configuration committed"],
  },
  {
    name: "members: pre-vote",
    bounds: { ...members, servers: 2, joining: 1, log: 4, preVote: true, changes: ["n1,n2,n3"] },
    reaches: ["elected by two majorities"],
  },
  {
    name: "members: quorum checks",
    bounds: {
      ...members,
      servers: 2,
      learners: 1,
      terms: 1,
      log: 4,
      checkQuorum: true,
      heartbeats: true,
      changes: ["n1+n2,n3"],
    },
    reaches: ["leader keeps its quorum"],
  },
  {
    name: "members: a snapshot",
    bounds: {
      ...members,
      servers: 2,
      joining: 1,
      terms: 1,
      snapshots: 1,
      heartbeats: true,
      messages: 3,
      changes: ["n1,n2,n3"],
    },
    reaches: ["joint configuration committed"],
  },
];
