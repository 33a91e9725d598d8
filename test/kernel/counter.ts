/** A machine to test with: each response tells how many commands took effect, and which. */
import { SnapshotError, type StateMachine } from "../../kernel/index.ts";

export interface Counter {
  readonly count: number;
  readonly last: string;
}

/** Counts commands. Applying one twice shows in the response and in the state. */
export const counter: StateMachine<Counter, string> = {
  initial: { count: 0, last: "" },
  apply: ({ count }, last) => {
    return { state: { count: count + 1, last }, response: `${count + 1}:${last}` };
  },
  snapshot: ({ count, last }) => `${count} ${last}`,
  restore: (text) => {
    const [, count, last] = /^(0|[1-9][0-9]*) (.*)$/s.exec(text) ?? [];
    if (count === undefined || last === undefined) throw new SnapshotError("counter: no count");
    return { count: Number(count), last };
  },
};
