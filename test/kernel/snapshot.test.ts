/** Compaction, and the transfer of a snapshot, rule by rule. */
import { describe, expect, it } from "vitest";
import {
  baseIndex,
  configurationOf,
  type Event,
  type InstallSnapshotRequest,
  lastIndex,
  lastTerm,
  type Message,
  type Snapshot,
  type State,
  termAt,
} from "../../kernel/index.ts";
import {
  acknowledgedBy,
  after,
  appliedBy,
  arrival,
  candidateOf,
  cluster,
  command,
  configurationEntry,
  entries,
  happens,
  ignoredFor,
  joint,
  leaderOf,
  leaderRoleOf,
  message,
  noOp,
  persisted,
  persistOf,
  progressOf,
  propose,
  type Result,
  receive,
  reply,
  sent,
  server,
  termsOf,
  timersOf,
} from "./build.ts";

function snapshotTaken(index: number): Event {
  return { kind: "snapshot-taken", lastIndex: index };
}

function snapshot(index: number, term: number, configuration = cluster(3)): Snapshot {
  return { lastIndex: index, lastTerm: term, configuration };
}

/** The snapshots a step asks the host to send, each as [to, lastIndex]. */
function snapshotsTo({ effects }: Result): readonly (readonly [string, number])[] {
  return effects.flatMap((effect) =>
    effect.kind === "send-snapshot"
      ? [[effect.message.to, effect.message.snapshot.lastIndex] as const]
      : [],
  );
}

/** n2 leads, n1 has committed the first `commitIndex` of these terms. */
function follower(log: readonly number[], commitIndex: number): State {
  return server({ log, commitIndex, leaderId: "n2" });
}

describe("once a server has taken a snapshot, it discards the log up through its last index (§5.1)", () => {
  const before = follower([1, 1, 2, 3], 3);
  const result = happens(before, snapshotTaken(2));

  it("what follows it stays, with its indexes and terms", () => {
    expect(baseIndex(result.state.log)).toBe(2);
    expect(termsOf(result.state)).toEqual([2, 3]);
    expect([lastIndex(result.state.log), lastTerm(result.state.log)]).toEqual([4, 3]);
  });

  it("the term of the last entry it stands for is still known", () => {
    expect(termAt(result.state.log, 2)).toBe(1);
  });

  it("the metadata and the new start of the log are one write, without the entries that stay", () => {
    const write = persistOf(result);
    expect(write).toMatchObject({
      snapshot: snapshot(2, 1),
      entries: [],
      lastIndex: 4,
      lastTerm: 3,
    });
    const stored = {
      currentTerm: 3,
      votedFor: null,
      snapshot: snapshot(0, 0),
      entries: entries([1, 1, 2, 3]),
    };
    if (write === undefined) throw new Error("no write");
    expect(persisted(stored, write)).toEqual({
      ...stored,
      snapshot: snapshot(2, 1),
      entries: [command(3, 2), command(4, 3)],
    });
  });

  it("nothing is applied, sent or installed: the state machine is already there", () => {
    expect(result.effects.map(({ kind }) => kind)).toEqual(["persist"]);
  });

  it("all of a log may go", () => {
    const all = happens(follower([1, 2], 2), snapshotTaken(2)).state;
    expect(termsOf(all)).toEqual([]);
    expect([lastIndex(all.log), lastTerm(all.log)]).toEqual([2, 2]);
  });

  it.each([
    ["one whose end is not committed", 4],
    ["one beyond the log", 5],
    ["one that ends between two entries", 1.5],
    ["one that ends nowhere", Number.NaN],
  ])("%s is impossible", (_name, index) => {
    const refused = happens(before, snapshotTaken(index));
    expect(ignoredFor(refused)).toEqual(["impossible-snapshot"]);
    expect(refused.state).toBe(before);
  });

  it.each([2, 1, 0, -1])("after one up to 2, one up to %i is stale", (index) => {
    const refused = happens(result.state, snapshotTaken(index));
    expect(ignoredFor(refused)).toEqual(["stale-snapshot"]);
    expect(refused.state).toBe(result.state);
  });

  it("one of where this server does not know the configuration is impossible", () => {
    const founding = { voters: [], outgoingVoters: [], learners: [] };
    const log = [command(1, 1), configurationEntry(2, 1, cluster(3)), command(3, 1)];
    const joined = server({ founding, log, commitIndex: 3 });
    expect(ignoredFor(happens(joined, snapshotTaken(1)))).toEqual(["impossible-snapshot"]);
    expect(baseIndex(happens(joined, snapshotTaken(2)).state.log)).toBe(2);
  });

  it("each later one is taken", () => {
    expect(baseIndex(happens(result.state, snapshotTaken(3)).state.log)).toBe(3);
  });
});

