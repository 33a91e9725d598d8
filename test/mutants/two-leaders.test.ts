/**
 * The bug of 2015 in earnest: a kernel that changes one voter in one step, before its leader has
 * committed in its term, loses what was committed. `test/scripts/members-two-leaders.txt` tells the
 * same with the kernel as it is. (Ongaro, raft-dev, July 2015.)
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const bounds = {
  servers: 4,
  terms: 3,
  log: 4,
  messages: 9,
  crashes: 0,
  changes: ["n1,n2,n3", "n1,n2,n4"],
  preVote: false,
  checkQuorum: false,
  heartbeats: false,
};

const replicated = ["n2", "n3", "n4"].flatMap((id) => [
  `deliver n1 ${id} append-entries`,
  `deliver ${id} n1 append-entries-accepted`,
]);

const schedule = [
  "timeout n1",
  ...["n2", "n3", "n4"].map((id) => `deliver n1 ${id} request-vote`),
  ...["n2", "n3", "n4"].map((id) => `deliver ${id} n1 request-vote-response`),
  ...replicated,
  "configure n1 n1,n2,n3",
  // Nobody hears of it.
  "timeout n2",
  ...["n1", "n3", "n4"].map((id) => `deliver n2 ${id} request-vote`),
  ...["n3", "n4"].map((id) => `deliver ${id} n2 request-vote-response`),
  "configure n2 n1,n2,n4",
];

/** n2 brings n4 all that it has, its change too if it began one; then n1 campaigns. */
function finish(isConfigured: boolean): readonly string[] {
  const rounds = isConfigured ? 2 : 1;
  return [
    ...Array.from({ length: rounds }, () => [
      "deliver n2 n4 append-entries",
      "deliver n4 n2 append-entries-accepted",
    ]).flat(),
    "timeout n1",
    "deliver n1 n3 request-vote",
    "deliver n3 n1 request-vote-response",
  ];
}

function firstViolation(mutant: string, lines: readonly string[]): unknown {
  const hooks = ["--import", here("hooks.ts"), here("safety-one.ts"), JSON.stringify(bounds)];
  const { stdout, stderr } = spawnSync(process.execPath, hooks, {
    input: lines.join("\n"),
    env: { ...process.env, QUORATE_MUTANT: mutant },
    encoding: "utf8",
  });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}

describe("two leaders begin a change each", () => {
  it("and lose a committed entry where one voter is changed in one step, at any time", () => {
    const last = "deliver n3 n1 request-vote-response";
    const found = firstViolation("Q65-single", [...schedule, ...finish(true)]);
    expect(found).toEqual({ property: "Leader Completeness", line: last });
  });

  it("and lose nothing with the kernel as it is", () => {
    expect(firstViolation("", [...schedule, ...finish(false)])).toBeNull();
  });

  it("and lose nothing with joint consensus alone: it does not even need the rule", () => {
    expect(firstViolation("B60", [...schedule, ...finish(true)])).toBeNull();
  });
});
