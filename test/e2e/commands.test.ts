/** The subcommands that ask a cluster, against a real one. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quorate } from "../cli/run.ts";
import { leaderOf } from "./load.ts";
import { freePort, RealCluster } from "./real-cluster.ts";

let cluster: RealCluster;

beforeAll(async () => {
  cluster = new RealCluster(3, await freePort());
  await cluster.said("ready", null);
  await leaderOf(cluster.urls);
});

afterAll(async () => {
  await cluster.stop();
  cluster.remove();
});

/** `quorate ARGS` against the cluster: exit code and what was printed. */
async function ask(...args: readonly string[]): Promise<readonly [number | null, string]> {
  const [name = "", ...others] = args;
  const ran = await quorate([name, "--endpoints", cluster.urls.join(","), ...others]);
  return [ran.code, ran.stdout + ran.stderr];
}

describe("a cluster from the command line", { timeout: 120_000 }, () => {
  it("keeps keys, and tells what is absent, deleted and not as expected", async () => {
    expect(await ask("put", "a", "1")).toEqual([0, "revision 1\n"]);
    expect(await ask("get", "a")).toEqual([0, "1\n"]);
    expect(await ask("get", "nothing")).toEqual([1, "quorate get: the key is absent\n"]);
    expect(await ask("get", "nothing", "--json")).toEqual([1, "null\n"]);
    expect(await ask("cas", "a", "2", "--expected", "1")).toEqual([0, "revision 2\n"]);
    expect((await ask("cas", "a", "3", "--expected", "1"))[0]).toBe(4);
    expect((await ask("cas", "b", "x"))[1]).toContain("--expected, --revision and --absent");
    expect(await ask("cas", "b", "x", "--absent")).toEqual([0, "revision 3\n"]);
    expect(await ask("list")).toEqual([0, "a\t2\nb\tx\n"]);
    expect(JSON.parse((await ask("list", "b", "--json"))[1])).toEqual([
      { key: "b", value: "x", revision: 3 },
    ]);
    expect(await ask("delete", "b")).toEqual([0, "deleted\n"]);
    expect(await ask("delete", "b")).toEqual([0, "was absent\n"]);
  });

  it("shows its servers, hands over, and takes snapshots and backups", async () => {
    const [code, table] = await ask("status");
    expect(table).toMatch(/^server +role +term/);
    expect([code, table.match(/leader/g)?.length]).toEqual([0, 1]);
    expect(table).toMatch(/^server .* disk +votes .*\n(?:n\d .* \d+ KiB +yes .*\n){3}$/);
    const { servers } = JSON.parse((await ask("status", "--json"))[1]);
    for (const { status } of servers) expect(status.disk.log).toBeGreaterThan(4096);
    const before = await leaderOf(cluster.urls);
    const other = before === "n1" ? "n2" : "n1";
    expect(await ask("transfer", other)).toEqual([0, `${other} leads\n`]);
    expect((await ask("members"))[1]).toMatch(/n3 +voter/);
    expect((await ask("members", "promote", "n9"))[0]).toBe(4);
    const said = (why: string): string => `quorate transfer: ${why}\n`;
    expect(await ask("transfer", "n9")).toEqual([4, said("n9 is no member (not-a-voter)")]);
    expect((await ask("transfer", other))[1]).toBe(said(`${other} leads already (already-leader)`));
    expect((await ask("snapshot"))[1]).toMatch(/^a snapshot up to entry \d+ of term \d+\n$/);
    const file = join(cluster.directory, "backup");
    expect((await ask("backup", file, "--cluster", "old"))[0]).toBe(0);
    const again = await ask("backup", file);
    expect(again).toEqual([2, expect.stringContaining("the file exists")]);
    const directory = join(cluster.directory, "restored");
    const place = ["--id", "n1", "--cluster", "new", "--data-dir", directory];
    const members = ["--members", "n1=127.0.0.1:1@http://127.0.0.1:2"];
    const restored = await quorate(["restore", file, ...place, ...members]);
    expect([restored.code, restored.stderr]).toEqual([0, ""]);
    const inspected = await quorate(["inspect", directory, "--json"]);
    expect(JSON.parse(inspected.stdout)).toMatchObject({
      cluster: "new",
      server: "n1",
      faults: [],
    });
  });

  it("is told from no cluster at all: nothing happened, and that is certain", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const nobody = ["--endpoints", url, "--deadline", "0.5"];
    const why = `no server of ${url} answered within 0.5 s: ${url}: connect ECONNREFUSED`;
    for (const words of [
      ["put", "a", "1"],
      ["get", "a"],
    ]) {
      const { code, stderr } = await quorate([...words, ...nobody]);
      expect([code, stderr]).toEqual([4, expect.stringContaining(`: ${why}`)]);
      expect(stderr).toMatch(/\(deadline\)\n$/);
    }
  });
});
