/**
 * The public shell: `quorate/shell`. Embed a server of the verified kernel with a state machine of
 * your own: as an Effect (`makeServer`, `serverLayer`), or with promises (`startServer`).
 */
export { handOver } from "./driver/hand-over.ts";
export { makeServer, type ServerOptions } from "./driver/make-server.ts";
export * from "./driver/server.ts";
export * from "./driver/services.ts";
export type { SnapshotPolicy } from "./driver/snapshots.ts";
export { defaultTiming, type Timing } from "./driver/timers.ts";
export { LocalCluster, type LocalClusterOptions } from "./embed/local-cluster.ts";
export { LocalNetwork } from "./embed/local-network.ts";
export { serverLayer } from "./embed/server-layer.ts";
export { type PromiseServer, type StartOptions, startServer } from "./embed/start-server.ts";
export { fileJournal, JournalError } from "./journal/journal.ts";
export type { JournalOptions } from "./journal/writer.ts";
export * from "./machines/cluster.ts";
export * from "./machines/key-value.ts";
export * from "./machines/key-value-command.ts";
export * from "./storage/index.ts";
export * from "./transport/index.ts";
