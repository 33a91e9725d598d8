/**
 * Replays the journal of one server through the kernel: the chain of hashes, each start from what
 * the run before can have left, and each step's outcome. Gives every step to whoever checks more.
 */
import {
  type Durable,
  type Effect,
  type Event,
  type KernelConfig,
  lastIndex,
  type Message,
  recover,
  type State,
  step,
} from "../../kernel/index.ts";
import { type JournalFile, linesOf, type RawLine } from "./files.ts";
import {
  claimedHash,
  digestOf,
  type Header,
  isWhole,
  NO_HASH,
  type Record,
  type RunStart,
  readLine,
} from "./format.ts";
import { carriedOut, diskOf, flushed, type Host, mayHaveLeft } from "./host.ts";
import { fail, type Place, type ServerReport } from "./report.ts";

/** One step of a kernel, with the server around it. */
export interface Transition {
  readonly place: Place;
  readonly config: KernelConfig;
  readonly event: Event;
  readonly before: Host;
  readonly after: Host;
  readonly effects: readonly Effect[];
  /** What left the server with it. */
  readonly sent: readonly Message[];
}

/** Who looks at what a replay shows, in order. */
export interface Observer {
  /** A run began; `isFirst` where nothing is known of what came before. */
  readonly started: (place: Place, config: KernelConfig, host: Host, isFirst: boolean) => void;
  readonly stepped: (transition: Transition) => void;
}

export class ServerReplay {
  readonly #server: string;
  readonly #cluster: string;
  readonly #observer: Observer;
  #hash = NO_HASH;
  #host: Host | null = null;
  #config: KernelConfig | null = null;
  #run = 0;
  #runStep = 0;
  #steps = 0;
  #runs = 0;
  #crashes = 0;
  #isSealed = true;
  /** A line that was not finished: nothing may follow it in its run. */
  #torn: Place | null = null;
  /** Whether all that it did is given: runs from the first on, which began with nothing stored. */
  isComplete = true;

  constructor(server: string, cluster: string, observer: Observer) {
    this.#server = server;
    this.#cluster = cluster;
    this.#observer = observer;
  }

  /** Replays the files of the server, in order; gives the steps so far after each line. */
  *replay(files: readonly JournalFile[]): Generator<number> {
    let previous: JournalFile | null = null;
    for (const file of files) {
      this.#follows(file, previous);
      let count = 0;
      for (const line of linesOf(file.path)) {
        this.#take(file, line);
        count++;
        yield this.#steps;
      }
      if (count === 0) this.#torn = this.#placeOf(file, 1);
      previous = file;
    }
  }

  report(files: readonly JournalFile[]): ServerReport {
    const state = this.#host?.state;
    return {
      server: this.#server,
      runs: this.#runs,
      files: files.length,
      bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      steps: this.#steps,
      term: state?.currentTerm ?? 0,
      commitIndex: state?.commitIndex ?? 0,
      lastIndex: state === undefined ? 0 : lastIndex(state.log),
      head: this.#hash,
      isSealed: this.#isSealed,
      crashes: this.#crashes,
    };
  }

  #placeOf({ path, run }: JournalFile, line: number, step: number | null = null): Place {
    return { server: this.#server, run, file: path, line, step };
  }