describe("a snapshot includes the latest configuration in it (Figure 5.3), not one that follows", () => {
  const both = joint(["n1", "n2", "n3"], ["n1", "n4"]);
  const alone = cluster(1);
  const log = [
    command(1, 1),
    configurationEntry(2, 1, both),
    command(3, 1),
    configurationEntry(4, 1, alone),
  ];
  const state = server({ log, commitIndex: 4 });

  it.each([
    [1, cluster(3)],
    [2, both],
    [3, both],
    [4, alone],
  ])("up to %i", (index, configuration) => {
    const result = happens(state, snapshotTaken(index));
    expect(persistOf(result)?.snapshot?.configuration).toEqual(configuration);
    expect(result.state.configurations[0]).toEqual({ index, configuration });
    expect(configurationOf(result.state)).toEqual(alone);
  });
});

describe("votes and logs are judged as before compaction (§3.6.1, §5.1)", () => {
  const compacted = happens(follower([1, 2], 2), snapshotTaken(2)).state;

  it.each([
    ["an earlier last term", 9, 1, false],
    ["the same end", 2, 2, true],
    ["a shorter log", 1, 2, false],
  ])("a candidate with %s", (_name, lastLogIndex, lastLogTerm, voteGranted) => {
    const request = message("request-vote-request", { term: 3, lastLogIndex, lastLogTerm });
    expect(reply(receive(compacted, request, { checkQuorum: false }))).toMatchObject({
      voteGranted,
    });
  });

  it("a campaign names the end of the log, be it only a snapshot's", () => {
    const options = { preVote: false, checkQuorum: false };
    const requests = sent(happens(compacted, { kind: "election-timeout" }, options));
    expect(requests[0]).toMatchObject({ lastLogIndex: 2, lastLogTerm: 2 });
  });
});

/** A leader of three in term 2: its log begins after 3, its no-op is 5; n2 has all of it. */
const lead = acknowledgedBy(leaderOf(3, { log: [1, 1, 1, 1] }), ["n2"]);
const compacted = happens(lead, snapshotTaken(3)).state;

function rejection(conflictIndex: number, prevLogIndex: number): Message {
  const fields = { from: "n3", term: 2, prevLogIndex, conflictIndex };
  return message("append-entries-rejected", fields);
}

/** The leader after n3 said that it has nothing: its snapshot is under way. */
const asked = receive(compacted, rejection(1, 4));
const sending = asked.state;

function accepted(matchIndex: number, from = "n3"): Message {
  return message("append-entries-accepted", { from, term: 2, matchIndex });
}

const answer = message("heartbeat-response", { from: "n3", term: 2 });
const snapshotSent: Event = { kind: "snapshot-sent", peer: "n3" };
const snapshotFailed: Event = { kind: "snapshot-failed", peer: "n3" };

