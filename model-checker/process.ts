/**
 * One server of the world: a kernel with its disk. Up, it has a state, what is durable, and the
 * stream of effects that wait for writes; a crash leaves what is durable. Pure, and the only
 * place that calls the kernel, so simulator, oracle and engine mean the same by a step.
 */
import {
  baseIndex,
  type Durable,
  type Effect,
  type Event,
  entriesBetween,
  type KernelConfig,
  type Message,
  type PersistEffect,
  recover,
  type SendEffect,
  type ServerId,
  type State,
  step,
} from "../kernel/index.ts";
import type { KernelStep, ServerView } from "../spec/index.ts";
import type { Bounds } from "./bounds.ts";
import { clockObservations } from "./clocks.ts";
import type { Observation } from "./environment.ts";

/** A running server. `stream` is empty or starts with the write in progress. */
export interface Up {
  readonly kind: "up";
  readonly id: ServerId;
  readonly state: State;
  readonly durable: Durable;
  readonly stream: readonly (PersistEffect | SendEffect)[];
}

/** A crashed server. */
export interface Down {
  readonly kind: "down";
  readonly id: ServerId;
  readonly durable: Durable;
}

export type Process = Up | Down;

/** What can happen to one server. */
export type LocalInput =
  | Exclude<Event, { kind: "persisted" }>
  /** The write in progress completes. */
  | { readonly kind: "flush" }
  | { readonly kind: "crash" }
  | { readonly kind: "restart" };

/**
 * One thing that happened to a server, as the specification counts: an input, or the completion
 * of one write, which with synchronous storage follows at once.
 */
export interface Move {
  readonly config: KernelConfig;
  readonly input: LocalInput;
  readonly before: Process;
  readonly after: Process;
  readonly sent: readonly Message[];
}

/** What came of it. */
export interface LocalOutcome {
  readonly process: Process;
  readonly sent: readonly Message[];
  readonly moves: readonly Move[];
  readonly observations: readonly Observation[];
  /** Every call of the kernel, in order: with synchronous storage a write completes at once. */
  readonly steps: readonly KernelStep[];
  /** What the kernel threw, if it did: always a violation. */
  readonly broken: string | null;
}

/** A server that starts with `durable`. */
export function start(config: KernelConfig, durable: Durable): Up {
  const { state } = recover(config, durable);
  return { kind: "up", id: config.id, state, durable, stream: [] };
}

/** What properties see of a process. */
export function viewOf(config: KernelConfig, process: Process): ServerView {
  const state = process.kind === "up" ? process.state : null;
  return { id: process.id, config, state, durable: process.durable };
}

/** A local step in the making. */
interface Progress {
  process: Process;
  readonly config: KernelConfig;
  readonly sent: Message[];
  readonly moves: Move[];
  readonly observations: Observation[];
  readonly steps: KernelStep[];
}

/** Lets `input` happen to `process`. Total: what the kernel throws is in the outcome. */
export function stepProcess(
  config: KernelConfig,
  process: Process,
  input: LocalInput,
  storage: Bounds["storage"],
): LocalOutcome {
  const empty = { sent: [], moves: [], observations: [], steps: [] };
  const progress: Progress = { process, config, ...empty };
  let broken: string | null = null;
  try {
    carryOut(progress, input);
    while (storage === "synchronous" && isWriting(progress.process)) {
      carryOut(progress, { kind: "flush" });
    }
  } catch (error) {
    broken = error instanceof Error ? error.message : String(error);
  }
  const { sent, moves, observations, steps } = progress;
  return { process: progress.process, sent, moves, observations, steps, broken };
}

function isWriting(process: Process): boolean {
  return process.kind === "up" && process.stream.length > 0;
}

function carryOut(progress: Progress, input: LocalInput): void {
  const { process: before, config, sent, moves } = progress;
  const sentBefore = sent.length;
  carryOutInput(progress, input);
  moves.push({ config, input, before, after: progress.process, sent: sent.slice(sentBefore) });
}

function carryOutInput(progress: Progress, input: LocalInput): void {
  const { process, config } = progress;
  const { id, durable } = process;
  if (input.kind === "crash") {
    progress.process = { kind: "down", id, durable };
    observeClocks(progress, process, []);
  } else if (input.kind === "restart") {
    progress.process = start(config, durable);
    observeClocks(progress, process, recover(config, durable).effects);
  } else if (input.kind === "flush") {
    flush(progress);
  } else {
    callKernel(progress, input);
  }
}

