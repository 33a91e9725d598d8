/** Servers embedded by promises, and as services of an Effect program. */
import { constants } from "node:buffer";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as Context from "effect/Context";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Layer from "effect/Layer";
import * as Scope from "effect/Scope";
import * as Stream from "effect/Stream";
import { afterEach, describe, expect, test } from "vitest";
import { type Configuration, SnapshotError, type StateMachine } from "../../../kernel/index.ts";
import {
  LocalCluster,
  LocalNetwork,
  memoryStorage,
  NotLeader,
  OutcomeUnknown,
  Refused,
  type Server,
  Stopped,
  Storage,
  StorageError,
  serverLayer,
  sqliteStorage,
  startServer,
  TransportError,
} from "../../../shell/index.ts";

/** Holds the commands in order. */
const list: StateMachine<readonly string[], number> = {
  initial: [],
  apply: (all, command) => ({ state: [...all, command], response: all.length + 1 }),
  snapshot: (all) => JSON.stringify(all),
  restore: (text) => {
    if (!text.startsWith("[")) throw new SnapshotError(`no list: ${text}`);
    return JSON.parse(text) as readonly string[];
  },
};

const { MAX_STRING_LENGTH } = constants;
const alone: Configuration = { voters: ["n1"], outgoingVoters: [], learners: [] };
const three = ["n1", "n2", "n3"];

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), "quorate-embed-"));
  closing.push(() => rmSync(path, { recursive: true }));
  return path;
}

function single(
  storage = memoryStorage(alone),
  network = new LocalNetwork(),
  stateMachine: typeof list = list,
) {
  const options = { id: "n1", peers: new Map(), stateMachine };
  return startServer({ ...options, storage, transport: network.transport("n1") });
}

async function clusterOf(ids: readonly string[]) {
  const cluster = new LocalCluster({ ids, stateMachine: list });
  closing.push(() => cluster.stop());
  await cluster.startAll();
  return cluster;
}

