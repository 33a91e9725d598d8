/** What a leader takes of its clients, and how much it has in flight to a peer (§10.2). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AppendEntriesRequest,
  type Event,
  entriesBetween,
  type KernelConfig,
  lastIndex,
  type State,
} from "../../kernel/index.ts";
import {
  acknowledgedBy,
  after,
  arrival,
  happens,
  ignoredFor,
  leaderOf,
  leaderRoleOf,
  message,
  progressOf,
  propose,
  type Result,
  receive,
  sent,
  server,
} from "./build.ts";

type Options = Partial<KernelConfig>;

/** A leader of three with everything on n2 and n3: both pipelines are open. */
const open = acknowledgedBy(leaderOf(3), ["n2", "n3"]);

function rejectedFor({ effects }: Result): readonly string[] {
  return effects.flatMap((effect) => (effect.kind === "reject" ? [effect.reason] : []));
}

function accepted(matchIndex: number, from = "n2"): Event {
  return arrival(message("append-entries-accepted", { from, matchIndex }));
}

/** The commands in each AppendEntries that a step sends to n2. */
function commandsToN2(result: Result): readonly (readonly string[])[] {
  return sent(result)
    .filter((it): it is AppendEntriesRequest => it.kind === "append-entries-request")
    .filter(({ to }) => to === "n2")
    .map(({ entries }) =>
      entries.map(({ payload }) => (payload.kind === "command" ? payload.command : payload.kind)),
    );
}

function uncommitted(state: State): number {
  return leaderRoleOf(state).uncommittedChars;
}

describe("a command longer than maxCommandChars is refused as too large", () => {
  it.each([
    ["abc", []],
    ["abcd", ["too-large"]],
    ["", []],
  ])('"%s" of at most three', (text, reasons) => {
    expect(rejectedFor(happens(open, propose(text), { maxCommandChars: 3 }))).toEqual(reasons);
  });

  it("however little is uncommitted, and nothing is appended", () => {
    const result = happens(open, propose("abcd"), { maxCommandChars: 3 });
    expect(result.state).toBe(open);
    expect(result.effects).toHaveLength(1);
  });

  it.each([undefined, null, 7, { command: "x" }])("a command %j is malformed", (given) => {
    const result = happens(open, { kind: "propose", command: given as unknown as string });
    expect(rejectedFor(result)).toEqual(["malformed"]);
    expect(result.state).toBe(open);
  });
});

describe("what would exceed maxUncommittedChars is refused as overloaded", () => {
  const limit: Options = { maxUncommittedChars: 5 };

  it("up to the limit commands are taken, and not beyond", () => {
    const three = after(open, [propose("abc")], limit);
    expect(uncommitted(three)).toBe(3);
    expect(rejectedFor(happens(three, propose("de"), limit))).toEqual([]);
    const refused = happens(three, propose("def"), limit);
    expect(refused.effects).toEqual([
      { kind: "reject", request: "propose", reason: "overloaded", read: null, leaderId: "n1" },
    ]);
    expect(refused.state).toBe(three);
  });

  it("one command always fits where nothing is uncommitted, or it would never", () => {
    const long = after(open, [propose("abcdefgh")], limit);
    expect(uncommitted(long)).toBe(8);
    expect(rejectedFor(happens(long, propose("i"), limit))).toEqual(["overloaded"]);
  });

  it("what is committed makes room again", () => {
    const full = after(open, [propose("abc"), propose("de")], limit);
    const stored = { kind: "persisted", currentTerm: 1, lastIndex: 3, lastTerm: 1 } as const;
    const half = after(full, [stored, accepted(2)], limit);
    expect(uncommitted(half)).toBe(2);
    expect(rejectedFor(happens(half, propose("xyz"), limit))).toEqual([]);
    expect(uncommitted(after(half, [accepted(3)], limit))).toBe(0);
  });

  it("a change of members and a leader's no-op are not counted: they cannot be held back", () => {
    const full = after(open, [propose("abcdef")], limit);
    const change = { kind: "propose-configuration", voters: ["n1", "n2"], learners: [] } as const;
    const changed = happens(full, change, limit);
    expect(rejectedFor(changed)).toEqual([]);
    expect(uncommitted(changed.state)).toBe(6);
  });

  it("a new leader counts what earlier leaders left uncommitted", () => {
    expect(uncommitted(leaderOf(3, { log: [1, 1] }))).toBe(4);
    expect(uncommitted(leaderOf(3, { log: [1, 1], commitIndex: 1 }))).toBe(2);
  });

  it("who lost the lead holds no count that could leak into the next one", () => {
    const full = after(open, [propose("abc")], limit);
    const deposed = receive(full, message("heartbeat-request", { term: 2 })).state;
    expect(JSON.stringify(deposed)).not.toContain("uncommittedChars");
  });

  it("in whatever order commands, writes and acknowledgements come, it is the sum over the log", () => {
    const index = fc.integer({ min: 1, max: 12 });
    const event = fc.oneof(
      fc.string({ maxLength: 4 }).map(propose),
      fc.tuple(index, fc.constantFrom("n2", "n3")).map(([to, from]) => accepted(to, from)),
      index.map((to): Event => ({ kind: "persisted", currentTerm: 1, lastIndex: to, lastTerm: 1 })),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        let state = open;
        for (const it of events) {
          // No host reports a write that was not asked for.
          if (it.kind === "persisted" && it.lastIndex > lastIndex(state.log)) continue;
          state = happens(state, it, limit).state;
          const { log, commitIndex } = state;
          const waiting = entriesBetween(log, commitIndex + 1, lastIndex(log));
          const chars = waiting.map(({ payload }) =>
            payload.kind === "command" ? payload.command.length : 0,
          );
          expect(uncommitted(state)).toBe(chars.reduce((sum, count) => sum + count, 0));
          expect(uncommitted(state)).toBeLessThanOrEqual(5);
        }
      }),
    );
  });
});

