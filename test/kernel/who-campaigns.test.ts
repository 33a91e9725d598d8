/** Who campaigns while the members change (§4.2.1, §4.2.2). */
import { describe, expect, it } from "vitest";
import { mayCampaign, noConfiguration } from "../../kernel/index.ts";
import {
  after,
  allPersisted,
  arrival,
  cluster,
  configurationEntry,
  electionTimeout,
  happens,
  ignoredFor,
  joint,
  message,
  sent,
  server,
} from "./build.ts";

const founding = cluster(3);
const others = { voters: ["n2", "n3"], outgoingVoters: [], learners: [] };
const leaving = joint(["n1", "n2", "n3"], ["n2", "n3"]);
const during = server({ founding, log: [1, configurationEntry(2, 1, leaving)] });
const last = server({
  founding,
  log: [1, configurationEntry(2, 1, leaving), configurationEntry(3, 1, others)],
});

describe("a server campaigns", () => {
  it.each([
    ["as a voter", server({ founding }), true],
    ["as an outgoing voter", during, true],
    ["as one whose removal is not known to be committed", last, true],
    ["but not once it is", { ...last, commitIndex: 3 }, false],
    ["but not as a learner", server({ founding: { ...others, learners: ["n1"] } }), false],
    ["but not as a stranger", server({ founding: noConfiguration }), false],
  ])("%s", (_, state, expected) => {
    expect(mayCampaign(state, "n1")).toBe(expected);
    const { state: next } = happens(state, electionTimeout);
    expect(next.role.kind).toBe(expected ? "pre-candidate" : "follower");
  });

  it("on request under the same rule", () => {
    expect(happens(last, { kind: "campaign" }).state.role.kind).toBe("pre-candidate");
    const [effect] = happens({ ...last, commitIndex: 3 }, { kind: "campaign" }).effects;
    expect(effect).toMatchObject({ kind: "reject", reason: "not-a-voter" });
  });
});

describe("a server that its own latest configuration leaves out", () => {
  const options = { preVote: false };
  const candidate = happens(last, electionTimeout, options);
  const { currentTerm: term } = candidate.state;
  const yes = (from: string) => arrival(message("request-vote-response", { from, term }));

  it("asks the voters of that configuration", () => {
    expect(sent(candidate).map(({ to }) => to)).toEqual(["n2", "n3"]);
  });

  it("does not count its own vote", () => {
    const one = after(candidate.state, [allPersisted(candidate.state), yes("n2")], options);
    expect(one.role.kind).toBe("candidate");
    expect(after(one, [yes("n3")], options).role.kind).toBe("leader");
  });

  it("leads until the configuration is committed, and then no more", () => {
    const leader = after(candidate.state, [yes("n2"), yes("n3")], options);
    const accepted = (from: string) =>
      arrival(message("append-entries-accepted", { from, term, matchIndex: 4 }));
    const half = after(leader, [accepted("n2")], options);
    expect(half.role.kind).toBe("leader");
    const done = after(half, [accepted("n3")], options);
    expect(done).toMatchObject({ commitIndex: 4, role: { kind: "follower" } });
  });
});

describe("a server that joins", () => {
  it("takes no snapshot of where it does not know the configuration", () => {
    const state = server({ founding: noConfiguration, log: [1, 1], commitIndex: 2 });
    const result = happens(state, { kind: "snapshot-taken", lastIndex: 1 });
    expect(result.state).toEqual(state);
    expect(ignoredFor(result)).toEqual(["impossible-snapshot"]);
  });

  it("takes one from its first configuration on", () => {
    const log = [1, configurationEntry(2, 1, cluster(4)), 1];
    const state = server({ founding: noConfiguration, log, commitIndex: 3 });
    const { state: next } = happens(state, { kind: "snapshot-taken", lastIndex: 2 });
    expect(next.configurations).toEqual([{ index: 2, configuration: cluster(4) }]);
  });
});
