import { describe, expect, it } from "vitest";
import {
  type Event,
  initialDurable,
  kernelConfig,
  recover,
  type State,
} from "../../kernel/index.ts";
import {
  acknowledgedBy,
  after,
  arrival,
  cluster,
  electionTimeout,
  happens,
  ignoredFor,
  leaderOf,
  leaderRoleOf,
  message,
  minimumElectionTimeout,
  type Result,
  receive,
  sent,
  server,
  timersOf,
} from "./build.ts";

const leases = { leaseReads: true };
const leader = acknowledgedBy(leaderOf(3), ["n2", "n3"]);
const leaseTimeout: Event = { kind: "lease-timeout" };

function read(name: string): Event {
  return { kind: "read", read: name };
}

function confirms(from: string, origin: string, name: string): Event {
  return arrival(message("heartbeat-response", { from, context: [{ origin, read: name }] }));
}

function then(state: State, ...events: readonly Event[]): State {
  return after(state, events, leases);
}

function isLeased(state: State): boolean {
  return leaderRoleOf(state).reads.lease;
}

function answers({ effects }: Result): readonly string[] {
  return effects.flatMap((effect) =>
    effect.kind === "read-ready" ? [`${effect.read} at ${effect.index}`] : [],
  );
}

const running = then(leader, read("r1"));
const leased = then(running, confirms("n2", "n1", "r1"));
const transfer: Event = { kind: "transfer-leadership", to: "n2" };

describe("a confirmed round of heartbeats gives a lease, from when it was sent (§6.4.1)", () => {
  it("the timer starts with the round, before its heartbeats leave", () => {
    const { effects } = happens(leader, read("r1"), leases);
    const [timer, ...rest] = effects.filter(({ kind }) => kind !== "ignored");
    expect(timer).toEqual({ kind: "reset-timer", timer: "lease" });
    expect(rest.map(({ kind }) => kind)).toEqual(["send", "send"]);
  });

  it("not with the confirmation", () => {
    const confirmed = happens(running, confirms("n2", "n1", "r1"), leases);
    expect(timersOf(confirmed)).toEqual([]);
    expect(isLeased(confirmed.state)).toBe(true);
  });

  it("under it reads are answered at once, and nobody is asked", () => {
    const result = happens(leased, read("r2"), leases);
    expect(answers(result)).toEqual(["r2 at 1"]);
    expect(sent(result)).toEqual([]);
  });

  it("those of others too", () => {
    const result = receive(leased, message("read-index-request", { from: "n3" }), leases);
    expect(sent(result)).toMatchObject([{ kind: "read-index-response", to: "n3", index: 1 }]);
  });

  it("reads that waited for the next round are answered with the one that gives the lease", () => {
    const both = then(running, read("r2"));
    expect(answers(happens(both, confirms("n2", "n1", "r1"), leases))).toEqual([
      "r1 at 1",
      "r2 at 1",
    ]);
  });

  it("a round that a follower's reads alone are named after gives none: they may come again", () => {
    const asked = receive(leader, message("read-index-request", { from: "n3" }), leases);
    expect(timersOf(asked)).toEqual([]);
    const confirmed = then(asked.state, confirms("n2", "n3", "r1"));
    expect(leaderRoleOf(confirmed).reads).toEqual({ round: null, waiting: [], lease: false });
  });
});

describe("a lease ends", () => {
  it("with its timer", () => {
    const ended = happens(leased, leaseTimeout, leases);
    expect(isLeased(ended.state)).toBe(false);
    expect(answers(happens(ended.state, read("r2"), leases))).toEqual([]);
  });

  it("before it began, where the round took too long: it confirms its reads and no more", () => {
    const late = then(running, leaseTimeout);
    const confirmed = happens(late, confirms("n2", "n1", "r1"), leases);
    expect(answers(confirmed)).toEqual(["r1 at 1"]);
    expect(isLeased(confirmed.state)).toBe(false);
  });

  it("with a change of the members: it rests on those in force until then", () => {
    const voters = ["n1", "n2", "n3", "n4"];
    const change: Event = { kind: "propose-configuration", voters, learners: [] };
    expect(isLeased(then(leased, change))).toBe(false);
    expect(leaderRoleOf(then(running, change)).reads.round?.isFresh).toBe(false);
  });

  it("with the leadership", () => {
    expect(then(leased, arrival(message("heartbeat-response", { term: 2 }))).role.kind).toBe(
      "follower",
    );
    expect(isLeased(leaderOf(3))).toBe(false);
  });

  it.each<[string, State]>([
    ["a leader without one", leader],
    ["a leader whose round will give none", then(running, leaseTimeout)],
    ["a follower", server()],
  ])("its timer means nothing to %s", (_, state) => {
    const result = happens(state, leaseTimeout, leases);
    expect(ignoredFor(result)).toEqual(["no-lease"]);
    expect(result.state).toEqual(state);
  });
});

