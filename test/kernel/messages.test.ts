import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Message, messageFault } from "../../kernel/index.ts";
import { cluster, command, configurationEntry, message, noOp, oneOfEach } from "./build.ts";

/** A well-formed AppendEntries of every kind of payload. */
const append = message("append-entries-request", {
  term: 3,
  prevLogIndex: 2,
  prevLogTerm: 1,
  entries: [command(3, 1), noOp(4, 2), configurationEntry(5, 3, cluster(3))],
  leaderCommit: 4,
});

/** The same with its first entry changed. */
function withEntry(change: Record<string, unknown>): unknown {
  return { ...append, entries: [{ ...command(3, 1), ...change }] };
}

function withPayload(payload: unknown): unknown {
  return withEntry({ payload });
}

function withConfiguration(change: Record<string, unknown>): unknown {
  return withPayload({ kind: "configuration", configuration: { ...cluster(3), ...change } });
}

describe("a message of each kind is well-formed", () => {
  it.each(oneOfEach.map((it) => [it.kind, it] as const))("%s", (_kind, it) => {
    expect(messageFault(it)).toBeNull();
  });

  it("with entries of every kind of payload", () => {
    expect(messageFault(append)).toBeNull();
  });
});

describe("the envelope names who sends to whom, and in which term", () => {
  const it0 = message("heartbeat-response");
  it.each<[string, unknown, string]>([
    ["nothing at all", undefined, "not a record"],
    ["null", null, "not a record"],
    ["a text", "append-entries-request", "not a record"],
    ["a list", [], "unknown kind"],
    ["a kind that is no text", { ...it0, kind: 7 }, "unknown kind"],
    ["a kind nobody knows", { ...it0, kind: "install-snapshot-please" }, "unknown kind"],
    ["a kind that every record inherits", { ...it0, kind: "toString" }, "unknown kind"],
    ["no sender", { ...it0, from: undefined }, "from is not a name"],
    ["a sender without name", { ...it0, from: "" }, "from is not a name"],
    ["a receiver that is a number", { ...it0, to: 1 }, "to is not a name"],
    ["a receiver without name", { ...it0, to: "" }, "to is not a name"],
    ["no term", { ...it0, term: undefined }, "term is not a count"],
    ["a negative term", { ...it0, term: -1 }, "term is not a count"],
    ["a term that is a fraction", { ...it0, term: 1.5 }, "term is not a count"],
    ["a term beyond exact numbers", { ...it0, term: 2 ** 53 }, "term is not a count"],
    ["a term that is a text", { ...it0, term: "1" }, "term is not a count"],
    ["a term that is no number", { ...it0, term: Number.NaN }, "term is not a count"],
  ])("%s", (_name, value, fault) => {
    expect(messageFault(value)).toBe(fault);
  });
});

/** The fields each kind must have beyond the envelope. */
const COUNTS: readonly [Message["kind"], string][] = [
  ["pre-vote-request", "lastLogIndex"],
  ["pre-vote-request", "lastLogTerm"],
  ["request-vote-request", "lastLogIndex"],
  ["request-vote-request", "lastLogTerm"],
  ["append-entries-request", "prevLogIndex"],
  ["append-entries-request", "prevLogTerm"],
  ["append-entries-request", "leaderCommit"],
  ["append-entries-accepted", "matchIndex"],
  ["append-entries-rejected", "prevLogIndex"],
  ["append-entries-rejected", "conflictTerm"],
  ["append-entries-rejected", "conflictIndex"],
  ["heartbeat-request", "leaderCommit"],
];

describe("indexes and terms are counts", () => {
  it.each(COUNTS)("%s: %s", (kind, field) => {
    for (const wrong of [undefined, null, -1, 0.5, "0", 2 ** 53]) {
      expect(messageFault({ ...message(kind), [field]: wrong })).toBe(`${field} is not a count`);
    }
  });

  it.each(["pre-vote-response", "request-vote-response"] as const)("%s: voteGranted", (kind) => {
    for (const wrong of [undefined, null, 1, "true"]) {
      const value = { ...message(kind), voteGranted: wrong };
      expect(messageFault(value)).toBe("voteGranted is not a boolean");
    }
  });
});

