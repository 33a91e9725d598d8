/** How fast histories of a map are decided, and that twice as long takes about twice the time. */
import {
  checkLinearizability,
  type History,
  type KeyValueInput,
  keyValue,
  type Operation,
} from "../spec/linearizability/index.ts";
import { lehmer, median } from "./measure.ts";

type KeyValueOperation = Operation<KeyValueInput, string | null>;

/** What makes a history: so many clients without pause, on so many keys. */
export interface Load {
  readonly operations: number;
  readonly clients: number;
  readonly keys: number;
}

/** One operation of a client: it takes effect at a moment between its start and its end. */
interface Planned {
  readonly process: string;
  readonly input: KeyValueInput;
  readonly invoked: number;
  readonly effect: number;
  readonly at: number;
}

/** Half reads, and of the writes a tenth that replace the value: what was appended goes with it. */
function inputFor(at: number, key: string, pick: (below: number) => number): KeyValueInput {
  if (pick(2) === 0) return { kind: "get", key };
  return { kind: pick(10) === 0 ? "put" : "append", key, value: `${at} ` };
}

/** What clients see of a map that does every operation at once, at a moment in its interval. */
export function historyOf({ operations, clients, keys }: Load): readonly KeyValueOperation[] {
  const pick = lehmer();
  const planned: Planned[] = [];
  const free = Array<number>(clients).fill(0);
  for (let at = 0; at < operations; at++) {
    const client = at % clients;
    const invoked = (free[client] ?? 0) + pick(1000);
    const effect = invoked + 1 + pick(1000);
    const end = effect + 1 + pick(1000);
    free[client] = end + 1;
    const input = inputFor(at, `k${pick(keys)}`, pick);
    planned.push({ process: `c${client}`, input, invoked, effect, at: end });
  }
  planned.sort((a, b) => a.effect - b.effect);
  const values = new Map<string, string>();
  return planned.map(({ process, input, invoked, at }): KeyValueOperation => {
    const old = values.get(input.key) ?? "";
    if (input.kind !== "get") {
      values.set(input.key, input.kind === "put" ? String(input.value) : old + input.value);
    }
    return { process, input, invoked, response: { at, output: input.kind === "get" ? old : null } };
  });
}

/** A history with one read, late in it, of a value that was there before and is replaced. */
export function spoiled(history: readonly KeyValueOperation[]): readonly KeyValueOperation[] {
  const late = history.findLastIndex(({ input, response }, at) => {
    return at < history.length * 0.9 && input.kind === "get" && response?.output !== "";
  });
  return history.map((it, at) => {
    if (at !== late || it.response === null) return it;
    return { ...it, response: { ...it.response, output: "" } };
  });
}

/** One load: the time for the history, for one twice as long, and for one that is violated. */
export interface LinearizabilityFigures {
  readonly load: Load;
  readonly steps: number;
  readonly seconds: number;
  readonly operationsPerSecond: number;
  /** How many times longer a history of twice as many operations takes. */
  readonly doubled: number;
  /** For a history with one wrong read, its explanation included. */
  readonly violatedSeconds: number;
}

const LOADS: readonly Load[] = [
  { operations: 100_000, clients: 10, keys: 10 },
  { operations: 100_000, clients: 50, keys: 100 },
  { operations: 100_000, clients: 10, keys: 1 },
];

function timed(
  history: History<KeyValueInput, string | null>,
  verdict: "linearizable" | "violated",
): { readonly seconds: number; readonly steps: number } {
  const seconds: number[] = [];
  let steps = 0;
  for (let round = 0; round < 3; round++) {
    const started = performance.now();
    const result = checkLinearizability(keyValue, history);
    seconds.push((performance.now() - started) / 1000);
    if (result.verdict !== verdict) throw new Error(`${result.verdict}, and is ${verdict}`);
    steps = result.steps;
  }
  return { seconds: median(seconds), steps };
}

/** Each load, decided three times. */
export function linearizabilityFigures(): readonly LinearizabilityFigures[] {
  return LOADS.map((load) => {
    const history = historyOf(load);
    const { seconds, steps } = timed(history, "linearizable");
    const longer = timed(historyOf({ ...load, operations: 2 * load.operations }), "linearizable");
    return {
      load,
      steps,
      seconds,
      operationsPerSecond: load.operations / seconds,
      doubled: longer.seconds / seconds,
      violatedSeconds: timed(spoiled(history), "violated").seconds,
    };
  });
}
