/**
 * `npm run bench`: what a step costs and that it does not grow with the log; how fast the checker
 * is, against its oracle, and what it needs; how fast histories are decided. Figures of one
 * machine mean little: read the ratios.
 *
 *   npm run bench               the engine on the first ten million states of `default`
 *   npm run bench -- --full     on all of them
 *   npm run bench -- --json     as data
 *
 * With TLA2TOOLS, the path of tla2tools.jar, the evaluator of TLA+ is compared with TLC.
 */
import { cpus } from "node:os";
import { tableLines } from "../cli/table.ts";
import { type Comparison, compare, type EngineFigures, engineFigures } from "./checker.ts";
import { type ConformanceFigures, conformanceFigures } from "./conformance.ts";
import { type Flatness, flatness, lengths, type StepCost, stepCosts } from "./kernel.ts";
import { type LinearizabilityFigures, linearizabilityFigures } from "./linearizability.ts";
import { type SessionCost, sessionCosts, sessionCounts } from "./sessions.ts";
import { type TlaFigures, tlaFigures } from "./tla.ts";

const MAX_STATES = 10_000_000;

interface Report {
  readonly machine: { readonly node: string; readonly processor: string };
  readonly steps: readonly StepCost[];
  readonly lengths: readonly number[];
  readonly flatness: readonly Flatness[];
  readonly sessions: readonly SessionCost[];
  readonly comparisons: readonly Comparison[];
  readonly engine: EngineFigures;
  readonly conformance: ConformanceFigures;
  readonly linearizability: readonly LinearizabilityFigures[];
  readonly tla: TlaFigures;
}

function grouped(n: number): string {
  return Math.round(n).toLocaleString("en-US");
}

/** What is measured in the first column, and figures. */
function table(rows: readonly (readonly string[])[]): readonly string[] {
  return tableLines(rows, { words: 1, isIndented: true });
}

function boundsLine(bounds: object): string {
  return Object.entries(bounds)
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
}

function stepLines(steps: readonly StepCost[]): readonly string[] {
  const rows = steps.map(({ name, steps: count, nanoseconds }) => {
    return [name, grouped((count / nanoseconds) * 1e9), grouped(nanoseconds / count)];
  });
  return ["kernel", ...table([["", "steps/s", "ns/step"], ...rows])];
}

function flatnessLines(rows: readonly Flatness[]): readonly string[] {
  const head = ["entries in the log", ...lengths.map(grouped), "ratio"];
  const body = rows.map(({ name, nanoseconds, ratio }) => {
    return [name, ...nanoseconds.map((ns) => `${grouped(ns)} ns`), ratio.toFixed(2)];
  });
  return ["cost of a step by the length of the log", ...table([head, ...body])];
}

function sessionLines(rows: readonly SessionCost[]): readonly string[] {
  const head = ["sessions that are open", ...sessionCounts.map(grouped), "ratio"];
  const body = rows.map(({ name, nanoseconds, ratio }) => {
    return [name, ...nanoseconds.map((ns) => `${grouped(ns)} ns`), ratio.toFixed(2)];
  });
  return ["cost of a command by the number of sessions", ...table([head, ...body])];
}

function comparisonLines(comparisons: readonly Comparison[]): readonly string[] {
  const rows = comparisons.map((it) => [
    `symmetry ${it.symmetry ? "on" : "off"}`,
    grouped(it.distinct),
    `${it.oracleSeconds.toFixed(2)} s`,
    `${it.engineSeconds.toFixed(3)} s`,
    `${it.exactSeconds.toFixed(3)} s`,
    `${it.ratio.toFixed(0)} x`,
  ]);
  const head = ["", "states", "oracle", "engine", "engine, exact", "engine is faster by"];
  const bounds = comparisons[0]?.bounds ?? {};
  return ["engine against oracle", `  ${boundsLine(bounds)}`, ...table([head, ...rows])];
}

