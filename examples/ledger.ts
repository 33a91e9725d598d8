/** An event-sourced ledger: servers agree on its events, and so on the balances at any of them. */
import { SnapshotError, type StateMachine } from "../kernel/index.ts";
import { LocalCluster } from "../shell/index.ts";

/** Money moves; `null` is the world outside. A transfer has a name, so it is recorded once. */
interface Transfer {
  /** Where it is in the log of all servers: there are other entries between. */
  readonly index: number;
  readonly name: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly amount: number;
}
/** What happened, in the order of the log: all else follows from it. */
type Events = readonly Transfer[];
type Balances = ReadonlyMap<string, number>;

/** The balances come with the events only so that they are not computed for each command. */
interface Ledger {
  readonly events: Events;
  readonly balances: Balances;
}
type Response = { readonly index: number } | { readonly refused: string };

function move(balances: Balances, { from, to, amount }: Transfer): Balances {
  const after = new Map(balances);
  if (from !== null) after.set(from, (after.get(from) ?? 0) - amount);
  if (to !== null) after.set(to, (after.get(to) ?? 0) + amount);
  return after;
}

/** Time travel: the balances as they were when the log had been applied up to `index`. */
function balancesAt(events: Events, index: number): Balances {
  return events.filter((event) => event.index <= index).reduce(move, new Map());
}

const ledgerMachine: StateMachine<Ledger, Response> = {
  initial: { events: [], balances: new Map() },
  apply: (ledger, text, index) => {
    const transfer: Transfer = { index, ...JSON.parse(text) };
    const known = ledger.events.find(({ name }) => name === transfer.name);
    if (known !== undefined) return { state: ledger, response: { index: known.index } };
    const { from, amount } = transfer;
    if (from !== null && (ledger.balances.get(from) ?? 0) < amount) {
      return { state: ledger, response: { refused: `${from} has not ${amount}` } };
    }
    const events = [...ledger.events, transfer];
    return { state: { events, balances: move(ledger.balances, transfer) }, response: { index } };
  },
  // The events are the snapshot: Raft may compact its log, and no past is lost.
  snapshot: ({ events }) => JSON.stringify(events),
  restore: (text) => {
    if (!text.startsWith("[")) throw new SnapshotError(`no ledger: ${text}`);
    const events = JSON.parse(text) as Events;
    return { events, balances: balancesAt(events, Number.POSITIVE_INFINITY) };
  },
};

const cluster = new LocalCluster({ ids: ["n1", "n2", "n3"], stateMachine: ledgerMachine });
await cluster.startAll();

const show = (balances: Balances): string =>
  [...balances].map(([account, amount]) => `${account} ${amount}`).join(", ");

let names = 0;
/** The log's index of each transfer, as the client was told. */
const indices: number[] = [];
async function transfer(from: string | null, to: string | null, amount: number): Promise<void> {
  const command = JSON.stringify({ name: `t${++names}`, from, to, amount });
  const what = `${from ?? "outside"} -> ${to ?? "outside"} ${amount}`;
  // By its name it is recorded once, however often it is sent.
  const answer = await cluster.propose(command, { repeatable: true });
  if ("index" in answer) indices.push(answer.index);
  const outcome =
    "index" in answer ? `recorded as ${indices.length}` : `refused: ${answer.refused}`;
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
const last = indices.at(-1) ?? 0;
while (cluster.servers.some((server) => server.status().appliedIndex < last)) {
  await new Promise((again) => setTimeout(again, 5));
}

for (const [at, index] of indices.entries()) {
  const told = cluster.servers.map((server) => show(balancesAt(server.stale().events, index)));
  console.log(`all servers, at the index of ${at + 1}:`, [...new Set(told)].join(" or "));
}
await cluster.stop();
