/** Small bounds within which logs are compacted, and within which limits are met. */
import { type Bounds, defaultBounds } from "../../model-checker/bounds.ts";
import type { Focus } from "./bounds.ts";

const compacting: Bounds = {
  ...defaultBounds,
  preVote: false,
  checkQuorum: false,
  proposals: 0,
  crashes: 0,
  messages: 3,
  log: 2,
  snapshots: 1,
};

const quiet: Bounds = { ...compacting, heartbeats: false };

export const snapshotsFocuses: readonly Focus[] = [
  {
    name: "snapshots: two terms",
    bounds: { ...compacting, snapshots: 2 },
    reaches: ["snapshot installed", "snapshot that brings nothing", "transfer failed"],
  },
  {
    name: "snapshots: a longer log that conflicts",
    bounds: { ...compacting, proposals: 1, messages: 4 },
    reaches: ["snapshot replaces entries"],
  },
  {
    name: "snapshots: one term, three entries",
    bounds: { ...compacting, servers: 2, learners: 1, terms: 1, proposals: 2, log: 3, batch: 4 },
    reaches: ["prefix compacted"],
  },
  {
    name: "snapshots: members",
    bounds: { ...quiet, servers: 2, joining: 1, log: 4, messages: 4, changes: ["n1,n3"] },
    reaches: ["snapshot during a change"],
  },
  {
    name: "snapshots: writes take time",
    bounds: { ...quiet, crashes: 1, messages: 2, storage: "asynchronous" },
    reaches: ["snapshot installed", "unstored compaction lost", "unstored install lost"],
  },
  {
    name: "limits: two servers, a window of two",
    bounds: {
      ...quiet,
      servers: 2,
      snapshots: 0,
      terms: 2,
      proposals: 4,
      log: 5,
      messages: 4,
      window: 2,
      batch: 1,
      disconnections: 1,
      uncommitted: 2,
    },
    reaches: ["entries pipelined", "proposal refused as overloaded"],
  },
];
