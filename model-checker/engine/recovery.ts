/**
 * Progress: whether a cluster whose faults stop can reach every goal of `spec/progress.ts`. It is
 * decided for every state that the search finds, by backward reachability over the graph of what
 * can happen without faults.
 *
 * **Faults stop with a last loss.** What is asked of a state is asked of its servers with nothing
 * in flight, those that are down restarted. In an unordered network this asks the same of all
 * states together. A message that never arrives is lost, so the state without its messages is
 * reachable too, and must satisfy Progress itself. And if it does, so does the state with them:
 * the same path is open while they stay where they are, for they block nothing. So the cap on
 * messages, full of stale ones or of mail to a crashed server, can neither cut a recovery short
 * nor excuse it. (On FIFO links a message does block those behind it: there the check is refused.)
 *
 * **Recovery has bounds of its own** (`recoveryBounds`), wider than those of the search: terms to
 * campaign in, room in the logs. Progress is demanded of the search's states and not of those of
 * a recovery, so no state at an edge is a false alarm, and no demand is dropped for being near one.
 *
 * **Timing is good.** Messages and disks are faster than timers: a timer fires only when nothing is
 * in flight and nothing is being written. And while a leader of the highest term is there, its
 * heartbeats arrive in time: no election timeout of a member passes, and none that would end its
 * rule. So that leader must get everything done by itself; that somebody else might be
 * elected instead is no progress. The new command is proposed when the cluster is at rest: what
 * was pending must not wait for a client.
 *
 * **The graph.** A search from a state goes depth first, the likeliest step first, and keeps its
 * edges: 8 bytes each, and 4 a state. Where it meets a goal, or a state known to reach one,
 * everything that leads there is marked backward along the edges. Of what is left every step was
 * followed, and leads nowhere: so each state is decided when it is first met, and then only its
 * identity is kept, in 25 to 50 bytes. With symmetry, edges join representatives. That is sound:
 * goals and kernel treat all servers alike, so a path of representatives is, up to renaming, a
 * path of the cluster.
 */
import { type Bounds, serverNames } from "../bounds.ts";
import { passesElectionTimer } from "../clocks.ts";
import { type Environment, initialEnvironment } from "../environment.ts";
import type { Process } from "../process.ts";
import type { Permutation } from "../symmetry.ts";
import { Components } from "./components.ts";
import { ExactIdentity } from "./exact.ts";
import { Goals } from "./goals.ts";
import { Int32List } from "./growable.ts";
import { Identity } from "./identity.ts";
import { Orbits } from "./orbits.ts";
import { Packets } from "./packets.ts";
import { PairTable } from "./pair-table.ts";
import { NO_REACTION, Reactions } from "./reactions.ts";

/** The most states of recovery that are kept: 2 GiB at 50 bytes each. */
const MAX_STATES = 40_000_000;
/** A conversation with more messages than this in flight is not followed. */
const MAX_IN_FLIGHT = 100;

const UNKNOWN = -1;
/** In place of a process: the kernel throws when it restarts. */
const CANNOT_RUN = -1;
/** What is known of a state: nothing yet, that the goals can be reached, that they cannot. */
const OPEN = 0;
const REACHES = 1;
const STUCK = 2;
/** Added to what is known of a state of which Progress was demanded. */
const DEMANDED = 4;

/** One thing that can happen: a reaction of a server, to a packet or to itself. */
interface Choice {
  readonly server: number;
  readonly reaction: number;
  /** The packet's place in the record, or -1. */
  readonly packetAt: number;
}

/** A state on the way, and which of its choices comes next. */
interface Visit {
  readonly number: number;
  readonly record: Int32Array;
  readonly choices: readonly Choice[];
  next: number;
}

/** What was asked and what it took. */
export interface RecoveryFigures {
  /** Different states of all servers, with nothing in flight, of which Progress was demanded. */
  readonly demanded: number;
  /** Among them, those with nothing left to do: only the new command is missing. */
  readonly atRest: number;
  /** States visited on the way from them. */
  readonly visited: number;
}

/** Decides Progress for state after state. */
export class Recovery {
  private readonly servers: number;
  private readonly processes: Components<Process>;
  private readonly environments: Components<Environment>;
  private readonly packets: Packets;
  private readonly goals: Goals;
  private readonly reactions: Reactions;
  private readonly identity: Identity;
  private readonly isExact: boolean;
  /** By process of the search: what runs in its place when faults have stopped. */
  private readonly runningOf: number[] = [];
  private readonly quiet: Int32Array;

  /** Numbers of states by identity, and what is known of each. */
  private numbers = new PairTable();
  private readonly known = new Int32List();
  private demanded = 0;
  private atRest = 0;
  private readonly maxStates: number;
  /** No room is left: from now on nothing is decided, and every state passes. */
  isFull = false;

  /** Edges of the search in progress, backward: by state the last in, by edge the one before. */
  private base = 0;
  private lastIn = new Int32List();
  private edgeBefore = new Int32List();
  private edgeSource = new Int32List();
  private reached = 0;

