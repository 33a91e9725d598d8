/** Linearizability: histories, models, the check, and the formats that histories come in. */
export * from "./check.ts";
export { type Data, hashData, hashText, sameData } from "./data.ts";
export type { Failure } from "./explain.ts";
export * from "./formats/events.ts";
export * from "./formats/named-models.ts";
export * from "./formats/parse.ts";
export * from "./model.ts";
export * from "./models.ts";
