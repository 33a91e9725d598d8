import { describe, expect, it } from "vitest";
import { moduleOf, quorate } from "./run.ts";

describe("help and version", () => {
  it.each([
    [["--help"], ["check", "replay", "scopes", "EXIT CODES", "130"]],
    [
      ["check", "--help"],
      ["--servers N", "--network unordered|fifo", "--trace FILE", "--from FILE", "--all", "EXIT"],
    ],
    [
      ["replay", "--help"],
      ["FILE", "--json", "--quiet", "EXIT CODES"],
    ],
  ])("quorate %j explains itself", async (args, parts) => {
    const { code, stdout, stderr } = await quorate(args);
    expect(code).toBe(0);
    expect(stderr).toBe("");
    for (const part of parts) expect(stdout).toContain(part);
  });

  it("says which exit codes a subcommand has, and metavars as such", async () => {
    const help = async (...args: readonly string[]): Promise<string> =>
      (await quorate([...args, "--help"])).stdout;
    const codesIn = (text: string): readonly string[] =>
      [...(text.split("EXIT CODES")[1] ?? "").matchAll(/^ {2}(\d+) +\S/gm)].map(
        ([, it]) => it ?? "",
      );
    const all = await help();
    expect(codesIn(all)).toEqual(["0", "1", "2", "3", "4", "5", "70", "130"]);
    const names = (all.split("SUBCOMMANDS")[1] ?? "").matchAll(/^ {2}([a-z]+) /gm);
    const texts = new Map<string, string>();
    for (const [, name = ""] of names) texts.set(name, await help(name));
    expect(texts.size).toBeGreaterThan(15);
    for (const [name, text] of texts) {
      expect(codesIn(text), name).toEqual(expect.arrayContaining(["0", "2", "70"]));
      expect(text, name).not.toMatch(/--\S+ choice\b/);
    }
    expect(codesIn(texts.get("put") ?? "")).toEqual(["0", "2", "4", "5", "70"]);
    expect(codesIn(texts.get("check") ?? "")).toEqual(["0", "1", "2", "3", "70", "130"]);
    expect(texts.get("get")).toContain("1    the key is absent");
  }, 120_000);

  it("prints the version of the package", async () => {
    const ran = await quorate(["--version"]);
    expect(ran).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^quorate \d+\.\d+\.\d+\n$/),
      stderr: "",
    });
  });

  it("is bad usage without a subcommand", async () => {
    const { code, stdout } = await quorate([]);
    expect(code).toBe(2);
    expect(stdout).toContain("SUBCOMMANDS");
  });

  it("lists the scopes with their bounds", async () => {
    const { code, stdout } = await quorate(["scopes"]);
    expect(code).toBe(0);
    for (const name of ["smoke: ", "default: ", "deep: "]) expect(stdout).toContain(name);
    expect(stdout).toContain("messages in flight");
  });
});

describe("what is asked wrongly of a cluster", () => {
  it.each([
    [["members", "frob"], "quorate members: frob: expected list, add, promote, remove, replace\n"],
    [["members", "promote"], "quorate members: promote: expected ID, got nothing\n"],
    [["members", "list", "n1"], "quorate members: list: expected nothing, got n1\n"],
    [
      ["members", "replace", "n1"],
      "quorate members: replace: expected ID ID=HOST:PORT@URL, got n1\n",
    ],
    [
      ["get", "a", "--ca", "package.json"],
      /^quorate get: --ca: package.json: no certificate in PEM: expected -----BEGIN CERTIFICATE---/,
    ],
    [["cluster", "--data-dir", "/dev/null/x"], /^quorate cluster: --data-dir: ENOTDIR: .*\n$/],
  ])("%j is refused with what is expected", async (args, said) => {
    const { code, stderr } = await quorate(args);
    expect(code).toBe(2);
    if (typeof said === "string") expect(stderr).toBe(said);
    else expect(stderr).toMatch(said);
  });
});

describe("for programs and shells", () => {
  it("lists the scopes as JSON", async () => {
    const { code, stdout } = await quorate(["scopes", "--json"]);
    const listed = JSON.parse(stdout) as readonly { name: string; bounds: { servers: number } }[];
    expect(code).toBe(0);
    expect(listed.find(({ name }) => name === "smoke")?.bounds.servers).toBe(3);
  });

  it.each(["bash", "zsh", "fish"])("completes its subcommands and flags in %s", async (shell) => {
    const { code, stdout } = await quorate(["--completions", shell]);
    expect(code).toBe(0);
    for (const word of ["members", "transfer", "endpoints", "data-dir", "max-states"]) {
      expect(stdout).toContain(word);
    }
  });
});

describe("bad usage", () => {
  it.each([
    [["chekc"], 'Unknown subcommand "chekc"'],
    [["check", "huge"], 'argument <scope>: "huge". Expected: one of smoke, default, deep'],
    [["check", "smoke", "more"], 'Unexpected positional argument: "more"'],
    [["check", "--servres", "3"], "Unrecognized flag: --servres"],
    [["check", "--servers", "three"], 'flag --servers: "three". Expected: a whole number'],
    [["check", "--servers", "-1"], "--servers"],
    [["check", "--servers", "0"], "servers must be a whole number of at least 1, not 0"],
    [["check", "--servers", "7"], "(--no-symmetry)"],
    [["check", "--messages", "unlimited"], "messages must be finite"],
    [["check", "--network", "tcp"], 'flag --network: "tcp". Expected: unordered or fifo'],
    [["check", "--max-states", "0"], 'flag --max-states: "0". Expected: a number above 0'],
    [["check", "--trace"], "Missing value for flag --trace"],
    [["check", "--from", "/nowhere/at/all"], "cannot read /nowhere/at/all: ENOENT"],
    [["check", "--network", "fifo", "--progress"], "progress is demanded on an unordered network"],
    [["check", "--trace", "/nowhere/at/all"], "cannot write the trace to /nowhere/at/all"],
    [["replay"], "Missing required argument: file"],
    [["replay", "/nowhere/at/all"], "cannot read /nowhere/at/all: ENOENT"],
  ])("quorate %j is refused with its reason", async (args, reason) => {
    const { code, stdout, stderr } = await quorate(args);
    expect(stderr).toContain(reason);
    expect(stderr).toMatch(/^quorate/);
    expect(stderr).not.toContain("    at ");
    expect(stdout).toBe("");
    expect(code).toBe(2);
  });

  it("is refused in one line by a Node that is too old", async () => {
    const versions = '{ ...process.versions, node: "22.18.0" }';
    const preload = moduleOf(`Object.defineProperty(process, "versions", { value: ${versions} })`);
    expect(await quorate(["check"], { preload })).toEqual({
      code: 2,
      stdout: "",
      stderr: "quorate needs Node 22.19 or newer, and this is 22.18.0\n",
    });
  });
});
