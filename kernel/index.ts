/** The public kernel: `quorate/kernel`. Pure, without dependencies, clock, chance or I/O. */
export { InvariantError } from "./assert.ts";
export {
  type ConfigurationAt,
  type Configurations,
  configurationAt,
  configurationFault,
  configurationOf,
  isJoint,
  latestConfiguration,
  mayCampaign,
} from "./configuration.ts";
export type {
  Effect,
  Event,
  IgnoreReason,
  PersistEffect,
  RejectEffect,
  RejectReason,
  Request,
  SendEffect,
  StepResult,
  Timer,
} from "./events.ts";
export type { Json } from "./json.ts";
export * from "./log.ts";
export { messageFault } from "./message-fault.ts";
export type * from "./messages.ts";
export * from "./quorum.ts";
export { initialDurable, noConfiguration, recover } from "./recover.ts";
export * from "./session-command.ts";
export type { Sessions } from "./session-snapshot.ts";
export {
  type Refusal,
  type SessionOptions,
  type SessionResponse,
  withSessions,
} from "./sessions.ts";
export { differsAt, endOfCharacter, snapshotParts } from "./snapshot-parts.ts";
export type {
  InFlight,
  LeaderReads,
  LeaderRole,
  Progress,
  ReadRound,
  Role,
  State,
} from "./state.ts";
export * from "./state-machine.ts";
export { step } from "./step.ts";
export * from "./types.ts";