/** Looks again until `isTrue`: a test that waits in vain runs out of its time. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "nothing",
    (error: unknown) => error,
  );

describe("startServer", () => {
  test("proposes, reads and compacts, and goes on where it stopped", async () => {
    const storage = memoryStorage(alone);
    const first = await single(storage);
    await until(() => first.status().role === "leader");
    expect(await first.propose("a")).toBe(1);
    expect(await first.read()).toEqual(["a"]);
    expect((await first.takeSnapshot()).lastIndex).toBe(first.status().appliedIndex);
    expect(first.counters()["snapshots_taken"]).toBe(1);
    expect(await first.propose("b")).toBe(2);
    await first.stop();
    await first.stop();
    expect(await first.failed).toBeInstanceOf(Stopped);

    const second = await single(storage);
    closing.push(second.stop);
    await until(() => second.status().role === "leader");
    expect(await second.propose("c")).toBe(3);
    expect(second.stale()).toEqual(["a", "b", "c"]);
  });

  test("closes what it opened where it cannot start", async () => {
    const network = new LocalNetwork();
    const holder = await single(memoryStorage(alone), network);
    closing.push(holder.stop);
    const storage = sqliteStorage({
      directory: directory(),
      cluster: "test",
      server: "n1",
      founding: alone,
    });
    const options = { id: "n1", peers: new Map(), stateMachine: list, storage };
    const taken = startServer({ ...options, transport: network.transport("n1") });
    expect(await failureOf(taken)).toBeInstanceOf(TransportError);
    const free = new LocalNetwork().transport("n1");
    await (await startServer({ ...options, transport: free })).stop();
  });

  test("runs on a disk, by a layer that is closed with the server", async () => {
    const storage = sqliteStorage({
      directory: directory(),
      cluster: "test",
      server: "n1",
      founding: alone,
    });
    for (const turn of [1, 2]) {
      const transport = new LocalNetwork().transport("n1");
      const options = { id: "n1", peers: new Map(), stateMachine: list };
      const server = await startServer({ ...options, storage, transport });
      await until(() => server.status().role === "leader");
      expect(await server.propose("again")).toBe(turn);
      await server[Symbol.asyncDispose]();
    }
  });

  test("rejects with the very errors", async () => {
    const cluster = await clusterOf(three);
    const leader = await cluster.leader();
    await cluster.propose("a");
    const other = cluster.servers.find(({ id }) => id !== leader.id) as typeof leader;
    await until(() => other.status().leaderId !== null);
    const notLeader = await failureOf(other.propose("b"));
    expect(notLeader).toBeInstanceOf(NotLeader);
    expect(notLeader).toMatchObject({
      leaderId: leader.id,
      message: `not the leader: ask ${leader.id}`,
    });

    const refused = await failureOf(leader.propose("\ud800"));
    expect(refused).toBeInstanceOf(Refused);
    expect(refused).toMatchObject({ reason: "malformed" });

    cluster.network.isolate(leader.id);
    const unknown = failureOf(leader.propose("c"));
    await until(() => leader.status().lastIndex > leader.status().commitIndex);
    await leader.crash();
    expect(await unknown).toBeInstanceOf(OutcomeUnknown);
    expect(await failureOf(leader.propose("d"))).toBeInstanceOf(Stopped);
    expect(await failureOf(leader.read())).toBeInstanceOf(Stopped);
  });

  test("rejects where it cannot start, and leaves nothing behind", async () => {
    const network = new LocalNetwork();
    const server = await single(memoryStorage(alone), network);
    expect(await failureOf(single(memoryStorage(alone), network))).toEqual(
      new TransportError({ message: "another server is n1" }),
    );
    await server.stop();
    await (await single(memoryStorage(alone), network)).stop();

    const timing = { electionTimeout: 10, heartbeatInterval: 10, leaseDuration: 5 };
    const bad = { id: "n1", peers: new Map(), stateMachine: list, timing };
    const start = startServer({
      ...bad,
      storage: memoryStorage(alone),
      transport: network.transport("n1"),
    });
    expect(await failureOf(start)).toEqual(
      new RangeError("heartbeatInterval: 10 is more than half of electionTimeout"),
    );
  });

  test("goes on while a snapshot is made, which is of the state when it began", async () => {
    const madeAfter: number[] = [];
    let answered = 0;
    const stateMachine: typeof list = {
      ...list,
      snapshotParts: function* (all) {
        for (let i = 0; i < 100; i++) {
          madeAfter.push(answered);
          yield " ".repeat(1 << 18);
        }
        yield JSON.stringify(all);
      },
      restore: (text) => list.restore(text.trimStart()),
    };
    const storage = memoryStorage(alone);
    const server = await single(storage, undefined, stateMachine);
    await until(() => server.status().role === "leader");
    await server.propose("before");
    const taken = server.takeSnapshot();
    let isTaken = false;
    void taken.then(() => {
      isTaken = true;
    });
    while (!isTaken) answered = await server.propose("beside");
    const snapshot = await taken;
    await server.stop();
    expect(madeAfter.at(-1)).toBeGreaterThan(10);
    const data = await Effect.runPromise(storage.readSnapshot(snapshot));
    const { length } = list.restore(Buffer.from(data).toString().trimStart());
    // Entry 1 is the leader's no-op.
    expect(length).toBe(snapshot.lastIndex - 1);
    const again = await single(storage, undefined, stateMachine);
    closing.push(again.stop);
    await until(() => again.status().role === "leader");
    expect(await again.read()).toHaveLength(answered);
  });

  test("leaves nothing half-written where it is stopped while it makes a snapshot", async () => {
    let made = 0;
    const stateMachine: typeof list = {
      ...list,
      snapshotParts: function* () {
        for (;;) {
          made++;
          yield " ".repeat(1 << 18);
        }
      },
    };
    const place = join(directory(), "n1");
    const storage = { directory: place, cluster: "c", server: "n1", founding: alone };
    const server = await startServer({
      ...{ id: "n1", peers: new Map(), stateMachine },
      storage: sqliteStorage(storage),
      transport: new LocalNetwork().transport("n1"),
    });
    await until(() => server.status().role === "leader");
    await server.propose("a");
    const taken = failureOf(server.takeSnapshot());
    const files = (): readonly string[] => readdirSync(join(place, "snapshots"));
    await until(() => made > 3 && files().length > 0);
    await server.stop();
    expect(await taken).toBeInstanceOf(Stopped);
    expect(files()).toEqual([]);
    const madeThen = made;
    await new Promise((resolve) => setImmediate(resolve));
    expect(made).toBe(madeThen);
  });

  test("tells the machine where in the log a command is", async () => {
    const stateMachine: typeof list = {
      ...list,
      apply: (all, command, index) => ({ state: [...all, command], response: index }),
    };
    const server = await single(undefined, undefined, stateMachine);
    closing.push(server.stop);
    await until(() => server.status().role === "leader");
    for (const command of ["a", "b"]) {
      expect(await server.propose(command)).toBe(server.status().lastIndex);
    }
    expect(server.status().lastIndex).toBe(3);
  });

  test("stops and says why where the machine makes no snapshot", async () => {
    const stateMachine: typeof list = {
      ...list,
      snapshotParts: function* () {
        yield "[";
        throw new Error("the list is too long");
      },
    };
    const server = await single(undefined, undefined, stateMachine);
    closing.push(server.stop);
    await until(() => server.status().role === "leader");
    await server.propose("a");
    const refused = await failureOf(server.takeSnapshot());
    expect(refused).toBeInstanceOf(Stopped);
    expect((await server.failed).message).toMatch(/^the server failed: .*the list is too long/);
  });

  test("keeps the log where a snapshot would be longer than any server could read", async () => {
    let isLong = true;
    const stateMachine: typeof list = {
      ...list,
      snapshotParts: function* (all) {
        for (let length = 0; isLong && length <= MAX_STRING_LENGTH; length += 1 << 18) {
          yield " ".repeat(1 << 18);
        }
        yield JSON.stringify(all);
      },
    };
    const storage = memoryStorage(alone);
    // What comes of it is not kept: it has half a gigabyte.
    const saveSnapshot: typeof storage.saveSnapshot = (snapshot, chunks) =>
      isLong ? Stream.runDrain(chunks) : storage.saveSnapshot(snapshot, chunks);
    const server = await single({ ...storage, saveSnapshot }, undefined, stateMachine);
    closing.push(server.stop);
    await until(() => server.status().role === "leader");
    await server.propose("a");
    const refused = await failureOf(server.takeSnapshot());
    expect(refused).toMatchObject({ _tag: "Refused", reason: "too-large" });
    expect(await server.propose("b")).toBe(2);
    expect(server.status().snapshotIndex).toBe(0);
    expect(server.counters()["snapshots_too_large"]).toBe(1);
    isLong = false;
    expect((await server.takeSnapshot()).lastIndex).toBe(3);
  }, 60_000);

  test.each<[string, unknown, string]>([
    ["an error", new Error("no stock"), "no stock"],
    ["anything else", "no stock", "no stock"],
    ["nothing", undefined, "undefined"],
  ])("stops and says where, if the machine throws %s", async (_, thrown, expected) => {
    const stateMachine: typeof list = {
      ...list,
      apply: () => {
        throw thrown;
      },
    };
    const server = await single(undefined, undefined, stateMachine);
    closing.push(server.stop);
    await until(() => server.status().role === "leader");
    const outcome = await failureOf(server.propose("a"));
    expect(outcome).toBeInstanceOf(OutcomeUnknown);
    const where = `the state machine threw at entry 2: ${expected}`;
    expect((outcome as OutcomeUnknown).message).toContain(where);
    expect((await server.failed).message).toContain(where);
  });

  test("stops and says so where what is told of its state throws", async () => {
    const server = await startServer({
      ...{ id: "n1", peers: new Map(), stateMachine: list, storage: memoryStorage(alone) },
      transport: new LocalNetwork().transport("n1"),
      onApplied: () => {
        throw "no room";
      },
    });
    closing.push(server.stop);
    expect((await server.failed).message).toContain("onApplied threw: no room");
  });

  test("is let go of by a crash when its storage is, however often it is asked for", async () => {
    let close = (): void => {};
    let isClosed = false;
    const slow = Effect.callback<void>((resume) => {
      close = () => {
        isClosed = true;
        resume(Effect.void);
      };
    });
    const storage = Layer.effect(
      Storage,
      Effect.as(
        Effect.addFinalizer(() => slow),
        memoryStorage(alone),
      ),
    );
    const transport = new LocalNetwork().transport("n1");
    const options = { id: "n1", peers: new Map(), stateMachine: list };
    const server = await startServer({ ...options, storage, transport });
    const first = server.crash();
    await server.failed;
    const wasClosed = server.crash().then(() => isClosed);
    await Promise.race([first, wasClosed, new Promise((resolve) => setImmediate(resolve))]);
    close();
    expect(await wasClosed).toBe(true);
    await first;
  });

  test("refuses to store a snapshot with half of a surrogate pair", async () => {
    const stateMachine: typeof list = { ...list, snapshot: () => "a\ud800b" };
    const server = await single(undefined, undefined, stateMachine);
    closing.push(server.stop);
    await until(() => server.status().role === "leader");
    await server.propose("a");
    expect(await failureOf(server.takeSnapshot())).toBeInstanceOf(Stopped);
    expect((await server.failed).message).toMatch(/the snapshot holds half of a surrogate pair/);
  });

  test("has another take over before it stops", async () => {
    const cluster = await clusterOf(three);
    await cluster.propose("a");
    const leader = await cluster.leader();
    const { term } = leader.status();
    const next = () =>
      cluster.servers.filter((it) => {
        return it !== leader && it.status().role === "leader" && it.status().term > term;
      });
    const stopping = leader.stop();
    expect(leader.stop()).toBe(stopping);
    await stopping;
    expect(next()).toHaveLength(1);
    expect(await leader.failed).toBeInstanceOf(Stopped);
  });

  test("crashes without a word to the others", async () => {
    // Long enough that nobody is elected by the time that this is looked at.
    const timing = { electionTimeout: 1500 };
    const cluster = new LocalCluster({ ids: three, stateMachine: list, timing });
    closing.push(() => cluster.stop());
    await cluster.startAll();
    await cluster.propose("a");
    const leader = await cluster.leader();
    const { term } = leader.status();
    await leader.crash();
    const others = cluster.servers.filter((it) => it !== leader);
    const followers = ["follower", "follower"];
    expect(others.map((it) => it.status().role)).toEqual(followers);
    expect(others.map((it) => it.status().term)).toEqual([term, term]);
  });

  test("is stopped at once by a crash while it hands over", async () => {
    const cluster = await clusterOf(three);
    await cluster.propose("a");
    const leader = await cluster.leader();
    cluster.network.isolate(leader.id);
    const stopping = leader.stop();
    await leader.crash();
    await stopping;
    expect(await leader.failed).toBeInstanceOf(Stopped);
  });

  test("hands over to whom it is told, and says when that failed", async () => {
    const cluster = await clusterOf(three);
    await cluster.propose("a");
    const leader = await cluster.leader();
    const [one, other] = cluster.servers.filter((it) => it !== leader) as [
      typeof leader,
      typeof leader,
    ];
    await leader.transfer(other.id);
    expect(leader.status().leaderId).toBe(other.id);
    expect(await failureOf(leader.transfer(one.id))).toEqual(new NotLeader({ leaderId: other.id }));
    await until(() => other.status().role === "leader");
    expect(await failureOf(other.transfer(other.id))).toMatchObject({ reason: "already-leader" });
    expect(await failureOf(other.transfer("n9"))).toMatchObject({ reason: "not-a-voter" });
    cluster.network.isolate(one.id);
    expect(await failureOf(other.transfer(one.id))).toBeInstanceOf(OutcomeUnknown);
  });

  test("takes in a server that it was told of, and lets one go", async () => {
    const network = new LocalNetwork();
    const none: Configuration = { voters: [], outgoingVoters: [], learners: [] };
    const founder = await single(memoryStorage(alone), network);
    closing.push(founder.stop);
    const newcomer = await startServer({
      id: "n2",
      peers: new Map([["n1", "here"]]),
      stateMachine: list,
      storage: memoryStorage(none),
      transport: network.transport("n2"),
    });
    closing.push(newcomer.stop);
    await until(() => founder.status().role === "leader");
    await founder.propose("a");
    expect(await failureOf(founder.changeMembers({ voters: ["n1"], learners: [] }))).toMatchObject({
      reason: "unchanged",
    });
    await founder.changeMembers({ voters: ["n1"], learners: ["n2"] });
    // It was not told where that one is: nothing arrives there.
    await until(() => founder.status().peers.some(({ mode }) => mode === "probe"));
    expect(newcomer.stale()).toEqual([]);
    founder.setPeers(new Map([["n2", "here"]]));
    await until(() => newcomer.stale().length === 1);
    const learners = founder.status().peers.find(({ id }) => id === "n2");
    await until(() => (founder.status().peers.find(({ id }) => id === "n2")?.matchIndex ?? 0) >= 3);
    expect(learners).toBeDefined();
    await founder.changeMembers({ voters: ["n1", "n2"], learners: [] });
    expect(founder.status().configuration).toMatchObject({ voters: ["n1", "n2"], learners: [] });
    expect(await founder.propose("b")).toBe(2);
    await founder.changeMembers({ voters: ["n1"], learners: [] });
    await newcomer.crash();
    expect(await founder.propose("c")).toBe(3);
  });

  test("says why where the storage fails", async () => {
    const fault = new StorageError({ message: "the disk is full" });
    const storage = { ...memoryStorage(alone), write: () => Effect.fail(fault) };
    const server = await single(storage);
    closing.push(server.stop);
    expect((await server.failed).message).toBe("the storage failed: the disk is full");
  });
});

describe("serverLayer", () => {
  class List extends Context.Service<List, Server<readonly string[], number>>()("test/List") {}

  test("gives the server as a service", async () => {
    const layer = serverLayer(List, { id: "n1", peers: new Map(), stateMachine: list }).pipe(
      Layer.provide(Layer.succeed(Storage, memoryStorage(alone))),
      Layer.provide(new LocalNetwork().transport("n1")),
    );
    const program = Effect.gen(function* () {
      const server = yield* List;
      while ((yield* server.status).role !== "leader") yield* Effect.sleep(1);
      yield* server.propose("a");
      return { server, read: yield* server.read };
    });
    const { server, read } = await Effect.runPromise(Effect.provide(program, layer));
    expect(read).toEqual(["a"]);
    const after = Effect.flip(server.read);
    expect(await Effect.runPromise(after)).toBeInstanceOf(Stopped);
  });
});

test("a server that is a layer hands over before that closes", async () => {
  class List extends Context.Service<List, Server<readonly string[], number>>()("test/List") {}
  const network = new LocalNetwork();
  const founding = { voters: ["n1", "n2"], outgoingVoters: [], learners: [] };
  const peers = new Map(founding.voters.map((id) => [id, "here"]));
  const scopes = founding.voters.map(() => Scope.makeUnsafe());
  const servers = await Promise.all(
    founding.voters.map(async (id, at) => {
      const layer = serverLayer(List, { id, peers, stateMachine: list }).pipe(
        Layer.provide(Layer.succeed(Storage, memoryStorage(founding))),
        Layer.provide(network.transport(id)),
      );
      const scope = scopes[at] as Scope.Closeable;
      const context = await Effect.runPromise(Layer.buildWithScope(layer, scope));
      return Context.get(context, List);
    }),
  );
  const leader = () => servers.findIndex(({ status }) => Effect.runSync(status).role === "leader");
  await until(() => leader() >= 0);
  const first = leader();
  const close = (at: number) => Effect.runPromise(Scope.close(scopes[at] as never, Exit.void));
  await close(first);
  const { role } = Effect.runSync((servers[1 - first] as (typeof servers)[0]).status);
  expect(role).toBe("leader");
  await close(1 - first);
});

describe("LocalCluster", () => {
  test("goes on without its leader, which catches up by a snapshot when it is back", async () => {
    const cluster = await clusterOf(three);
    expect(await cluster.propose("a")).toBe(1);
    const { id } = await cluster.leader();
    await cluster.crash(id);
    expect(cluster.servers).toHaveLength(2);
    expect(await cluster.propose("b", { repeatable: true })).toBe(2);
    await (await cluster.leader()).takeSnapshot();
    expect(await cluster.read()).toEqual(["a", "b"]);

    const back = await cluster.start(id);
    await until(() => back.stale().length === 2);
    expect(back.counters()["snapshots_installed"]).toBe(1);
  });

  test("asks again where the outcome is unknown, if it may", async () => {
    const cluster = await clusterOf(three);
    await cluster.propose("a");
    const leader = await cluster.leader();
    cluster.network.isolate(leader.id);
    const once = failureOf(cluster.propose("once"));
    const repeated = cluster.propose("repeated", { repeatable: true });
    await until(() => leader.status().lastIndex === leader.status().commitIndex + 2);
    await cluster.crash(leader.id);
    expect(await once).toBeInstanceOf(OutcomeUnknown);
    expect(await repeated).toBe(2);
    expect(await cluster.read()).toEqual(["a", "repeated"]);
  });

  test("does not wait for a leader where no server is up", async () => {
    const cluster = await clusterOf(["n1"]);
    await cluster.stop();
    await expect(cluster.read()).rejects.toThrow("no server of this cluster is up");
  });

  test("names a server that it cannot start", async () => {
    const cluster = await clusterOf(["n1"]);
    await expect(cluster.start("n9")).rejects.toThrow("n9 is no server of this cluster");
    await expect(cluster.start("n1")).rejects.toThrow("n1 is up");
  });
});
