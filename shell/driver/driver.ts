/**
 * One server at work: takes inputs in batches, steps the kernel, and carries out its effects in
 * order. Synchronous and without a clock of its own: what takes time is left to `Host`, whose
 * outcomes come back as inputs. No decision of the protocol is made here.
 */
import * as Effect from "effect/Effect";
import {
  type Durable,
  type Entry,
  type Event,
  type InstallSnapshotRequest,
  type KernelConfig,
  type Effect as KernelEffect,
  lastIndex,
  type Message,
  type PersistEffect,
  recover,
  type Snapshot,
  type State,
  type StateMachine,
  step,
} from "../../kernel/index.ts";
import { type Action, EffectStream, overtakes } from "./effect-stream.ts";
import { Replica, type Restored } from "./replica.ts";
import { type Answer, type Ask, failureOf, Requests, refused } from "./requests.ts";
import { type Counters, OutcomeUnknown, type Status, Stopped } from "./server.ts";
import type { Journal } from "./services.ts";
import { type SnapshotPolicy, Snapshots } from "./snapshots.ts";
import { statusOf } from "./status.ts";
import { hosted, saidBy } from "./thrown.ts";
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
  /** The snapshot that `saveSnapshot` was given is durable, and has so many bytes. */
  | { readonly kind: "snapshot-saved"; readonly snapshot: Snapshot; readonly bytes: number }
  /** It was given up after so many bytes: no server could read more. */
  | { readonly kind: "snapshot-too-large"; readonly bytes: number }
  /** Timers may have run out. */
  | { readonly kind: "wake" };

/** What takes time or reaches out. None of these waits; outcomes come back as inputs. */
export interface Host {
  readonly send: (message: Message) => void;
  readonly sendSnapshot: (message: InstallSnapshotRequest) => void;
  readonly write: (write: PersistEffect) => void;
  /** `parts` make the snapshot's text when they are asked for, as of now. */
  readonly saveSnapshot: (snapshot: Snapshot, parts: Iterable<string>) => void;
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
  readonly #snapshots: Snapshots;
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
    this.#snapshots = new Snapshots(options.snapshots, {
      save: (snapshot) => this.#saveSnapshot(snapshot),
      compact: (lastIndex) => void this.#step({ kind: "snapshot-taken", lastIndex }),
    });
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
      this.stop(saidBy(error));
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
    for (const answer of this.#readsAsked) answer(failure);
    this.#snapshots.stop(reason);
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
        return this.#snapshots.saved(input.snapshot, input.bytes);
      case "snapshot-too-large":
        this.#count("snapshots_too_large");
        return this.#snapshots.tooLarge(input.bytes, this.#state);
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
    if (ask.kind === "take-snapshot") {
      return this.#snapshots.asked(ask.answer, this.#state, this.#replica.at);
    }
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
    hosted("onApplied threw", () => this.#options.onApplied(state));
    this.#snapshots.consider(this.#state, this.#replica.at);
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
    this.#snapshots.applied(entry);
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

  #saveSnapshot(snapshot: Snapshot): void {
    this.#host.saveSnapshot(snapshot, this.#replica.snapshot());
    this.#count("snapshots_taken");
  }
}
