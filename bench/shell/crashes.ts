/** What a crash costs: until a leader works again, until the server itself does. */
import { median } from "../measure.ts";
import { ask, type System, type Template, until } from "./system.ts";

/** How often a put is tried while there may be no leader, in milliseconds. */
const TRY_MS = 10;

/**
 * Milliseconds from `kill -9` of the leader until a put succeeds at one of the others. Puts are
 * sent side by side: one that a server holds back until it knows a leader must not hide another.
 */
async function failover(system: System): Promise<number> {
  const old = await until(`a leader of ${system.name}`, TRY_MS, () => system.leader());
  const others = system.urls.filter((_, at) => at !== old);
  const killed = performance.now();
  const { restarted } = system.crash(old);
  const succeeded = Promise.withResolvers<number>();
  const timer = setInterval(() => {
    for (const url of others) {
      void ask(url, system.put).then((answer) => {
        if (answer?.status === 200) succeeded.resolve(performance.now() - killed);
      });
    }
  }, TRY_MS);
  const took = await succeeded.promise.finally(() => clearInterval(timer));
  await restarted;
  await ready(system, old);
  return took;
}

/** Milliseconds from the start of a server's process, after a crash. */
export interface Restart {
  /** Until it answers anything, its data read. */
  readonly answersMs: number;
  /** Until it is ready: it knows a leader and has caught up. */
  readonly readyMs: number;
}

async function restart(system: System, server: number): Promise<Restart> {
  const url = system.urls[server] as string;
  const started = await system.crash(server).restarted;
  await until(`${system.name}: an answer`, TRY_MS, () => ask(url, readyRequest(system)));
  const answersMs = performance.now() - started;
  await ready(system, server);
  return { answersMs, readyMs: performance.now() - started };
}

const readyRequest = ({ ready: path }: System): Template => ({ method: "GET", path, body: "" });

/** Waits until a server is ready for clients. */
export async function ready(system: System, server: number): Promise<void> {
  const url = system.urls[server] as string;
  await until(`${system.name}: server ${server} ready`, TRY_MS, async () => {
    const status = (await ask(url, readyRequest(system)))?.status ?? 0;
    return status >= 200 && status < 300 ? true : null;
  });
}

/** The median of the failovers, and of the restarts of each server; milliseconds. */
export async function crashFigures(
  system: System,
  failovers: number,
): Promise<Restart & { readonly failoverMs: number }> {
  const failoversMs: number[] = [];
  const restarts: Restart[] = [];
  for (let round = 0; round < failovers; round++) failoversMs.push(await failover(system));
  for (const at of system.urls.keys()) restarts.push(await restart(system, at));
  return {
    failoverMs: median(failoversMs),
    answersMs: median(restarts.map(({ answersMs }) => answersMs)),
    readyMs: median(restarts.map(({ readyMs }) => readyMs)),
  };
}
