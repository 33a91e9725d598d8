/** Every state invariant holds of states that the kernel makes, and can fail. */
import { describe, expect, it } from "vitest";
import type { Progress, State } from "../../kernel/index.ts";
import { append } from "../../kernel/vector.ts";
import type { ServerView } from "../../spec/property.ts";
import { stateInvariants } from "../../spec/state-invariants.ts";
import {
  acknowledgedBy,
  candidateOf,
  cluster,
  configurationEntry,
  entries,
  leaderOf,
  leaderRoleOf,
  noOp,
  server,
} from "../kernel/build.ts";
import { viewOf } from "./build.ts";

const leader = leaderOf(3, { log: [1] });
const stored = { currentTerm: leader.currentTerm, votedFor: "n1" };
const candidate = candidateOf(3);
const twoEntries = server({ log: [1, 2] });
const falling = { ...twoEntries.log, entries: append(twoEntries.log.entries, noOp(3, 1)) };

function withProgress(change: Partial<Progress>): State {
  const role = leaderRoleOf(leader);
  return {
    ...leader,
    role: { ...role, progress: role.progress.map((peer) => ({ ...peer, ...change })) },
  };
}

const good: readonly (readonly [string, ServerView])[] = [
  ["a new server", viewOf(server())],
  ["a server that is down", viewOf(null)],
  ["a candidate", viewOf(candidate, { currentTerm: 1, votedFor: "n1" })],
  ["a leader", viewOf(leader, stored)],
  [
    "a leader that committed",
    viewOf(acknowledgedBy(leader, ["n2", "n3"]), {
      ...stored,
      entries: [...entries([1]), noOp(2, 2)],
    }),
  ],
  [
    "a server with a configuration",
    viewOf(server({ log: [configurationEntry(1, 1, cluster(3))] })),
  ],
];

const one = { lastIndex: 1, chars: 1 };
const two = { lastIndex: 2, chars: 1 };
const name = { origin: "n1", read: "r1" };
const leased = { round: null, waiting: [], lease: true };
const unserved = { round: null, waiting: [name], lease: false };
const committing = acknowledgedBy(leader, ["n2", "n3"]);
const bad: readonly (readonly [string, ServerView])[] = [
  [
    "Commits What A Quorum Stored",
    viewOf({ ...acknowledgedBy(leader, ["n2", "n3"]), commitIndex: 1 }, stored),
  ],
  ["Commit Within Log", viewOf({ ...twoEntries, commitIndex: 3 })],
  ["Terms Grow Along Log", viewOf({ ...twoEntries, currentTerm: 1 })],
  ["Terms Grow Along Log", viewOf({ ...twoEntries, log: { ...twoEntries.log, baseTerm: 2 } })],
  ["Terms Grow Along Log", viewOf({ ...twoEntries, log: falling })],
  [
    "Latest Configuration In Force",
    viewOf({
      ...twoEntries,
      configurations: [...twoEntries.configurations].concat(
        server({ log: [1, configurationEntry(2, 2, cluster(3))] }).configurations.slice(1),
      ),
    }),
  ],
  [
    "Latest Configuration In Force",
    viewOf({
      ...server({ log: [configurationEntry(1, 1, cluster(1))] }),
      configurations: server().configurations,
    }),
  ],
  ["Campaigns For Itself", viewOf({ ...candidate, votedFor: "n2" })],
  ["Campaigns For Itself", viewOf({ ...leader, votedFor: null })],
  [
    "Only Voters Campaign",
    viewOf({ ...candidate, role: { kind: "candidate", votesGranted: ["n9"] } }),
  ],
  ["Leader Knows Itself", viewOf({ ...leader, leaderId: "n2" })],
  ["Leader Knows Itself", viewOf({ ...server(), leaderId: "n1" })],
  ["Progress Is Sound", viewOf(withProgress({ matchIndex: 2, nextIndex: 2 }))],
  ["Progress Is Sound", viewOf(withProgress({ nextIndex: 9 }))],
  ["Progress Is Sound", viewOf(withProgress({ inFlight: [one, two] }))],
  ["Progress Is Sound", viewOf(withProgress({ mode: "replicate", inFlight: [two, one] }))],
  [
    "Progress Of Every Peer",
    viewOf({ ...leader, role: { ...leaderRoleOf(leader), progress: [] } }),
  ],
  [
    "Counts What Is Durable",
    viewOf({ ...leader, role: { ...leaderRoleOf(leader), durableIndex: 2 } }, stored),
  ],
  [
    "Uncommitted Commands Are Counted",
    viewOf({ ...leader, role: { ...leaderRoleOf(leader), uncommittedChars: 0 } }),
  ],
  [
    "A Lease Needs A Leader That Stays",
    viewOf({ ...leader, role: { ...leaderRoleOf(leader), yielded: true, reads: leased } }),
  ],
  [
    "A Lease Needs A Leader That Stays",
    viewOf({ ...leader, role: { ...leaderRoleOf(leader), transferTo: "n2", reads: leased } }),
  ],
  [
    "Reads Wait For A Reason",
    viewOf({ ...committing, role: { ...leaderRoleOf(committing), reads: unserved } }),
  ],
  ["Durable State Lags", viewOf(server(), { currentTerm: 1 })],
  ["Durable State Lags", viewOf({ ...server(), votedFor: "n2" }, { votedFor: "n3" })],
];

function violatedBy(view: ServerView): readonly string[] {
  const broken = stateInvariants.filter((it) => it.over === "server" && !it.holds(view));
  return broken.map(({ name }) => name);
}

describe("state invariants", () => {
  it.each(good)("all hold of %s", (_, view) => {
    expect(violatedBy(view)).toEqual([]);
  });

  it.each(bad)("%s can fail", (name, view) => {
    expect(violatedBy(view)).toContain(name);
  });

  it("can each fail", () => {
    const shown = new Set(bad.map(([name]) => name));
    expect(stateInvariants.map(({ name }) => name).filter((name) => !shown.has(name))).toEqual([]);
  });
});
