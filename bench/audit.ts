/** What a journal costs a server at each step, and how fast journals are audited. */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Effect,
  type Event,
  initialDurable,
  kernelConfig,
  recover,
  type State,
} from "../kernel/index.ts";
import { audit } from "../model-checker/audit/audit.ts";
import { previousRun } from "../shell/journal/previous-run.ts";
import { JournalWriter } from "../shell/journal/writer.ts";
import { Cluster } from "../test/shell/driver/cluster.ts";
import { median } from "./measure.ts";

/** Rounds of a cluster of three, each with as many proposals to its leader. */
const ROUNDS = 6000;
const PROPOSALS = 8;

export interface AuditFigures {
  readonly steps: number;
  readonly bytesPerStep: number;
  /** Steps written down, hashes and the file system included. */
  readonly writtenPerSecond: number;
  /** Steps replayed and merged; not compared with tla/Raft.tla. */
  readonly replayedPerSecond: number;
  /** Steps of the same journals with all that an audit checks. */
  readonly auditedPerSecond: number;
}

/** What a kernel did, to be written down again and again. */
type Did = readonly (readonly [Event, State, readonly Effect[]])[];

function load(directory: string): Did {
  const writers: JournalWriter[] = [];
  const did: (readonly [Event, State, readonly Effect[]])[] = [];
  const journalOf = (server: string) => {
    const options = { directory, cluster: "bench", server };
    const writer = new JournalWriter(options, previousRun(directory, server));
    writers.push(writer);
    const stepped: JournalWriter["stepped"] = (event, state, effects) => {
      if (server === "n1") did.push([event, state, effects]);
      writer.stepped(event, state, effects);
    };
    const started: JournalWriter["started"] = (...start) => writer.started(...start);
    return { started, stepped, flush: () => writer.flush() };
  };
  const kernel = { maxInFlight: 4, maxEntriesPerMessage: 512 };
  const cluster = new Cluster({ servers: 3, seed: 1, kernel, journalOf });
  const [first] = cluster.servers;
  if (first === undefined) throw new Error("no server");
  cluster.input(first, { kind: "event", event: { kind: "campaign" } });
  for (let round = 0; round < ROUNDS; round++) {
    const leader = cluster.leader();
    for (let i = 0; i < PROPOSALS && leader !== undefined; i++) cluster.ask(leader, "write");
    const arriving = cluster.network;
    cluster.network = [];
    for (const flight of arriving) cluster.deliver(flight);
    for (const server of cluster.servers) {
      cluster.completeWrite(server);
      cluster.completeSnapshot(server);
    }
    if (round % 20 === 0) cluster.pass(20);
  }
  for (const writer of writers) writer.close();
  return did;
}

/** Seconds to write down `did`, flushed at every eighth step as a busy driver does. */
function written(directory: string, did: Did): number {
  const config = kernelConfig("n1");
  const durable = initialDurable({ voters: ["n1"], outgoingVoters: [], learners: [] });
  const options = { directory, cluster: "bench", server: "n1" };
  const writer = new JournalWriter(options, previousRun(directory, "n1"));
  writer.started(config, durable, recover(config, durable).state);
  const started = performance.now();
  did.forEach(([event, state, effects], i) => {
    writer.stepped(event, state, effects);
    if (i % 8 === 0) writer.flush();
  });
  writer.close();
  return (performance.now() - started) / 1000;
}

/** Journals of a cluster under load: how fast they are written, replayed and audited. */
export async function auditFigures(): Promise<AuditFigures> {
  const directory = mkdtempSync(join(tmpdir(), "audit-"));
  const scratch = mkdtempSync(join(tmpdir(), "journal-"));
  try {
    const did = load(directory);
    const writing = Array.from({ length: 5 }, () => written(scratch, did));
    const names = readdirSync(directory);
    const bytes = names.reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
    const rate = async (conformance: boolean): Promise<readonly [number, number]> => {
      const before = performance.now();
      const { verdict, counts } = await audit({ directories: [directory], conformance });
      if (verdict !== "verified") throw new Error("the journals of the bench do not verify");
      return [counts.steps, (counts.steps / (performance.now() - before)) * 1000];
    };
    const [steps] = await rate(false);
    const [, replayedPerSecond] = await rate(false);
    const [, auditedPerSecond] = await rate(true);
    return {
      steps,
      bytesPerStep: bytes / steps,
      writtenPerSecond: did.length / median(writing),
      replayedPerSecond,
      auditedPerSecond,
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
    rmSync(scratch, { recursive: true, force: true });
  }
}
