/** Builders that keep a kernel test to the lines that matter: the situation and the outcome. */
import {
  baseIndex,
  type Configuration,
  type Durable,
  type Effect,
  type Entry,
  type Event,
  type IgnoreReason,
  initialDurable,
  type KernelConfig,
  kernelConfig,
  type LeaderRole,
  type LogIndex,
  lastIndex,
  lastTerm,
  type Message,
  type PersistEffect,
  type Progress,
  peersOf,
  recover,
  type ServerId,
  type Snapshot,
  type State,
  type StepResult,
  step,
  type Term,
  termAt,
} from "../../kernel/index.ts";

export type Result = StepResult<State>;
type Options = Partial<KernelConfig>;

/** `n1` ... `n<size>`. */
export function names(size: number): readonly ServerId[] {
  return Array.from({ length: size }, (_, position) => `n${position + 1}`);
}

/** The voters `n1` ... `n<size>`, with outgoing voters or learners where a test needs them. */
export function cluster(size: number, more: Partial<Configuration> = {}): Configuration {
  return { voters: names(size), outgoingVoters: [], learners: [], ...more };
}

/** The joint configuration C_old,new. */
export function joint(oldVoters: readonly ServerId[], voters: readonly ServerId[]): Configuration {
  return { voters, outgoingVoters: oldVoters, learners: [] };
}

export function command(index: LogIndex, term: Term, text = `c${index}`): Entry {
  return { index, term, payload: { kind: "command", command: text } };
}

export function noOp(index: LogIndex, term: Term): Entry {
  return { index, term, payload: { kind: "no-op" } };
}

export function configurationEntry(index: LogIndex, term: Term, it: Configuration): Entry {
  return { index, term, payload: { kind: "configuration", configuration: it } };
}

/** Commands with these terms from `first` on: `entries([1, 1, 2])` is a log. */
export function entries(terms: readonly Term[], first: LogIndex = 1): readonly Entry[] {
  return terms.map((term, position) => command(first + position, term));
}

interface Situation extends Partial<Omit<State, "log" | "configurations">> {
  /** The terms of the log's entries, or the entries themselves. */
  readonly log?: readonly (Term | Entry)[];
  readonly founding?: Configuration;
  /** What the log follows, if not the founding configuration. */
  readonly snapshot?: Snapshot;
}

/** The server n1, a follower in the term of its last entry unless told otherwise. */
export function server(situation: Situation = {}): State {
  const { log = [], founding = cluster(3), snapshot: given, ...fields } = situation;
  const founded = initialDurable(founding);
  const snapshot = given ?? founded.snapshot;
  const first = snapshot.lastIndex + 1;
  const stored = log.map((it, at) => (typeof it === "number" ? command(first + at, it) : it));
  const currentTerm = fields.currentTerm ?? stored.at(-1)?.term ?? snapshot.lastTerm;
  const durable: Durable = { ...founded, snapshot, currentTerm, entries: stored };
  return { ...recover(kernelConfig("n1"), durable).state, ...fields };
}

/** One step of n1. */
export function happens(state: State, event: Event, options: Options = {}): Result {
  return step(kernelConfig("n1", options), state, event);
}

/** The state after these events, in order. */
export function after(state: State, events: readonly Event[], options: Options = {}): State {
  return events.reduce((reached, event) => happens(reached, event, options).state, state);
}

export const electionTimeout: Event = { kind: "election-timeout" };
export const heartbeatTimeout: Event = { kind: "heartbeat-timeout" };
export const minimumElectionTimeout: Event = { kind: "minimum-election-timeout" };

export function propose(text: string): Event {
  return { kind: "propose", command: text };
}

/** All that `state` asked to be durable now is. */
export function allPersisted(state: State): Event {
  const { currentTerm, log } = state;
  return { kind: "persisted", currentTerm, lastIndex: lastIndex(log), lastTerm: lastTerm(log) };
}

type OfKind<K extends Message["kind"]> = Extract<Message, { kind: K }>;

const DEFAULTS: { readonly [K in Message["kind"]]: Omit<OfKind<K>, "kind" | "from" | "to"> } = {
  "pre-vote-request": { term: 1, lastLogIndex: 0, lastLogTerm: 0 },
  "pre-vote-response": { term: 1, voteGranted: true },
  "request-vote-request": {
    term: 1,
    lastLogIndex: 0,
    lastLogTerm: 0,
    leadershipTransfer: false,
  },
  "request-vote-response": { term: 1, voteGranted: true },
  "append-entries-request": {
    term: 1,
    prevLogIndex: 0,
    prevLogTerm: 0,
    entries: [],
    leaderCommit: 0,
  },
  "append-entries-accepted": { term: 1, matchIndex: 0 },
  "append-entries-rejected": { term: 1, prevLogIndex: 0, conflictTerm: 0, conflictIndex: 1 },
  "heartbeat-request": { term: 1, leaderCommit: 0, context: [] },
  "heartbeat-response": { term: 1, context: [] },
  "install-snapshot-request": {
    term: 1,
    snapshot: { lastIndex: 1, lastTerm: 1, configuration: cluster(3) },
  },
  "timeout-now-request": { term: 1 },
  "read-index-request": { term: 1, read: "r1" },
  "read-index-response": { term: 1, read: "r1", index: 0 },
};