describe("no lease holds once another may be told to campaign (§4.2.3)", () => {
  it("a transfer ends it, and what the running round would give", () => {
    expect(isLeased(then(leased, transfer))).toBe(false);
    expect(leaderRoleOf(then(running, transfer)).reads.round?.isFresh).toBe(false);
  });

  it("while it hands over a leader asks a quorum for each round", () => {
    const asked = happens(then(leader, transfer), read("r1"), leases);
    expect(timersOf(asked)).toEqual([]);
    expect(answers(happens(asked.state, confirms("n2", "n1", "r1"), leases))).toEqual(["r1 at 1"]);
  });

  it("after a transfer that was given up, the target may still obey: none in this term", () => {
    const resumed = then(leased, transfer, electionTimeout);
    expect(leaderRoleOf(resumed)).toMatchObject({ transferTo: null, yielded: true });
    const asked = then(resumed, read("r2"));
    expect(leaderRoleOf(asked).reads.round?.isFresh).toBe(false);
    expect(isLeased(then(asked, confirms("n2", "n1", "r2")))).toBe(false);
  });

  it("a target that was never told cannot obey: a given-up transfer costs no lease", () => {
    const behind = acknowledgedBy(leaderOf(3), ["n2"]);
    const heard = arrival(message("heartbeat-response"));
    const toBehind: Event = { kind: "transfer-leadership", to: "n3" };
    const resumed = then(behind, toBehind, heard, electionTimeout, read("r1"));
    expect(isLeased(then(resumed, confirms("n2", "n1", "r1")))).toBe(true);
  });

  it("where leases are off, nothing is remembered of it", () => {
    expect(leaderRoleOf(happens(leader, transfer).state).yielded).toBe(false);
  });
});

describe("leases rest on servers that refuse their vote while they hear a leader (§6.4.1)", () => {
  it("without CheckQuorum there are none", () => {
    const options = { leaseReads: true, checkQuorum: false };
    const asked = happens(leader, read("r1"), options);
    expect(timersOf(asked)).toEqual([]);
    expect(isLeased(after(asked.state, [confirms("n2", "n1", "r1")], options))).toBe(false);
  });

  it("unless asked for there are none", () => {
    const asked = after(leader, [read("r1"), confirms("n2", "n1", "r1")]);
    expect(isLeased(asked)).toBe(false);
  });
});

describe("a promise outlives a restart (§6.4.1)", () => {
  const started = recover(kernelConfig("n1", leases), initialDurable(cluster(3)));
  const vote = message("request-vote-request", { term: 3 });

  it("a server that starts may have heard a leader: it waits for the minimum election timeout", () => {
    expect(started.state.leaderContact).toBe(true);
    expect(started.effects).toContainEqual({ kind: "reset-timer", timer: "minimum-election" });
    expect(ignoredFor(receive(started.state, vote, leases))).toEqual(["leader-contact"]);
  });

  it("then it votes", () => {
    const waited = then(started.state, minimumElectionTimeout);
    expect(sent(receive(waited, vote, leases))).toMatchObject([{ voteGranted: true }]);
  });

  it("it does not campaign on request meanwhile", () => {
    const { effects } = happens(started.state, { kind: "campaign" }, leases);
    expect(effects).toMatchObject([{ kind: "reject", reason: "leader-contact" }]);
  });

  it.each([{ leaseReads: false }, { leaseReads: true, checkQuorum: false }])(
    "where no lease can rest on it, a server starts without: %j",
    (options) => {
      const { state, effects } = recover(kernelConfig("n1", options), initialDurable(cluster(3)));
      expect(state.leaderContact).toBe(false);
      expect(effects).toEqual([{ kind: "reset-timer", timer: "election" }]);
    },
  );
});
