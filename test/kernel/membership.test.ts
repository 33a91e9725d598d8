/** Changes of the members, rule by rule. Thesis chapter 4. */
import { describe, expect, it } from "vitest";
import {
  type Configuration,
  configurationOf,
  type Event,
  latestConfiguration,
  noConfiguration,
  type RejectReason,
  type State,
} from "../../kernel/index.ts";
import {
  acknowledgedBy,
  after,
  allPersisted,
  candidateOf,
  cluster,
  command,
  configurationEntry,
  electionTimeout,
  happens,
  ignoredFor,
  joint,
  leaderOf,
  leaderRoleOf,
  message,
  noOp,
  progressOf,
  propose,
  type Result,
  receive,
  sent,
  server,
} from "./build.ts";

function change(voters: readonly string[], learners: readonly string[] = []): Event {
  return { kind: "propose-configuration", voters, learners };
}

/** n1 leads `founding` in term 1 and has committed its no-op, which all have. */
function ready(founding: Configuration | number): State {
  const leader = leaderOf(founding);
  return acknowledgedBy(
    leader,
    leaderRoleOf(leader).progress.map(({ id }) => id),
  );
}

function reasonOf({ effects }: Result): RejectReason | undefined {
  const [effect] = effects.filter(({ kind }) => kind === "reject");
  return effect?.kind === "reject" ? effect.reason : undefined;
}

/** What the log's last configuration entries are, first to last. */
function configurationsOf(state: State): readonly Configuration[] {
  return state.configurations.slice(1).map(({ configuration }) => configuration);
}

const n123 = ["n1", "n2", "n3"];
const n124 = ["n1", "n2", "n4"];

describe("a change of the voters goes through the joint configuration (§4.3)", () => {
  const leader = ready(3);
  const changing = happens(leader, change(n124, ["n5"]));

  it("C_old,new is appended, and in force at once (§4.1)", () => {
    expect(configurationOf(changing.state)).toEqual({
      voters: n124,
      outgoingVoters: n123,
      learners: ["n5"],
    });
    expect(latestConfiguration(changing.state).index).toBe(2);
  });

  it("it is sent to the old and the new", () => {
    expect(sent(changing).map(({ to }) => to)).toEqual(["n2", "n3", "n4", "n5"]);
  });

  it("the progress of peers that stay is kept, new ones start with a probe", () => {
    expect(progressOf(changing.state, "n2").matchIndex).toBe(1);
    expect(progressOf(changing.state, "n4")).toMatchObject({ matchIndex: 0, mode: "probe" });
  });

  it("a majority of one half does not commit it", () => {
    expect(acknowledgedBy(changing.state, ["n3"]).commitIndex).toBe(1);
    expect(acknowledgedBy(changing.state, ["n4"]).commitIndex).toBe(1);
  });

  const left = acknowledgedBy(changing.state, ["n2"]);

  it("a majority of both does, and C_new is appended in the same step", () => {
    expect(left.commitIndex).toBe(2);
    expect(configurationsOf(left)).toEqual([
      { voters: n124, outgoingVoters: n123, learners: ["n5"] },
      { voters: n124, outgoingVoters: [], learners: ["n5"] },
    ]);
  });

  it("who was removed is a peer no more", () => {
    expect(leaderRoleOf(left).progress.map(({ id }) => id)).toEqual(["n2", "n4", "n5"]);
    const late = receive(left, message("append-entries-accepted", { from: "n3", matchIndex: 2 }));
    expect(ignoredFor(late)).toEqual(["unknown-peer"]);
  });

  it("C_new is left to no second C_new at its own commit", () => {
    const done = acknowledgedBy(left, ["n2"]);
    expect(done.commitIndex).toBe(3);
    expect(done.configurations.at(-1)?.index).toBe(3);
  });

  it("from any set to any other", () => {
    const replacing = happens(ready(cluster(1)), change(["n2", "n3"])).state;
    expect(configurationOf(replacing)).toEqual(joint(["n1"], ["n2", "n3"]));
    expect(acknowledgedBy(replacing, ["n2"]).commitIndex).toBe(1);
    expect(acknowledgedBy(replacing, ["n2", "n3"]).commitIndex).toBe(2);
  });

  it("the parts are sorted, in whatever order they are asked for", () => {
    const { state } = happens(leader, change(["n4", "n2", "n1"], ["n6", "n5"]));
    expect(configurationOf(state)).toMatchObject({ voters: n124, learners: ["n5", "n6"] });
  });
});

