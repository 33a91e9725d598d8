/** One history from its file to the exit code: reading, progress, interruption, the report. */
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import {
  type HistoryFormat,
  isFault,
  linearizabilityInSlices,
  namedModels,
  operationsOf,
  parseHistory,
} from "../spec/linearizability/index.ts";
import { type Attendance, attended } from "./attended.ts";
import { EXIT, UsageError } from "./exit-codes.ts";
import {
  jsonOf,
  type LinearizabilityRun,
  linearizabilityLines,
  type Outcome,
  sentenceOf,
} from "./linearizability-report.ts";
import { duration, grouped, rounded } from "./progress.ts";
import { paint, printLines, screen } from "./terminal.ts";

/** What to check and how to show it. */
export interface LinearizabilitySettings {
  /** A path, or - for standard input. */
  readonly file: string;
  readonly model: string;
  readonly format: HistoryFormat | "auto";
  readonly maxSeconds: number | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly canColor: boolean;
}

const EXIT_CODES: Readonly<Record<Outcome["verdict"], number>> = {
  linearizable: EXIT.ok,
  violated: EXIT.violated,
  unknown: EXIT.limit,
};

/** Milliseconds between two looks at signals, and two lines of progress. */
const PAUSE = 100;

/**
 * Checks a history and prints what was found. Sets the exit code.
 * @throws UsageError for a file that cannot be read, and for what is wrong in it.
 */
export async function conductLinearizability(settings: LinearizabilitySettings): Promise<void> {
  const { file, format, json, quiet, canColor } = settings;
  const named = namedModels.get(settings.model);
  if (named === undefined) throw new UsageError(`there is no model ${settings.model}`);
  const name = file === "-" ? "standard input" : file;
  const calls = parseHistory(await contentOf(file), format);
  const operations = isFault(calls) ? calls : operationsOf(named, calls);
  if (isFault(operations)) throw new UsageError(`${name}:${operations.line}: ${operations.fault}`);
  const { outcome, seconds, signalCode } = await attended(quiet, (attendance) =>
    decided(named.model, operations, settings.maxSeconds ?? Infinity, attendance),
  );
  process.exitCode = signalCode ?? EXIT_CODES[outcome.verdict];
  const isInterrupted = signalCode !== null;
  const run: LinearizabilityRun = { named, operations, outcome, seconds, isInterrupted };
  if (json) printLines([JSON.stringify(jsonOf(run), null, 2)]);
  else if (quiet) printLines([sentenceOf(run)]);
  else printLines(linearizabilityLines(run, { paint: paint(canColor), screen: screen() }));
}

async function contentOf(file: string): Promise<string> {
  try {
    return file === "-" ? await text(process.stdin) : readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`);
  }
}

interface Timed {
  readonly outcome: Outcome;
  readonly seconds: number;
  readonly signalCode: number | null;
}

async function decided(
  model: LinearizabilityRun["named"]["model"],
  operations: LinearizabilityRun["operations"],
  maxSeconds: number,
  { signal, exitCode, show }: Attendance,
): Promise<Timed> {
  const started = performance.now();
  const elapsed = (): number => (performance.now() - started) / 1000;
  const shouldStop = (): boolean => signal.aborted || elapsed() >= maxSeconds;
  const slices = linearizabilityInSlices(model, operations, { shouldStop });
  let slice = slices.next();
  for (let paused = started; slice.done !== true; slice = slices.next()) {
    if (performance.now() - paused < PAUSE) continue;
    show(progressOf(slice.value, elapsed()));
    await new Promise((resolve) => setImmediate(resolve));
    paused = performance.now();
  }
  const isInterrupted = slice.value.verdict === "unknown" && signal.aborted;
  return {
    outcome: slice.value,
    seconds: elapsed(),
    signalCode: isInterrupted ? exitCode() : null,
  };
}

type Progress = Extract<
  ReturnType<ReturnType<typeof linearizabilityInSlices>["next"]>,
  { done?: false }
>["value"];

function progressOf(
  { steps, partitions, decided, isExplaining }: Progress,
  seconds: number,
): string {
  const stage = isExplaining ? "violated: looking for the smallest part" : "";
  const objects = `${grouped(decided)} of ${grouped(partitions)} objects decided`;
  return [stage || objects, `${rounded(steps)} steps`, duration(seconds)].join("  ");
}
