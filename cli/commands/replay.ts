/** `quorate replay FILE`: runs a trace again and shows what happens, or where it differs. */

import * as Argument from "effect/cli/Argument";
import * as Command from "effect/cli/Command";
import * as Flag from "effect/cli/Flag";
import { boundsPhrases } from "../../model-checker/render/bounds.ts";
import { renderSteps, ruleOf, wrapped } from "../../model-checker/render/counterexample.ts";
import type { Screen } from "../../model-checker/render/sequence.ts";
import { counted } from "../../model-checker/render/words.ts";
import { type NotReplayed, type Replayed, replay } from "../../model-checker/replay.ts";
import { parseTrace, type Trace } from "../../model-checker/trace.ts";
import { conformanceOf } from "../conduct.ts";
import { EXIT, UsageError } from "../exit-codes.ts";
import { jsonText } from "../json.ts";
import { readGiven } from "../read-file.ts";
import { type Paint, paint, printLines, screen } from "../terminal.ts";
import { work } from "../work.ts";

interface Input {
  readonly file: string;
  readonly json: boolean;
  readonly quiet: boolean;
}

function readTrace(file: string): Trace {
  const trace = parseTrace(readGiven(file));
  if ("fault" in trace) throw new UsageError(`${file}:${trace.line}: ${trace.fault}`);
  return trace;
}

/** The outcome as data: `fault` where the trace does not replay exactly. */
function jsonOf(trace: Trace, outcome: Replayed | NotReplayed): string {
  const fault = outcome.ok
    ? null
    : { line: outcome.line, why: outcome.why, possible: outcome.possible };
  const data = {
    replayed: outcome.ok,
    property: trace.property,
    violation: outcome.ok ? outcome.violation : null,
    bounds: trace.bounds,
    steps: outcome.steps.map(({ line, text, digest, changes }) => {
      return { line, action: text, digest, changes };
    }),
    fault,
  };
  return jsonText(data);
}

function sentenceOf({ violation, steps }: Replayed, paint: Paint): string {
  const count = counted(steps.length, "action");
  if (violation === null) return `${paint("Replayed", "green")}: ${count}, and nothing is violated`;
  return `${paint("Violated", "red")}: ${violation}, by ${count}`;
}

function humanLines(
  trace: Trace,
  outcome: Replayed,
  screen: Screen,
  paint: Paint,
): readonly string[] {
  const { violation } = outcome;
  return [
    `${sentenceOf(outcome, paint)}, within these bounds:`,
    ...boundsPhrases(trace.bounds).map((phrase) => `  ${phrase}`),
    "",
    ...(violation === null ? [] : [...wrapped(ruleOf(violation), 0, screen.width), ""]),
    ...renderSteps(outcome.steps, violation, screen),
  ];
}

function faultText(file: string, { line, why, possible }: NotReplayed): string {
  const instead = possible.map((action) => `\n  ${action}`).join("");
  const choices = possible.length === 0 ? "" : `\npossible here, within the bounds:${instead}`;
  return `${file}:${line}: does not replay: ${why}${choices}`;
}

async function run({ file, json, quiet }: Input, canColor: boolean): Promise<void> {
  const trace = readTrace(file);
  const outcome = replay(trace, await conformanceOf(trace));
  if (json) printLines([jsonOf(trace, outcome)]);
  if (!outcome.ok) throw new UsageError(faultText(file, outcome));
  process.exitCode = outcome.violation === null ? EXIT.ok : EXIT.violated;
  if (json) return;
  if (quiet) printLines([sentenceOf(outcome, paint(canColor))]);
  else printLines(humanLines(trace, outcome, screen(), paint(canColor)));
}

/** The subcommand. A trace that does not replay exactly is a `UsageError`. */
export const command = Command.make(
  "replay",
  {
    file: Argument.String("file").pipe(
      Argument.withMetavar("FILE"),
      Argument.withDescription("A trace, as check --trace saves it, or written by hand"),
    ),
    json: Flag.Boolean("json").pipe(
      Flag.withDescription("Print one JSON object"),
      Flag.withDefault(false),
    ),
    quiet: Flag.Boolean("quiet").pipe(
      Flag.withDescription("Print the verdict only"),
      Flag.withDefault(false),
    ),
  },
  (input) => work((canColor) => run(input, canColor)),
).pipe(
  Command.withDescription("Run a saved trace again and show what happens"),
  Command.withExamples([{ command: "quorate replay violation.trace" }]),
);
