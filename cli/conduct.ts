/** One check from start to exit code: progress, interruption, the trace file, the report. */

import { accessSync, constants, existsSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { CONFORMANCE, type Conformance } from "../model-checker/conformance-contract.ts";
import { renderSteps, ruleOf, wrapped } from "../model-checker/render/counterexample.ts";
import { replay } from "../model-checker/replay.ts";
import type { CheckOptions, CheckResult, Counterexample } from "../model-checker/result.ts";
import { formatTrace, type Trace, traceOf } from "../model-checker/trace.ts";
import { attended } from "./attended.ts";
import { UsageError } from "./exit-codes.ts";
import { jsonText } from "./json.ts";
import { progressLine } from "./progress.ts";
import { exitCodeOf, reportLines, verdictSentence } from "./report.ts";
import { paint, printLines, screen } from "./terminal.ts";

/** How to show a check. */
export interface Settings {
  readonly options: CheckOptions;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Where to save a counterexample, or null. */
  readonly traceFile: string | null;
  readonly canColor: boolean;
}

/** Anything that answers like `check`. */
export type Checker = (options: CheckOptions) => Promise<CheckResult>;

/**
 * Runs `check` and prints what it finds. Sets the exit code.
 * @throws UsageError where the trace cannot be written.
 * @throws Error where a counterexample does not replay: engine and world disagree.
 */
export async function conduct(check: Checker, settings: Settings): Promise<void> {
  const { json, quiet, traceFile } = settings;
  if (traceFile !== null) demandWritable(traceFile);
  const { result, signalCode } = await attended(quiet, async ({ signal, exitCode, show }) => {
    const onProgress: CheckOptions["onProgress"] = (progress) => show(progressLine(progress));
    const result = await check({ ...settings.options, signal, onProgress });
    return { result, signalCode: result.stoppedBy === "interrupted" ? exitCode() : null };
  });
  process.exitCode = signalCode ?? exitCodeOf(result);
  const story = result.trace === null ? null : await tell(result.trace, traceFile);
  if (json) printLines([jsonText(result)]);
  else if (quiet) printLines([verdictSentence(result)]);
  else printLines(humanLines(result, story, settings));
  if (story?.fault) throw new Error(`the counterexample does not replay: ${story.fault}`);
}

/** Finds out before a long run, not after it. */
function demandWritable(file: string): void {
  try {
    accessSync(existsSync(file) ? file : dirname(file), constants.W_OK);
  } catch (error) {
    throw new UsageError(`cannot write the trace to ${file}: ${(error as Error).message}`);
  }
}

/** Only a violation of the specification needs the specification to replay. */
export async function conformanceOf({
  property,
  bounds,
}: Pick<Trace, "property" | "bounds">): Promise<Conformance | null> {
  if (property !== CONFORMANCE) return null;
  const { loadConformance } = await import("../model-checker/conformance.ts");
  return loadConformance(bounds);
}

/** A counterexample run again. */
interface Story {
  readonly steps: ReturnType<typeof replay>["steps"];
  readonly property: string;
  readonly explanation: readonly string[];
  /** Why it does not replay, or null. */
  readonly fault: string | null;
}

/** Replays a counterexample and saves it with what each action led to. */
async function tell(counterexample: Counterexample, file: string | null): Promise<Story> {
  const outcome = replay(traceOf(counterexample), await conformanceOf(counterexample));
  const digests = outcome.steps.map(({ digest }) => digest);
  if (file !== null) writeFileSync(file, formatTrace(traceOf(counterexample, digests)));
  const fault = outcome.ok ? null : `at line ${outcome.line}: ${outcome.why}`;
  const { property, explanation } = counterexample;
  return { steps: outcome.steps, property, explanation, fault };
}

function humanLines(
  result: CheckResult,
  story: Story | null,
  { canColor, verbose, traceFile }: Settings,
): readonly string[] {
  const room = screen();
  const report = reportLines(result, { paint: paint(canColor), verbose, screen: room });
  if (story === null) return report;
  const end =
    traceFile === null
      ? "To save this counterexample and replay it, add --trace FILE."
      : `reproduce: quorate replay ${quoted(traceFile)}`;
  const rule = wrapped(ruleOf(story.property), 4, room.width);
  const steps = renderSteps(story.steps, story.property, room);
  const why = story.explanation.flatMap((line) => wrapped(line, 4, room.width, 4));
  const head = [`${story.property}:`, ...rule, ...why];
  return [...report, "", ...head, "", ...steps, "", end];
}

function quoted(file: string): string {
  return /^[\w./@%+:,-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`;
}
