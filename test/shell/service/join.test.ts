/** Servers that join a cluster, of which they were not told everything. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Scope from "effect/Scope";
import { afterEach, expect, it } from "vitest";
import { makePromiseClient } from "../../../shell/client/index.ts";
import type { Address } from "../../../shell/machines/cluster.ts";
import { runService, type Service } from "../../../shell/service/service.ts";
import { freePort } from "../../e2e/real-cluster.ts";

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Members = Readonly<Record<string, Address>>;

async function place(): Promise<Address> {
  const port = await freePort();
  return { peer: `127.0.0.1:${port + 1000}`, client: `http://127.0.0.1:${port}` };
}

/** Runs server `id`, one of `members`, until the test is over. */
async function run(id: string, members: Members, joins: boolean): Promise<Service> {
  const dataDir = mkdtempSync(join(tmpdir(), "quorate-join-"));
  cleanups.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const scope = await Effect.runPromise(Scope.make());
  cleanups.push(() => Effect.runPromise(Scope.close(scope, Exit.void)));
  const listenAt = (url: string) => {
    const { hostname: host, port } = new URL(url);
    return { host, port: Number(port) };
  };
  const { peer, client } = members[id] as Address;
  const service = runService({
    id,
    cluster: "test",
    dataDir,
    members: new Map(Object.entries(members)),
    join: joins,
    peerListen: listenAt(`tcp://${peer}`),
    peerTls: null,
    insecure: "loopback",
    leaseReads: false,
    journalDir: null,
    api: { listen: listenAt(client) },
  });
  return Effect.runPromise(Scope.provide(service, scope));
}

async function ready(service: Service): Promise<unknown> {
  return (await fetch(`${service.api.url}/ready`)).json();
}

it("a server joins though it was told nothing of the leader", async () => {
  const [n5, n6, gone] = [await place(), await place(), await place()];
  const leader = await run("n5", { n5 }, false);
  const joiner = await run("n6", { n1: gone, n6 }, true);
  expect(await ready(joiner)).toMatchObject({
    code: "not-ready",
    detail: expect.stringContaining("n6 has joined nothing yet"),
  });
  const endpoints = [leader.api.url, joiner.api.url];
  const client = makePromiseClient({ endpoints, deadline: 50_000 });
  cleanups.push(() => client.close());
  await client.members.replace("n5", { id: "n6", ...n6 });
  // It is alone now, and leads.
  await client.put("a", "1");
  expect(await ready(joiner)).toEqual({ done: true });
  const metrics = await (await fetch(`${joiner.api.url}/metrics`)).text();
  expect(metrics).toMatch(/^quorate_transport_addresses_claimed_total [1-9]/m);
  const { configuration } = await Effect.runPromise(joiner.server.status);
  expect(configuration).toMatchObject({ voters: ["n6"], outgoingVoters: [], learners: [] });
});

it("a replacement by a server that is not there says what is so, and what to do", async () => {
  const [n5, n6] = [await place(), await place()];
  const leader = await run("n5", { n5 }, false);
  const client = makePromiseClient({ endpoints: [leader.api.url], deadline: 4000 });
  cleanups.push(() => client.close());
  await client.put("a", "1");
  const message = expect.stringMatching(
    /n6 was added as a learner, then: it has 0 of \d+ entries so far and did not catch up in time/,
  );
  const replaced = client.members.replace("n5", { id: "n6", ...n6 });
  await expect(replaced).rejects.toMatchObject({ _tag: "Unknown", message });
  expect(await client.members.list()).toMatchObject({ voters: ["n5"], learners: ["n6"] });
});
