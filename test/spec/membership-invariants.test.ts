/** Every invariant of membership holds of what the kernel does, and can fail. */
import { describe, expect, it } from "vitest";
import type { Configuration, Entry, Event, State } from "../../kernel/index.ts";
import { membershipInvariants } from "../../spec/index.ts";
import type { KernelStep, ServerView } from "../../spec/property.ts";
import {
  acknowledgedBy,
  allPersisted,
  arrival,
  candidateOf,
  cluster,
  configurationEntry,
  electionTimeout,
  joint,
  leaderOf,
  leaderRoleOf,
  message,
  server,
} from "../kernel/build.ts";
import { quietly, spoilt, stepOf, viewOf } from "./build.ts";

const n123 = ["n1", "n2", "n3"];
const n23 = ["n2", "n3"];
const change = (voters: readonly string[], learners: readonly string[] = []): Event => ({
  kind: "propose-configuration",
  voters,
  learners,
});
const ready = acknowledgedBy(leaderOf(3), n23);
const removing = stepOf(ready, change(n23));
const left = acknowledgedBy(removing.after, n23);
const lastAck = message("append-entries-accepted", { from: "n3", matchIndex: 3 });
const almostGone = acknowledgedBy(left, ["n2"]);
const gone = stepOf(almostGone, arrival(lastAck));
const learning = acknowledgedBy(leaderOf(cluster(2, { learners: ["n3"] })), ["n2", "n3"]);
const behind = acknowledgedBy(stepOf(learning, { kind: "propose", command: "x" }).after, ["n2"]);
const vote = arrival(message("request-vote-response", { from: "n2" }));
const candidate = candidateOf(3);

/** A log of these configurations, from index 1 on. */
function logOf(...configurations: readonly Configuration[]): readonly Entry[] {
  return configurations.map((it, i) => configurationEntry(i + 1, 1, it));
}

const both = joint(n123, n23);
const after = { ...both, outgoingVoters: [] };

function leading(state: State, change: Partial<State>): ServerView {
  return viewOf({
    ...leaderOf(3),
    ...change,
    log: state.log,
    configurations: state.configurations,
  });
}

function heard(active: boolean): State {
  const role = leaderRoleOf(ready);
  const progress = role.progress.map((peer) => ({ ...peer, active }));
  return { ...ready, role: { ...role, progress } };
}

const goodViews: readonly (readonly [string, ServerView])[] = [
  ["a server that is down", viewOf(null)],
  ["a leader", viewOf(ready)],
  ["a leader whose change is open", viewOf(removing.after)],
  ["a leader that left the old members", viewOf(left)],
  ["a leader that was removed", viewOf(gone.after)],
  ["a leader that found a change", viewOf(leaderOf(3, { log: logOf(both), commitIndex: 1 }))],
  ["a leader that found its end", viewOf(leaderOf(3, { log: logOf(both, after) }))],
  ["a server that knew nobody", viewOf(server({ founding: cluster(0), log: logOf(both, after) }))],
];

const badViews: readonly (readonly [string, ServerView])[] = [
  ["Voters Change By Joint Consensus", viewOf(server({ log: logOf(after) }))],
  ["Voters Change By Joint Consensus", viewOf(server({ log: logOf(joint(["n9"], n23)) }))],
  ["Voters Change By Joint Consensus", viewOf(server({ log: logOf(both, cluster(3)) }))],
  ["Voters Change By Joint Consensus", viewOf(server({ log: logOf(both, both) }))],
  [
    "The Log Decides Who Is A Member",
    viewOf({
      ...server({ log: logOf(both) }),
      configurations: server({ log: logOf(after) }).configurations,
    }),
  ],
  [
    "A Joint Configuration Is Left Once Committed",
    leading(server({ log: logOf(both) }), { commitIndex: 1 }),
  ],
  [
    "A Joint Configuration Is Left Once Committed",
    leading(server({ log: logOf(both, after) }), { commitIndex: 0 }),
  ],
  ["A Removed Leader Steps Down", viewOf({ ...almostGone, commitIndex: 3 })],
];

const goodSteps: readonly (readonly [string, KernelStep])[] = [
  ["a change", removing],
  ["the removal of the leader", gone],
  ["an election", stepOf(candidate, vote)],
  ["an election of one", stepOf(candidateOf(1), allPersisted(candidateOf(1)))],
  ["a quorum check", stepOf(heard(true), electionTimeout)],
  ["a quorum check that fails", stepOf(heard(false), electionTimeout)],
  ["a quorum check that is off", stepOf(heard(false), electionTimeout, { checkQuorum: false })],
  ["a promotion", stepOf(learning, change(n123))],
  ["a promotion that is refused", stepOf(behind, change(n123))],
  ["a later term", stepOf(ready, arrival(message("heartbeat-request", { term: 9 })))],
];

const follower = { role: { kind: "follower", reads: [] }, leaderId: null } as const;
const promoted = server({ log: logOf(joint(["n1", "n2"], n123)) }).configurations;

const badSteps: readonly (readonly [string, KernelStep])[] = [
  ["A Leader Leads Until Its Removal Is Committed", quietly(ready, follower)],
  ["A Leader Leads Until Its Removal Is Committed", quietly(left, follower)],
  ["A Majority Of Each Half Elects", spoilt(stepOf(candidate, allPersisted(candidate)), ready)],
  [
    "A Majority Of Each Half Elects",
    spoilt(stepOf(candidateOf(both), vote), { role: leaderRoleOf(ready) }),
  ],
  ["A Majority Of Each Half Keeps A Leader", spoilt(stepOf(heard(false), electionTimeout), ready)],
  [
    "A Majority Of Each Half Keeps A Leader",
    spoilt(stepOf(heard(true), electionTimeout), follower),
  ],
  [
    "Only Caught-Up Learners Are Promoted",
    spoilt(stepOf(behind, change(n123)), {
      configurations: [...behind.configurations, ...promoted],
    }),
  ],
];

function violatedBy(view: ServerView): readonly string[] {
  const broken = membershipInvariants.filter((it) => it.over === "server" && !it.holds(view));
  return broken.map(({ name }) => name);
}

function violatedIn(step: KernelStep): readonly string[] {
  const broken = membershipInvariants.filter((it) => it.over === "step" && !it.holds(step));
  return broken.map(({ name }) => name);
}

describe("invariants of membership", () => {
  it.each(goodViews)("all hold of %s", (_, view) => {
    expect(violatedBy(view)).toEqual([]);
  });

  it.each(goodSteps)("all hold of %s", (_, step) => {
    expect(violatedIn(step)).toEqual([]);
  });

  it.each(badViews)("%s can fail", (name, view) => {
    expect(violatedBy(view)).toContain(name);
  });

  it.each(badSteps)("%s can fail", (name, step) => {
    expect(violatedIn(step)).toContain(name);
  });

  it("can each fail", () => {
    const shown = new Set([...badViews, ...badSteps].map(([name]) => name));
    const names = membershipInvariants.map(({ name }) => name);
    expect(names.filter((name) => !shown.has(name))).toEqual([]);
  });
});
