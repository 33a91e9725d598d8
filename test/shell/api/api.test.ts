/** The API over a real server of one, and over stubs for what that one does seldom. */
import { once as happens } from "node:events";
import { connect } from "node:net";
import * as Effect from "effect/Effect";
import * as HttpApi from "effect/http-api/HttpApi";
import * as Schema from "effect/Schema";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { tokenHash } from "../../../shell/api/auth.ts";
import { api, openApi, ProblemDetails } from "../../../shell/api/definition.ts";
import { PROBLEMS } from "../../../shell/api/problem.ts";
import { NotLeader, OutcomeUnknown, Refused, Stopped } from "../../../shell/driver/server.ts";
import { addressCommand, clusterMachine } from "../../../shell/machines/cluster.ts";
import { keyValueMachine } from "../../../shell/machines/key-value.ts";
import { readExposition } from "./exposition.ts";
import { type Hosted, type HostOptions, host, hostOwn, stub } from "./host.ts";

const seed = 20_261_125;

/** Each operation of the definition: how a success and a failure must look. */
const operations = new Map<string, Schema.Decoder<unknown>>();
HttpApi.reflect(api, {
  onGroup: () => {},
  onEndpoint: ({ endpoint }) => {
    const [success] = endpoint.success;
    operations.set(`${endpoint.method} ${endpoint.path}`, success as Schema.Decoder<unknown>);
  },
});

const tested = new Set<string>();

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

/** Asks, and checks the answer against the definition. `operation` is `METHOD /path/:name`. */
async function ask(
  { api: { url } }: Hosted,
  operation: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const success = operations.get(operation);
  if (success === undefined) throw new Error(`${operation} is not in the definition`);
  const method = operation.split(" ", 1)[0] as string;
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  const answer = isJson ? JSON.parse(text) : text;
  const strict = { onExcessProperty: "error" } as const;
  if (response.ok) {
    tested.add(operation);
    Schema.decodeUnknownSync(success, strict)(answer);
  } else {
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    const problem = Schema.decodeUnknownSync(ProblemDetails, strict)(answer);
    expect(PROBLEMS[problem.code as keyof typeof PROBLEMS].status).toBe(response.status);
    expect(problem.status).toBe(response.status);
  }
  return { status: response.status, body: answer, headers: response.headers };
}

describe("a large backup", () => {
  const COUNT = 100;

  /** A host of a state of 25 MB, whose keys are told to `reads` when they are read. */
  function hostLarge(reads: (at: number) => void, options: HostOptions = {}): Promise<Hosted> {
    const machine = clusterMachine(keyValueMachine(), { maxSessions: 100 });
    let keys = keyValueMachine().initial;
    for (let i = 0; i < COUNT; i++) {
      const put = { op: "put", key: `k${i}`, value: "x".repeat(250_000) };
      keys = keyValueMachine().apply(keys, JSON.stringify(put), i + 1).state;
    }
    const { items } = keys;
    const entries = items.entries.bind(items);
    items.entries = function* (...given) {
      let at = 0;
      for (const entry of entries(...given)) {
        reads(at++);
        yield entry;
      }
    };
    const { initial } = machine;
    const state = { ...initial, sessions: { ...initial.sessions, machine: keys } };
    return host(stub({ read: Effect.succeed(state), stale: Effect.succeed(state) }), options);
  }

  it("is made as it is taken, and others are served meanwhile", async () => {
    let made = 0;
    const large = await hostLarge(() => {
      made++;
    });
    const response = await fetch(`${large.api.url}/v1/backup`);
    expect((await fetch(`${large.api.url}/health`)).status).toBe(200);
    expect(made).toBeLessThan(COUNT);
    const [, machine] = (await response.text()).split("\n") as [string, string];
    expect(keyValueMachine().restore(machine).items.size).toBe(COUNT);
    await large.close();
  });

  it("that breaks off is seen to be none", async () => {
    const large = await hostLarge((at) => {
      if (at === COUNT / 2) throw new Error("the keys are gone");
    });
    const response = await fetch(`${large.api.url}/v1/backup`);
    await expect(response.text()).rejects.toThrow("terminated");
    await large.close();
  });

  it("of which the client takes no more is given up, and so are its keys", async () => {
    let made = 0;
    const count = (): void => {
      made++;
    };
    const large = await hostLarge(count, { limits: { timeout: 50 } });
    const socket = connect(large.api.port, "127.0.0.1");
    socket.write("GET /v1/backup HTTP/1.1\r\nhost: x\r\n\r\n");
    await happens(socket, "readable");
    // Nothing is read, so no more is made, until the server has had enough of it.
    const given = `quorate_http_requests_total{route="GET /v1/backup",status="499"} 1`;
    for (;;) {
      const metrics = await (await fetch(`${large.api.url}/metrics`)).text();
      if (metrics.includes(given)) break;
    }
    expect(made).toBeLessThan(COUNT);
    socket.destroy();
    await large.close();
  });
});

