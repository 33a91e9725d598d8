/** Three servers on this machine, through the command line: nothing acknowledged is ever lost. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { quorate } from "../cli/run.ts";
import { Load, leaderOf } from "./load.ts";
import { freePort, RealCluster } from "./real-cluster.ts";

const IDS = ["n1", "n2", "n3"];
let cluster: RealCluster | null = null;

afterEach(async () => {
  await cluster?.stop();
  cluster?.remove();
});

describe("quorate cluster", () => {
  it("survives kill -9 of every role and pauses under load, and its journals are audited", {
    timeout: 120_000,
  }, async () => {
    const servers = new RealCluster(3, await freePort());
    cluster = servers;
    await servers.said("ready", null);
    await leaderOf(servers.urls);
    const load = new Load(servers.urls, 4);
    await load.progress(20);

    const first = await leaderOf(servers.urls);
    await servers.crash(first);
    await load.progress(20);

    const second = await leaderOf(servers.urls);
    await servers.crash(IDS.find((id) => id !== second) as string);
    await load.progress(20);

    // A leader that stands still must not answer from the past when it goes on.
    const third = await leaderOf(servers.urls);
    const others = servers.urls.filter((_, at) => IDS[at] !== third);
    servers.signal(third, "SIGSTOP");
    await leaderOf(others, third);
    servers.signal(third, "SIGCONT");
    await load.progress(20);

    await load.stop();
    expect(await servers.stop()).toBe(0);
    const history = join(servers.directory, "history.jsonl");
    writeFileSync(history, load.events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    const journals = IDS.map((id) => join(servers.journals, id));
    const audit = await quorate([
      "audit",
      ...journals,
      "--history",
      history,
      "--model",
      "key-value",
    ]);
    expect(audit.stderr + audit.stdout).toContain("Verified");
    expect(audit.code).toBe(0);
    // And it can fail: a history in which an acknowledged value is lost.
    const lost = load.events.map((event) =>
      event.type === "ok" && event.f === "get" ? { ...event, value: "never written" } : event,
    );
    writeFileSync(history, lost.map((event) => `${JSON.stringify(event)}\n`).join(""));
    const wrong = await quorate(["linearizability", history, "--model", "key-value"]);
    expect(wrong.code).toBe(1);
  });
});