describe("the leader sends a snapshot when it has discarded the next entry to send (§5.3)", () => {
  it("by reference, with its term and the configuration there", () => {
    expect(asked.effects.filter(({ kind }) => kind === "send-snapshot")).toEqual([
      {
        kind: "send-snapshot",
        message: {
          kind: "install-snapshot-request",
          from: "n1",
          to: "n3",
          term: 2,
          snapshot: snapshot(3, 1),
        },
      },
    ]);
    expect(sent(asked)).toEqual([]);
    expect(progressOf(sending, "n3")).toMatchObject({
      mode: "snapshot",
      nextIndex: 4,
      inFlight: [],
    });
  });

  it("not where only the entry before the next is gone: the base's term is known", () => {
    const result = receive(compacted, rejection(4, 4));
    expect(snapshotsTo(result)).toEqual([]);
    expect(sent(result)).toMatchObject([{ prevLogIndex: 3, prevLogTerm: 1 }]);
  });

  it("also where its log holds no entry at all", () => {
    const purged = happens(lead, snapshotTaken(5)).state;
    expect(lastIndex(purged.log)).toBe(baseIndex(purged.log));
    expect(snapshotsTo(receive(purged, answer))).toEqual([["n3", 5]]);
  });

  it("in a pipeline, too, as soon as something is due", () => {
    const pipelined = receive(lead, accepted(2)).state;
    const behind = happens(pipelined, { kind: "peer-unreachable", peer: "n3" }).state;
    const cut = happens(behind, snapshotTaken(4)).state;
    expect(snapshotsTo(happens(cut, propose("x")))).toEqual([["n3", 4]]);
  });

  it("no entries go to that peer meanwhile, whatever is proposed or answered; heartbeats do", () => {
    const proposed = happens(sending, propose("x"));
    expect(sent(proposed).map(({ to }) => to)).toEqual(["n2"]);
    expect(snapshotsTo(proposed)).toEqual([]);
    expect(receive(sending, answer).effects).toEqual([]);
    expect(sent(happens(sending, { kind: "heartbeat-timeout" })).map(({ to }) => to)).toContain(
      "n3",
    );
  });

  it("a rejection meanwhile is stale", () => {
    expect(ignoredFor(receive(sending, rejection(1, 3)))).toEqual(["stale-rejection"]);
  });

  it("a broken connection is the transfer's own business", () => {
    const result = happens(sending, { kind: "peer-unreachable", peer: "n3" });
    expect(ignoredFor(result)).toEqual(["awaits-snapshot"]);
    expect(result.state).toBe(sending);
  });
});

describe("a transfer ends when the peer holds what the snapshot stands for, however it came by it", () => {
  it.each([3, 4, 5])("acknowledged up to %i: replication goes on after it", (matchIndex) => {
    const { state } = receive(sending, accepted(matchIndex));
    expect(progressOf(state, "n3")).toMatchObject({ mode: "replicate", matchIndex, nextIndex: 6 });
  });

  it("what is left is sent at once", () => {
    expect(sent(receive(sending, accepted(3)))).toMatchObject([
      { prevLogIndex: 3, prevLogTerm: 1 },
    ]);
  });

  it("less is noted, and ends nothing", () => {
    const result = receive(sending, accepted(2));
    expect(result.effects).toEqual([]);
    expect(progressOf(result.state, "n3")).toMatchObject({
      mode: "snapshot",
      matchIndex: 2,
      nextIndex: 4,
    });
  });

  it("if the leader has compacted further meanwhile, another snapshot follows", () => {
    const further = happens(sending, snapshotTaken(5)).state;
    expect(snapshotsTo(receive(further, accepted(3)))).toEqual([["n3", 5]]);
  });

  it("the peer counts towards a quorum by what it acknowledged", () => {
    const one = happens(sending, propose("x")).state;
    const stored = happens(one, {
      kind: "persisted",
      currentTerm: 2,
      lastIndex: 6,
      lastTerm: 2,
    }).state;
    expect(receive(stored, accepted(6)).state.commitIndex).toBe(6);
  });
});