describe("in flight to one follower are at most maxInFlight messages", () => {
  it("and each acknowledgement frees those up to it, once", () => {
    const options: Options = { maxInFlight: 2 };
    const full = after(open, ["a", "b", "c", "d"].map(propose), options);
    expect(progressOf(full, "n2").inFlight.map((it) => it.lastIndex)).toEqual([2, 3]);
    const one = happens(full, accepted(2), options);
    expect(commandsToN2(one)).toEqual([["c", "d"]]);
    expect(progressOf(one.state, "n2").inFlight.map((it) => it.lastIndex)).toEqual([3, 5]);
    const again = happens(one.state, accepted(2), options);
    expect(ignoredFor(again)).toEqual(["stale-acknowledgement"]);
    expect(progressOf(again.state, "n2").inFlight).toHaveLength(2);
    expect(progressOf(after(one.state, [accepted(5)], options), "n2").inFlight).toEqual([]);
  });
});

describe("and nothing more is sent from maxCharsInFlight characters on", () => {
  const options: Options = { maxCharsInFlight: 4, maxInFlight: 9 };

  it("the message that reaches it is the last", () => {
    const three = happens(open, propose("abc"), options);
    expect(progressOf(three.state, "n2").inFlight).toEqual([{ lastIndex: 2, chars: 3 }]);
    const more = happens(three.state, propose("defgh"), options);
    expect(commandsToN2(more)).toEqual([["defgh"]]);
    const full = happens(more.state, propose("i"), options);
    expect(commandsToN2(full)).toEqual([]);
  });

  it("one message always fits", () => {
    expect(commandsToN2(happens(open, propose("abcdefgh"), options))).toEqual([["abcdefgh"]]);
  });

  it("an acknowledgement makes room for what waited", () => {
    const full = after(open, [propose("abcd"), propose("e"), propose("f")], options);
    expect(commandsToN2(happens(full, accepted(2), options))).toEqual([["e", "f"]]);
  });

  it("messages without commands are bounded by their number alone", () => {
    const empty = after(open, [propose(""), propose(""), propose("")], options);
    expect(progressOf(empty, "n2").inFlight).toHaveLength(3);
  });
});

describe("a command or many, one AppendEntries has at most maxCharsPerMessage, or one entry", () => {
  it("by the sum of its commands", () => {
    const options: Options = { maxInFlight: 1, maxCharsPerMessage: 3 };
    const waiting = after(open, ["a", "bc", "de", "fghij", "k"].map(propose), options);
    const first = happens(waiting, accepted(2), options);
    expect(commandsToN2(first)).toEqual([["bc"]]);
    const second = happens(first.state, accepted(3), options);
    expect(commandsToN2(second)).toEqual([["de"]]);
    const third = happens(second.state, accepted(4), options);
    expect(commandsToN2(third)).toEqual([["fghij"]]);
  });
});

describe("a connection breaks: what was in flight is taken for lost", () => {
  const unreachable: Event = { kind: "peer-unreachable", peer: "n2" };
  const piped = after(open, [propose("a"), propose("b")]);

  it("a pipeline starts again from what is known to have arrived", () => {
    const { state, effects } = happens(piped, unreachable);
    expect(effects).toEqual([]);
    expect(progressOf(state, "n2")).toEqual({
      ...progressOf(piped, "n2"),
      mode: "probe",
      nextIndex: 2,
      inFlight: [],
    });
  });

  it("with one message, in answer to a heartbeat or with the next command", () => {
    const { state } = happens(piped, unreachable);
    expect(commandsToN2(receive(state, message("heartbeat-response")))).toEqual([["a", "b"]]);
    expect(commandsToN2(happens(state, propose("c")))).toEqual([["a", "b", "c"]]);
  });

  it("the window is free again, and an acknowledgement that was under way still counts", () => {
    const options: Options = { maxInFlight: 2 };
    const { state } = happens(piped, unreachable, options);
    const { nextIndex, mode, inFlight } = progressOf(after(state, [accepted(3)], options), "n2");
    expect([nextIndex, mode, inFlight]).toEqual([4, "replicate", []]);
  });

  it("a probe keeps its guess, and may be sent again", () => {
    const probing = leaderOf(3, { log: [1, 1, 1] });
    expect(progressOf(probing, "n2")).toMatchObject({ mode: "probe", nextIndex: 4, matchIndex: 0 });
    const { state } = happens(probing, unreachable);
    expect(progressOf(state, "n2")).toMatchObject({ mode: "probe", nextIndex: 4, inFlight: [] });
  });

  it("of a stranger, or where this server does not lead, it is ignored", () => {
    const stranger = happens(piped, { kind: "peer-unreachable", peer: "n9" });
    expect(ignoredFor(stranger)).toEqual(["unknown-peer"]);
    expect(stranger.state).toBe(piped);
    expect(ignoredFor(happens(server(), unreachable))).toEqual(["unknown-peer"]);
  });
});
