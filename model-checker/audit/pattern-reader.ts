/** The move that a pattern says: what is left out of it is left out of this, too. */
import {
  appendEntries,
  type Configuration,
  type Entry,
  entriesBetween,
  type KernelConfig,
  type Log,
  type LogIndex,
  lastIndex,
  logAfter,
  type Message,
  type PersistEffect,
  type Progress,
  type ReadName,
  type Role,
  type SendEffect,
  type ServerId,
  type Snapshot,
  type State,
} from "../../kernel/index.ts";
import type { LocalInput, Move, Up } from "../process.ts";
import { INPUTS, MESSAGES, ROLES } from "./pattern.ts";
import { COMMAND, NO_OP } from "./pattern-writer.ts";

/** A server that was read, with its disk as a log: what is the same later is not told again. */
interface Known extends Up {
  readonly disk: Log;
}

/** Reads the patterns of a cluster, which were written with the same members in the same order. */
export class PatternReader {
  readonly #members: readonly ServerId[];
  #text = "";
  #at = 0;
  /** The entries that stayed, from index 1 on. */
  #entries: readonly (Entry | null)[] = [];

  constructor(members: Iterable<ServerId>) {
    this.#members = [...members];
  }

  /** The move of a server with `config`. Throws InvariantError where its logs are none. */
  move(text: string, config: KernelConfig): Move {
    this.#text = text;
    this.#at = 0;
    this.#entries = this.#many((i) => (this.#flag() ? this.#entry(i + 1) : null));
    const id = this.#server();
    if (!this.#flag()) {
      const { log: _, ...durable } = this.#disk(null);
      const after = this.#up(id, 0, null);
      return { config, before: { kind: "down", id, durable }, after, ...this.#rest() };
    }
    // As many as leave no room, or as always do.
    const chars = this.#flag() ? config.maxUncommittedChars : 0;
    const before = this.#up(id, chars, null);
    const after = this.#up(id, 0, before);
    return { config, before, after, ...this.#rest() };
  }

  #rest(): Pick<Move, "input" | "sent"> {
    return { input: this.#input(), sent: this.#many(() => this.#message()) };
  }

  #up(id: ServerId, uncommittedChars: number, known: Known | null): Known {
    const currentTerm = this.#number();
    const votedFor = this.#id();
    const leaderContact = this.#flag();
    const commitIndex = this.#number();
    const role = this.#role(uncommittedChars);
    const base = this.#snapshot();
    const log = this.#log(base, known?.state.log ?? null);
    const state: State = {
      currentTerm,
      votedFor,
      log,
      commitIndex,
      configurations: [{ index: base.lastIndex, configuration: base.configuration }],
      leaderId: null,
      leaderContact,
      role,
    };
    const { log: disk, ...durable } = this.#disk(known?.disk ?? null);
    const stream = this.#many(() => this.#effect());
    return { kind: "up", id, state, durable, stream, disk };
  }

  #disk(known: Log | null): Up["durable"] & { readonly log: Log } {
    const currentTerm = this.#number();
    const votedFor = this.#id();
    const snapshot = this.#snapshot();
    const log = this.#log(snapshot, known);
    const entries = entriesBetween(log, snapshot.lastIndex + 1, lastIndex(log));
    return { currentTerm, votedFor, snapshot, entries, log };
  }