describe("the host reports how a transfer went", () => {
  it("sent: what follows the snapshot is tried in answer to a heartbeat", () => {
    const { state, effects } = happens(sending, snapshotSent);
    expect(effects).toEqual([]);
    expect(progressOf(state, "n3")).toMatchObject({ mode: "probe", nextIndex: 4, matchIndex: 0 });
    expect(sent(receive(state, answer))).toMatchObject([{ prevLogIndex: 3, entries: [{}, {}] }]);
  });

  it("sent, but lost: the try is rejected, and the snapshot sent again", () => {
    const tried = receive(happens(sending, snapshotSent).state, answer).state;
    expect(snapshotsTo(receive(tried, rejection(1, 3)))).toEqual([["n3", 3]]);
  });

  it("failed: what is now the latest is sent in answer to a heartbeat", () => {
    const failed = happens(sending, snapshotFailed);
    expect(failed.effects).toEqual([]);
    expect(progressOf(failed.state, "n3")).toMatchObject({ mode: "probe", nextIndex: 1 });
    const further = happens(failed.state, snapshotTaken(4)).state;
    expect(snapshotsTo(receive(further, answer))).toEqual([["n3", 4]]);
  });

  it("failed, but the peer has acknowledged something meanwhile: from there on", () => {
    const { state } = happens(receive(sending, accepted(2)).state, snapshotFailed);
    expect(progressOf(state, "n3")).toMatchObject({ mode: "probe", nextIndex: 3, matchIndex: 2 });
  });

  it.each([
    ["of a transfer that has ended", receive(sending, accepted(3)).state, "n3"],
    ["of a transfer that never was", compacted, "n3"],
    ["of a stranger", sending, "n9"],
    ["to a server that leads no more", server(), "n3"],
  ])("a report %s is ignored", (_name, state, peer) => {
    for (const kind of ["snapshot-sent", "snapshot-failed"] as const) {
      const result = happens(state, { kind, peer });
      expect(ignoredFor(result)).toEqual(["no-transfer-of-snapshot"]);
      expect(result.state).toBe(state);
    }
  });
});

function install(it: Snapshot, fields: Partial<InstallSnapshotRequest> = {}): Message {
  return message("install-snapshot-request", { term: 3, snapshot: it, ...fields });
}

