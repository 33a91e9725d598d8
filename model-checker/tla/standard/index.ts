/** The standard modules, and the operators that need none. */
import { bags } from "./bags.ts";
import { finiteSets } from "./finite-sets.ts";
import { integers, reals } from "./integers.ts";
import { naturals } from "./naturals.ts";
import type { StandardModule } from "./operator.ts";
import { sequences } from "./sequences.ts";
import { tlc } from "./tlc.ts";

export { applyFunction, baseOperators, domainOf, isElement } from "./base.ts";
export type { Operator, StandardModule, StandardOperator } from "./operator.ts";
export { setPrintSink } from "./tlc.ts";

/** By name. */
export const standardModules: ReadonlyMap<string, StandardModule> = new Map([
  ["Naturals", naturals],
  ["Integers", integers],
  ["Reals", reals],
  ["Sequences", sequences],
  ["FiniteSets", finiteSets],
  ["Bags", bags],
  ["TLC", tlc],
]);
