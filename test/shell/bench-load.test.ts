/** The load of `npm run bench:shell` counts what it says it counts. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { runLoad } from "../../bench/shell/load.ts";
import { cleanUp, isInstalled, makePlace } from "../../bench/shell/process.ts";
import { VALUE } from "../../bench/shell/system.ts";

let server: Server;

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await cleanUp();
});

/** Puts a load on a server that refuses every so manieth request, 0 for none. */
async function load(refuseEvery: number) {
  const seen: { readonly url: string; readonly body: string }[] = [];
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      seen.push({ url: `${request.method} ${request.url}`, body });
      response.statusCode = refuseEvery > 0 && seen.length % refuseEvery === 0 ? 503 : 200;
      response.end("{}");
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const template = { method: "PUT", path: "/kv/KEY", body: JSON.stringify({ value: VALUE }) };
  const run = { connections: 4, seconds: 1, keys: 10 };
  return { point: await runLoad(url, template, run, makePlace()), seen };
}

const withWrk = it.skipIf(!isInstalled("wrk"));

withWrk("every request is a put of the value to one of the keys", async () => {
  const { point, seen } = await load(0);
  expect(point.errors).toBe(0);
  expect(point.perSecond).toBeGreaterThan(0);
  expect(point.p99).toBeGreaterThanOrEqual(point.p50);
  for (const { url, body } of seen) {
    expect(url).toMatch(/^PUT \/kv\/00000000000[0-9]$/);
    expect(JSON.parse(body)).toEqual({ value: VALUE });
  }
  expect(new Set(seen.map(({ url }) => url)).size).toBeGreaterThan(1);
});

withWrk("what is refused counts as an error, and not as done", async () => {
  const { point, seen } = await load(2);
  // A few are under way when the second is over.
  expect(point.errors).toBeGreaterThanOrEqual(Math.floor(seen.length / 2) - 4);
  expect(point.errors).toBeGreaterThan(0);
  expect(point.perSecond).toBeLessThan(seen.length * 0.6 + 4);
});
