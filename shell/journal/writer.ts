/**
 * Writes the journal of one run: lines are gathered, and written at `flush`, before anything that
 * rests on them is seen by others. Not synced to the disk: what a process wrote outlives it, and
 * if the machine stops at once, the end of the journal may be missing, which an audit reports.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Durable, Effect, Event, KernelConfig, State } from "../../kernel/index.ts";
import {
  digestOf,
  fileName,
  type Header,
  headerLine,
  type Line,
  NO_HASH,
  type RunLink,
  sealLine,
  stepLine,
} from "./record.ts";

/** Where a journal is written, and what it is of. */
export interface JournalOptions {
  /** Made where it is missing. Journals of several servers may share it. */
  readonly directory: string;
  /** The cluster's name: an audit refuses journals of different ones. */
  readonly cluster: string;
  readonly server: string;
  /** A file that has so many bytes is followed by another. 64 MiB. */
  readonly maxFileBytes?: number;
}

const version = (createRequire(import.meta.url)("quorate/package.json") as { version: string })
  .version;

/** The journal of one run. Whatever fails once fails for good, and is thrown. */
export class JournalWriter {
  readonly #options: JournalOptions;
  readonly #previous: RunLink | null;
  readonly #run: number;
  readonly #maxFileBytes: number;
  #hash: string;
  #lines: string[] = [];
  #file: number | null = null;
  #fileCount = 0;
  #fileBytes = 0;
  #steps = 0;
  #isStarted = false;
  #isClosed = false;
  #failure: unknown = null;

  constructor(options: JournalOptions, previous: RunLink | null) {
    this.#options = options;
    this.#previous = previous;
    this.#run = (previous?.run ?? 0) + 1;
    this.#maxFileBytes = options.maxFileBytes ?? 64 * 2 ** 20;
    this.#hash = previous?.hash ?? NO_HASH;
  }

  /** Begins with the state that the kernel starts from. */
  started(config: KernelConfig, durable: Durable, _state: State): void {
    const { server } = this.#options;
    if (config.id !== server) {
      throw new Error(`the journal is of ${server}, and the kernel that starts is ${config.id}`);
    }
    if (this.#isStarted) throw new Error(`the journal of ${server} takes one run`);
    this.#isStarted = true;
    this.#nextFile({ quorate: version, previous: this.#previous, config, durable });
    this.flush();
  }

  stepped(event: Event, state: State, effects: readonly Effect[]): void {
    if (this.#isClosed) throw new Error(`the journal of ${this.#options.server} is closed`);
    this.#steps++;
    this.#add(stepLine(this.#hash, event, digestOf(state, effects)));
  }

  flush(): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#lines.length === 0) return;
    try {
      if (this.#file !== null && this.#fileBytes >= this.#maxFileBytes) this.#rotate();
      this.#write(this.#lines.join(""));
      this.#lines = [];
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** Says that the run ends here; not where it failed, for then nobody knows what is written. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#isStarted && this.#failure === null) {
      this.#add(sealLine(this.#hash, this.#steps));
      this.flush();
    }
    if (this.#file !== null) closeSync(this.#file);
  }

  #add({ text, hash }: Line): void {
    this.#lines.push(text);
    this.#hash = hash;
  }

  /** The next lines begin a file. */
  #nextFile(start: Header["start"]): void {
    const { cluster, server } = this.#options;
    const header = { cluster, server, run: this.#run, file: this.#fileCount + 1, start };
    this.#add(headerLine(this.#hash, header));
  }

  #rotate(): void {
    // What waits belongs to the file it was chained in; the header of the next comes after it.
    this.#write(this.#lines.join(""));
    this.#lines = [];
    closeSync(this.#file as number);
    this.#file = null;
    this.#nextFile(null);
  }

  #write(text: string): void {
    if (this.#file === null) this.#open();
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) {
      at += writeSync(this.#file as number, bytes, at);
    }
    this.#fileBytes += bytes.length;
  }

  #open(): void {
    const { directory, server } = this.#options;
    this.#fileCount++;
    // Never onto a file that is there: it is evidence.
    this.#file = openSync(join(directory, fileName(server, this.#run, this.#fileCount)), "wx");
    this.#fileBytes = 0;
  }
}