describe("a change of learners alone changes no majority, and needs no second step", () => {
  it.each([
    ["one more", cluster(3), ["n4"]],
    ["one less", cluster(3, { learners: ["n4", "n5"] }), ["n5"]],
    ["another one", cluster(3, { learners: ["n4"] }), ["n5"]],
  ])("%s", (_, founding, learners) => {
    const { state } = happens(ready(founding), change(n123, learners));
    expect(configurationOf(state)).toEqual(cluster(3, { learners }));
    const done = acknowledgedBy(state, ["n2"]);
    expect(done.commitIndex).toBe(2);
    expect(configurationsOf(done)).toHaveLength(1);
  });
});

describe("a change is refused", () => {
  const learning = ready(cluster(2, { learners: ["n3"] }));
  const open = happens(ready(3), change(n124)).state;
  const learnersOpen = happens(ready(3), change(n123, ["n4"])).state;
  const transferring = happens(ready(3), { kind: "transfer-leadership", to: "n2" }).state;
  const behind = happens(learning, propose("x")).state;

  it.each([
    ["by a follower", server(), change(n124), "not-leader"],
    ["by a candidate", candidateOf(3), change(n124), "not-leader"],
    [
      "before a commit in the term (Ongaro, 2015)",
      leaderOf(3, { log: [1] }),
      change(n124),
      "not-ready",
    ],
    ["while a joint one is open (§4.1)", open, change(n123), "change-in-progress"],
    ["while one of learners is not committed", learnersOpen, change(n123), "change-in-progress"],
    ["while handing over (§3.10)", transferring, change(n124), "transferring"],
    ["where it is none", ready(3), change(["n3", "n2", "n1"]), "unchanged"],
    ["where the learners stay too", learning, change(["n1", "n2"], ["n3"]), "unchanged"],
    [
      "for a learner that lags behind (§4.2.1)",
      acknowledgedBy(behind, ["n2"]),
      change(n123),
      "not-caught-up",
    ],
  ] as const)("%s", (_, state, event, reason) => {
    const result = happens(state, event);
    expect(reasonOf(result)).toBe(reason);
    expect(result.state).toEqual(state);
  });

  it("though what earlier leaders committed is known, until a commit in the term", () => {
    const inherited = leaderOf(3, { log: [1, 1], commitIndex: 2 });
    expect(reasonOf(happens(inherited, change(n124)))).toBe("not-ready");
    const settled = acknowledgedBy(inherited, ["n2"]);
    expect(reasonOf(happens(settled, change(n124)))).toBeUndefined();
  });

  it.each([
    ["no voters", [], []],
    ["a voter named twice", ["n1", "n1"], []],
    ["a learner named twice", ["n1"], ["n2", "n2"]],
    ["a voter that is a learner", ["n1", "n2"], ["n2"]],
    ["a name that is empty", ["n1", ""], []],
    ["a name that is no text", ["n1", 7], []],
    ["voters that are no list", "n1", []],
    ["learners that are no list", ["n1"], null],
  ])("as malformed: %s", (_, voters, learners) => {
    const state = ready(3);
    const result = happens(state, { kind: "propose-configuration", voters, learners } as Event);
    expect(reasonOf(result)).toBe("malformed");
    expect(result.state).toEqual(state);
  });
});

describe("promotion and demotion (§4.2.1)", () => {
  const learning = ready(cluster(2, { learners: ["n3"] }));

  it("a learner that holds what is committed becomes a voter", () => {
    const { state } = happens(learning, change(n123));
    expect(configurationOf(state)).toEqual(joint(["n1", "n2"], n123));
  });

  it("also where it lacks what is not yet committed", () => {
    const proposed = happens(learning, propose("x")).state;
    expect(reasonOf(happens(proposed, change(n123)))).toBeUndefined();
  });

  it("a stranger becomes a voter at once: joint consensus keeps that safe", () => {
    expect(reasonOf(happens(learning, change(["n1", "n2", "n4"], ["n3"])))).toBeUndefined();
  });

  it("a voter that becomes a learner counts among the old voters until they are left", () => {
    const demoting = happens(ready(3), change(["n1", "n2"], ["n3"])).state;
    expect(configurationOf(demoting)).toEqual({
      voters: ["n1", "n2"],
      outgoingVoters: n123,
      learners: ["n3"],
    });
    expect(acknowledgedBy(demoting, ["n3"]).commitIndex).toBe(1);
    const left = acknowledgedBy(demoting, ["n2"]);
    expect(configurationOf(left)).toEqual(cluster(2, { learners: ["n3"] }));
    expect(progressOf(left, "n3").id).toBe("n3");
  });
});

