/**
 * Adversarial schedules against whatever kernel is loaded. Prints a `Finding` as JSON: run it in
 * a process with `hooks.ts`.
 */
import { attack } from "../schedules/run.ts";
import type { Finding } from "./finding.ts";

const RUNS = 100_000;
/** Not the seed of the test of schedules: a bug is to be found by any. */
const SEED = 20260729;
/** Seconds until no further run is started. */
const MAX_SECONDS = 6;

const { violation, seconds } = attack({
  runs: RUNS,
  seed: SEED,
  seconds: MAX_SECONDS,
  servers: [3, 5],
});
const finding: Finding = {
  property: violation?.property ?? null,
  traceLength: violation?.schedule.length ?? null,
  seconds,
  scope: violation === null ? null : `${violation.bounds.servers} servers`,
};
console.log(JSON.stringify(finding));
