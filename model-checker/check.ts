/** The exhaustive check of a cluster of real kernels. */
import type { CheckOptions, CheckResult } from "./result.ts";

/** Visits every state within the bounds and evaluates every property of `spec/`. */
export async function check(_options: CheckOptions): Promise<CheckResult> {
  throw new Error("under construction");
}
