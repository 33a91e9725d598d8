import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { onInterruption } from "../../cli/interrupt.ts";
import { defaultBounds } from "../../model-checker/bounds.ts";
import { parseTrace } from "../../model-checker/trace.ts";
import { file, moduleOf, quorate, substituting } from "./run.ts";

/** Bounds that are exhausted at once, and too small for most that is demanded. */
const TINY = ["check", "--terms", "1", "--log", "1", "--proposals", "0", "--messages", "2"];
/** Bounds that no test waits for. */
const HUGE = ["check", "--terms", "9", "--log", "9", "--messages", "20"];
/** Standard error as a terminal, so that progress is shown. */
const TERMINAL = moduleOf("process.stderr.isTTY = true");
/** A kernel in which everybody is a majority. */
/** Wide enough for what is broken to show. */
const WIDE = ["smoke", "--messages", "4", "--loss"];
const BROKEN = substituting(
  "kernel/log.ts",
  "return term > ownTerm || (term === ownTerm && index >= lastIndex(log));",
  "return true;",
);

describe("a check that ends", () => {
  it("says first what was exhausted, within which bounds, and what was not reached", async () => {
    const { code, stdout, stderr } = await quorate(TINY);
    expect(stderr).toBe("");
    const [verdict, ...lines] = stdout.split("\n");
    expect(verdict).toMatch(/^Exhausted: no violation in \d+ distinct states, but \d+ of the/);
    expect(lines[0]).toBe("  3 servers, 1 term, logs of 1 entry, no proposals");
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}always: all \d+ hold$/));
    expect(lines).toContain("    unreached  leader elected");
    expect(code).toBe(1);
  });

  it("prints one JSON object with --json, and nothing else", async () => {
    const { code, stdout, stderr } = await quorate([...TINY, "--json", "--exact", "--no-symmetry"]);
    expect(stderr).toBe("");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      verdict: "exhausted",
      stoppedBy: null,
      distinct: expect.any(Number),
      generated: expect.any(Number),
      depth: expect.any(Number),
      seconds: expect.any(Number),
      kernelCalls: expect.any(Number),
      localStates: expect.any(Number),
      localTransitions: expect.any(Number),
      expectedCollisions: 0,
      peakMemoryBytes: expect.any(Number),
      exact: true,
      symmetry: false,
      bounds: {
        ...defaultBounds,
        terms: 1,
        log: 1,
        proposals: 0,
        messages: 2,
        uncommitted: "unlimited",
      },
      properties: expect.arrayContaining([
        { name: "Election Safety", kind: "always", result: "holds" },
        { name: "leader elected", kind: "sometimes", result: "unreached" },
      ]),
      conformance: {
        transitions: expect.any(Number),
        conforming: expect.any(Number),
        stutters: expect.any(Number),
        actionsExercised: expect.arrayContaining(["PreVoteTimeout", "Crash"]),
        actionsNeverExercised: expect.arrayContaining(["Timeout", "ClientRequest"]),
      },
      prefix: 0,
      progress: null,
      trace: null,
    });
  });

  it("prints the verdict only with --quiet", async () => {
    const { stdout } = await quorate([...TINY, "--quiet"]);
    expect(stdout).toMatch(/^Exhausted: [^\n]*\n$/);
  });

  it("explains every property with --verbose", async () => {
    const { stdout } = await quorate([...TINY, "--verbose"]);
    expect(stdout).toContain("At most one leader can be elected in a given term");
    expect(stdout).toContain("A candidate wins an election");
  });

  it("exits 3 at a limit", async () => {
    const { code, stdout } = await quorate([...HUGE, "--max-states", "100"]);
    expect(stdout).toMatch(/^Stopped at the limit of states \(--max-states\): no violation/);
    expect(stdout).toContain("hold as far as the check went");
    expect(code).toBe(3);
  });

  it("paints the verdict only where colours are asked for", async () => {
    const plain = await quorate(TINY);
    const painted = await quorate(TINY, { env: { FORCE_COLOR: "1" } });
    expect(plain.stdout).not.toContain("\u001b");
    expect(painted.stdout.startsWith("\u001b[1;31mExhausted\u001b[0m: ")).toBe(true);
    const both = await quorate(TINY, { env: { FORCE_COLOR: "1", NO_COLOR: "1" } });
    expect(both.stdout).not.toContain("\u001b");
  });
});

describe("a check that is interrupted", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("says at %s what was covered and exits %i", async (signal, expected) => {
    const { code, stdout, stderr } = await quorate(HUGE, { preload: TERMINAL, signal });
    const [before, first, ...rest] = stderr.split("\r\u001b[2K");
    expect(before).toBe("");
    expect(first).toMatch(/^[\d,]+ states {2}depth \d+ /);
    expect(rest.at(-1)).toBe("");
    expect(stdout).toMatch(/^Interrupted: no violation in [\d,]+ distinct states/);
    expect(code).toBe(expected);
  });
});

describe("onInterruption", () => {
  afterEach(() => void vi.useRealTimers());

  it("hears one signal, not its echo, and leaves the next its usual effect", () => {
    vi.useFakeTimers();
    const listeners = process.listenerCount("SIGINT") + process.listenerCount("SIGTERM");
    const interruption = onInterruption();
    expect(interruption.signal.aborted).toBe(false);
    expect(interruption.exitCode()).toBe(null);
    process.emit("SIGTERM", "SIGTERM");
    expect(interruption.signal.aborted).toBe(true);
    process.emit("SIGINT", "SIGINT");
    expect(interruption.exitCode()).toBe(143);
    vi.runAllTimers();
    expect(process.listenerCount("SIGINT") + process.listenerCount("SIGTERM")).toBe(listeners);
  });
});

