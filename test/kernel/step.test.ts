import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Event,
  type IgnoreReason,
  InvariantError,
  initialDurable,
  kernelConfig,
  type Message,
  messageFault,
  type RejectReason,
  type State,
  step,
} from "../../kernel/index.ts";
import {
  acknowledgedBy,
  after,
  allPersisted,
  arrival,
  candidateOf,
  cluster,
  deepFreeze,
  electionTimeout,
  entries,
  happens,
  heartbeatTimeout,
  ignoredFor,
  leaderOf,
  message,
  minimumElectionTimeout,
  oneOfEach,
  propose,
  type Result,
  receive,
  server,
} from "./build.ts";
import { boot, run, scenario } from "./random.ts";

const follower = server({ log: [1, 1], currentTerm: 3 });
const following = server({ currentTerm: 3, leaderId: "n3", leaderContact: true });
const asked = happens(server(), electionTimeout).state;
const open = acknowledgedBy(leaderOf(2), ["n2"]);
const learner = server({ founding: cluster(3, { voters: ["n2", "n3"], learners: ["n1"] }) });
const withLearner = acknowledgedBy(leaderOf(cluster(2, { learners: ["n3"] })), ["n2"]);
const reading = receive(leaderOf(3), message("read-index-request")).state;
const waiting = happens(following, { kind: "read", read: "r1" }).state;
const handingOver = happens(open, { kind: "transfer-leadership", to: "n2" }).state;
const compacted = happens(open, { kind: "snapshot-taken", lastIndex: 1 }).state;
/** n2 lost what it had acknowledged to nobody: it needs what is in the snapshot now. */
const sendingSnapshot = after(
  happens(acknowledgedBy(leaderOf(3), ["n3"]), { kind: "snapshot-taken", lastIndex: 1 }).state,
  [arrival(message("heartbeat-response")), arrival(message("append-entries-rejected"))],
);

function change(voters: readonly string[]): Event {
  return { kind: "propose-configuration", voters, learners: [] };
}

const nonsense = { kind: "nonsense" } as unknown as Message;

/** One situation for every reason; a reason without one does not compile. */
const SITUATIONS: Readonly<Record<IgnoreReason, readonly [State, Event]>> = {
  malformed: [follower, arrival(nonsense)],
  "not-addressed-here": [follower, arrival(message("heartbeat-request", { to: "n3" }))],
  "stale-term": [follower, arrival(message("heartbeat-request", { term: 2 }))],
  "impossible-term": [asked, arrival(message("pre-vote-response", { term: 2 }))],
  "leader-contact": [following, arrival(message("request-vote-request", { term: 4 }))],
  "not-a-voter": [learner, electionTimeout],
  "not-leader": [follower, heartbeatTimeout],
  "not-campaigning": [follower, arrival(message("request-vote-response", { term: 3 }))],
  "vote-refused": [
    candidateOf(3),
    arrival(message("request-vote-response", { voteGranted: false })),
  ],
  "stale-acknowledgement": [open, arrival(message("append-entries-accepted", { matchIndex: 1 }))],
  "stale-rejection": [open, arrival(message("append-entries-rejected", { prevLogIndex: 1 }))],
  "impossible-acknowledgement": [
    open,
    arrival(message("append-entries-accepted", { matchIndex: 2 })),
  ],
  "impossible-commit": [
    follower,
    arrival(message("heartbeat-request", { term: 3, leaderCommit: 3 })),
  ],
  "conflicts-with-committed": [
    { ...follower, commitIndex: 2 },
    arrival(message("append-entries-request", { term: 3, entries: entries([1, 3]) })),
  ],
  "already-leader": [leaderOf(3), electionTimeout],
  "no-leader-contact": [follower, minimumElectionTimeout],
  "second-leader-of-term": [following, arrival(message("heartbeat-request", { term: 3 }))],
  "nothing-awaits-persistence": [follower, allPersisted(follower)],
  "unknown-peer": [open, arrival(message("append-entries-accepted", { from: "n9" }))],
  "no-transfer-of-snapshot": [open, { kind: "snapshot-sent", peer: "n2" }],
  "awaits-snapshot": [sendingSnapshot, { kind: "peer-unreachable", peer: "n2" }],
  "stale-snapshot": [compacted, { kind: "snapshot-taken", lastIndex: 1 }],
  "impossible-snapshot": [follower, { kind: "snapshot-taken", lastIndex: 1 }],
  "no-lease": [open, { kind: "lease-timeout" }],
  "unknown-read": [following, arrival(message("read-index-response", { from: "n3", term: 3 }))],
  "repeated-read": [reading, arrival(message("read-index-request"))],
};

