import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { file, moduleOf, quorate } from "./run.ts";

const MODELS = fileURLToPath(new URL("../tla", import.meta.url));
/** Standard error as a terminal, so that progress is shown. */
const TERMINAL = moduleOf("process.stderr.isTTY = true");

/** A module of the corners, with its own configuration or another. */
function corner(module: string, config = module): readonly string[] {
  const path = join(MODELS, `${module}.tla`);
  return ["tla", "check", path, "--config", join(MODELS, `${config}.cfg`)];
}

/** A new module with its configuration; both are named after it. */
function written(name: string, units: string, config: string): string {
  file(`${name}.cfg`, config);
  const text = `---- MODULE ${name} ----\nEXTENDS Naturals\n${units}\n====\n`;
  return file(`${name}.tla`, text);
}

const COUNTER = "VARIABLES x, y\nInit == x = 0 /\\ y = {}\nUp(n) == x' = x + n /\\ y' = {x}";

/** Counts without end. */
function endless(): string {
  const next = `${COUNTER}\nNext == Up(1)`;
  return written("Endless", next, "INIT Init NEXT Next");
}

describe("quorate tla check, where everything holds", () => {
  it("says what was exhausted, of what, and TLC's figures", async () => {
    const { code, stdout, stderr } = await quorate(corner("Messages"));
    expect(stderr).toBe("");
    const [verdict, of, ...lines] = stdout.split("\n");
    expect(verdict).toBe("Exhausted: no violation in 277 distinct states");
    expect(of).toMatch(/^ {2}module Messages \(.*Messages\.tla\), configuration .*Messages\.cfg$/);
    expect(lines).toContain("  distinct states      277");
    expect(lines).toContain("  generated            809, to depth 10");
    expect(lines).toContain("  invariants: all 2 hold");
    expect(lines).toContain("  properties: all 2 hold");
    expect(code).toBe(0);
  });

  it("takes the configuration of the same name where none is given", async () => {
    const { code, stdout } = await quorate(["tla", "check", join(MODELS, "Counter.tla")]);
    expect(stdout).toContain("Counter.cfg");
    expect(code).toBe(0);
  });

  it("counts the actions as TLC's coverage does, with --verbose", async () => {
    const { stdout } = await quorate([...corner("Messages"), "--verbose"]);
    expect(stdout).toContain("\n    holds      OneLeaderInv\n");
    expect(stdout).toMatch(/\n<Timeout line \d+, col 1 .* of module Messages>: \d+:\d+\n/);
  });

  it("prints one line with --quiet", async () => {
    const { stdout, stderr } = await quorate([...corner("Messages"), "--quiet"]);
    expect(stdout).toBe("Exhausted: no violation in 277 distinct states\n");
    expect(stderr).toBe("");
  });

  it("prints one JSON object with --json, its names those of check", async () => {
    const { code, stdout } = await quorate([...corner("Messages"), "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      verdict: "exhausted",
      stoppedBy: null,
      module: join(MODELS, "Messages.tla"),
      config: join(MODELS, "Messages.cfg"),
      distinct: 277,
      generated: 809,
      depth: 10,
      queue: 0,
      seconds: expect.any(Number),
      expectedCollisions: expect.any(Number),
      peakMemoryBytes: expect.any(Number),
      actions: expect.arrayContaining([
        { name: "Timeout", generated: expect.any(Number), distinct: expect.any(Number) },
      ]),
      properties: [
        { name: "TypeInv", kind: "invariant", result: "holds" },
        { name: "OneLeaderInv", kind: "invariant", result: "holds" },
        { name: "TermProp", kind: "property", result: "holds" },
        { name: "GrowProp", kind: "property", result: "holds" },
      ],
      leftOut: [],
      violation: null,
      trace: null,
    });
  });

  it("finds modules in the folder of the module and in each --library", async () => {
    const units = "Base == INSTANCE LayersBase\nVARIABLE x\nInit == x = 0\nNext == UNCHANGED x";
    const module = written("Libraries", units, "INIT Init NEXT Next");
    const alone = await quorate(["tla", "check", module]);
    expect(alone.code).toBe(2);
    expect(alone.stderr).toContain(`module LayersBase was not found in ${dirname(module)}`);
    const found = await quorate(["tla", "check", module, "--library", "/", "--library", MODELS]);
    expect(found.stderr).not.toContain("was not found");
  });
});