  /** Whether `file` is the next one after `previous`. */
  #follows(file: JournalFile, previous: JournalFile | null): void {
    const place = this.#placeOf(file, 1);
    const isNext =
      previous === null
        ? file.file === 1
        : file.run === previous.run
          ? file.file === previous.file + 1
          : file.run === previous.run + 1 && file.file === 1;
    if (!isNext) {
      const after = previous === null ? "the beginning" : previous.path;
      fail("Complete Journal", `a file is missing between ${after} and ${file.path}`, place);
    }
    if (previous === null) this.isComplete = file.run === 1;
    if (file.run === previous?.run && this.#torn !== null) {
      fail("Complete Journal", "the file ends within a line, and another follows it", this.#torn);
    }
    if (file.run === this.#run) return;
    if (this.#run > 0 && !this.#isSealed) this.#crashes++;
    this.#run = file.run;
    this.#runStep = 0;
  }

  #take(file: JournalFile, line: RawLine): void {
    const place = this.#placeOf(file, line.number, this.#runStep);
    if (line.isTorn) {
      if (isWhole(line)) fail("Hash Chain", "the line break at the end was changed", place);
      this.#torn = place;
      return;
    }
    // A run of which the first line alone is left over has nothing to go on from.
    if (line.number === 1 && file.file === 1 && !this.isComplete && this.#runs === 0) {
      this.#hash = linkOf(line) ?? this.#hash;
    }
    const { record, hash } = readLine(line, this.#hash, place);
    if (record.kind === "header" ? line.number > 1 : line.number === 1) {
      fail("Format", "a file begins with its header, which is nowhere else", place);
    }
    try {
      this.#consume(record, file, place);
    } catch (error) {
      // JSON is parsed however deep it is nested; not so what walks through it.
      if (error instanceof RangeError) fail("Format", `no room for this: ${error.message}`, place);
      throw error;
    }
    this.#hash = hash;
  }

  #consume(record: Record, file: JournalFile, place: Place): void {
    if (record.kind === "header") this.#begin(record.header, file, place);
    else if (this.#isSealed) fail("Complete Journal", "a line follows the seal", place);
    else if (record.kind === "step") this.#step(record.event, record.digest, place);
    else this.#seal(record.steps, place);
  }

  #begin(header: Header, file: JournalFile, place: Place): void {
    if (header.cluster !== this.#cluster) {
      const what = `a journal of cluster ${header.cluster}, among those of ${this.#cluster}`;
      fail("One Cluster", what, place);
    }
    const { server, run, start } = header;
    if (server !== this.#server || run !== file.run || header.file !== file.file) {
      const what = `this is file ${header.file} of run ${run} of ${server}: it was renamed`;
      fail("Format", what, place);
    }
    if ((start !== null) !== (file.file === 1)) fail("Format", "a run starts in file 1", place);
    if (start !== null) this.#start(start, { ...place, step: 0 });
    else if (this.#isSealed) fail("Complete Journal", "a file follows the seal", place);
  }

  #start({ previous, config, durable }: RunStart, place: Place): void {
    this.#torn = null;
    if (config.id !== this.#server) fail("Format", `the kernel is ${config.id}`, place);
    if (this.#host !== null) {
      if (previous?.run !== place.run - 1 || previous.hash !== this.#hash) {
        const what = `the run before ended in another line than it does here: lines of it`;
        fail("Hash Chain", `${what} are missing`, place);
      }
      if (!mayHaveLeft(this.#host, durable)) {
        const what = "what is durable here lies not between what the run before knew to be";
        fail("Durable State", `${what} stored and what it had asked to be stored`, place);
      }
    }
    const isFirst = this.#host === null;
    if (isFirst && !isNothing(durable)) this.isComplete = false;
    try {
      const { state } = recover(config, durable);
      this.#host = { state, disk: diskOf(durable), stream: [] };
    } catch (error) {
      fail("Durable State", `the kernel refuses it: ${(error as Error).message}`, place);
    }
    this.#config = config;
    this.#runs++;
    this.#isSealed = false;
    this.#observer.started(place, config, this.#host as Host, isFirst);
  }

  #step(event: Event, digest: string, at: Place): void {
    this.#runStep++;
    this.#steps++;
    const place = { ...at, step: this.#runStep };
    const config = this.#config as KernelConfig;
    const before = this.#host as Host;
    const flush = event.kind === "persisted" ? confirmed(before, event, place) : null;
    const { state, effects } = stepped(config, before.state, event, place);
    for (const effect of effects) {
      if (effect.kind !== "ignored" || effect.reason !== "malformed") continue;
      fail("Format", `event.message is no message: ${effect.detail}`, place);
    }
    if (digestOf(state, effects) !== digest) {
      const what = "the kernel comes to another state or other effects than the journal has";
      fail("Reproducible Step", what, place, event);
    }
    const { host, sent } = carriedOut(flush?.host ?? before, state, effects);
    this.#host = host;
    const all = flush === null ? sent : [...flush.sent, ...sent];
    this.#observer.stepped({ place, config, event, before, after: host, effects, sent: all });
  }

  #seal(steps: number, place: Place): void {
    if (steps !== this.#runStep) {
      fail("Complete Journal", `sealed after ${steps} steps, of which ${this.#runStep} are here`, {
        ...place,
      });
    }
    this.#isSealed = true;
  }
}

/** Whether a new server has as little. */
function isNothing({ currentTerm, votedFor, snapshot, entries }: Durable): boolean {
  return currentTerm + snapshot.lastIndex + entries.length === 0 && votedFor === null;
}

/** Where a first line says that its run goes on from. */
function linkOf(line: RawLine): string | null {
  if (claimedHash(line) === null) return null;
  try {
    const header = JSON.parse(line.text ?? "") as Partial<Header>;
    return header.start?.previous?.hash ?? null;
  } catch {
    return null;
  }
}

/** A write is reported durable: the first of those that were asked for. */
function confirmed(
  before: Host,
  event: Extract<Event, { kind: "persisted" }>,
  place: Place,
): ReturnType<typeof flushed> {
  const flush = flushed(before);
  const { write } = flush;
  const isIt =
    write !== null &&
    write.currentTerm === event.currentTerm &&
    write.lastIndex === event.lastIndex &&
    write.lastTerm === event.lastTerm;
  if (!isIt) fail("Durable State", "no such write was asked for", place, event);
  return flush;
}

function stepped(config: KernelConfig, state: State, event: Event, place: Place) {
  try {
    return step(config, state, event);
  } catch (error) {
    return fail("Reproducible Step", `the kernel stops: ${(error as Error).message}`, place, event);
  }
}
