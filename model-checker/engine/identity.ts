/**
 * What a global state is known by: the sum of its components' keys, or in exact mode a pair of
 * interned ids; with symmetry, the least over the renamings that may make it canonical.
 */
import type { Environment } from "../environment.ts";
import type { Process } from "../process.ts";
import type { Components } from "./components.ts";
import type { ExactIdentity } from "./exact.ts";
import type { Int32List } from "./growable.ts";
import type { Orbits } from "./orbits.ts";
import type { Packets } from "./packets.ts";

/** The parts that states are made of. */
export interface Parts {
  readonly processes: Components<Process>;
  readonly environments: Components<Environment>;
  readonly packets: Packets;
}

/** Identifies records: [environment, processes..., number of packets, packets...]. */
export class Identity {
  /** The identity found last, in two lanes. */
  low = 0;
  high = 0;

  private readonly parts: Parts;
  private readonly servers: number;
  private readonly renamings: number;
  private readonly orbits: Orbits;
  private readonly signatures: Int32List;
  private readonly exact: ExactIdentity | null;

  /** `signatures`: by process, as `orbits` gives them. */
  constructor(
    parts: Parts,
    servers: number,
    renamings: number,
    orbits: Orbits,
    signatures: Int32List,
    exact: ExactIdentity | null,
  ) {
    this.parts = parts;
    this.servers = servers;
    this.renamings = renamings;
    this.orbits = orbits;
    this.signatures = signatures;
    this.exact = exact;
  }

  /** The identity of a record, up to renaming. */
  find(record: Int32Array): void {
    const candidates = this.candidatesFor(record);
    if (this.exact !== null) {
      const [cluster, network] = this.exact.identify(record, this.servers, candidates);
      this.low = cluster + 1;
      this.high = network;
      return;
    }
    let [low, high] = [0, 0];
    candidates.forEach((r, c) => {
      this.sum(record, 0, r);
      if (c > 0 && (this.high > high || (this.high === high && this.low >= low))) return;
      low = this.low;
      high = this.high;
    });
    this.low = low;
    this.high = high;
  }

  private candidatesFor(record: Int32Array): readonly number[] {
    if (this.renamings === 1) return [0];
    const processes = record.slice(1, this.servers + 1);
    return this.orbits.candidates(processes.map((id) => this.signatures.data[id] as number));
  }

  /** The fingerprint of the record at `at` under renaming `r`. */
  sum(record: Int32Array, at: number, r: number): void {
    const { servers, renamings: n } = this;
    const ofProcesses = this.parts.processes.keys.data;
    const ofPackets = this.parts.packets.components.keys.data;
    const ofEnvironments = this.parts.environments.keys.data;
    const environment = 2 * ((record[at] as number) * n + r);
    let low = ofEnvironments[environment] as number;
    let high = ofEnvironments[environment + 1] as number;
    for (let i = 1; i <= servers; i++) {
      const process = 2 * ((record[at + i] as number) * n + r);
      low = (low + (ofProcesses[process] as number)) | 0;
      high = (high + (ofProcesses[process + 1] as number)) | 0;
    }
    const count = record[at + servers + 1] as number;
    for (let i = 0; i < count; i++) {
      const packet = 2 * ((record[at + servers + 2 + i] as number) * n + r);
      low = (low + (ofPackets[packet] as number)) | 0;
      high = (high + (ofPackets[packet + 1] as number)) | 0;
    }
    this.low = low;
    this.high = high;
  }
}
