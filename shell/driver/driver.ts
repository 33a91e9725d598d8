/**
 * One server at work: takes inputs in batches, steps the kernel, and carries out its effects in
 * order. Synchronous and without a clock of its own: what takes time is left to `Host`, whose
 * outcomes come back as inputs. No decision of the protocol is made here.
 */
import * as Effect from "effect/Effect";
import {
  configurationAt,
  type Durable,
  type Entry,
  type Event,
  type InstallSnapshotRequest,
  type KernelConfig,
  type Effect as KernelEffect,
  type LogIndex,
  lastIndex,
  type Message,
  type PersistEffect,
  recover,
  type Snapshot,
  type State,
  type StateMachine,
  step,
  termAt,
} from "../../kernel/index.ts";
import { type Action, EffectStream, overtakes } from "./effect-stream.ts";
import { Replica, type Restored } from "./replica.ts";
import { type Answer, type Ask, failureOf, Requests } from "./requests.ts";
import {
  type Counters,
  OutcomeUnknown,
  Refused,
  type RequestError,
  type Status,
  Stopped,
} from "./server.ts";
import type { Journal } from "./services.ts";
import { statusOf } from "./status.ts";
import { Timers, type Timing } from "./timers.ts";

/** What can happen to a server. */
export type Input<S, R> =
  | { readonly kind: "event"; readonly event: Event }
  | { readonly kind: "ask"; readonly ask: Ask<S, R> }
  /** A snapshot arrived, is stored, and gave this state. */
  | {
      readonly kind: "snapshot-received";
      readonly message: InstallSnapshotRequest;
      readonly restored: Restored<S>;
    }
  /** The write in flight is durable. */
  | { readonly kind: "written" }
  /** The snapshot that `saveSnapshot` was given is durable. */
  | { readonly kind: "snapshot-saved"; readonly snapshot: Snapshot }
  /** Timers may have run out. */
  | { readonly kind: "wake" };

/** What takes time or reaches out. None of these waits; outcomes come back as inputs. */
export interface Host {
  readonly send: (message: Message) => void;
  readonly sendSnapshot: (message: InstallSnapshotRequest) => void;
  readonly write: (write: PersistEffect) => void;
  readonly saveSnapshot: (snapshot: Snapshot, data: Uint8Array) => void;
}

/**
 * When snapshots are taken without being asked for: the work is in proportion to the state, so it
 * is done when the log has grown in proportion to it (thesis §5.1.3).
 */
export interface SnapshotPolicy {
  /** Take none before so many entries were applied since the last. */
  readonly every: number;
  /** Take none before their commands have so many times the characters of the last's bytes. */
  readonly expansion: number;
  /** So many entries stay in the log after it, for followers that lag a little. */
  readonly trailing: number;
}

export interface DriverOptions<S, R> {
  readonly config: KernelConfig;
  readonly machine: StateMachine<S, R>;
  readonly timing: Timing;
  readonly snapshots: SnapshotPolicy;
  /** Most requests that are not answered yet: more are refused as `overloaded`. */
  readonly maxRequests: number;
  /** Told the machine's state whenever entries were applied. */
  readonly onApplied: (state: S) => void;
}

/** What a driver starts with. */
export interface Boot<S> {
  readonly durable: Durable;
  /** The state of the durable snapshot, where there is one. */
  readonly restored: Restored<S> | null;
  /** Names this run among all runs of the server: reads are named after it. */
  readonly run: string;
  readonly now: number;
  readonly random: () => number;
}

/** An effect, with the request that its step was for. */
interface Item<S, R> {
  readonly effect: Action;
  readonly ask: Ask<S, R> | null;
}

