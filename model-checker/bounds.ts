/**
 * What a run explores: the cluster, its network and storage, and how far it may go. A result
 * without its bounds is not a result, so they are plain data and printed with every verdict.
 */
import {
  type Configuration,
  configurationFault,
  type Durable,
  initialDurable,
  isMember,
  type KernelConfig,
  kernelConfig,
  noConfiguration,
  openSession,
  type ServerId,
  sessionCommand,
} from "../kernel/index.ts";
import type { KindOfChange, Needs } from "../spec/index.ts";

/** Everything that decides the state space; `Infinity` only where nothing is exhausted. */
export interface Bounds {
  /** Voters, named n1, n2, ... */
  readonly servers: number;
  /** Learners, named after the voters. */
  readonly learners: number;
  /** Servers that no configuration names at first, named after the learners. */
  readonly joining: number;
  /** No campaign beyond this term. */
  readonly terms: number;
  /** No log longer than this. */
  readonly log: number;
  /** Client proposals in all. */
  readonly proposals: number;
  /** Whether what clients propose are commands of sessions, with retries. */
  readonly sessions: boolean;
  /** Messages in flight at once. */
  readonly messages: number;
  /** Crashes in all. */
  readonly crashes: number;
  /** Snapshots taken in all. */
  readonly snapshots: number;
  /**
   * Changes of the members, in the order in which they are asked for, each as `VOTERS+LEARNERS`
   * with commas between names: `n1,n2,n4` or `n1,n2,n3+n4`.
   */
  readonly changes: readonly string[];
  /** Leadership transfers asked for in all. */
  readonly transfers: number;
  /** Reads asked for in all. */
  readonly reads: number;
  /** Campaigns on request in all. */
  readonly campaigns: number;
  /** Broken connections that a leader is told of, in all. */
  readonly disconnections: number;
  /** Messages delivered twice, in all. */
  readonly duplications: number;
  /** Whether losing a message is an action; a message never delivered is lost in any case. */
  readonly loss: boolean;
  /** Whether leaders send heartbeats. */
  readonly heartbeats: boolean;
  /** `fifo`: each link delivers in the order of sending. */
  readonly network: "unordered" | "fifo";
  /** `asynchronous`: a write completes later, and a crash loses what was not yet written. */
  readonly storage: "synchronous" | "asynchronous";
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  /** Leaders answer reads under a lease (`leaseReads` of the kernel). */
  readonly leaseReads: boolean;
  /**
   * `bounded`: clocks run alike, so what a follower promised outlives the lease that rests on it.
   * `free`: they do not.
   */
  readonly clocks: "bounded" | "free";
  /** Characters of commands that a leader holds uncommitted (`maxUncommittedChars`). */
  readonly uncommitted: number;
  /** AppendEntries in flight to one follower (`maxInFlight` of the kernel). */
  readonly window: number;
  /** Entries in one AppendEntries (`maxEntriesPerMessage` of the kernel). */
  readonly batch: number;
}

/** A small cluster with everything on: the starting point of every scope. */
export const defaultBounds: Bounds = {
  servers: 3,
  learners: 0,
  joining: 0,
  terms: 2,
  log: 3,
  proposals: 1,
  sessions: false,
  messages: 4,
  crashes: 1,
  snapshots: 0,
  changes: [],
  transfers: 0,
  reads: 0,
  campaigns: 0,
  disconnections: 0,
  duplications: 0,
  loss: false,
  heartbeats: true,
  network: "unordered",
  storage: "synchronous",
  preVote: true,
  checkQuorum: true,
  leaseReads: false,
  clocks: "bounded",
  uncommitted: Number.POSITIVE_INFINITY,
  window: 1,
  batch: 2,
};

/** What is wrong with `bounds`, or null: one sentence naming the bound and its range. */
export function boundsFault(bounds: Bounds): string | null {
  const least: Partial<Record<keyof Bounds, number>> = { servers: 1, terms: 1, log: 1 };
  for (const [name, value] of Object.entries(bounds) as [keyof Bounds, unknown][]) {
    if (typeof value !== "number") continue;
    const minimum = least[name] ?? (["messages", "window", "batch"].includes(name) ? 1 : 0);
    const isWhole = value === Number.POSITIVE_INFINITY || Number.isInteger(value);
    if (!isWhole || value < minimum) {
      return `${name} must be a whole number of at least ${minimum}, not ${value}`;
    }
  }
  if (serverNames(bounds).length > 9) return "at most 9 servers, learners and joining together";
  for (const text of bounds.changes) {
    const fault = changeFault(bounds, text);
    if (fault !== null) return `changes: "${text}" ${fault}`;
  }
  return null;
}

/** What is wrong with `text` as a change of the members, after its name; or null. */
export function changeFault(bounds: Bounds, text: string): string | null {
  const { voters, learners } = targetOf(text);
  const stranger = [...voters, ...learners].find((id) => !serverNames(bounds).includes(id));
  if (stranger !== undefined) return `names "${stranger}", which is no server`;
  return configurationFault({ voters, outgoingVoters: [], learners });
}

