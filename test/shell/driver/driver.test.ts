/** Real drivers under schedules that fast-check draws. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkLinearizability, register } from "../../../spec/linearizability/index.ts";
import { Cluster, type ClusterOptions } from "./cluster.ts";

type Move = readonly [kind: number, index: number];

/** What may happen, and how often. */
const MOVES: readonly [weight: number, name: string, run: (c: Cluster, i: number) => void][] = [
  [30, "deliver", (c, i) => take(c, i, (flight) => c.deliver(flight))],
  [2, "drop", (c, i) => take(c, i, (flight) => c.lose(flight))],
  [2, "repeat", (c, i) => c.network.length > 0 && c.deliver(pick(c.network, i))],
  [12, "write completes", (c, i) => c.completeWrite(pick(c.servers, i))],
  [4, "snapshot completes", (c, i) => c.completeSnapshot(pick(c.servers, i))],
  [6, "time passes", (c, i) => c.pass(1 + (i % 150))],
  [4, "a calm moment", (c) => c.round()],
  [1, "isolate the leader", (c) => isolate(c, c.leader()?.id ?? null)],
  [1, "isolate", (c, i) => isolate(c, pick(c.servers, i).id)],
  [1, "reunite", (c) => isolate(c, null)],
  [1, "crash", (c, i) => c.crash(pick(c.servers, i))],
  [3, "restart", (c, i) => restart(c, i)],
  [
    9,
    "write",
    (c, i) => c.ask(i % 4 ? (c.leader() ?? pick(c.servers, i)) : pick(c.servers, i), "write"),
  ],
  [6, "read", (c, i) => c.ask(pick(c.servers, i), "read")],
  [6, "read of one that leads, or thinks so", (c, i) => readOfLeader(c, i)],
  [1, "transfer", (c, i) => request(c, i, "transfer")],
  [1, "snapshot", (c, i) => request(c, i, "snapshot")],
  [1, "members", (c, i) => request(c, i, "members")],
];

/** Moves, each as often as it is wanted. */
type Mix = readonly (typeof MOVES)[number][2][];

const EVERYTHING: Mix = MOVES.flatMap(([weight, , run]) => Array(weight).fill(run));

/** Leaders that are cut off for long while they are asked to read, and others are elected. */
const CUT_OFF: Mix = Object.entries({
  deliver: 12,
  "write completes": 6,
  "a calm moment": 20,
  "time passes": 12,
  "isolate the leader": 1,
  reunite: 1,
  write: 6,
  "read of one that leads, or thinks so": 12,
}).flatMap(([name, weight]) => {
  const [, , run] = MOVES.find((move) => move[1] === name) as (typeof MOVES)[number];
  return Array(weight).fill(run);
});

function pick<T>(of: readonly T[], index: number): T {
  return of[index % of.length] as T;
}

function take(c: Cluster, index: number, use: (flight: Cluster["network"][number]) => void): void {
  if (c.network.length > 0) use(c.network.splice(index % c.network.length, 1)[0] as never);
}

function isolate(c: Cluster, id: string | null): void {
  c.isolated = id;
}

function readOfLeader(c: Cluster, index: number): void {
  const leading = c.servers.filter(({ driver }) => driver?.status.role === "leader");
  if (leading.length > 0) c.ask(pick(leading, index), "read");
}

function restart(c: Cluster, index: number): void {
  const down = c.servers.filter(({ driver }) => driver === null);
  if (down.length > 0) c.start(pick(down, index));
}

function request(c: Cluster, index: number, kind: "transfer" | "snapshot" | "members"): void {
  const server = c.leader() ?? pick(c.servers, index);
  const answer = (): void => {};
  const ids = c.servers.map(({ id }) => id);
  const to = pick(ids, index);
  const voters = ids.filter((_, at) => (index >> at) % 2 === 1);
  if (kind === "transfer")
    c.input(server, { kind: "ask", ask: { kind: "transfer-leadership", to, answer } });
  else if (kind === "snapshot")
    c.input(server, { kind: "ask", ask: { kind: "take-snapshot", answer } });
  else
    c.input(server, {
      kind: "ask",
      ask: { kind: "propose-configuration", voters, learners: [], answer },
    });
}

