import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AppendEntriesRequest,
  kernelConfig,
  lastIndex,
  type Message,
  type State,
  step,
} from "../../kernel/index.ts";
import {
  acknowledgedBy,
  after,
  arrival,
  candidateOf,
  cluster,
  command,
  electionTimeout,
  happens,
  heartbeatTimeout,
  ignoredFor,
  isSend,
  leaderOf,
  message,
  noOp,
  persistOf,
  progressOf,
  propose,
  type Result,
  receive,
  sent,
  server,
  termsOf,
  timersOf,
} from "./build.ts";

/** The AppendEntries a step sends, each as [prevLogIndex, number of entries]. */
function appendsOf(result: Result): readonly (readonly [number, number])[] {
  return sent(result)
    .filter((it): it is AppendEntriesRequest => it.kind === "append-entries-request")
    .map((it) => [it.prevLogIndex, it.entries.length] as const);
}

/** A leader of two, whose peer n2 is known to agree up to the no-op: the pipeline is open. */
const open = acknowledgedBy(leaderOf(2), ["n2"]);

/** The last index of each message in flight. */
function inFlightTo(state: State, id: string): readonly number[] {
  return progressOf(state, id).inFlight.map((message) => message.lastIndex);
}

describe("if command received from client: append entry to local log (Figure 3.1)", () => {
  const result = happens(open, propose("set x"));

  it("in the leader's term, after its last entry, durably", () => {
    expect(persistOf(result)).toMatchObject({ entries: [command(2, 1, "set x")], lastIndex: 2 });
    expect(lastIndex(result.state.log)).toBe(2);
  });

  it("and issue AppendEntries RPCs in parallel, without waiting for the own disk (§10.2.1)", () => {
    expect(result.effects.filter(isSend)).toEqual([
      {
        kind: "send",
        early: true,
        message: {
          kind: "append-entries-request",
          from: "n1",
          to: "n2",
          term: 1,
          prevLogIndex: 1,
          prevLogTerm: 1,
          entries: [command(2, 1, "set x")],
          leaderCommit: 1,
        },
      },
    ]);
  });

  it.each([
    ["a follower that knows its leader", server({ leaderId: "n3", leaderContact: true }), "n3"],
    ["a follower that knows none", server(), null],
    ["a pre-candidate", happens(server(), electionTimeout).state, null],
    ["a candidate", candidateOf(3), null],
  ])("%s rejects it, and tells the leader where known", (_name, state, leaderId) => {
    const refused = happens(state, propose("set x"));
    const rejected = { kind: "reject", request: "propose", read: null, leaderId };
    expect(refused.effects).toEqual([{ ...rejected, reason: "not-leader" }]);
    expect(refused.state).toEqual(state);
  });

  it.each([undefined, null, 7, {}])("a command that is no text is rejected: %j", (wrong) => {
    const refused = happens(open, { kind: "propose", command: wrong as unknown as string });
    const rejected = { kind: "reject", request: "propose", read: null, leaderId: "n1" };
    expect(refused.effects).toEqual([{ ...rejected, reason: "malformed" }]);
    expect(refused.state).toEqual(open);
  });
});

describe("upon election: send heartbeat to each server; repeat during idle periods (Figure 3.1)", () => {
  it("to every peer, learners included, at once", () => {
    const result = happens(leaderOf(cluster(2, { learners: ["l1"] })), heartbeatTimeout);
    const fields = { from: "n1", term: 1, leaderCommit: 0, context: [] };
    const heartbeat = { kind: "heartbeat-request", ...fields };
    expect(result.effects).toEqual([
      { kind: "send", early: true, message: { ...heartbeat, to: "l1" } },
      { kind: "send", early: true, message: { ...heartbeat, to: "n2" } },
      { kind: "reset-timer", timer: "heartbeat" },
    ]);
  });

  it("leaderCommit never exceeds what the peer acknowledged: beyond, its log may differ", () => {
    const leader = acknowledgedBy(leaderOf(3, { log: [1, 1] }), ["n2"]);
    expect(leader.commitIndex).toBe(3);
    const commits = sent(happens(leader, heartbeatTimeout)).map((it) => [
      it.to,
      it.kind === "heartbeat-request" ? it.leaderCommit : undefined,
    ]);
    expect(commits).toEqual([
      ["n2", 3],
      ["n3", 0],
    ]);
  });

  it.each([
    ["a follower", server()],
    ["a candidate", candidateOf(3)],
  ])("%s sends none", (_name, state) => {
    const result = happens(state, heartbeatTimeout);
    expect(ignoredFor(result)).toEqual(["not-leader"]);
    expect(timersOf(result)).toEqual([]);
    expect(result.state).toEqual(state);
  });
});

