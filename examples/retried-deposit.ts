/** A client hears no answer, sends its command again, and pays in once. Thesis §6.3. */
import {
  openSession,
  SnapshotError,
  type StateMachine,
  sessionCommand,
  withSessions,
} from "../kernel/index.ts";
import { checkDeterminism } from "../spec/index.ts";

/** An account: a command is the amount to pay in, the response the balance after it. */
const account: StateMachine<number, string> = {
  initial: 0,
  apply: (balance, command) => {
    if (!/^[1-9][0-9]{0,8}$/.test(command)) return { state: balance, response: "no amount" };
    const state = balance + Number(command);
    return { state, response: `balance ${state}` };
  },
  snapshot: (balance) => String(balance),
  restore: (text) => {
    if (!/^(?:0|[1-9][0-9]*)$/.test(text)) throw new SnapshotError(`no balance: ${text}`);
    return Number(text);
  },
};

/** What every server applies, in the order of the log. */
const committed = [
  openSession,
  sessionCommand(1, 1, "100"),
  sessionCommand(1, 1, "100"), // the same command again: its answer was lost
  sessionCommand(1, 2, "5"),
  sessionCommand(1, 1, "100"), // a copy that the network delivers late
];

const machine = withSessions(account, { maxSessions: 1000 });
let state = machine.initial;
for (const [i, command] of committed.entries()) {
  const next = machine.apply(state, command, i + 1);
  state = next.state;
  console.log(`${command}: ${JSON.stringify(next.response)}`);
}
console.log(machine.snapshot(state));

const difference = checkDeterminism(machine, committed);
console.log(difference ?? "every server would do the same, from any snapshot on");
