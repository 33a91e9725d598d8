/** What is demanded of snapshots, limits and answers holds of the kernel, and can fail. */
import { describe, expect, it } from "vitest";
import type { Effect, Event, Message, Snapshot, State } from "../../kernel/index.ts";
import { flowInvariants } from "../../spec/flow-invariants.ts";
import type { Always, KernelStep, ServerView } from "../../spec/index.ts";
import { snapshotInvariants } from "../../spec/snapshot-invariants.ts";
import {
  acknowledgedBy,
  after,
  arrival,
  cluster,
  entries,
  heartbeatTimeout,
  leaderOf,
  leaderRoleOf,
  message,
  noOp,
  oneOfEach,
  propose,
  server,
} from "../kernel/build.ts";
import { quietly, receiptOf, sending, spoilt, stepOf, viewOf } from "./build.ts";

const invariants = [...snapshotInvariants, ...flowInvariants];

function taken(lastIndex: number): Event {
  return { kind: "snapshot-taken", lastIndex };
}

function snapshot(lastIndex: number, lastTerm: number, size = 3): Snapshot {
  return { lastIndex, lastTerm, configuration: cluster(size) };
}

function install(it: Snapshot, term = 2): Message {
  return message("install-snapshot-request", { term, snapshot: it });
}

function append(prevLogIndex: number, prevLogTerm: number, terms: readonly number[]): Message {
  const added = entries(terms, prevLogIndex + 1);
  return message("append-entries-request", { term: 2, prevLogIndex, prevLogTerm, entries: added });
}

const follower = server({ log: [1, 1, 2, 2], commitIndex: 3, leaderId: "n2" });
const compacted = after(follower, [taken(2)]);
const other = server({ log: [1, 1, 1, 1], currentTerm: 2, commitIndex: 3, leaderId: "n2" });
const leader = acknowledgedBy(leaderOf(3, { log: [1, 1] }), ["n2"]);
const purged = after(leader, [taken(3)]);
const cut = after(leader, [propose("a"), taken(2)]);
const heard = message("heartbeat-response", { from: "n3", term: 2 });
const lacks = message("append-entries-rejected", { from: "n3", term: 2, prevLogIndex: 2 });
const transfers = receiptOf(cut, lacks);

const states = [server(), follower, compacted, other, leader, purged, cut, transfers.after];
const events: readonly Event[] = [
  taken(1),
  taken(2),
  taken(3),
  propose("a"),
  heartbeatTimeout,
  { kind: "snapshot-sent", peer: "n3" },
  { kind: "snapshot-failed", peer: "n3" },
  { kind: "peer-unreachable", peer: "n2" },
  ...[
    install(snapshot(2, 1)),
    install(snapshot(3, 2)),
    install(snapshot(3, 1)),
    install(snapshot(9, 2)),
    append(0, 0, [1, 1]),
    append(2, 1, [2, 2, 2]),
    append(2, 2, [2]),
    append(6, 2, []),
    message("append-entries-accepted", { from: "n3", term: 2, matchIndex: 2 }),
    heard,
    lacks,
    ...oneOfEach,
  ].map(arrival),
];
const limits = { maxUncommittedChars: 1, maxCommandChars: 1, maxEntriesPerMessage: 1 };
const good = states.flatMap((state) =>
  events.flatMap((event) => [stepOf(state, event), stepOf(state, event, limits)]),
);

const compaction = stepOf(follower, taken(2));
const installed = receiptOf(server({ log: [1, 1], currentTerm: 2 }), install(snapshot(4, 2)));
const longer = receiptOf(installed.after, append(4, 2, [2])).after;
const known = receiptOf(server({ log: [1, 1, 2, 2], currentTerm: 2 }), install(snapshot(3, 2)));
const nothingNew = receiptOf(follower, install(snapshot(3, 2)));
const served = receiptOf(purged, heard);
const accepted = receiptOf(follower, append(4, 2, [2]));
const repeated = receiptOf(follower, append(0, 0, [1, 1]));
const rejected = receiptOf(follower, append(6, 2, []));

