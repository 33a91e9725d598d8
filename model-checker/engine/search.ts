/**
 * Breadth-first search of the cluster world. A state is a record of ids; its fingerprint is the
 * sum of its components' keys, so a successor's follows from its parent's by what changed, and
 * one that was seen before is never built. Successors wait in a batch until their places in the
 * visited set are in the cache.
 */

import { PROGRESS, sometimes } from "../../spec/index.ts";
import { type Bounds, serverNames } from "../bounds.ts";
import { isBound } from "../clocks.ts";
import type { Conformance } from "../conformance-contract.ts";
import type { Environment } from "../environment.ts";
import type { Process } from "../process.ts";
import { permutations } from "../symmetry.ts";
import { initialWorld, type World } from "../world.ts";
import { symmetriesOf } from "../world-symmetry.ts";
import { Components } from "./components.ts";
import { Deeds, NO_DEED } from "./deeds.ts";
import { ExactIdentity } from "./exact.ts";
import { Frontier } from "./frontier.ts";
import { Int32List } from "./growable.ts";
import { Identity } from "./identity.ts";
import { Orbits } from "./orbits.ts";
import { Packets } from "./packets.ts";
import { Recovery } from "./recovery.ts";
import { MAX_ACTIONS, Trail } from "./trail.ts";
import { MAX_REACHED_SETS, NO_SLOT, Transitions } from "./transitions.ts";
import { Verdicts } from "./verdicts.ts";
import { VisitedSet } from "./visited.ts";

/** Successors that are probed together. */
const BATCH = 512;
/** Most parents whose successors share a batch. */
const PARENTS = 1024;
/** New states that one state is allowed for on average, when room is made ahead. */
const SUCCESSORS = 16;
/** In place of a packet's place in the record: nothing leaves the network. */
const NOTHING = -1;

/** What happens in one edge of the state graph. */
export interface Edge {
  /** The transition, or `NO_SLOT` where a message is lost. */
  readonly slot: number;
  /** The packet that leaves the network, or -1: a local action, or a duplicate's delivery. */
  readonly packet: number;
}

/** A violated property and how to get there. */
export interface Found {
  readonly property: string;
  readonly path: readonly Edge[];
}

/** How to search; everything is off unless given. */
export interface SearchOptions {
  readonly symmetry?: boolean;
  /** Know states by themselves, not by a fingerprint. */
  readonly exact?: boolean;
  readonly conformance?: Conformance | null;
  /** Demand Progress of every state; `only`: and nothing else. */
  readonly progress?: boolean | "only";
  /** States of recovery after which Progress is no longer decided: `recovery.isFull`. */
  readonly maxRecoveryStates?: number;
  /** Where to start: a world within the bounds, before anything happened unless given. */
  readonly start?: World;
}

/** A search in progress. Call `expandSome` until it says that nothing is left. */
export class Search {
  distinct = 0;
  generated = 0;
  depth = 0;
  /** Which sets of "sometimes" properties transitions have reached so far. */
  private reached = new Uint8Array(MAX_REACHED_SETS);

  readonly processes: Components<Process>;
  readonly packets: Packets;
  readonly transitions: Transitions;
  /** Decides Progress, where it is demanded. */
  readonly recovery: Recovery | null;
  readonly environments: Components<Environment>;
  /** By environment, a bit for each server whose election timers clocks keep from passing. */
  private readonly boundServers = new Int32List();
  private readonly deeds: Deeds;
  private readonly verdicts: Verdicts;
  private readonly orbits: Orbits;
  private readonly identity: Identity;
  private readonly isExact: boolean;
  private readonly isSafetyChecked: boolean;
  private readonly visited = new VisitedSet();
  private readonly trail = new Trail();
  private readonly frontier = new Frontier();
  private readonly signatures = new Int32List();

  private readonly bounds: Bounds;
  private readonly servers: number;
  private readonly renamings: number;
  private readonly isFifo: boolean;
  private readonly hasBoundedClocks: boolean;
  private readonly recordSize: number;
  private readonly initial: Int32Array;

