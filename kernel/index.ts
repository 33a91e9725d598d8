/** The public kernel: `quorate/kernel`. Pure, without dependencies, clock, chance or I/O. */
export { InvariantError } from "./assert.ts";
export { type ConfigurationAt, type Configurations, configurationOf } from "./configuration.ts";
export type {
  Effect,
  Event,
  IgnoreReason,
  PersistEffect,
  SendEffect,
  StepResult,
  Timer,
} from "./events.ts";
export type { Json } from "./json.ts";
export * from "./log.ts";
export * from "./messages.ts";
export * from "./quorum.ts";
export { initialDurable, recover } from "./recover.ts";
export * from "./session-command.ts";
export type { Sessions } from "./session-snapshot.ts";
export {
  type Refusal,
  type SessionOptions,
  type SessionResponse,
  withSessions,
} from "./sessions.ts";
export type { LeaderRole, Progress, Role, State } from "./state.ts";
export * from "./state-machine.ts";
export { step } from "./step.ts";
export * from "./types.ts";