function without(step: KernelStep, kind: Effect["kind"]): KernelStep {
  return spoilt(
    step,
    {},
    step.effects.filter((effect) => effect.kind !== kind),
  );
}

/** The step with its write changed. */
function writing(step: KernelStep, change: Partial<Extract<Effect, { kind: "persist" }>>) {
  const effects = step.effects.map((effect) =>
    effect.kind === "persist" ? { ...effect, ...change } : effect,
  );
  return spoilt(step, {}, effects);
}

/** The step with its answer changed. */
function answering(step: KernelStep, change: Partial<Message>): KernelStep {
  const effects = step.effects.map((effect) =>
    effect.kind === "send"
      ? sending({ ...effect.message, ...change } as Message, effect.early)
      : effect,
  );
  return spoilt(step, {}, effects);
}

function also(step: KernelStep, effect: Effect): KernelStep {
  return spoilt(step, {}, [...step.effects, effect]);
}

function sendSnapshot(it: Snapshot, to = "n3"): Effect {
  const request = { kind: "install-snapshot-request", from: "n1", to, term: 2 } as const;
  return { kind: "send-snapshot", message: { ...request, snapshot: it } };
}

const apply: Effect = { kind: "apply", entries: [noOp(4, 2)] };
const wide = message("append-entries-request", { term: 2, entries: entries([1, 1]) });
const taking = stepOf(leader, propose("ab"), { maxCommandChars: 2 });

const bad: readonly (readonly [string, KernelStep])[] = [
  ["A Write Tells All That Changed", without(compaction, "persist")],
  ["A Write Tells All That Changed", writing(compaction, { snapshot: null })],
  ["A Write Tells All That Changed", writing(compaction, { snapshot: snapshot(2, 1, 5) })],
  ["A Write Tells All That Changed", writing(compaction, { snapshot: snapshot(2, 2) })],
  ["A Write Tells All That Changed", writing(accepted, { entries: [] })],
  ["A Write Tells All That Changed", spoilt(accepted, { log: follower.log })],
  ["Compaction Keeps What Follows", spoilt(compaction, { log: purged.log })],
  ["Compaction Keeps What Follows", spoilt(compaction, { log: after(other, [taken(2)]).log })],
  ["Compaction Keeps What Follows", spoilt(compaction, { commitIndex: 4 })],
  ["A Snapshot Replaces Or Is Known", spoilt(installed, { log: longer.log })],
  ["A Snapshot Replaces Or Is Known", spoilt(known, { log: compacted.log })],
  [
    "A Snapshot Replaces Or Is Known",
    also(known, { kind: "install-snapshot", snapshot: snapshot(3, 2) }),
  ],
  [
    "A Snapshot Replaces Or Is Known",
    also(quietly(follower, {}), { kind: "install-snapshot", snapshot: snapshot(3, 2) }),
  ],
  ["A Snapshot Replaces Or Is Known", quietly(follower, { log: compacted.log })],
  ["A Snapshot Is Installed Or Entries Are Applied", also(installed, apply)],
  [
    "A Snapshot Is Installed Or Entries Are Applied",
    also(installed, { kind: "install-snapshot", snapshot: snapshot(4, 2) }),
  ],
  ["A Snapshot Is Acknowledged", without(installed, "send")],
  ["A Snapshot Is Acknowledged", without(nothingNew, "send")],
  ["A Snapshot Is Acknowledged", answering(installed, { matchIndex: 3 })],
  ["A Snapshot Is Acknowledged", answering(installed, { matchIndex: 5 })],
  ["A Snapshot Is Acknowledged", answering(installed, { kind: "heartbeat-response" })],
  [
    "A Leader Sends Its Own Snapshot",
    also(without(transfers, "send-snapshot"), sendSnapshot(snapshot(1, 1))),
  ],
  ["A Leader Sends Its Own Snapshot", also(transfers, sendSnapshot(snapshot(2, 1), "n2"))],
  [
    "A Leader Sends Its Own Snapshot",
    also(stepOf(transfers.after, heartbeatTimeout), sendSnapshot(snapshot(2, 1))),
  ],
  ["A Peer That Lags Is Served", without(served, "send-snapshot")],
  ["A Peer That Lags Is Served", without(receiptOf(leader, heard), "send")],
  ["Proposals Are Taken Within Limits", spoilt(taking, { log: leader.log })],
  [
    "Proposals Are Taken Within Limits",
    { ...taking, config: { ...taking.config, maxCommandChars: 1 } },
  ],
  [
    "Proposals Are Taken Within Limits",
    {
      ...stepOf(taking.after, propose("c")),
      config: { ...taking.config, maxUncommittedChars: 2 },
    },
  ],
  [
    "Messages Keep Their Limits",
    also(stepOf(leader, heartbeatTimeout, { maxEntriesPerMessage: 1 }), sending(wide)),
  ],
  [
    "Messages Keep Their Limits",
    also(stepOf(leader, heartbeatTimeout, { maxCharsPerMessage: 3 }), sending(wide)),
  ],
  ["Every AppendEntries Is Answered", without(accepted, "send")],
  ["Every AppendEntries Is Answered", without(repeated, "send")],
  ["Every AppendEntries Is Answered", answering(repeated, { matchIndex: 3 })],
  ["Every AppendEntries Is Answered", answering(accepted, { to: "n3" })],
  ["Every AppendEntries Is Answered", answering(rejected, { prevLogIndex: 5 })],
  [
    "Every AppendEntries Is Answered",
    also(without(rejected, "send"), sending(message("append-entries-accepted", { to: "n2" }))),
  ],
];

