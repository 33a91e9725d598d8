/** A flag for each bound, and flags for numbers that must make sense. */
import * as CliError from "effect/cli/CliError";
import * as Flag from "effect/cli/Flag";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import { type Bounds, defaultBounds } from "../model-checker/bounds.ts";
import { boundLabel, boundNames, boundRange, parseBound } from "../model-checker/trace.ts";

const ABOUT: Readonly<Record<keyof Bounds, string>> = {
  servers: "Voters, named n1, n2, ...",
  learners: "Learners, named after the voters",
  joining: "Servers that are no members at first, named after the learners",
  terms: "No campaign beyond this term",
  log: "No log longer than this",
  proposals: "Client proposals in all",
  sessions: "Clients propose commands of sessions, and try again",
  messages: "Messages in flight at once",
  crashes: "Crashes in all",
  snapshots: "Snapshots taken in all",
  changes: "Changes of members asked for, in order: VOTERS+LEARNERS with commas, then ;",
  transfers: "Leadership transfers asked for in all",
  reads: "Reads asked for in all",
  campaigns: "Campaigns on request in all",
  disconnections: "Broken connections that a leader is told of, in all",
  duplications: "Messages delivered twice, in all",
  loss: "Losing a message is an action of its own",
  heartbeats: "Leaders send heartbeats",
  network: "fifo: each link delivers in the order of sending",
  storage: "asynchronous: a crash loses what is not yet written",
  preVote: "Ask before raising the term (thesis 9.6)",
  checkQuorum: "A leader without a quorum steps down (thesis 6.2)",
  leaseReads: "Leaders answer reads under a lease (thesis 6.4.1)",
  clocks: "bounded: a promise outlives the lease that rests on it; free: it may not",
  uncommitted: "characters of commands that a leader holds uncommitted",
  window: "AppendEntries in flight to one follower",
  batch: "Entries in one AppendEntries",
};

/** Fails with a message that names the flag, the value and what is expected. */
function invalid(option: string, value: string, expected: string): CliError.InvalidValue {
  return new CliError.InvalidValue({ option, value, expected, kind: "flag" });
}

function boundFlag(name: keyof Bounds): Flag.Flag<Option.Option<Bounds[keyof Bounds]>> {
  const label = boundLabel(name);
  if (typeof defaultBounds[name] === "boolean") {
    const about = `${ABOUT[name]} (off: --no-${label})`;
    return Flag.Boolean(label).pipe(Flag.withDescription(about), Flag.optional);
  }
  const isList = Array.isArray(defaultBounds[name]);
  const isChoice = typeof defaultBounds[name] === "string";
  return Flag.String(label).pipe(
    Flag.mapEffect((text) => {
      const value = parseBound(name, text);
      if (value === null) return Effect.fail(invalid(label, text, boundRange(name)));
      return Effect.succeed(value);
    }),
    Flag.withMetavar(isChoice ? boundRange(name).replace(" or ", "|") : isList ? "LIST" : "N"),
    Flag.withDescription(ABOUT[name]),
    Flag.optional,
  );
}

/** A flag for each bound; what is not given stays as the scope has it. */
export const boundFlags = Object.fromEntries(
  boundNames.map((name) => [name, boundFlag(name)]),
) as Readonly<Record<keyof Bounds, Flag.Flag<Option.Option<Bounds[keyof Bounds]>>>>;

/** The bounds of a scope with those that were given by flags. */
export function withFlags(
  bounds: Bounds,
  flags: Readonly<Record<keyof Bounds, Option.Option<Bounds[keyof Bounds]>>>,
): Bounds {
  const given = boundNames.flatMap((name) => {
    const flag = flags[name];
    return Option.isSome(flag) ? [[name, flag.value] as const] : [];
  });
  return { ...bounds, ...Object.fromEntries(given) };
}

/** A flag for a limit: a number above 0, of `unit`. */
export function limitFlag(
  name: string,
  unit: string,
  about: string,
): Flag.Flag<number | undefined> {
  return Flag.String(name).pipe(
    Flag.mapEffect((text) => {
      const isNumber = /^\d+(\.\d+)?(e\d+)?$/.test(text) && Number(text) > 0;
      if (!isNumber) return Effect.fail(invalid(name, text, "a number above 0"));
      return Effect.succeed(Number(text));
    }),
    Flag.withMetavar(unit),
    Flag.withDescription(about),
    Flag.optional,
    Flag.map(Option.getOrUndefined),
  );
}

/** A flag for a text that may be left out. */
export function textFlag(
  name: string,
  metavar: string,
  about: string,
): Flag.Flag<string | undefined> {
  return Flag.String(name).pipe(
    Flag.withMetavar(metavar),
    Flag.withDescription(about),
    Flag.optional,
    Flag.map(Option.getOrUndefined),
  );
}

/** A flag without a value: off unless given. */
export function switchFlag(name: string, about: string): Flag.Flag<boolean> {
  return Flag.Boolean(name).pipe(
    Flag.withDescription(about),
    Flag.withoutNegation,
    Flag.withDefault(false),
  );
}