  /** Records of the parents in the batch, and of the successor being built. */
  private readonly parents: Int32Array;
  private parentsEnd = 0;
  private readonly next: Int32Array;
  /** Signatures of the parent being expanded; its fingerprint under each renaming. */
  private readonly parentSignatures: Int32Array;
  private readonly baseLow: Int32Array;
  private readonly baseHigh: Int32Array;
  private readonly hasBase: Uint8Array;
  private readonly fresh = new Int32Array(256);

  /** The batch, in columns. */
  private count = 0;
  private readonly low = new Int32Array(BATCH + MAX_ACTIONS + 1);
  private readonly high = new Int32Array(BATCH + MAX_ACTIONS + 1);
  private readonly parentAt = new Int32Array(BATCH + MAX_ACTIONS + 1);
  private readonly parentNumber = new Int32Array(BATCH + MAX_ACTIONS + 1);
  private readonly slot = new Int32Array(BATCH + MAX_ACTIONS + 1);
  private readonly removed = new Int32Array(BATCH + MAX_ACTIONS + 1);
  private readonly environment = new Int32Array(BATCH + MAX_ACTIONS + 1);
  private readonly ordinal = new Int32Array(BATCH + MAX_ACTIONS + 1);

  /** States expanded, and the number of the first state of the next level. */
  private expanded = 0;
  private levelEnd = 1;
  private violation: { property: string; parent: number; ordinal: number } | null = null;
  /** Keeps the touching of slots from being optimised away. */
  private touched = 0;

  constructor(bounds: Bounds, options: SearchOptions = {}) {
    const { symmetry = false, exact = false, conformance = null, progress = false } = options;
    const { start = initialWorld(bounds) } = options;
    const group = symmetry ? symmetriesOf(start) : permutations(bounds).slice(0, 1);
    const names = serverNames(bounds);
    this.bounds = bounds;
    this.servers = names.length;
    this.renamings = group.length;
    this.isFifo = bounds.network === "fifo";
    this.hasBoundedClocks = bounds.leaseReads && bounds.clocks === "bounded";
    const inFlight = start.network.messages.length;
    this.recordSize = names.length + 2 + Math.max(bounds.messages, inFlight);
    this.parents = new Int32Array(this.recordSize * PARENTS);
    this.next = new Int32Array(this.recordSize);
    this.parentSignatures = new Int32Array(names.length);
    this.baseLow = new Int32Array(group.length);
    this.baseHigh = new Int32Array(group.length);
    this.hasBase = new Uint8Array(group.length);
    this.verdicts = new Verdicts(bounds);
    this.orbits = new Orbits(bounds, group);
    this.processes = new Components<Process>("process", group, (process) => {
      this.verdicts.addProcess(process);
      const position = names.indexOf(process.id);
      this.signatures.push(group.length === 1 ? 0 : this.orbits.signatureOf(process, position));
    });
    this.environments = new Components<Environment>("environment", group, (environment) => {
      this.verdicts.addEnvironment(environment);
      const bits = names.map((id, i) => (isBound(environment.leases, id) ? 1 << i : 0));
      this.boundServers.push(bits.reduce((sum, bit) => sum + bit, 0));
    });
    this.packets = new Packets(bounds, group);
    this.deeds = new Deeds(this.environments, bounds);
    this.transitions = new Transitions(
      bounds,
      this.processes,
      this.packets,
      this.deeds,
      this.verdicts,
      conformance,
    );
    const identities = exact
      ? new ExactIdentity(group, this.processes, this.environments, this.packets)
      : null;
    this.isExact = exact;
    this.recovery =
      progress === false ? null : new Recovery(bounds, group, exact, options.maxRecoveryStates);
    this.isSafetyChecked = progress !== "only";
    this.identity = new Identity(
      this,
      names.length,
      group.length,
      this.orbits,
      this.signatures,
      identities,
    );
    this.initial = new Int32Array(this.recordSize);
    this.begin(start);
  }

