/** What a check of a history found, in words, as a table of operations, and as data. */
import { wrapped } from "../model-checker/render/counterexample.ts";
import type { Screen } from "../model-checker/render/sequence.ts";
import { counted } from "../model-checker/render/words.ts";
import type {
  Data,
  Failure,
  LinearizabilityResult,
  NamedModel,
  Operation,
  ReadOperation,
} from "../spec/linearizability/index.ts";
import { duration, grouped } from "./progress.ts";
import { tableLines } from "./table.ts";
import type { Paint } from "./terminal.ts";

export type Outcome = LinearizabilityResult<unknown, unknown, Data>;
type Violated = Failure<unknown, unknown, Data>;
type AnyOperation = Operation<unknown, Data>;

/** A history, and what the check made of it. */
export interface LinearizabilityRun {
  readonly named: NamedModel<unknown, unknown>;
  readonly operations: readonly ReadOperation<unknown>[];
  readonly outcome: Outcome;
  readonly seconds: number;
  /** Whether a signal ended it. */
  readonly isInterrupted: boolean;
}

/** Rows of a table that is no longer small. */
const MOST_ROWS = 40;
/** Longer values are shown by their ends. */
const MOST_OF_A_VALUE = 48;

/** A count of objects: of keys, where they have names. */
function objects({ named, outcome }: LinearizabilityRun, count = outcome.partitions): string {
  const isOne = outcome.partitions === 1 && named.model.partition === undefined;
  return isOne ? "one object" : `${grouped(count)} ${count === 1 ? "object" : "objects"}`;
}

function objectName(partition: string | undefined): string {
  return partition === undefined ? "the history" : `key ${JSON.stringify(partition)}`;
}

/** The verdict in one sentence. */
export function sentenceOf(run: LinearizabilityRun): string {
  const { outcome, operations, named } = run;
  const model = `model ${named.model.name}`;
  switch (outcome.verdict) {
    case "linearizable": {
      const count = counted(operations.length, "operation").replace(/^\d+/, (n) => grouped(+n));
      return `Linearizable: ${count} on ${objects(run)}, ${model}`;
    }
    case "violated": {
      const { partition, core, unexplained } = outcome.failure;
      const line = unexplained.response?.at;
      const contradict = core.length === 1 ? "contradicts the model" : "contradict one another";
      const count = counted(core.length, "operation");
      return `Violated: ${objectName(partition)} at line ${line}: ${count} ${contradict}, ${model}`;
    }
    case "unknown": {
      const { reason, decided, partitions } = outcome;
      const undecided = `${grouped(partitions - decided)} of ${objects(run)} undecided`;
      const why = run.isInterrupted ? "Interrupted" : STOPPED[reason];
      return `${why}: no violation found, ${undecided}, ${model}`;
    }
  }
}

const STOPPED = {
  stopped: "Stopped at the limit of time (--max-seconds)",
  steps: "Stopped at the limit of steps",
  memory: "Stopped at the limit of memory",
} as const;

/** How to write a report. */
export interface LinearizabilityStyle {
  readonly paint: Paint;
  readonly screen: Screen;
}

const COLOURS = { linearizable: "green", violated: "red", unknown: "yellow" } as const;

/** The whole outcome, with the failing part of the history. */
export function linearizabilityLines(
  run: LinearizabilityRun,
  { paint, screen }: LinearizabilityStyle,
): readonly string[] {
  const { outcome, operations, seconds } = run;
  const sentence = sentenceOf(run);
  const colon = sentence.indexOf(":");
  const head = paint(sentence.slice(0, colon), COLOURS[outcome.verdict]) + sentence.slice(colon);
  const open = operations.filter(({ response }) => response === null).length;
  const figures = [
    `  ${grouped(operations.length)} operations, ${grouped(open)} of them without a known outcome`,
    `  ${grouped(outcome.steps)} steps in ${duration(seconds)}`,
  ];
  if (outcome.verdict !== "violated") return [head, ...figures];
  return [head, ...figures, "", ...failureLines(run, outcome.failure, screen)];
}

function failureLines(
  { named }: LinearizabilityRun,
  failure: Violated,
  screen: Screen,
): readonly string[] {
  const { core, unexplained, longest, isMinimal } = failure;
  const state = (it: unknown): string => shortened(named.showState(it));
  const said = [pastOf(failure, state)];
  if (!isMinimal) said.push("Fewer operations may do: the search for less was cut short.");
  if (longest !== null) {
    const order = `An order of ${counted(longest.order.length, "operation")}`;
    const end = `every response before line ${unexplained.response?.at}`;
    said.push(`${order} explains ${end}; it ends in the state ${state(longest.state)}.`);
  }
  const told = said.filter((sentence) => sentence !== "");
  return [
    ...coreLines(core, unexplained, screen),
    "",
    ...told.flatMap((sentence) => wrapped(sentence, 2, screen.width)),
  ];
}

