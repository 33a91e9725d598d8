/** Several servers in this process, to try a state machine with: each may crash and come back. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerId, StateMachine } from "../../kernel/index.ts";
import { NotLeader, OutcomeUnknown, Refused, Stopped } from "../driver/server.ts";
import type { Storage } from "../driver/services.ts";
import type { Timing } from "../driver/timers.ts";
import { memoryStorage } from "../storage/memory.ts";
import { LocalNetwork } from "./local-network.ts";
import { type PromiseServer, startServer } from "./start-server.ts";

/** How often one that waits for a leader looks, in milliseconds. */
const LOOK = 5;

/** What a cluster is made of. */
export interface LocalClusterOptions<S, R> {
  /** The founders. */
  readonly ids: readonly ServerId[];
  readonly stateMachine: StateMachine<S, R>;
  readonly timing?: Partial<Timing>;
}

/** A cluster whose servers keep what they store in memory, through their crashes. */
export class LocalCluster<S, R> {
  readonly network = new LocalNetwork();
  private readonly options: LocalClusterOptions<S, R>;
  private readonly storages: ReadonlyMap<ServerId, Storage["Service"]>;
  private readonly running = new Map<ServerId, PromiseServer<S, R>>();

  /** Starts no server yet: see `start`. */
  constructor(options: LocalClusterOptions<S, R>) {
    this.options = options;
    const founding = { voters: options.ids, outgoingVoters: [], learners: [] };
    this.storages = new Map(options.ids.map((id) => [id, memoryStorage(founding)]));
  }

  /** The servers that are up. */
  get servers(): readonly PromiseServer<S, R>[] {
    return [...this.running.values()];
  }

  /** Starts a server on what it stored before. Throws RangeError where `id` is no founder or up. */
  async start(id: ServerId): Promise<PromiseServer<S, R>> {
    const storage = this.storages.get(id);
    if (storage === undefined) throw new RangeError(`${id} is no server of this cluster`);
    if (this.running.has(id)) throw new RangeError(`${id} is up`);
    const { ids, stateMachine, timing = {} } = this.options;
    const server = await startServer({
      id,
      stateMachine,
      peers: new Map(ids.filter((it) => it !== id).map((it) => [it, "here"])),
      timing,
      storage,
      transport: this.network.transport(id),
    });
    this.running.set(id, server);
    return server;
  }

  /** Starts every server that is down. */
  async startAll(): Promise<void> {
    for (const id of this.options.ids) if (!this.running.has(id)) await this.start(id);
  }

  /** Stops a server without a word to the others. Nothing happens where it is down. */
  async crash(id: ServerId): Promise<void> {
    const server = this.running.get(id);
    this.running.delete(id);
    await server?.crash();
  }

  /** Stops every server. */
  async stop(): Promise<void> {
    await Promise.all(this.options.ids.map((id) => this.crash(id)));
  }

  /** The server that leads in the highest term, as soon as one does. Rejects where none is up. */
  async leader(): Promise<PromiseServer<S, R>> {
    for (;;) {
      const leading = this.servers
        .filter((server) => server.status().role === "leader")
        .toSorted((a, b) => b.status().term - a.status().term)[0];
      if (leading !== undefined) return leading;
      if (this.running.size === 0) throw new Error("no server of this cluster is up");
      await sleep(LOOK);
    }
  }

  /**
   * Has whoever leads carry out a command. Tries again where it definitely did not happen for want
   * of a leader; with `repeatable`, for a command that does once what it does though it be sent
   * twice, also where the outcome is unknown. Rejects with every other `RequestError`, and where
   * no server is up.
   */
  async propose(command: string, { repeatable = false } = {}): Promise<R> {
    for (;;) {
      try {
        return await this.withLeader((leader) => leader.propose(command));
      } catch (error) {
        if (!(repeatable && error instanceof OutcomeUnknown)) throw error;
      }
    }
  }

  /** The machine's state, with all that was answered before; tried again as `propose` is. */
  read(): Promise<S> {
    return this.withLeader((leader) => leader.read());
  }

  private async withLeader<A>(ask: (leader: PromiseServer<S, R>) => Promise<A>): Promise<A> {
    for (;;) {
      try {
        return await ask(await this.leader());
      } catch (error) {
        if (!isForWantOfALeader(error)) throw error;
        await sleep(LOOK);
      }
    }
  }
}

function isForWantOfALeader(error: unknown): boolean {
  if (error instanceof NotLeader || error instanceof Stopped) return true;
  const passing = ["overloaded", "transferring"];
  return error instanceof Refused && passing.includes(error.reason);
}
