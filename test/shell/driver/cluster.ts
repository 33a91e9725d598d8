/**
 * Real drivers in a world that a schedule rules: when messages arrive, are lost or come twice,
 * when writes and snapshots become durable, who crashes, how time passes. Deterministic.
 */
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import {
  configurationOf,
  type Durable,
  type InstallSnapshotRequest,
  initialDurable,
  type KernelConfig,
  type Effect as KernelEffect,
  kernelConfig,
  type LogIndex,
  type Message,
  type PersistEffect,
  type ServerId,
  type Snapshot,
  type StateMachine,
} from "../../../kernel/index.ts";
import { store } from "../../../model-checker/process.ts";
import { Driver, type Host, type Input } from "../../../shell/driver/driver.ts";
import { restored } from "../../../shell/driver/replica.ts";
import type { Ask } from "../../../shell/driver/requests.ts";
import type { RequestError } from "../../../shell/driver/server.ts";
import type { Journal } from "../../../shell/driver/services.ts";
import type { SnapshotPolicy } from "../../../shell/driver/snapshots.ts";
import { defaultTiming, type Timing } from "../../../shell/driver/timers.ts";
import type { Data } from "../../../spec/linearizability/data.ts";
import type { Operation, RegisterInput } from "../../../spec/linearizability/index.ts";
import { randomNumbers } from "../../random-numbers.ts";

/** A register, and how many commands it has taken: so that lost and repeated ones show. */
export interface Register {
  readonly value: string | null;
  readonly taken: number;
}

export const registerMachine: StateMachine<Register, number> = {
  initial: { value: null, taken: 0 },
  apply: ({ taken }, value) => ({ state: { value, taken: taken + 1 }, response: taken + 1 }),
  snapshot: (state) => JSON.stringify(state),
  snapshotParts: function* ({ value, taken }) {
    yield `{"value":${JSON.stringify(value)}`;
    yield `,"taken":${taken}}`;
  },
  restore: (text) => JSON.parse(text) as Register,
};

type Journaled = { readonly barrier: number; readonly early: boolean };

/** What survives a crash, and what does not. */
interface Server {
  readonly id: ServerId;
  durable: Durable;
  readonly snapshots: Map<string, Uint8Array>;
  driver: Driver<Register, number> | null;
  /** The write in flight, and how many it stands for. */
  writing: { readonly write: PersistEffect; readonly count: number } | null;
  /** The snapshot that is being stored. */
  saving: { readonly snapshot: Snapshot; readonly parts: Iterable<string> } | null;
  /** The writes asked for in this run that are not durable yet. */
  awaited: PersistEffect[];
  /** How many writes were asked for, and how many of them are durable, in this run. */
  asked: number;
  done: number;
  /** Before each message of this run: how many writes it must wait for. */
  readonly sends: Map<Message, Journaled>;
  runs: number;
  /** Requests of this run. */
  unanswered: number;
}

/** A message on its way, or a snapshot with its bytes. */
interface InFlight {
  readonly message: Message;
  readonly data: Uint8Array | null;
}

const keyOf = ({ lastIndex, lastTerm }: Snapshot): string => `${lastIndex}-${lastTerm}`;

export interface ClusterOptions {
  readonly servers: number;
  /** Servers that are no members at first. */
  readonly joining?: number;
  readonly kernel?: Partial<KernelConfig>;
  readonly seed: number;
  readonly timing?: Partial<Timing>;
  /** When snapshots are taken: often, where it is not given. */
  readonly snapshots?: SnapshotPolicy;
  /** Breaks a host on purpose: carries out what waits for a write before it is durable. */
  readonly impatient?: boolean;
  /** Makes the journal of one run of a server; none where it is not given. */
  readonly journalOf?: (id: ServerId) => typeof Journal.Service;
}