/** A message from n2 to n1 of term 1, about nothing, except for `fields`. */
export function message<K extends Message["kind"]>(
  kind: K,
  fields: Partial<Omit<OfKind<K>, "kind">> = {},
): OfKind<K> {
  // Spreading a union of records loses which one it is.
  return { kind, from: "n2", to: "n1", ...DEFAULTS[kind], ...fields } as unknown as OfKind<K>;
}

/** One message of each kind. */
export const oneOfEach: readonly Message[] = (Object.keys(DEFAULTS) as Message["kind"][]).map(
  (kind) => message(kind),
);

export function arrival(it: Message): Event {
  return { kind: "message", message: it };
}

/** n1 receives a message. */
export function receive(state: State, it: Message, options: Options = {}): Result {
  return happens(state, arrival(it), options);
}

/** n1 as a candidate of the next term whose vote for itself is durable and counted. */
export function candidateOf(founding: Configuration | number, situation: Situation = {}): State {
  const configuration = typeof founding === "number" ? cluster(founding) : founding;
  const state = server({ ...situation, founding: configuration });
  const candidate = happens(state, electionTimeout, { preVote: false }).state;
  return after(candidate, [allPersisted(candidate)], { preVote: false });
}

/** n1 as the leader of the next term, elected by everyone; its no-op is not durable yet. */
export function leaderOf(founding: Configuration | number, situation: Situation = {}): State {
  let state = candidateOf(founding, situation);
  const configuration = state.configurations.at(-1)?.configuration ?? cluster(0);
  const term = state.currentTerm;
  for (const from of peersOf({ ...configuration, learners: [] }, "n1")) {
    if (state.role.kind === "leader") break;
    state = receive(state, message("request-vote-response", { from, term })).state;
  }
  leaderRoleOf(state);
  return state;
}

/** The leader after its own log is durable and `peers` acknowledged all of it. */
export function acknowledgedBy(state: State, peers: readonly ServerId[], options = {}): State {
  const fields = { term: state.currentTerm, matchIndex: lastIndex(state.log) };
  const acks = peers.map((from) =>
    arrival(message("append-entries-accepted", { ...fields, from })),
  );
  return after(state, [allPersisted(state), ...acks], options);
}

export function leaderRoleOf(state: State): LeaderRole {
  if (state.role.kind !== "leader") throw new Error(`a test expected a leader: ${state.role.kind}`);
  return state.role;
}

/** What the leader knows of `id`. */
export function progressOf(state: State, id: ServerId): Progress {
  const progress = leaderRoleOf(state).progress.find((peer) => peer.id === id);
  if (progress === undefined) throw new Error(`a test expected a peer ${id}`);
  return progress;
}

/** The terms of the log's entries: `[1, 1, 2]`. */
export function termsOf(state: State): readonly Term[] {
  const first = baseIndex(state.log) + 1;
  const length = lastIndex(state.log) + 1 - first;
  return Array.from({ length }, (_, at) => termAt(state.log, first + at));
}

/** The messages a step sends. */
export function sent({ effects }: Result): readonly Message[] {
  return effects.flatMap((effect) => (effect.kind === "send" ? [effect.message] : []));
}

/** The only message a step sends. */
export function reply(result: Result): Message {
  const [first, ...rest] = sent(result);
  if (first === undefined || rest.length > 0) throw new Error("a test expected one message");
  return first;
}

/** The reasons a step gives for ignoring its input. */
export function ignoredFor({ effects }: Result): readonly IgnoreReason[] {
  return effects.flatMap((effect) => (effect.kind === "ignored" ? [effect.reason] : []));
}

/** The timers a step resets. */
export function timersOf({ effects }: Result): readonly string[] {
  return effects.flatMap((effect) => (effect.kind === "reset-timer" ? [effect.timer] : []));
}

/** The indexes a step applies. */
export function appliedBy({ effects }: Result): readonly LogIndex[] {
  return effects.flatMap((effect) =>
    effect.kind === "apply" ? effect.entries.map((entry) => entry.index) : [],
  );
}

/** The write a step asks for. */
export function persistOf({ effects }: Result): PersistEffect | undefined {
  return effects.find((effect) => effect.kind === "persist");
}

export function isSend(effect: Effect): effect is Extract<Effect, { kind: "send" }> {
  return effect.kind === "send";
}

/** Freezes a value all the way down, so that whoever changes it throws. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}

/** What is durable once `persist` is. */
export function persisted(durable: Durable, persist: PersistEffect): Durable {
  const { currentTerm, votedFor, entries } = persist;
  const snapshot = persist.snapshot ?? durable.snapshot;
  const end = persist.lastIndex - entries.length;
  const kept = durable.entries.slice(
    snapshot.lastIndex - durable.snapshot.lastIndex,
    Math.max(0, end - durable.snapshot.lastIndex),
  );
  return { currentTerm, votedFor, snapshot, entries: [...kept, ...entries] };
}
