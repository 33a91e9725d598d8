/** Reads under leases, on real drivers: without a round, for as long as nobody else can lead. */
import { expect, it } from "vitest";
import { checkLinearizability, register } from "../../../spec/linearizability/index.ts";
import { Cluster } from "./cluster.ts";

/** A cluster whose leader has just had a read confirmed by a round; nothing is on its way. */
function confirmed(leaseReads: boolean) {
  const cluster = new Cluster({ servers: 3, seed: 1, kernel: { leaseReads } });
  expect(cluster.calm(() => cluster.leader() !== undefined)).toBe(true);
  const leader = cluster.leader() as NonNullable<ReturnType<typeof cluster.leader>>;
  cluster.ask(leader, "write");
  expect(cluster.calm(() => cluster.outcomes.success === 1)).toBe(true);
  const quiet = (): void => {
    while (cluster.network.length > 0 || cluster.servers.some((it) => it.writing !== null)) {
      cluster.round();
    }
  };
  quiet();
  cluster.ask(leader, "read");
  expect(cluster.network.length).toBeGreaterThan(0);
  quiet();
  expect(cluster.outcomes.success).toBe(2);
  /** Asks the leader to read: whether that is answered at once, and what is sent for it. */
  const read = () => {
    const { success } = cluster.outcomes;
    const sent = cluster.network.length;
    cluster.ask(leader, "read");
    return {
      answered: cluster.outcomes.success - success,
      sent: cluster.network.length - sent,
    };
  };
  return { cluster, leader, read, quiet };
}

const atOnce = { answered: 1, sent: 0 };
const byRound = { answered: 0, sent: 2 };

it("are answered at once until the lease runs out, and then by a round that renews it", () => {
  const { cluster, read, quiet } = confirmed(true);
  for (let i = 0; i < 20; i++) expect(read()).toEqual(atOnce);
  // A lease lasts 300 ms from when its round began.
  cluster.pass(299);
  quiet();
  expect(read()).toEqual(atOnce);
  cluster.pass(1);
  quiet();
  expect(read()).toEqual(byRound);
  quiet();
  expect(read()).toEqual(atOnce);
  expect(cluster.leasedReads).toBe(22);
});

it("take a round each where leases are off", () => {
  const { cluster, read, quiet } = confirmed(false);
  for (let i = 0; i < 3; i++) {
    const { success } = cluster.outcomes;
    expect(read()).toEqual(byRound);
    quiet();
    expect(cluster.outcomes.success).toBe(success + 1);
  }
  expect(cluster.leasedReads).toBe(0);
});

it("end with the lease however busy the host was: the clock is looked at first", () => {
  const { cluster, leader } = confirmed(true);
  // Nobody looks at the clock but with the read itself.
  cluster.now += 300;
  cluster.isolated = leader.id;
  const { success } = cluster.outcomes;
  cluster.ask(leader, "read");
  expect(cluster.outcomes.success).toBe(success);
});

it("go on while the leader is cut off, and end before another can have been elected", () => {
  const { cluster, leader, read } = confirmed(true);
  cluster.isolated = leader.id;
  let last = 0;
  const started = cluster.now;
  const next = () =>
    cluster.servers.find((it) => it !== leader && it.driver?.status.role === "leader");
  const isWritten = () => cluster.outcomes.success - cluster.leasedReads > 2;
  for (let asked = false; !isWritten(); ) {
    if (read().answered > 0) last = cluster.now;
    const elected = next();
    if (elected !== undefined && !asked) cluster.ask(elected, "write");
    asked ||= elected !== undefined;
    cluster.pass(1);
    cluster.round();
  }
  expect(last - started).toBeGreaterThan(200);
  expect(cluster.now - started).toBeGreaterThan(400);
  expect(cluster.faults).toEqual([]);
  expect(checkLinearizability(register, cluster.observed).verdict).toBe("linearizable");
});
