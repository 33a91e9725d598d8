/** The processes of a local cluster: started, watched, started again, stopped. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { EXIT } from "./exit-codes.ts";
import { localUrls } from "./local.ts";

/** What a local cluster consists of. */
export interface ClusterProcessesOptions {
  readonly servers: number;
  /** The first server's port for clients; the others follow. */
  readonly port: number;
  readonly peerPort: number;
  /** Holds a directory for each server. */
  readonly directory: string;
  /** Where the servers' journals go, each in a directory of its own; null: nowhere. */
  readonly journal: string | null;
  readonly json: boolean;
}

/** A server that died is started again after so long, in milliseconds. */
const RESTART_MS = 500;
/** One that does not go when asked is killed after so long. */
const GRACE_MS = 10_000;

interface Member {
  readonly id: string;
  readonly url: string;
  child: ChildProcess | null;
  /** Whether this run of it served. */
  wasReady: boolean;
}

/** A cluster on loopback addresses. */
export class ClusterProcesses {
  readonly #options: ClusterProcessesOptions;
  readonly #members: readonly Member[];
  readonly #timers = new Set<NodeJS.Timeout>();
  #isStopping = false;
  #isAnnounced = false;
  /** Ends the run where the cluster cannot go on. */
  readonly #broken = Promise.withResolvers<void>();

  constructor(options: ClusterProcessesOptions) {
    this.#options = options;
    this.#members = localUrls(options.servers, options.port).map((url, at) => ({
      id: `n${at + 1}`,
      url,
      child: null,
      wasReady: false,
    }));
  }

  /** Runs it until `stopped`; gives whether it ended because of that. */
  async run(stopped: Promise<void>): Promise<boolean> {
    for (const member of this.#members) this.#start(member);
    const isGood = await Promise.race([
      stopped.then(() => true),
      this.#broken.promise.then(() => false),
    ]);
    await this.#stop();
    return isGood;
  }

  get #memberList(): string {
    const { peerPort } = this.#options;
    return this.#members
      .map(({ id, url }, at) => `${id}=127.0.0.1:${peerPort + at}@${url}`)
      .join(",");
  }

  #say(event: string, member: Member | null, text: string): void {
    const id = member?.id ?? null;
    const pid = member?.child?.pid ?? null;
    const line = this.#options.json ? JSON.stringify({ event, id, pid, text }) : text;
    process.stdout.write(`${line}\n`);
  }

  #start(member: Member): void {
    const { id } = member;
    const { journal } = this.#options;
    const settings = {
      ...(journal === null ? {} : { journal: join(journal, id) }),
      id,
      "data-dir": join(this.#options.directory, id),
      members: this.#memberList,
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    const words = [...process.execArgv, process.argv[1] as string, "serve", ...flags, "--insecure"];
    // Signals of the terminal reach this process only, which stops them one after another.
    const child = spawn(process.execPath, words, {
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    member.child = child;
    member.wasReady = false;
    this.#say("started", member, `${id} is process ${child.pid}`);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => this.#say("output", member, line));
    }
    child.on("message", () => this.#ready(member));
    child.on("error", (error) => this.#say("failed", member, `${id}: ${error.message}`));
    child.on("close", (code, signal) => this.#closed(member, code, signal));
  }

  #ready(member: Member): void {
    member.wasReady = true;
    if (this.#options.json) this.#say("serving", member, `${member.id} serves`);
    if (this.#isAnnounced || !this.#members.every((it) => it.wasReady)) return;
    this.#isAnnounced = true;
    const urls = this.#members.map(({ url }) => url).join(",");
    this.#say("ready", null, `all serve: ${urls}; data in ${this.#options.directory}`);
  }

  #closed(member: Member, code: number | null, signal: NodeJS.Signals | null): void {
    member.child = null;
    if (this.#isStopping) return;
    const how = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
    // What cannot start, or must not go on, will not do better a second time.
    if (!member.wasReady || code === EXIT.failed || code === EXIT.usage) {
      this.#say("broken", member, `${member.id} ${how}: the cluster is stopped`);
      return this.#broken.resolve();
    }
    this.#say("restarting", member, `${member.id} ${how}, and is started again`);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#start(member);
    }, RESTART_MS);
    this.#timers.add(timer);
  }

  /** One after another, so that leadership is handed on as long as there is someone to take it. */
  async #stop(): Promise<void> {
    this.#isStopping = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const { child } of this.#members) {
      if (child === null) continue;
      const closed = new Promise<void>((done) => child.once("close", () => done()));
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
      await closed;
      clearTimeout(timer);
    }
  }
}