export class Driver<S, R> {
  readonly #options: DriverOptions<S, R>;
  readonly #host: Host;
  readonly #journal: typeof Journal.Service | null;
  readonly #timers: Timers;
  readonly #stream = new EffectStream<Item<S, R>>();
  readonly #requests = new Requests<S, R>();
  readonly #replica: Replica<S, R>;
  readonly #run: string;
  readonly #counters: Record<string, number> = {};
  #state: State;
  #now: number;
  /** What may be done at the end of the batch. */
  #ready: Item<S, R>[] = [];
  #readsAsked: Answer<S>[] = [];
  #readCount = 0;
  /** Received snapshots that the kernel is about to install, in that order. */
  readonly #received: Restored<S>[] = [];
  /** What was asked and is not answered yet. */
  readonly #open = new Set<Ask<S, R>>();
  #saving: Snapshot | null = null;
  /** Of the latest snapshot that was taken here, in bytes. */
  #snapshotBytes = 0;
  /** Characters of the commands applied since that was taken. */
  #appliedChars = 0;
  /** A stored snapshot up to which the log is to be compacted once it has gone on. */
  #saved: Snapshot | null = null;
  #snapshotAsks: Answer<Snapshot>[] = [];
  #stopped: string | null = null;

  /** Throws `InvariantError` where what is durable is not what a kernel left. */
  constructor(
    options: DriverOptions<S, R>,
    host: Host,
    journal: typeof Journal.Service | null,
    { durable, restored, run, now, random }: Boot<S>,
  ) {
    this.#options = options;
    this.#host = host;
    this.#journal = journal;
    this.#timers = new Timers(options.timing, random);
    this.#replica = new Replica(options.machine, restored);
    this.#run = run;
    this.#now = now;
    const { state, effects } = recover(options.config, durable);
    this.#state = state;
    journal?.started(options.config, durable, state);
    for (const effect of effects) {
      // The snapshot was restored before; and nothing else is asked for at a start.
      if (effect.kind === "reset-timer") this.#timers.reset(effect.timer, now);
    }
  }

  /** Lets `inputs` happen, in order, at the time `now` (ms). Throws where a rule is broken. */
  handle(inputs: readonly Input<S, R>[], now: number): void {
    let taken = 0;
    try {
      this.#now = now;
      // A lease ends before anything that came after its time.
      if (this.#timers.takeLease(now)) this.#step({ kind: "lease-timeout" });
      for (const input of inputs) {
        taken++;
        this.#take(input);
      }
      this.#finish(now);
    } catch (error) {
      this.stop((error as Error).message);
      this.refuseAll(inputs.slice(taken));
      throw error;
    }
  }

  #finish(now: number): void {
    this.#askReads();
    // Whatever arrived came before the timeouts that would say it did not.
    for (let due = this.#timers.takeDue(now); due !== null; due = this.#timers.takeDue(now)) {
      this.#step(due);
    }
    this.#carryOut();
    const write = this.#stream.takeWrite();
    if (write !== null) this.#write(write);
  }

  /** When `handle` is due though there be no input. */
  nextLook(now: number): number {
    return this.#timers.nextLook(now);
  }

  get machineState(): S {
    return this.#replica.at.state;
  }

