/** One server under random, well-formed input from peers, not all of whom are correct. */
import fc from "fast-check";
import {
  baseIndex,
  type Durable,
  type Entry,
  type Event,
  type KernelConfig,
  lastIndex,
  type Message,
  type PersistEffect,
  recover,
  type State,
  step,
  termAt,
} from "../../kernel/index.ts";
import {
  arrival,
  cluster,
  command,
  deepFreeze,
  electionTimeout,
  heartbeatTimeout,
  message,
  minimumElectionTimeout,
  oneOfEach,
  persisted,
  propose,
  type Result,
} from "./build.ts";

const KINDS = oneOfEach.map(({ kind }) => kind);

/** Flat data, so that it shrinks well; `resolve` gives it a meaning in the state it meets. */
export const move = fc.record({
  what: fc.constantFrom(
    ...KINDS,
    ...KINDS,
    ...(["election-timeout", "election-timeout", "heartbeat-timeout", "propose"] as const),
    ...(["minimum-election-timeout", "flush", "flush", "flush", "crash"] as const),
    ...(["snapshot-taken", "snapshot-sent", "snapshot-failed", "peer-unreachable"] as const),
    ...(["propose-configuration", "transfer-leadership", "campaign"] as const),
    ...(["read", "read", "lease-timeout"] as const),
  ),
  from: fc.constantFrom("n2", "n3", "n4"),
  /** The message's term against the server's own. */
  ahead: fc.constantFrom(-1, 0, 0, 0, 0, 1),
  index: fc.nat(7),
  other: fc.nat(7),
  agrees: fc.boolean(),
  /** How the terms of the entries go on. */
  steps: fc.array(fc.constantFrom(0, 0, 1), { maxLength: 3 }),
});

export type Move = typeof move extends fc.Arbitrary<infer M> ? M : never;

function entriesAfter(state: State, prev: number, prevTerm: number, it: Move, term: number) {
  const result: Entry[] = [];
  let last = Math.max(1, prevTerm);
  for (const up of it.steps) {
    const index = prev + result.length + 1;
    const own = index <= lastIndex(state.log) ? termAt(state.log, index) : 0;
    last = Math.max(last, Math.min(term, it.agrees && own > 0 ? own : last + up));
    if (last > term) return result;
    result.push(command(index, last));
  }
  return result;
}

function appendEntries(state: State, it: Move, term: number): Message {
  const [base, last] = [baseIndex(state.log), lastIndex(state.log)];
  const prevLogIndex = base + (it.index % (last - base + 2));
  const own = prevLogIndex <= last ? termAt(state.log, prevLogIndex) : 1;
  const wrong = prevLogIndex === 0 ? 0 : 1 + (it.other % Math.max(1, term));
  const prevLogTerm = Math.min(term, it.agrees || prevLogIndex === 0 ? own : wrong);
  const entries = entriesAfter(state, prevLogIndex, prevLogTerm, it, term);
  const fields = { from: it.from, term, prevLogIndex, prevLogTerm, entries };
  return message("append-entries-request", { ...fields, leaderCommit: it.other });
}

function installSnapshot(it: Move, term: number): Message {
  const lastTerm = 1 + (it.other % term);
  const configuration = cluster(3);
  const snapshot = { lastIndex: it.index + 1, lastTerm, configuration };
  return message("install-snapshot-request", { from: it.from, term, snapshot });
}

/** A well-formed message, near what this state would expect. */
function messageFor(state: State, kind: Message["kind"], it: Move): Message {
  const { from } = it;
  const term = Math.max(1, state.currentTerm + it.ahead);
  if (kind === "append-entries-request") return appendEntries(state, it, term);
  if (kind === "install-snapshot-request") return installSnapshot(it, term);
  const numbers = {
    lastLogIndex: it.index,
    lastLogTerm: it.other,
    matchIndex: it.index,
    prevLogIndex: it.index,
    conflictTerm: it.other,
    conflictIndex: it.other,
    leaderCommit: it.index,
    index: it.index,
  };
  const known = Object.entries(message(kind)).map(([field, value]) => {
    return [field, (numbers as Record<string, number>)[field] ?? value];
  });
  const votes = kind.endsWith("vote-response") ? { voteGranted: it.agrees } : {};
  return { ...Object.fromEntries(known), ...votes, from, term } as Message;
}

