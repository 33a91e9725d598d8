/** A replicated lock service: who waits in line keeps the place when the leader dies. */
import { SnapshotError, type StateMachine } from "../kernel/index.ts";
import { LocalCluster } from "../shell/index.ts";

/**
 * A lock is held by the first in line. Each holder has a token, higher than all before: what the
 * lock protects refuses lower ones, so that a holder who was slow to notice does no harm.
 */
interface Lock {
  readonly line: readonly string[];
  readonly token: number;
}
type Locks = Readonly<Record<string, Lock>>;

/** Sent twice, each does what it does once: so a client may send again what got no answer. */
interface Command {
  readonly kind: "acquire" | "release";
  readonly lock: string;
  readonly owner: string;
}

/** The token, where the owner holds the lock; or how many are before it. */
type Response = { readonly token: number } | { readonly before: number };

const unused: Lock = { line: [], token: 0 };

function apply(locks: Locks, { kind, lock, owner }: Command): Locks {
  const { line, token } = locks[lock] ?? unused;
  if (kind === "acquire") {
    if (line.includes(owner)) return locks;
    return { ...locks, [lock]: { line: [...line, owner], token: token + (line.length ? 0 : 1) } };
  }
  const rest = line.filter((it) => it !== owner);
  const isNext = line[0] === owner && rest.length > 0;
  return { ...locks, [lock]: { line: rest, token: token + (isNext ? 1 : 0) } };
}

function positionOf(locks: Locks, { lock, owner }: Command): Response {
  const { line, token } = locks[lock] ?? unused;
  return line[0] === owner ? { token } : { before: line.indexOf(owner) };
}

const lockMachine: StateMachine<Locks, Response> = {
  initial: {},
  apply: (locks, text) => {
    // Only `ask` below makes commands; a service for others would check them here.
    const command = JSON.parse(text) as Command;
    const state = apply(locks, command);
    return { state, response: positionOf(state, command) };
  },
  snapshot: (locks) => JSON.stringify(locks),
  restore: (text) => {
    if (!text.startsWith("{")) throw new SnapshotError(`no locks: ${text}`);
    return JSON.parse(text) as Locks;
  },
};

const cluster = new LocalCluster({ ids: ["n1", "n2", "n3"], stateMachine: lockMachine });
await cluster.startAll();

function ask(kind: Command["kind"], owner: string): Promise<Response> {
  const command: Command = { kind, lock: "printer", owner };
  return cluster.propose(JSON.stringify(command), { repeatable: true });
}

/** What the lock protects: it takes part by refusing tokens that were overtaken. */
let highest = 0;
function print(owner: string, token: number): void {
  const isOvertaken = token < highest;
  highest = Math.max(highest, token);
  console.log(`${owner} prints with token ${token}: ${isOvertaken ? "refused" : "done"}`);
}

async function acquire(owner: string): Promise<number | null> {
  const answer = await ask("acquire", owner);
  if ("token" in answer) console.log(`${owner} holds the lock, token ${answer.token}`);
  else console.log(`${owner} waits, ${answer.before} before`);
  return "token" in answer ? answer.token : null;
}

const token = await acquire("alice");
await acquire("bob");
await acquire("carol");

await cluster.crash((await cluster.leader()).id);
console.log("the leader is killed");
await acquire("alice"); // asked again, as a client does that got no answer
await acquire("carol");
print("alice", token ?? 0);

await ask("release", "alice");
console.log("alice releases");
print("bob", (await acquire("bob")) ?? 0);
print("alice", token ?? 0); // alice believes to hold it still

await cluster.startAll();
console.log("line:", ...((await cluster.read())["printer"] ?? unused).line);
await cluster.stop();