  private begin({ environment, processes, network }: World): void {
    const { initial, servers } = this;
    initial[0] = this.environments.intern(environment);
    processes.forEach((process, i) => {
      initial[1 + i] = this.processes.intern(process);
    });
    let length = servers + 2;
    for (const message of network.messages) {
      const packet = this.packets.intern(message, 0);
      this.next.set(initial);
      initial[length] = this.isFifo ? this.queued(packet, length) : packet;
      length += 1;
    }
    initial[servers + 1] = length - servers - 2;
    this.next.set(initial);
    this.identifyNext(0);
    this.visited.add(this.low[0] as number, this.high[0] as number);
    this.frontier.push(initial, length);
    this.distinct = 1;
    this.generated = 1;
    for (let i = 0; i < servers; i++) {
      const property = this.judge(initial, i, true);
      if (property !== null) this.violation = { property, parent: -1, ordinal: 0 };
    }
  }

  /** States found whose successors are not yet known. */
  get queue(): number {
    return this.frontier.size;
  }

  /** Whether a violation was found. */
  get isViolated(): boolean {
    return this.violation !== null;
  }

  /** Bytes needed before `states` more are expanded: 0 if there is room for what they find. */
  bytesToExpand(states: number): number {
    return this.visited.bytesToGrowFor(states * SUCCESSORS + BATCH + MAX_ACTIONS);
  }

  /** Expands up to `count` states; false when nothing is left, or a violation was found. */
  expandSome(count: number): boolean {
    for (let i = 0; i < count && this.violation === null; i++) {
      if (this.expanded === this.levelEnd) {
        this.flush();
        if (this.violation !== null || this.frontier.size === 0) break;
        this.depth += 1;
        this.levelEnd = this.expanded + this.frontier.size;
      }
      const at = this.parentsEnd;
      this.parentsEnd += this.frontier.shift(this.parents, at, this.servers);
      this.expand(at, this.expanded);
      this.expanded += 1;
      const isFull = this.parentsEnd + this.recordSize > this.parents.length;
      if (this.count >= BATCH || isFull) this.flush();
    }
    if (this.violation !== null) return false;
    if (this.frontier.size > 0) return true;
    this.flush();
    return this.violation === null && this.frontier.size > 0;
  }

  /** All successors of one state go into the batch, in a fixed order. */
  private expand(at: number, number: number): void {
    const { parents, servers, transitions, packets, bounds } = this;
    this.prepare(at);
    let ordinal = 0;
    const count = parents[at + servers + 1] as number;
    for (let i = 0; i < count; i++) {
      const packet = parents[at + servers + 2 + i] as number;
      if (this.isFifo && packets.ranks.data[packet] !== 0) continue;
      const receiver = packets.receivers.data[packet] as number;
      const slot = transitions.onPacket(parents[at + 1 + receiver] as number, packet);
      if (slot !== NO_SLOT) {
        const deed = transitions.deed.data[slot] as number;
        ordinal += this.emit(at, number, ordinal, slot, i, deed);
        if (bounds.duplications > 0) {
          const twice = transitions.duplicateDeed.data[slot] as number;
          ordinal += this.emit(at, number, ordinal, slot, NOTHING, twice);
        }
      }
      if (bounds.loss) ordinal += this.emit(at, number, ordinal, NO_SLOT, i, NO_DEED);
    }
    for (let i = 0; i < servers; i++) {
      const slots = transitions.onItself(parents[at + 1 + i] as number);
      for (let s = 0; s < slots.length; s++) {
        const slot = slots[s] as number;
        if (this.hasBoundedClocks && this.isTooEarly(at, i, slot)) continue;
        const deed = transitions.deed.data[slot] as number;
        ordinal += this.emit(at, number, ordinal, slot, NOTHING, deed);
      }
    }
    if (ordinal > MAX_ACTIONS) {
      throw new RangeError(`a state has more than ${MAX_ACTIONS} actions: lower --messages`);
    }
  }

  /** Whether clocks rule out the transition `slot` of `server` in the environment of a parent. */
  private isTooEarly(at: number, server: number, slot: number): boolean {
    if (this.transitions.passesElectionTimer.data[slot] === 0) return false;
    const bound = this.boundServers.data[this.parents[at] as number] as number;
    return (bound & (1 << server)) !== 0;
  }

