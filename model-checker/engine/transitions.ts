/**
 * The transition cache: one slot for each different (process, input), filled by running the real
 * kernel once. Everything the search needs of a transition is in columns, by slot.
 */
import { sometimes } from "../../spec/index.ts";
import { type Bounds, kernelConfigOf, serverNames } from "../bounds.ts";
import { passesElectionTimer } from "../clocks.ts";
import { CONFORMANCE, type Conformance, firstFault } from "../conformance-contract.ts";
import { KERNEL_INVARIANTS } from "../evaluate.ts";
import { exceeds, type PossibleInput, possibleInputs } from "../inputs.ts";
import {
  type LocalInput,
  type LocalOutcome,
  type Process,
  stepProcess,
  viewOf,
} from "../process.ts";
import type { Components } from "./components.ts";
import { type Deed, type Deeds, NO_DEED } from "./deeds.ts";
import { Int32List } from "./growable.ts";
import type { Packets } from "./packets.ts";
import { PairTable } from "./pair-table.ts";
import type { Verdicts } from "./verdicts.ts";

/** Different sets of "sometimes" properties that single transitions reach: far fewer than this. */
export const MAX_REACHED_SETS = 1 << 14;

/** In place of a slot: this input is not possible here. */
export const NO_SLOT = -1;
const UNKNOWN = -2;

/** Slots and their columns. */
export class Transitions {
  /** The server's position. */
  readonly server = new Int32List();
  /** The process before and after. */
  readonly from = new Int32List();
  readonly to = new Int32List();
  readonly deed = new Int32List();
  /** The deed when the message that arrives is a duplicate. */
  readonly duplicateDeed = new Int32List();
  /** Packets sent: `sent` from `sentFrom` up to the next slot's. */
  readonly sent = new Int32List();
  readonly sentFrom = new Int32List();
  /** 1 where the bounds leave it out. */
  readonly isOutside = new Int32List();
  /** Which of `reachedSets` the transition reaches. */
  readonly reached = new Int32List();
  /** Sets of "sometimes" properties that some transition reaches, by their places in the list. */
  readonly reachedSets: (readonly number[])[] = [];
  /** 1 where an election timer passes, which clocks may rule out. */
  readonly passesElectionTimer = new Int32List();
  /** The property that the transition itself violates, by slot; absent where none. */
  readonly violated = new Map<number, string>();
  readonly inputs: LocalInput[] = [];
  /** Calls of the kernel so far. */
  kernelCalls = 0;

  private readonly slots = new PairTable();
  private readonly internal: (Int32Array | undefined)[] = [];
  private readonly reachedSetIds = new Map<string, number>();
  private readonly bounds: Bounds;
  private readonly names: readonly string[];
  private readonly processes: Components<Process>;
  private readonly packets: Packets;
  private readonly deeds: Deeds;
  private readonly verdicts: Verdicts;
  private readonly conformance: Conformance | null;

  constructor(
    bounds: Bounds,
    processes: Components<Process>,
    packets: Packets,
    deeds: Deeds,
    verdicts: Verdicts,
    conformance: Conformance | null,
  ) {
    this.bounds = bounds;
    this.names = serverNames(bounds);
    this.processes = processes;
    this.packets = packets;
    this.deeds = deeds;
    this.verdicts = verdicts;
    this.conformance = conformance;
    this.sentFrom.push(0);
  }

  /** The slot of `packet` arriving at `process`; `NO_SLOT` where the server is down. */
  onPacket(process: number, packet: number): number {
    const known = this.slots.get(process, packet, UNKNOWN);
    if (known !== UNKNOWN) return known;
    const { message } = this.packets.components.valueOf(packet);
    const isDown = this.processes.valueOf(process).kind === "down";
    const slot = isDown
      ? NO_SLOT
      : this.fill(process, { input: { kind: "message", message }, spends: null, ordinal: null });
    this.slots.add(process, packet, slot);
    return slot;
  }

  /** The slots of what `process` may do by itself, in the order of `localInputs`. */
  onItself(process: number): Int32Array {
    return this.internal[process] ?? this.fillInternal(process);
  }

  private fillInternal(process: number): Int32Array {
    const slots: number[] = [];
    for (const possible of possibleInputs(this.processes.valueOf(process), this.bounds, null)) {
      slots.push(this.fill(process, possible));
    }
    const filled = Int32Array.from(slots);
    this.internal[process] = filled;
    return filled;
  }

  private fill(process: number, { input, spends, ordinal }: PossibleInput): number {
    const before = this.processes.valueOf(process);
    const config = kernelConfigOf(this.bounds, before.id);
    const outcome = stepProcess(config, before, input, this.bounds.storage);
    const slot = this.inputs.push(input) - 1;
    this.kernelCalls += outcome.steps.length + (input.kind === "restart" ? 1 : 0);
    this.server.push(this.names.indexOf(before.id));
    this.from.push(process);
    this.to.push(this.processes.intern(outcome.process));
    for (const message of outcome.sent) this.sent.push(this.packets.intern(message, 0));
    this.sentFrom.push(this.sent.length);
    this.isOutside.push(exceeds(outcome.process, this.bounds) === null ? 0 : 1);
    this.passesElectionTimer.push(passesElectionTimer(input) ? 1 : 0);
    this.reached.push(this.reachedSet(this.reachedBy(before, input, outcome)));
    this.addDeed(input, { spends, ordinal, observations: outcome.observations });
    const violated = this.violatedBy(outcome);
    if (violated !== null) this.violated.set(slot, violated);
    return slot;
  }

  private violatedBy({ broken, steps, moves }: LocalOutcome): string | null {
    if (broken !== null) return KERNEL_INVARIANTS;
    const violated = this.verdicts.onSteps(steps);
    const strays = firstFault(this.conformance, moves) !== null;
    return violated ?? (strays ? CONFORMANCE : null);
  }

  private addDeed(input: LocalInput, deed: Deed): void {
    const id = this.deeds.intern(deed);
    const takesDuplicates = input.kind === "message" && this.bounds.duplications > 0;
    this.deed.push(id);
    this.duplicateDeed.push(takesDuplicates ? this.deeds.duplicated(id) : NO_DEED);
  }

  private reachedSet(places: readonly number[]): number {
    const text = places.join();
    const known = this.reachedSetIds.get(text) ?? this.reachedSets.push(places) - 1;
    if (known >= MAX_REACHED_SETS) throw new RangeError("too many sets of sometimes properties");
    this.reachedSetIds.set(text, known);
    return known;
  }

  private reachedBy(before: Process, input: LocalInput, outcome: LocalOutcome): readonly number[] {
    const config = kernelConfigOf(this.bounds, before.id);
    return [...sometimes.entries()]
      .filter(([, property]) => {
        const view = viewOf(config, property.over === "crash" ? before : outcome.process);
        return property.over === "step"
          ? outcome.steps.some(property.reached)
          : property.over === input.kind && property.reached(view);
      })
      .map(([place]) => place);
  }
}
