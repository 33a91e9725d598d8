/** Servers as processes of their own, each started as a user starts one on its host. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tokenHash } from "../../../shell/api/auth.ts";
import { CLUSTER, IDS, type Network } from "./network.ts";

const MAIN = fileURLToPath(new URL("../../../cli/main.ts", import.meta.url));
/** What clients show. */
export const TOKEN = "a-token-of-a-test";

/** Starts all servers, and waits until they serve. */
export async function startServers(
  network: Network,
  directory: string,
): Promise<ReadonlyMap<string, ChildProcess>> {
  const tokens = join(directory, "tokens.json");
  writeFileSync(tokens, JSON.stringify([{ sha256: tokenHash(TOKEN), role: "admin" }]));
  const starting = IDS.map(async (id) => {
    const child = start(network, id, [
      ...(await network.flags(id, directory)),
      ...["--data-dir", join(directory, "data", id)],
      ...["--journal", join(directory, "journals", id)],
      ...["--tokens", tokens],
    ]);
    const ended = once(child, "close").then(([code]) => {
      throw new Error(`${id} ended with ${code} before it served`);
    });
    await Promise.race([once(child, "message"), ended]);
    ended.catch(() => {});
    return [id, child] as const;
  });
  return new Map(await Promise.all(starting));
}

function start(network: Network, id: string, flags: readonly string[]): ChildProcess {
  const place = ["--id", id, "--cluster", CLUSTER, "--members", network.members];
  const words = [...network.prefix(id), process.execPath, MAIN, "serve", ...place, ...flags];
  // The channel tells when it serves; and a server whose parent is gone goes, too.
  return spawn(words[0] as string, words.slice(1), {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}

/** Stops all servers, one after another. @throws Error where one does not end well. */
export async function stopServers(servers: ReadonlyMap<string, ChildProcess>): Promise<void> {
  for (const [id, child] of servers) {
    if (child.exitCode === null) {
      const closed = once(child, "close");
      child.kill("SIGTERM");
      await closed;
    }
    if (child.exitCode !== 0) throw new Error(`${id} ended with ${child.exitCode}`);
  }
}