  /** What all successors of a parent need to know of it. */
  private prepare(at: number): void {
    if (this.renamings === 1) {
      this.hasBase[0] = 0;
      return;
    }
    this.hasBase.fill(0);
    for (let i = 0; i < this.servers; i++) {
      const process = this.parents[at + 1 + i] as number;
      this.parentSignatures[i] = this.signatures.data[process] as number;
    }
  }

  /**
   * Puts one successor into the batch; 0 where the bounds exclude it, else 1. `removed` is the
   * place of the packet that leaves the network.
   */
  private emit(
    at: number,
    number: number,
    ordinal: number,
    slot: number,
    removed: number,
    deed: number,
  ): number {
    const { parents, transitions } = this;
    const before = parents[at] as number;
    let environment = before;
    if (slot !== NO_SLOT) {
      if (transitions.isOutside.data[slot] === 1) return 0;
      if (deed !== NO_DEED) environment = this.deeds.after(before, deed);
      if (environment < 0) return 0;
    }
    const fresh = this.findFresh(at, slot, removed);
    const remaining = (parents[at + this.servers + 1] as number) - (removed === NOTHING ? 0 : 1);
    if (remaining + fresh > this.bounds.messages) return 0;
    this.generated += 1;
    const k = this.count++;
    this.parentAt[k] = at;
    this.parentNumber[k] = number;
    this.ordinal[k] = ordinal;
    this.slot[k] = slot;
    this.removed[k] = removed;
    this.environment[k] = environment;
    if (this.isExact || this.isFifo) {
      this.build(k);
      this.identifyNext(k);
    } else {
      this.addUp(k, fresh);
    }
    if (slot !== NO_SLOT) this.notice(slot, number, ordinal);
    return 1;
  }

  private notice(slot: number, parent: number, ordinal: number): void {
    this.reached[this.transitions.reached.data[slot] as number] = 1;
    if (this.transitions.violated.size === 0 || this.violation !== null) return;
    if (!this.isSafetyChecked) return;
    const property = this.transitions.violated.get(slot);
    if (property !== undefined) this.violation = { property, parent, ordinal };
  }

  /** Which sent packets are not in flight already, into `fresh`; how many. */
  private findFresh(at: number, slot: number, removed: number): number {
    if (slot === NO_SLOT) return 0;
    const { parents, transitions, fresh } = this;
    const end = transitions.sentFrom.data[slot + 1] as number;
    const packetsAt = at + this.servers + 2;
    const count = parents[at + this.servers + 1] as number;
    let found = 0;
    for (let s = transitions.sentFrom.data[slot] as number; s < end; s++) {
      const packet = transitions.sent.data[s] as number;
      let isNew = true;
      if (!this.isFifo) {
        for (let i = 0; i < count; i++) {
          if (parents[packetsAt + i] === packet && i !== removed) isNew = false;
        }
        for (let i = 0; i < found; i++) if (fresh[i] === packet) isNew = false;
      }
      if (isNew) fresh[found++] = packet;
    }
    return found;
  }

  /** The renamings to try for a successor whose server `server` becomes `process`. */
  private candidatesFor(server: number, process: number): readonly number[] {
    const { parentSignatures } = this;
    const kept = parentSignatures[server] as number;
    parentSignatures[server] = this.signatures.data[process] as number;
    const candidates = this.orbits.candidates(parentSignatures);
    parentSignatures[server] = kept;
    return candidates;
  }

  /** The fingerprint of batch entry `k`, from its parent's. */
  private addUp(k: number, fresh: number): void {
    const { transitions, parents } = this;
    const slot = this.slot[k] as number;
    const at = this.parentAt[k] as number;
    if (this.renamings === 1) return this.addUpUnder(k, fresh, 0, true);
    const server = slot === NO_SLOT ? 0 : (transitions.server.data[slot] as number);
    const process =
      slot === NO_SLOT ? (parents[at + 1] as number) : (transitions.to.data[slot] as number);
    const candidates = this.candidatesFor(server, process);
    for (let c = 0; c < candidates.length; c++) {
      this.addUpUnder(k, fresh, candidates[c] as number, c === 0);
    }
  }

