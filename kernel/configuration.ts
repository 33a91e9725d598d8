/**
 * Which configuration is in force. Thesis §4.1: a server uses the latest configuration in its
 * log from the moment it is appended, committed or not, and falls back when it is truncated.
 * TLA+: ConfigurationOf.
 */
import { assert } from "./assert.ts";
import { isVoter } from "./quorum.ts";
import type { State } from "./state.ts";
import type { Configuration, Entry, LogIndex, ServerId, Snapshot } from "./types.ts";

/** A configuration and the index of the entry that holds it. */
export interface ConfigurationAt {
  readonly index: LogIndex;
  readonly configuration: Configuration;
}

/**
 * The configurations of a log: first the one in force where the log begins, under that index,
 * then one per configuration entry.
 */
export type Configurations = readonly ConfigurationAt[];

/** The configurations of a log that holds nothing after `snapshot`. */
export function configurationsOfSnapshot(snapshot: Snapshot): Configurations {
  return [{ index: snapshot.lastIndex, configuration: snapshot.configuration }];
}

/** The configurations after `entries` replaced the log's suffix from the first one's index on. */
export function configurationsAfter(
  configurations: Configurations,
  entries: readonly Entry[],
): Configurations {
  const [first] = entries;
  if (first === undefined) return configurations;
  let result = configurations;
  while ((result.at(-1)?.index ?? 0) >= first.index) result = result.slice(0, -1);
  for (const { index, payload } of entries) {
    if (payload.kind !== "configuration") continue;
    result = [...result, { index, configuration: payload.configuration }];
  }
  return result;
}

/** The configurations of a log that begins after `index`: the one in force there comes first. */
export function configurationsFrom(
  configurations: Configurations,
  index: LogIndex,
): Configurations {
  const first = configurationAt(configurations, index);
  return [
    { index, configuration: first.configuration },
    ...configurations.filter((it) => it.index > index),
  ];
}

/** The configuration that was in force when the log ended at `index`, which it still holds. */
export function configurationAt(configurations: Configurations, index: LogIndex): ConfigurationAt {
  let position = configurations.length - 1;
  while (position > 0 && (configurations[position]?.index ?? 0) > index) position -= 1;
  const found = configurations[position];
  assert(
    found !== undefined && found.index <= index,
    "a server knows its configuration wherever its log reaches",
  );
  return found;
}

/** The configuration in force on this server, and where it stands in the log. */
export function latestConfiguration(state: State): ConfigurationAt {
  const latest = state.configurations.at(-1);
  assert(latest !== undefined, "a server always has a configuration");
  return latest;
}

/** The configuration in force on this server. */
export function configurationOf(state: State): Configuration {
  return latestConfiguration(state).configuration;
}

/**
 * Whether `id` campaigns: a voter in force, or one that the latest change removes, as long as that
 * is not known to be committed. "A server that is not part of its own latest configuration should
 * still start new elections, as it might still be needed until the C_new entry is committed"
 * (thesis §4.2.2): nobody else may have a log that is as long as its own.
 */
export function mayCampaign(state: State, id: ServerId): boolean {
  const { index, configuration } = latestConfiguration(state);
  if (isVoter(configuration, id)) return true;
  const before = state.configurations.at(-2);
  return before !== undefined && index > state.commitIndex && isVoter(before.configuration, id);
}

/** Whether decisions need a majority of two sets of voters (thesis §4.3). */
export function isJoint({ outgoingVoters }: Configuration): boolean {
  return outgoingVoters.length > 0;
}

/**
 * What is wrong with `value` as a configuration of a log, or null. A learner may be an outgoing
 * voter: it is being demoted. Never throws on plain data of any shape.
 */
export function configurationFault(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return "not a record";
  const { voters, outgoingVoters, learners } = value as Readonly<Record<string, unknown>>;
  const parts = { voters, outgoingVoters, learners };
  for (const [part, names] of Object.entries(parts)) {
    const fault = namesFault(names);
    if (fault !== null) return `${part} ${fault}`;
  }
  if ((voters as readonly unknown[]).length === 0) return "there are no voters";
  const both = (learners as readonly string[]).find((name) =>
    (voters as readonly string[]).includes(name),
  );
  return both === undefined ? null : `${both} is both a voter and a learner`;
}

function namesFault(value: unknown): string | null {
  if (!Array.isArray(value)) return "is not a list";
  if (!value.every((name) => typeof name === "string" && name !== "")) return "holds no name";
  const repeated = value.find((name, i) => value.indexOf(name) !== i);
  return repeated === undefined ? null : `names ${repeated} twice`;
}
