/** A counter on three servers in this program. One dies, and no count is lost or made twice. */
import {
  openSession,
  SnapshotError,
  type StateMachine,
  sessionCommand,
  withSessions,
} from "../kernel/index.ts";
import {
  LocalNetwork,
  memoryStorage,
  NotLeader,
  OutcomeUnknown,
  Stopped,
  startServer,
} from "../shell/index.ts";

/** Counts its commands. Sessions make sure that one which is sent again counts once (§6.3). */
const counter: StateMachine<number, number> = {
  initial: 0,
  apply: (count) => ({ state: count + 1, response: count + 1 }),
  snapshot: (count) => String(count),
  restore: (text) => {
    if (!/^(?:0|[1-9][0-9]*)$/.test(text)) throw new SnapshotError(`no count: ${text}`);
    return Number(text);
  },
};
const stateMachine = withSessions(counter, { maxSessions: 100 });

const ids = ["n1", "n2", "n3"];
// Across machines these are `tcpTransport` and `sqliteStorage`, and nothing else changes.
const network = new LocalNetwork();
const start = (id: string) =>
  startServer({
    id,
    peers: new Map(ids.map((peer) => [peer, "in this process"])),
    stateMachine,
    storage: memoryStorage({ voters: ids, outgoingVoters: [], learners: [] }),
    transport: network.transport(id),
  });
type Server = Awaited<ReturnType<typeof start>>;
let servers: readonly Server[] = await Promise.all(ids.map(start));

/** Asks one server after another until one leads, and again where the outcome is unknown. */
async function ask<A>(question: (server: Server) => Promise<A>): Promise<A> {
  for (let turn = 0; ; turn++) {
    try {
      return await question(servers[turn % servers.length] as Server);
    } catch (error) {
      const isWorthAnother =
        error instanceof NotLeader || error instanceof OutcomeUnknown || error instanceof Stopped;
      if (!isWorthAnother) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const opened = await ask((server) => server.propose(openSession));
if (opened.kind !== "opened") throw new Error(`no session: ${JSON.stringify(opened)}`);
const count = (sequence: number) =>
  ask((server) => server.propose(sessionCommand(opened.client, sequence, "count")));

for (const sequence of [1, 2, 3]) console.log("counted", JSON.stringify(await count(sequence)));

const leader = servers.find((server) => server.status().role === "leader") as Server;
const onItsWay = count(4); // nobody knows yet whether the others will hear of it
await leader.crash();
servers = servers.filter((server) => server.id !== leader.id);
console.log("the leader is killed with a count on its way");
console.log("counted", JSON.stringify(await onItsWay));
console.log("counted", JSON.stringify(await count(5)));

const { machine } = await ask((server) => server.read());
console.log(`the two that are left read ${machine}`);
await Promise.all(servers.map((server) => server.stop()));
