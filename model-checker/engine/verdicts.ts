/**
 * The properties, each evaluated once for each different view it sees: a process, two logs, a
 * server's log with the committed sequence. Only how many servers satisfy a quorum property is
 * counted for every state.
 */
import type { Configuration, ServerId } from "../../kernel/index.ts";
import {
  type Always,
  always,
  type CommittedEntry,
  type CommittedHistory,
  isMajorityOfCommitted,
  type KernelStep,
  type LogView,
  logViewOf,
} from "../../spec/index.ts";
import { type Bounds, foundingConfiguration, kernelConfigOf, serverNames } from "../bounds.ts";
import { encode } from "../canonical.ts";
import type { Environment } from "../environment.ts";
import { type Process, viewOf } from "../process.ts";
import { Int32List } from "./growable.ts";

type Over<K extends Always["over"]> = Extract<Always, { over: K }>;

function thoseOver<K extends Always["over"]>(over: K): readonly Over<K>[] {
  return always.filter((property): property is Over<K> => property.over === over);
}

const overServer = thoseOver("server");
const overPair = thoseOver("pair");
const overStep = thoseOver("step");
const overHistory = thoseOver("history");
const overServerHistory = thoseOver("server-history");
const overQuorum = thoseOver("quorum-history");

/** In a byte of verdicts: it was computed; a property over a server's history fails. */
const KNOWN = 1;
const FAILS = 2;
const FIRST_QUORUM_BIT = 2;

/** Values with dense ids. */
class Interned<T> {
  readonly values: T[] = [];
  private readonly ids = new Map<string, number>();

  intern(value: T): number {
    const text = encode(value);
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    this.ids.set(text, this.values.length);
    return this.values.push(value) - 1;
  }
}

/** A square of verdict bytes over two kinds of ids. */
class VerdictGrid {
  private bytes = new Uint8Array(1 << 16);
  private columns = 1 << 8;

  get(row: number, column: number): number {
    return column < this.columns ? (this.bytes[row * this.columns + column] ?? 0) : 0;
  }

  set(row: number, column: number, verdict: number): void {
    while (column >= this.columns) this.resize(this.columns * 2, this.bytes.length * 2);
    while ((row + 1) * this.columns > this.bytes.length) {
      this.resize(this.columns, this.bytes.length * 2);
    }
    this.bytes[row * this.columns + column] = verdict;
  }

  private resize(columns: number, length: number): void {
    const { bytes: old, columns: oldColumns } = this;
    this.bytes = new Uint8Array(length);
    this.columns = columns;
    if (columns === oldColumns) return this.bytes.set(old);
    for (let row = 0; row * oldColumns < old.length; row++) {
      this.bytes.set(old.subarray(row * oldColumns, (row + 1) * oldColumns), row * columns);
    }
  }
}

/** Remembered verdicts. A verdict is a property's name, or null where all hold. */
export class Verdicts {
  private readonly bounds: Bounds;
  private readonly logs = new Interned<LogView["log"]>();
  private readonly founding: Configuration;
  private readonly views = new Interned<LogView>();
  private readonly committed = new Interned<readonly CommittedEntry[]>();
  /** By committed sequence and set of servers: whether they are a majority of its voters. */
  private readonly majorities: (Uint8Array | undefined)[] = [];
  private readonly logOf = new Int32List();
  private readonly viewOf = new Int32List();
  private readonly committedOf = new Int32List();
  private readonly ofProcess: (string | null)[] = [];
  private readonly ofEnvironment: (string | null)[] = [];
  private readonly pairs = new VerdictGrid();
  private readonly histories = new VerdictGrid();
  private readonly names: readonly ServerId[];
  private readonly servers: number;

  constructor(bounds: Bounds) {
    this.bounds = bounds;
    this.names = serverNames(bounds);
    this.servers = this.names.length;
    this.founding = foundingConfiguration(bounds);
  }

  /** A process was interned; ids come in order. */
  addProcess(process: Process): void {
    const view = viewOf(kernelConfigOf(this.bounds, process.id), process);
    const log = logViewOf(view);
    this.logOf.push(this.logs.intern(log.log));
    this.viewOf.push(this.views.intern(log));
    this.ofProcess.push(overServer.find((property) => !property.holds(view))?.name ?? null);
  }