describe("if last log index >= nextIndex for a follower: send AppendEntries RPC with log entries starting at nextIndex (Figure 3.1)", () => {
  it("one at a time until the logs are known to agree", () => {
    const probing = leaderOf(2);
    expect(progressOf(probing, "n2")).toMatchObject({ mode: "probe", nextIndex: 1 });
    expect(inFlightTo(probing, "n2")).toEqual([1]);
    expect(appendsOf(happens(probing, propose("x")))).toEqual([]);
  });

  it("once acknowledged, all that is due", () => {
    const probing = after(leaderOf(2), [propose("x"), propose("y")]);
    const result = receive(probing, message("append-entries-accepted", { matchIndex: 1 }));
    expect(appendsOf(result)).toEqual([[1, 2]]);
    expect(progressOf(result.state, "n2")).toMatchObject({
      mode: "replicate",
      matchIndex: 1,
      nextIndex: 4,
    });
    expect(inFlightTo(result.state, "n2")).toEqual([3]);
  });

  it("pipelined: the next goes out before the last is acknowledged (§10.2.1)", () => {
    const one = happens(open, propose("x"));
    const two = happens(one.state, propose("y"));
    expect([appendsOf(one), appendsOf(two)]).toEqual([[[1, 1]], [[2, 1]]]);
    expect(inFlightTo(two.state, "n2")).toEqual([2, 3]);
  });

  it("at most maxInFlight; an acknowledgement makes room, also for those before it", () => {
    const options = { maxInFlight: 2 };
    const full = after(open, [propose("x"), propose("y")], options);
    const waiting = happens(full, propose("z"), options);
    expect(appendsOf(waiting)).toEqual([]);
    const room = receive(
      waiting.state,
      message("append-entries-accepted", { matchIndex: 3 }),
      options,
    );
    expect(appendsOf(room)).toEqual([[3, 1]]);
    expect(inFlightTo(room.state, "n2")).toEqual([4]);
  });

  it("at most maxEntriesPerMessage entries in one", () => {
    const options = { maxEntriesPerMessage: 2 };
    const probing = after(leaderOf(2), Array(5).fill(propose("x")), options);
    const accepted = message("append-entries-accepted", { matchIndex: 1 });
    expect(appendsOf(receive(probing, accepted, options))).toEqual([
      [1, 2],
      [3, 2],
      [5, 1],
    ]);
  });

  it.each([
    ["two fit exactly", 6, [2, 2]],
    ["one more character does not fit", 5, [1, 1, 1, 1]],
    ["one entry always fits", 1, [1, 1, 1, 1]],
    ["all fit", 12, [4]],
  ])(
    "at most maxCharsPerMessage characters of commands: %s",
    (_name, maxCharsPerMessage, sizes) => {
      const options = { maxCharsPerMessage };
      const probing = after(leaderOf(2), Array(4).fill(propose("abc")), options);
      const accepted = message("append-entries-accepted", { matchIndex: 1 });
      const appends = appendsOf(receive(probing, accepted, options));
      expect(appends.map(([, count]) => count)).toEqual(sizes);
    },
  );

  it("an entry without command has no characters", () => {
    const log = [noOp(1, 1), command(2, 1, "abc"), noOp(3, 1)];
    const options = { maxCharsPerMessage: 3 };
    const probing = leaderOf(2, { log });
    const rejected = message("append-entries-rejected", { term: 2, prevLogIndex: 3 });
    expect(appendsOf(receive(probing, rejected, options))).toEqual([[0, 4]]);
  });
});

