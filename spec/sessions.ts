/**
 * Exactly-once, of a sequence of committed commands. Thesis §6.3: commands take effect "exactly
 * once according to their first appearance in the Raft log".
 */
import {
  type Json,
  openSession,
  parseSessionCommand,
  type SessionResponse,
  type Sessions,
  type StateMachine,
  withSessions,
} from "../kernel/index.ts";
import type { Always } from "./property.ts";

/** Whose sessions are judged. */
export interface ExactlyOnceOptions {
  /** Most sessions open at a time; 2 where it is not said. */
  readonly maxSessions?: number;
  /** What wraps a machine in sessions: the kernel's own where it is not said. */
  readonly wrap?: typeof withSessions;
}

/** Takes down what takes effect, and answers with how many did: an effect more shows at once. */
const recorder: StateMachine<readonly string[], number> = {
  initial: [],
  apply: (taken, command) => ({ state: [...taken, command], response: taken.length + 1 }),
  snapshot: JSON.stringify,
  restore: JSON.parse,
};

type Recording = StateMachine<Sessions<readonly string[]>, SessionResponse<number>>;

/** One command of the sequence, and what came of it. */
interface Outcome {
  readonly response: string;
  /** Commands that took effect by it. */
  readonly effects: readonly string[];
}

/**
 * Null where sessions hold over `commands`, those of the log from its first on; else what is
 * broken, in words, commands counted from 0:
 * - a command of a session takes effect at most once, at its first occurrence that is answered,
 *   and nothing else does;
 * - all its occurrences get that response or are refused;
 * - a server that starts from a snapshot, wherever it is taken, gives the same responses with the
 *   same effects.
 * A pure function of its arguments; O(n^2) for n commands.
 */
export function exactlyOnceFault(
  commands: readonly string[],
  { maxSessions = 2, wrap = withSessions }: ExactlyOnceOptions = {},
): string | null {
  const machine = wrap(recorder, { maxSessions });
  let state = machine.initial;
  const states = [state];
  const outcomes: Outcome[] = [];
  const answers = new Map<string, Json>();
  for (const [i, command] of commands.entries()) {
    const next = machine.apply(state, command, i + 1);
    const effects = effectsOf(state, next.state);
    const fault = effectFault(command, next.response, effects, answers);
    if (fault !== null) return `command ${i} ${JSON.stringify(command)}: ${fault}`;
    outcomes.push({ response: JSON.stringify(next.response), effects });
    states.push(next.state);
    state = next.state;
  }
  return firstNonNull(states, (it, cut) => restoredFault(machine, it, commands, outcomes, cut));
}

function firstNonNull<T>(
  items: readonly T[],
  of: (item: T, at: number) => string | null,
): string | null {
  for (const [at, item] of items.entries()) {
    const found = of(item, at);
    if (found !== null) return found;
  }
  return null;
}

type State = Sessions<readonly string[]>;

function effectsOf(before: State, after: State): readonly string[] {
  return after.machine.slice(before.machine.length);
}

/** What is wrong with one command's outcome; `answers` gains the answer of its number. */
function effectFault(
  text: string,
  response: SessionResponse<number>,
  effects: readonly string[],
  answers: Map<string, Json>,
): string | null {
  const parsed = parseSessionCommand(text);
  if (parsed.kind !== "command" || response.kind !== "answered") {
    return effects.length === 0 ? null : `it takes effect, and is ${response.kind}`;
  }
  const { client, sequence, command } = parsed;
  const key = `${client} ${sequence}`;
  const earlier = answers.get(key);
  if (earlier === undefined) {
    answers.set(key, response.response);
    const isOnce = effects.length === 1 && effects[0] === command;
    return isOnce ? null : `answered for the first time, it takes effect ${effects.length} times`;
  }
  if (effects.length > 0) return "it takes effect again";
  if (earlier === response.response) return null;
  return `answered with ${response.response}, and with ${earlier} before`;
}

/** What differs on a server that starts from the snapshot after `cut` commands. */
function restoredFault(
  machine: Recording,
  taken: State,
  commands: readonly string[],
  outcomes: readonly Outcome[],
  cut: number,
): string | null {
  let state: State;
  try {
    state = machine.restore(machine.snapshot(taken));
  } catch (error) {
    return `the snapshot after ${cut} is not restored: ${String(error)}`;
  }
  for (const [i, { response, effects }] of outcomes.entries()) {
    if (i < cut) continue;
    const next = machine.apply(state, commands[i] as string, i + 1);
    const here = JSON.stringify(next.response);
    const place = `command ${i} ${JSON.stringify(commands[i])}, from the snapshot after ${cut}`;
    if (here !== response) return `${place}: answered with ${here}, not ${response}`;
    const count = effectsOf(state, next.state).length;
    if (count !== effects.length) return `${place}: ${count} effects, not ${effects.length}`;
    state = next.state;
  }
  return null;
}

/** Opens, commands and retries of clients, wherever leaders changed: each took effect once. */
export const exactlyOnce: Always = {
  kind: "always",
  name: "Exactly Once",
  rule:
    "A client's command takes effect at most once, and every replica answers it alike, from a " +
    "snapshot or from the log (thesis §6.3).",
  over: "history",
  holds: ({ committed }) => {
    const commands = committed.flatMap(({ entry: { payload } }) =>
      payload.kind === "command" ? [payload.command] : [],
    );
    return !commands.includes(openSession) || exactlyOnceFault(commands) === null;
  },
};