const overSteps = invariants.filter((it): it is OverStep => it.over === "step");
type OverStep = Extract<Always, { over: "step" }>;

describe("invariants of steps", () => {
  it.each(overSteps.map((it) => [it.name, it] as const))(
    "%s: holds of what the kernel does",
    (_, { holds }) => {
      expect(good.filter((step) => !holds(step))).toEqual([]);
    },
  );

  it.each(bad)("%s: can fail (%#)", (name, step) => {
    expect(overSteps.find((it) => it.name === name)?.holds(step)).toBe(false);
  });

  it("each can", () => {
    const failing = new Set(bad.map(([name]) => name));
    expect(overSteps.map(({ name }) => name).filter((name) => !failing.has(name))).toEqual([]);
  });
});

type Progress = ReturnType<typeof leaderRoleOf>["progress"][number];

/** The leader in `state`, which knows this of n3. */
function knowing(state: State, change: Partial<Progress>): ServerView {
  const role = leaderRoleOf(state);
  const progress = role.progress.map((peer) => (peer.id === "n3" ? { ...peer, ...change } : peer));
  return viewOf({ ...state, role: { ...role, progress } }, {}, { maxCharsInFlight: 2 });
}

const flights = [1, 1, 1].map((chars, i) => ({ lastIndex: i + 1, chars }));

const badStates: readonly (readonly [string, ServerView])[] = [
  ["A Transfer Brings What Is Missing", knowing(transfers.after, { matchIndex: 2 })],
  ["A Transfer Brings What Is Missing", knowing(transfers.after, { nextIndex: 4 })],
  ["The Window Is Kept", knowing(leader, { inFlight: flights })],
];

describe("invariants of servers", () => {
  const overServers = invariants.filter((it) => it.over === "server");

  it.each(overServers.map((it) => [it.name, it] as const))(
    "%s: holds of states that the kernel makes",
    (_, { holds }) => {
      const views = [...good.map((step) => viewOf(step.after)), viewOf(null)];
      expect(views.filter((view) => !holds(view))).toEqual([]);
      expect(holds(knowing(leader, { inFlight: flights.slice(0, 2) }))).toBe(true);
    },
  );

  it.each(badStates)("%s: can fail (%#)", (name, view) => {
    expect(overServers.find((it) => it.name === name)?.holds(view)).toBe(false);
  });

  it("each can", () => {
    const failing = new Set(badStates.map(([name]) => name));
    expect(overServers.map(({ name }) => name).filter((name) => !failing.has(name))).toEqual([]);
  });
});