/** The same for a request that is not taken. */
const REJECTIONS: Readonly<Record<RejectReason, readonly [State, Event]>> = {
  "not-leader": [follower, propose("x")],
  malformed: [open, { kind: "propose", command: 7 as unknown as string }],
  "too-large": [open, propose("x".repeat(9))],
  overloaded: [happens(open, propose("four")).state, propose("five")],
  transferring: [handingOver, propose("x")],
  "not-ready": [leaderOf(2), change(["n1", "n2", "n3"])],
  "change-in-progress": [happens(open, change(["n1", "n2", "n3"])).state, change(["n1"])],
  unchanged: [open, change(["n1", "n2"])],
  "not-caught-up": [withLearner, change(["n1", "n2", "n3"])],
  "already-leader": [open, { kind: "campaign" }],
  "not-a-voter": [learner, { kind: "campaign" }],
  "leader-contact": [following, { kind: "campaign" }],
  "timed-out": [handingOver, electionTimeout],
  "leader-lost": [waiting, arrival(message("heartbeat-request", { from: "n2", term: 4 }))],
  repeated: [waiting, { kind: "read", read: "r1" }],
};
/** Those in which the answer to something else is what changes the state. */
const LATE: readonly string[] = ["timed-out", "leader-lost"];

describe("every ignored input is observable, with the reason", () => {
  it.each(Object.entries(SITUATIONS))("%s", (reason, [state, event]) => {
    const options = { checkQuorum: reason !== "already-leader" };
    const result = happens(state, event, options);
    expect(ignoredFor(result)).toEqual([reason]);
    expect(result.state).toEqual(state);
  });

  it.each(Object.entries(REJECTIONS))("a request is rejected: %s", (reason, [state, event]) => {
    const result = happens(state, event, { maxCommandChars: 8, maxUncommittedChars: 7 });
    const rejected = result.effects.filter(({ kind }) => kind === "reject");
    expect(rejected).toMatchObject([{ reason }]);
    if (LATE.includes(reason)) return;
    expect(result.effects).toEqual(rejected);
    expect(result.state).toEqual(state);
  });

  it("the detail tells a person what it was about", () => {
    const detailOf = ({ effects }: Result) =>
      effects.flatMap((effect) => (effect.kind === "ignored" ? [effect.detail] : []));
    const of = (reason: IgnoreReason) => detailOf(happens(...SITUATIONS[reason]));
    expect(of("malformed")).toEqual(["unknown kind"]);
    expect(of("not-addressed-here")).toEqual(["to n3"]);
    expect(of("stale-term")).toEqual(["heartbeat-request of term 2"]);
    expect(of("leader-contact")).toEqual(["n2 campaigns in term 4"]);
    expect(of("conflicts-with-committed")).toEqual(["entry 2 is committed"]);
  });
});

describe("the checks every message passes come before any rule, the rule of terms included", () => {
  it.each([
    ["malformed", { from: "" }],
    ["not-addressed-here", { to: "n2", from: "n9" }],
    ["malformed", { from: "n1" }],
  ])("%s", (reason, fields) => {
    for (const it of oneOfEach) {
      const result = receive(follower, { ...it, term: 9, ...fields });
      expect(result.effects).toMatchObject([{ kind: "ignored", reason }]);
      expect(result.state).toEqual(follower);
    }
  });

  it("a learner takes part", () => {
    const founding = cluster(3, { learners: ["l1"] });
    const heard = message("append-entries-accepted", { from: "l1", term: 9 });
    expect(receive(server({ founding }), heard).state.currentTerm).toBe(9);
  });
});

const STATES: readonly (readonly [string, State])[] = [
  ["a new server", server()],
  ["a follower", following],
  ["a pre-candidate", asked],
  ["a candidate", candidateOf(3)],
  ["a leader", leaderOf(3, { log: [1, 1] })],
  ["a leader with an open pipeline", open],
  ["a learner", learner],
];

const someState = fc.constantFrom(...STATES.map(([, state]) => deepFreeze(state)));

