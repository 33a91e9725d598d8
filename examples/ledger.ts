/** An event-sourced ledger: servers agree on its events, and so on the balances at any of them. */
import { SnapshotError, type StateMachine } from "../kernel/index.ts";
import { LocalCluster } from "../shell/index.ts";

/** Money moves; `null` is the world outside. A transfer has a name, so it is recorded once. */
interface Transfer {
  readonly name: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly amount: number;
}
/** The log of what happened: all else follows from it. The first transfer has index 1. */
type Log = readonly Transfer[];
type Balances = ReadonlyMap<string, number>;

/** The balances come with the log only so that they are not computed for each command. */
interface Ledger {
  readonly log: Log;
  readonly balances: Balances;
}
type Response = { readonly index: number } | { readonly refused: string };

function move(balances: Balances, { from, to, amount }: Transfer): Balances {
  const after = new Map(balances);
  if (from !== null) after.set(from, (after.get(from) ?? 0) - amount);
  if (to !== null) after.set(to, (after.get(to) ?? 0) + amount);
  return after;
}

/** Time travel: the balances as they were when transfer `index` had been recorded. */
function balancesAt(log: Log, index: number): Balances {
  return log.slice(0, index).reduce(move, new Map());
}

const ledgerMachine: StateMachine<Ledger, Response> = {
  initial: { log: [], balances: new Map() },
  apply: (ledger, text) => {
    const transfer = JSON.parse(text) as Transfer;
    const known = ledger.log.findIndex(({ name }) => name === transfer.name);
    if (known >= 0) return { state: ledger, response: { index: known + 1 } };
    const { from, amount } = transfer;
    if (from !== null && (ledger.balances.get(from) ?? 0) < amount) {
      return { state: ledger, response: { refused: `${from} has not ${amount}` } };
    }
    const log = [...ledger.log, transfer];
    const state = { log, balances: move(ledger.balances, transfer) };
    return { state, response: { index: log.length } };
  },
  // The log is the snapshot: Raft may compact its own, and no past is lost.
  snapshot: ({ log }) => JSON.stringify(log),
  restore: (text) => {
    if (!text.startsWith("[")) throw new SnapshotError(`no ledger: ${text}`);
    const log = JSON.parse(text) as Log;
    return { log, balances: balancesAt(log, log.length) };
  },
};

const cluster = new LocalCluster({ ids: ["n1", "n2", "n3"], stateMachine: ledgerMachine });
await cluster.startAll();

const show = (balances: Balances): string =>
  [...balances].map(([account, amount]) => `${account} ${amount}`).join(", ");

let names = 0;
async function transfer(from: string | null, to: string | null, amount: number): Promise<void> {
  const command = JSON.stringify({ name: `t${++names}`, from, to, amount });
  const what = `${from ?? "outside"} -> ${to ?? "outside"} ${amount}`;
  // By its name it is recorded once, however often it is sent.
  const answer = await cluster.propose(command, { repeatable: true });
  const outcome = "index" in answer ? `index ${answer.index}` : `refused: ${answer.refused}`;
  console.log(`${what}: ${outcome}`);
}

await transfer(null, "alice", 100);
await transfer("alice", "bob", 30);
await transfer("bob", "carol", 50);

const leader = await cluster.leader();
await leader.takeSnapshot();
await cluster.crash(leader.id);
console.log("the leader compacts its log and is killed");
await transfer("bob", "carol", 20);
await transfer("alice", null, 70);

// It comes back with what its snapshot holds, and is told what it missed.
await cluster.start(leader.id);
const { log } = await cluster.read();
const logs = (): readonly Log[] => cluster.servers.map((server) => server.stale().log);
while (logs().some(({ length }) => length < log.length)) {
  await new Promise((again) => setTimeout(again, 5));
}

for (const at of log.keys()) {
  const told = new Set(logs().map((it) => show(balancesAt(it, at + 1))));
  console.log(`all servers tell of ${at + 1}:`, [...told].join(" or "));
}
await cluster.stop();
