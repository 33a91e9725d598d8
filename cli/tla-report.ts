/** The outcome of checking a TLA+ module, in words, as data, and traces in TLC's layout. */
import { basename } from "node:path";
import { expectedCollisions } from "../model-checker/engine/visited.ts";
import { counted } from "../model-checker/render/words.ts";
import type { StopReason } from "../model-checker/result.ts";
import type { TlaResult, TlaViolation, TraceStep } from "../model-checker/tla/explore.ts";
import type { TlaModel } from "../model-checker/tla/model.ts";
import type { Span } from "../model-checker/tla/syntax.ts";
import { RecordValue, show, type Value } from "../model-checker/tla/values/index.ts";
import { duration, grouped, memory, rounded } from "./progress.ts";
import { tableLines } from "./table.ts";
import type { Paint } from "./terminal.ts";
import { laidOut } from "./tla-value.ts";

/** A finished check with what it was of. */
export interface TlaRun {
  readonly file: string;
  readonly config: string;
  readonly model: TlaModel;
  readonly result: TlaResult;
}

const STOPPED: Readonly<Record<StopReason, string>> = {
  states: "Stopped at the limit of states (--max-states)",
  seconds: "Stopped at the limit of time (--max-seconds)",
  memory: "Stopped at the limit of memory",
  interrupted: "Interrupted",
};

/** The verdict in one sentence. */
export function sentenceOf({ result }: TlaRun): string {
  const { verdict, distinct, stoppedBy, violation } = result;
  const states = `${grouped(distinct)} distinct states`;
  if (violation !== null) {
    const { kind, name, trace } = violation;
    if (kind === "assumption") return `Violated: assumption ${name}`;
    const what = kind === "deadlock" ? "deadlock" : `${kind} ${name}`;
    return `Violated: ${what}, by ${counted(trace.length, "state")}`;
  }
  if (verdict === "exhausted") return `Exhausted: no violation in ${states}`;
  const why = STOPPED[stoppedBy ?? "interrupted"];
  return `${why}: no violation in ${states}, but not all were visited`;
}

/** One thing that a configuration asks for. */
interface Asked {
  readonly name: string;
  readonly kind: "assumption" | "invariant" | "property";
  readonly result: "holds" | "violated";
}

/** Everything that was checked; `holds` means as far as the check went. */
function askedOf({ model, result: { violation } }: TlaRun): readonly Asked[] {
  const parts = [...model.initialGoals, ...model.stepGoals].map(({ name }) => name);
  const groups: readonly (readonly [Asked["kind"], readonly string[]])[] = [
    ["assumption", model.assumptions.map(({ name }) => name)],
    ["invariant", model.invariants.map(({ name }) => name)],
    ["property", [...new Set(parts)]],
  ];
  return groups.flatMap(([kind, names]) =>
    names.map((name): Asked => {
      const isViolated = violation?.kind === kind && violation.name === name;
      return { name, kind, result: isViolated ? "violated" : "holds" };
    }),
  );
}

/** What `--json` prints: the names that `quorate check --json` has, where they mean the same. */
export function jsonOf(run: TlaRun): object {
  const { file, config, model, result } = run;
  const { verdict, stoppedBy, distinct, generated, depth, queue, seconds, violation } = result;
  return {
    verdict,
    stoppedBy,
    module: file,
    config,
    distinct,
    generated,
    depth,
    queue,
    seconds,
    expectedCollisions: expectedCollisions(distinct),
    peakMemoryBytes: peakMemory(),
    actions: result.actions,
    properties: askedOf(run),
    leftOut: model.leftOut,
    violation: violation === null ? null : { kind: violation.kind, name: violation.name },
    trace: violation === null ? null : traceData(violation, model),
  };
}

function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}

function traceData({ trace }: TlaViolation, model: TlaModel): readonly object[] {
  return trace.map((step, i) => ({
    action: step.action?.label ?? null,
    at: step.action === null ? null : place(step.action.body),
    state: Object.fromEntries(
      shown(step, trace[i + 1] ?? step, model).map(([name, value]) => [name, show(value)]),
    ),
  }));
}

