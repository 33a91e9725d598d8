/** Durable storage of a server: on SQLite, in memory, and the checks that any must pass. */
export * from "./memory.ts";
export * from "./sqlite.ts";
