/** All three servers of a cluster are replaced, one after another, under load. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { quorate } from "../cli/run.ts";
import { Load, leaderOf, request } from "./load.ts";
import { freePort, RealCluster } from "./real-cluster.ts";

const MAIN = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
let cluster: RealCluster | null = null;
const joined: ChildProcess[] = [];

afterEach(async () => {
  for (const child of joined) await ended(child);
  await cluster?.stop();
  cluster?.remove();
});

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) {
    const closed = once(child, "close");
    child.kill("SIGTERM");
    await closed;
  }
  return child.exitCode;
}

/** Starts a server that is no member yet; gives how others name it, once it serves. */
async function joins(id: string, servers: RealCluster, members: string): Promise<string> {
  const [peer, client] = [await freePort(), await freePort()];
  const settings = {
    id,
    members,
    "data-dir": join(servers.directory, "data", id),
    journal: join(servers.journals, id),
    "peer-listen": `127.0.0.1:${peer}`,
    "client-listen": `127.0.0.1:${client}`,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(process.execPath, [MAIN, "serve", ...flags, "--join", "--insecure"], {
    env: { ...process.env, NODE_V8_COVERAGE: undefined },
    stdio: ["ignore", "pipe", "inherit"],
  });
  joined.push(child);
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  await once(lines, "line");
  return `${id}=127.0.0.1:${peer}@http://127.0.0.1:${client}`;
}

describe("a cluster under load", () => {
  it("goes on while each of its servers is replaced by another", { timeout: 180_000 }, async () => {
    const port = await freePort();
    const servers = new RealCluster(3, port);
    cluster = servers;
    await servers.said("ready", null);
    await leaderOf(servers.urls);
    const members = servers.urls
      .map((url, at) => `n${at + 1}=127.0.0.1:${port + 1000 + at}@${url}`)
      .join(",");
    const urls = [...servers.urls];
    const load = new Load(urls, 2);
    await load.progress(10);

    for (const [old, id] of [
      ["n1", "n4"],
      ["n2", "n5"],
      ["n3", "n6"],
    ] as const) {
      const member = await joins(id, servers, members);
      urls.push(member.split("@")[1] as string);
      const endpoints = ["--endpoints", urls.join(","), "--deadline", "60"];
      const replaced = await quorate(["members", "replace", old, member, ...endpoints]);
      expect([replaced.code, replaced.stderr]).toEqual([0, ""]);
      await load.progress(10);
    }

    await load.stop();
    const leader = await leaderOf(urls.slice(3));
    const reply = await request("GET", `${urls[Number(leader.slice(1)) - 1]}/v1/members`);
    expect(reply).toMatchObject({ body: { voters: ["n4", "n5", "n6"], outgoingVoters: [] } });
    for (const child of joined) expect(await ended(child)).toBe(0);
    expect(await servers.stop()).toBe(0);
    const history = join(servers.directory, "history.jsonl");
    writeFileSync(history, load.events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    const journals = ["n1", "n2", "n3", "n4", "n5", "n6"].map((id) => join(servers.journals, id));
    const clients = ["--history", history, "--model", "key-value"];
    const audit = await quorate(["audit", ...journals, ...clients]);
    expect(audit.stderr + audit.stdout).toContain("Verified");
    expect(audit.code).toBe(0);
  });
});
