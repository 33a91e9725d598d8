/** All scopes, one after another: one table, one exit code. */

import { counted } from "../model-checker/render/words.ts";
import { type CheckOptions, type CheckResult, unreached } from "../model-checker/result.ts";
import { attended } from "./attended.ts";
import type { Checker } from "./conduct.ts";
import { EXIT } from "./exit-codes.ts";
import { jsonText } from "./json.ts";
import { duration, grouped, progressLine } from "./progress.ts";
import { exitCodeOf } from "./report.ts";
import { tableLines } from "./table.ts";
import { type Paint, paint, printLines } from "./terminal.ts";

/** One scope to check. */
export interface Task {
  readonly scope: string;
  readonly options: CheckOptions;
}

/** What to check and how to show it. */
export interface AllSettings {
  readonly tasks: readonly Task[];
  readonly json: boolean;
  readonly quiet: boolean;
  readonly canColor: boolean;
}

/** A scope that was checked, as far as that went. */
interface Outcome {
  readonly scope: string;
  readonly result: CheckResult;
}

/** From the best to the worst. */
const SEVERITY: readonly number[] = [EXIT.ok, EXIT.limit, EXIT.violated];

/**
 * Checks `tasks` in their order and prints one table. Sets the exit code: the worst of all. A
 * signal ends the check in progress, and what was done until then is printed.
 */
export async function conductAll(check: Checker, settings: AllSettings): Promise<void> {
  const { tasks, json, quiet, canColor } = settings;
  const outcomes: Outcome[] = [];
  const signalCode = await attended(quiet, async ({ signal, exitCode, show }) => {
    for (const { scope, options } of tasks) {
      if (signal.aborted) break;
      const onProgress: CheckOptions["onProgress"] = (it) => show(`${scope}: ${progressLine(it)}`);
      outcomes.push({ scope, result: await check({ ...options, signal, onProgress }) });
    }
    return exitCode();
  });
  const worst = Math.max(...outcomes.map(({ result }) => SEVERITY.indexOf(exitCodeOf(result))));
  process.exitCode = signalCode ?? SEVERITY[worst] ?? EXIT.ok;
  const left = tasks.slice(outcomes.length).map(({ scope }) => scope);
  if (json) printLines([jsonOf(outcomes)]);
  else if (quiet) printLines([summaryOf(outcomes, left)]);
  else printLines(humanLines(outcomes, left, paint(canColor)));
}

function jsonOf(outcomes: readonly Outcome[]): string {
  const scopes = outcomes.map(({ scope, result }) => ({ scope, ...result }));
  return jsonText({ scopes });
}

/** The verdict on a scope in a word or two. */
function verdictOf(result: CheckResult): string {
  const { verdict, stoppedBy, trace } = result;
  if (verdict === "violated") return `violated: ${trace?.property ?? "a property"}`;
  if (verdict === "limit") {
    return stoppedBy === "interrupted" ? "interrupted" : `limit of ${stoppedBy}`;
  }
  const missing = unreached(result).length;
  return missing === 0 ? "exhausted" : `exhausted, ${missing} not reached`;
}

function cellsOf({ scope, result }: Outcome): readonly string[] {
  const sometimes = result.properties.filter(({ kind }) => kind === "sometimes");
  const reached = sometimes.filter((property) => property.result === "reached");
  const { conformance, progress, distinct, generated, depth, seconds } = result;
  return [
    scope,
    verdictOf(result),
    grouped(distinct),
    grouped(generated),
    String(depth),
    duration(seconds),
    `${reached.length}/${sometimes.length}`,
    conformance === null ? "-" : `${conformance.conforming}/${conformance.transitions}`,
    progress === null ? "-" : grouped(progress.demanded),
  ];
}

const HEADER = [
  "scope",
  "verdict",
  "distinct",
  "generated",
  "depth",
  "time",
  "sometimes",
  "conformance",
  "progress",
];
/** The scope and its verdict; what follows are figures. */
const WORDS = 2;

function humanLines(
  outcomes: readonly Outcome[],
  left: readonly string[],
  paint: Paint,
): readonly string[] {
  const [head, ...lines] = tableLines([HEADER, ...outcomes.map(cellsOf)], { words: WORDS });
  const colours = { [EXIT.ok]: "green", [EXIT.violated]: "red" } as const;
  const painted = outcomes.map(({ result }, row) => {
    const colour = colours[exitCodeOf(result) as keyof typeof colours] ?? "yellow";
    const verdict = verdictOf(result);
    return (lines[row] as string).replace(verdict, paint(verdict, colour));
  });
  const stories = outcomes.flatMap(({ scope, result }) =>
    result.trace === null ? [] : [`To see the way to it: quorate check ${scope}`],
  );
  return [head as string, ...painted, "", summaryOf(outcomes, left), ...stories];
}

/** All of it in a sentence. */
function summaryOf(outcomes: readonly Outcome[], left: readonly string[]): string {
  const good = outcomes.filter(({ result }) => exitCodeOf(result) === EXIT.ok);
  const seconds = outcomes.reduce((sum, { result }) => sum + result.seconds, 0);
  const bad = outcomes.filter((outcome) => !good.includes(outcome));
  const named = bad.map(({ scope, result }) => `; ${scope}: ${verdictOf(result)}`).join("");
  const rest = left.length === 0 ? "" : `; not checked: ${left.join(", ")}`;
  const share = `${good.length} of ${counted(outcomes.length, "scope")}`;
  const head = `${share} exhausted with all that is demanded, ${duration(seconds)}`;
  return head + named + rest;
}
