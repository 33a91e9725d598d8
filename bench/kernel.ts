/** What a step of the kernel costs, and that it does not grow with the log. */
import {
  type Durable,
  type Entry,
  type Event,
  initialDurable,
  type KernelConfig,
  kernelConfig,
  lastIndex,
  type Message,
  type PersistEffect,
  recover,
  type State,
  step,
} from "../kernel/index.ts";
import { nanoseconds, type Work } from "./measure.ts";

const config = kernelConfig("n1", { preVote: false, checkQuorum: false });
const founding = { voters: ["n1", "n2", "n3"], outgoingVoters: [], learners: [] };
const { snapshot } = initialDurable(founding);

/** One operation: how many steps of the kernel it takes, and how many nanoseconds. */
export interface StepCost {
  readonly name: string;
  readonly steps: number;
  readonly nanoseconds: number;
}

/** The cost of one operation at growing lengths of the log. */
export interface Flatness {
  readonly name: string;
  readonly nanoseconds: readonly number[];
  /** Longest against shortest log. */
  readonly ratio: number;
}

/** The lengths at which the cost of a step is compared. */
export const lengths: readonly number[] = [1e2, 1e3, 1e4, 1e5, 1e6];

function entriesUpTo(length: number): Entry[] {
  return Array.from({ length }, (_, i) => {
    return { index: i + 1, term: 1, payload: { kind: "command", command: "x" } };
  });
}

function durableOf(entries: readonly Entry[]): Durable {
  return { currentTerm: 1, votedFor: "n2", snapshot, entries };
}

function arrival(message: Message): Event {
  return { kind: "message", message };
}

function accepted(from: string, term: number, matchIndex: number): Event {
  return arrival({ kind: "append-entries-accepted", from, to: "n1", term, matchIndex });
}

/** Steps, and completes the write that the step asks for. */
function stepAndPersist(settings: KernelConfig, state: State, event: Event): State {
  const { state: next, effects } = step(settings, state, event);
  const write = effects.find((effect): effect is PersistEffect => effect.kind === "persist");
  if (write === undefined) return next;
  const { currentTerm, lastIndex: index, lastTerm } = write;
  return step(settings, next, { kind: "persisted", currentTerm, lastIndex: index, lastTerm }).state;
}

/** n1 leading term 2 with `length` entries and its no-op, all of it on n2 and committed. */
function leaderWith(length: number): State {
  let { state } = recover(config, durableOf(entriesUpTo(length)));
  state = stepAndPersist(config, state, { kind: "election-timeout" });
  const vote = { kind: "request-vote-response", from: "n2", to: "n1", term: 2 } as const;
  state = stepAndPersist(config, state, arrival({ ...vote, voteGranted: true }));
  state = step(config, state, accepted("n2", 2, length + 1)).state;
  if (state.role.kind !== "leader" || state.commitIndex !== length + 1) {
    throw new Error("the leader of the benchmark does not lead");
  }
  return state;
}

/** A follower of n2 in term 1 with `length` entries, all of them committed. */
function followerWith(length: number): State {
  const { state } = recover(config, durableOf(entriesUpTo(length)));
  const head = { kind: "heartbeat-request", from: "n2", to: "n1", term: 1 } as const;
  return step(config, state, arrival({ ...head, leaderCommit: length, context: [] })).state;
}

/** The same, except that nothing is committed. */
function followerWithUncommitted(length: number): State {
  return recover(config, durableOf(entriesUpTo(length))).state;
}

/** Entries appended before the work starts over from the same state: two tails of the log. */
const CHAIN = 64;

/** A command from the proposal to its commitment: propose, persisted, accepted. */
function commit(leader: State): Work {
  return (count) => {
    let state = leader;
    for (let i = 0; i < count; i++) {
      if (i % CHAIN === 0) state = leader;
      state = stepAndPersist(config, state, { kind: "propose", command: "x" });
      state = step(config, state, accepted("n2", 2, lastIndex(state.log))).state;
    }
    return state;
  };
}