describe("a check of a broken kernel", () => {
  it("tells the story, saves the trace, and replay shows the same violation", async () => {
    const trace = file("violation.trace");
    const { code, stdout } = await quorate(["check", ...WIDE, "--no-conform", "--trace", trace], {
      preload: BROKEN,
    });
    expect(code).toBe(1);
    const property = /^Violated: (.*), by \d+ actions, within these bounds:\n/.exec(stdout)?.[1];
    expect(property).toBeDefined();
    expect(stdout).toContain("Schedule (");
    expect(stdout).toContain(`^ violates ${property}`);
    expect(stdout).toMatch(/\nreproduce: quorate replay \S+violation\.trace\n$/);
    expect(parseTrace(readFileSync(trace, "utf8"))).toMatchObject({ property });

    const again = await quorate(["replay", trace], { preload: BROKEN });
    expect(again).toMatchObject({ code: 1, stderr: "" });
    expect(again.stdout).toContain(`Violated: ${property}, by`);
    const story = (text: string): string => text.slice(text.indexOf("Schedule ("));
    expect(story(stdout)).toContain(story(again.stdout).trimEnd());

    const repaired = await quorate(["replay", trace]);
    expect(repaired).toMatchObject({ code: 2, stdout: "" });
    expect(repaired.stderr).toMatch(/violation\.trace:\d+: does not replay: /);
  });

  it("says how to save it, and prints it as JSON", async () => {
    const { stdout } = await quorate(["check", ...WIDE], { preload: BROKEN });
    expect(stdout).toMatch(/add --trace FILE\.\n$/);
    const { code, stdout: json } = await quorate(["check", ...WIDE, "--json"], { preload: BROKEN });
    expect(code).toBe(1);
    const { verdict, trace } = JSON.parse(json);
    expect(verdict).toBe("violated");
    expect(trace).toMatchObject({ property: expect.any(String), bounds: { servers: 3 } });
    expect(trace.schedule[0]).toMatch(/^timeout n\d$/);
  });
});

describe("a check for progress", () => {
  it("says of how many states it was demanded", async () => {
    const { stdout } = await quorate([...TINY, "--progress"]);
    expect(stdout).toMatch(/ {2}progress {13}demanded of \d+ states, \d+ with nothing in flight; /);
    const { stdout: json } = await quorate([...TINY, "--progress", "--json"]);
    expect(JSON.parse(json).progress).toEqual({
      demanded: expect.any(Number),
      atRest: expect.any(Number),
      visited: expect.any(Number),
    });
  });

  it("says where a kernel cannot get on, and replay sees it too, as the repaired one does not", async () => {
    const deaf = substituting(
      "kernel/pre-vote.ts",
      "const term = voteGranted ? message.term : currentTerm;",
      "const term = currentTerm;",
    );
    const trace = file("stuck.trace");
    const words = ["check", ...TINY.slice(1), "--no-conform", "--progress", "--trace", trace];
    // The bug breaks an invariant too, but not before anything happens.
    const { code, stdout } = await quorate(words, { preload: deaf });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Violated: Progress, by 0 actions/);
    expect(stdout).toContain("From every reachable state, if faults stop");
    expect(stdout).toContain('Out of reach is "Leader Followed"');
    const again = await quorate(["replay", trace], { preload: deaf });
    expect(again).toMatchObject({ code: 1, stderr: "" });
    expect(again.stdout).toContain("From every reachable state, if faults stop");
    const repaired = await quorate(["replay", trace]);
    expect(repaired.code).toBe(2);
    expect(repaired.stderr).toContain("violates Progress, but nothing is violated");
  });
});

describe("a check from where a schedule ends", () => {
  const CAMPAIGN = ["timeout n1", "deliver n1 n2 pre-vote#1"];

  it("starts with a schedule of actions, within the bounds that are asked for", async () => {
    const path = file("campaign.txt", ["# n1 asks n2", ...CAMPAIGN, ""].join("\n"));
    const { code, stdout } = await quorate([...TINY, "--from", path, "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: "exhausted",
      prefix: 2,
      bounds: { terms: 1, log: 1, messages: 2 },
    });
    const human = await quorate([...TINY, "--from", path]);
    expect(human.stdout).toContain(
      "  after a schedule of 2 actions, which uses up none of these\n",
    );
  });

  it("starts with a trace, within its bounds", async () => {
    const head = ["quorate trace 1", "property none", "bound terms 1", "bound servers 2"];
    const path = file("start.trace", [...head, "bound proposals 0", ...CAMPAIGN, ""].join("\n"));
    const { stdout } = await quorate(["check", "--from", path, "--no-conform", "--json"]);
    expect(JSON.parse(stdout).bounds).toMatchObject({ terms: 1, servers: 2, proposals: 0 });
    const other = await quorate(["check", "smoke", "--from", path]);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain(
      `${path}:1: the schedule has servers 2, the exploration 3: make them equal`,
    );
  });

  it.each([
    ["no action", "jump n1", 'FILE:1: unknown action "jump"'],
    ["nothing that can happen", "timeout n1\n\ncrash n9", 'FILE:3: there is no server "n9"'],
    ["no digest", "timeout n1 = 12", "FILE:1: expected a digest of 12 hexadecimal digits"],
    ["no trace", "quorate trace 1\nbound terms 1", 'FILE:2: expected "property NAME"'],
  ])("refuses a schedule that is %s", async (name, text, reason) => {
    const path = file(`${name}.txt`, text);
    const { code, stdout, stderr } = await quorate(["check", "--from", path]);
    expect(stderr).toContain(reason.replace("FILE", path));
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });
});