/** One server, its disk, and the writes that are still on their way to it. */
export interface Host {
  readonly config: KernelConfig;
  readonly state: State;
  readonly durable: Durable;
  readonly writes: readonly PersistEffect[];
}

/** A step as a test sees it. */
export interface Taken {
  readonly before: State;
  readonly event: Event;
  readonly result: Result;
  readonly host: Host;
}

export function boot(config: KernelConfig, durable: Durable): Host {
  return { config, state: recover(config, durable).state, durable, writes: [] };
}

function eventOf(host: Host, it: Move): Event | null {
  const { state, writes } = host;
  switch (it.what) {
    case "election-timeout":
      return electionTimeout;
    case "heartbeat-timeout":
      return heartbeatTimeout;
    case "minimum-election-timeout":
      return minimumElectionTimeout;
    case "propose":
      return propose(`c${it.index}`);
    case "snapshot-taken":
      return { kind: it.what, lastIndex: state.commitIndex - (it.index % 2) };
    case "snapshot-sent":
    case "snapshot-failed":
    case "peer-unreachable":
      return { kind: it.what, peer: it.from };
    case "propose-configuration":
      return { kind: it.what, voters: cluster(1 + (it.index % 4)).voters, learners: [] };
    case "transfer-leadership":
      return { kind: it.what, to: it.from };
    case "read":
      return { kind: it.what, read: `r${it.index}` };
    case "campaign":
    case "lease-timeout":
      return { kind: it.what };
    case "crash":
      return null;
    case "flush": {
      const [write] = writes;
      if (write === undefined) return null;
      const { currentTerm, lastIndex: index, lastTerm } = write;
      return { kind: "persisted", currentTerm, lastIndex: index, lastTerm };
    }
    default:
      return arrival(messageFor(state, it.what, it));
  }
}

/** Makes the move; null where it was no step of the kernel. */
export function make(host: Host, it: Move): { host: Host; taken: Taken | null } {
  const event = eventOf(host, it);
  if (event === null) {
    const crashes = it.what === "crash";
    return { host: crashes ? boot(host.config, host.durable) : host, taken: null };
  }
  let { durable, writes } = host;
  const [write, ...rest] = writes;
  if (it.what === "flush" && write !== undefined) {
    durable = persisted(durable, write);
    writes = rest;
  }
  // Frozen: whoever mutates what it was given, throws.
  const result = step(host.config, deepFreeze(host.state), deepFreeze(event));
  const persists = result.effects.filter((effect) => effect.kind === "persist");
  const next = { ...host, state: result.state, durable, writes: [...writes, ...persists] };
  return { host: next, taken: { before: host.state, event, result, host: next } };
}

/** Every step of a run of `moves`. */
export function run(start: Host, moves: readonly Move[]): readonly Taken[] {
  const all: Taken[] = [];
  let host = start;
  for (const it of moves) {
    const made = make(host, it);
    host = made.host;
    if (made.taken !== null) all.push(made.taken);
  }
  return all;
}

/** A run's beginning: the options that change rules, the cluster, and the moves. */
export const scenario = fc.record({
  preVote: fc.boolean(),
  checkQuorum: fc.boolean(),
  leaseReads: fc.boolean(),
  founding: fc.constantFrom(
    { voters: ["n1"], outgoingVoters: [], learners: ["n2", "n3", "n4"] },
    { voters: ["n1", "n2", "n3"], outgoingVoters: [], learners: ["n4"] },
    { voters: ["n1", "n2"], outgoingVoters: ["n1", "n3", "n4"], learners: [] },
  ),
  moves: fc.array(move, { maxLength: 60, size: "max" }),
});
