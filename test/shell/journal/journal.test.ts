/** The journal as a service: what it writes, when, and what becomes of it when writing fails. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import { afterEach, describe, expect, it } from "vitest";
import {
  type Event,
  initialDurable,
  kernelConfig,
  recover,
  type State,
  step,
} from "../../../kernel/index.ts";
import { audit } from "../../../model-checker/audit/audit.ts";
import * as read from "../../../model-checker/audit/format.ts";
import { Journal } from "../../../shell/driver/services.ts";
import { fileJournal } from "../../../shell/journal/journal.ts";
import { previousRun } from "../../../shell/journal/previous-run.ts";
import { digestOf, fileName, NO_HASH } from "../../../shell/journal/record.ts";
import type { JournalOptions } from "../../../shell/journal/writer.ts";

const directories: string[] = [];

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), "journal-"));
  directories.push(made);
  return made;
}

afterEach(() => {
  for (const it of directories.splice(0)) rmSync(it, { recursive: true, force: true });
});

const config = kernelConfig("a/b");
const durable = initialDurable({ voters: ["a/b"], outgoingVoters: [], learners: [] });
const campaign: Event = { kind: "campaign" };

type Service = typeof Journal.Service;

/** Runs a kernel with a journal: `use` is given the service and a function that steps. */
function withJournal(
  options: Partial<JournalOptions> & { readonly directory: string },
  use: (journal: Service, take: (event: Event) => State) => void,
) {
  const all = { cluster: "c", server: "a/b", ...options };
  const program = Effect.gen(function* () {
    const journal = yield* Journal;
    let { state } = recover(config, durable);
    journal.started(config, durable, state);
    use(journal, (event) => {
      const result = step(config, state, event);
      state = result.state;
      journal.stepped(event, state, result.effects);
      return state;
    });
  });
  return Effect.runPromiseExit(program.pipe(Effect.provide(fileJournal(all))));
}

const linesOf = (path: string): readonly string[] => readFileSync(path, "utf8").split("\n");

describe("a journal in files", () => {
  it("writes at flush, and seals when its scope closes", async () => {
    const at = directory();
    const file = join(at, fileName("a/b", 1, 1));
    const exit = await withJournal({ directory: at }, (journal, take) => {
      take(campaign);
      expect(linesOf(file)).toHaveLength(2);
      journal.flush();
      expect(linesOf(file)).toHaveLength(3);
    });
    expect(Exit.isSuccess(exit)).toBe(true);
    expect(linesOf(file)).toHaveLength(4);
    expect(linesOf(file)[2]).toContain('{"seal":{"steps":1}');
  });

  it("goes on in another file, and a later run goes on from the one before", async () => {
    const at = directory();
    const life = (journal: Service, take: (event: Event) => State): void => {
      for (let i = 0; i < 5; i++) {
        take({ kind: "peer-unreachable", peer: "x" });
        journal.flush();
      }
    };
    await withJournal({ directory: at, maxFileBytes: 300 }, life);
    const files = readdirSync(at).length;
    expect(files).toBeGreaterThan(2);
    const previous = previousRun(at, "a/b");
    expect(previous?.run).toBe(1);
    await withJournal({ directory: at, maxFileBytes: 300 }, life);
    const [header = ""] = linesOf(join(at, fileName("a/b", 2, 1)));
    expect(JSON.parse(header)).toMatchObject({ run: 2, start: { previous } });
    const report = await audit({ directories: [at] });
    expect(report.fault).toBeNull();
    expect(report.servers).toMatchObject([{ runs: 2, steps: 10, isSealed: true }]);
  });

  it("goes on after a run that a crash left without a whole line", async () => {
    const at = directory();
    await withJournal({ directory: at }, (_, take) => void take(campaign));
    writeFileSync(join(at, fileName("a/b", 2, 1)), '{"format":"quorate-jour');
    const before = previousRun(at, "a/b");
    expect(before?.run).toBe(2);
    expect(before?.hash).toMatch(/^[0-9a-f]{32}$/);
    expect(before?.hash).not.toBe(NO_HASH);
    expect(previousRun(at, "a")).toBeNull();
    await withJournal({ directory: at }, (_, take) => void take(campaign));
    const { fault, servers } = await audit({ directories: [at] });
    expect(fault).toBeNull();
    expect(servers).toMatchObject([{ runs: 2, steps: 2, isSealed: true }]);
  });

  it("throws what it cannot write, again and again, and is not sealed", async () => {
    const at = directory();
    const thrown: unknown[] = [];
    const exit = await withJournal({ directory: at, maxFileBytes: 1 }, (journal, take) => {
      take(campaign);
      // The file that comes next is there already: it is not written over.
      writeFileSync(join(at, fileName("a/b", 1, 2)), "");
      for (let i = 0; i < 2; i++) {
        try {
          journal.flush();
        } catch (error) {
          thrown.push(error);
        }
      }
    });
    expect(Exit.isSuccess(exit)).toBe(true);
    expect(thrown).toHaveLength(2);
    expect(String(thrown[0])).toContain("EEXIST");
    expect(readFileSync(join(at, fileName("a/b", 1, 1)), "utf8")).not.toContain("seal");
  });

  it("fails to open, saying where, in what is no directory", async () => {
    const at = join(directory(), "file");
    writeFileSync(at, "");
    const exit = await withJournal({ directory: at }, () => {});
    expect(Exit.isFailure(exit) && JSON.stringify(exit.cause)).toContain(at);
  });

  it("is of one server", async () => {
    const exit = await withJournal({ directory: directory(), server: "z" }, () => {});
    expect(Exit.isFailure(exit) && String(exit.cause)).toContain("the journal is of z");
  });
});

describe("the writer and the auditor mean the same", () => {
  it("by a digest", () => {
    const { state } = recover(config, durable);
    const { state: after, effects } = step(config, state, campaign);
    expect(digestOf(after, effects)).toBe(read.digestOf(after, effects));
    expect(digestOf(after, effects)).not.toBe(digestOf(state, effects));
    expect(digestOf(after, effects)).not.toBe(digestOf(after, []));
    expect(NO_HASH).toBe(read.NO_HASH);
  });
});
