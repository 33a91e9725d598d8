/**
 * Who must get to work by themselves once faults have ended. As long as a change of the members
 * is open nobody can tell which configuration will be in force, so it takes a majority of each
 * half of every one that may be (thesis §4.3).
 */
import type { Configuration, ServerId } from "../kernel/index.ts";
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
function canDecide({ voters, outgoingVoters }: Configuration, members: readonly ServerId[]) {
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
      return possible.every((it) => canDecide(it, rest)) ? rest : core;
    }, everybody);
}
