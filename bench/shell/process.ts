/** Processes and places of a run; whatever happens, none of them stays behind. */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The magic number of a file system in memory, by statfs(2). */
const TMPFS = 0x01021994;

const running = new Set<ChildProcess>();
const places = new Set<string>();
let isEnding = false;

/** Whether `command` is installed. */
export function isInstalled(command: string): boolean {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).error === undefined;
}

/** Starts a process that `cleanUp` ends. */
export function start(
  command: string,
  words: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  const child = spawn(command, words, options);
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

/** A new directory on a disk: in the place for temporary files, or here where that is memory. */
export function makePlace(): string {
  const isMemory = statfsSync(tmpdir()).type === TMPFS;
  const place = mkdtempSync(join(isMemory ? process.cwd() : tmpdir(), "quorate-bench-"));
  places.add(place);
  return place;
}

/** Asks all processes to end, waits until they have, and removes what they wrote. */
export async function cleanUp(): Promise<void> {
  isEnding = true;
  // One that was about to be started again after a crash may still join.
  while (running.size > 0) {
    const ends = [...running].map((child) => {
      child.kill("SIGTERM");
      return new Promise((done) => child.once("close", done));
    });
    await Promise.all(ends);
  }
  for (const place of places) rmSync(place, { recursive: true, force: true });
  places.clear();
}

/** Ends the run because a cluster cannot go on: figures of what is left would mislead. */
export function giveUp(reason: string): void {
  if (isEnding) return;
  console.error(reason);
  void cleanUp().then(() => process.exit(1));
}

/** Memory that a process holds (VmRSS of proc(5)), in bytes. */
export function residentBytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1];
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/status has no VmRSS`);
  return Number(kilobytes) * 1024;
}
