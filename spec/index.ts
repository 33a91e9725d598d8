/** What must hold of a cluster: `quorate/spec`. */
import { committedEntriesAreDurable } from "./durability.ts";
import type { Always } from "./property.ts";
import {
  electionSafety,
  leaderAppendOnly,
  leaderCompleteness,
  logMatching,
  stateMachineSafety,
} from "./safety.ts";
import { stateInvariants } from "./state-invariants.ts";
import { stepInvariants } from "./step-invariants.ts";

export * from "./abstraction.ts";
export * from "./durability.ts";
export * from "./logs.ts";
export * from "./progress.ts";
export type * from "./property.ts";
export * from "./safety.ts";
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
  ...stateInvariants,
  ...stepInvariants,
];
