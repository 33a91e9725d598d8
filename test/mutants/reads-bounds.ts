/** Small bounds that look at reads, leases and transfers; tried after the others. */
import { type Bounds, defaultBounds } from "../../model-checker/bounds.ts";
import type { Focus } from "./bounds.ts";

const few: Bounds = { ...defaultBounds, proposals: 0, crashes: 0, log: 2, preVote: false };
const reads: Bounds = { ...few, checkQuorum: false, messages: 3, reads: 2 };
const leases: Bounds = { ...few, messages: 2, reads: 2, leaseReads: true };

export const readsFocuses: readonly Focus[] = [
  {
    name: "reads",
    bounds: reads,
    reaches: ["read confirmed by a round", "read forwarded", "reads share a round"],
  },
  {
    name: "reads of a learner",
    bounds: { ...reads, servers: 2, learners: 1 },
    reaches: ["read confirmed by a round", "read rejected"],
  },
  {
    name: "reads, members change",
    bounds: { ...reads, servers: 2, terms: 1, log: 3, changes: ["n1"] },
    reaches: ["read confirmed by a round"],
  },
  {
    name: "leases",
    bounds: leases,
    reaches: ["read answered under a lease", "lease ran out", "round outlived its timer"],
  },
  {
    name: "leases, a crash",
    bounds: { ...leases, messages: 3, heartbeats: false, crashes: 1 },
    reaches: ["read answered under a lease"],
  },
  {
    name: "leases, a transfer",
    bounds: { ...leases, transfers: 1 },
    reaches: ["read answered under a lease", "vote given at the leader's wish"],
  },
  {
    name: "leases without CheckQuorum",
    bounds: { ...leases, messages: 3, checkQuorum: false },
    reaches: ["read confirmed by a round"],
  },
  {
    name: "leases, members change",
    bounds: { ...leases, terms: 1, log: 4, changes: ["n1"] },
    reaches: ["read answered under a lease"],
  },
  {
    name: "a transfer",
    bounds: { ...few, messages: 3, transfers: 1 },
    reaches: [
      "target told to campaign",
      "target caught up first",
      "transfer given up",
      "vote given at the leader's wish",
    ],
  },
  {
    name: "a transfer, a proposal",
    bounds: { ...few, messages: 3, heartbeats: false, transfers: 1, campaigns: 1, proposals: 1 },
    reaches: ["proposal refused during a transfer", "campaign on request", "campaign refused"],
  },
  {
    name: "a transfer, a learner",
    bounds: {
      ...few,
      servers: 2,
      learners: 1,
      messages: 3,
      transfers: 1,
      changes: ["n1+n2,n3"],
      log: 4,
    },
    reaches: ["target told to campaign"],
  },
];