describe("if successful: update nextIndex and matchIndex for follower (Figure 3.1)", () => {
  const accepted = (matchIndex: number) => message("append-entries-accepted", { matchIndex });

  it("a probe's guess is replaced by what the follower acknowledged", () => {
    const leader = leaderOf(2, { log: [1, 1, 1] });
    const ack = message("append-entries-accepted", { term: 2, matchIndex: 2 });
    expect(progressOf(receive(leader, ack).state, "n2")).toMatchObject({
      mode: "replicate",
      matchIndex: 2,
      nextIndex: 5,
    });
    expect(inFlightTo(receive(leader, ack).state, "n2")).toEqual([4]);
  });

  it.each([
    ["an earlier index", 0],
    ["the same index", 1],
  ])("%s again is stale, and changes nothing", (_name, matchIndex) => {
    const result = receive(open, accepted(matchIndex));
    expect(ignoredFor(result)).toEqual(["stale-acknowledgement"]);
    expect(result.state).toEqual(open);
  });

  it("an index that the leader does not have is impossible", () => {
    const result = receive(open, accepted(2));
    expect(ignoredFor(result)).toEqual(["impossible-acknowledgement"]);
    expect(result.state).toEqual(open);
  });

  it("an acknowledgement that overtook another does not move nextIndex back", () => {
    const sent3 = after(open, [propose("x"), propose("y"), propose("z")]);
    const late = receive(sent3, accepted(3)).state;
    expect(progressOf(late, "n2")).toMatchObject({ matchIndex: 3, nextIndex: 5 });
    expect(inFlightTo(late, "n2")).toEqual([4]);
    expect(ignoredFor(receive(late, accepted(2)))).toEqual(["stale-acknowledgement"]);
  });

  it.each([
    ["an acknowledgement", accepted(1)],
    ["a rejection", message("append-entries-rejected")],
    ["a heartbeat response", message("heartbeat-response")],
  ])("%s means nothing to a server that does not lead", (_name, answer) => {
    for (const state of [server({ currentTerm: 1 }), candidateOf(3)]) {
      const result = receive(state, answer);
      expect(ignoredFor(result)).toEqual(["not-leader"]);
      expect(result.state).toEqual(state);
    }
  });
});

describe("if AppendEntries fails because of log inconsistency: decrement nextIndex and retry (Figure 3.1), bypassing all conflicting entries of a term (§3.5)", () => {
  // The leader's log: terms 1 1 2 2 5 5, and the no-op of term 6. It tries nextIndex 7.
  const leader = leaderOf(2, { log: [1, 1, 2, 2, 5, 5] });
  const rejected = (prevLogIndex: number, conflictTerm: number, conflictIndex: number) =>
    message("append-entries-rejected", { term: 6, prevLogIndex, conflictTerm, conflictIndex });

  it.each([
    ["the follower's log is short", 6, 0, 3, 3],
    ["the follower's log is empty", 6, 0, 1, 1],
    ["the leader has the term: after its own last entry of it", 6, 2, 3, 5],
    ["the leader lacks the term: at the follower's first entry of it", 6, 4, 2, 2],
    ["a hint beyond what was tried moves by one", 6, 5, 6, 6],
    ["a hint of index 0 moves to the start", 6, 3, 0, 1],
  ])("%s", (_name, prevLogIndex, conflictTerm, conflictIndex, nextIndex) => {
    const result = receive(leader, rejected(prevLogIndex, conflictTerm, conflictIndex));
    expect(progressOf(result.state, "n2")).toMatchObject({
      mode: "probe",
      nextIndex,
      matchIndex: 0,
    });
    expect(appendsOf(result)).toEqual([[nextIndex - 1, 8 - nextIndex]]);
  });

  it.each([
    ["of an earlier try", 5],
    ["of what was never tried", 3],
  ])("a rejection %s is stale, and must not move nextIndex", (_name, prevLogIndex) => {
    const result = receive(leader, rejected(prevLogIndex, 0, 1));
    expect(ignoredFor(result)).toEqual(["stale-rejection"]);
    expect(progressOf(result.state, "n2").nextIndex).toBe(7);
    expect(sent(result)).toEqual([]);
  });

  it("a rejection of what the follower acknowledged is stale", () => {
    const known = acknowledgedBy(leader, ["n2"]);
    const result = receive(known, rejected(7, 0, 1));
    expect(ignoredFor(result)).toEqual(["stale-rejection"]);
    expect(result.state).toEqual(known);
  });

  it("a rejection beyond the leader's log is impossible", () => {
    const result = receive(leader, rejected(8, 0, 1));
    expect(ignoredFor(result)).toEqual(["impossible-acknowledgement"]);
    expect(progressOf(result.state, "n2").nextIndex).toBe(7);
  });

  it("a pipeline that lost a message is rebuilt from what was acknowledged", () => {
    const lost = after(open, [propose("x"), propose("y")]);
    const gap = message("append-entries-rejected", { prevLogIndex: 2, conflictIndex: 2 });
    const result = receive(lost, gap);
    expect(appendsOf(result)).toEqual([[1, 2]]);
    expect(progressOf(result.state, "n2")).toMatchObject({
      mode: "probe",
      matchIndex: 1,
      nextIndex: 2,
    });
    expect(inFlightTo(result.state, "n2")).toEqual([3]);
  });

  it("never back to what the follower acknowledged", () => {
    const lost = after(open, [propose("x"), propose("y")]);
    const low = message("append-entries-rejected", { prevLogIndex: 3, conflictIndex: 0 });
    expect(progressOf(receive(lost, low).state, "n2")).toMatchObject({
      matchIndex: 1,
      nextIndex: 2,
    });
  });
});

