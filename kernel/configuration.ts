/**
 * Which configuration is in force. Thesis §4.1: a server uses the latest configuration in its
 * log from the moment it is appended, committed or not, and falls back when it is truncated.
 * TLA+: configuration.
 */
import { assert } from "./assert.ts";
import type { State } from "./state.ts";
import type { Configuration, Entry, LogIndex } from "./types.ts";

/** A configuration and the index of the entry that holds it; 0 for the founding one. */
export interface ConfigurationAt {
  readonly index: LogIndex;
  readonly configuration: Configuration;
}

/** The configurations of a log: the founding one first, then one per configuration entry. */
export type Configurations = readonly ConfigurationAt[];

/** The configurations of a log that holds nothing but its founding configuration. */
export function foundingConfigurations(founding: Configuration): Configurations {
  return [{ index: 0, configuration: founding }];
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

/** The configuration in force on this server. */
export function configurationOf(state: State): Configuration {
  const latest = state.configurations.at(-1);
  assert(latest !== undefined, "a server always has its founding configuration");
  return latest.configuration;
}
