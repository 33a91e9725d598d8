/** A storage among other processes, users and disks: it is kept by one, and fails for good. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as Effect from "effect/Effect";
import * as Stream from "effect/Stream";
import { describe, expect, it, onTestFinished } from "vitest";
import { conformanceFounding } from "../../../shell/storage/conformance.ts";
import type { StorageOptions } from "../../../shell/storage/index.ts";
import { Store } from "../../../shell/storage/store.ts";
import { append, type Filled } from "./child.ts";
import { newOptions, using } from "./places.ts";

const CHILD = fileURLToPath(new URL("child.ts", import.meta.url));

interface Child {
  readonly process: ChildProcess;
  /** The line it printed. */
  readonly said: unknown;
  /** Completes when it has ended. */
  readonly ended: Promise<unknown>;
}

/** Runs the child, in a shell after `before`, and waits for its line. */
async function child(mode: "hold" | "fill", options: StorageOptions, before = ""): Promise<Child> {
  const script = `${before} exec "$0" "$@"`;
  const words = ["-c", script, process.execPath, CHILD, JSON.stringify({ mode, options })];
  const it = spawn("sh", words, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => {
    it.kill("SIGKILL");
  });
  const ended = once(it, "exit");
  const lines = createInterface(it.stdout);
  const line = await Promise.race([
    once(lines, "line").then(([text]) => String(text)),
    ended.then(([code, signal]) => `"ended: ${code ?? signal}"`),
  ]);
  return { process: it, said: JSON.parse(line), ended };
}

const load = (options: StorageOptions) => using(options, (storage) => storage.load);

describe("one process at a time", () => {
  it("has it: another is refused until the first crashed, and finds what that wrote", async () => {
    const options = newOptions();
    const first = await child("hold", options);
    expect(first.said).toBe("held");
    await expect(load(options)).rejects.toThrow(
      /log\.sqlite: database is locked \(SQLite result 5\); another process has it open/,
    );
    first.process.kill("SIGKILL");
    await first.ended;
    expect((await load(options)).entries).toEqual(append(1).entries);
  });

  it("has it, be it this one; it ends with the scope", async () => {
    const options = newOptions();
    await using(options, () =>
      Effect.promise(async () => {
        await expect(load(options)).rejects.toThrow(/another process has it open/);
        const refused = expect.stringMatching(/another process has it open/);
        expect((await child("hold", options)).said).toEqual({ refused });
      }),
    );
    expect((await child("hold", options)).said).toBe("held");
  });
});

describe("a directory that is not this server's", () => {
  it.each([
    [{ server: "n2" }, /n1: it belongs to server "n1" of cluster "c", not to server "n2"/],
    [{ cluster: "d" }, /not to server "n1" of cluster "d"; give the right directory/],
  ])("%j", async (other, message) => {
    const options = newOptions();
    await load(options);
    await expect(load({ ...options, ...other })).rejects.toThrow(message);
    await load(options);
  });

  it("holds something else", async () => {
    const options = newOptions();
    mkdirSync(options.directory);
    writeFileSync(join(options.directory, "letters"), "");
    await expect(load(options)).rejects.toThrow(/n1: it holds "letters" but no "log.sqlite"/);
  });

  it("is no directory", async () => {
    const options = newOptions();
    writeFileSync(options.directory, "");
    await expect(load(options)).rejects.toThrow(/n1: EEXIST: .*; check the path/);
  });

  it("may not be entered", async () => {
    const options = newOptions();
    await load(options);
    const refused = /n1.*: (EACCES|unable to open).*; make the directory readable and writable/;
    const isRoot = process.geteuid?.() === 0;
    chmodSync(options.directory, 0);
    // Root may enter all: it becomes nobody for as long as the call takes.
    if (isRoot) process.seteuid?.(65_534);
    try {
      expect(() => Store.open(options)).toThrow(refused);
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(options.directory, 0o700);
    }
    await load(options);
  });
});

describe("a write that fails", () => {
  it("fails all that comes after it; a start then finds what is whole", async () => {
    const options = newOptions();
    // Files of at most 200 blocks of 512 bytes: the system refuses to write beyond.
    const { said, ended } = await child("fill", options, "ulimit -f 200;");
    await ended;
    const { written, errors } = said as Filled;
    expect(written).toBeGreaterThan(3);
    expect(errors[0]).toMatch(/log\.sqlite: .*\(SQLite result \d+\); (free some|look at)/);
    expect(new Set(errors).size).toBe(1);
    const { entries } = await load(options);
    expect([written, written + 1]).toContain(entries.length);
    expect(entries.every(({ index }, i) => index === i + 1)).toBe(true);
  });

  it.each([
    ["a gap", { ...append(3) }, /entries from 3 on were to follow 1/],
    ["a term that falls", { ...append(2), currentTerm: 0 }, /the term was to fall from 1 to 0/],
    ["a lone surrogate", surrogate(), /the command of entry 2 has a lone surrogate/],
    ["a snapshot that is not stored", compaction(), /0001\.snapshot: .* but it is not stored/],
  ])("for it asks what cannot be: %s", async (_name, write, message) => {
    const options = newOptions();
    await using(options, (storage) =>
      Effect.gen(function* () {
        yield* storage.write(append(1));
        const first = yield* Effect.flip(storage.write(write));
        expect(first.message).toMatch(message);
        expect(yield* Effect.flip(storage.write(append(2)))).toBe(first);
        expect(yield* Effect.flip(storage.load)).toBe(first);
      }),
    );
    expect((await load(options)).entries).toEqual(append(1).entries);
  });
});

function surrogate() {
  const payload = { kind: "command", command: "\uD800" } as const;
  return { ...append(2), entries: [{ index: 2, term: 1, payload }] };
}

function compaction() {
  const snapshot = { lastIndex: 1, lastTerm: 1, configuration: conformanceFounding };
  return { ...append(1), entries: [], snapshot };
}

it("a snapshot that cannot be written fails all that comes after it", async () => {
  const options = newOptions();
  const at = { lastIndex: 1, lastTerm: 1, configuration: conformanceFounding };
  await using(options, (storage) =>
    Effect.gen(function* () {
      // Where the snapshot should be is a folder: the rename fails.
      const name = "snapshots/0000000000000001-0000000000000001.snapshot";
      mkdirSync(join(options.directory, name));
      writeFileSync(join(options.directory, name, "x"), "");
      const first = yield* Effect.flip(storage.saveSnapshot(at, Stream.make(new Uint8Array(3))));
      expect(first.message).toMatch(/0001\.snapshot: EISDIR|0001\.snapshot: ENOTEMPTY/);
      expect(yield* Effect.flip(storage.write(append(1)))).toBe(first);
    }),
  );
});