describe("the leader retries AppendEntries RPCs indefinitely until all followers store all entries (§3.5)", () => {
  const alive = message("heartbeat-response");

  it("a peer that answers but lags gets its probe again", () => {
    const leader = leaderOf(2);
    const result = receive(leader, alive);
    expect(appendsOf(result)).toEqual([[0, 1]]);
    expect(progressOf(result.state, "n2")).toEqual({ ...progressOf(leader, "n2"), active: true });
  });

  it("a full window gives up its oldest place", () => {
    const options = { maxInFlight: 2 };
    const full = after(open, [propose("x"), propose("y"), propose("z")], options);
    expect(inFlightTo(full, "n2")).toEqual([2, 3]);
    const result = receive(full, alive, options);
    expect(appendsOf(result)).toEqual([[3, 1]]);
    expect(inFlightTo(result.state, "n2")).toEqual([3, 4]);
  });

  it("where all was sent, a question without entries finds out what arrived", () => {
    const sent1 = happens(open, propose("x")).state;
    const result = receive(sent1, alive);
    expect(appendsOf(result)).toEqual([[2, 0]]);
    expect(result.state).toEqual(sent1);
  });

  it("a peer that has everything is left alone", () => {
    const result = receive(open, alive);
    expect(result.effects).toEqual([]);
    expect(result.state).toEqual(open);
  });
});

interface Exchange {
  readonly leader: State;
  readonly follower: State;
  readonly rejections: number;
}

/** Delivers everything between the leader n1 and the follower n2, in order, until all is quiet. */
function exchange(leader: State, follower: State, first: readonly Message[]): Exchange {
  const states = new Map(Object.entries({ n1: leader, n2: follower }));
  const inTransit = [...first];
  let rejections = 0;
  for (let it = inTransit.shift(); it !== undefined; it = inTransit.shift()) {
    const before = states.get(it.to) as State;
    const { state, effects } = step(kernelConfig(it.to), before, arrival(it));
    states.set(it.to, state);
    inTransit.push(...effects.filter(isSend).map((effect) => effect.message));
    if (it.kind === "append-entries-rejected") rejections += 1;
  }
  return { leader: states.get("n1") as State, follower: states.get("n2") as State, rejections };
}

/** `count` terms that never decrease, beginning at `from`, all of the same parity. */
function suffix(from: number, steps: readonly boolean[]): readonly number[] {
  let term = from;
  return steps.map((up) => {
    if (up) term += 2;
    return term;
  });
}

describe("if the logs differ in any way, the consistency check leads to the same log in the end (§3.5)", () => {
  const steps = fc.array(fc.boolean(), { maxLength: 12 });

  it("in at most one rejection a term, and one more", () => {
    fc.assert(
      fc.property(steps, steps, steps, (shared, own, other) => {
        const prefix = suffix(1, shared);
        const base = prefix.at(-1) ?? 1;
        // Different terms from here on, as Log Matching demands of logs that differ.
        const log = [...prefix, ...suffix(base + 2, own)];
        const otherLog = [...prefix, ...suffix(base + 1, other)];
        const term = Math.max(log.at(-1) ?? 1, otherLog.at(-1) ?? 1);
        const founding = cluster(2);
        const won = receive(
          candidateOf(founding, { log, currentTerm: term }),
          message("request-vote-response", { term: term + 1 }),
        );
        const behind = server({ log: otherLog, currentTerm: term, founding });
        const { leader, follower, rejections } = exchange(won.state, behind, sent(won));
        expect(termsOf(follower)).toEqual([...log, term + 1]);
        expect(follower.log).toEqual(leader.log);
        expect(progressOf(leader, "n2").matchIndex).toBe(log.length + 1);
        expect(rejections).toBeLessThanOrEqual(new Set(otherLog).size + 1);
      }),
      { numRuns: 300 },
    );
  });
});
