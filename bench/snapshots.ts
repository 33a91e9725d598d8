/** How long a server stands still at most, by itself and while it takes a snapshot of many keys. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LocalNetwork } from "../shell/embed/local-network.ts";
import { type PromiseServer, startServer } from "../shell/embed/start-server.ts";
import { bareCommand } from "../shell/machines/cluster.ts";
import { serviceMachine } from "../shell/service/machine.ts";
import { sqliteStorage } from "../shell/storage/index.ts";
import { median } from "./measure.ts";

const KEYS = 100_000;
const VALUE = "x".repeat(256);
const CLIENTS = 64;
const ROUNDS = 5;

/** Milliseconds, medians of several rounds. */
export interface SnapshotFigures {
  readonly keys: number;
  readonly longestPauseWithoutMs: number;
  readonly longestPauseWithMs: number;
  readonly snapshotTakesMs: number;
}

function machineOfManyKeys() {
  const machine = serviceMachine();
  const { sessions } = machine.initial;
  const items = sessions.machine.items.clone();
  for (let i = 1; i <= KEYS; i++) items.set(`key-${i}`, { value: VALUE, revision: i });
  const inner = { revision: KEYS, items };
  return { ...machine, initial: { ...machine.initial, sessions: { ...sessions, machine: inner } } };
}

/** The longest time that a timer of a millisecond took while `work` went on, and how long it did. */
async function pauseOf(work: () => Promise<unknown>): Promise<{ pause: number; took: number }> {
  const started = performance.now();
  let last = started;
  let pause = 0;
  const look = (): void => {
    const now = performance.now();
    pause = Math.max(pause, now - last);
    last = now;
  };
  const timer = setInterval(look, 1);
  await work();
  look();
  clearInterval(timer);
  return { pause, took: performance.now() - started };
}

async function measure(server: PromiseServer<unknown, unknown>): Promise<SnapshotFigures> {
  let isOver = false;
  let puts = 0;
  const clients = Array.from({ length: CLIENTS }, async () => {
    while (!isOver) {
      const put = { op: "put", key: `key-${(puts++ % KEYS) + 1}`, value: VALUE };
      await server.propose(bareCommand(JSON.stringify(put)));
    }
  });
  const without: number[] = [];
  const during: { readonly pause: number; readonly took: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    without.push((await pauseOf(() => sleep(1000))).pause);
    during.push(await pauseOf(() => server.takeSnapshot()));
  }
  isOver = true;
  await Promise.all(clients);
  return {
    keys: KEYS,
    longestPauseWithoutMs: median(without),
    longestPauseWithMs: median(during.map(({ pause }) => pause)),
    snapshotTakesMs: median(during.map(({ took }) => took)),
  };
}

/** The figures of a server of one, under puts by many clients at once, on a disk. */
export async function snapshotFigures(): Promise<SnapshotFigures> {
  const folder = mkdtempSync(join(tmpdir(), "quorate-bench-"));
  const founding = { voters: ["n1"], outgoingVoters: [], learners: [] };
  const directory = join(folder, "n1");
  const server = await startServer({
    id: "n1",
    peers: new Map(),
    stateMachine: machineOfManyKeys(),
    storage: sqliteStorage({ directory, cluster: "bench", server: "n1", founding }),
    transport: new LocalNetwork().transport("n1"),
    snapshots: { every: Number.MAX_SAFE_INTEGER },
  });
  try {
    while (server.status().role !== "leader") await sleep(5);
    return await measure(server);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}