/** A follower takes one entry. */
function take(follower: State): Work {
  return (count) => {
    let state = follower;
    for (let i = 0; i < count; i++) {
      if (i % CHAIN === 0) state = follower;
      const prevLogIndex = lastIndex(state.log);
      const entry = { index: prevLogIndex + 1, term: 1, payload: { kind: "no-op" } } as const;
      const head = { from: "n2", to: "n1", term: 1, prevLogIndex, prevLogTerm: 1 } as const;
      // Commits the entry before: one entry a step is applied.
      const body = { entries: [entry], leaderCommit: prevLogIndex };
      state = step(
        config,
        state,
        arrival({ kind: "append-entries-request", ...head, ...body }),
      ).state;
    }
    return state;
  };
}

/** A follower replaces its last entry by another of a later term. */
function replace(follower: State): Work {
  const prevLogIndex = lastIndex(follower.log) - 1;
  const entry = { index: prevLogIndex + 1, term: 2, payload: { kind: "no-op" } } as const;
  const head = { from: "n2", to: "n1", term: 2, prevLogIndex, prevLogTerm: 1 } as const;
  const body = { entries: [entry], leaderCommit: 0 };
  return same(follower, arrival({ kind: "append-entries-request", ...head, ...body }));
}

/** A snapshot of the first half of the log is taken: the prefix goes. */
function compact(follower: State): Work {
  return same(follower, { kind: "snapshot-taken", lastIndex: lastIndex(follower.log) / 2 });
}

/** The same step from the same state, again and again. */
function same(state: State, event: Event): Work {
  return (count) => {
    let result: unknown;
    for (let i = 0; i < count; i++) result = step(config, state, event);
    return result;
  };
}

/** Steps a second on a log of a thousand entries. */
export function stepCosts(): readonly StepCost[] {
  const [leader, follower] = [leaderWith(1000), followerWith(1000)];
  const ofN2 = { from: "n2", to: "n1" } as const;
  const candidacy = {
    kind: "request-vote-request",
    ...ofN2,
    term: 2,
    lastLogTerm: 1,
    leadershipTransfer: false,
  } as const;
  const heartbeat = { kind: "heartbeat-request", ...ofN2, term: 1, context: [] } as const;
  const rows: readonly (readonly [string, number, Work])[] = [
    ["append: propose, persisted, accepted", 3, commit(leader)],
    ["append on a follower, and commit", 1, take(follower)],
    ["vote granted", 1, same(follower, arrival({ ...candidacy, lastLogIndex: 1000 }))],
    ["vote refused", 1, same(follower, arrival({ ...candidacy, lastLogIndex: 999 }))],
    ["heartbeat sent to two peers", 1, same(leader, { kind: "heartbeat-timeout" })],
    ["heartbeat answered", 1, same(follower, arrival({ ...heartbeat, leaderCommit: 0 }))],
  ];
  const costs = nanoseconds(
    rows.map(([, , work]) => work),
    20_000,
  );
  return rows.map(([name, steps], i) => ({ name, steps, nanoseconds: costs[i] as number }));
}

/** The cost of appending, committing, truncating and compacting at every length. */
export function flatness(): readonly Flatness[] {
  const leaders = lengths.map(leaderWith);
  const followers = lengths.map(followerWith);
  const rows: readonly (readonly [string, readonly Work[]])[] = [
    ["commit on a leader (3 steps)", leaders.map(commit)],
    ["append on a follower, and commit", followers.map(take)],
    ["replace the last entry", lengths.map(followerWithUncommitted).map(replace)],
    ["drop the first half: a snapshot", followers.map(compact)],
  ];
  return rows.map(([name, works]) => {
    const costs = nanoseconds(works, 6400);
    return { name, nanoseconds: costs, ratio: (costs.at(-1) as number) / (costs[0] as number) };
  });
}