  get status(): Status {
    return statusOf(this.#options.config.id, this.#state, this.#replica.at.index);
  }

  get counters(): Counters {
    return { ...this.#counters, requests_pending: this.#open.size };
  }

  get hasStopped(): boolean {
    return this.#stopped !== null;
  }

  /** Answers everything that was taken, and serves nothing more: see `refuseAll`. */
  stop(reason: string): void {
    if (this.#stopped !== null) return;
    this.#stopped = reason;
    const failure = Effect.fail(new Stopped({ message: reason }));
    for (const answer of [...this.#readsAsked, ...this.#snapshotAsks]) answer(failure);
    this.#requests.stop(reason);
    // What is left had its turn, but no answer got through: a write was in the way.
    const lost = new OutcomeUnknown({ message: `the server stopped meanwhile: ${reason}` });
    for (const ask of this.#open) ask.answer(Effect.fail(lost));
  }

  /** Answers what came too late for a server that has stopped. */
  refuseAll(inputs: readonly Input<S, R>[]): void {
    const failure = Effect.fail(new Stopped({ message: this.#stopped ?? "" }));
    for (const input of inputs) {
      if (input.kind === "ask") input.ask.answer(failure);
    }
  }

  #count(name: string, by = 1): void {
    this.#counters[name] = (this.#counters[name] ?? 0) + by;
  }

  #take(input: Input<S, R>): void {
    switch (input.kind) {
      case "event":
        return void this.#step(input.event);
      case "ask":
        return this.#ask(input.ask);
      case "snapshot-received": {
        const effects = this.#step({ kind: "message", message: input.message });
        const isTaken = effects.some(({ kind }) => kind === "install-snapshot");
        if (isTaken) this.#received.push(input.restored);
        return;
      }
      case "written":
        return this.#written();
      case "snapshot-saved":
        return this.#snapshotSaved(input.snapshot);
      case "wake":
        return;
    }
  }

  /** Steps the kernel, and sorts what it asks for: now, with the batch, or after a write. */
  #step(event: Event, ask: Ask<S, R> | null = null): readonly KernelEffect[] {
    const { state, effects } = step(this.#options.config, this.#state, event);
    this.#state = state;
    this.#journal?.stepped(event, state, effects);
    this.#count("kernel_steps");
    for (const effect of effects) {
      if (effect.kind === "persist") this.#stream.pushWrite(effect);
      else if (effect.kind === "reset-timer") this.#timers.reset(effect.timer, this.#now);
      else {
        const item = { effect, ask };
        if (overtakes(effect) || this.#stream.mayPass(item)) this.#ready.push(item);
      }
    }
    const leads = state.role.kind === "leader" ? this.#options.config.id : state.leaderId;
    this.#requests.follows(leads, state.currentTerm);
    return effects;
  }

  /** Notes that `ask` is not answered until it is. */
  #noted<A extends Ask<S, R>>(ask: A): A {
    const noted: A = {
      ...ask,
      answer: (outcome: Parameters<A["answer"]>[0]) => {
        if (this.#open.delete(noted)) (ask.answer as (it: unknown) => void)(outcome);
      },
    };
    this.#open.add(noted);
    return noted;
  }

  #ask(asked: Ask<S, R>): void {
    if (this.#open.size >= this.#options.maxRequests) {
      return asked.answer(refused("overloaded", this.#state));
    }
    const ask = this.#noted(asked);
    if (ask.kind === "read") return void this.#readsAsked.push(ask.answer);
    if (ask.kind === "take-snapshot") return this.#takeSnapshot(ask.answer);
    if (ask.kind === "propose" && !ask.command.isWellFormed()) {
      // It would not come back from a disk or a peer as it was.
      return ask.answer(refused("malformed", this.#state));
    }
    const { answer, ...event } = ask;
    const effects = this.#step(event, ask);
    const isRefused = effects.some((it) => it.kind === "reject" && it.request === ask.kind);
    // The refusal is answered where its turn comes in the stream.
    if (isRefused) return;
    const index = lastIndex(this.#state.log);
    const term = this.#state.currentTerm;
    if (ask.kind === "propose") this.#requests.proposed(index, term, ask.answer);
    else if (ask.kind === "propose-configuration") this.#requests.changing(index, term, ask.answer);
    else this.#requests.transferring(ask.to, term, ask.answer);
  }

  /** The reads of one batch are one read for the kernel. */
  #askReads(): void {
    if (this.#readsAsked.length === 0) return;
    const read = `${this.#run}.${++this.#readCount}`;
    this.#requests.reading(read, this.#readsAsked);
    this.#count("reads", this.#readsAsked.length);
    this.#readsAsked = [];
    this.#step({ kind: "read", read });
  }

  #written(): void {
    this.#stream.written(({ currentTerm, lastIndex, lastTerm }, released) => {
      for (const item of released) this.#ready.push(item);
      this.#step({ kind: "persisted", currentTerm, lastIndex, lastTerm });
    });
  }

  #write(write: PersistEffect): void {
    // A restart finds nothing on the disk that the journal does not tell of.
    this.#journal?.flush();
    this.#count("writes");
    this.#count("entries_written", write.entries.length);
    this.#host.write(write);
  }

  /** Does what may be done, in order; what has been seen by others is in the journal before. */
  #carryOut(): void {
    this.#journal?.flush();
    const applied = this.#replica.at.index;
    while (this.#ready.length > 0) {
      const items = this.#ready;
      this.#ready = [];
      for (const { effect, ask } of items) this.#perform(effect, ask);
    }
    const { index, state } = this.#replica.at;
    this.#requests.serveReads(index, state);
    if (index === applied) return;
    this.#options.onApplied(state);
    this.#considerSnapshot();
  }

  #perform(effect: Action, ask: Ask<S, R> | null): void {
    switch (effect.kind) {
      case "send":
        return this.#host.send(effect.message);
      case "send-snapshot":
        return this.#host.sendSnapshot(effect.message);
      case "apply":
        for (const entry of effect.entries) this.#apply(entry);
        return;
      case "install-snapshot":
        return this.#install(effect.snapshot);
      case "read-ready":
        return this.#requests.readReady(effect.read, effect.index);
      case "reject":
        this.#count(`rejected_${effect.reason}`);
        if (ask?.kind === effect.request) return ask.answer(Effect.fail(failureOf(effect)));
        return this.#requests.rejected(effect);
      case "ignored":
        return this.#count(`ignored_${effect.reason}`);
      case "reset-timer":
        return;
    }
  }

  #apply(entry: Entry): void {
    this.#requests.applied(entry, this.#replica.apply(entry));
    if (entry.payload.kind === "command") this.#appliedChars += entry.payload.command.length;
    this.#count("entries_applied");
  }

  #install({ lastIndex, lastTerm }: Snapshot): void {
    const restored = this.#received.shift();
    if (restored?.index !== lastIndex || restored.term !== lastTerm) {
      throw new Error(`snapshot ${lastIndex} of term ${lastTerm} is not the one that arrived`);
    }
    this.#replica.install(restored);
    this.#requests.installed(lastIndex);
    this.#count("snapshots_installed");
  }

  /** Where the log begins. */
  get #base(): LogIndex {
    return this.#state.log.entries.start;
  }

  #considerSnapshot(): void {
    const { every, trailing, expansion } = this.#options.snapshots;
    const { index } = this.#replica.at;
    if (this.#saved !== null && index >= this.#saved.lastIndex + trailing) this.#compact();
    if (this.#saving !== null || this.#saved !== null) return;
    if (this.#appliedChars < expansion * this.#snapshotBytes) return;
    if (index - this.#base >= every + trailing) this.#saveSnapshot();
  }

  /** Begins to store the machine as it is; false where the kernel could not tell what it is of. */
  #saveSnapshot(): boolean {
    const { index, term } = this.#replica.at;
    // A received snapshot, which is not durable yet, may have overtaken the machine.
    if (index <= this.#base) return false;
    const { configuration } = configurationAt(this.#state.configurations, index);
    if (configuration.voters.length === 0) return false;
    this.#saving = { lastIndex: index, lastTerm: term, configuration };
    const data = this.#replica.snapshot();
    this.#snapshotBytes = data.length;
    this.#appliedChars = 0;
    this.#host.saveSnapshot(this.#saving, data);
    this.#count("snapshots_taken");
    return true;
  }

  #takeSnapshot(answer: Answer<Snapshot>): void {
    const base = this.#base;
    if (this.#replica.at.index === base && base > 0) {
      const { configuration } = configurationAt(this.#state.configurations, base);
      const lastTerm = termAt(this.#state.log, base);
      return answer(Effect.succeed({ lastIndex: base, lastTerm, configuration }));
    }
    if (this.#saving === null && !this.#saveSnapshot()) {
      return answer(refused("not-ready", this.#state));
    }
    this.#snapshotAsks.push(answer);
  }

  #snapshotSaved(snapshot: Snapshot): void {
    this.#saving = null;
    this.#saved = snapshot;
    if (this.#snapshotAsks.length === 0) return;
    this.#compact();
    const answers = this.#snapshotAsks;
    this.#snapshotAsks = [];
    for (const answer of answers) answer(Effect.succeed(snapshot));
  }

  #compact(): void {
    const { lastIndex } = this.#saved as Snapshot;
    this.#saved = null;
    this.#step({ kind: "snapshot-taken", lastIndex });
  }
}

type Reason = ConstructorParameters<typeof Refused>[0]["reason"];

function refused(reason: Reason, { leaderId }: State): Effect.Effect<never, RequestError> {
  return Effect.fail(new Refused({ reason, leaderId }));
}