  /** Keeps at most `maxStates` states, and never more than there is room for. */
  constructor(
    bounds: Bounds,
    group: readonly Permutation[],
    exact: boolean,
    maxStates = MAX_STATES,
  ) {
    this.maxStates = Math.min(maxStates, MAX_STATES);
    const names = serverNames(bounds);
    const orbits = new Orbits(bounds, group);
    const signatures = new Int32List();
    this.servers = names.length;
    this.goals = new Goals(bounds);
    this.processes = new Components<Process>("process", group, (process) => {
      const position = names.indexOf(process.id);
      signatures.push(group.length === 1 ? 0 : orbits.signatureOf(process, position));
      this.goals.addProcess(process);
      this.reactions.addProcess(process);
    });
    this.environments = new Components<Environment>("environment", group, () => {});
    this.packets = new Packets(bounds, group);
    this.reactions = new Reactions(bounds, this.processes, this.packets);
    const parts = {
      processes: this.processes,
      environments: this.environments,
      packets: this.packets,
    };
    const identities = exact
      ? new ExactIdentity(group, this.processes, this.environments, this.packets)
      : null;
    this.identity = new Identity(parts, this.servers, group.length, orbits, signatures, identities);
    this.isExact = exact;
    this.quiet = new Int32Array(this.servers + 2);
    this.quiet[0] = this.environments.intern(initialEnvironment(bounds));
  }

  get figures(): RecoveryFigures {
    const { demanded, atRest, known } = this;
    return { demanded, atRest, visited: known.length };
  }

  /** Calls of the kernel so far. */
  get kernelCalls(): number {
    return this.reactions.kernelCalls;
  }

  /**
   * Whether the goals can be reached from a record of the search: [environment, processes..., ...]
   * with ids of `processes`.
   */
  isPossible(record: Int32Array, processes: Components<Process>): boolean {
    for (let i = 1; i <= this.servers; i++) {
      const id = record[i] as number;
      this.runningOf[id] ??= this.running(processes.valueOf(id));
      this.quiet[i] = this.runningOf[id] as number;
    }
    return this.decide();
  }

  private running(process: Process): number {
    const running = this.reactions.running(process);
    return running === null ? CANNOT_RUN : this.processes.intern(running);
  }

  /** The goals that these servers cannot reach once faults stop, or null where they reach all. */
  missingFrom(processes: readonly Process[]): readonly string[] | null {
    processes.forEach((process, i) => {
      this.quiet[1 + i] = this.running(process);
    });
    // What was found stuck before is visited again, to see which goals hold there.
    this.numbers = new PairTable();
    if (this.decide()) return null;
    return this.goals.missingFrom(this.reached);
  }

  /** Decides the state in `quiet`. */
  private decide(): boolean {
    if (this.isFull) return true;
    if (this.quiet.includes(CANNOT_RUN)) return false;
    const met = this.numberOf(this.quiet);
    const number = met === UNKNOWN ? this.known.length : met;
    if (met === UNKNOWN) this.search(this.quiet.slice());
    const known = this.known.data[number] as number;
    if ((known & DEMANDED) === 0) {
      this.known.data[number] = known | DEMANDED;
      this.demanded += 1;
      if (this.goals.isAtRest(this.goals.reachedIn(this.quiet, this.servers))) this.atRest += 1;
    }
    return this.isReaching(number);
  }

  private isReaching(number: number): boolean {
    return ((this.known.data[number] as number) & REACHES) !== 0;
  }

  /** The number of a state that was met before, or `UNKNOWN`; `identity` holds its identity. */
  private numberOf(record: Int32Array): number {
    this.identity.find(record);
    return this.numbers.get(this.lane(this.identity.low), this.lane(this.identity.high), UNKNOWN);
  }

  /** The table takes no negative numbers: of a fingerprint, 62 bits must do. */
  private lane(lane: number): number {
    return this.isExact ? lane : lane >>> 1;
  }

  /** Numbers the state whose identity was just found. */
  private add(): number {
    const number = this.known.length;
    this.numbers.add(this.lane(this.identity.low), this.lane(this.identity.high), number);
    this.known.push(OPEN);
    this.lastIn.push(UNKNOWN);
    return number;
  }

  /** Depth first from `start`, a new state, until the goals are met or nothing is left. */
  private search(start: Int32Array): void {
    this.base = this.known.length;
    this.lastIn = new Int32List();
    this.edgeBefore = new Int32List();
    this.edgeSource = new Int32List();
    this.reached = 0;
    const path = [this.visit(start)];
    for (let at = path[0]; at !== undefined; at = path.at(-1)) {
      const choice = at.choices[at.next++];
      if (this.isReaching(at.number)) return this.settle(at.number);
      if (this.known.length >= this.maxStates) {
        this.isFull = true;
        return this.settle(at.number);
      }
      if (choice === undefined) {
        path.pop();
        continue;
      }
      const record = this.after(at.record, choice);
      if (record === null) continue;
      const number = this.numberOf(record);
      if (number === UNKNOWN) {
        const next = this.visit(record);
        this.addEdge(at.number, next.number);
        path.push(next);
      } else if (number >= this.base) {
        this.addEdge(at.number, number);
      } else if (this.isReaching(number)) {
        return this.settle(at.number);
      }
    }
    return this.settle(UNKNOWN);
  }

