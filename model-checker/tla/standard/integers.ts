/** Modules Integers and, without its numbers that are no integers, Reals. */
import { INT, type Value } from "../values/index.ts";
import { overflow } from "./naturals.ts";
import { onlyArgumentError, operator, refused, standardModule } from "./operator.ts";

/** `-a`. */
export function negate(a: Value): number {
  if (typeof a !== "number") throw onlyArgumentError("-.", "an integer", a);
  if (a === -2_147_483_648) throw overflow("--2147483648");
  return (0 - a) | 0;
}

export const integers = standardModule(
  ["Naturals"],
  [operator("Int", 0, () => INT), operator("-.", 1, negate)],
);

const ONLY_INTEGERS = "of the reals only integers are evaluated";

export const reals = standardModule(
  ["Integers"],
  [
    refused("Real", 0, ONLY_INTEGERS),
    refused("/", 2, ONLY_INTEGERS),
    refused("Infinity", 0, ONLY_INTEGERS),
  ],
);
