/**
 * Exact identity of global states, without fingerprints: the servers with their environment as
 * one interned tuple, the packets in flight as another. Two states are equal exactly when both
 * ids are. It certifies what the fingerprints claim, at several times the cost.
 */
import type { Environment } from "../environment.ts";
import type { Process } from "../process.ts";
import type { Permutation } from "../symmetry.ts";
import type { Components } from "./components.ts";
import { Int32List } from "./growable.ts";
import type { Packets } from "./packets.ts";

/** Interned tuples of ids: open addressing over tuples kept end to end. */
class Tuples {
  private readonly contents = new Int32List();
  private readonly starts = new Int32List();
  private table = new Int32Array(1 << 12).fill(-1);

  constructor() {
    this.starts.push(0);
  }

  /** The id of the first `length` numbers of `tuple`. */
  intern(tuple: readonly number[]): number {
    const mask = this.table.length - 1;
    let slot = hashOf(tuple) & mask;
    for (;;) {
      const id = this.table[slot] as number;
      if (id === -1) break;
      if (this.equals(id, tuple)) return id;
      slot = (slot + 1) & mask;
    }
    const id = this.starts.length - 1;
    for (const part of tuple) this.contents.push(part);
    this.starts.push(this.contents.length);
    this.table[slot] = id;
    if (id * 2 > mask) this.grow();
    return id;
  }

  private tuple(id: number): readonly number[] {
    const [start, end] = [this.starts.data[id] as number, this.starts.data[id + 1] as number];
    return Array.from(this.contents.data.subarray(start, end));
  }

  private equals(id: number, tuple: readonly number[]): boolean {
    const start = this.starts.data[id] as number;
    if ((this.starts.data[id + 1] as number) - start !== tuple.length) return false;
    for (let i = 0; i < tuple.length; i++) {
      if (this.contents.data[start + i] !== tuple[i]) return false;
    }
    return true;
  }

  private grow(): void {
    this.table = new Int32Array(this.table.length * 2).fill(-1);
    const mask = this.table.length - 1;
    for (let id = 0; id < this.starts.length - 1; id++) {
      let slot = hashOf(this.tuple(id)) & mask;
      while (this.table[slot] !== -1) slot = (slot + 1) & mask;
      this.table[slot] = id;
    }
  }
}

function hashOf(tuple: readonly number[]): number {
  let h = tuple.length;
  for (const part of tuple) {
    h = Math.imul(h ^ part, 0x9e3779b1);
    h ^= h >>> 15;
  }
  return h >>> 0;
}

function compare(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return a.length - b.length;
  const at = a.findIndex((part, i) => part !== b[i]);
  return at === -1 ? 0 : (a[at] as number) - (b[at] as number);
}

/** The exact identity of a state, up to renaming. */
export class ExactIdentity {
  private readonly clusters = new Tuples();
  private readonly networks = new Tuples();
  private readonly group: readonly Permutation[];
  private readonly processes: Components<Process>;
  private readonly environments: Components<Environment>;
  private readonly packets: Packets;

  constructor(
    group: readonly Permutation[],
    processes: Components<Process>,
    environments: Components<Environment>,
    packets: Packets,
  ) {
    this.group = group;
    this.processes = processes;
    this.environments = environments;
    this.packets = packets;
  }

  /** (cluster, network) of the least of the state's renamings among `candidates`. */
  identify(
    record: Int32Array,
    servers: number,
    candidates: readonly number[],
  ): readonly [cluster: number, network: number] {
    let least: readonly [readonly number[], readonly number[]] | null = null;
    for (const r of candidates) {
      const cluster = this.clusterUnder(record, servers, r);
      const network = this.networkUnder(record, servers, r);
      const order = least === null ? -1 : compare(cluster, least[0]) || compare(network, least[1]);
      if (order < 0) least = [cluster, network];
    }
    const [cluster, network] = least ?? [[], []];
    return [this.clusters.intern(cluster), this.networks.intern(network)];
  }

  private clusterUnder(record: Int32Array, servers: number, r: number): readonly number[] {
    const { to } = this.group[r] as Permutation;
    const cluster = [this.environments.image(record[0] as number, r)];
    for (let i = 0; i < servers; i++) {
      cluster[1 + (to[i] as number)] = this.processes.image(record[1 + i] as number, r);
    }
    return cluster;
  }

  private networkUnder(record: Int32Array, servers: number, r: number): readonly number[] {
    const network: number[] = [];
    const count = record[servers + 1] as number;
    for (let i = 0; i < count; i++) {
      network.push(this.packets.components.image(record[servers + 2 + i] as number, r));
    }
    return network.sort((a, b) => a - b);
  }
}