describe("a follower that lacks what the snapshot stands for takes it in place of its log (§5.3)", () => {
  const both = joint(["n1", "n2", "n3"], ["n1", "n4"]);
  const result = receive(follower([1, 1, 2], 1), install(snapshot(5, 3, both)));
  const { state } = result;

  it("the log begins after it, and all that it stands for is committed", () => {
    expect([baseIndex(state.log), lastIndex(state.log), lastTerm(state.log)]).toEqual([5, 5, 3]);
    expect(state.commitIndex).toBe(5);
  });

  it("its configuration is in force, the joint half included", () => {
    expect(state.configurations).toEqual([{ index: 5, configuration: both }]);
  });

  it("durable first, then installed, then acknowledged: a crash between leaves either", () => {
    const kinds = result.effects.map(({ kind }) => kind);
    expect(kinds).toEqual(["persist", "reset-timer", "reset-timer", "install-snapshot", "send"]);
    expect(persistOf(result)).toMatchObject({
      snapshot: snapshot(5, 3, both),
      entries: [],
      lastIndex: 5,
      lastTerm: 3,
    });
    expect(result.effects.at(-1)).toEqual({
      kind: "send",
      early: false,
      message: { kind: "append-entries-accepted", from: "n1", to: "n2", term: 3, matchIndex: 5 },
    });
  });

  it("nothing else is applied in that step: the state machine is replaced", () => {
    expect(appliedBy(result)).toEqual([]);
    expect(result.effects).toContainEqual({
      kind: "install-snapshot",
      snapshot: snapshot(5, 3, both),
    });
  });

  it("a log that conflicts with it goes whole, also what is longer than it", () => {
    const longer = receive(follower([1, 1, 2, 2, 2, 2, 2], 1), install(snapshot(5, 3))).state;
    expect([baseIndex(longer.log), lastIndex(longer.log)]).toEqual([5, 5]);
  });

  it("entries then follow it", () => {
    const next = message("append-entries-request", {
      term: 3,
      prevLogIndex: 5,
      prevLogTerm: 3,
      entries: [noOp(6, 3)],
      leaderCommit: 6,
    });
    const followed = receive(state, next);
    expect(reply(followed)).toMatchObject({ kind: "append-entries-accepted", matchIndex: 6 });
    expect(appliedBy(followed)).toEqual([6]);
  });

  it("the leader is heard, and a candidate of its term follows it", () => {
    const candidate = candidateOf(3, { log: [1] });
    const heard = receive(candidate, install(snapshot(5, 2), { term: 2 }));
    expect(heard.state).toMatchObject({ leaderId: "n2", leaderContact: true });
    expect(heard.state.role.kind).toBe("follower");
    expect(timersOf(heard)).toEqual(["election", "minimum-election"]);
  });

  it("a later term is adopted from the message, never the snapshot's own", () => {
    const adopted = receive(follower([1], 1), install(snapshot(5, 2), { term: 7 })).state;
    expect(adopted.currentTerm).toBe(7);
  });

  it("a server that waits to join learns the configuration with it", () => {
    const stranger = server({ founding: { voters: [], outgoingVoters: [], learners: [] } });
    const joined = receive(stranger, install(snapshot(5, 3))).state;
    expect(configurationOf(joined)).toEqual(cluster(3));
  });

  it.each([2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER])("up to index %i, too", (index) => {
    expect(receive(server(), install(snapshot(index, 3))).state.commitIndex).toBe(index);
  });
});

describe("a snapshot that describes a prefix of the log: entries following it are retained (§5.3)", () => {
  it("the log stays as it is, and what the snapshot stands for is committed and applied", () => {
    const result = receive(follower([1, 1, 3, 3], 1), install(snapshot(3, 3)));
    expect(termsOf(result.state)).toEqual([1, 1, 3, 3]);
    expect(appliedBy(result)).toEqual([2, 3]);
    expect(persistOf(result)).toBeUndefined();
    expect(reply(result)).toMatchObject({ kind: "append-entries-accepted", matchIndex: 3 });
  });

  it("one that ends before the commit index brings nothing; the answer says how far it is", () => {
    for (const it of [snapshot(1, 1), snapshot(2, 1), snapshot(3, 3)]) {
      const result = receive(follower([1, 1, 3, 3], 3), install(it));
      expect(termsOf(result.state)).toEqual([1, 1, 3, 3]);
      expect(appliedBy(result)).toEqual([]);
      expect(reply(result)).toMatchObject({ kind: "append-entries-accepted", matchIndex: 3 });
    }
  });

  it("so does one that ends before this server's own", () => {
    const state = happens(follower([1, 1, 3, 3], 3), snapshotTaken(3)).state;
    const result = receive(state, install(snapshot(2, 1)));
    expect(result.state.log).toBe(state.log);
    expect(reply(result)).toMatchObject({ matchIndex: 3 });
  });

  it("the same one twice is installed once", () => {
    const once = receive(follower([1], 1), install(snapshot(5, 3))).state;
    const twice = receive(once, install(snapshot(5, 3)));
    expect(twice.effects.map(({ kind }) => kind)).not.toContain("install-snapshot");
    expect(reply(twice)).toMatchObject({ matchIndex: 5 });
    expect(twice.state).toEqual(once);
  });
});