function engineLines(it: EngineFigures): readonly string[] {
  const rows = [
    ["verdict", it.verdict],
    ["distinct states", grouped(it.distinct)],
    ["distinct states/s", grouped(it.distinctPerSecond)],
    ["transitions", grouped(it.generated)],
    ["transitions/s", grouped(it.generatedPerSecond)],
    ["seconds", it.seconds.toFixed(1)],
    ["bytes a state, at the peak", it.bytesPerState.toFixed(1)],
    ["calls of the kernel", grouped(it.kernelCalls)],
    ["transitions served by a call", grouped(it.transitionsPerCall)],
  ];
  return ["engine on the scope default, symmetry on", `  ${boundsLine(it.bounds)}`, ...table(rows)];
}

function conformanceLines(it: ConformanceFigures): readonly string[] {
  const rows = [
    ["moves", grouped(it.moves)],
    ["moves checked/s", grouped(it.movesPerSecond)],
    ["moves made/s, by kernel and world", grouped(it.worldMovesPerSecond)],
    ["checking takes longer by", `${it.ratio.toFixed(2)} x`],
  ];
  return ["conformance to tla/Raft.tla, moves of random runs", ...table(rows)];
}

function linearizabilityLines(figures: readonly LinearizabilityFigures[]): readonly string[] {
  const rows = figures.map(({ load, seconds, doubled, violatedSeconds, ...it }) => [
    `${load.clients} clients, ${load.keys} ${load.keys === 1 ? "key" : "keys"}`,
    `${seconds.toFixed(2)} s`,
    grouped(it.operationsPerSecond),
    (it.steps / load.operations).toFixed(2),
    doubled.toFixed(2),
    `${violatedSeconds.toFixed(2)} s`,
  ]);
  const head = ["", "decided in", "operations/s", "steps/operation", "twice as long", "violated"];
  const operations = grouped(figures[0]?.load.operations ?? 0);
  return [`linearizability of ${operations} operations on a map`, ...table([head, ...rows])];
}

function tlaLines(it: TlaFigures): readonly string[] {
  const rows = [
    ["distinct states", grouped(it.distinct)],
    ["states generated", grouped(it.generated)],
    ["states generated/s", grouped(it.generatedPerSecond)],
    ["seconds", it.seconds.toFixed(1)],
  ];
  if (it.tlcSeconds !== null && it.ratio !== null) {
    rows.push(["seconds of TLC, one worker", it.tlcSeconds.toFixed(1)]);
    rows.push(["the evaluator is faster by", `${it.ratio.toFixed(1)} x`]);
  }
  return [`evaluator of TLA+ on ${it.config}`, ...table(rows)];
}

async function main(words: readonly string[]): Promise<void> {
  const stranger = words.find((word) => word !== "--json" && word !== "--full");
  if (stranger !== undefined) {
    console.error(`unknown option ${stranger}; known are --json and --full`);
    process.exitCode = 2;
    return;
  }
  const isText = !words.includes("--json");
  const print = (lines: readonly string[]): void => {
    if (isText) console.log(`${lines.join("\n")}\n`);
  };
  const machine = { node: process.version, processor: cpus()[0]?.model ?? "unknown" };
  print([`Node ${machine.node}, ${machine.processor}`]);
  const steps = stepCosts();
  print(stepLines(steps));
  const flat = flatness();
  print(flatnessLines(flat));
  const sessions = sessionCosts();
  print(sessionLines(sessions));
  const comparisons = [await compare(false), await compare(true)];
  print(comparisonLines(comparisons));
  const engine = await engineFigures(words.includes("--full") ? Infinity : MAX_STATES);
  print(engineLines(engine));
  const conformance = await conformanceFigures();
  print(conformanceLines(conformance));
  const linearizability = linearizabilityFigures();
  print(linearizabilityLines(linearizability));
  const tla = await tlaFigures();
  print(tlaLines(tla));
  const parts = {
    steps,
    lengths,
    flatness: flat,
    sessions,
    comparisons,
    engine,
    conformance,
    linearizability,
    tla,
  };
  const report: Report = { machine, ...parts };
  if (!isText) console.log(JSON.stringify(report, null, 2));
}

await main(process.argv.slice(2));
