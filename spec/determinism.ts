/**
 * Whether a state machine is what replication needs (thesis §2.1, §5.1): for tests of one's own
 * machines. Servers apply the same commands, some of them from a snapshot on; whatever a machine
 * reads beside its state and the command, or leaves out of its snapshot, makes them differ.
 */
import { type Applied, type StateMachine, snapshotParts } from "../kernel/index.ts";

/** What is tried. */
export interface DeterminismOptions {
  /**
   * Where the run is cut by a snapshot: after how many commands, each from 0 to all of them.
   * Everywhere by default.
   */
  readonly cuts?: readonly number[];
}

/** The run that the others are compared with. `states[i]` is that before command `i`. */
interface Run<S> {
  readonly states: readonly S[];
  readonly snapshots: readonly string[];
  readonly responses: readonly string[];
}

/** A difference, on its way out. */
class Difference extends Error {}

/**
 * Runs `commands` from the initial state, and demands of `machine` that
 * - the same run again gives the same responses and snapshots;
 * - `apply` leaves the old state alone: its snapshot stays, and so does what it leads to;
 * - the parts of a snapshot make the same text, also where commands are applied between two;
 * - at every cut, the restored state has the same snapshot, the rest of the run the same
 *   responses, and its end the same snapshot;
 * - no snapshot holds half of a surrogate pair, which no bytes stand for;
 * - nothing throws.
 * Null, or the first difference in words. Commands count from 0, and have the log to themselves:
 * the first has index 1. O(n^2) commands are applied for n of them and a cut everywhere, and all
 * states of one run are kept; `cuts` makes it O(n) each. Throws RangeError for a cut outside the
 * run.
 */
export function checkDeterminism<S, R>(
  machine: StateMachine<S, R>,
  commands: readonly string[],
  options: DeterminismOptions = {},
): string | null {
  const cuts = options.cuts ?? Array.from({ length: commands.length + 1 }, (_, cut) => cut);
  for (const cut of cuts) {
    if (!Number.isInteger(cut) || cut < 0 || cut > commands.length) {
      throw new RangeError(`cuts: ${cut} is no whole number from 0 to ${commands.length}`);
    }
  }
  try {
    const run = firstRun(machine, commands);
    runAgain(machine, commands, run);
    leaveOldStates(machine, commands, run);
    for (const cut of cuts) runFromSnapshot(machine, commands, run, cut);
    return null;
  } catch (error) {
    if (error instanceof Difference) return error.message;
    throw error;
  }
}

function firstRun<S, R>(machine: StateMachine<S, R>, commands: readonly string[]): Run<S> {
  let state = machine.initial;
  const states = [state];
  const snapshots = [snapshotOf(machine, state, "of the initial state")];
  const responses: string[] = [];
  for (const [i, command] of commands.entries()) {
    const finishParts = beginParts(machine, state);
    const next = applied(machine, state, command, i);
    const parts = `${named(command, i)}: the snapshot before it, in parts of which some came later`;
    demandSame(parts, ["whole", snapshots[i] as string], ["in parts", finishParts()]);
    demandSame(
      `${named(command, i)}: apply changed the state that it was given; its snapshot`,
      ["before", snapshots[i] as string],
      ["after", snapshotOf(machine, state, `before command ${i}`)],
    );
    state = next.state;
    states.push(state);
    snapshots.push(snapshotOf(machine, state, `after command ${i}`));
    responses.push(textOf(next.response));
  }
  return { states, snapshots, responses };
}

function runAgain<S, R>(
  machine: StateMachine<S, R>,
  commands: readonly string[],
  run: Run<S>,
): void {
  let state = machine.initial;
  demandSnapshot(machine, state, "the initial state has another snapshot after a run", run, 0);
  for (const [i, command] of commands.entries()) {
    const next = applied(machine, state, command, i);
    demandResponse(next, `${named(command, i)}: another response in a second run`, run, i);
    const rule = `${named(command, i)}: another snapshot after it in a second run`;
    demandSnapshot(machine, next.state, rule, run, i + 1);
    state = next.state;
  }
}