export class Cluster {
  readonly #options: ClusterOptions;
  readonly servers: readonly Server[];
  network: InFlight[] = [];
  /** Nothing reaches it, and nothing that it sends arrives. */
  isolated: ServerId | null = null;
  now = 0;
  readonly history: Operation<RegisterInput, Data>[] = [];
  /** Invocations, to order the history by. */
  #clock = 0;
  /** A number from 0 up to 1. */
  readonly random: () => number;
  /** The commands that were applied, and where in the log, by whichever server came first. */
  readonly applied: { readonly command: string; readonly index: LogIndex }[] = [];
  readonly faults: string[] = [];
  readonly outcomes = { success: 0, refused: 0, unknown: 0, installed: 0, compacted: 0 };
  /** Reads that a leader of others answered at once, without a round. */
  leasedReads = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.random = randomNumbers(options.seed);
    const ids = Array.from({ length: options.servers }, (_, i) => `n${i + 1}`);
    const joining = Array.from({ length: options.joining ?? 0 }, (_, i) => {
      return `n${options.servers + i + 1}`;
    });
    const founding = { voters: ids, outgoingVoters: [], learners: [] };
    const none = { voters: [], outgoingVoters: [], learners: [] };
    this.servers = [...ids, ...joining].map((id) => ({
      id,
      durable: initialDurable(ids.includes(id) ? founding : none),
      snapshots: new Map(),
      driver: null,
      writing: null,
      saving: null,
      awaited: [],
      asked: 0,
      done: 0,
      sends: new Map(),
      runs: 0,
      unanswered: 0,
    }));
    for (const server of this.servers) this.start(server);
  }

  start(server: Server): void {
    server.runs++;
    server.asked = server.done = 0;
    server.awaited = [];
    server.sends.clear();
    const { snapshot } = server.durable;
    const data = server.snapshots.get(keyOf(snapshot));
    if (snapshot.lastIndex > 0 && data === undefined) {
      this.faults.push(`${server.id} lost the snapshot ${keyOf(snapshot)}`);
      return;
    }
    const options = {
      config: kernelConfig(server.id, { maxInFlight: 2, ...this.#options.kernel }),
      machine: this.#recording(server),
      timing: { ...defaultTiming, ...this.#options.timing },
      snapshots: this.#options.snapshots ?? { every: 4, trailing: 1, expansion: 0.1 },
      maxRequests: 100,
      onApplied: () => {},
    };
    server.driver = new Driver(options, this.#hostOf(server), this.#journalOf(server), {
      durable: server.durable,
      restored: data === undefined ? null : restored(registerMachine, snapshot, data),
      run: `${server.id}.${server.runs}`,
      now: this.now,
      random: () => this.random(),
    });
  }

  /** The machine, with a note of what each server applies where. */
  #recording(server: Server): StateMachine<Register, number> {
    return {
      ...registerMachine,
      apply: (state, command, index) => {
        const result = registerMachine.apply(state, command, index);
        this.applied[result.response] ??= { command, index };
        const first = this.applied[result.response];
        if (first?.command !== command || first.index !== index) {
          const earlier = `${first?.command} at ${first?.index}`;
          this.faults.push(
            `${server.id} applies ${command} at ${index} where ${earlier} was applied`,
          );
        }
        return result;
      },
    };
  }

  #journalOf(server: Server): typeof Journal.Service {
    const journal = this.#options.journalOf?.(server.id);
    return {
      started: (config, durable, state) => journal?.started(config, durable, state),
      stepped: (event, state, effects: readonly KernelEffect[]) => {
        journal?.stepped(event, state, effects);
        const isLed = state.role.kind === "leader" && configurationOf(state).voters.length > 1;
        const isReady = effects.some(({ kind }) => kind === "read-ready");
        if (event.kind === "read" && isLed && isReady) this.leasedReads++;
        for (const effect of effects) {
          if (effect.kind === "persist") {
            server.asked++;
            server.awaited.push(effect);
            if (effect.snapshot !== null) this.outcomes.compacted++;
          }
          if (effect.kind === "install-snapshot") this.outcomes.installed++;
          if (effect.kind === "send") {
            server.sends.set(effect.message, { barrier: server.asked, early: effect.early });
          }
        }
      },
      flush: () => journal?.flush(),
    };
  }

  #hostOf(server: Server): Host {
    return {
      send: (message) => {
        const journaled = server.sends.get(message);
        server.sends.delete(message);
        if (journaled === undefined) this.faults.push(`${server.id} sends what nobody asked for`);
        else if (!journaled.early && journaled.barrier > server.done) {
          this.faults.push(`${server.id} sends ${message.kind} before its write is durable`);
        }
        this.network.push({ message, data: null });
      },
      sendSnapshot: (message: InstallSnapshotRequest) => {
        const data = server.snapshots.get(keyOf(message.snapshot));
        if (data === undefined) this.faults.push(`${server.id} has no bytes to send`);
        else this.network.push({ message, data });
      },
      write: (write) => {
        if (server.writing !== null) this.faults.push(`${server.id} begins two writes`);
        server.writing = { write, count: server.awaited.length };
      },
      saveSnapshot: (snapshot, parts) => {
        server.saving = { snapshot, parts };
      },
    };
  }

  /** Lets something happen to a server that is up. */
  input(server: Server, ...inputs: Input<Register, number>[]): void {
    server.driver?.handle(inputs, this.now);
    if (this.#options.impatient !== true || server.writing === null) return;
    server.writing = null;
    this.input(server, { kind: "written" });
  }

  deliver(flight: InFlight): void {
    const { message, data } = flight;
    if (this.isolated === message.to || this.isolated === message.from) return this.lose(flight);
    const server = this.servers.find(({ id }) => id === message.to);
    if (server === undefined || server.driver === null) return this.lose(flight);
    if (message.kind !== "install-snapshot-request" || data === null) {
      return this.input(server, { kind: "event", event: { kind: "message", message } });
    }
    server.snapshots.set(keyOf(message.snapshot), data);
    const state = restored(registerMachine, message.snapshot, data);
    this.input(server, { kind: "snapshot-received", message, restored: state });
    this.#tellSender(flight, "snapshot-sent");
  }

  /** Does not arrive: of a snapshot, its sender learns that. */
  lose(flight: InFlight): void {
    if (flight.data !== null) this.#tellSender(flight, "snapshot-failed");
  }

  #tellSender({ message }: InFlight, kind: "snapshot-sent" | "snapshot-failed"): void {
    const sender = this.servers.find(({ id }) => id === message.from);
    const event = { kind, peer: message.to };
    if (sender !== undefined) this.input(sender, { kind: "event", event });
  }

  /** The write in flight becomes durable, as do those it stands for. */
  completeWrite(server: Server): void {
    if (server.writing === null) return;
    const { write, count } = server.writing;
    server.writing = null;
    const together = store(server.durable, write);
    const oneByOne = server.awaited.splice(0, count).reduce(store, server.durable);
    if (JSON.stringify(together) !== JSON.stringify(oneByOne)) {
      this.faults.push(`${server.id} merged ${count} writes wrongly`);
    }
    server.done += count;
    server.durable = together;
    this.input(server, { kind: "written" });
  }

  completeSnapshot(server: Server): void {
    if (server.saving === null) return;
    const { snapshot, parts } = server.saving;
    const data = new TextEncoder().encode([...parts].join(""));
    server.saving = null;
    server.snapshots.set(keyOf(snapshot), data);
    this.input(server, { kind: "snapshot-saved", snapshot, bytes: data.length });
  }

  crash(server: Server): void {
    server.driver?.stop("crashed");
    if (server.driver !== null && server.unanswered > 0) {
      this.faults.push(`${server.id} ended with ${server.unanswered} requests not answered`);
    }
    server.unanswered = 0;
    server.driver = null;
    server.writing = server.saving = null;
  }

  /** Asks a server to write a value that nothing else writes, or to read. */
  ask(server: Server, what: "write" | "read"): void {
    const value = `v${this.history.length}`;
    const input = what === "write" ? { kind: "write", value } : { kind: "read" };
    const at = this.history.length;
    const operation = { process: `c${at}`, input: input as RegisterInput, invoked: this.#clock++ };
    this.history.push({ ...operation, response: null });
    const answer = (outcome: Effect.Effect<Register | number, RequestError>): void => {
      server.unanswered--;
      const exit = Effect.runSyncExit(outcome);
      const isDefinite = Exit.isSuccess(exit) || this.#countFailure(exit);
      if (Exit.isFailure(exit)) {
        // What definitely did not happen is no part of the history; a read never matters then.
        if (isDefinite || what === "read") this.#forget.add(at);
        return;
      }
      this.outcomes.success++;
      const output = typeof exit.value === "number" ? null : exit.value.value;
      this.history[at] = { ...operation, response: { at: this.#clock++, output } };
    };
    const ask: Ask<Register, number> =
      what === "write"
        ? { kind: "propose", command: value, answer }
        : { kind: "read", answer: answer as never };
    if (server.driver === null) {
      this.#forget.add(at);
      return;
    }
    server.unanswered++;
    this.input(server, { kind: "ask", ask });
  }

  readonly #forget = new Set<number>();

  /** What clients saw, without what definitely did not happen. */
  get observed(): readonly Operation<RegisterInput, Data>[] {
    return this.history.filter((_, at) => !this.#forget.has(at));
  }

  #countFailure(exit: Exit.Failure<unknown, RequestError>): boolean {
    const isUnknown = JSON.stringify(exit.cause).includes("OutcomeUnknown");
    this.outcomes[isUnknown ? "unknown" : "refused"]++;
    return !isUnknown;
  }

  /** Time passes, and everybody looks at the clock. */
  pass(milliseconds: number): void {
    this.now += milliseconds;
    for (const server of this.servers) this.input(server, { kind: "wake" });
  }

  /** The one that leads in the highest term. */
  leader(): Server | undefined {
    const leading = this.servers.filter(({ driver }) => driver?.status.role === "leader");
    return leading.toSorted((a, b) => termOf(b) - termOf(a))[0];
  }

  /** No faults any more: everything arrives and is stored at once, until `isDone`, or long enough. */
  calm(isDone: () => boolean, rounds = 2000): boolean {
    this.isolated = null;
    for (const server of this.servers) if (server.driver === null) this.start(server);
    for (let round = 0; round < rounds; round++) {
      if (isDone()) return true;
      this.round();
      this.pass(5);
    }
    return isDone();
  }

  /** All that is on its way arrives, and all that is being stored is. */
  round(): void {
    const arriving = this.network;
    this.network = [];
    for (const flight of arriving) this.deliver(flight);
    for (const server of this.servers) {
      this.completeWrite(server);
      this.completeSnapshot(server);
    }
  }
}

function termOf({ driver }: Server): number {
  return driver?.status.term ?? 0;
}
