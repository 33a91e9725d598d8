/** `quorate linearizability` as a user runs it. */
import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { file, moduleOf, quorate } from "./run.ts";

const MAIN = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));

const lines = (...events: readonly object[]): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join("");

const put = (process: number, key: string, value: string): readonly object[] => [
  { process, type: "invoke", f: "put", key, value },
  { process, type: "ok" },
];
const get = (process: number, key: string, value: string): readonly object[] => [
  { process, type: "invoke", f: "get", key },
  { process, type: "ok", value },
];

const good = lines(...put(0, "x", "1"), ...get(1, "x", "1"), ...put(0, "y", "2"));
const bad = lines(
  ...get(2, "y", ""),
  ...put(0, "x", "1"),
  { process: 3, type: "invoke", f: "put", key: "x", value: "3" },
  ...get(1, "x", ""),
);

/** Concurrent enqueues and a dequeue that no order explains: undecided for very long. */
const endless = lines(
  ...Array.from({ length: 25 }, (_, process) => {
    return { process, type: "invoke", f: "enqueue", value: process };
  }),
  ...Array.from({ length: 25 }, (_, process) => ({ process, type: "ok" })),
  { process: 0, type: "invoke", f: "dequeue" },
  { process: 0, type: "ok", value: 99 },
);

const keyValue = ["--model", "key-value"];

describe("linearizability", () => {
  it("holds: exit code 0", async () => {
    const path = file("good.jsonl", good);
    const { code, stdout, stderr } = await quorate(["linearizability", path, ...keyValue]);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^Linearizable: 3 operations on 2 objects, model key-value\n/);
    expect(stdout).toContain("3 operations, 0 of them without a known outcome");
    expect(code).toBe(0);
  });

  it("is violated: exit code 1, with the operations that contradict one another", async () => {
    const path = file("bad.jsonl", bad);
    const { code, stdout, stderr } = await quorate(["linearizability", path, ...keyValue]);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^Violated: key "x" at line 7: 2 operations contradict one another/);
    expect(stdout).toContain(
      [
        "     process  lines  operation",
        '     0        3-4    put "1"    ├─┤',
        '  ✗  1        6-7    get -> ""      ├─┤',
        "",
        "  The other operation until line 7: ",
      ].join("\n"),
    );
    expect(stdout.replaceAll("\n ", "")).toContain(
      'An order of 1 operation explains every response before line 7; it ends in the state "1".',
    );
    expect(code).toBe(1);
  });

  it("keeps to ASCII where the locale does", async () => {
    const args = ["linearizability", file("ascii.jsonl", bad), ...keyValue];
    const { stdout } = await quorate(args, { env: { LC_ALL: "C" } });
    expect(stdout).toContain("|-|");
    expect(stdout).toMatch(/^[\n -~]*$/);
  });

  it("prints the verdict only with --quiet", async () => {
    const args = ["linearizability", "--quiet", file("quiet.jsonl", good), ...keyValue];
    expect(await quorate(args)).toMatchObject({
      code: 0,
      stdout: "Linearizable: 3 operations on 2 objects, model key-value\n",
    });
  });

  it("prints one JSON object with --json", async () => {
    const args = ["linearizability", "--json", file("json.jsonl", bad), ...keyValue];
    const { code, stdout } = await quorate(args);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: "violated",
      model: "key-value",
      operations: 4,
      withoutOutcome: 1,
      partitions: 2,
      reason: null,
      failure: {
        key: "x",
        core: [
          { process: "0", f: "put", value: "1", invokedAt: 3, respondedAt: 4, answer: null },
          { process: "1", f: "get", value: null, invokedAt: 6, respondedAt: 7, answer: "" },
        ],
        isMinimal: true,
        unexplained: { process: "1", respondedAt: 7 },
        longest: { state: '"1"' },
        window: null,
      },
    });
  });

  it("stops at --max-seconds: exit code 3", async () => {
    const path = file("endless.jsonl", endless);
    const args = ["linearizability", path, "--model", "queue", "--max-seconds", "0.2"];
    const { code, stdout } = await quorate(args);
    expect(stdout).toMatch(
      /^Stopped at the limit of time \(--max-seconds\): no violation found, 1 of 1/,
    );
    expect(code).toBe(3);
  });

  it("is interrupted: exit code 130, with what was found so far", async () => {
    const path = file("interrupted.jsonl", endless);
    const args = ["linearizability", path, "--model", "queue"];
    // The signal comes once the check listens for it, and from the process itself.
    const preload = moduleOf(`
      const on = process.on.bind(process);
      process.on = (event, listener) => {
        if (event === "SIGTERM") setImmediate(() => process.kill(process.pid, "SIGINT"));
        return on(event, listener);
      };
    `);
    const { code, stdout } = await quorate(args, { preload });
    expect(stdout).toMatch(/^Interrupted: no violation found, 1 of 1 object undecided/);
    expect(code).toBe(130);
  });

  it("reads standard input, and tells the format by itself", () => {
    const input = [
      "INFO  jepsen.util - 0\t:invoke\t:write\t1",
      "INFO  jepsen.util - 0\t:ok\t:write\t1",
      "INFO  jepsen.util - 1\t:invoke\t:cas\t[1 2]",
      "INFO  jepsen.util - 1\t:fail\t:cas\t[1 2]",
    ].join("\n");
    const args = [MAIN, "linearizability", "-", "--model", "cas-register", "--quiet"];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { input });
    expect(stderr.toString()).toBe("");
    expect(stdout.toString()).toContain("Violated: the history at line 4: 2 operations contradict");
    expect(status).toBe(1);
    const fixed = input.replace(":fail", ":ok");
    expect(execFileSync(process.execPath, args, { input: fixed }).toString()).toMatch(/^Lineariz/);
  });

  it.each([
    [
      ["linearizability", "--help"],
      ["--model", "jepsen.util", '"type": "invoke"', "EXIT CODES"],
    ],
  ])("%j explains itself", async (args, parts) => {
    const { code, stdout } = await quorate(args);
    expect(code).toBe(0);
    for (const part of parts) expect(stdout).toContain(part);
  });

  it.each([
    [["linearizability", "x.jsonl"], "Missing required flag: --model"],
    [["linearizability", ...keyValue], "Missing required argument: file"],
    [["linearizability", "x", "--model", "stack"], "register"],
    [["linearizability", "x", ...keyValue, "--format", "xml"], "json"],
    [["linearizability", "x", ...keyValue, "--max-seconds", "0"], "a number above 0"],
    [["linearizability", "/nowhere", ...keyValue], "cannot read /nowhere: ENOENT"],
    [["linearizability", file("empty.jsonl", ""), ...keyValue], "empty.jsonl:1: the history is"],
    [["linearizability", file("cut.jsonl", `${good}{"pro`), ...keyValue], "cut.jsonl:7: not JSON"],
    [
      ["linearizability", file("other.jsonl", good), "--model", "lock"],
      'other.jsonl:1: expected "f" to be one of acquire, release, found "put"',
    ],
    [
      ["linearizability", file("binary", "\0\u0001\n\0"), ...keyValue],
      "binary:1: expected JSON lines, EDN maps or lines with",
    ],
  ])("%j is refused with its reason", async (args, reason) => {
    const { code, stdout, stderr } = await quorate(args);
    expect(stderr).toContain(reason);
    expect(stderr).not.toContain("    at ");
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });
});
