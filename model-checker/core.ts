/**
 * Who must get to work by themselves once faults have ended. As long as a change of the members
 * is open nobody can tell which configuration will be in force, so it takes a majority of each
 * half of every one that may be (thesis §4.3), and one who can be elected by them.
 */
import {
  type Configuration,
  configurationOf,
  isLogUpToDate,
  lastIndex,
  lastTerm,
  mayCampaign,
  recover,
  type ServerId,
  type State,
} from "../kernel/index.ts";
import { committedConfiguration } from "../spec/index.ts";
import { type Bounds, serverNames } from "./bounds.ts";
import type { Process } from "./process.ts";
import type { World } from "./world.ts";

interface Placed {
  readonly index: number;
  readonly configuration: Configuration;
}

/** The configuration last committed, and all that may still come after it. */
export function possibleConfigurations(world: World): readonly Configuration[] {
  const { history } = world.environment;
  const { committed } = history;
  const last = committed.findLast(({ entry }) => entry.payload.kind === "configuration");
  const inLogs = world.processes.flatMap(configurationsIn);
  const inFlight = world.network.messages.flatMap((message) =>
    message.kind === "append-entries-request" ? configurationsAmong(message.entries) : [],
  );
  const open = [...inLogs, ...inFlight].filter(({ index }) => index > (last?.entry.index ?? 0));
  return [
    committedConfiguration(history, committed.length),
    ...open.map(({ configuration }) => configuration),
  ];
}

function configurationsIn(process: Process): readonly Placed[] {
  return process.kind === "up"
    ? process.state.configurations
    : configurationsAmong(process.durable.entries);
}

function configurationsAmong(entries: Process["durable"]["entries"]): readonly Placed[] {
  return entries.flatMap(({ index, payload }) =>
    payload.kind === "configuration" ? [{ index, configuration: payload.configuration }] : [],
  );
}

/** Whether `members` hold a majority of each half, in the checker's own words. */
function canDecide(
  { voters, outgoingVoters }: Configuration,
  members: readonly ServerId[],
): boolean {
  return [voters, outgoingVoters]
    .filter((half) => half.length > 0)
    .every((half) => half.filter((id) => members.includes(id)).length * 2 > half.length);
}

/** Whether servers that are no members any more, and do not know it, cannot disturb the others. */
export function isLeftAlone({ preVote, checkQuorum }: Bounds): boolean {
  return preVote || checkQuorum;
}

/** Everybody who takes part, or does no harm: members of what may be in force, and strangers. */
export function participants(world: World): readonly ServerId[] {
  const possible = possibleConfigurations(world);
  const isMember = (id: ServerId): boolean =>
    possible.some(({ voters, outgoingVoters, learners }) =>
      [voters, outgoingVoters, learners].some((part) => part.includes(id)),
    );
  return serverNames(world.bounds).filter((id) => isLeftAlone(world.bounds) || isMember(id));
}

/**
 * Whether somebody among `group` can be elected there: one whose own configuration has a quorum
 * that does not refuse its log. A majority of every configuration may not be enough for that: a
 * learner holds more than the voters who are left, the next configuration needs its vote, and it
 * does not know yet that it is a voter, so it refuses and never campaigns.
 */
function canElect(world: World, group: readonly ServerId[]): boolean {
  const states = world.configs.flatMap((config, i): readonly Located[] => {
    const process = world.processes[i];
    if (process === undefined || !group.includes(config.id)) return [];
    const { state } = process.kind === "up" ? process : recover(config, process.durable);
    return [{ id: config.id, state }];
  });
  return states.some(({ id, state }) => {
    const { log } = state;
    const granting = states.filter((it) =>
      isLogUpToDate(it.state.log, lastIndex(log), lastTerm(log)),
    );
    const voters = granting.map((it) => it.id);
    return mayCampaign(state, id) && canDecide(configurationOf(state), voters);
  });
}

interface Located {
  readonly id: ServerId;
  readonly state: State;
}

/** The participants less as many voters as can be spared, counted from `offset`. */
export function coreOf(world: World, offset: number): readonly ServerId[] {
  const possible = possibleConfigurations(world);
  const everybody = participants(world);
  const voters = everybody.filter((id) =>
    possible.some((it) => it.voters.includes(id) || it.outgoingVoters.includes(id)),
  );
  return voters
    .map((_, i) => voters[(i + offset) % voters.length] as ServerId)
    .reduce<readonly ServerId[]>((core, id) => {
      const rest = core.filter((other) => other !== id);
      const isEnough = possible.every((it) => canDecide(it, rest)) && canElect(world, rest);
      return isEnough ? rest : core;
    }, everybody);
}