function attack(options: ClusterOptions, moves: readonly Move[], mix: Mix): Cluster {
  const cluster = new Cluster(options);
  for (const [kind, index] of moves) {
    pick(mix, kind)(cluster, index);
    if (cluster.faults.length > 0) break;
  }
  return cluster;
}

const moves = fc.array(fc.tuple(fc.nat(10_000), fc.nat(10_000)), {
  minLength: 300,
  maxLength: 900,
  size: "max",
});

function demandNoFault({ faults }: Cluster): void {
  if (faults.length > 0) throw new Error(faults[0]);
}

function propertyOf(
  options: Omit<ClusterOptions, "seed">,
  see: (c: Cluster) => void,
  mix = EVERYTHING,
) {
  return fc.property(fc.nat(), moves, (seed, drawn) => {
    const cluster = attack({ ...options, seed }, drawn, mix);
    demandNoFault(cluster);
    see(cluster);
    const before = cluster.applied.length;
    // Faults end: then the cluster takes commands again, on every server that is a member.
    const last = (): boolean => {
      const leader = cluster.leader();
      if (leader === undefined) return false;
      if (cluster.applied.length <= before) cluster.ask(leader, "write");
      return cluster.applied.length > before;
    };
    expect(cluster.calm(last)).toBe(true);
    demandNoFault(cluster);
    expect(checkLinearizability(register, cluster.observed).verdict).toBe("linearizable");
  });
}

describe("drivers under schedules", () => {
  it.each([
    ["three servers", { servers: 3 }],
    ["three servers with leases", { servers: 3, kernel: { leaseReads: true } }],
    ["two servers and two that may join", { servers: 2, joining: 2 }],
  ] as const)("%s answer as one register would, and recover", (_, options) => {
    const total = { success: 0, refused: 0, unknown: 0, installed: 0, compacted: 0 };
    let leased = 0;
    const property = propertyOf(options, ({ outcomes, leasedReads }) => {
      leased += leasedReads;
      for (const name of Object.keys(total) as (keyof typeof total)[])
        total[name] += outcomes[name];
    });
    fc.assert(property, { numRuns: 300, seed: 7, endOnFailure: true });
    // All of it happened.
    for (const [name, count] of Object.entries(total)) expect(count, name).toBeGreaterThan(0);
    expect(leased > 0).toBe("kernel" in options);
  });

  it("leases of leaders that are cut off end before another is elected", () => {
    const kernel = { leaseReads: true };
    let leased = 0;
    const see = ({ leasedReads }: Cluster): void => {
      leased += leasedReads;
    };
    const property = propertyOf({ servers: 3, kernel }, see, CUT_OFF);
    fc.assert(property, { numRuns: 300, seed: 7, endOnFailure: true });
    expect(leased).toBeGreaterThan(300);
  });

  it("a lease that outlasts its followers' patience is noticed", () => {
    const kernel = { leaseReads: true };
    // What `timingFault` refuses: followers vote again after 400 ms.
    const timing = { leaseDuration: 5000 };
    const property = propertyOf({ servers: 3, kernel, timing }, () => {}, CUT_OFF);
    const found = fc.check(property, { numRuns: 300, seed: 7, endOnFailure: true });
    expect(String(found.errorInstance)).toContain("linearizable");
  });

  it("a host that does not wait for its writes is noticed", () => {
    const property = propertyOf({ servers: 3, impatient: true }, () => {});
    const { errorInstance } = fc.check(property, { numRuns: 20, seed: 7 });
    expect(String(errorInstance)).toContain("before its write is durable");
  });
});
