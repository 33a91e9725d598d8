/** What must hold of a cluster: `quorate/spec`. */
import { committedEntriesAreDurable } from "./durability.ts";
import { flowInvariants } from "./flow-invariants.ts";
import type { Always } from "./property.ts";
import { readsAreLinearizable } from "./reads.ts";
import {
  electionSafety,
  leaderAppendOnly,
  leaderCompleteness,
  logMatching,
  stateMachineSafety,
} from "./safety.ts";
import { exactlyOnce } from "./sessions.ts";
import { snapshotInvariants } from "./snapshot-invariants.ts";
import { snapshotsAreCommitted } from "./snapshots.ts";
import { stateInvariants } from "./state-invariants.ts";
import { stepInvariants } from "./step-invariants.ts";

export * from "./abstraction.ts";
export * from "./determinism.ts";
export * from "./durability.ts";
export * from "./logs.ts";
export type * from "./property.ts";
export * from "./reads.ts";
export * from "./safety.ts";
export * from "./sessions.ts";
export * from "./snapshots.ts";
export { sometimes } from "./sometimes.ts";
export { stateInvariants } from "./state-invariants.ts";
export { stepInvariants } from "./step-invariants.ts";

/** Everything that must always hold, the five safety properties first. */
export const always: readonly Always[] = [
  electionSafety,
  leaderAppendOnly,
  logMatching,
  leaderCompleteness,
  stateMachineSafety,
  committedEntriesAreDurable,
  snapshotsAreCommitted,
  readsAreLinearizable,
  exactlyOnce,
  ...stateInvariants,
  ...stepInvariants,
  ...snapshotInvariants,
  ...flowInvariants,
];
