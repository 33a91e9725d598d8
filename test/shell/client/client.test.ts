/** The client against servers that do as they are told, and against a real one. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import * as TestClock from "effect/testing/TestClock";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { type ClientOptions, clientOver } from "../../../shell/client/client.ts";
import { Endpoints } from "../../../shell/client/endpoints.ts";
import { makePromiseClient, type PromiseClient } from "../../../shell/client/index.ts";
import type { Attempt } from "../../../shell/client/outcome.ts";
import type { Outgoing, Send } from "../../../shell/client/send.ts";
import { hostOwn } from "../api/host.ts";

const A = "http://a:1";
const B = "http://b:2";
const ok = (body: unknown): Attempt => ({ kind: "answer", status: 200, body });
const problem = (code: string, leader?: string): Attempt => ({
  kind: "answer",
  status: 400,
  body: { code, detail: "?", leader: leader === undefined ? null : { id: "n", url: leader } },
});
const broken: Attempt = { kind: "broken", detail: "reset" };
const unsent: Attempt = { kind: "unsent", detail: "refused" };
const written = { revision: 1, previous: 0 };

type Sent = Outgoing & { readonly url: string };
type Script = (sent: Sent, at: number) => Attempt | null;

/** A client of servers that answer by `script`; null for never. Sessions open by themselves. */
function scripted(script: Script, options: Partial<ClientOptions> = {}) {
  const sent: Sent[] = [];
  let opened = 0;
  const send: Send = (url, request) =>
    Effect.suspend(() => {
      if (request.path === "/v1/sessions") return Effect.succeed(ok({ client: ++opened }));
      sent.push({ url, ...request });
      const attempt = script({ url, ...request }, sent.length - 1);
      return attempt === null ? Effect.never : Effect.succeed(attempt);
    });
  return { sent, client: clientOver(send, { endpoints: [A, B], ...options }) };
}

/** How a call ends, with all the time in the world. */
function outcome<A, E>(effect: Effect.Effect<A, E>): Promise<unknown> {
  return Effect.runPromise(
    Effect.gen(function* () {
      const fiber = yield* Effect.forkChild(Effect.flip(effect).pipe(Effect.catch(Effect.succeed)));
      yield* TestClock.adjust("60 seconds");
      return yield* Fiber.join(fiber);
    }).pipe(Effect.provide(TestClock.layer())),
  );
}

