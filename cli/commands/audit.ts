/** `quorate audit DIR...`: verifies what a cluster did, by its servers' journals. */
import * as Argument from "effect/cli/Argument";
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import * as Option from "effect/Option";
import { namedModels } from "../../spec/linearizability/index.ts";
import { conductAudit } from "../audit-conduct.ts";
import { switchFlag, textFlag } from "../flags.ts";
import { work } from "../work.ts";

const parameters = {
  directories: Argument.String("directory").pipe(
    Argument.withMetavar("DIR"),
    Argument.withDescription("Where journals are, or directories with one of each server"),
    Argument.variadic({ min: 1 }),
  ),
  history: textFlag("history", "FILE", "What clients saw, as `quorate linearizability` reads it"),
  model: Flag.Literals("model", [...namedModels.keys()]).pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("What the operations of the history are on"),
    Flag.optional,
    Flag.map(Option.getOrUndefined),
  ),
  html: textFlag("html", "FILE", "Write the report as a page, too"),
  replayOnly: switchFlag("replay-only", "Do not compare steps with tla/Raft.tla: much faster"),
  eachStep: switchFlag("each-step", "Evaluate tla/Raft.tla anew for steps alike: much slower"),
  json: switchFlag("json", "Print the report as one JSON object"),
  quiet: switchFlag("quiet", "Print the verdict only, and no progress"),
};

const ABOUT = `Verify what a cluster did, by the journals of its servers

Every step is made again by the kernel and must come to what was recorded; it must be a step of
tla/Raft.tla; and what the servers did together must be safe: one leader and one vote a term, logs
that agree, nothing committed that is lost, no message that nobody sent. Names the first step
that is not as it must be. Journals are written by servers with --journal.`;

/** The subcommand. */
export const command = Command.make("audit", parameters, (input) =>
  work((canColor) => conductAudit({ ...input, canColor })),
).pipe(
  Command.withDescription(ABOUT),
  Command.withExamples([
    {
      command: "quorate audit journals",
      description: "A cluster that records to journals/n1 etc.",
    },
    {
      command: "quorate audit journals --history clients.jsonl --model key-value --html audit.html",
      description: "With what its clients saw",
    },
  ]),
);
