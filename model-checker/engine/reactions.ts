/**
 * What servers do while a cluster recovers: the real kernel, each (process, input) run once. The
 * bounds are wider than those of the search, and faults and clients are left out but for one new
 * command.
 */
import { lastIndex, lastTerm } from "../../kernel/index.ts";
import { holdsNewCommand, NEW_COMMAND } from "../../spec/index.ts";
import { type Bounds, kernelConfigOf } from "../bounds.ts";
import { reliesOnLease } from "../clocks.ts";
import { exceeds, possibleInputs } from "../inputs.ts";
import { type LocalInput, type Process, stepProcess } from "../process.ts";
import type { Components } from "./components.ts";
import { Int32List } from "./growable.ts";
import type { Packets } from "./packets.ts";
import { PairTable } from "./pair-table.ts";

/**
 * Campaigns that recovery may need beyond the terms of the search: one elects, and one more is
 * for a leader whose last deed is to step down.
 */
const MORE_TERMS = 2;

/** In place of a reaction: it is outside the bounds, or the kernel threw. */
export const NO_REACTION = -1;
const UNKNOWN = -2;

/** The bounds within which a cluster that was explored within `bounds` may recover. */
export function recoveryBounds(bounds: Bounds): Bounds {
  return {
    ...bounds,
    terms: bounds.terms + MORE_TERMS,
    // Each leader, the present one included, adds at most a no-op, a new command, and the entry
    // that leaves a joint configuration.
    log: bounds.log + 3 * (MORE_TERMS + 1),
    heartbeats: true,
    crashes: 0,
  };
}

/** What a process may do by itself. */
export interface Impulse {
  readonly kind: LocalInput["kind"];
  readonly reaction: number;
}

/** Reactions and their columns. */
export class Reactions {
  /** The process after it. */
  readonly to = new Int32List();
  /** Packets sent: `sent` from `sentFrom` up to the next one's. */
  readonly sent = new Int32List();
  readonly sentFrom = new Int32List();
  /** How good a candidate each process is: the more up-to-date log, then the higher term. */
  readonly standing: number[] = [];
  /** By process, whether a write is in progress. */
  readonly isWriting: boolean[] = [];
  /** By process, whether it relies on a lease, where clocks keep it. */
  readonly isLeasing: boolean[] = [];
  kernelCalls = 0;

  private readonly onPackets = new PairTable();
  private readonly impulses: (readonly Impulse[] | undefined)[] = [];
  private readonly bounds: Bounds;
  private readonly processes: Components<Process>;
  private readonly packets: Packets;

  constructor(bounds: Bounds, processes: Components<Process>, packets: Packets) {
    this.bounds = recoveryBounds(bounds);
    this.processes = processes;
    this.packets = packets;
    this.sentFrom.push(0);
  }

  /** A process was interned; ids come in order. */
  addProcess(process: Process): void {
    if (process.kind === "down") throw new Error("in a recovery every server runs");
    const { log, currentTerm } = process.state;
    // Terms and indexes of an exhaustive search are far below a thousand.
    this.standing.push((lastTerm(log) * 1000 + lastIndex(log)) * 1000 + currentTerm);
    this.isWriting.push(process.stream.length > 0);
    this.isLeasing.push(this.bounds.clocks === "bounded" && reliesOnLease(process.state.role));
  }

  /** What runs when faults have stopped: `process`, restarted if it was down; null: it cannot. */
  running(process: Process): Process | null {
    if (process.kind === "up") return process;
    this.kernelCalls += 1;
    const config = kernelConfigOf(this.bounds, process.id);
    const outcome = stepProcess(config, process, { kind: "restart" }, this.bounds.storage);
    return outcome.broken === null ? outcome.process : null;
  }

  /** The reaction of `process` to `packet`. */
  onPacket(process: number, packet: number): number {
    const known = this.onPackets.get(process, packet, UNKNOWN);
    if (known !== UNKNOWN) return known;
    const { message } = this.packets.components.valueOf(packet);
    const reaction = this.fill(process, { kind: "message", message });
    this.onPackets.add(process, packet, reaction);
    return reaction;
  }

  /** What `process` may do by itself, the new command first. */
  onItself(process: number): readonly Impulse[] {
    const known = this.impulses[process];
    if (known !== undefined) return known;
    const value = this.processes.valueOf(process);
    // What uses a budget is a fault, or a client's wish; the rest is what timers and hosts do.
    const inputs = possibleInputs(value, this.bounds, null)
      .filter(({ spends }) => spends === null)
      .map(({ input }) => input);
    const isLeader = value.kind === "up" && value.state.role.kind === "leader";
    if (isLeader && !holdsNewCommand(value.state)) {
      inputs.unshift({ kind: "propose", command: NEW_COMMAND });
    }
    const filled = inputs
      .map((input): Impulse => ({ kind: input.kind, reaction: this.fill(process, input) }))
      .filter(({ reaction }) => reaction !== NO_REACTION);
    this.impulses[process] = filled;
    return filled;
  }

  private fill(process: number, input: LocalInput): number {
    const before = this.processes.valueOf(process);
    const config = kernelConfigOf(this.bounds, before.id);
    const {
      process: after,
      sent,
      steps,
      broken,
    } = stepProcess(config, before, input, this.bounds.storage);
    this.kernelCalls += steps.length;
    if (broken !== null || exceeds(after, this.bounds) !== null) return NO_REACTION;
    const reaction = this.to.length;
    this.to.push(this.processes.intern(after));
    for (const message of sent) this.sent.push(this.packets.intern(message, 0));
    this.sentFrom.push(this.sent.length);
    return reaction;
  }
}
