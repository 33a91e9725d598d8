/** `quorate check [SCOPE]`: visits every state within bounds and says what it found. */
import * as Argument from "effect/cli/Argument";
import * as CliError from "effect/cli/CliError";
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import { TerminalCapabilities } from "effect/cli/TerminalCapabilities";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import { check, checkFault } from "../../model-checker/check.ts";
import type { CheckOptions } from "../../model-checker/result.ts";
import { scopeNamed, scopes } from "../../model-checker/scopes.ts";
import { canReadTla } from "../../model-checker/tla/parser.ts";
import { conduct, type Settings } from "../conduct.ts";
import { UsageError } from "../exit-codes.ts";
import { boundFlags, limitFlag, switchFlag, withFlags } from "../flags.ts";

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
  trace: Flag.String("trace").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("Save a counterexample, for quorate replay FILE"),
    Flag.optional,
  ),
  quiet: switchFlag("quiet", "Print the verdict only, and no progress"),
  verbose: switchFlag("verbose", "List every property with its rule"),
};

type Input = Command.Command.Config.Infer<typeof parameters>;

/** @throws UsageError where the bounds make no sense together. */
function settingsFor(input: Input, canColor: boolean): Settings {
  const named = Option.getOrUndefined(input.scope) ?? scopeNamed("default");
  if (named === undefined) throw new Error("there is a scope named default");
  const bounds = withFlags(named.bounds, input.bounds);
  const { json, quiet, verbose, maxStates, maxMemory } = input;
  const maxSeconds = input.maxSeconds ?? named.maxSeconds;
  const maxMemoryBytes = maxMemory === undefined ? named.maxMemoryBytes : maxMemory * GIBIBYTE;
  const options: CheckOptions = {
    bounds,
    exact: input.exact,
    symmetry: !input.noSymmetry,
    conform: Option.getOrElse(input.conform, () => named.conform === true && canReadTla()),
    progress: Option.getOrElse(input.progress, () => named.progress === true),
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
  return { options, json, quiet, verbose, canColor, traceFile: Option.getOrNull(input.trace) };
}

/** The subcommand. Its flags are read here, and the check is conducted elsewhere. */
export const command = Command.make("check", parameters, (input) =>
  Effect.gen(function* () {
    const { canColor } = yield* TerminalCapabilities;
    yield* Effect.tryPromise({
      try: async () => conduct(check, settingsFor(input, canColor)),
      catch: (error) => error,
    });
  }),
).pipe(
  Command.withDescription("Visit every state of a cluster within bounds and check every property"),
  Command.withExamples([
    { command: "quorate check", description: "The main check, in about a minute" },
    { command: "quorate check smoke --json", description: "A short one, for programs" },
    {
      command: "quorate check --servers 3 --crashes 2 --trace violation.trace",
      description: "Bounds of your own",
    },
  ]),
);