/** What the core may suppose of the other operations; nothing where there are none. */
function pastOf(
  { core, prefix, unexplained, window }: Violated,
  state: (it: unknown) => string,
): string {
  const count = prefix.length - core.length;
  const others = count === 1 ? "other operation" : `${grouped(count)} other operations`;
  const end = `until line ${unexplained.response?.at}`;
  if (window !== null) {
    const { after, states, isExhaustive } = window;
    const orders = isExhaustive ? "Any order" : "An order that the next reads allow";
    return (
      `${orders} of the operations until line ${after} leaves the state ` +
      `${states.map(state).join(" or ")}. The ${others} ${end} may have taken effect anywhere ` +
      "after their invocations, or never."
    );
  }
  if (prefix.length === core.length) return "";
  return (
    `The ${others} ${end}: wherever after its invocation each may have taken effect, or if it ` +
    "never did, these still contradict the model."
  );
}

function shortened(text: string): string {
  const { length } = text;
  if (length <= MOST_OF_A_VALUE) return text;
  const end = MOST_OF_A_VALUE / 2 - 2;
  return `${text.slice(0, end)} ... ${text.slice(length - end)}`;
}

/** What was asked and answered: `cas [3,0] -> false`. */
function operationText(operation: AnyOperation): string {
  const { invoke, ok } = callOf(operation);
  const value = invoke.value ?? null;
  const asked = value === null ? invoke.f : `${invoke.f} ${shortened(JSON.stringify(value))}`;
  if (operation.response === null) return `${asked} -> ?`;
  const answered = ok?.value ?? null;
  const isEcho = JSON.stringify(answered) === JSON.stringify(value);
  if (isEcho && value !== null) return asked;
  if (answered === null && invoke.f !== "read" && invoke.f !== "get" && invoke.f !== "dequeue") {
    return asked;
  }
  return `${asked} -> ${shortened(JSON.stringify(answered))}`;
}

/** All operations of a run were read from calls; those that were cut keep theirs. */
function callOf(operation: AnyOperation): ReadOperation<unknown>["call"] {
  return (operation as ReadOperation<unknown>).call;
}

function coreLines(
  core: readonly AnyOperation[],
  unexplained: AnyOperation,
  screen: Screen,
): readonly string[] {
  const shown = core.slice(-MOST_ROWS);
  const bars = barsOf(shown, screen.unicode);
  const rows = shown.map((operation, at) => [
    operation === unexplained ? (screen.unicode ? "✗" : "x") : " ",
    operation.process,
    `${operation.invoked}-${operation.response?.at ?? ""}`,
    operationText(operation),
    bars[at] ?? "",
  ]);
  const table = [["", "process", "lines", "operation", ""], ...rows];
  const layout = { words: Number.POSITIVE_INFINITY, isIndented: true };
  const wide = tableLines(table, layout);
  const fits = wide.every((line) => line.length <= screen.width);
  const lines = fits
    ? wide
    : tableLines(
        table.map((row) => row.slice(0, -1)),
        layout,
      );
  const hidden = core.length - shown.length;
  return hidden === 0 ? lines : [...lines, `  and ${grouped(hidden)} before them`];
}

/** The intervals beside one another: a column for each invocation and each response. */
function barsOf(operations: readonly AnyOperation[], unicode: boolean): readonly string[] {
  const times = operations.flatMap(({ invoked, response }) =>
    response === null ? [invoked] : [invoked, response.at],
  );
  times.sort((a, b) => a - b);
  const [start, line, end] = unicode ? ["├", "─", "┤"] : ["|", "-", "|"];
  return operations.map(({ invoked, response }) => {
    const from = 2 * times.indexOf(invoked);
    const to = 2 * (response === null ? times.length : times.indexOf(response.at));
    return " ".repeat(from) + start + line.repeat(Math.max(0, to - from - 1)) + end;
  });
}

/** The outcome as data. */
export function jsonOf(run: LinearizabilityRun): object {
  const { named, operations, outcome, seconds, isInterrupted } = run;
  const { verdict, steps, partitions } = outcome;
  return {
    verdict,
    model: named.model.name,
    operations: operations.length,
    withoutOutcome: operations.filter(({ response }) => response === null).length,
    partitions,
    decided: outcome.verdict === "unknown" ? outcome.decided : undefined,
    reason: outcome.verdict === "unknown" ? outcome.reason : null,
    isInterrupted,
    steps,
    seconds,
    failure: outcome.verdict === "violated" ? failureJson(named, outcome.failure) : null,
  };
}

function failureJson({ showState }: NamedModel<unknown, unknown>, failure: Violated): object {
  const { partition, core, prefix, unexplained, longest, isMinimal, window } = failure;
  return {
    key: partition ?? null,
    core: core.map(operationJson),
    isMinimal,
    unexplained: operationJson(unexplained),
    longest:
      longest === null
        ? null
        : { order: longest.order.map(operationJson), state: showState(longest.state) },
    window: window === null ? null : { after: window.after, states: window.states.map(showState) },
    prefix: prefix.map(operationJson),
  };
}

function operationJson(operation: AnyOperation): object {
  const { invoke, ok } = callOf(operation);
  const { process, f, value = null } = invoke;
  const isAnswered = operation.response !== null;
  return {
    process,
    f,
    value,
    invokedAt: operation.invoked,
    respondedAt: operation.response?.at ?? null,
    answer: isAnswered ? (ok?.value ?? null) : null,
  };
}
