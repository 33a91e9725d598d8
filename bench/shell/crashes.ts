/** What a crash costs: until a leader works again, until the server itself does. */
import { median } from "../measure.ts";
import { ask, type System, until } from "./system.ts";

/** How often a put is tried while there may be no leader, in milliseconds. */
const TRY_MS = 10;

/**
 * Milliseconds from `kill -9` of the leader until a put succeeds at one of the others. Puts are
 * sent side by side: one that a server holds back until it knows a leader must not hide another.
 */
export async function failover(system: System): Promise<number> {
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

/** Milliseconds from the start of a server's process, after a crash, until it says it is ready. */
export async function restart(system: System, server: number): Promise<number> {
  const started = await system.crash(server).restarted;
  await ready(system, server);
  return performance.now() - started;
}

/** Waits until a server is ready for clients. */
export async function ready(system: System, server: number): Promise<void> {
  const request = { method: "GET", path: system.ready, body: "" };
  await until(`${system.name}: server ${server} ready`, TRY_MS, async () => {
    const status = (await ask(system.urls[server] as string, request))?.status ?? 0;
    return status >= 200 && status < 300 ? true : null;
  });
}

/** The median of the failovers, and of the restarts of each server; milliseconds. */
export async function crashFigures(
  system: System,
  failovers: number,
): Promise<{ readonly failoverMs: number; readonly restartMs: number }> {
  const failoversMs: number[] = [];
  const restartsMs: number[] = [];
  for (let round = 0; round < failovers; round++) failoversMs.push(await failover(system));
  for (const at of system.urls.keys()) restartsMs.push(await restart(system, at));
  return { failoverMs: median(failoversMs), restartMs: median(restartsMs) };
}