/** The whole outcome in lines. */
export function tlaLines(run: TlaRun, paint: Paint, verbose: boolean): readonly string[] {
  const { file, config, model, result } = run;
  const colour = { exhausted: "green", violated: "red", limit: "yellow" } as const;
  const sentence = sentenceOf(run);
  const colon = sentence.indexOf(":");
  const head = paint(sentence.slice(0, colon), colour[result.verdict]);
  const { violation } = result;
  return [
    `${head}${sentence.slice(colon)}`,
    `  module ${model.module} (${file}), configuration ${config}`,
    "",
    ...figureLines(result),
    "",
    ...askedLines(run, verbose),
    ...model.leftOut.map((name) => `  left out (--without-liveness): ${name}`),
    ...(verbose ? ["", ...actionLines(run)] : []),
    ...(violation === null || violation.trace.length === 0
      ? []
      : ["", ...traceLines(violation, model)]),
  ];
}

function figureLines(result: TlaResult): readonly string[] {
  const { distinct, generated, depth, queue, seconds } = result;
  const rate = seconds > 0 ? rounded(distinct / seconds) : "-";
  const figures: readonly (readonly [string, string])[] = [
    ["distinct states", grouped(distinct)],
    ["generated", `${grouped(generated)}, to depth ${depth}`],
    ["queue", grouped(queue)],
    ["time", `${duration(seconds)}, ${rate} distinct states a second`],
    ["peak memory", memory(peakMemory())],
    ["expected collisions", expectedCollisions(distinct).toPrecision(2)],
  ];
  return tableLines(figures, { words: 2, isIndented: true });
}

const PLURALS = {
  assumption: "assumptions",
  invariant: "invariants",
  property: "properties",
} as const;

function askedLines(run: TlaRun, verbose: boolean): readonly string[] {
  const soFar = run.result.verdict === "exhausted" ? "" : " as far as the check went";
  const asked = askedOf(run);
  return (["assumption", "invariant", "property"] as const).flatMap((kind) => {
    const all = asked.filter((one) => one.kind === kind);
    if (all.length === 0) return [];
    const violated = all.filter(({ result }) => result === "violated");
    const summary =
      violated.length === 0
        ? `all ${all.length} hold${soFar}`
        : `${violated.length} of ${all.length} violated: ${violated.map((p) => p.name).join(", ")}`;
    const listed = verbose ? all.map(({ result, name }) => `    ${result.padEnd(9)}  ${name}`) : [];
    return [`  ${PLURALS[kind]}: ${summary}`, ...listed];
  });
}

/** As TLC's coverage has them: states found first by an action, then all that it generated. */
function actionLines({ model, result }: TlaRun): readonly string[] {
  return result.actions.map(({ name, distinct, generated }) => {
    const action = model.actions.find((one) => one.name === name);
    const where = action === undefined ? "" : ` ${place(action.at)}`;
    return `<${name}${where}>: ${distinct}:${generated}`;
  });
}

function traceLines({ trace }: TlaViolation, model: TlaModel): readonly string[] {
  return trace.flatMap((step, i) => {
    const { action } = step;
    const by = action === null ? "Initial predicate" : `${action.label} ${place(action.body)}`;
    const parts = shown(step, trace[i + 1] ?? step, model);
    const bullet = parts.length > 1 ? "/\\ " : "";
    const lines = parts.map(([name, value]) => `${bullet}${name} = ${laidOut(value)}`);
    return [...(i === 0 ? [] : [""]), `State ${i + 1}: <${by}>`, ...lines];
  });
}

/** What is shown of a state: its variables, or the fields of the configuration's ALIAS. */
function shown(
  { state }: TraceStep,
  following: TraceStep,
  { variables, alias }: TlaModel,
): readonly (readonly [string, Value])[] {
  const value = alias === null ? null : aliased(() => alias(state, following.state));
  if (value instanceof RecordValue) {
    return value.names.map((name, i) => [name.text, value.values[i] as Value]);
  }
  return variables.map((name, i) => [name, state[i] as Value]);
}

/** As in TLC, an ALIAS that has no value in a state leaves the state as it is. */
function aliased(evaluate: () => Value): Value | null {
  try {
    return evaluate();
  } catch {
    return null;
  }
}

function place({ file, line, column, endLine, endColumn }: Span): string {
  const module = basename(file, ".tla");
  return `line ${line}, col ${column} to line ${endLine}, col ${endColumn} of module ${module}`;
}
