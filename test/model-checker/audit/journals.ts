/** Journals of real drivers in a simulated cluster, for audits to read. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StepCheck } from "../../../model-checker/audit/conform.ts";
import { journalFiles } from "../../../model-checker/audit/files.ts";
import { ServerReplay, type Transition } from "../../../model-checker/audit/replay.ts";
import { type Survey, survey } from "../../../model-checker/audit/survey.ts";
import { loadConformanceOf } from "../../../model-checker/conformance.ts";
import type { Conformance } from "../../../model-checker/conformance-contract.ts";
import { previousRun } from "../../../shell/journal/previous-run.ts";
import { JournalWriter } from "../../../shell/journal/writer.ts";
import { Cluster, type ClusterOptions } from "../../shell/driver/cluster.ts";

/** A directory that is gone once `use` is done. */
export async function inDirectory<T>(use: (directory: string) => Promise<T> | T): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "journals-"));
  try {
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A cluster whose servers keep journals; `seal` ends those of the runs that still go on. */
export function journaledCluster(
  directory: string,
  options: ClusterOptions,
  { cluster = "test", maxFileBytes = 20_000 } = {},
): { readonly cluster: Cluster; readonly seal: () => void } {
  const writers = new Map<string, JournalWriter>();
  const journalOf = (server: string): JournalWriter => {
    const journal = { directory, cluster, server, maxFileBytes };
    const writer = new JournalWriter(journal, previousRun(directory, server));
    writers.set(server, writer);
    return writer;
  };
  return {
    cluster: new Cluster({ ...options, journalOf }),
    seal: () => {
      for (const writer of writers.values()) writer.close();
    },
  };
}

function surveyed(files: ReturnType<typeof journalFiles>): Survey {
  const reading = survey(files);
  let read = reading.next();
  while (read.done !== true) read = reading.next(false);
  return read.value;
}

/** Every step of a cluster with such a life, as its journals show it. */
export async function transitionsOf(options: ClusterOptions, life: (cluster: Cluster) => void) {
  return inDirectory((directory) => {
    const { cluster, seal } = journaledCluster(directory, options);
    life(cluster);
    seal();
    const files = journalFiles([directory]);
    const { members, founding, configs } = surveyed(files);
    const [config] = configs;
    if (config === undefined) throw new Error("no run");
    const seen: Transition[] = [];
    const observer = { started: () => {}, stepped: (it: Transition) => void seen.push(it) };
    for (const [server, own] of files) {
      for (const _ of new ServerReplay(server, "test", observer).replay(own));
    }
    const load = (): Promise<Conformance> => loadConformanceOf(members, founding, config);
    return { seen, load, members, key: StepCheck.settingsOf(config) };
  });
}

/** What a cluster of three goes through: elections, crashes, snapshots, changes of members. */
export function busyLife(c: Cluster, rounds: number, crashes = 0.01): void {
  const answer = (): void => {};
  for (let round = 0; round < rounds; round++) {
    const leader = c.leader();
    if (leader !== undefined && c.random() < 0.5) c.ask(leader, "write");
    if (leader !== undefined && c.random() < 0.1) c.ask(leader, "read");
    const any = c.servers[Math.floor(c.random() * c.servers.length)] as (typeof c.servers)[number];
    if (c.random() < crashes) c.crash(any);
    if (any.driver === null && c.random() < 0.1) c.start(any);
    if (leader !== undefined && c.random() < 0.01) {
      const ids = c.servers.map(({ id }) => id).filter(() => c.random() < 0.8);
      const ask = { kind: "propose-configuration", voters: ids, learners: [], answer } as const;
      c.input(leader, { kind: "ask", ask });
    }
    const arriving = c.network.filter(() => c.random() < 0.9);
    c.network = c.network.filter((it) => !arriving.includes(it) && c.random() < 0.5);
    for (const flight of arriving) if (c.random() < 0.95) c.deliver(flight);
    for (const server of c.servers) {
      if (c.random() < 0.7) c.completeWrite(server);
      if (c.random() < 0.5) c.completeSnapshot(server);
    }
    c.pass(5 + Math.floor(c.random() * 20));
  }
}

/** The files of a directory, by name. */
export function contentsOf(directory: string): Map<string, string> {
  const names = readdirSync(directory).sort();
  return new Map(names.map((name) => [name, readFileSync(join(directory, name), "utf8")]));
}

export function write(directory: string, files: ReadonlyMap<string, string>): void {
  for (const name of readdirSync(directory)) rmSync(join(directory, name));
  for (const [name, text] of files) writeFileSync(join(directory, name), text);
}