  /** Lowers the key of `k` to its key under renaming `r`, or sets it where it is the first. */
  private addUpUnder(k: number, fresh: number, r: number, isFirst: boolean): void {
    const { transitions, parents, renamings: n } = this;
    const at = this.parentAt[k] as number;
    if (this.hasBase[r] === 0) this.addUpBase(at, r);
    let low = this.baseLow[r] as number;
    let high = this.baseHigh[r] as number;
    const slot = this.slot[k] as number;
    if (slot !== NO_SLOT) {
      const keys = this.processes.keys.data;
      const to = 2 * ((transitions.to.data[slot] as number) * n + r);
      const from = 2 * ((transitions.from.data[slot] as number) * n + r);
      low = (low + (keys[to] as number) - (keys[from] as number)) | 0;
      high = (high + (keys[to + 1] as number) - (keys[from + 1] as number)) | 0;
      const environment = this.environment[k] as number;
      if (environment !== parents[at]) {
        const ofEnvironments = this.environments.keys.data;
        const after = 2 * (environment * n + r);
        const before = 2 * ((parents[at] as number) * n + r);
        low = (low + (ofEnvironments[after] as number) - (ofEnvironments[before] as number)) | 0;
        high =
          (high + (ofEnvironments[after + 1] as number) - (ofEnvironments[before + 1] as number)) |
          0;
      }
    }
    const ofPackets = this.packets.components.keys.data;
    const removed = this.removed[k] as number;
    if (removed !== NOTHING) {
      const packet = 2 * ((parents[at + this.servers + 2 + removed] as number) * n + r);
      low = (low - (ofPackets[packet] as number)) | 0;
      high = (high - (ofPackets[packet + 1] as number)) | 0;
    }
    for (let i = 0; i < fresh; i++) {
      const packet = 2 * ((this.fresh[i] as number) * n + r);
      low = (low + (ofPackets[packet] as number)) | 0;
      high = (high + (ofPackets[packet + 1] as number)) | 0;
    }
    this.setLeast(k, low, high, isFirst);
  }

  private setLeast(k: number, low: number, high: number, isFirst: boolean): void {
    if (!isFirst) {
      const best = this.high[k] as number;
      if (high > best || (high === best && low >= (this.low[k] as number))) return;
    }
    this.low[k] = low;
    this.high[k] = high;
  }

  /** The parent's own fingerprint under renaming `r`. */
  private addUpBase(at: number, r: number): void {
    this.identity.sum(this.parents, at, r);
    this.baseLow[r] = this.identity.low;
    this.baseHigh[r] = this.identity.high;
    this.hasBase[r] = 1;
  }

  /** The key of batch entry `k` from the record in `next` alone. */
  private identifyNext(k: number): void {
    this.identity.find(this.next);
    this.low[k] = this.identity.low;
    this.high[k] = this.identity.high;
  }

  /** Builds the record of batch entry `k` in `next`; its length. */
  private build(k: number): number {
    const { parents, next, servers, transitions } = this;
    const at = this.parentAt[k] as number;
    const slot = this.slot[k] as number;
    const removed = this.removed[k] as number;
    next[0] = this.environment[k] as number;
    for (let i = 1; i <= servers; i++) next[i] = parents[at + i] as number;
    if (slot !== NO_SLOT) {
      next[1 + (transitions.server.data[slot] as number)] = transitions.to.data[slot] as number;
    }
    const count = parents[at + servers + 1] as number;
    let length = servers + 2;
    for (let i = 0; i < count; i++) {
      if (i !== removed) next[length++] = parents[at + servers + 2 + i] as number;
    }
    if (this.isFifo && removed !== NOTHING) {
      this.advanceLink(parents[at + servers + 2 + removed] as number, length);
    }
    const fresh = this.findFresh(at, slot, removed);
    for (let i = 0; i < fresh; i++) {
      const packet = this.fresh[i] as number;
      next[length] = this.isFifo ? this.queued(packet, length) : packet;
      length += 1;
    }
    next[servers + 1] = length - servers - 2;
    return length;
  }

