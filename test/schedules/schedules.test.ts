/**
 * Adversarial schedules of real kernels, 3, 5 and 7 voters, far beyond the exhaustive bounds.
 * `QUORATE_RUNS` and `QUORATE_SEED` make them more and other.
 */
import { describe, expect, it } from "vitest";
import { sometimes } from "../../spec/index.ts";
import { report } from "./report.ts";
import { attack } from "./run.ts";

const RUNS = Number(process.env["QUORATE_RUNS"] ?? 600);
const SEED = Number(process.env["QUORATE_SEED"] ?? 20140522);
const TIMEOUT = 60_000 + RUNS * 1000;

/** Too rare for so few runs: the exhaustive scopes demand them. */
const RARE: readonly string[] = [
  "transfer ended by entries",
  "entries from before the snapshot",
  "unstored install lost",
];

describe("adversarial schedules", () => {
  it.each([3, 5, 7])(
    "%i voters break nothing, do everything, and recover",
    (voters) => {
      const { violation, reached } = attack({ runs: RUNS, seed: SEED, servers: [voters] });

      if (violation !== null) expect.fail(report(violation, `schedule-${voters}-${SEED}`));
      const unreached = sometimes.map(({ name }) => name).filter((name) => !reached.has(name));
      expect(unreached.filter((name) => !RARE.includes(name))).toEqual([]);
    },
    TIMEOUT,
  );
});