describe("outcomes", () => {
  it("a success is what the server says", async () => {
    const { client, sent } = scripted(() => ok(written));
    expect(await outcome(client.put("a/b", "x"))).toEqual(written);
    expect(sent).toMatchObject([{ path: "/v1/kv/a%2Fb", idempotencyKey: "1.1" }]);
  });

  it("a write whose connection broke is sent again under the same number", async () => {
    const { client, sent } = scripted((_, at) => (at < 2 ? broken : ok(written)));
    expect(await outcome(client.put("a", "x"))).toEqual(written);
    expect(sent.map((it) => it.idempotencyKey)).toEqual(["1.1", "1.1", "1.1"]);
  });

  it("without sessions it is not sent again, and unknown", async () => {
    const { client, sent } = scripted(() => broken, { sessions: false });
    expect(await outcome(client.put("a", "x"))).toMatchObject({ _tag: "Unknown" });
    expect(sent).toHaveLength(1);
  });

  it("a write that was sent and then refused elsewhere is unknown, not failed", async () => {
    for (const after of [problem("unauthorized"), problem("session-expired")]) {
      const { client } = scripted((_, at) => (at === 0 ? broken : after));
      expect(await outcome(client.put("a", "x"))).toMatchObject({ _tag: "Unknown" });
    }
  });

  it("a write that was sent, and then no leader is found, is unknown at the deadline", async () => {
    for (const after of [problem("not-leader"), unsent]) {
      const { client } = scripted((_, at) => (at === 0 ? broken : after));
      expect(await outcome(client.put("a", "x"))).toMatchObject({ _tag: "Unknown" });
    }
  });

  it("a write that nobody took is a failure at the deadline", async () => {
    for (const answer of [problem("not-leader"), problem("overloaded"), unsent]) {
      const { client } = scripted(() => answer);
      const end = { _tag: "Failed", code: "deadline" };
      expect(await outcome(client.put("a", "x"))).toMatchObject(end);
    }
  });

  it("says who did not answer, or what was answered, with one code for one cause", async () => {
    const { client } = scripted(() => problem("not-leader"), { deadline: 2500 });
    const message = expect.stringMatching(/^not done within 2.5 s: http:\/\/[ab]:\d: \?$/);
    expect(await outcome(client.get("a"))).toMatchObject({ code: "deadline", message });
    // Nor is a session to be had there.
    for (const attempt of [unsent, broken]) {
      const nobody = clientOver(() => Effect.succeed(attempt), { endpoints: [A, B] });
      const silent = {
        code: "deadline",
        message: expect.stringMatching(
          /^no server of http:\/\/a:1, http:\/\/b:2 answered within 10 s: http:.*: re(fused|set)$/,
        ),
      };
      expect(await outcome(nobody.get("a"))).toMatchObject(silent);
      expect(await outcome(nobody.put("a", "x"))).toMatchObject(silent);
    }
    const hung = clientOver(() => Effect.never, { endpoints: [A], attemptTimeout: 20_000 });
    expect(await outcome(hung.get("a"))).toMatchObject({
      message: "no server of http://a:1 answered within 10 s: http://a:1: no answer yet",
    });
  });

  it("a write that hangs is unknown at the deadline, a read failed", async () => {
    const { client } = scripted(() => null);
    expect(await outcome(client.put("a", "x"))).toMatchObject({ _tag: "Unknown" });
    expect(await outcome(client.get("a"))).toMatchObject({ _tag: "Failed", code: "deadline" });
  });

  it("says at the deadline who has not answered, not what was said before", async () => {
    const { client } = scripted((_, at) => (at === 0 ? problem("overloaded") : null));
    const end = await outcome(client.members.remove("n1"));
    expect(end).toMatchObject({ _tag: "Unknown" });
    expect((end as Error).message).toBe(`not done within 10 s: ${B}: no answer yet`);
  });

  it("a change of members tells the server how long there is, and nothing else does", async () => {
    const { client, sent } = scripted((_, at) => (at === 0 ? problem("overloaded") : ok({})));
    await outcome(client.members.promote("n1"));
    await outcome(client.get("a"));
    expect(sent.map(({ wait }) => wait)).toEqual([9, 9, undefined]);
    const brief = scripted(() => null, { deadline: 100 });
    await outcome(brief.client.members.promote("n1"));
    expect(brief.sent.map(({ wait }) => wait)).toEqual([1]);
  });

  it("the stored response of a session is definite, whatever came before", async () => {
    const { client } = scripted((_, at) => (at === 0 ? broken : problem("conflict")));
    const end = await outcome(client.compareAndSet("a", "x", { expected: null }));
    expect(end).toMatchObject({ _tag: "Failed", code: "conflict" });
  });

  it("a page of some proxy, or an answer of another form, is no word on a write", async () => {
    const pages: Attempt[] = [{ kind: "answer", status: 502, body: "<html>" }, ok({ hello: 1 })];
    for (const page of pages) {
      const { client } = scripted(() => page);
      expect(await outcome(client.put("a", "x"))).toMatchObject({ _tag: "Unknown" });
    }
  });

  it("what a server does not know is unknown, not failed", async () => {
    const { client } = scripted(() => problem("outcome-unknown"));
    expect(await outcome(client.put("a", "x"))).toMatchObject({ _tag: "Unknown" });
  });

  it("a session is used again, also after a refusal", async () => {
    const { client, sent } = scripted((_, at) => (at === 1 ? problem("conflict") : ok(written)));
    for (let i = 0; i < 3; i++) await outcome(client.put("a", "x"));
    expect(sent.map((it) => it.idempotencyKey)).toEqual(["1.1", "1.2", "1.3"]);
  });

  it("a backup or a snapshot may take as long as the call, a read is tried elsewhere", async () => {
    const taken = { lastIndex: 5, lastTerm: 1 };
    const slow: Send = (_, { path }) =>
      Effect.delay(Effect.succeed(ok(path === "/v1/backup" ? "all" : taken)), "9 seconds");
    const client = clientOver(slow, { endpoints: [A, B] });
    expect(await outcome(client.backup())).toBe("all");
    expect(await outcome(client.snapshot())).toEqual(taken);
    expect(await outcome(client.get("a"))).toMatchObject({ _tag: "Failed", code: "deadline" });
  });

  it("a change of members is sent once", async () => {
    const { client, sent } = scripted(() => broken);
    expect(await outcome(client.members.remove("n1"))).toMatchObject({ _tag: "Unknown" });
    expect(sent).toHaveLength(1);
  });

  it("an expired session is replaced where the command took no effect", async () => {
    const { client, sent } = scripted((it) =>
      it.idempotencyKey === "1.1" ? problem("session-expired") : ok(written),
    );
    expect(await outcome(client.put("a", "x"))).toEqual(written);
    expect(sent.map((it) => it.idempotencyKey)).toEqual(["1.1", "2.1"]);
  });

  const ends = new Set<string>();
  /** Whether servers that do anything at all can make a call's outcome wrong. */
  const mixUp = async (lie: (attempt: Attempt) => Attempt) => {
    const step = fc.constantFrom("effect", "lost", "effect-lost", "unsent", "not-leader", "bad");
    const steps = fc.array(step, { maxLength: 6 });
    return fc.check(
      fc.asyncProperty(steps, fc.boolean(), async (kinds, sessions) => {
        let effects = 0;
        const seen = new Set<string | undefined>();
        const script: Script = (it, at) => {
          const kind = kinds[at] ?? "not-leader";
          if (kind === "lost") return lie(broken);
          if (kind === "unsent") return unsent;
          if (kind === "not-leader") return problem("not-leader");
          if (kind === "bad") return problem("malformed");
          // What a session has seen takes no effect again.
          if (it.idempotencyKey === undefined || !seen.has(it.idempotencyKey)) effects++;
          seen.add(it.idempotencyKey);
          return kind === "effect" ? ok(written) : lie(broken);
        };
        const { client } = scripted(script, { sessions });
        const end = (await outcome(client.put("a", "x"))) as { _tag?: string };
        ends.add(end._tag ?? "success");
        expect(effects, "more than once").toBeLessThanOrEqual(1);
        if (end._tag === undefined) expect(effects).toBe(1);
        if (end._tag === "Failed") expect(effects).toBe(0);
      }),
      { seed: 20_261_125, numRuns: 300 },
    );
  };

  it("never mixes them up, whatever servers do", async () => {
    const details = await mixUp((attempt) => attempt);
    expect(details.failed, fc.defaultReportMessage(details)).toBe(false);
    expect([...ends].sort()).toEqual(["Failed", "Unknown", "success"]);
  });

  it.each<[string, Attempt]>([
    ["as not sent", unsent],
    ["as refused for want of a leader", problem("not-leader")],
    ["as a failure", problem("malformed")],
  ])("would, if it took a connection that broke %s", async (_, attempt) => {
    expect((await mixUp(() => attempt)).failed).toBe(true);
  });
});