describe("step is total: input from peers and clients never throws", () => {
  it("whatever arrives as a message is ignored, and changes nothing", () => {
    const anything = fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true });
    fc.assert(
      fc.property(someState, anything, (state, value) => {
        const result = receive(state, value as Message);
        expect(result.effects).toMatchObject([{ kind: "ignored", reason: "malformed" }]);
        expect(result.state).toBe(state);
      }),
      { numRuns: 1000 },
    );
  });

  it("nor does a message that is almost right, and what is wrong with it is told", () => {
    const append = message("append-entries-request", {
      term: 3,
      prevLogIndex: 1,
      prevLogTerm: 1,
      entries: entries([1, 2, 3], 2),
      leaderCommit: 2,
    });
    const almost = fc.tuple(fc.constantFrom(...oneOfEach, append), fc.nat(), fc.anything());
    const odd = fc.constantFrom(
      0,
      1,
      2,
      9,
      -1,
      0.5,
      Number.MAX_SAFE_INTEGER,
      Number.NaN,
      "n3",
      null,
    );
    fc.assert(
      fc.property(someState, almost, odd, fc.boolean(), (state, [it, at, any], value, mild) => {
        const fields = Object.keys(it);
        const field = fields[at % fields.length] as string;
        const near = { ...it, [field]: mild ? value : any } as Message;
        const fault = messageFault(near);
        const result = receive(state, near);
        if (fault === null) return;
        expect(result.effects).toEqual([{ kind: "ignored", reason: "malformed", detail: fault }]);
        expect(result.state).toBe(state);
      }),
      { numRuns: 3000 },
    );
  });

  it("nor where a field is missing", () => {
    for (const it of oneOfEach) {
      for (const field of Object.keys(it)) {
        const { [field]: _left, ...rest } = it as unknown as Record<string, unknown>;
        const result = receive(follower, rest as unknown as Message);
        expect(ignoredFor(result)).toEqual(["malformed"]);
      }
    }
  });

  it("nor does any proposal", () => {
    fc.assert(
      fc.property(someState, fc.anything(), (state, value) => {
        fc.pre(typeof value !== "string");
        const result = happens(state, { kind: "propose", command: value as string });
        expect(result.effects).toMatchObject([{ kind: "reject", reason: "malformed" }]);
      }),
    );
  });
});

describe("a broken internal invariant always throws", () => {
  it("an event that no host may send", () => {
    const unknown = { kind: "tick" } as unknown as Event;
    expect(() => happens(server(), unknown)).toThrow(InvariantError);
    expect(() => happens(server(), unknown)).toThrow('unhandled {"kind":"tick"}');
  });

  it("a disk that says it wrote more than it was given", () => {
    const event: Event = { kind: "persisted", currentTerm: 1, lastIndex: 9, lastTerm: 1 };
    expect(() => happens(leaderOf(3), event)).toThrow("durableIndex lies inside the log");
  });
});

describe("step is pure", () => {
  it("it changes nothing it is given, and equal input gives equal output", () => {
    fc.assert(
      fc.property(scenario, ({ founding, moves, ...options }) => {
        const config = deepFreeze(kernelConfig("n1", options));
        const start = boot(config, deepFreeze(initialDurable(founding)));
        // `run` freezes every state and event.
        for (const { before, event, result } of run(start, moves)) {
          const again = step(config, structuredClone(before), structuredClone(event));
          expect(isDeepStrictEqual(again, result)).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("a state is plain data: it survives being written as JSON", () => {
    fc.assert(
      fc.property(scenario, ({ founding, moves, ...options }) => {
        const start = boot(kernelConfig("n1", options), initialDurable(founding));
        const last = run(start, moves).at(-1)?.result ?? { state: start.state, effects: [] };
        expect(JSON.parse(JSON.stringify(last))).toEqual(last);
      }),
    );
  });
});

describe("what may never happen to one server, whatever its peers say", () => {
  it("its term and its commit index never fall, and its vote in a term never changes", () => {
    fc.assert(
      fc.property(scenario, ({ founding, moves, ...options }) => {
        const start = boot(kernelConfig("n1", options), initialDurable(founding));
        for (const { before, result } of run(start, moves)) {
          const { state } = result;
          expect(state.currentTerm).toBeGreaterThanOrEqual(before.currentTerm);
          expect(state.commitIndex).toBeGreaterThanOrEqual(before.commitIndex);
          if (state.currentTerm === before.currentTerm && before.votedFor !== null) {
            expect(state.votedFor).toBe(before.votedFor);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
