/** The outcome of a check in words: the verdict first, in one sentence, with its bounds. */

import { isExercisable } from "../model-checker/conformance-contract.ts";
import { boundsPhrases } from "../model-checker/render/bounds.ts";
import { ruleOf, wrapped } from "../model-checker/render/counterexample.ts";
import type { Screen } from "../model-checker/render/sequence.ts";
import { counted } from "../model-checker/render/words.ts";
import {
  type CheckResult,
  type CheckStopReason,
  type PropertyResult,
  unreached,
} from "../model-checker/result.ts";
import { EXIT } from "./exit-codes.ts";
import { duration, grouped, memory, rounded } from "./progress.ts";
import { tableLines } from "./table.ts";
import type { Paint } from "./terminal.ts";

const STOPPED: Readonly<Record<CheckStopReason, string>> = {
  states: "Stopped at the limit of states (--max-states)",
  recovery: "Stopped at the limit of states of recovery (--max-states, or 40 million)",
  seconds: "Stopped at the limit of time (--max-seconds)",
  memory: "Stopped at the limit of memory (--max-memory)",
  interrupted: "Interrupted",
};

/** The exit code that a result deserves. */
export function exitCodeOf(result: CheckResult): number {
  if (result.verdict === "violated") return EXIT.violated;
  if (result.verdict === "limit") return EXIT.limit;
  return unreached(result).length > 0 ? EXIT.violated : EXIT.ok;
}

/** The verdict in one sentence, without its bounds. */
export function verdictSentence(result: CheckResult): string {
  const { verdict, distinct, stoppedBy, trace } = result;
  const states = `${grouped(distinct)} distinct states`;
  if (verdict === "violated") {
    const violated = result.properties.find((property) => property.result === "violated");
    const length = counted(trace?.schedule.length ?? 0, "action");
    return `Violated: ${trace?.property ?? violated?.name}, by ${length}`;
  }
  if (verdict === "limit") {
    const why = STOPPED[stoppedBy ?? "interrupted"];
    return `${why}: no violation in ${states}, but not all were visited`;
  }
  const missing = unreached(result).length;
  const were = missing === 1 ? "was" : "were";
  const but = `, but ${missing} of the "sometimes" properties ${were} not reached`;
  return `Exhausted: no violation in ${states}${missing === 0 ? "" : but}`;
}

/** How to write a report. */
export interface ReportStyle {
  readonly paint: Paint;
  /** List every property with its rule. */
  readonly verbose: boolean;
  readonly screen: Screen;
}

/** The whole outcome, except the counterexample. */
export function reportLines(result: CheckResult, style: ReportStyle): readonly string[] {
  const colour = { [EXIT.ok]: "green", [EXIT.violated]: "red" } as const;
  const sentence = verdictSentence(result);
  const colon = sentence.indexOf(":");
  const code = exitCodeOf(result);
  const head = style.paint(
    sentence.slice(0, colon),
    colour[code as keyof typeof colour] ?? "yellow",
  );
  return [
    `${head}${sentence.slice(colon)}, within these bounds:`,
    ...boundsPhrases(result.bounds).map((phrase) => `  ${phrase}`),
    ...prefixLines(result),
    "",
    ...figureLines(result),
    "",
    ...alwaysLines(result, style),
    ...sometimesLines(result, style),
  ];
}

function prefixLines({ prefix }: CheckResult): readonly string[] {
  if (prefix === 0) return [];
  return [`  after a schedule of ${counted(prefix, "action")}, which uses up none of these`];
}

function figureLines(result: CheckResult): readonly string[] {
  const { distinct, generated, seconds, kernelCalls, expectedCollisions } = result;
  const rate = seconds > 0 ? rounded(distinct / seconds) : "-";
  const states = result.symmetry ? "up to the names of servers" : "symmetry off";
  const collisions = result.exact
    ? "none: states are known by themselves (--exact)"
    : `${expectedCollisions.toPrecision(2)} (--exact has none)`;
  const figures: readonly (readonly [string, string])[] = [
    ["distinct states", `${grouped(distinct)} (${states})`],
    ["generated", `${grouped(generated)}, to depth ${result.depth}`],
    ["time", `${duration(seconds)}, ${rate} distinct states a second`],
    ["kernel calls", grouped(kernelCalls)],
    ["one server", `${grouped(result.localStates)} states, ${transitions(result)}`],
    ["peak memory", memory(result.peakMemoryBytes)],
    ["expected collisions", collisions],
    ["conformance", conformance(result)],
    ["progress", progress(result)],
  ];
  return tableLines(figures, { words: 2, isIndented: true });
}

/** How the transitions fared against the specification; what no run reaches is told apart. */
function conformance({ conformance: figures, bounds }: CheckResult): string {
  if (figures === null) return "not checked (--conform)";
  const { transitions: checked, conforming, stutters, actionsExercised } = figures;
  const never = figures.actionsNeverExercised.filter((name) => !isExercisable(name, bounds));
  const without = never.length === 0 ? "" : `; outside these bounds: ${never.join(", ")}`;
  const steps = checked === conforming ? "all" : grouped(conforming);
  return (
    `${grouped(checked)} transitions, ${steps} of them steps of tla/Raft.tla ` +
    `(${grouped(stutters)} stutter), by ${actionsExercised.length} actions${without}`
  );
}

/** Of how many states Progress was demanded, and how much of that was no demand at all. */
function progress({ progress: figures, distinct }: CheckResult): string {
  if (figures === null) return "not checked (--progress)";
  const { demanded, atRest, visited } = figures;
  return (
    `demanded of ${grouped(distinct)} states, ${grouped(demanded)} with nothing in flight; ` +
    `${grouped(atRest)} are at rest, for the others ${grouped(visited - atRest)} were visited`
  );
}

function transitions({ localTransitions }: CheckResult): string {
  return `${grouped(localTransitions)} transitions`;
}

function alwaysLines(result: CheckResult, style: ReportStyle): readonly string[] {
  const all = result.properties.filter(({ kind }) => kind === "always");
  const violated = all.filter((property) => property.result === "violated");
  const soFar = result.verdict === "exhausted" ? "" : " as far as the check went";
  const summary =
    violated.length === 0
      ? `all ${all.length} hold${soFar}`
      : `${violated.length} of ${all.length} violated: ${violated.map((p) => p.name).join(", ")}`;
  const listed = style.verbose ? all.flatMap((property) => propertyLines(property, style)) : [];
  return [`  always: ${summary}`, ...listed];
}

function sometimesLines(result: CheckResult, style: ReportStyle): readonly string[] {
  const all = result.properties.filter(({ kind }) => kind === "sometimes");
  const reached = all.filter((property) => property.result === "reached");
  const listed = all.flatMap((property) => propertyLines(property, style));
  return [`  sometimes: ${reached.length} of ${all.length} reached`, ...listed];
}

function propertyLines({ name, result }: PropertyResult, style: ReportStyle): readonly string[] {
  const { paint, verbose, screen } = style;
  const padded = result.padEnd(9);
  const colour = result === "violated" ? "red" : result === "unreached" ? "yellow" : null;
  const line = `    ${colour === null ? padded : paint(padded, colour)}  ${name}`;
  return [line, ...(verbose ? wrapped(ruleOf(name), 15, screen.width) : [])];
}