/** Steps the kernel and queues its effects: early sends leave, others wait behind writes. */
function callKernel(progress: Progress, event: Event): void {
  const { process, config } = progress;
  if (process.kind === "down") return;
  const before = process.state;
  const { state, effects } = step(config, before, event);
  progress.steps.push({ config, before, event, after: state, effects });
  observe(progress, event, { before, after: state, effects });
  const stream = [...process.stream];
  for (const effect of effects) {
    if (effect.kind === "persist") stream.push(effect);
    const send = sendOf(effect);
    if (send === null) continue;
    if (send.early || stream.length === 0) progress.sent.push(send.message);
    else stream.push(send);
  }
  progress.process = { ...process, state, stream: inCanonicalOrder(stream) };
  observeClocks(progress, process, effects);
}

/** Clocks matter only where leases are used: elsewhere they would split equal states. */
function observeClocks(progress: Progress, before: Process, effects: readonly Effect[]): void {
  const { config, process, observations } = progress;
  if (config.leaseReads) observations.push(...clockObservations(before, process, effects));
}

/** What an effect puts on the network: here a snapshot's bytes take no time. */
function sendOf(effect: Effect): SendEffect | null {
  if (effect.kind === "send") return effect;
  if (effect.kind !== "send-snapshot") return null;
  return { kind: "send", message: effect.message, early: true };
}

/** The write in progress completes: what waited for it leaves, and the kernel is told. */
function flush(progress: Progress): void {
  const { process } = progress;
  const write = process.kind === "up" ? process.stream[0] : undefined;
  if (process.kind === "down" || write?.kind !== "persist") return;
  const next = process.stream.findIndex(({ kind }, i) => i > 0 && kind === "persist");
  const end = next === -1 ? process.stream.length : next;
  for (const effect of process.stream.slice(1, end)) {
    if (effect.kind === "send") progress.sent.push(effect.message);
  }
  const durable = store(process.durable, write);
  progress.process = { ...process, durable, stream: process.stream.slice(end) };
  const { currentTerm, lastIndex: last, lastTerm } = write;
  callKernel(progress, { kind: "persisted", currentTerm, lastIndex: last, lastTerm });
}

/** What is durable once `write` is. */
export function store(durable: Durable, write: PersistEffect): Durable {
  const { currentTerm, votedFor, entries } = write;
  const snapshot = write.snapshot ?? durable.snapshot;
  const end = write.lastIndex - entries.length;
  const kept = durable.entries.filter(({ index }) => index > snapshot.lastIndex && index <= end);
  return { currentTerm, votedFor, snapshot, entries: [...kept, ...entries] };
}

/**
 * The stream with the sends between two writes sorted by receiver: they leave together, so only
 * the order on each link can be seen, and states that behave alike must be equal.
 */
export function inCanonicalOrder(stream: Up["stream"]): Up["stream"] {
  const result: (PersistEffect | SendEffect)[] = [];
  let sends: SendEffect[] = [];
  const release = (): void => {
    sends.sort((a, b) => (a.message.to < b.message.to ? -1 : a.message.to > b.message.to ? 1 : 0));
    result.push(...sends);
    sends = [];
  };
  for (const effect of stream) {
    if (effect.kind === "send") sends.push(effect);
    else {
      release();
      result.push(effect);
    }
  }
  release();
  return result;
}

function observe(
  progress: Progress,
  event: Event,
  { before, after, effects }: Pick<KernelStep, "before" | "after" | "effects">,
): void {
  const { observations, config } = progress;
  if (event.kind === "read") observations.push({ kind: "read-asked", read: event.read });
  for (const effect of effects) {
    if (effect.kind === "read-ready") observations.push(effect);
    if (effect.kind === "reject" && effect.request === "read" && effect.read !== null) {
      observations.push({ kind: "read-rejected", read: effect.read });
    }
  }
  if (after.role.kind === "leader" && before.role.kind !== "leader") {
    observations.push({ kind: "elected", id: config.id, term: after.currentTerm });
  }
  if (after.commitIndex > before.commitIndex) {
    const from = Math.max(before.commitIndex, baseIndex(after.log)) + 1;
    const entries = entriesBetween(after.log, from, after.commitIndex);
    observations.push({ kind: "committed", term: after.currentTerm, entries });
  }
}