  /** A new state, whose identity was just found. */
  private visit(record: Int32Array): Visit {
    const number = this.add();
    const reached = this.goals.reachedIn(record, this.servers);
    this.reached |= reached;
    if (this.goals.isComplete(reached)) this.known.data[number] = REACHES;
    return { number, record, choices: this.choicesIn(record), next: 0 };
  }

  private addEdge(from: number, to: number): void {
    this.edgeBefore.push(this.lastIn.data[to - this.base] as number);
    this.lastIn.data[to - this.base] = this.edgeSource.length;
    this.edgeSource.push(from);
  }

  /** Everything that leads to `goal` reaches it; everything else that was visited is stuck. */
  private settle(goal: number): void {
    const { known, base } = this;
    const reaching = goal === UNKNOWN ? [] : [goal];
    if (goal !== UNKNOWN) known.data[goal] = REACHES;
    for (let at = reaching.pop(); at !== undefined; at = reaching.pop()) {
      let edge = this.lastIn.data[at - base] as number;
      for (; edge !== UNKNOWN; edge = this.edgeBefore.data[edge] as number) {
        const source = this.edgeSource.data[edge] as number;
        if (known.data[source] === REACHES) continue;
        known.data[source] = REACHES;
        reaching.push(source);
      }
    }
    for (let at = base; at < known.length; at++) {
      if (known.data[at] === OPEN) known.data[at] = STUCK;
    }
  }

  /** Everything that can happen without faults, the likeliest to help first. */
  private choicesIn(record: Int32Array): readonly Choice[] {
    const busy = this.busyIn(record);
    return busy.length > 0 ? busy : this.timersIn(record);
  }

  /** Writes and messages: while there are any, no timer fires. */
  private busyIn(record: Int32Array): readonly Choice[] {
    const { servers, reactions, packets } = this;
    const choices: Choice[] = [];
    for (let server = 0; server < servers; server++) {
      const process = record[1 + server] as number;
      if (!reactions.isWriting[process]) continue;
      const impulse = reactions.onItself(process).find(({ kind }) => kind === "flush");
      if (impulse === undefined) continue;
      choices.push({ server, reaction: impulse.reaction, packetAt: -1 });
    }
    for (let packetAt = servers + 2; packetAt < record.length; packetAt++) {
      const packet = record[packetAt] as number;
      const server = packets.receivers.data[packet] as number;
      const reaction = reactions.onPacket(record[1 + server] as number, packet);
      if (reaction !== NO_REACTION) choices.push({ server, reaction, packetAt });
    }
    return choices;
  }

  private timersIn(record: Int32Array): readonly Choice[] {
    const { goals, reactions, servers } = this;
    const leader = goals.leaderOf(record, servers);
    const processOf = (server: number): number => record[1 + server] as number;
    const order = Array.from({ length: servers }, (_, server) => server).sort((a, b) => {
      if (leader !== -1) return Number(b === leader) - Number(a === leader);
      const [mine, other] = [processOf(a), processOf(b)];
      return (reactions.standing[other] as number) - (reactions.standing[mine] as number);
    });
    const isAtRest = goals.isAtRest(goals.reachedIn(record, servers));
    // Which timer was started first is not known here: wait until no lease is left.
    const isLeasing = order.some((server) => reactions.isLeasing[processOf(server)]);
    const contests: Choice[] = [];
    const others: Choice[] = [];
    const last: Choice[] = [];
    for (const server of order) {
      for (const { kind, reaction } of reactions.onItself(processOf(server))) {
        const choice = { server, reaction, packetAt: -1 };
        if (kind === "propose" && !isAtRest) continue;
        // A leader of the highest term lets nobody's election timers run out.
        const isContest = passesElectionTimer({ kind });
        if (isContest && isLeasing) continue;
        if (!isContest) others.push(choice);
        else if (leader === -1) contests.push(choice);
        else if (server === leader && goals.isLeader(reactions.to.data[reaction] as number)) {
          others.push(choice);
        } else if (!goals.isMember(server, processOf(leader))) last.push(choice);
      }
    }
    return [...contests, ...others, ...last];
  }

  /** The state after `choice`; null where it would be out of hand. */
  private after(record: Int32Array, { server, reaction, packetAt }: Choice): Int32Array | null {
    const { servers, reactions } = this;
    const inFlight = [...record.subarray(servers + 2)];
    if (packetAt !== -1) inFlight.splice(packetAt - servers - 2, 1);
    const end = reactions.sentFrom.data[reaction + 1] as number;
    for (let at = reactions.sentFrom.data[reaction] as number; at < end; at++) {
      const packet = reactions.sent.data[at] as number;
      if (!inFlight.includes(packet)) inFlight.push(packet);
    }
    if (inFlight.length > MAX_IN_FLIGHT) return null;
    const next = new Int32Array(servers + 2 + inFlight.length);
    next.set(record.subarray(0, servers + 1));
    next[1 + server] = reactions.to.data[reaction] as number;
    next[servers + 1] = inFlight.length;
    next.set(inFlight, servers + 2);
    return next;
  }
}