/** The members that a change asks for: `n1,n2+n3` is the voters n1 and n2 and the learner n3. */
export function targetOf(text: string): Pick<Configuration, "voters" | "learners"> {
  const [voters = "", learners = "", ...rest] = text.split("+");
  const names = (list: string): readonly ServerId[] => list.split(",").filter(Boolean);
  return { voters: names(voters), learners: [...names(learners), ...rest] };
}

/** The names of all servers: voters, learners, then those that are to join. */
export function serverNames({ servers, learners, joining }: Bounds): readonly ServerId[] {
  const count = servers + learners + joining;
  return Array.from({ length: count }, (_, position) => `n${position + 1}`);
}

/** The configuration the cluster is founded with. */
export function foundingConfiguration(bounds: Bounds): Configuration {
  const names = serverNames(bounds);
  return {
    voters: names.slice(0, bounds.servers),
    outgoingVoters: [],
    learners: names.slice(bounds.servers, bounds.servers + bounds.learners),
  };
}

/** What a server has stored at first. */
export function foundingDurable(bounds: Bounds, id: ServerId): Durable {
  const founding = foundingConfiguration(bounds);
  return initialDurable(isMember(founding, id) ? founding : noConfiguration);
}

/** The kernel configuration of one server. */
export function kernelConfigOf(bounds: Bounds, id: ServerId): KernelConfig {
  return kernelConfig(id, {
    preVote: bounds.preVote,
    checkQuorum: bounds.checkQuorum,
    leaseReads: bounds.leaseReads,
    maxEntriesPerMessage: bounds.batch,
    maxInFlight: bounds.window,
    maxUncommittedChars: bounds.uncommitted,
  });
}

/** What the changes do where each follows the one before it. */
function kindsOfChanges(bounds: Bounds): readonly KindOfChange[] {
  const targets = [foundingConfiguration(bounds), ...bounds.changes.map(targetOf)];
  return targets.slice(1).flatMap(({ voters, learners }, i): readonly KindOfChange[] => {
    const before = targets[i] ?? foundingConfiguration(bounds);
    const added = voters.filter((id) => !before.voters.includes(id));
    const gone = before.voters.filter((id) => !voters.includes(id));
    const isLearner = (id: ServerId): boolean => before.learners.includes(id);
    return [
      ...(added.length + gone.length > 0 ? ["changes voters" as const] : []),
      ...(added.some((id) => !isLearner(id)) ? ["adds" as const] : []),
      ...(added.some(isLearner) ? ["promotes" as const] : []),
      ...(gone.some((id) => !learners.includes(id)) ? ["removes" as const] : []),
      ...(gone.some((id) => learners.includes(id)) ? ["demotes" as const] : []),
    ];
  });
}

/** Whether `bounds` allow what a "sometimes" property needs. */
export function meets(bounds: Bounds, needs: Needs): boolean {
  return (
    bounds.servers >= (needs.servers ?? 3) &&
    bounds.terms >= (needs.terms ?? 1) &&
    bounds.proposals >= (needs.proposals ?? 0) &&
    bounds.crashes >= (needs.crashes ?? 0) &&
    bounds.messages >= (needs.messages ?? 1) &&
    bounds.log >= (needs.log ?? 1) &&
    bounds.snapshots >= (needs.snapshots ?? 0) &&
    bounds.changes.length >= (needs.changes ?? 0) &&
    (needs.changeThat === undefined || kindsOfChanges(bounds).includes(needs.changeThat)) &&
    bounds.transfers >= (needs.transfers ?? 0) &&
    bounds.reads >= (needs.reads ?? 0) &&
    bounds.campaigns >= (needs.campaigns ?? 0) &&
    bounds.learners >= (needs.learners ?? 0) &&
    bounds.disconnections >= (needs.disconnections ?? 0) &&
    bounds.window >= (needs.window ?? 1) &&
    (bounds.uncommitted < bounds.proposals || !needs.overload) &&
    (bounds.leaseReads || !needs.leaseReads) &&
    (bounds.sessions || !needs.sessions) &&
    (bounds.heartbeats || !needs.heartbeats) &&
    (bounds.preVote || !needs.preVote) &&
    (bounds.checkQuorum || !needs.checkQuorum) &&
    (bounds.storage === "asynchronous" || !needs.asynchronousStorage)
  );
}

/** The name of the n-th read, from 0: r1, r2, ... */
export function readNamed(n: number): string {
  return `r${n + 1}`;
}

/** The n-th command that is proposed, from 0: a, b, c, ..., or one of a session. */
export function commandAt(bounds: Bounds, n: number): string {
  if (bounds.sessions) return SESSION_COMMANDS[n % SESSION_COMMANDS.length] ?? openSession;
  return n < 26 ? String.fromCharCode(97 + n) : `c${n}`;
}

/**
 * Clients that hear no answer and try again: the latest command, then an older one; and, where two
 * sessions is the most, one whose session has expired.
 */
const SESSION_COMMANDS: readonly string[] = [
  openSession,
  sessionCommand(1, 1, "a"),
  sessionCommand(1, 1, "a"),
  sessionCommand(1, 2, "b"),
  sessionCommand(1, 1, "a"),
  openSession,
  sessionCommand(2, 1, "c"),
  sessionCommand(1, 3, "d"),
  openSession,
  sessionCommand(2, 1, "c"),
  sessionCommand(1, 3, "d"),
];
