/**
 * A saga coordinator: a trip is a flight, a hotel and a car, or none of them. What was done is
 * replicated; whoever leads does the next thing, so a trip goes on when the one who led dies.
 */
import { SnapshotError, type StateMachine } from "../kernel/index.ts";
import {
  LocalCluster,
  NotLeader,
  OutcomeUnknown,
  type PromiseServer,
  Stopped,
} from "../shell/index.ts";

const steps = ["flight", "hotel", "car"] as const;

/** `done` steps are booked. Forward until all are; once one failed, backward until none is. */
interface Saga {
  readonly done: number;
  readonly direction: "forward" | "backward";
}
type Sagas = Readonly<Record<string, Saga>>;

/** A trip begins, or its step `at` was carried out: which of `booked`, `failed`, `cancelled`. */
type Command =
  | { readonly kind: "begin"; readonly trip: string }
  | { readonly kind: Outcome; readonly trip: string; readonly at: number };
type Outcome = "booked" | "failed" | "cancelled";

/** What to do next, or how it ended. */
type Next = { readonly action: "book" | "cancel"; readonly at: number } | "complete" | "undone";

function nextOf({ done, direction }: Saga): Next {
  if (direction === "forward") {
    return done === steps.length ? "complete" : { action: "book", at: done };
  }
  return done === 0 ? "undone" : { action: "cancel", at: done - 1 };
}

/** An outcome counts for the step whose turn it is: what is told again, or late, changes nothing. */
function after(saga: Saga, { kind, at }: { readonly kind: Outcome; readonly at: number }): Saga {
  const next = nextOf(saga);
  if (typeof next === "string" || next.at !== at) return saga;
  if (next.action === "cancel") return kind === "cancelled" ? { ...saga, done: at } : saga;
  if (kind === "booked") return { ...saga, done: at + 1 };
  return kind === "failed" ? { ...saga, direction: "backward" } : saga;
}

const sagaMachine: StateMachine<Sagas, Saga> = {
  initial: {},
  apply: (sagas, text) => {
    const command = JSON.parse(text) as Command;
    const saga = sagas[command.trip] ?? { done: 0, direction: "forward" };
    const response = command.kind === "begin" ? saga : after(saga, command);
    return { state: { ...sagas, [command.trip]: response }, response };
  },
  snapshot: (sagas) => JSON.stringify(sagas),
  restore: (text) => {
    if (!text.startsWith("{")) throw new SnapshotError(`no sagas: ${text}`);
    return JSON.parse(text) as Sagas;
  },
};

/** The world outside, which knows each request by its name and carries it out once. */
const heard = new Map<string, Outcome>();
function carryOut(action: "book" | "cancel", trip: string, what: string): Outcome {
  const name = `${action} ${trip} ${what}`;
  const before = heard.get(name);
  const isFull = trip === "rome" && what === "car";
  const outcome = before ?? (action === "cancel" ? "cancelled" : isFull ? "failed" : "booked");
  heard.set(name, outcome);
  console.log(`${name}: ${outcome}${before === undefined ? "" : ", as before"}`);
  return outcome;
}

const pause = () => new Promise((again) => setTimeout(again, 10));
const cluster = new LocalCluster({ ids: ["n1", "n2", "n3"], stateMachine: sagaMachine });
/** The leader dies when it has done one of these and told nobody: the worst moment. */
const fatal = new Set(["book paris hotel", "cancel rome hotel"]);

/** Each server runs this; only one that leads finds something to do. Ends when `server` does. */
async function coordinate(server: PromiseServer<Sagas, Saga>): Promise<void> {
  while (cluster.servers.includes(server)) {
    try {
      const sagas = server.status().role === "leader" ? await server.read() : {};
      for (const [trip, saga] of Object.entries(sagas)) {
        const next = nextOf(saga);
        if (typeof next === "string") continue;
        const what = steps[next.at] as string;
        const kind = carryOut(next.action, trip, what);
        if (fatal.delete(`${next.action} ${trip} ${what}`)) {
          console.log("the leader is killed before it tells");
          await cluster.crash(server.id);
        }
        await server.propose(JSON.stringify({ kind, trip, at: next.at }));
      }
    } catch (error) {
      // It leads not, or no more: what it did unheard is asked for again, by the same name.
      if (![NotLeader, OutcomeUnknown, Stopped].some((it) => error instanceof it)) throw error;
    }
    await pause();
  }
}

/** Begins a trip, and waits for its end with whoever leads. */
async function travel(trip: string): Promise<void> {
  await cluster.startAll();
  const ended = cluster.servers.map(coordinate);
  await cluster.propose(JSON.stringify({ kind: "begin", trip }), { repeatable: true });
  const next = async () => nextOf((await cluster.read())[trip] as Saga);
  let end = await next();
  for (; typeof end !== "string"; end = await next()) await pause();
  console.log(`${trip}: ${end}`);
  await cluster.stop();
  await Promise.all(ended);
}

await travel("paris");
await travel("rome");
