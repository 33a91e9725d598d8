/**
 * Moves of many actions each, which reach in one choice of an adversary what single actions
 * rarely do: elections, talks between some, changes of the members, snapshots, handing over.
 */
import {
  configurationOf,
  isJoint,
  isQuorum,
  type Message,
  mayCampaign,
  otherVoters,
  type ServerId,
  type State,
} from "../kernel/index.ts";
import { commandAt, readNamed, serverNames } from "./bounds.ts";
import { leaseHolders } from "./clocks.ts";
import { converse, converseTwice } from "./converse.ts";
import { act, type Simulation } from "./simulate.ts";

/** A move ready to be played. */
export type Move = (run: Simulation) => void;

/** Enough to come to an end of most things. */
const LONG = 60;

function isVoting({ kind }: Message): boolean {
  return kind.includes("vote");
}

/** The order to campaign is kept for `obey`: it is the more interesting the later it comes. */
function isReplicating(message: Message): boolean {
  return !isVoting(message) && message.kind !== "timeout-now-request";
}

function stateOf(run: Simulation, id: ServerId): State | null {
  const process = run.world.processes.find((it) => it.id === id);
  return process?.kind === "up" ? process.state : null;
}

/** The servers that lead, each in its term. */
export function leaders(run: Simulation): readonly ServerId[] {
  return run.world.processes.flatMap((process) =>
    process.kind === "up" && process.state.role.kind === "leader" ? [process.id] : [],
  );
}

/** A candidate, and those who make a quorum of its configuration together with it. */
export interface Campaign {
  readonly candidate: ServerId;
  readonly voters: readonly ServerId[];
}

/** Every running voter that does not lead, with each quorum of consecutive voters around it. */
export function campaigns(run: Simulation): readonly Campaign[] {
  return run.world.processes.flatMap((process): readonly Campaign[] => {
    if (process.kind === "down" || process.state.role.kind === "leader") return [];
    const { id: candidate, state } = process;
    if (!mayCampaign(state, candidate)) return [];
    const configuration = configurationOf(state);
    const peers = [...otherVoters(configuration, candidate)];
    if (peers.length === 0) return [{ candidate, voters: [] }];
    return peers.map((_, first) => {
      const ring = [...peers.slice(first), ...peers.slice(0, first)];
      const needed = ring.findIndex((_, i) =>
        isQuorum(configuration, [candidate, ...ring.slice(0, i + 1)]),
      );
      return { candidate, voters: ring.slice(0, needed + 1) };
    });
  });
}

/** What `group` heard of a leader is long ago, as far as clocks allow. */
function forgetLeader(run: Simulation, group: readonly ServerId[]): void {
  for (const id of group) {
    if (stateOf(run, id)?.leaderContact) act(run, { kind: "minimum-timeout", server: id });
  }
}

/** The candidate times out, and its campaign is heard by its quorum alone. */
export function elect({ candidate, voters }: Campaign, isPatient: boolean): Move {
  return (run) => {
    const group = [candidate, ...voters];
    if (isPatient) {
      const { processes } = run.world;
      for (const server of leaseHolders(processes)) act(run, { kind: "lease-timeout", server });
    }
    forgetLeader(run, group);
    act(run, { kind: "timeout", server: candidate });
    converse(run, group, isVoting, LONG);
  };
}

/** A campaign that all but one of its quorum misses, and that one may hear twice. */
export function canvass({ candidate, voters }: Campaign, isEchoed: boolean): Move {
  return (run) => {
    const pair = [candidate, ...voters.slice(-1)];
    act(run, { kind: "timeout", server: candidate });
    if (isEchoed) converseTwice(run, pair, isVoting, 12);
    converse(run, pair, isVoting, 12);
  };
}

/** An election, then a few words with one of those who voted. */
export function reign(campaign: Campaign, limit: number): Move {
  return (run) => {
    elect(campaign, true)(run);
    const pair = [campaign.candidate, ...campaign.voters.slice(0, 1)];
    converse(run, pair, isReplicating, limit);
  };
}

/** `leader` and one other talk, for a little or until they agree. */
export function sync(leader: ServerId, other: ServerId, limit: number, isEchoed: boolean): Move {
  return (run) => {
    const pair = [leader, other];
    const isTalking = run.world.network.messages.some(
      (message) =>
        isReplicating(message) && pair.includes(message.from) && pair.includes(message.to),
    );
    if (!isTalking) act(run, { kind: "heartbeat", server: leader });
    (isEchoed ? converseTwice : converse)(run, pair, isReplicating, limit);
  };
}

/** Some proposals in a row. */
export function burst(server: ServerId, count: number): Move {
  return (run) => {
    for (let i = 0; i < count; i++) {
      const command = commandAt(run.world.bounds, run.world.environment.budget.proposals);
      act(run, { kind: "propose", server, command });
    }
  };
}

/** A crash and a restart, or a restart of what is down. */
export function bounce(server: ServerId): Move {
  return (run) => {
    act(run, { kind: "crash", server });
    act(run, { kind: "restart", server });
  };
}

