/** Durable storage of a server: on SQLite, in memory, and the checks that any must pass. */

export * from "./backup.ts";
export {
  conformanceFounding,
  type StorageCheck,
  type StoragePlace,
  storageChecks,
} from "./conformance.ts";
export * from "./disk-usage.ts";
export * from "./inspect.ts";
export * from "./memory.ts";
export * from "./sqlite.ts";
