/** `quorate linearizability FILE --model NAME`: decides whether a history is linearizable. */
import * as Argument from "effect/cli/Argument";
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import { historyFormats, namedModels } from "../../spec/linearizability/index.ts";
import { limitFlag, switchFlag } from "../flags.ts";
import { conductLinearizability } from "../linearizability-conduct.ts";
import { work } from "../work.ts";

const parameters = {
  file: Argument.String("file").pipe(
    Argument.withMetavar("FILE"),
    Argument.withDescription("The history; - reads standard input"),
  ),
  model: Flag.Literals("model", [...namedModels.keys()]).pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("What the operations are on"),
  ),
  format: Flag.Literals("format", [...historyFormats, "auto"]).pipe(
    Flag.withMetavar("FORMAT"),
    Flag.withDescription("How the history is written (default: auto)"),
    Flag.withDefault("auto" as const),
  ),
  maxSeconds: limitFlag("max-seconds", "SECONDS", "Stop after this time"),
  json: switchFlag("json", "Print the outcome as one JSON object"),
  quiet: switchFlag("quiet", "Print the verdict only, and no progress"),
};

const models = [...namedModels].map(([name, { about }]) => `  ${name}: ${about}`).join("\n");

const ABOUT = `Decide whether a history of concurrent operations is linearizable

An operation without a response, or with "info", may have taken effect at any time after its
invocation, or never. One that failed did not take effect.

Operations, by model:
${models}
Operations with different keys are on different objects.

json: an event a line; "type" is invoke, ok, fail or info; a completion may leave out f and key.
  {"process": 0, "type": "invoke", "f": "put", "key": "x", "value": "1"}
  {"process": 0, "type": "ok"}
jepsen: the log of a register; other lines are skipped.
  INFO  jepsen.util - 0 :invoke :cas [0 3]
  INFO  jepsen.util - 0 :fail   :cas [0 3]
porcupine: a map of EDN a line, with the fields of json as keywords.
  {:process 0, :type :ok, :f :get, :key "x", :value "1"}`;

/** The subcommand. */
export const command = Command.make("linearizability", parameters, (input) =>
  work((canColor) => conductLinearizability({ ...input, canColor })),
).pipe(
  Command.withDescription(ABOUT),
  Command.withExamples([
    { command: "quorate linearizability history.jsonl --model key-value", description: "A map" },
    {
      command: "quorate linearizability etcd.log --model cas-register --max-seconds 60",
      description: "Jepsen's log of a register",
    },
  ]),
);