describe("a leader that is removed (§4.2.2)", () => {
  const removing = happens(ready(3), change(["n2", "n3"])).state;
  const left = acknowledgedBy(removing, ["n2", "n3"]);

  it("leads on until C_new is committed, and does not count itself", () => {
    expect(left.role.kind).toBe("leader");
    expect(configurationOf(left).voters).toEqual(["n2", "n3"]);
    expect(acknowledgedBy(left, ["n2"]).role.kind).toBe("leader");
    expect(acknowledgedBy(left, ["n2"]).commitIndex).toBe(2);
  });

  it("then steps down, in the step that commits it, and campaigns no more", () => {
    const gone = acknowledgedBy(left, ["n2", "n3"]);
    expect(gone).toMatchObject({ commitIndex: 3, role: { kind: "follower" }, leaderId: null });
    expect(ignoredFor(happens(gone, electionTimeout))).toEqual(["not-a-voter"]);
  });

  it("as a learner too", () => {
    const demoting = happens(ready(3), change(["n2", "n3"], ["n1"])).state;
    const gone = acknowledgedBy(acknowledgedBy(demoting, ["n2", "n3"]), ["n2", "n3"]);
    expect(gone).toMatchObject({ commitIndex: 3, role: { kind: "follower" } });
  });

  it("of two, leaves the other to lead alone", () => {
    const one = happens(ready(2), change(["n2"])).state;
    const gone = acknowledgedBy(acknowledgedBy(one, ["n2"]), ["n2"]);
    expect(gone.role.kind).toBe("follower");
  });
});

describe("one that removes the other of two leads alone", () => {
  it("and commits with its own disk what waited for the other", () => {
    const removing = happens(ready(2), change(["n1"])).state;
    const proposed = after(removing, [propose("x")]);
    const stored = after(proposed, [allPersisted(proposed)]);
    // The other acknowledges the change alone, not the command after it.
    const left = receive(stored, message("append-entries-accepted", { matchIndex: 2 })).state;
    expect(left.commitIndex).toBe(3);
    expect(after(left, [allPersisted(left)]).commitIndex).toBe(4);
  });
});

describe("a change that an earlier leader began", () => {
  const both = joint(n123, n124);
  const log = [noOp(1, 1), configurationEntry(2, 1, both)];

  it("is finished by the next one, once that has committed in its term", () => {
    const leader = leaderOf(3, { log });
    expect(leaderRoleOf(leader).progress.map(({ id }) => id)).toEqual(["n2", "n3", "n4"]);
    expect(configurationsOf(leader)).toEqual([both]);
    const finished = acknowledgedBy(leader, ["n2"]);
    expect(finished.commitIndex).toBe(3);
    expect(configurationOf(finished)).toEqual({ voters: n124, outgoingVoters: [], learners: [] });
  });

  it("also where it is known to be committed", () => {
    const leader = leaderOf(3, { log, commitIndex: 2 });
    expect(configurationsOf(leader)).toEqual([both]);
    expect(configurationsOf(acknowledgedBy(leader, ["n2"]))).toHaveLength(2);
  });

  it("may have removed the next one, which then steps down", () => {
    const without = { voters: ["n2", "n3"], outgoingVoters: [], learners: [] };
    const leaving = [noOp(1, 1), configurationEntry(2, 1, joint(n123, ["n2", "n3"]))];
    const leader = leaderOf(3, { log: [...leaving, configurationEntry(3, 1, without)] });
    expect(acknowledgedBy(leader, ["n2", "n3"])).toMatchObject({
      commitIndex: 4,
      role: { kind: "follower" },
    });
  });

  it("is rolled back with its entry, and is recovered with the log", () => {
    const overwrite = { term: 2, prevLogIndex: 1, prevLogTerm: 1, entries: [command(2, 2)] };
    const follower = server({ log });
    expect(configurationOf(follower)).toEqual(both);
    const { state } = receive(follower, message("append-entries-request", overwrite));
    expect(configurationOf(state)).toEqual(cluster(3));
  });

  it("is rolled back to the one of the snapshot, where the log begins with it", () => {
    const snapshot = { lastIndex: 4, lastTerm: 1, configuration: cluster(2) };
    const follower = server({
      snapshot,
      log: [configurationEntry(5, 1, joint(["n1", "n2"], n123))],
    });
    const overwrite = { term: 2, prevLogIndex: 4, prevLogTerm: 1, entries: [command(5, 2)] };
    const { state } = receive(follower, message("append-entries-request", overwrite));
    expect(configurationOf(state)).toEqual(cluster(2));
  });
});

