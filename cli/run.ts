/** Parses the command line, loads the one subcommand that is called, and sets the exit code. */
import { createRequire } from "node:module";
import * as Cause from "effect/Cause";
import * as CliConfig from "effect/cli/CliConfig";
import * as CliError from "effect/cli/CliError";
import * as CliOutput from "effect/cli/CliOutput";
import * as Command from "effect/cli/Command";
import * as GlobalFlag from "effect/cli/GlobalFlag";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as FileSystem from "effect/FileSystem";
import * as Layer from "effect/Layer";
import * as Path from "effect/Path";
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner";
import * as Stdio from "effect/Stdio";
import * as Terminal from "effect/Terminal";
import { EXIT, exitCodesHelp, UsageError } from "./exit-codes.ts";
import { endQuietlyOnClosedPipe } from "./terminal.ts";

interface Subcommand {
  readonly name: string;
  readonly about: string;
  readonly load: () => Promise<{ readonly command: Command.Command.Any }>;
}

const SUBCOMMANDS: readonly Subcommand[] = [
  {
    name: "cluster",
    about: "Run a cluster of servers on this machine",
    load: () => import("./commands/cluster.ts"),
  },
  {
    name: "serve",
    about: "Run one server of the replicated key-value service",
    load: () => import("./commands/serve.ts"),
  },
  {
    name: "check",
    about: "Visit every state of a cluster within bounds and check every property",
    load: () => import("./commands/check.ts"),
  },
  {
    name: "replay",
    about: "Run a saved trace again and show what happens",
    load: () => import("./commands/replay.ts"),
  },
  {
    name: "scopes",
    about: "List the named scopes with their bounds",
    load: () => import("./commands/scopes.ts"),
  },
  {
    name: "linearizability",
    about: "Decide whether a history of operations is linearizable",
    load: () => import("./commands/linearizability.ts"),
  },
  {
    name: "put",
    about: "Write a key of a running cluster",
    load: () => import("./commands/put.ts"),
  },
  {
    name: "get",
    about: "Print what a key holds",
    load: () => import("./commands/get.ts"),
  },
  {
    name: "delete",
    about: "Remove a key",
    load: () => import("./commands/delete.ts"),
  },
  {
    name: "cas",
    about: "Compare and set: write a key only if it is as expected",
    load: () => import("./commands/cas.ts"),
  },
  {
    name: "list",
    about: "Print keys in order",
    load: () => import("./commands/list.ts"),
  },
  {
    name: "status",
    about: "Print what each server of a cluster says of itself",
    load: () => import("./commands/status.ts"),
  },
  {
    name: "members",
    about: "Print the members of a cluster, or change them",
    load: () => import("./commands/members.ts"),
  },
  {
    name: "transfer",
    about: "Hand leadership over",
    load: () => import("./commands/transfer.ts"),
  },
  {
    name: "snapshot",
    about: "Have a server store a snapshot",
    load: () => import("./commands/snapshot.ts"),
  },
  {
    name: "backup",
    about: "Write what a cluster holds to a file",
    load: () => import("./commands/backup.ts"),
  },
  {
    name: "restore",
    about: "Found a new cluster from a backup",
    load: () => import("./commands/restore.ts"),
  },
  {
    name: "inspect",
    about: "Check a stopped server's storage",
    load: () => import("./commands/inspect.ts"),
  },
  {
    name: "audit",
    about: "Verify what a cluster did, by the journals of its servers",
    load: () => import("./commands/audit.ts"),
  },
  {
    name: "tla",
    about: "Check a TLA+ specification, with TLC's semantics",
    load: () => import("./commands/tla.ts"),
  },
];

/** Subcommands that `args` do not name are known by name only; completions need all of them. */
async function subcommandsFor(args: readonly string[]): Promise<readonly Command.Command.Any[]> {
  const called = args.find((word) => SUBCOMMANDS.some(({ name }) => name === word));
  const isAll = args.some((word) => word.startsWith("--completions"));
  return Promise.all(
    SUBCOMMANDS.map(async ({ name, about, load }) => {
      if (isAll || name === called) return (await load()).command;
      return Command.make(name).pipe(Command.withDescription(about));
    }),
  );
}

/** Help ends with the exit codes; bad usage gets its message and where to read on. */
const presenter: CliOutput.Presenter = {
  present: (event) => {
    if (event._tag === "InvalidInvocation") {
      const command = event.commandPath.join(" ");
      const messages = event.errors.map(({ message }) => `${command}: ${message}\n`).join("");
      return print(process.stderr, `${messages}Try "${command} --help".\n`);
    }
    if (event._tag === "Version") return print(process.stdout, `${event.name} ${event.version}\n`);
    const help = CliOutput.defaultFormatter().formatHelpDoc(event.helpDoc);
    const [, subcommand] = event.commandPath;
    return print(process.stdout, `${help}\n\n${exitCodesHelp(subcommand)}\n`);
  },
};

function print(stream: NodeJS.WriteStream, text: string): Effect.Effect<void> {
  return Effect.sync(() => void stream.write(text));
}

/** The parser asks for these, and uses none: subcommands read and write files by themselves. */
const unused = Effect.die("quorate asks nobody");
const services = Layer.mergeAll(
  FileSystem.layerNoop({}),
  Path.layer,
  Stdio.layerTest({}),
  Layer.succeed(
    Terminal.Terminal,
    Terminal.make({
      columns: unused,
      rows: unused,
      size: unused,
      readInput: unused,
      readLine: unused,
      display: () => unused,
    }),
  ),
  Layer.succeed(
    ChildProcessSpawner.ChildProcessSpawner,
    ChildProcessSpawner.make(() => unused),
  ),
  CliOutput.layerPresenter(presenter),
  CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] }),
);

/** Runs the command with these arguments. Never rejects: every outcome is an exit code. */
export async function main(args: readonly string[]): Promise<void> {
  endQuietlyOnClosedPipe();
  const { version } = createRequire(import.meta.url)("quorate/package.json") as { version: string };
  const quorate = Command.make("quorate").pipe(
    Command.withDescription("A Raft consensus kernel, and its exhaustive model checker"),
    Command.withSubcommands([...(await subcommandsFor(args))] as Command.Command<
      string,
      unknown
    >[]),
  );
  const program = Command.runWith(quorate, { version })(args);
  const exit = await Effect.runPromiseExit(Effect.provide(program, services));
  if (Exit.isFailure(exit)) process.exitCode = answerTo(Cause.squash(exit.cause), args);
}

/** Says what failed, where nobody has yet, and gives the exit code for it. */
function answerTo(error: unknown, args: readonly string[]): number {
  if (CliError.isCliError(error)) return EXIT.usage;
  const command = SUBCOMMANDS.find(({ name }) => name === args[0]);
  const prefix = command === undefined ? "quorate" : `quorate ${command.name}`;
  if (error instanceof UsageError) {
    process.stderr.write(`${prefix}: ${error.message}\n`);
    return EXIT.usage;
  }
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${prefix}: a fault in quorate itself, please report it: ${what}\n`);
  return EXIT.internal;
}
