/** `quorate check [SCOPE]`: visits every state within bounds and says what it found. */
import * as Argument from "effect/cli/Argument";
import * as CliError from "effect/cli/CliError";
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import { check, checkFault } from "../../model-checker/check.ts";
import { type Prefix, parsePrefix, startAfter } from "../../model-checker/prefix.ts";
import type { CheckOptions } from "../../model-checker/result.ts";
import { type Scope, scopeNamed, scopes } from "../../model-checker/scopes.ts";
import { canReadTla } from "../../model-checker/tla/parser.ts";
import { boundLabel, boundNames } from "../../model-checker/trace.ts";
import { type AllSettings, conductAll } from "../check-all.ts";
import { conduct, type Settings } from "../conduct.ts";
import { UsageError } from "../exit-codes.ts";
import { boundFlags, limitFlag, switchFlag, textFlag, withFlags } from "../flags.ts";
import { readGiven } from "../read-file.ts";
import { work } from "../work.ts";

const GIBIBYTE = 2 ** 30;
const scopeNames = scopes.map(({ name }) => name).join(", ");

const scope = Argument.String("scope").pipe(
  Argument.withMetavar("SCOPE"),
  Argument.withDescription(`Bounds to start from: ${scopeNames}; see quorate scopes`),
  Argument.mapEffect((name) => {
    const found = scopeNamed(name);
    if (found !== undefined) return Effect.succeed(found);
    const argument = { option: "scope", value: name, kind: "argument" } as const;
    return Effect.fail(
      new CliError.InvalidValue({ ...argument, expected: `one of ${scopeNames}` }),
    );
  }),
  Argument.optional,
);

const parameters = {
  scope,
  bounds: boundFlags,
  all: switchFlag("all", "Check every scope but deep, one after another, and print one table"),
  from: textFlag(
    "from",
    "FILE",
    "Start where a schedule ends: a trace (its bounds, no SCOPE) or actions",
  ),
  exact: switchFlag("exact", "Know states by themselves, not by a fingerprint: slower, certain"),
  noSymmetry: switchFlag("no-symmetry", "Visit states that differ only by servers' names"),
  maxStates: limitFlag("max-states", "N", "Stop after this many distinct states"),
  maxSeconds: limitFlag("max-seconds", "SECONDS", "Stop after this time"),
  maxMemory: limitFlag("max-memory", "GIB", "Stop at this much memory"),
  conform: Flag.Boolean("conform").pipe(
    Flag.withDescription("Check every transition against tla/Raft.tla (smoke, default: on)"),
    Flag.optional,
  ),
  progress: Flag.Boolean("progress").pipe(
    Flag.withDescription("Demand that work can go on once faults stop (scope progress: on)"),
    Flag.optional,
  ),
  json: switchFlag("json", "Print the outcome as one JSON object"),
  trace: textFlag("trace", "FILE", "Save a counterexample, for quorate replay FILE"),
  quiet: switchFlag("quiet", "Print the verdict only, and no progress"),
  verbose: switchFlag("verbose", "List every property with its rule"),
};

type Input = Command.Command.Config.Infer<typeof parameters>;

/**
 * How to check `named`, with what the flags change.
 * @throws UsageError where the bounds make no sense together.
 */
function optionsFor(input: Input, named: Scope, from: Prefix | null): CheckOptions {
  const isScopeGiven = Option.isSome(input.scope);
  const base = isScopeGiven ? named.bounds : (from?.bounds ?? named.bounds);
  const bounds = withFlags(base, input.bounds);
  const { maxStates, maxMemory } = input;
  const maxSeconds = input.maxSeconds ?? named.maxSeconds;
  const maxMemoryBytes = maxMemory === undefined ? named.maxMemoryBytes : maxMemory * GIBIBYTE;
  const options: CheckOptions = {
    bounds,
    exact: input.exact,
    symmetry: !input.noSymmetry,
    conform: Option.getOrElse(input.conform, () => named.conform === true && canReadTla()),
    progress: Option.getOrElse(input.progress, () => named.progress === true),
    ...(from === null ? {} : { from }),
    ...(maxStates === undefined ? {} : { maxStates }),
    ...(maxSeconds === undefined ? {} : { maxSeconds }),
    ...(maxMemoryBytes === undefined ? {} : { maxMemoryBytes }),
  };
  const fault = checkFault(options);
  if (fault !== null) {
    const isSymmetryAtFault = checkFault({ ...options, symmetry: false }) === null;
    const hint = isSymmetryAtFault ? " (--no-symmetry)" : "";
    throw new UsageError(`these bounds cannot be exhausted: ${fault}${hint}`);
  }
  return options;
}

/** @throws UsageError where the schedule cannot be read, or cannot happen. */
function settingsFor(input: Input, canColor: boolean): Settings {
  const named = Option.getOrUndefined(input.scope) ?? scopeNamed("default");
  if (named === undefined) throw new Error("there is a scope named default");
  const { from: file, trace: traceFile = null } = input;
  const from = file === undefined ? null : readPrefix(file);
  const options = optionsFor(input, named, from);
  const start = from === null ? null : startAfter(from, options.bounds);
  if (start !== null && "fault" in start) {
    throw new UsageError(`${file}:${start.line}: ${start.fault}`);
  }
  const { json, quiet, verbose } = input;
  return { options, json, quiet, verbose, canColor, traceFile };
}

function readPrefix(file: string): Prefix {
  const prefix = parsePrefix(readGiven(file));
  if ("fault" in prefix) throw new UsageError(`${file}:${prefix.line}: ${prefix.fault}`);
  return prefix;
}

/** @throws UsageError where something else is asked for that means one scope. */
function settingsForAll(input: Input, canColor: boolean): AllSettings {
  const given = boundNames.filter((name) => Option.isSome(input.bounds[name]));
  const single = [
    ...(Option.isSome(input.scope) ? [input.scope.value.name] : []),
    ...given.map((name) => `--${boundLabel(name)}`),
    ...(input.from !== undefined ? ["--from"] : []),
    ...(input.trace !== undefined ? ["--trace"] : []),
    ...(input.verbose ? ["--verbose"] : []),
  ];
  if (single.length > 0) {
    throw new UsageError(`--all checks the scopes as they are, without ${single.join(", ")}`);
  }
  const tasks = scopes
    .filter(({ isLong }) => isLong !== true)
    .map((scope) => ({ scope: scope.name, options: optionsFor(input, scope, null) }));
  const { json, quiet } = input;
  return { tasks, json, quiet, canColor };
}

async function run(input: Input, canColor: boolean): Promise<void> {
  if (input.all) await conductAll(check, settingsForAll(input, canColor));
  else await conduct(check, settingsFor(input, canColor));
}

/** The subcommand. Its flags are read here, and the check is conducted elsewhere. */
export const command = Command.make("check", parameters, (input) =>
  work((canColor) => run(input, canColor)),
).pipe(
  Command.withDescription("Visit every state of a cluster within bounds and check every property"),
  Command.withExamples([
    { command: "quorate check", description: "The main check, in about a minute" },
    { command: "quorate check smoke --json", description: "A short one, for programs" },
    { command: "quorate check --all", description: "Every scope, in some minutes" },
    {
      command: "quorate check --from start.trace --crashes 1",
      description: "From where a schedule ends, with one more crash",
    },
    {
      command: "quorate check --servers 3 --crashes 2 --trace violation.trace",
      description: "Bounds of your own",
    },
  ]),
);
