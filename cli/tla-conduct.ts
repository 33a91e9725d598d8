/** One check of a TLA+ module from files to exit code: progress, interruption, the report. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { type ExploreOptions, explore, type TlaResult } from "../model-checker/tla/explore.ts";
import { configFileOf, loadFile } from "../model-checker/tla/load.ts";
import { loadParser } from "../model-checker/tla/parser.ts";
import { setPrintSink } from "../model-checker/tla/standard/index.ts";
import { type Span, TlaError } from "../model-checker/tla/syntax.ts";
import { EvaluationError } from "../model-checker/tla/values/index.ts";
import { attended } from "./attended.ts";
import { EXIT, UsageError } from "./exit-codes.ts";
import { progressLine } from "./progress.ts";
import { paint, printLines } from "./terminal.ts";
import { jsonOf, sentenceOf, type TlaRun, tlaLines } from "./tla-report.ts";

/** What to check and how to show it. */
export interface TlaSettings {
  readonly module: string;
  /** The configuration file, or null for the one that has the module's name. */
  readonly config: string | null;
  readonly libraries: readonly string[];
  readonly withoutLiveness: boolean;
  readonly noDeadlock: boolean;
  readonly limits: Pick<ExploreOptions, "maxStates" | "maxSeconds">;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly canColor: boolean;
}

const EXIT_CODES: Readonly<Record<TlaResult["verdict"], number>> = {
  exhausted: EXIT.ok,
  violated: EXIT.violated,
  limit: EXIT.limit,
};

/**
 * Checks a module and prints what was found. Sets the exit code.
 * @throws UsageError for files that cannot be read or are wrong, and for what has no value.
 */
export async function conductTla(settings: TlaSettings): Promise<void> {
  const { json, quiet, verbose, canColor } = settings;
  const module = moduleFile(settings.module);
  const config = settings.config ?? configFileOf(module);
  if (!existsSync(config)) {
    throw new UsageError(`there is no configuration ${config}: write it, or use --config FILE`);
  }
  await loadParser().catch(({ message }: Error) => {
    throw new UsageError(message);
  });
  if (!quiet) setPrintSink((text) => process.stderr.write(`${text}\n`));
  try {
    const loaded = await loadFile(module, config, settings);
    const model = settings.noDeadlock ? { ...loaded, checksDeadlock: false } : loaded;
    const { result, signalCode } = await attended(quiet, async ({ signal, exitCode, show }) => {
      const onProgress: ExploreOptions["onProgress"] = (progress) =>
        show(progressLine({ ...progress, memoryBytes: process.memoryUsage.rss() }));
      const result = await explore(model, { ...settings.limits, signal, onProgress });
      return { result, signalCode: result.stoppedBy === "interrupted" ? exitCode() : null };
    });
    process.exitCode = signalCode ?? EXIT_CODES[result.verdict];
    const run: TlaRun = { file: module, config, model, result };
    if (json) printLines([JSON.stringify(jsonOf(run), null, 2)]);
    else if (quiet) printLines([sentenceOf(run)]);
    else printLines(tlaLines(run, paint(canColor), verbose));
  } catch (error) {
    throw inputFault(error) ?? error;
  }
}

/** The module's file: the ending may be left out. */
function moduleFile(named: string): string {
  const found = [named, `${named}.tla`].find((file) => existsSync(file) && statSync(file).isFile());
  if (found === undefined) throw new UsageError(`there is no module ${named}`);
  return found;
}

/** What is wrong with the input, or null where the fault is not there. */
function inputFault(error: unknown): UsageError | null {
  if (error instanceof TlaError) {
    return new UsageError([error.message, ...excerpt(error.at)].join("\n"));
  }
  if (error instanceof EvaluationError) return new UsageError(error.message);
  const { path, message } = error as NodeJS.ErrnoException;
  return path === undefined ? null : new UsageError(`cannot read ${path}: ${message}`);
}

/** The line of a fault with carets under the place, as far as it is on that line. */
function excerpt(at: Span | null): readonly string[] {
  if (at === null) return [];
  let line: string | undefined;
  try {
    line = readFileSync(at.file, "utf8").split(/\r?\n/)[at.line - 1];
  } catch {
    return [];
  }
  if (line === undefined) return [];
  const end = at.endLine === at.line ? at.endColumn : line.length;
  const number = String(at.line);
  const indent = line.slice(0, at.column - 1).replace(/[^\t]/g, " ");
  return [
    `  ${number} | ${line}`,
    `  ${" ".repeat(number.length)} | ${indent}${"^".repeat(Math.max(1, end - at.column + 1))}`,
  ];
}