  /** The head of a link left: the others of that link, up to `end`, move up by one. */
  private advanceLink(head: number, end: number): void {
    const { links, ranks } = this.packets;
    for (let i = this.servers + 2; i < end; i++) {
      const packet = this.next[i] as number;
      if (links.data[packet] !== links.data[head]) continue;
      this.next[i] = this.packets.atRank(packet, (ranks.data[packet] as number) - 1);
    }
  }

  /** `packet` at the end of its link's queue, behind those up to `end`. */
  private queued(packet: number, end: number): number {
    const { links } = this.packets;
    let rank = 0;
    for (let i = this.servers + 2; i < end; i++) {
      if (links.data[this.next[i] as number] === links.data[packet]) rank += 1;
    }
    return this.packets.atRank(packet, rank);
  }

  /** Probes the batch: new states are built, judged, and queued. */
  private flush(): void {
    const { count, visited } = this;
    this.reserve(count);
    this.touched ^= visited.touch(this.low, this.high, count);
    for (let k = 0; k < count && this.violation === null; k++) {
      if (visited.add(this.low[k] as number, this.high[k] as number)) this.addState(k);
    }
    this.count = 0;
    this.parentsEnd = 0;
  }

  private reserve(count: number): void {
    if (!this.visited.reserve(count)) throw new RangeError("the visited set is full");
  }

  private addState(k: number): void {
    const { transitions, parents } = this;
    const length = this.build(k);
    this.trail.add(this.parentNumber[k] as number, this.ordinal[k] as number);
    this.frontier.push(this.next, length);
    this.distinct += 1;
    const slot = this.slot[k] as number;
    if (slot === NO_SLOT) return;
    const isNewEnvironment = this.environment[k] !== parents[this.parentAt[k] as number];
    if (!isNewEnvironment && transitions.to.data[slot] === transitions.from.data[slot]) return;
    const server = transitions.server.data[slot] as number;
    const property = this.judge(this.next, server, isNewEnvironment);
    if (property === null) return;
    const parent = this.parentNumber[k] as number;
    this.violation = { property, parent, ordinal: this.ordinal[k] as number };
  }

  /** What a new state violates; `changed` is the server that the step into it changed. */
  private judge(record: Int32Array, changed: number, isNewEnvironment: boolean): string | null {
    const property = this.isSafetyChecked
      ? this.verdicts.onState(record, 0, changed, isNewEnvironment)
      : null;
    if (property !== null || this.recovery === null) return property;
    return this.recovery.isPossible(record, this.processes) ? null : PROGRESS;
  }

  /** The violation with the edges that lead to it; the search is over then. */
  found(): Found | null {
    const { violation } = this;
    if (violation === null) return null;
    const { property, parent, ordinal } = violation;
    if (parent === -1) return { property, path: [] };
    const [generated, reached] = [this.generated, this.reached.slice()];
    const path = this.edges([...this.trail.pathTo(parent), ordinal]);
    Object.assign(this, { generated, reached });
    return { property, path };
  }

  /** Follows the actions of these ordinals from the initial state. */
  private edges(ordinals: readonly number[]): readonly Edge[] {
    this.parents.set(this.initial);
    return ordinals.map((ordinal) => {
      this.count = 0;
      this.expand(0, 0);
      const k = this.ordinal.subarray(0, this.count).indexOf(ordinal);
      const [slot, removed] = [this.slot[k] as number, this.removed[k] as number];
      const packet =
        removed === NOTHING ? NOTHING : (this.parents[this.servers + 2 + removed] as number);
      const length = this.build(k);
      this.parents.set(this.next.subarray(0, length));
      return { slot, packet };
    });
  }

  /** The names of the "sometimes" properties reached. */
  get reachedNames(): readonly string[] {
    const places = new Set(
      this.transitions.reachedSets.flatMap((s, i) => (this.reached[i] ? s : [])),
    );
    return sometimes.filter((_, place) => places.has(place)).map(({ name }) => name);
  }
}