/** Cuts the servers in two. */
export function partition(group: readonly ServerId[]): Move {
  return (run) => {
    const rest = serverNames(run.world.bounds).filter((id) => !group.includes(id));
    if (rest.length > 0) act(run, { kind: "partition", groups: [group, rest] });
  };
}

/** What happens to a leader in the middle of something. */
export const blows = ["none", "crash", "isolate", "time-out"] as const;
type Blow = (typeof blows)[number];

function strike(run: Simulation, leader: ServerId, blow: Blow): void {
  if (blow === "crash") act(run, { kind: "crash", server: leader });
  if (blow === "isolate") partition([leader])(run);
  if (blow === "time-out") act(run, { kind: "timeout", server: leader });
}

/**
 * The leader settles, begins the next change of the members, and gets `limit` actions far; where
 * that is null, until it leaves the joint configuration and before anybody hears of it.
 */
export function change(leader: ServerId, limit: number | null, blow: Blow): Move {
  return (run) => {
    const { bounds, environment } = run.world;
    const target = bounds.changes[environment.budget.changes];
    if (target === undefined) return;
    const names = serverNames(bounds);
    act(run, { kind: "heartbeat", server: leader });
    converse(run, names, isReplicating, LONG);
    act(run, { kind: "configure", server: leader, target });
    const isChanging = (): boolean => {
      const state = stateOf(run, leader);
      return state !== null && isJoint(configurationOf(state));
    };
    if (limit !== null) converse(run, names, isReplicating, limit);
    else while (isChanging() && converse(run, names, isReplicating, 1) > 0);
    strike(run, leader, blow);
  };
}

/**
 * `other` misses some entries, or they are late, and the leader then holds them only as a
 * snapshot.
 */
export function leaveBehind(
  leader: ServerId,
  other: ServerId,
  limit: number,
  isLate: boolean,
): Move {
  return (run) => {
    const rest = serverNames(run.world.bounds).filter((id) => id !== other);
    if (!isLate) partition([other])(run);
    burst(leader, 2)(run);
    converse(run, rest, isReplicating, LONG);
    act(run, { kind: "snapshot", server: leader });
    act(run, isLate ? { kind: "disconnect", server: leader, peer: other } : { kind: "heal" });
    sync(leader, other, limit, false)(run);
  };
}

/** All hear the leader, but their answers are late. */
export function whisper(leader: ServerId): Move {
  return (run) => {
    act(run, { kind: "heartbeat", server: leader });
    converse(run, serverNames(run.world.bounds), ({ from }) => from === leader, LONG);
  };
}

/** A leader's order to campaign arrives, and all but the leader take part for a while. */
export function obey(order: Message, limit: number): Move {
  return (run) => {
    const rest = serverNames(run.world.bounds).filter((id) => id !== order.from);
    act(run, { kind: "deliver", message: order });
    converse(run, rest, isVoting, LONG);
    converse(run, rest, isReplicating, limit);
  };
}

/** The leader hands over to `peer`, and they get `limit` actions far. */
export function handOver(leader: ServerId, peer: ServerId, limit: number, blow: Blow): Move {
  return (run) => {
    act(run, { kind: "transfer", server: leader, peer });
    converse(run, [leader, peer], () => true, limit);
    strike(run, leader, blow);
  };
}

/** A read of one server, some talk, and another: in the same batch, the next, or under a lease. */
export function ask(server: ServerId, limit: number): Move {
  const askOnce = (run: Simulation): void => {
    const read = readNamed(run.world.environment.budget.reads);
    act(run, { kind: "read", server, read });
  };
  return (run) => {
    askOnce(run);
    converse(run, serverNames(run.world.bounds), isReplicating, limit);
    askOnce(run);
  };
}

/** How another server comes to lead while the old leader knows nothing of it. */
export const uprisings = ["election", "restart", "late order", "late answers"] as const;

/**
 * A leader has made sure of its followers when all others elect `candidate` and commit without it;
 * then a client asks the old leader for a read.
 */
export function usurp(
  leader: ServerId,
  candidate: ServerId,
  uprising: (typeof uprisings)[number],
): Move {
  return (run) => {
    const rest = serverNames(run.world.bounds).filter((id) => id !== leader);
    ask(leader, LONG)(run);
    if (uprising === "late answers") whisper(leader)(run);
    if (uprising === "late order") {
      act(run, { kind: "transfer", server: leader, peer: candidate });
      act(run, { kind: "timeout", server: leader });
      ask(leader, LONG)(run);
    }
    if (uprising === "restart") for (const id of rest) bounce(id)(run);
    const order = run.world.network.messages.find(
      ({ kind, to }) => kind === "timeout-now-request" && to === candidate,
    );
    if (order === undefined) elect({ candidate, voters: rest }, uprising === "late answers")(run);
    else obey(order, LONG)(run);
    burst(candidate, 1)(run);
    converse(run, rest, isReplicating, LONG);
    ask(leader, 8)(run);
  };
}
