/** One audit from its directories to the exit code: progress, interruption, the reports. */
import { writeFileSync } from "node:fs";
import { audit } from "../model-checker/audit/audit.ts";
import { AuditInputError, type AuditReport } from "../model-checker/audit/report.ts";
import {
  checkLinearizability,
  isFault,
  namedModels,
  operationsOf,
  parseHistory,
} from "../spec/linearizability/index.ts";
import { type Attendance, attended } from "./attended.ts";
import { auditPage } from "./audit-html.ts";
import {
  type AuditRun,
  auditJson,
  auditLines,
  auditSentence,
  type HistoryOutcome,
  verdictOf,
} from "./audit-report.ts";
import { EXIT, UsageError } from "./exit-codes.ts";
import { sentenceOf } from "./linearizability-report.ts";
import { duration, grouped, rounded } from "./progress.ts";
import { readGiven } from "./read-file.ts";
import { paint, printLines } from "./terminal.ts";

/** What to audit and how to show it. */
export interface AuditSettings {
  readonly directories: readonly string[];
  readonly history: string | undefined;
  readonly model: string | undefined;
  readonly html: string | undefined;
  /** Steps are replayed, but not compared with the specification. */
  readonly replayOnly: boolean;
  /** Steps of which one alike was compared are compared all the same. */
  readonly eachStep: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly canColor: boolean;
}

/**
 * Audits the journals and prints what was found. Sets the exit code.
 * @throws UsageError for what cannot be read.
 */
export async function conductAudit(settings: AuditSettings): Promise<void> {
  const { html, json, quiet, canColor } = settings;
  const started = performance.now();
  const history = historyOutcome(settings);
  const { report, signalCode } = await attended(quiet, async (attendance) => {
    const report = await audited(settings, started, attendance);
    return { report, signalCode: attendance.exitCode() };
  });
  const run: AuditRun = { report, history, seconds: (performance.now() - started) / 1000 };
  const verdict = verdictOf(run);
  const limit = signalCode ?? EXIT.limit;
  process.exitCode = { verified: EXIT.ok, violated: EXIT.violated, interrupted: limit }[verdict];
  if (html !== undefined) save(html, auditPage(run));
  if (json) printLines([JSON.stringify(auditJson(run), null, 2)]);
  else if (quiet) printLines([auditSentence(run)]);
  else printLines(auditLines(run, paint(canColor)));
}

/** Milliseconds between two lines of progress. */
const PAUSE = 100;

async function audited(
  { directories, replayOnly, eachStep }: AuditSettings,
  started: number,
  { signal, show }: Attendance,
): Promise<AuditReport> {
  let shown = started;
  const onProgress = (steps: number): void => {
    const now = performance.now();
    if (now - shown < PAUSE) return;
    shown = now;
    const seconds = (now - started) / 1000;
    show(`${grouped(steps)} steps  ${rounded(steps / seconds)}/s  ${duration(seconds)}`);
  };
  try {
    const shouldStop = (): boolean => signal.aborted;
    const conformance = !replayOnly;
    return await audit({ directories, conformance, eachStep, onProgress, shouldStop });
  } catch (error) {
    if (error instanceof AuditInputError) throw new UsageError(error.message);
    throw error;
  }
}

function historyOutcome({ history, model }: AuditSettings): HistoryOutcome | null {
  if (history === undefined && model === undefined) return null;
  if (history === undefined || model === undefined) {
    throw new UsageError("--history FILE and --model NAME go together");
  }
  const named = namedModels.get(model);
  if (named === undefined) throw new UsageError(`there is no model ${model}`);
  const calls = parseHistory(readGiven(history), "auto");
  const operations = isFault(calls) ? calls : operationsOf(named, calls);
  if (isFault(operations))
    throw new UsageError(`${history}:${operations.line}: ${operations.fault}`);
  const outcome = checkLinearizability(named.model, operations);
  const run = { named, operations, outcome, seconds: 0, isInterrupted: false };
  return { file: history, sentence: sentenceOf(run), verdict: outcome.verdict };
}

function save(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(`cannot write ${file}: ${(error as Error).message}`);
  }
}
