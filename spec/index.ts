/** What must hold of a cluster: `quorate/spec`. */
import { oneChangeAtATime } from "./changes.ts";
import { committedEntriesAreDurable } from "./durability.ts";
import { flowInvariants } from "./flow-invariants.ts";
import { membershipInvariants } from "./membership-invariants.ts";
import { messageInvariants } from "./message-invariants.ts";
import type { Always } from "./property.ts";
import { readsAreLinearizable } from "./reads.ts";
import { readsInvariants } from "./reads-invariants.ts";
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
import { transferInvariants } from "./transfer-invariants.ts";

export * from "./abstraction.ts";
export * from "./changes.ts";
export * from "./determinism.ts";
export * from "./durability.ts";
export * as linearizability from "./linearizability/index.ts";
export * from "./logs.ts";
export { membershipInvariants } from "./membership-invariants.ts";
export { messageInvariants } from "./message-invariants.ts";
export * from "./progress.ts";
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
  oneChangeAtATime,
  snapshotsAreCommitted,
  readsAreLinearizable,
  exactlyOnce,
  ...stateInvariants,
  ...stepInvariants,
  ...snapshotInvariants,
  ...flowInvariants,
  ...messageInvariants,
  ...readsInvariants,
  ...transferInvariants,
  ...membershipInvariants,
];