describe("quorate tla check, where something is violated", () => {
  it("prints the trace in TLC's layout and exits 1", async () => {
    const { code, stdout } = await quorate(corner("Messages", "Messages-debug"));
    expect(code).toBe(1);
    const [verdict] = stdout.split("\n");
    expect(verdict).toBe("Violated: invariant DebugOneLeaderInv, by 9 states");
    expect(stdout).toContain("\nState 1: <Initial predicate>\n/\\ role = (s1 :> ");
    expect(stdout).toMatch(
      /\n\nState 2: <Timeout\(s1\) line 27, col 5 to line 31, col 55 of module Messages>\n\/\\ /,
    );
    expect(stdout).toContain("\nState 9: <");
  });

  it("gives the trace as data with --json", async () => {
    const { code, stdout } = await quorate([...corner("Deadlock"), "--json"]);
    expect(code).toBe(1);
    const { verdict, violation, trace } = JSON.parse(stdout);
    expect(verdict).toBe("violated");
    expect(violation).toEqual({ kind: "deadlock", name: "deadlock" });
    expect(trace).toHaveLength(4);
    expect(trace[0]).toMatchObject({ action: null, at: null });
    expect(trace[1].at).toMatch(/^line \d+, col \d+ to line \d+, col \d+ of module Deadlock$/);
  });

  it.each([
    ["a deadlock", corner("Deadlock"), "Violated: deadlock, by 4 states"],
    ["a property", corner("Subscripts", "Subscripts-falls"), "Violated: property FallsProp, by 2"],
    ["an assumption", corner("Assumptions", "Assumptions-false"), "Violated: assumption Small"],
  ])("tells %s", async (_what, args, sentence) => {
    const { code, stdout } = await quorate(args);
    expect(stdout).toContain(sentence);
    expect(code).toBe(1);
  });

  it("lets behaviours end with --no-deadlock", async () => {
    const { code, stdout } = await quorate([...corner("Deadlock"), "--no-deadlock"]);
    expect(stdout).toMatch(/^Exhausted/);
    expect(code).toBe(0);
  });

  it("shows what the ALIAS of the configuration makes of a state", async () => {
    const units = `${COUNTER}\nNext == Up(2)\nSmall == x < 3\nShown == [before |-> x, next |-> x']`;
    const module = written("Aliased", units, "INIT Init NEXT Next INVARIANT Small ALIAS Shown");
    const { stdout } = await quorate(["tla", "check", module]);
    const lines = ["/\\ before = 2", "/\\ next = 4"];
    for (const line of lines) expect(stdout.split("\n")).toContain(line);
    expect(stdout).not.toContain("y = ");
  });
});

describe("quorate tla check, cut short", () => {
  it("exits 3 at a limit", async () => {
    const { code, stdout } = await quorate(["tla", "check", endless(), "--max-states", "100"]);
    expect(stdout).toMatch(
      /^Stopped at the limit of states \(--max-states\): no violation in 100 /,
    );
    expect(code).toBe(3);
    const timed = await quorate(["tla", "check", endless(), "--max-seconds", "0.1", "--json"]);
    expect(JSON.parse(timed.stdout)).toMatchObject({ verdict: "limit", stoppedBy: "seconds" });
    expect(timed.code).toBe(3);
  });

  it("says at SIGINT what was covered and exits 130", async () => {
    const ran = await quorate(["tla", "check", endless()], { preload: TERMINAL, signal: "SIGINT" });
    expect(ran.stderr.split("\r\u001b[2K")[1]).toMatch(/^[\d,]+ states {2}depth \d+ /);
    expect(ran.stdout).toMatch(/^Interrupted: no violation in [\d,]+ distinct states/);
    expect(ran.code).toBe(130);
  });
});