describe("a snapshot is refused where no correct leader sends it", () => {
  it("one that contradicts what is committed", () => {
    const state = follower([1, 1, 3, 3], 3);
    const result = receive(state, install(snapshot(2, 2)));
    expect(ignoredFor(result)).toEqual(["conflicts-with-committed"]);
    expect(result.state).toBe(state);
    expect(sent(result)).toEqual([]);
  });

  it("one that contradicts this server's own", () => {
    const state = happens(follower([1, 1, 3, 3], 3), snapshotTaken(3)).state;
    expect(ignoredFor(receive(state, install(snapshot(3, 2))))).toEqual([
      "conflicts-with-committed",
    ]);
  });

  it("one of another leader of the term", () => {
    const result = receive(follower([1, 3], 1), install(snapshot(5, 3), { from: "n3" }));
    expect(ignoredFor(result)).toEqual(["second-leader-of-term"]);
    expect(sent(result)).toEqual([]);
  });

  it("one of an earlier term: its leader is told the current one", () => {
    const result = receive(follower([1, 4], 1), install(snapshot(5, 3)));
    expect(ignoredFor(result)).toEqual(["stale-term"]);
    expect(reply(result)).toMatchObject({ kind: "heartbeat-response", term: 4, context: [] });
  });

  it.each([
    ["no record", null, "snapshot is not a record"],
    ["index 0", snapshot(0, 1), "the snapshot's lastIndex is not a position"],
    ["half an index", snapshot(1.5, 1), "the snapshot's lastIndex is not a position"],
    ["term 0", snapshot(1, 0), "the snapshot has an impossible term"],
    ["a term after its leader's", snapshot(1, 4), "the snapshot has an impossible term"],
    ["no voters", snapshot(1, 1, cluster(0)), "the snapshot has a malformed configuration"],
  ])("one with %s", (_name, it, detail) => {
    const state = server();
    const result = receive(state, install(it as Snapshot));
    expect(ignoredFor(result)).toEqual(["malformed"]);
    expect(JSON.stringify(result.effects)).toContain(detail);
    expect(result.state).toBe(state);
  });
});

describe("entries that arrive late at a log that begins after them (§5.1)", () => {
  const state = happens(follower([1, 1, 3, 3], 3), snapshotTaken(3)).state;

  function late(prevLogIndex: number, terms: readonly number[]): Message {
    return message("append-entries-request", {
      term: 3,
      prevLogIndex,
      prevLogTerm: prevLogIndex === 0 ? 0 : 1,
      entries: entries(terms, prevLogIndex + 1),
    });
  }

  it.each([
    ["wholly before it", 0, [1, 1], 2],
    ["up to where it begins", 1, [1, 3], 3],
    ["into it", 1, [1, 3, 3], 4],
    ["beyond it", 1, [1, 3, 3, 3], 5],
  ])("%s are present, or follow", (_name, prevLogIndex, terms, matchIndex) => {
    const result = receive(state, late(prevLogIndex, terms));
    expect(reply(result)).toMatchObject({ kind: "append-entries-accepted", matchIndex });
    expect(termsOf(result.state)).toEqual(matchIndex === 5 ? [3, 3] : [3]);
  });
});

describe("a leader that compacts what it has not stored itself", () => {
  it("counts its own entries by the writes that complete, as before (§10.2.1)", () => {
    const proposed = after(leaderOf(3), [propose("a"), propose("b")]);
    const acks = ["n2", "n3"].map((from) =>
      arrival(message("append-entries-accepted", { from, term: 1, matchIndex: 2 })),
    );
    const ahead = after(proposed, acks);
    expect(ahead.commitIndex).toBe(2);
    const cut = happens(ahead, snapshotTaken(2)).state;
    expect(leaderRoleOf(cut).durableIndex).toBe(0);
    const stored = happens(cut, { kind: "persisted", currentTerm: 1, lastIndex: 3, lastTerm: 1 });
    expect(leaderRoleOf(stored.state).durableIndex).toBe(3);
    expect(
      receive(stored.state, message("append-entries-accepted", { matchIndex: 3 })).state
        .commitIndex,
    ).toBe(3);
  });
});
