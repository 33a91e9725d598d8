/** The goals of Progress, each evaluated once for each process, or pair of processes, it sees. */
import { configurationOf, isMember } from "../../kernel/index.ts";
import { atRest, type Goal, goals, PROGRESS, type RunningServer } from "../../spec/index.ts";
import { type Bounds, kernelConfigOf, serverNames } from "../bounds.ts";
import { type Process, viewOf } from "../process.ts";
import { Int32List } from "./growable.ts";
import { PairTable } from "./pair-table.ts";

type Over<K extends Goal["over"]> = Extract<Goal, { over: K }>;

const UNKNOWN = -1;
/** All goals, a bit each. */
const ALL = (1 << goals.length) - 1;
const AT_REST = bitsOf((goal) => atRest.includes(goal));
const OF_LEADER = bitsOf((goal) => goal.over === "server-leader");

function bitsOf(isChosen: (goal: Goal) => boolean): number {
  return goals.reduce((bits, goal, bit) => (isChosen(goal) ? bits | (1 << bit) : bits), 0);
}

/** Remembered verdicts on processes, all of them running. */
export class Goals {
  /** By process: its term, and whether it leads. */
  private readonly terms = new Int32List();
  private readonly leads = new Int32List();
  /** By process, the positions of the members of its configuration, a bit each. */
  private readonly members = new Int32List();
  private readonly ofServer = new Int32List();
  private readonly ofPair = new PairTable();
  private readonly views: RunningServer[] = [];
  private readonly bounds: Bounds;

  constructor(bounds: Bounds) {
    this.bounds = bounds;
  }

  /** A process was interned; ids come in order. */
  addProcess(process: Process): void {
    const { state, ...view } = viewOf(kernelConfigOf(this.bounds, process.id), process);
    if (state === null) throw new Error(`${PROGRESS} is about running servers`);
    const server = { ...view, state };
    this.views.push(server);
    this.terms.push(state.currentTerm);
    this.leads.push(state.role.kind === "leader" ? 1 : 0);
    const configuration = configurationOf(state);
    const names = serverNames(this.bounds);
    this.members.push(
      names.reduce((bits, id, i) => (isMember(configuration, id) ? bits | (1 << i) : bits), 0),
    );
    const holds = (goal: Goal): boolean => goal.over === "server" && goal.holds(server);
    this.ofServer.push(bitsOf(holds) | OF_LEADER);
  }

  /** Whether that process leads. */
  isLeader(process: number): boolean {
    return this.leads.data[process] === 1;
  }

  /** Whether the server at `position` is a member of the configuration of process `leader`. */
  isMember(position: number, leader: number): boolean {
    return (((this.members.data[leader] as number) >> position) & 1) === 1;
  }

  /**
   * The position of the leader of the highest term among the processes of a record, or -1. Nobody
   * that is no member of its configuration counts: a server that was removed may have any term.
   */
  leaderOf(record: Int32Array, servers: number): number {
    let leader = -1;
    for (let i = 0; i < servers; i++) {
      const process = record[1 + i] as number;
      if (!this.isLeader(process) || this.isBehind(process, record, servers)) continue;
      const best = leader === -1 ? 0 : (this.terms.data[record[1 + leader] as number] as number);
      if ((this.terms.data[process] as number) > best) leader = i;
    }
    return leader;
  }

  /** Whether a member of the configuration of `leader` is in a later term. */
  private isBehind(leader: number, record: Int32Array, servers: number): boolean {
    for (let i = 0; i < servers; i++) {
      const term = this.terms.data[record[1 + i] as number] as number;
      if (term > (this.terms.data[leader] as number) && this.isMember(i, leader)) return true;
    }
    return false;
  }

  /** The goals that hold in a record, a bit each. */
  reachedIn(record: Int32Array, servers: number): number {
    const position = this.leaderOf(record, servers);
    const leader = position === -1 ? UNKNOWN : (record[1 + position] as number);
    let reached = leader === UNKNOWN ? ALL & ~OF_LEADER : ALL;
    for (let i = 0; i < servers && reached !== 0; i++) {
      const process = record[1 + i] as number;
      reached &= this.ofServer.data[process] as number;
      if (leader === UNKNOWN || (i !== position && !this.isMember(i, leader))) continue;
      reached &= this.beside(process, leader);
    }
    return reached;
  }

  /** Whether these are all. */
  isComplete(reached: number): boolean {
    return reached === ALL;
  }

  /** Whether these are all that hold of a cluster with nothing left to do. */
  isAtRest(reached: number): boolean {
    return (reached & AT_REST) === AT_REST;
  }

  /** The names of the goals that are not among `reached`. */
  missingFrom(reached: number): readonly string[] {
    return goals.filter((_, bit) => ((reached >> bit) & 1) === 0).map(({ name }) => name);
  }

  private beside(process: number, leader: number): number {
    const known = this.ofPair.get(process, leader, UNKNOWN);
    if (known !== UNKNOWN) return known;
    const [server, other] = [this.views[process], this.views[leader]] as RunningServer[];
    const isPair = (goal: Goal): goal is Over<"server-leader"> => goal.over === "server-leader";
    const reached = bitsOf(
      (goal) => !isPair(goal) || goal.holds(server as RunningServer, other as RunningServer),
    );
    this.ofPair.add(process, leader, reached);
    return reached;
  }
}
