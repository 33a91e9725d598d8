/** A server on durable storage: what it answered outlives it. */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import { expect, it } from "vitest";
import type { StateMachine } from "../../../kernel/index.ts";
import { makeServer } from "../../../shell/driver/make-server.ts";
import type { Server } from "../../../shell/driver/server.ts";
import { Transport } from "../../../shell/driver/services.ts";
import {
  inspectStorage,
  readBackup,
  restoreBackup,
  type StorageOptions,
  saveBackup,
  sqliteStorage,
} from "../../../shell/storage/index.ts";
import { newOptions, using } from "./places.ts";

type Words = readonly string[];

const machine: StateMachine<Words, number> = {
  initial: [],
  apply: (words, word) => ({ state: [...words, word], response: words.length + 1 }),
  snapshot: (words) => JSON.stringify(words),
  restore: (text) => JSON.parse(text) as Words,
};

/** A server that is its own cluster needs no network. */
const alone = Layer.succeed(Transport, {
  start: () => Effect.void,
  send: () => {},
  sendSnapshot: () => Effect.void,
  setPeers: () => {},
});

/** Runs a server, and uses it once it leads: its first entry is applied then. */
function serving<A, E>(
  options: StorageOptions,
  use: (server: Server<Words, number>) => Effect.Effect<A, E>,
): Promise<A> {
  const program = Effect.gen(function* () {
    const leads = yield* Deferred.make<void>();
    const server = yield* makeServer({
      id: options.server,
      stateMachine: machine,
      peers: new Map(),
      onApplied: () => Deferred.doneUnsafe(leads, Effect.void),
    });
    yield* Deferred.await(leads);
    return yield* use(server);
  });
  const services = Layer.merge(sqliteStorage(options), alone);
  return Effect.runPromise(Effect.scoped(Effect.provide(program, services)));
}

const founding = { voters: ["n1"], outgoingVoters: [], learners: [] };

it("what was answered outlives the server, its compacted log, and its cluster", async () => {
  const options = { ...newOptions(), founding };
  await serving(options, (server) =>
    Effect.gen(function* () {
      expect(yield* server.propose("a")).toBe(1);
      expect(yield* server.propose("b")).toBe(2);
      yield* server.takeSnapshot;
      expect(yield* server.propose("c")).toBe(3);
    }),
  );
  const { lastIndex, currentTerm, faults } = inspectStorage(options.directory);
  expect({ lastIndex, currentTerm, faults }).toEqual({ lastIndex: 4, currentTerm: 1, faults: [] });
  const snapshot = await serving(options, (server) =>
    Effect.gen(function* () {
      expect(yield* server.read).toEqual(["a", "b", "c"]);
      return yield* server.takeSnapshot;
    }),
  );
  const data = await using(options, ({ readSnapshot }) => readSnapshot(snapshot));
  const file = `${options.directory}.backup`;
  await saveBackup(file, options.cluster, snapshot, data);
  expect(readBackup(file).header.snapshot).toEqual(snapshot);
  const restored: StorageOptions = {
    ...{ directory: `${options.directory}-m1`, cluster: "d", server: "m1" },
    founding: { ...founding, voters: ["m1"] },
  };
  await restoreBackup(file, restored);
  await serving(restored, (server) =>
    Effect.gen(function* () {
      expect(yield* server.read).toEqual(["a", "b", "c"]);
      expect(yield* server.propose("d")).toBe(4);
    }),
  );
});