describe("which server is asked", () => {
  // The session was opened at A, so that B is next.
  it("follows the hint at once, and stays there", async () => {
    const { client, sent } = scripted((it) =>
      it.url === "http://c:3" ? ok(written) : problem("not-leader", "http://c:3"),
    );
    await Effect.runPromise(client.put("a", "x"));
    await Effect.runPromise(client.put("a", "y"));
    expect(sent.map((it) => it.url)).toEqual([B, "http://c:3", "http://c:3"]);
  });

  it("goes to the next where one cannot be reached", async () => {
    const { client, sent } = scripted((it) => (it.url === B ? unsent : ok(written)));
    expect(await outcome(client.put("a", "x"))).toEqual(written);
    expect(sent.map((it) => it.url)).toEqual([B, A]);
  });

  it("lets one that fails rest, longer each time, and tries it again", () => {
    const endpoints = new Endpoints([A, B]);
    for (let i = 0; i < 3; i++) endpoints.failed(A, 0);
    expect([1, 2, 3].map(() => endpoints.pick(100))).toEqual([B, B, B]);
    expect([1, 2].map(() => endpoints.pick(250)).sort()).toEqual([A, B]);
    endpoints.failed(A, 250);
    expect([1, 2].map(() => endpoints.pick(700))).toEqual([B, B]);
    endpoints.answered(A);
    expect([1, 2].map(() => endpoints.pick(700)).sort()).toEqual([A, B]);
  });

  it("asks the one that rests shortest where all do", () => {
    const endpoints = new Endpoints([A, B]);
    for (let i = 0; i < 3; i++) endpoints.failed(A, 10);
    for (let i = 0; i < 3; i++) endpoints.failed(B, 0);
    expect(endpoints.pick(20)).toBe(B);
  });

  it("carries nothing from https to http", () => {
    const endpoints = new Endpoints(["https://a"]);
    expect(endpoints.led("https://a", "http://evil")).toBe(false);
    expect(endpoints.led("https://a", "https://b")).toBe(true);
    expect(endpoints.pick(0)).toBe("https://b");
  });

  it("refuses bad endpoints", () => {
    expect(() => new Endpoints([])).toThrow("endpoints: expected at least one URL");
    expect(() => new Endpoints([A, "b:2"])).toThrow("endpoints[1]: b:2 is no http(s) URL");
  });
});

