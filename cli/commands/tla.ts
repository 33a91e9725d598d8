/** `quorate tla check FILE`: explores a TLA+ module as its configuration asks. */
import * as Argument from "effect/cli/Argument";
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import { limitFlag, switchFlag, textFlag } from "../flags.ts";
import { conductTla, type TlaSettings } from "../tla-conduct.ts";
import { work } from "../work.ts";

const parameters = {
  module: Argument.String("file").pipe(
    Argument.withMetavar("FILE"),
    Argument.withDescription("The module, FILE.tla"),
  ),
  config: textFlag("config", "FILE", "The configuration, in TLC's format: FILE.cfg unless given"),
  libraries: Flag.String("library").pipe(
    Flag.withMetavar("DIR"),
    Flag.withDescription("Where else to look for modules, after the folder of FILE (repeatable)"),
    Flag.atLeast(0),
  ),
  withoutLiveness: switchFlag(
    "without-liveness",
    "Leave out what properties say of the future; else such a property is refused",
  ),
  noDeadlock: switchFlag("no-deadlock", "Let behaviours end: a state may have no successor"),
  maxStates: limitFlag("max-states", "N", "Stop after this many distinct states"),
  maxSeconds: limitFlag("max-seconds", "SECONDS", "Stop after this time"),
  json: switchFlag("json", "Print the outcome as one JSON object"),
  quiet: switchFlag("quiet", "Print the verdict only, and no progress"),
  verbose: switchFlag("verbose", "List how often each action was taken, and every property"),
};

function settingsFor(
  input: Command.Command.Config.Infer<typeof parameters>,
  canColor: boolean,
): TlaSettings {
  const { config = null, maxStates, maxSeconds, ...rest } = input;
  const limits = {
    ...(maxStates === undefined ? {} : { maxStates }),
    ...(maxSeconds === undefined ? {} : { maxSeconds }),
  };
  return { ...rest, config, limits, canColor };
}

const check = Command.make("check", parameters, (input) =>
  work((canColor) => conductTla(settingsFor(input, canColor))),
).pipe(
  Command.withDescription(
    "Visit every state of a TLA+ module, as its configuration bounds it, and check what it asks. " +
      "Generated and distinct states and the depth are counted as TLC counts them: the depth is " +
      "the number of states, the first included, on the longest of the shortest ways to any state.",
  ),
  Command.withExamples([
    { command: "quorate tla check Raft.tla", description: "As Raft.cfg says" },
    {
      command: "quorate tla check MC.tla --config Small.cfg --verbose",
      description: "With a configuration of another name, and the actions counted",
    },
  ]),
);

/** The subcommand, with its own. */
export const command = Command.make("tla").pipe(
  Command.withDescription("Check a TLA+ specification, with TLC's semantics"),
  Command.withSubcommands([check]),
);