  /** An environment was interned; ids come in order. */
  addEnvironment({ history }: Environment): void {
    this.committedOf.push(this.committed.intern(history.committed));
    this.ofEnvironment.push(overHistory.find((property) => !property.holds(history))?.name ?? null);
  }

  /** The verdict on the steps of a transition. */
  onSteps(steps: readonly KernelStep[]): string | null {
    return overStep.find((property) => !steps.every(property.holds))?.name ?? null;
  }

  /**
   * The verdict on a new state, whose record starts with its environment and processes;
   * `changed` is the position of the server that changed, `isNewEnvironment` whether the
   * environment did. What did not change was checked in the state before.
   */
  onState(
    record: Int32Array,
    at: number,
    changed: number,
    isNewEnvironment: boolean,
  ): string | null {
    const environment = record[at] as number;
    const process = record[at + 1 + changed] as number;
    const local = this.ofProcess[process] ?? this.ofEnvironment[environment] ?? null;
    if (local !== null) return local;
    const log = this.logOf.data[process] as number;
    for (let i = 0; i < this.servers; i++) {
      const other = this.logOf.data[record[at + 1 + i] as number] as number;
      if (i !== changed && !this.pairHolds(log, other)) return this.namePair(log, other);
    }
    return this.onHistory(record, at, isNewEnvironment ? -1 : changed);
  }

  private onHistory(record: Int32Array, at: number, changed: number): string | null {
    const committed = this.committedOf.data[record[at] as number] as number;
    let members = (1 << (overQuorum.length * this.servers)) - 1;
    for (let i = 0; i < this.servers; i++) {
      const view = this.viewOf.data[record[at + 1 + i] as number] as number;
      const known = this.histories.get(view, committed);
      const verdict = (known & KNOWN) !== 0 ? known : this.judge(view, committed);
      if ((verdict & FAILS) !== 0 && (changed === -1 || changed === i)) {
        return this.nameHistory(view, committed);
      }
      for (let q = 0; q < overQuorum.length; q++) {
        if (((verdict >> (FIRST_QUORUM_BIT + q)) & 1) === 0)
          members &= ~(1 << (q * this.servers + i));
      }
    }
    for (let q = 0; q < overQuorum.length; q++) {
      const holders = (members >> (q * this.servers)) & ((1 << this.servers) - 1);
      if (!this.isMajority(committed, holders)) return overQuorum[q]?.name ?? null;
    }
    return null;
  }

  private isMajority(committed: number, holders: number): boolean {
    const known = this.majorities[committed] ?? this.majoritiesOf(committed);
    return known[holders] === 1;
  }

  private majoritiesOf(committed: number): Uint8Array {
    const history = this.historyOf(committed);
    const result = Uint8Array.from({ length: 1 << this.servers }, (_, members) => {
      const holders = this.names.filter((_name, i) => (members >> i) & 1);
      return isMajorityOfCommitted(history, holders) ? 1 : 0;
    });
    this.majorities[committed] = result;
    return result;
  }

  private historyOf(committed: number): CommittedHistory {
    return { founding: this.founding, committed: this.committed.values[committed] ?? [] };
  }

  private pairHolds(a: number, b: number): boolean {
    const known = this.pairs.get(a, b);
    if (known !== 0) return known === KNOWN;
    const holds = this.namePair(a, b) === null;
    this.pairs.set(a, b, holds ? KNOWN : KNOWN | FAILS);
    return holds;
  }

  private namePair(a: number, b: number): string | null {
    const [mine, theirs] = [this.logs.values[a], this.logs.values[b]] as LogView["log"][];
    if (mine === undefined || theirs === undefined) return null;
    return overPair.find((property) => !property.holds(mine, theirs))?.name ?? null;
  }

  private judge(view: number, committed: number): number {
    const server = this.views.values[view] as LogView;
    const history = this.historyOf(committed);
    let verdict = this.nameHistory(view, committed) === null ? KNOWN : KNOWN | FAILS;
    overQuorum.forEach((property, q) => {
      if (property.holds(server, history)) verdict |= 1 << (FIRST_QUORUM_BIT + q);
    });
    this.histories.set(view, committed, verdict);
    return verdict;
  }

  private nameHistory(view: number, committed: number): string | null {
    const server = this.views.values[view] as LogView;
    const history = this.historyOf(committed);
    return overServerHistory.find((property) => !property.holds(server, history))?.name ?? null;
  }
}