describe("a server that lags behind several configurations", () => {
  const stranger = server({ founding: noConfiguration });
  const two = joint(["n2"], ["n2", "n3"]);
  const three = joint(["n2", "n3"], n123);
  const entries = [
    noOp(1, 1),
    configurationEntry(2, 1, two),
    configurationEntry(3, 1, { ...two, outgoingVoters: [] }),
    configurationEntry(4, 1, three),
  ];

  it("follows and acknowledges a leader that it knows nothing of", () => {
    const result = receive(stranger, message("append-entries-request", { entries }));
    expect(result.state.leaderId).toBe("n2");
    expect(sent(result)).toMatchObject([{ kind: "append-entries-accepted", matchIndex: 4 }]);
  });

  it("takes the latest of them, whatever it knows to be committed", () => {
    const { state } = receive(stranger, message("append-entries-request", { entries }));
    expect(state.commitIndex).toBe(0);
    expect(configurationOf(state)).toEqual(three);
    const shorter = { term: 2, prevLogIndex: 2, prevLogTerm: 1, entries: [command(3, 2)] };
    const back = receive(state, message("append-entries-request", shorter)).state;
    expect(configurationOf(back)).toEqual(two);
  });

  it("votes for a candidate that it does not know, and is no voter itself as far as it knows", () => {
    const result = receive(stranger, message("request-vote-request", { from: "n9" }));
    expect(sent(result)).toMatchObject([{ kind: "request-vote-response", voteGranted: true }]);
    expect(ignoredFor(happens(result.state, electionTimeout))).toEqual(["not-a-voter"]);
  });

  it("grants a pre-vote to a candidate that it does not know", () => {
    const result = receive(stranger, message("pre-vote-request", { from: "n9" }));
    expect(sent(result)).toMatchObject([{ kind: "pre-vote-response", voteGranted: true }]);
  });
});

describe("whose answers count", () => {
  it.each(["request-vote-response", "pre-vote-response"] as const)("no stranger's %s", (kind) => {
    const options = { preVote: kind === "pre-vote-response" };
    const campaign = happens(server(), electionTimeout, options).state;
    const { state, effects } = receive(campaign, message(kind, { from: "n9" }), options);
    expect(ignoredFor({ state, effects })).toEqual(["not-a-voter"]);
    expect(state.role).toEqual(campaign.role);
  });

  it.each([
    message("append-entries-accepted", { from: "n9", matchIndex: 1 }),
    message("append-entries-rejected", { from: "n9" }),
    message("heartbeat-response", { from: "n9" }),
  ])("no stranger's $kind", (answer) => {
    const leader = ready(3);
    const result = receive(leader, answer);
    expect(ignoredFor(result)).toEqual(["unknown-peer"]);
    expect(result.state).toEqual(leader);
  });
});

describe("a malformed configuration in a message is refused as a whole", () => {
  it.each([
    ["no voters", { ...cluster(0) }],
    ["a voter that is a learner", cluster(3, { learners: ["n1"] })],
    ["an outgoing voter named twice", cluster(3, { outgoingVoters: ["n1", "n1"] })],
    ["no learners", { voters: ["n1"], outgoingVoters: [] }],
    ["no record", null],
  ])("%s", (_, wrong) => {
    const entries = [configurationEntry(1, 1, wrong as Configuration)];
    const result = receive(server(), message("append-entries-request", { entries }));
    expect(ignoredFor(result)).toEqual(["malformed"]);
    const snapshot = { lastIndex: 1, lastTerm: 1, configuration: wrong as Configuration };
    const installed = receive(server(), message("install-snapshot-request", { snapshot }));
    expect(ignoredFor(installed)).toEqual(["malformed"]);
  });
});