describe("a server of its own", () => {
  let own: Hosted;
  beforeAll(async () => {
    own = await hostOwn();
  });
  afterAll(() => own.close());

  const KEY = "/v1/kv/:key";

  it("writes, reads and deletes", async () => {
    const path = `/v1/kv/${encodeURIComponent("a/b é?")}`;
    expect((await ask(own, `GET ${KEY}`, path)).body).toMatchObject({ code: "not-found" });
    const { body: put } = await ask(own, `PUT ${KEY}`, path, { value: "x" });
    expect(put).toMatchObject({ previous: 0 });
    const revision = (put as { revision: number }).revision;
    for (const consistency of ["linearizable", "stale"]) {
      const { body } = await ask(own, `GET ${KEY}`, `${path}?consistency=${consistency}`);
      expect(body).toEqual({ key: "a/b é?", value: "x", revision });
    }
    const { body: gone } = await ask(own, `DELETE ${KEY}`, path);
    expect(gone).toEqual({ revision: 0, previous: revision });
    expect((await ask(own, `GET ${KEY}`, path)).status).toBe(404);
  });

  it("reads under a lease where servers have them, and says so where they have not", async () => {
    const refused = {
      status: 400,
      code: "lease-unavailable",
      detail: "this server was not configured with leaseReads: ask for linearizable",
    };
    await ask(own, `PUT ${KEY}`, "/v1/kv/leased", { value: "x" });
    const leased = await host(own.server, { leases: true });
    for (const [operation, path] of [
      [`GET ${KEY}`, "/v1/kv/leased?consistency=lease"],
      ["GET /v1/kv", "/v1/kv?prefix=leased&consistency=lease"],
    ] as const) {
      expect((await ask(own, operation, path)).body).toMatchObject(refused);
      const answer = await ask(leased, operation, path);
      expect([answer.status, JSON.stringify(answer.body)]).toEqual([
        200,
        expect.stringContaining('"value":"x"'),
      ]);
    }
    await leased.close();
  });

  it("compares and sets", async () => {
    const set = (body: unknown) => ask(own, `PUT ${KEY}`, "/v1/kv/cas", body);
    expect((await set({ value: "1", expected: "0" })).body).toMatchObject({ code: "conflict" });
    const first = await set({ value: "1", expected: null });
    expect(first.status).toBe(200);
    const { revision } = first.body as { revision: number };
    expect((await set({ value: "2", expectedRevision: revision + 1 })).status).toBe(409);
    expect((await set({ value: "2", expectedRevision: revision })).status).toBe(200);
  });

  it("counts", async () => {
    const by = (n: number) => ask(own, `POST ${KEY}/increment`, "/v1/kv/n/increment", { by: n });
    expect((await by(5)).body).toMatchObject({ value: 5, previous: 0 });
    expect((await by(-7)).body).toMatchObject({ value: -2 });
  });

  it("lists in pages", async () => {
    for (const key of ["l/1", "l/2", "l/3"]) {
      await ask(own, `PUT ${KEY}`, `/v1/kv/${encodeURIComponent(key)}`, { value: key });
    }
    const { body: first } = await ask(own, "GET /v1/kv", "/v1/kv?prefix=l/&limit=2");
    expect(first).toMatchObject({ items: [{ key: "l/1" }, { key: "l/2" }], next: "l/2" });
    const { body: rest } = await ask(own, "GET /v1/kv", "/v1/kv?prefix=l/&limit=2&after=l/2");
    expect(rest).toMatchObject({ items: [{ key: "l/3", value: "l/3" }], next: null });
    expect((await ask(own, "GET /v1/kv", "/v1/kv?limit=0")).status).toBe(400);
  });

  it("lists no more than a megabyte at a time, but always something", async () => {
    const value = "x".repeat(250_000);
    for (const key of ["big1", "big2", "big3", "big4", "big5"]) {
      await ask(own, `PUT ${KEY}`, `/v1/kv/${key}`, { value });
    }
    const { body } = await ask(own, "GET /v1/kv", "/v1/kv?prefix=big");
    expect((body as { items: unknown[] }).items).toHaveLength(4);
    expect(body).toMatchObject({ next: "big4" });
  });

  it("takes a command of a session once", async () => {
    const { body } = await ask(own, "POST /v1/sessions", "/v1/sessions");
    const { client } = body as { client: number };
    const by = (sequence: number) =>
      ask(
        own,
        `POST ${KEY}/increment`,
        "/v1/kv/once/increment",
        { by: 1 },
        {
          "idempotency-key": `${client}.${sequence}`,
        },
      );
    expect((await by(1)).body).toMatchObject({ value: 1 });
    expect((await by(1)).body).toMatchObject({ value: 1 });
    expect((await by(2)).body).toMatchObject({ value: 2 });
    expect((await by(1)).body).toMatchObject({ code: "stale-session" });
    const never = await ask(own, `DELETE ${KEY}`, "/v1/kv/once", undefined, {
      "idempotency-key": "999.1",
    });
    expect(never.body).toMatchObject({ code: "unknown-session" });
    const bad = await ask(own, `DELETE ${KEY}`, "/v1/kv/once", undefined, {
      "idempotency-key": "1",
    });
    expect(bad.body).toMatchObject({ code: "malformed" });
  });

  it("tells how it is", async () => {
    const { body } = await ask(own, "GET /v1/status", "/v1/status");
    expect(body).toMatchObject({ id: "n1", role: "leader", leader: { id: "n1", url: null } });
    for (const path of ["/health", "/ready", "/openapi.json"]) {
      expect((await ask(own, `GET ${path}`, path)).status).toBe(200);
    }
    const { body: metrics } = await ask(own, "GET /metrics", "/metrics");
    const families = readExposition(metrics as string);
    expect(families.find(({ name }) => name === "quorate_kernel_steps_total")).toBeDefined();
    const requests = families.flatMap(({ samples }) => samples);
    const status = requests.find(({ labels }) => labels.get("route") === "GET /v1/status");
    expect(status).toMatchObject({ name: "quorate_http_requests_total", value: 1 });
    const { body: page } = await ask(own, "GET /docs", "/docs");
    expect(page).toContain("/v1/kv/{key}");
    expect(page).toContain("else <code>conflict</code>. Role: write.");
    expect(page).not.toContain("`");
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
  });

  it("tells what it takes of a disk, asked for once for all who ask in a second", async () => {
    let looks = 0;
    const disk = Effect.sync(() => ({ log: 5000 + looks++, snapshots: 70 }));
    const hosted = await host(own.server, { disk });
    const answers = await Promise.all(
      [1, 2, 3].map(() => ask(hosted, "GET /v1/status", "/v1/status")),
    );
    for (const { body } of answers) {
      expect(body).toMatchObject({ disk: { log: expect.any(Number), snapshots: 70 } });
    }
    expect((await ask(hosted, "GET /metrics", "/metrics")).body).toMatch(
      /^quorate_storage_bytes\{part="log"\} 50\d\d\nquorate_storage_bytes\{part="snapshots"\} 70$/m,
    );
    expect(looks).toBeLessThan(4);
    await hosted.close();
    const { body } = await ask(own, "GET /v1/status", "/v1/status");
    expect(body).not.toHaveProperty("disk");
  });

  it("looks at the disk again after a second, though the clock be set back", async () => {
    vi.useFakeTimers({ toFake: ["Date", "performance"] });
    try {
      let looks = 0;
      const disk = Effect.sync(() => ({ log: ++looks, snapshots: 0 }));
      const hosted = await host(stub({}), { disk });
      const look = async (): Promise<unknown> =>
        (await ask(hosted, "GET /v1/status", "/v1/status")).body;
      expect(await look()).toMatchObject({ disk: { log: 1 } });
      vi.setSystemTime(Date.now() - 3_600_000);
      vi.advanceTimersByTime(999);
      expect(await look()).toMatchObject({ disk: { log: 1 } });
      vi.advanceTimersByTime(2);
      expect(await look()).toMatchObject({ disk: { log: 2 } });
      await hosted.close();
    } finally {
      vi.useRealTimers();
    }
  });

  it("takes snapshots and gives backups", async () => {
    const { body } = await ask(own, "POST /v1/snapshot", "/v1/snapshot");
    expect(body).toMatchObject({ lastTerm: 1 });
    const { body: backup } = await ask(own, "GET /v1/backup", "/v1/backup");
    const [head, machine] = (backup as string).split("\n") as [string, string];
    expect(JSON.parse(head)).toMatchObject({ format: "quorate backup 1", term: 1 });
    expect(keyValueMachine().restore(machine).items.has("n")).toBe(true);
  });

  it("refuses changes of members that cannot be", async () => {
    const only = await ask(own, "DELETE /v1/members/:id", "/v1/members/n1");
    expect(only.body).toMatchObject({ code: "malformed" });
    const none = await ask(own, "POST /v1/members/:id/promote", "/v1/members/n9/promote");
    expect(none.body).toMatchObject({ code: "not-found" });
    const bad = await ask(own, "POST /v1/members", "/v1/members", { id: "n2", peer: "x" });
    expect(bad.body).toMatchObject({ code: "malformed", detail: "client: missing" });
    const alone = await ask(own, "POST /v1/transfer", "/v1/transfer", {});
    expect(alone.body).toMatchObject({ code: "not-a-voter" });
  });

  it("adds and removes a learner, and its address", async () => {
    const n2 = { id: "n2", peer: "127.0.0.1:1", client: "http://127.0.0.1:2" };
    expect((await ask(own, "POST /v1/members", "/v1/members", n2)).status).toBe(200);
    // An attempt whose outcome was unknown is made again.
    expect((await ask(own, "POST /v1/members", "/v1/members", n2)).status).toBe(200);
    const { body } = await ask(own, "GET /v1/members", "/v1/members");
    expect(body).toMatchObject({ voters: ["n1"], learners: ["n2"], addresses: [n2] });
    const early = await ask(own, "POST /v1/members/:id/promote", "/v1/members/n2/promote");
    expect(early.body).toMatchObject({ code: "not-caught-up" });
    expect((await ask(own, "DELETE /v1/members/:id", "/v1/members/n2")).status).toBe(200);
    const { body: after } = await ask(own, "GET /v1/members", "/v1/members");
    expect(after).toMatchObject({ voters: ["n1"], learners: [], addresses: [] });
  });

  it("answers whatever body it is sent, and changes nothing for a bad one", async () => {
    const junk = fc.oneof(
      fc.json(),
      fc.string(),
      fc.record({ value: fc.jsonValue(), expected: fc.jsonValue() }),
    );
    await fc.assert(
      fc.asyncProperty(junk, async (body) => {
        const text = typeof body === "string" ? body : JSON.stringify(body);
        const { status } = await ask(own, `PUT ${KEY}`, "/v1/kv/junk", text);
        expect([200, 400, 409]).toContain(status);
        const isMade = (await ask(own, `GET ${KEY}`, "/v1/kv/junk")).status === 200;
        expect(isMade).toBe(status === 200);
        if (isMade) await ask(own, `DELETE ${KEY}`, "/v1/kv/junk");
      }),
      { seed, numRuns: 150 },
    );
  });

  it.each([
    ["not-found", "GET", "/v1/nothing"],
    ["method-not-allowed", "POST", "/v1/status"],
    ["malformed", "GET", "/v1/kv/%ff"],
    ["malformed", "GET", "/v1/kv/"],
    ["malformed", "GET", "/v1/kv/a?consistency=strong"],
  ])("%s: %s %s", async (code, method, path) => {
    const response = await fetch(`${own.api.url}${path}`, { method });
    expect(await response.json()).toMatchObject({ code });
  });

  it("takes no body but JSON, and none that is too long", async () => {
    const put = (body: string, headers: Record<string, string>) =>
      fetch(`${own.api.url}/v1/kv/a`, { method: "PUT", body, headers }).then((it) => it.json());
    const type = { "content-type": "application/json" };
    expect(await put("{}", {})).toMatchObject({ code: "unsupported-media-type" });
    const long = JSON.stringify({ value: "x".repeat(1 << 20) });
    expect(await put(long, type)).toMatchObject({ code: "too-large" });
    const site = { ...type, origin: "http://evil.example" };
    expect(await put('{"value":""}', site)).toMatchObject({ code: "forbidden" });
  });

  it("survives a client that leaves in the middle of a body", async () => {
    const { hostname, port } = new URL(own.api.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), hostname, () => {
        const head = "content-type: application/json\r\ncontent-length: 100";
        socket.write(`PUT /v1/kv/a HTTP/1.1\r\nhost: x\r\n${head}\r\n\r\n{`, () => {
          socket.destroy();
          resolve();
        });
      });
    });
    expect((await ask(own, "GET /health", "/health")).status).toBe(200);
  });

  it("has an answer for every operation of the definition", () => {
    // Those that need another server are tested with a cluster.
    const needPeers = [
      "POST /v1/members/:id/promote",
      "POST /v1/members/:id/replace",
      "POST /v1/transfer",
    ];
    expect([...operations.keys()].filter((it) => !tested.has(it)).sort()).toEqual(needPeers);
    expect(Object.keys(openApi.paths)).toContain("/v1/kv/{key}/increment");
  });
});

