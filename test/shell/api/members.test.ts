/** Changes of members, over a server that commits whatever it is told. */
import * as Effect from "effect/Effect";
import { afterEach, expect, it } from "vitest";
import type { Configuration } from "../../../kernel/index.ts";
import { NotLeader, Refused, type RequestError } from "../../../shell/driver/server.ts";
import { clusterMachine } from "../../../shell/machines/cluster.ts";
import { keyValueMachine } from "../../../shell/machines/key-value.ts";
import { type Hosted, host, stub } from "./host.ts";

const hosts: Hosted[] = [];
afterEach(async () => {
  for (const hosted of hosts.splice(0)) await hosted.close();
});

interface Refusals {
  /** What the next changes of members come to, before they are committed. */
  readonly change?: RequestError[];
  /** Whether addresses are refused from the given command on. */
  readonly addressesFrom?: number;
}

/** A leader n1 of n1, n2 and n3, where n3 is ahead of n2. */
async function leader({ change = [], addressesFrom = Infinity }: Refusals = {}) {
  const machine = clusterMachine(keyValueMachine(), { maxSessions: 10 });
  let state = machine.initial;
  let configuration: Configuration = {
    voters: ["n1", "n2", "n3"],
    outgoingVoters: [],
    learners: [],
  };
  let commands = 0;
  const transfers: string[] = [];
  const base = await Effect.runPromise(stub({}).status);
  const server = stub({
    propose: (command) =>
      Effect.suspend(() => {
        if (commands++ >= addressesFrom) return Effect.fail(new NotLeader({ leaderId: null }));
        const next = machine.apply(state, command, commands);
        state = next.state;
        return Effect.succeed(next.response);
      }),
    read: Effect.sync(() => state),
    stale: Effect.sync(() => state),
    status: Effect.sync(() => ({
      ...base,
      role: "leader" as const,
      leaderId: "n1",
      configuration,
      lastIndex: 120,
      peers: [
        { id: "n9", matchIndex: 99, mode: "replicate" as const },
        { id: "n2", matchIndex: 5, mode: "replicate" as const },
        { id: "n3", matchIndex: 7, mode: "replicate" as const },
      ],
    })),
    changeMembers: (members) =>
      Effect.suspend(() => {
        const failure = change.shift();
        if (failure !== undefined) return Effect.fail(failure);
        configuration = { ...members, outgoingVoters: [] };
        return Effect.void;
      }),
    transfer: (to) => Effect.sync(() => void transfers.push(to)),
  });
  const hosted = await host(server);
  hosts.push(hosted);
  const ask = async (method: string, path: string, body?: unknown, prefer?: string) => {
    const response = await fetch(`${hosted.api.url}/v1${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(prefer === undefined ? {} : { prefer }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Record<string, unknown>;
  };
  return { ask, transfers, members: () => configuration, addresses: () => state.addresses };
}

const n4 = { id: "n4", peer: "d:1", client: "http://d:2" };
const place = { peer: n4.peer, client: n4.client };

it("hands leadership to the voter that has most", async () => {
  const { ask, transfers } = await leader();
  expect(await ask("POST", "/transfer", {})).toEqual({ leader: "n3" });
  expect(await ask("POST", "/transfer", { to: "n2" })).toEqual({ leader: "n2" });
  expect(await ask("POST", "/transfer", { to: 1 })).toMatchObject({ code: "malformed" });
  expect(transfers).toEqual(["n3", "n2"]);
});

it("adds a learner and makes it a voter", async () => {
  const { ask, members, addresses } = await leader();
  await ask("POST", "/members", n4);
  expect(members()).toMatchObject({ voters: ["n1", "n2", "n3"], learners: ["n4"] });
  expect(addresses().get("n4")).toEqual(place);
  expect(await ask("POST", "/members/n4/promote")).toEqual({ done: true });
  expect(members()).toMatchObject({ voters: ["n1", "n2", "n3", "n4"], learners: [] });
});

const behind = new Refused({ reason: "not-caught-up", leaderId: "n1" });
const lost = new NotLeader({ leaderId: null });

it("replaces a voter in one change, once the new one has the log", async () => {
  const change: RequestError[] = [];
  const { ask, members, addresses } = await leader({ change });
  await ask("POST", "/members", n4);
  await ask("POST", "/members", { ...n4, id: "n2" });
  expect([...addresses().keys()]).toEqual(["n2", "n4"]);
  change.push(behind, behind);
  expect(await ask("POST", "/members/n2/replace", n4)).toEqual({ done: true });
  expect(change).toEqual([]);
  expect(members()).toMatchObject({ voters: ["n1", "n3", "n4"], learners: [] });
  expect([...addresses()]).toEqual([["n4", place]]);
});

it("a replacement that fails is definite only before the learner was added", async () => {
  const change = [lost];
  const { ask } = await leader({ change });
  expect(await ask("POST", "/members/n2/replace", n4)).toMatchObject({ code: "not-leader" });
  await ask("POST", "/members", n4);
  change.push(lost);
  const end = await ask("POST", "/members/n2/replace", n4);
  expect(end).toMatchObject({ code: "outcome-unknown" });
  expect(end["detail"]).toContain("n4 was added as a learner");
  expect(await ask("POST", "/members/n9/replace", n4)).toMatchObject({ code: "not-found" });
  expect(await ask("POST", "/members/n4/replace", n4)).toMatchObject({ code: "malformed" });
});

it("a replacement says how far the new server has come by when the client has waited", async () => {
  const change: RequestError[] = [];
  const { ask, members } = await leader({ change });
  await ask("POST", "/members", { ...n4, id: "n9" });
  change.push(...Array.from({ length: 1000 }, () => behind));
  const end = await ask("POST", "/members/n2/replace", { ...n4, id: "n9" }, "a=b, WAIT = 0; c");
  expect(end).toMatchObject({ code: "outcome-unknown" });
  expect(end["detail"]).toBe(
    "n9 was added as a learner, then: it has 99 of 120 entries so far and did not catch up in " +
      "time: it stays a learner, which is sent the log, and n2 a voter; see that n9 runs, is " +
      "reached at d:1 and reaches the others, then ask again or remove it",
  );
  expect(members()).toMatchObject({ voters: ["n1", "n2", "n3"], learners: ["n9"] });
  // What is no wish of that kind is none.
  change.splice(0);
  for (const prefer of ["wait=soon", "await=0"]) {
    change.push(behind, behind, behind);
    const other = await ask("POST", "/members/n2/replace", { ...n4, id: "n9" }, prefer);
    if (prefer === "wait=soon") expect(other).toEqual({ done: true });
    else expect(other).toMatchObject({ code: "not-found" });
  }
});

it("a removal is done though the address stays", async () => {
  const { ask, members } = await leader({ addressesFrom: 0 });
  expect(await ask("DELETE", "/members/n2")).toEqual({ done: true });
  expect(members().voters).toEqual(["n1", "n3"]);
});