  #log({ lastIndex, lastTerm }: Snapshot, known: Log | null): Log {
    if (this.#flag() && known !== null) return known;
    return appendEntries(logAfter(lastIndex, lastTerm), this.#part().entries);
  }

  #effect(): PersistEffect | SendEffect {
    if (this.#flag()) return { kind: "send", message: this.#message(), early: false };
    const snapshot = this.#flag() ? this.#snapshot() : null;
    const currentTerm = this.#number();
    const votedFor = this.#id();
    const { entries, lastIndex } = this.#part();
    const lastTerm = entries.at(-1)?.term ?? 0;
    return { kind: "persist", currentTerm, votedFor, snapshot, entries, lastIndex, lastTerm };
  }

  /** Entries in a row. */
  #part(): { previous: LogIndex; lastIndex: LogIndex; entries: readonly Entry[] } {
    const previous = this.#number();
    const lastIndex = this.#number();
    const others = new Map(
      this.#many((): [LogIndex, Entry] => {
        const index = this.#number();
        return [index, this.#entry(index)];
      }),
    );
    const entries = this.#entries.slice(previous, lastIndex).map((entry, i) => {
      const it = others.get(previous + 1 + i) ?? entry;
      if (it === null) throw new Error("a pattern lacks an entry of a log");
      return it;
    });
    return { previous, lastIndex, entries };
  }

  #entry(index: LogIndex): Entry {
    const term = this.#number();
    const kind = this.#number();
    if (kind === NO_OP) return { index, term, payload: { kind: "no-op" } };
    return kind === COMMAND
      ? { index, term, payload: { kind: "command", command: this.#command() } }
      : { index, term, payload: { kind: "configuration", configuration: this.#configuration() } };
  }

  #snapshot(): Snapshot {
    const lastIndex = this.#number();
    const lastTerm = this.#number();
    return { lastIndex, lastTerm, configuration: this.#configuration() };
  }

  #configuration(): Configuration {
    return { voters: this.#ids(), outgoingVoters: this.#ids(), learners: this.#ids() };
  }

  #role(uncommittedChars: number): Role {
    const kind = ROLES[this.#number()];
    if (kind === "follower") return { kind, reads: this.#many(() => this.#read()) };
    if (kind !== "leader") return { kind: kind ?? "candidate", votesGranted: this.#ids() };
    const durableIndex = this.#number();
    const progress = this.#many((): Progress => {
      const id = this.#server();
      const matchIndex = this.#number();
      // Of no account to the specification.
      const nextIndex = matchIndex + 1;
      return { id, matchIndex, nextIndex, mode: "probe", inFlight: [], active: false };
    });
    const transferTo = this.#id();
    const yielded = this.#flag();
    const lease = this.#flag();
    const waiting = this.#names();
    const round = this.#flag()
      ? {
          context: this.#names(),
          index: this.#number(),
          reads: this.#names(),
          acknowledgedBy: this.#ids(),
          isFresh: this.#flag(),
        }
      : null;
    const reads = { round, waiting, lease };
    return { kind, durableIndex, progress, uncommittedChars, transferTo, yielded, reads };
  }

  #input(): LocalInput {
    const kind = INPUTS[this.#number()] as LocalInput["kind"];
    switch (kind) {
      case "message":
        return { kind, message: this.#message() };
      case "propose":
        return { kind, command: this.#command() };
      case "propose-configuration":
        return { kind, voters: this.#ids(), learners: this.#ids() };
      case "read":
        return { kind, read: this.#read() };
      case "transfer-leadership":
        return { kind, to: this.#server() };
      case "snapshot-taken":
        return { kind, lastIndex: this.#number() };
      case "snapshot-sent":
      case "snapshot-failed":
      case "peer-unreachable":
        // Whose is of no account to the specification.
        return { kind, peer: "" };
      default:
        return { kind };
    }
  }

  #message(): Message {
    const kind = MESSAGES[this.#number()] as Message["kind"];
    const to = { from: this.#server(), to: this.#server(), term: this.#number() };
    switch (kind) {
      case "pre-vote-request":
        return { kind, ...to, lastLogIndex: this.#number(), lastLogTerm: this.#number() };
      case "request-vote-request": {
        const last = { lastLogIndex: this.#number(), lastLogTerm: this.#number() };
        return { kind, ...to, ...last, leadershipTransfer: this.#flag() };
      }
      case "pre-vote-response":
      case "request-vote-response":
        return { kind, ...to, voteGranted: this.#flag() };
      case "append-entries-request": {
        const prevLogTerm = this.#number();
        const leaderCommit = this.#number();
        const { previous: prevLogIndex, entries } = this.#part();
        return { kind, ...to, prevLogIndex, prevLogTerm, entries, leaderCommit };
      }
      case "append-entries-accepted":
        return { kind, ...to, matchIndex: this.#number() };
      case "append-entries-rejected":
        // The hints are of no account to the specification.
        return { kind, ...to, prevLogIndex: this.#number(), conflictTerm: 0, conflictIndex: 0 };
      case "heartbeat-request":
        return { kind, ...to, leaderCommit: this.#number(), context: this.#names() };
      case "heartbeat-response":
        return { kind, ...to, context: this.#names() };
      case "install-snapshot-request":
        return { kind, ...to, snapshot: this.#snapshot() };
      case "read-index-request":
        return { kind, ...to, read: this.#read() };
      case "read-index-response":
        return { kind, ...to, read: this.#read(), index: this.#number() };
      case "timeout-now-request":
        return { kind, ...to };
    }
  }

  #names(): readonly ReadName[] {
    return this.#many(() => ({ origin: this.#server(), read: this.#read() }));
  }

  #command(): string {
    return `c${this.#number()}`;
  }

  #read(): string {
    return `r${this.#number()}`;
  }

  #ids(): readonly ServerId[] {
    return this.#many(() => this.#server());
  }

  #server(): ServerId {
    return this.#id() as ServerId;
  }

  #id(): ServerId | null {
    const n = this.#number();
    return n === 0 ? null : (this.#members[n - 1] as ServerId);
  }

  #many<T>(item: (i: number) => T): readonly T[] {
    return Array.from({ length: this.#number() }, (_, i) => item(i));
  }

  #flag(): boolean {
    return this.#number() === 1;
  }

  #number(): number {
    return this.#text.charCodeAt(this.#at++);
  }
}
