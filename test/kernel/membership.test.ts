import { describe, expect, it } from "vitest";
import {
  type Configuration,
  configurationOf,
  type Event,
  lastIndex,
  type RejectReason,
  type State,
} from "../../kernel/index.ts";
import {
  acknowledgedBy,
  after,
  appliedBy,
  arrival,
  cluster,
  electionTimeout,
  happens,
  joint,
  leaderOf,
  leaderRoleOf,
  message,
  persistOf,
  progressOf,
  type Result,
  receive,
  sent,
  server,
  timersOf,
} from "./build.ts";

function change(voters: readonly string[], learners: readonly string[] = []): Event {
  return { kind: "propose-configuration", voters, learners };
}

function reasonsOf({ effects }: Result): readonly RejectReason[] {
  return effects.flatMap((effect) => (effect.kind === "reject" ? [effect.reason] : []));
}

/** `peer` acknowledges all of the leader's log. */
function acknowledge(state: State, from: string): Event {
  const fields = { from, term: state.currentTerm, matchIndex: lastIndex(state.log) };
  return arrival(message("append-entries-accepted", fields));
}

/** A leader of n1, n2 and n3 that has committed its no-op. */
const open = acknowledgedBy(leaderOf(3), ["n2", "n3"]);

describe("voters change by joint consensus (§4.3)", () => {
  const result = happens(open, change(["n4", "n1", "n2"]));

  it("C_old,new is in force as soon as it is appended, and written as any entry (§4.1)", () => {
    const both = joint(["n1", "n2", "n3"], ["n1", "n2", "n4"]);
    expect(configurationOf(result.state)).toEqual(both);
    expect(persistOf(result)).toMatchObject({
      entries: [{ index: 2, payload: { kind: "configuration", configuration: both } }],
    });
  });

  it("the new server is tracked from here on, and sent entries", () => {
    expect(progressOf(result.state, "n4")).toMatchObject({ matchIndex: 0, mode: "probe" });
    expect(sent(result).map(({ to }) => to)).toContain("n4");
  });

  it("it needs a majority of both sets; then C_new follows in the same step", () => {
    const stored = after(result.state, [
      { kind: "persisted", currentTerm: 1, lastIndex: 2, lastTerm: 1 },
      acknowledge(result.state, "n4"),
    ]);
    expect(stored.commitIndex).toBe(1);
    const left = happens(stored, acknowledge(result.state, "n2"));
    expect(appliedBy(left)).toEqual([2]);
    expect(configurationOf(left.state)).toEqual(cluster(0, { voters: ["n1", "n2", "n4"] }));
    expect(leaderRoleOf(left.state).progress.map(({ id }) => id)).toEqual(["n2", "n4"]);
  });

  it("learners alone change in one step: every quorum stays the same", () => {
    const learning = happens(open, change(["n1", "n2", "n3"], ["n4"])).state;
    expect(configurationOf(learning)).toEqual(cluster(3, { learners: ["n4"] }));
  });
});

describe("a new leader leaves a joint configuration that it found (§4.3)", () => {
  it("with the no-op that commits it", () => {
    const both: Configuration = joint(["n1", "n2"], ["n1", "n3"]);
    const entry = { index: 1, term: 1, payload: { kind: "configuration", configuration: both } };
    const founded = { founding: cluster(2), log: [entry as never], votedFor: null } as const;
    const candidate = after(server(founded), [electionTimeout], { preVote: false });
    const voted = after(candidate, [
      { kind: "persisted", currentTerm: 2, lastIndex: 1, lastTerm: 1 },
      ...["n2", "n3"].map((from) => arrival(message("request-vote-response", { from, term: 2 }))),
    ]);
    const stored = acknowledgedBy(voted, ["n2", "n3"]);
    expect(configurationOf(stored)).toEqual(cluster(0, { voters: ["n1", "n3"] }));
  });
});

describe("a leader that is removed (§4.2.2)", () => {
  const removing = happens(open, change(["n2", "n3"])).state;
  const leaving = acknowledgedBy(removing, ["n2", "n3"]);

  it("leads without a vote of its own until C_new is committed", () => {
    expect(leaving.role.kind).toBe("leader");
    expect(configurationOf(leaving)).toEqual(cluster(0, { voters: ["n2", "n3"] }));
    expect(happens(leaving, acknowledge(leaving, "n2")).state.commitIndex).toBe(2);
  });

  it("steps down in the step that commits it", () => {
    const last = after(leaving, [acknowledge(leaving, "n2")]);
    const result = receive(last, message("append-entries-accepted", { from: "n3", matchIndex: 3 }));
    expect(result.state).toMatchObject({ commitIndex: 3, leaderId: null });
    expect(result.state.role.kind).toBe("follower");
    expect(timersOf(result)).toContain("election");
  });
});

describe("a change is refused", () => {
  const learner = acknowledgedBy(leaderOf(cluster(2, { learners: ["n3"] })), ["n2"]);
  const busy = happens(open, change(["n1", "n2"])).state;
  const handingOver = happens(open, { kind: "transfer-leadership", to: "n2" }).state;
  it.each<[RejectReason, string, State, Event]>([
    ["not-leader", "by a follower", server(), change(["n1"])],
    ["malformed", "without voters", open, change([])],
    ["malformed", "with a voter twice", open, change(["n1", "n1"])],
    ["malformed", "with a voter that only learns", open, change(["n1"], ["n1"])],
    ["transferring", "while the leader hands over", handingOver, change(["n1"])],
    ["not-ready", "before a commit in the term", leaderOf(3), change(["n1"])],
    ["change-in-progress", "while another is open", busy, change(["n1"])],
    ["unchanged", "to what is in force, in any order", open, change(["n3", "n1", "n2"])],
    ["not-caught-up", "for a learner that lacks entries", learner, change(["n1", "n2", "n3"])],
  ])("%s: %s", (reason, _about, state, event) => {
    const result = happens(state, event);
    expect(reasonsOf(result)).toEqual([reason]);
    expect(result.state).toEqual(state);
  });

  it("not for a learner that holds all that is committed", () => {
    const ready = after(learner, [acknowledge(learner, "n3")]);
    expect(reasonsOf(happens(ready, change(["n1", "n2", "n3"])))).toEqual([]);
  });
});
