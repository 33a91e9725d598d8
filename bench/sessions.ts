/** What a command of a session costs, by how many sessions are open. */
import { openSession, type StateMachine, sessionCommand, withSessions } from "../kernel/index.ts";
import { nanoseconds, type Work } from "./measure.ts";

/** The cost of one kind of command at growing numbers of sessions. */
export interface SessionCost {
  readonly name: string;
  readonly nanoseconds: readonly number[];
  /** Most against fewest sessions. */
  readonly ratio: number;
}

/** The numbers of sessions at which the cost is compared. */
export const sessionCounts: readonly number[] = [1e2, 1e3, 1e4, 1e5];

/** Does next to nothing, so that the sessions are what is measured. */
const machine: StateMachine<number, number> = {
  initial: 0,
  apply: (count) => ({ state: count + 1, response: count }),
  snapshot: String,
  restore: Number,
};

/** `sessions` open ones, each with a command. */
function busy(sessions: number) {
  const wrapped = withSessions(machine, { maxSessions: sessions });
  let state = wrapped.initial;
  for (let client = 1; client <= sessions; client++) {
    state = wrapped.apply(state, openSession, client).state;
    state = wrapped.apply(state, sessionCommand(client, 1, "x"), client).state;
  }
  return { wrapped, state, sessions };
}

/** Every client in turn: always the one that was used least recently. */
function inTurn(it: ReturnType<typeof busy>, textOf: (client: number, at: number) => string): Work {
  return (count) => {
    let { state } = it;
    for (let i = 0; i < count; i++) {
      state = it.wrapped.apply(state, textOf((i % it.sessions) + 1, i), i).state;
    }
    return state;
  };
}

/** Cost of each kind of command, the machine's own work included. */
export function sessionCosts(): readonly SessionCost[] {
  const tables = sessionCounts.map(busy);
  const rows: readonly (readonly [string, (client: number, at: number) => string])[] = [
    ["new command", (client, at) => sessionCommand(client, at + 2, "x")],
    ["duplicate", (client) => sessionCommand(client, 1, "x")],
    ["open one, and one expires", () => openSession],
  ];
  return rows.map(([name, textOf]) => {
    const costs = nanoseconds(
      tables.map((it) => inTurn(it, textOf)),
      10_000,
    );
    return { name, nanoseconds: costs, ratio: (costs.at(-1) as number) / (costs[0] as number) };
  });
}