/** Asks a stub once, by a way that needs no body. */
async function once(
  parts: Parameters<typeof stub>[0],
  options: Parameters<typeof host>[1] = {},
  [operation, path, headers]: [string, string, Record<string, string>?] = [
    "DELETE /v1/kv/:key",
    "/v1/kv/a",
  ],
): Promise<Answer> {
  const hosted = await host(stub(parts), options);
  try {
    return await ask(hosted, operation, path, undefined, headers);
  } finally {
    await hosted.close();
  }
}

describe("failures", () => {
  it("names the leader, and where it is", async () => {
    const machine = clusterMachine(keyValueMachine(), { maxSessions: 100 });
    const n2 = { peer: "b:1", client: "http://b:2" };
    const { state } = machine.apply(machine.initial, addressCommand("n2", n2), 1);
    const status = Effect.map(stub({}).status, (it) => ({ ...it, leaderId: "n2" }));
    const propose = () => Effect.fail(new NotLeader({ leaderId: "n2" }));
    const answer = await once({ propose, status, stale: Effect.succeed(state) });
    expect(answer.body).toMatchObject({ code: "not-leader" });
    expect(answer.body).toMatchObject({ leader: { id: "n2", url: "http://b:2" } });
    expect((await once({ propose })).body).toMatchObject({ leader: null });
    // Until the book has it, what the server was started with counts; no longer.
    const places = new Map([["n2", { peer: "c:1", client: "http://c:2" }]]);
    for (const [has, url] of [
      [machine.initial, "http://c:2"],
      [state, "http://b:2"],
    ] as const) {
      const stale = Effect.succeed(has);
      const { body } = await once({ propose, status, stale }, { places });
      expect(body).toMatchObject({ leader: { id: "n2", url } });
      const asked = await once({ status, stale }, { places }, ["GET /v1/status", "/v1/status"]);
      expect(asked.body).toMatchObject({ leader: { id: "n2", url } });
    }
  });

  it.each([
    [new OutcomeUnknown({ message: "?" }), "outcome-unknown"],
    [new Stopped({ message: "?" }), "stopped"],
    [new Refused({ reason: "overloaded", leaderId: null }), "overloaded"],
    [new Refused({ reason: "too-large", leaderId: null }), "too-large"],
    [new Refused({ reason: "leader-lost", leaderId: null }), "outcome-unknown"],
    [new Refused({ reason: "timed-out", leaderId: null }), "outcome-unknown"],
  ])("%s is %s", async (error, code) => {
    const { body } = await once({ propose: () => Effect.fail(error) });
    expect(body).toMatchObject({ code });
  });

  it("a write that is not answered in time is unknown, a read just failed", async () => {
    const limits = { timeout: 20 };
    expect((await once({}, { limits })).body).toMatchObject({ code: "outcome-unknown" });
    const { body } = await once({}, { limits }, ["GET /v1/kv/:key", "/v1/kv/a"]);
    expect(body).toMatchObject({ code: "timed-out" });
  });

  it("who cannot be handed leadership is told why, of whom was named", async () => {
    const hosted = await hostOwn();
    const to = (id: string) => ask(hosted, "POST /v1/transfer", "/v1/transfer", { to: id });
    const own = { code: "already-leader", detail: "n1 leads already" };
    expect((await to("n1")).body).toMatchObject(own);
    const stranger = { code: "not-a-voter", detail: "n9 is no member" };
    expect((await to("n9")).body).toMatchObject(stranger);
    await hosted.close();
  });

  it("what the kernel refuses is a sentence", async () => {
    const propose = () => Effect.fail(new Refused({ reason: "transferring", leaderId: null }));
    expect((await once({ propose })).body).toMatchObject({
      detail: "leadership is being handed over: try again when that has ended",
    });
  });

  it("a read whose leader was lost just failed", async () => {
    const read = Effect.fail(new Refused({ reason: "leader-lost", leaderId: null }));
    const { body } = await once({ read }, {}, ["GET /v1/kv/:key", "/v1/kv/a"]);
    expect(body).toMatchObject({ code: "leader-lost" });
  });

  it("a bug in a handler is an answer, too", async () => {
    const { body } = await once({ propose: () => Effect.die(new Error("oops")) });
    expect(body).toMatchObject({ code: "internal" });
  });

  it("a server that stopped is neither in health nor ready", async () => {
    // Where in the program it was is nothing to tell everyone.
    const message = "the disk is full\n    at write (/home/q/store.js:1:1)";
    const failed = Effect.succeed(new Stopped({ message }));
    for (const path of ["/health", "/ready"]) {
      const { body } = await once({ failed }, {}, [`GET ${path}`, path]);
      expect(body).toMatchObject({ code: "stopped", detail: "the disk is full" });
    }
    const { body } = await once({}, {}, ["GET /ready", "/ready"]);
    expect(body).toMatchObject({ code: "not-ready", detail: "no leader is known" });
  });

  it.each([
    [{ voters: [], learners: [] }, "n1 has joined nothing yet"],
    [{ voters: ["n2", "n3"], learners: [] }, "n1 is no member, as far as it has the log"],
    [{ voters: ["n2"], learners: ["n1"] }, null],
    [{ voters: ["n2"], outgoingVoters: ["n1"], learners: [] }, null],
  ])("a server that knows of the members %j is not ready: %s", async (members, detail) => {
    const configuration = { outgoingVoters: [], ...members };
    const status = Effect.map(stub({}).status, (it) => ({ ...it, leaderId: "n2", configuration }));
    const { body } = await once({ status }, {}, ["GET /ready", "/ready"]);
    if (detail === null) expect(body).toEqual({ done: true });
    else expect(body).toMatchObject({ code: "not-ready", detail: expect.stringContaining(detail) });
  });

  it("limits how much is asked at a time", async () => {
    const hosted = await host(stub({}), { limits: { maxConcurrent: 1, timeout: 300 } });
    const answers = await Promise.all(
      [1, 2, 3].map(() => ask(hosted, "DELETE /v1/kv/:key", "/v1/kv/a")),
    );
    const codes = answers.map(({ body }) => (body as { code: string }).code).sort();
    expect(codes).toEqual(["outcome-unknown", "overloaded", "overloaded"]);
    await hosted.close();
  });

  it("limits how often is asked", async () => {
    const hosted = await host(stub({}), { limits: { rate: { perSecond: 0.001, burst: 2 } } });
    const codes: number[] = [];
    for (let i = 0; i < 3; i++) {
      const answer = await ask(hosted, "GET /v1/status", "/v1/status");
      codes.push(answer.status);
      if (i < 2) continue;
      expect(answer.body).toMatchObject({ code: "rate-limited" });
      const seconds = Number(answer.headers.get("retry-after"));
      expect(seconds).toBeGreaterThan(900);
      expect(seconds).toBeLessThanOrEqual(1000);
    }
    expect((await ask(hosted, "GET /health", "/health")).status).toBe(200);
    expect(codes).toEqual([200, 200, 429]);
    await hosted.close();
  });
});