describe("quorate tla check, where the input is wrong", () => {
  const faulty = (name: string, units: string, config = "INIT Init NEXT Next"): string =>
    written(name, `${COUNTER}\n${units}`, config);

  it.each([
    ["text that is not TLA+", faulty("Unread", "Next == Up(1"), /Unread\.tla:\d+:\d+: expected /],
    ["an unknown name", faulty("Unknown", "Next == Down(1)"), /Unknown\.tla:6:9: .*Down/],
    [
      "a value that is none",
      faulty("Wrong", 'Next == Up("a")'),
      /Wrong\.tla:5:15: The second argument of \+/,
    ],
    [
      "a configuration that is none",
      faulty("Configured", "Next == Up(1)", "INIT Init\nNEXXT Next"),
      /Configured\.cfg:2:1: expected .*NEXXT/,
    ],
    [
      "a condition on a finished run",
      faulty("After", "Next == Up(1)", "INIT Init NEXT Next\nPOSTCONDITION Done"),
      /After\.cfg:2:15: POSTCONDITION Done: .*not checked/,
    ],
    ["no such file", "/nowhere/at/all.tla", /there is no module \/nowhere\/at\/all/],
  ])("tells %s and its place, and exits 2", async (_what, module, message) => {
    const { code, stdout, stderr } = await quorate(["tla", "check", module]);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^quorate tla: /);
    expect(stderr).not.toContain("    at ");
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });

  it("shows the line with carets", async () => {
    const module = faulty("Shown", "Next == /\\ Up(1)\n        /\\ Down(x, y)");
    const { stderr } = await quorate(["tla", "check", module]);
    expect(stderr).toContain("\n  7 |         /\\ Down(x, y)\n    |            ^^^^");
  });

  it("refuses what speaks of the future, or leaves it out and says so", async () => {
    const module = faulty(
      "Future",
      "Next == x < 3 /\\ Up(1)\nEnds == <>(x = 3)",
      "INIT Init NEXT Next PROPERTY Ends CHECK_DEADLOCK FALSE",
    );
    const refused = await quorate(["tla", "check", module]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/Future\.tla:7:\d+: property Ends speaks of the future/);
    const { code, stdout } = await quorate(["tla", "check", module, "--without-liveness"]);
    expect(stdout).toMatch(/\n {2}left out \(--without-liveness\): Ends/);
    expect(code).toBe(0);
  });

  it.each([
    [["tla", "check"], "Missing required argument: file"],
    [["tla", "chekc"], "Unknown subcommand"],
    [["tla", "check", "x.tla", "--max-states", "0"], "Expected: a number above 0"],
  ])("refuses %j", async (args, reason) => {
    const { code, stderr } = await quorate(args);
    expect(stderr).toContain(reason);
    expect(code).toBe(2);
  });

  it("says what to install where the grammar is missing", async () => {
    const preload = moduleOf(`
      import Module from "node:module";
      const resolve = Module._resolveFilename;
      Module._resolveFilename = (request, ...rest) => {
        if (request.startsWith("@tlaplus/")) throw new Error("not there");
        return resolve(request, ...rest);
      };
    `);
    const { code, stderr } = await quorate(corner("Counter"), { preload });
    expect(stderr).toContain("npm install web-tree-sitter @tlaplus/tree-sitter-tlaplus");
    expect(code).toBe(2);
  });
});

describe("quorate tla check --help", () => {
  it("explains itself, and what depth means", async () => {
    const { code, stdout } = await quorate(["tla", "check", "--help"]);
    for (const part of ["--config FILE", "--library DIR", "--without-liveness", "EXIT CODES"]) {
      expect(stdout).toContain(part);
    }
    expect(stdout).toContain("the number of states, the first included");
    expect(code).toBe(0);
  });
});