/** Old states as a reader finds them who kept them: the run went on, and must not show. */
function leaveOldStates<S, R>(
  machine: StateMachine<S, R>,
  commands: readonly string[],
  run: Run<S>,
): void {
  for (const [i, command] of commands.entries()) {
    const state = run.states[i] as S;
    const changed = `${named(command, i)}: the state before it changed when the run went on`;
    demandSnapshot(machine, state, `${changed}; its snapshot`, run, i);
    const next = applied(machine, state, command, i);
    demandResponse(next, `${changed}; the response`, run, i);
    demandSnapshot(machine, next.state, `${changed}; the snapshot after it`, run, i + 1);
  }
}

function runFromSnapshot<S, R>(
  machine: StateMachine<S, R>,
  commands: readonly string[],
  run: Run<S>,
  cut: number,
): void {
  const text = run.snapshots[cut] as string;
  const place = `restored from the snapshot after ${cut} commands`;
  let state = attempt(`restore of the snapshot after ${cut} commands`, () => machine.restore(text));
  demandSnapshot(machine, state, `${place}: another snapshot at once`, run, cut);
  for (const [i, command] of commands.entries()) {
    if (i < cut) continue;
    const next = applied(machine, state, command, i);
    demandResponse(next, `${named(command, i)}: another response, ${place}`, run, i);
    state = next.state;
  }
  demandSnapshot(machine, state, `${place}: another snapshot at the end`, run, commands.length);
}

function named(command: string, index: number): string {
  return `command ${index} ${JSON.stringify(command)}`;
}

function attempt<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new Difference(`${what} throws ${String(error)}`);
  }
}

function applied<S, R>(
  machine: StateMachine<S, R>,
  state: S,
  command: string,
  index: number,
): Applied<S, R> {
  return attempt(named(command, index), () => machine.apply(state, command, index + 1));
}

function snapshotOf<S, R>(machine: StateMachine<S, R>, state: S, place: string): string {
  const text = attempt(`the snapshot ${place}`, () => machine.snapshot(state));
  if (text.isWellFormed()) return text;
  throw new Difference(`the snapshot ${place} holds half of a surrogate pair: ${textOf(text)}`);
}

/** Asks for the first part; the function that is returned asks for the others. */
function beginParts<S, R>(machine: StateMachine<S, R>, state: S): () => string {
  return attempt("the snapshot in parts", () => {
    const parts = snapshotParts(machine, state)[Symbol.iterator]();
    const first = parts.next();
    return () => {
      let text = "";
      for (let it = first; it.done !== true; it = parts.next()) text += it.value;
      return text;
    };
  });
}

function demandSnapshot<S, R>(
  machine: StateMachine<S, R>,
  state: S,
  rule: string,
  run: Run<S>,
  at: number,
): void {
  const text = snapshotOf(machine, state, `after ${at} commands`);
  demandSame(rule, ["was", run.snapshots[at] as string], ["is", text]);
}

function demandResponse<S, R>(
  { response }: Applied<S, R>,
  rule: string,
  run: Run<S>,
  at: number,
): void {
  demandSame(rule, ["was", run.responses[at] as string], ["is", textOf(response)]);
}

type Labelled = readonly [label: string, text: string];

function demandSame(rule: string, [before, a]: Labelled, [after, b]: Labelled): void {
  if (a !== b) throw new Difference(`${rule}: ${before} ${a}, ${after} ${b}`);
}

/** A response as text: equal data of any kind that structured cloning knows, equal text. */
function textOf(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(textOf).join(",")}]`;
  if (value instanceof Map) return `Map(${[...value].map(textOf).join(",")})`;
  if (value instanceof Set) return `Set(${[...value].map(textOf).join(",")})`;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, part]) => `${JSON.stringify(name)}:${textOf(part)}`).join(",")}}`;
}
