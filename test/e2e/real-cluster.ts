/** A cluster of real processes on a real disk, through the command line, as a user has it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

/** Clients' ports of servers, and those of peers, which are 1,000 further on. */
const NEEDED = [0, 1, 2, 3, 4, 1000, 1001, 1002, 1003, 1004];

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  server.once("error", () => resolve(false));
  server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  return promise;
}

/**
 * The first of some ports that nobody listens at. They are below those that systems give to
 * whoever dials: of these, any may be taken by the time that a server wants it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const free = await Promise.all(NEEDED.map((offset) => isFree(port + offset)));
    if (free.every(Boolean)) return port;
  }
}

interface Note {
  readonly event: string;
  readonly id: string | null;
  readonly pid: number | null;
  readonly text: string;
}

/** `quorate cluster --json`, and what it has said so far. */
export class RealCluster {
  readonly directory: string = mkdtempSync(join(tmpdir(), "quorate-e2e-"));
  readonly notes: Note[] = [];
  readonly urls: readonly string[];
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();

  constructor(servers: number, port: number) {
    this.urls = Array.from({ length: servers }, (_, at) => `http://127.0.0.1:${port + at}`);
    const words = ["cluster", "--servers", String(servers), "--port", String(port), "--json"];
    const places = ["--data-dir", join(this.directory, "data"), "--journal", this.journals];
    this.#child = spawn(process.execPath, [MAIN, ...words, ...places], {
      env: { ...process.env, NODE_V8_COVERAGE: undefined },
      stdio: ["ignore", "pipe", "inherit"],
    });
    createInterface({ input: this.#child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      this.notes.push(JSON.parse(line) as Note);
      for (const look of this.#waiting) look();
    });
  }

  get journals(): string {
    return join(this.directory, "journals");
  }

  /** Waits until it has said `event` of `id`, so many times. */
  async said(event: string, id: string | null, times = 1): Promise<Note> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.notes.filter((note) => note.event === event && note.id === id);
        const broken = this.notes.find((note) => note.event === "broken");
        if (found.length < times && broken === undefined) return;
        this.#waiting.delete(look);
        if (found.length >= times) resolve(found[times - 1] as Note);
        else reject(new Error(this.notes.map(({ text }) => text).join("\n")));
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** How often it has said `event` of `id`. */
  count(event: string, id: string): number {
    return this.notes.filter((note) => note.event === event && note.id === id).length;
  }

  /** Sends a signal to the process that is `id` now. */
  signal(id: string, signal: NodeJS.Signals): void {
    const started = this.notes.findLast((note) => note.event === "started" && note.id === id);
    process.kill(started?.pid as number, signal);
  }

  /** Kills a server as a crash would, and waits until it serves again. */
  async crash(id: string): Promise<void> {
    const times = this.count("serving", id);
    this.signal(id, "SIGKILL");
    await this.said("serving", id, times + 1);
  }

  /** Ends all, as Ctrl-C would; gives the exit code. */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    const closed = once(this.#child, "close");
    this.#child.kill("SIGTERM");
    await closed;
    return this.#child.exitCode;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
