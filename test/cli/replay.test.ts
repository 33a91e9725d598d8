import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { file, quorate } from "./run.ts";

/** A trace by hand: lines 1 to 3, then `actions` from line 4 on. */
function trace(name: string, actions: readonly string[], property = "none"): string {
  const lines = ["quorate trace 1", `property ${property}`, "", ...actions, ""];
  return file(name, lines.join("\n"));
}

const PRE_VOTE = ["timeout n1", "deliver n1 n2 pre-vote#1"];

describe("replay", () => {
  it("shows what happens in a trace that violates nothing, and exits 0", async () => {
    const { code, stdout, stderr } = await quorate(["replay", trace("good.trace", PRE_VOTE)]);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^Replayed: 2 actions, and nothing is violated, within these bounds:\n/);
    expect(stdout).toContain("        n1: follower -> pre-candidate, votes n1\n");
    expect(stdout).toContain("├──────────▶│");
    expect(code).toBe(0);
  });

  it("keeps to ASCII where the locale does", async () => {
    const path = trace("ascii.trace", PRE_VOTE);
    const { stdout } = await quorate(["replay", path], { env: { LC_ALL: "C" } });
    expect(stdout).toContain("|---------->|");
    expect(stdout).toMatch(/^[\n -~]*$/);
  });

  it("prints one line with --quiet", async () => {
    const { code, stdout } = await quorate(["replay", "--quiet", trace("q.trace", PRE_VOTE)]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "Replayed: 2 actions, and nothing is violated\n",
    });
  });

  it("prints one JSON object with --json", async () => {
    const { code, stdout } = await quorate(["replay", "--json", trace("json.trace", PRE_VOTE)]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      replayed: true,
      property: null,
      violation: null,
      bounds: { servers: 3, network: "unordered" },
      steps: [
        { line: 4, action: "timeout n1" },
        { line: 5, action: PRE_VOTE[1] },
      ],
      fault: null,
    });
  });

  it.each([
    ["parse", trace("fault1.trace", ["timeout n1 = abc"]), ":4: expected a digest of 12"],
    ["syntax", trace("fault2.trace", ["timeout n1", "fly n2"]), ":5: does not replay: unknown"],
    ["state", trace("fault3.trace", ["timeout n1 = 000000000000"]), ":4: does not replay: the"],
    ["property", trace("fault4.trace", PRE_VOTE, "Log Matching"), ":5: does not replay: the"],
    ["name", trace("fault5.trace", PRE_VOTE, "Speed"), ':2: there is no property "Speed"'],
    ["empty", file("empty.trace", ""), ':1: expected "quorate trace 1", found nothing'],
    ["binary", file("binary.trace", "\0\u0001"), ':1: expected "quorate trace 1"'],
  ])("names file, line and reason of a fault (%s)", async (_kind, path, fault) => {
    const { code, stdout, stderr } = await quorate(["replay", path]);
    expect(stderr).toContain(`quorate replay: ${path}${fault}`);
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });

  it("says what was possible instead, also as JSON", async () => {
    const path = trace("impossible.trace", ["restart n1"]);
    const { code, stdout, stderr } = await quorate(["replay", "--json", path]);
    expect(code).toBe(2);
    expect(stderr).toContain("\npossible here, within the bounds:\n  timeout n1\n  crash n1\n");
    expect(JSON.parse(stdout)).toMatchObject({
      replayed: false,
      fault: { line: 4, why: expect.stringContaining("n1 is not down") },
    });
  });

  it("ends quietly when nobody reads its output any more", async () => {
    const path = trace("long.trace", Array(500).fill("timeout n1"));
    const main = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
    const child = spawn(process.execPath, [main, "replay", path]);
    child.stdout.destroy();
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk;
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});