/** What the document says of each operation's role, as the rank of `tokens`. */
function documentedNeeds(): Readonly<Record<string, number>> {
  const ranks = ["none", "read", "write", "admin"];
  const rows = Object.entries(openApi.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, number] => {
      const { description } = operation as { description: string };
      const role = /Role: (\w+)\.$/.exec(description)?.[1] as string;
      const name = path.replace(/\{(\w+)\}/g, ":$1");
      return [`${method.toUpperCase()} ${name}`, ranks.indexOf(role) - 1];
    }),
  );
  return Object.fromEntries(rows);
}

describe("tokens", () => {
  const tokens = (["read", "write", "admin"] as const).map((role) => {
    return { sha256: tokenHash(`the-${role}`), role };
  });
  const needs: Readonly<Record<string, number>> = {
    "GET /v1/kv/:key": 0,
    "PUT /v1/kv/:key": 1,
    "DELETE /v1/kv/:key": 1,
    "POST /v1/kv/:key/increment": 1,
    "GET /v1/kv": 0,
    "POST /v1/sessions": 1,
    "GET /v1/status": 0,
    "GET /v1/members": 0,
    "POST /v1/members": 2,
    "POST /v1/members/:id/promote": 2,
    "DELETE /v1/members/:id": 2,
    "POST /v1/members/:id/replace": 2,
    "POST /v1/transfer": 2,
    "POST /v1/snapshot": 2,
    "GET /v1/backup": 2,
    "GET /health": -1,
    "GET /ready": -1,
    "GET /metrics": 0,
    "GET /openapi.json": -1,
    "GET /docs": -1,
  };

  it("allow what their role does, at every operation", async () => {
    expect(Object.keys(needs).sort()).toEqual([...operations.keys()].sort());
    expect(documentedNeeds()).toEqual(needs);
    const stopped = Effect.fail(new Stopped({ message: "" }));
    const server = stub({
      propose: () => stopped,
      read: stopped,
      takeSnapshot: stopped,
    });
    const hosted = await host(server, { tokens });
    const headers = [undefined, "Basic x", "Bearer wrong", ...["read", "write", "admin"]];
    for (const [operation, need] of Object.entries(needs)) {
      for (const [at, name] of headers.entries()) {
        const token = at < 3 ? name : `Bearer the-${name}`;
        const path = operation.split(" ")[1]?.replace(":key", "a").replace(":id", "b") as string;
        const { status } = await ask(hosted, operation, path, undefined, {
          ...(token === undefined ? {} : { authorization: token }),
        });
        const rank = at - 3;
        const isAllowed = need < 0 || rank >= need;
        const where = `${operation} with ${token}`;
        if (isAllowed) expect([401, 403], where).not.toContain(status);
        else expect(status, where).toBe(rank < 0 ? 401 : 403);
      }
    }
    await hosted.close();
  });

  it("are needed where others could connect", async () => {
    const listen = { host: "0.0.0.0", port: 0 };
    await expect(host(stub({}), { listen })).rejects.toThrow("0.0.0.0: without tokens");
    const allowed = await host(stub({}), { listen, allowOpen: true });
    await allowed.close();
  });

  it("an address that is taken is an error that says so", async () => {
    const first = await host(stub({}));
    const listen = { host: "127.0.0.1", port: first.api.port };
    await expect(host(stub({}), { listen })).rejects.toThrow("EADDRINUSE");
    await first.close();
  });
});