describe("entries continue (prevLogIndex, prevLogTerm) and never exceed the sender's term", () => {
  it.each<[string, unknown, string]>([
    ["no list", { ...append, entries: undefined }, "entries is not a list"],
    ["a text", { ...append, entries: "abc" }, "entries is not a list"],
    [
      "a future prevLogTerm",
      { ...append, prevLogTerm: 4 },
      "prevLogTerm exceeds the sender's term",
    ],
    [
      "index 0 with a term",
      { ...append, prevLogIndex: 0 },
      "prevLogIndex and prevLogTerm disagree",
    ],
    [
      "term 0 with an index",
      { ...append, prevLogTerm: 0 },
      "prevLogIndex and prevLogTerm disagree",
    ],
    ["an entry that is null", { ...append, entries: [null] }, "an entry is not a record"],
    ["an entry that is a number", { ...append, entries: [3] }, "an entry is not a record"],
    ["a gap before the first", withEntry({ index: 4 }), "entry 3 is missing"],
    ["a repetition", { ...append, entries: [command(3, 1), command(3, 1)] }, "entry 4 is missing"],
    ["no index", withEntry({ index: undefined }), "entry 3 is missing"],
    ["no term", withEntry({ term: undefined }), "entry 3 has an impossible term"],
    ["a fraction for a term", withEntry({ term: 1.5 }), "entry 3 has an impossible term"],
    ["a future term", withEntry({ term: 4 }), "entry 3 has an impossible term"],
    ["a term that decreases", withEntry({ term: 0 }), "entry 3 has an impossible term"],
    [
      "a term that decreases later",
      { ...append, entries: [command(3, 2), command(4, 1)] },
      "entry 4 has an impossible term",
    ],
    [
      "a first entry of term 0",
      { ...append, prevLogIndex: 0, prevLogTerm: 0, entries: [command(1, 0)] },
      "entry 1 has an impossible term",
    ],
  ])("%s", (_name, value, fault) => {
    expect(messageFault(value)).toBe(fault);
  });

  it.each<[string, unknown]>([
    ["no payload", withPayload(undefined)],
    ["a payload that is a text", withPayload("no-op")],
    ["a payload that is null", withPayload(null)],
    ["an unknown payload", withPayload({ kind: "delete-everything" })],
    ["a command that is no text", withPayload({ kind: "command", command: 7 })],
  ])("%s", (_name, value) => {
    expect(messageFault(value)).toBe("entry 3 has a malformed payload");
  });

  it.each<[string, unknown, string]>([
    ["a text", withPayload({ kind: "configuration", configuration: "n1" }), "not a record"],
    ["null", withPayload({ kind: "configuration", configuration: null }), "not a record"],
    ["nothing", withPayload({ kind: "configuration" }), "not a record"],
    ["no voters", withConfiguration({ voters: undefined }), "voters is not a list"],
    ["none to vote", withConfiguration({ voters: [] }), "there are no voters"],
    ["a voter without name", withConfiguration({ voters: ["n1", ""] }), "voters holds no name"],
    ["a voter twice", withConfiguration({ voters: ["n1", "n1"] }), "voters names n1 twice"],
    ["a text", withConfiguration({ outgoingVoters: "n1" }), "outgoingVoters is not a list"],
    ["a number", withConfiguration({ learners: [1] }), "learners holds no name"],
    [
      "a voter that only learns",
      withConfiguration({ voters: ["n1"], learners: ["n1"] }),
      "n1 is both a voter and a learner",
    ],
  ])("a configuration that is or holds %s", (_name, value, fault) => {
    expect(messageFault(value)).toBe(`entry 3 has a malformed configuration: ${fault}`);
  });
});

describe("messageFault never throws, whatever it is given", () => {
  it("anything at all is a fault", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withSparseArray: true }), (value) => {
        expect(typeof messageFault(value)).toBe("string");
      }),
      { numRuns: 1000 },
    );
  });

  it("nor where one field of a message is anything", () => {
    const fields = [
      "kind",
      "from",
      "term",
      "prevLogIndex",
      "prevLogTerm",
      "entries",
      "leaderCommit",
    ];
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.anything(), (field, value) => {
        const fault = messageFault({ ...append, [field]: value });
        expect(fault === null || fault.length > 0).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