describe("over the network", () => {
  const cleanups: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });

  function made(options: ClientOptions): PromiseClient {
    const client = makePromiseClient(options);
    cleanups.push(client.close);
    return client;
  }

  async function fake(
    listener: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanups.push(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it("a connection that breaks after the request is unknown; one not made, a failure", async () => {
    const url = await fake((request) => request.socket.destroy());
    const sent = made({ endpoints: [url], sessions: false });
    await expect(sent.put("a", "x")).rejects.toMatchObject({ _tag: "Unknown" });
    const nobody = { endpoints: ["http://127.0.0.1:1"], sessions: false, deadline: 100 };
    const none = made(nobody);
    await expect(none.put("a", "x")).rejects.toMatchObject({ _tag: "Failed" });
  });

  it("says what the server says that has waited for long", async () => {
    const url = await fake((request, response) => {
      const detail = `after ${request.headers["prefer"]}`;
      response.writeHead(504, { "content-type": "application/problem+json" });
      response.end(JSON.stringify({ code: "outcome-unknown", detail }));
    });
    const client = made({ endpoints: [url] });
    await expect(client.members.remove("n1")).rejects.toMatchObject({
      _tag: "Unknown",
      message: expect.stringMatching(/: after wait=[1-9]$/),
    });
  });

  it("an answer that breaks off is unknown", async () => {
    const url = await fake((_, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": 100 });
      response.write('{"revision":1', () => response.destroy());
    });
    const client = made({ endpoints: [url], sessions: false });
    await expect(client.put("a", "x")).rejects.toMatchObject({ _tag: "Unknown" });
  });

  it("does with a real server what it says", async () => {
    const own = await hostOwn();
    cleanups.push(own.close);
    const client = made({ endpoints: [own.api.url] });
    expect(await client.get("a")).toBeNull();
    const { revision } = await client.put("a", "x");
    expect(await client.get("a")).toEqual({ key: "a", value: "x", revision });
    await client.compareAndSet("a", "y", { expectedRevision: revision });
    const late = client.compareAndSet("a", "z", { expectedRevision: revision });
    await expect(late).rejects.toMatchObject({ _tag: "Failed", code: "conflict" });
    const counts = await Promise.all(Array.from({ length: 50 }, () => client.increment("n")));
    expect(counts.map(({ value }) => value).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, i) => i + 1),
    );
    const { items } = await client.list({ prefix: "", limit: 1 });
    expect(items).toMatchObject([{ key: "a", value: "y" }]);
    await client.delete("a");
    expect(await client.get("a", { consistency: "stale" })).toBeNull();
    expect(await client.status()).toMatchObject({ id: "n1", role: "leader" });
    const n2 = { id: "n2", peer: "b:1", client: "http://b:2" };
    await client.members.add(n2);
    expect(await client.members.list()).toMatchObject({ learners: ["n2"], addresses: [n2] });
    await client.members.remove("n2");
    await expect(client.transfer()).rejects.toMatchObject({ code: "not-a-voter" });
    expect((await client.snapshot()).lastIndex).toBeGreaterThan(50);
    expect(await client.backup()).toContain("quorate backup 1");
    await expect(client.get("\ud800")).rejects.toThrow("key: holds half of a surrogate pair");
  });
});
