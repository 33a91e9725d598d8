/** Servers over real connections: they elect, commit, survive a loss and bring each other up. */
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Layer from "effect/Layer";
import * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import { afterEach, describe, expect, it } from "vitest";
import {
  type Durable,
  initialDurable,
  type PersistEffect,
  type ServerId,
  type StateMachine,
} from "../../../kernel/index.ts";
import { makeServer } from "../../../shell/driver/make-server.ts";
import type { Server } from "../../../shell/driver/server.ts";
import { Storage, Transport } from "../../../shell/driver/services.ts";
import {
  identityUri,
  type TransportOptions,
  TransportStatus,
  tcpTransport,
} from "../../../shell/transport/index.ts";
import { type Authority, makeAuthority } from "./certificates.ts";
import { CLUSTER, plain, until } from "./network.ts";

const IDS: readonly ServerId[] = ["n1", "n2", "n3"];

/** A list of all commands. */
const machine: StateMachine<readonly string[], number> = {
  initial: [],
  apply: (state, command) => ({ state: [...state, command], response: state.length + 1 }),
  snapshot: (state) => JSON.stringify(state),
  restore: (text) => JSON.parse(text) as readonly string[],
};

/** What is durable as long as the test runs. */
class Memory {
  private durable: Durable = initialDurable({ voters: IDS, outgoingVoters: [], learners: [] });
  private readonly snapshots = new Map<number, Uint8Array>();

  readonly service: typeof Storage.Service = {
    load: Effect.sync(() => this.durable),
    write: (write) => Effect.sync(() => this.write(write)),
    saveSnapshot: ({ lastIndex }, chunks) =>
      Effect.map(Stream.runCollect(chunks), (all) => {
        this.snapshots.set(lastIndex, Buffer.concat(all));
      }),
    readSnapshot: ({ lastIndex }) =>
      Effect.sync(() => this.snapshots.get(lastIndex) ?? new Uint8Array()),
  };

  private write(write: PersistEffect): void {
    const first = write.lastIndex - write.entries.length + 1;
    const kept = this.durable.entries.filter(({ index }) => index < first);
    const { currentTerm, votedFor } = write;
    const snapshot = write.snapshot ?? this.durable.snapshot;
    const entries = [...kept, ...write.entries].filter(({ index }) => index > snapshot.lastIndex);
    this.durable = { currentTerm, votedFor, snapshot, entries };
  }
}

/** One server of a test, which can be stopped and started again at the same address. */
class Member {
  readonly id: ServerId;
  readonly memory = new Memory();
  address = "";
  server: Server<readonly string[], number> | null = null;
  transport: typeof Transport.Service | null = null;
  status: typeof TransportStatus.Service | null = null;
  private scope: Scope.Closeable | null = null;

  constructor(id: ServerId) {
    this.id = id;
  }

  async start(options: TransportOptions): Promise<void> {
    const scope = Effect.runSync(Scope.make());
    this.scope = scope;
    const context = await Effect.runPromise(Layer.buildWithScope(tcpTransport(options), scope));
    const starting = makeServer({
      id: this.id,
      stateMachine: machine,
      peers: new Map(),
      snapshots: { every: 20, trailing: 2 },
    }).pipe(
      Effect.provideService(Storage, this.memory.service),
      Effect.provide(context),
      Scope.provide(scope),
    );
    this.server = await Effect.runPromise(starting);
    this.transport = Context.get(context, Transport);
    this.status = Context.get(context, TransportStatus);
    const bound = await Effect.runPromise(this.status.address);
    this.address = `127.0.0.1:${bound?.port}`;
  }

  async stop(): Promise<void> {
    const { scope } = this;
    this.server = null;
    this.scope = null;
    if (scope !== null) await Effect.runPromise(Scope.close(scope, Exit.void));
  }
}

const members = new Map<ServerId, Member>();
afterEach(async () => {
  await Promise.all([...members.values()].map((it) => it.stop()));
  members.clear();
});

function meet(): void {
  const addresses = new Map([...members.values()].map((it) => [it.id, it.address]));
  for (const it of members.values()) if (it.server !== null) it.transport?.setPeers(addresses);
}

async function startAll(options: (id: ServerId) => Promise<TransportOptions>): Promise<void> {
  for (const id of IDS) {
    const member = new Member(id);
    members.set(id, member);
    await member.start(await options(id));
  }
  meet();
}

/** Has a command committed by whoever leads. */
async function commit(command: string): Promise<void> {
  for (;;) {
    for (const { server } of members.values()) {
      if (server === null) continue;
      const exit = await Effect.runPromiseExit(server.propose(command));
      if (Exit.isSuccess(exit)) return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function leader(): Member | undefined {
  return [...members.values()].find((it) => {
    return it.server !== null && Effect.runSync(it.server.status).role === "leader";
  });
}

function applied(it: Member): readonly string[] {
  return it.server === null ? [] : Effect.runSync(it.server.stale);
}

async function secured(authority: Authority, id: ServerId): Promise<TransportOptions> {
  const tls = await authority.issue({ names: [identityUri(CLUSTER, id)] });
  return { id, cluster: CLUSTER, listen: { host: "127.0.0.1", port: 0 }, tls };
}

describe("a cluster over TCP", () => {
  it("elects and commits by mutual TLS", async () => {
    const authority = await makeAuthority("ours");
    await startAll((id) => secured(authority, id));
    await commit("x");
    await until(() => [...members.values()].every((it) => applied(it).includes("x")));
  });

  it("goes on without a server, and brings it up by a snapshot when it is back", async () => {
    await startAll(async (id) => plain(id));
    await commit("first");
    const lost = [...members.values()].find((it) => it !== leader()) as Member;
    await lost.stop();
    for (let i = 0; i < 60; i++) await commit(`c${i}`);
    await lost.start(plain(lost.id));
    meet();
    await until(() => applied(lost).includes("c59"));
    const counters = await Effect.runPromise(
      lost.status?.counters ?? Effect.succeed<Readonly<Record<string, number>>>({}),
    );
    expect(counters["snapshots_received"]).toBeGreaterThan(0);
    const others = [...members.values()].filter((it) => it !== lost);
    await until(() => others.every((it) => applied(it).length === applied(lost).length));
    for (const it of others) expect(applied(it)).toEqual(applied(lost));
  });
});
