/** The model checker: `quorate/model-checker`. */
export * from "./bounds.ts";
export { check } from "./check.ts";
export { loadConformance, loadConformanceOf } from "./conformance.ts";
export { SPEC_ACTIONS } from "./conformance-actions.ts";
export * from "./conformance-contract.ts";
export * from "./explorer.ts";
export * from "./prefix.ts";
export type { LocalInput, Move, Process } from "./process.ts";
export { missingGoals } from "./progress.ts";
export * from "./replay.ts";
export type * from "./result.ts";
export { unreached } from "./result.ts";
export * from "./schedule.ts";
export * from "./scopes.ts";
export * from "./trace.ts";
export * from "./world.ts";
