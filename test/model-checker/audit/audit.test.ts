/** Audits of what real drivers did, and of what was made of their journals by others. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { type Effect, type Event, recover, step } from "../../../kernel/index.ts";
import { audit } from "../../../model-checker/audit/audit.ts";
import type { Header } from "../../../model-checker/audit/format.ts";
import { AuditInputError, type AuditReport } from "../../../model-checker/audit/report.ts";
import { JournalWriter } from "../../../shell/journal/writer.ts";
import type { Cluster } from "../../shell/driver/cluster.ts";
import { busyLife, contentsOf, inDirectory, journaledCluster, write } from "./journals.ts";

const SEED = 20_141_119;

type Files = ReadonlyMap<string, string>;

/** The journals of a cluster that `life` happens to. */
function lived(life: (c: Cluster) => void, { cluster = "test", seed = 1 } = {}): Promise<Files> {
  return inDirectory((directory) => {
    const options = { servers: 3, joining: 1, seed };
    const made = journaledCluster(directory, options, { cluster });
    life(made.cluster);
    made.seal();
    expect(made.cluster.faults).toEqual([]);
    return contentsOf(directory);
  });
}

function audited(files: Files, conformance = true): Promise<AuditReport> {
  return inDirectory((directory) => {
    write(directory, files);
    return audit({ directories: [directory], conformance });
  });
}

const clean = await lived((c) => busyLife(c, 250));

describe("an audit that is told to stop", () => {
  /** What it comes to, where each look at the clock finds that a turn has passed. */
  function stopped(after: number): Promise<AuditReport> {
    let now = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => {
      now += 50;
      return now;
    });
    onTestFinished(() => clock.mockRestore());
    let steps = 0;
    const onProgress = (it: number): void => {
      steps = it;
    };
    return inDirectory((directory) => {
      write(directory, clean);
      const shouldStop = (): boolean => steps >= after;
      return audit({ directories: [directory], onProgress, shouldStop });
    });
  }

  it("does so within a turn, however few steps that is", async () => {
    const { verdict, counts, servers, cluster } = await stopped(7);
    expect([verdict, counts.steps, servers.length, cluster]).toEqual(["interrupted", 7, 1, "test"]);
    expect(counts.conforming).toBeGreaterThanOrEqual(7);
  });

  it("does so before it knows what to check", async () => {
    const { verdict, counts, servers, cluster } = await stopped(0);
    expect([verdict, counts.steps, servers, cluster]).toEqual(["interrupted", 0, [], "test"]);
  });
});

/** `files` with other lines in one of them. */
function withLines(files: Files, name: string, edit: (lines: string[]) => string[]): Files {
  const lines = edit((files.get(name) ?? "").split("\n").slice(0, -1));
  return new Map(files).set(name, lines.map((line) => `${line}\n`).join(""));
}

/** What a forger does who knows the format: all hashes anew, from this server's first line on. */
function rechained(files: Files, server: string): Files {
  let hash = "0".repeat(32);
  let result = files;
  for (const name of [...files.keys()].filter((it) => it.startsWith(`${server}-`))) {
    result = withLines(result, name, (lines) =>
      lines.map((line) => {
        const linked = line.replace(/"previous":\{"run":(\d+),"hash":"\w+"\}/, (_, run) => {
          return `"previous":{"run":${run},"hash":"${hash}"}`;
        });
        const body = linked.slice(0, linked.lastIndexOf(',"hash":"'));
        hash = createHash("sha256")
          .update(hash + body)
          .digest("hex")
          .slice(0, 32);
        return `${body},"hash":"${hash}"}`;
      }),
    );
  }
  return result;
}

/** The journal of a server with one run, of `events` after those it has, by a kernel with `bug`. */
async function continued(
  files: Files,
  server: string,
  events: readonly Event[],
  bug = (effects: readonly Effect[]): readonly Effect[] => effects,
): Promise<Files> {
  const own = [...files].filter(([name]) => name.startsWith(`${server}-000001`));
  const lines = own.flatMap(([, text]) => text.split("\n").slice(0, -1));
  const { start } = JSON.parse(lines[0] ?? "") as Header;
  if (start === null) throw new Error("no start");
  const others = [...files].filter(([name]) => !name.startsWith(`${server}-`));
  const forged = await inDirectory((directory) => {
    const writer = new JournalWriter({ directory, cluster: "test", server }, null);
    let { state } = recover(start.config, start.durable);
    writer.started(start.config, start.durable, state);
    const taken = lines.flatMap((line) => {
      const { event } = JSON.parse(line) as { readonly event?: Event };
      return event === undefined ? [] : [event];
    });
    for (const event of [...taken, ...events]) {
      const result = step(start.config, state, event);
      state = result.state;
      writer.stepped(event, state, bug(result.effects));
    }
    writer.flush();
    writer.close();
    return contentsOf(directory);
  });
  return new Map([...others, ...forged]);
}

const stepsOf = (text: string): number => text.split('{"event":').length - 1;
const rich = [...clean].filter(([, text]) => stepsOf(text) > 8).map(([name]) => name);

describe("a clean audit", () => {
  it("verifies what real drivers did, and says how much that was", async () => {
    const { verdict, counts, fault, servers, actionsExercised } = await audited(clean);
    expect(fault).toBeNull();
    expect(verdict).toBe("verified");
    for (const [name, count] of Object.entries(counts)) expect(count, name).toBeGreaterThan(0);
    expect(counts.conforming).toBe(counts.steps + servers.reduce((sum, it) => sum + it.runs, 0));
    expect(actionsExercised).toEqual(
      expect.arrayContaining(["ClientRequest", "Persisted", "Restart", "SnapshotTaken"]),
    );
    expect(servers.map(({ isSealed }) => isSealed)).toEqual([true, true, true, true]);
    expect(servers.some(({ crashes }) => crashes > 0)).toBe(true);
    expect(servers.some(({ files, runs }) => files > runs)).toBe(true);
  });

  it("holds under whatever happens", async () => {
    let restarts = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const report = await audited(await lived((c) => busyLife(c, 120, 0.04), { seed }));
        expect(report.fault).toBeNull();
        restarts += report.counts.restarts;
      }),
      { seed: SEED, numRuns: 3 },
    );
    expect(restarts).toBeGreaterThan(0);
  });

  it("says what is not covered", async () => {
    const some = new Map([...clean].filter(([name]) => !name.startsWith("n2-")));
    const report = await audited(some, false);
    expect(report.verdict).toBe("verified");
    expect(report.notCovered.join("\n")).toContain("No journal of n2");
    expect(report.notCovered.join("\n")).toContain("No step was compared");
  });
});

/** The fault of `files`, which must have one, at a line if so given. */
async function faultOf(files: Files, name?: string, line?: number) {
  const { verdict, fault } = await audited(files, false);
  expect(verdict).toBe("violated");
  if (name !== undefined) expect(fault?.place?.file.split("/").at(-1)).toBe(name);
  if (line !== undefined) expect(fault?.place?.line).toBe(line);
  return fault;
}

const anyLine = fc.tuple(fc.constantFrom(...rich), fc.nat(), fc.nat());
const runs = { seed: SEED, numRuns: 15 };
/** Steps of a file, without its header and what may be a seal. */
const middle = (lines: readonly string[], at: number): number => 1 + (at % (lines.length - 3));
const linesIn = (name: string): string[] => (clean.get(name) ?? "").split("\n").slice(0, -1);

describe("a journal that was tampered with", () => {
  it("a byte that was flipped", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...clean.keys()),
        fc.nat(),
        fc.nat(7),
        async (name, at, bit) => {
          const bytes = Buffer.from(clean.get(name) ?? "");
          const position = at % bytes.length;
          bytes[position] = (bytes[position] ?? 0) ^ (1 << bit);
          const line = bytes.subarray(0, position).toString("latin1").split("\n").length;
          const text = bytes.toString("latin1");
          await inDirectory(async (directory) => {
            const { writeFileSync } = await import("node:fs");
            write(directory, clean);
            writeFileSync(`${directory}/${name}`, text, "latin1");
            const { fault } = await audit({ directories: [directory], conformance: false });
            // A changed line break shows at the line, or where the next one begins.
            expect(fault?.place?.file).toContain(name);
            expect([line, line + 1]).toContain(fault?.place?.line);
          });
        },
      ),
      runs,
    );
  });

  it("a line that was dropped, repeated, or swapped with the next", async () => {
    await fc.assert(
      fc.asyncProperty(anyLine, async ([name, at]) => {
        const index = middle(linesIn(name), at);
        const dropped = withLines(clean, name, (lines) => lines.toSpliced(index, 1));
        expect((await faultOf(dropped, name, index + 1))?.rule).toBe("Hash Chain");
        const again = withLines(clean, name, (all) => all.toSpliced(index, 0, all[index] ?? ""));
        expect((await faultOf(again, name, index + 2))?.rule).toBe("Hash Chain");
        const swapped = withLines(clean, name, (all) =>
          all.toSpliced(index, 2, all[index + 1] ?? "", all[index] ?? ""),
        );
        expect((await faultOf(swapped, name, index + 1))?.rule).toBe("Hash Chain");
      }),
      { ...runs, numRuns: 5 },
    );
  });

  it("a step that was dropped by one who made all hashes anew", async () => {
    const arrival = '"kind":"append-entries-request"';
    const name = rich.find((it) => clean.get(it)?.includes(arrival)) ?? "";
    const found = linesIn(name).findIndex((line) => line.includes(arrival));
    const dropped = withLines(clean, name, (lines) => lines.toSpliced(found, 1));
    const fault = await faultOf(rechained(dropped, name.slice(0, 2)));
    expect(fault?.place?.file).toContain(name.slice(0, 3));
    expect(["Reproducible Step", "Complete Journal", "Durable State"]).toContain(fault?.rule);
  });

  it("an event that was changed by one who made all hashes anew", async () => {
    const name = rich.find((it) => clean.get(it)?.includes('"kind":"propose"')) ?? "";
    const at = linesIn(name).findIndex((line) => line.includes('{"kind":"propose"'));
    const changed = withLines(clean, name, (lines) =>
      lines.with(at, (lines[at] ?? "").replace(/"command":"/, '"command":"un')),
    );
    const fault = await faultOf(rechained(changed, name.slice(0, 2)), name, at + 1);
    expect(fault?.rule).toBe("Reproducible Step");
    expect(fault?.event).toContain('"command":"un');
  });

  it("a run that starts without what the run before had stored", async () => {
    const life = await lived((c) => {
      elect("n1")(c);
      const [server] = c.servers;
      if (server === undefined) return;
      c.crash(server);
      c.start(server);
    });
    expect((await audited(life)).fault).toBeNull();
    const name = "n1-000002-0001.jsonl";
    const rolledBack = withLines(life, name, (lines) =>
      lines.map((line) => line.replace('"durable":{"currentTerm":1', '"durable":{"currentTerm":0')),
    );
    expect(rolledBack.get(name)).not.toBe(life.get(name));
    const fault = await faultOf(rechained(rolledBack, "n1"), name, 1);
    expect(fault?.rule).toBe("Durable State");
  });

  it("steps of a kernel that is another one", async () => {
    const bug = (effects: readonly Effect[]): readonly Effect[] =>
      effects.filter(({ kind }) => kind !== "persist");
    const life = await lived(elect("n1"));
    const fault = await faultOf(await continued(life, "n2", [{ kind: "campaign" }], bug));
    expect(fault?.rule).toBe("Reproducible Step");
    expect(fault?.place?.server).toBe("n2");
  });

  it("a file that is missing", async () => {
    const following = (it: string): string => it.replace("-0002.", "-0003.");
    const seconds = [...clean.keys()].filter((it) => it.endsWith("-0002.jsonl"));
    const name = seconds.find((it) => clean.has(following(it))) ?? "";
    const next = following(name);
    const { rule } = (await faultOf(without(name), next, 1)) ?? {};
    expect(rule).toBe("Complete Journal");
  });

  it("lines that are missing at the end of a run that crashed", async () => {
    const later = [...clean.keys()].find((it) => it.endsWith("-000002-0001.jsonl")) ?? "";
    const before = [...clean.keys()].filter((it) => it < later).at(-1) ?? "";
    const cut = withLines(clean, before, (lines) => lines.slice(0, -1));
    expect((await faultOf(cut, later, 1))?.rule).toBe("Hash Chain");
  });

  it("lines that are missing at the very end are reported: a crash may have lost them", async () => {
    const last = [...clean.keys()].at(-1) ?? "";
    const server = last.slice(0, 2);
    const cut = withLines(clean, last, (lines) => lines.slice(0, -1));
    const report = await audited(cut, false);
    expect(report.verdict).toBe("verified");
    expect(report.notCovered.join("\n")).toContain(`${server}: unsealed`);
    const torn = new Map(clean).set(last, (clean.get(last) ?? "").slice(0, -5));
    expect((await audited(torn, false)).notCovered.join("\n")).toContain(`${server}: unsealed`);
  });

  it("a journal of another cluster", async () => {
    const other = await lived((c) => busyLife(c, 20), { cluster: "other" });
    const mixed = [...clean].filter(([name]) => !name.startsWith("n3-"));
    const strange = [...other].filter(([name]) => name.startsWith("n3-"));
    expect((await faultOf(new Map([...mixed, ...strange])))?.rule).toBe("One Cluster");
  });

  describe("is told what is malformed, where all hashes are made anew", async () => {
    const life = await lived(elect("n1"));
    const name = "n1-000001-0001.jsonl";
    const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
    const persisted = '"kind":"persisted","currentTerm":9,"lastIndex":0,"lastTerm":0';
    const event = (text: string) => (line: string) =>
      line.replace(/\{"event":\{.*?\},"digest"/, `{"event":${text},"digest"`);
    const replaced = (from: string, to: string) => (line: string) => line.replace(from, to);
    it.each<[what: string, line: number, edit: (line: string) => string]>([
      ["start.config.preVote is no boolean", 1, replaced('"preVote":true', '"preVote":"yes"')],
      ["start.config is no record", 1, replaced('"config":{', '"config":null,"other":{')],
      ["start is no record", 1, replaced('"start":{', '"start":7,"other":{')],
      [
        "start.durable.currentTerm is no count",
        1,
        replaced('"currentTerm":0', '"currentTerm":0.5'),
      ],
      ["start.durable.entries is no list", 1, replaced('"entries":[]', '"entries":null')],
      [
        "start.durable has no log: entry 1 has",
        1,
        replaced('"entries":[]', '"entries":[{"index":1}]'),
      ],
      ["event.kind is unknown", 2, event("null")],
      ["event.kind is unknown", 2, event('{"kind":"__proto__"}')],
      ["event.command is no text", 2, event(`{"kind":"propose","command":${deep}}`)],
      ["event.lastIndex is no count", 2, event('{"kind":"snapshot-taken","lastIndex":1e400}')],
      ["event.voters is no list of names", 2, event('{"kind":"propose-configuration"}')],
      ["event.message is no message: not a record", 2, event('{"kind":"message","message":null}')],
      ["no room for this", 2, event(`{${persisted},"more":${deep}}`)],
      ["seal is no record", -1, (line) => line.replace(/\{"seal":\{.*?\}/, '{"seal":null')],
    ])("%s", async (what, line, edit) => {
      const at = line < 0 ? (life.get(name) ?? "").split("\n").length - 2 : line - 1;
      const forged = withLines(life, name, (all) => all.with(at, edit(all[at] ?? "")));
      const fault = await faultOf(rechained(forged, "n1"), name, at + 1);
      expect(fault?.what).toContain(what);
    });
  });

  it("nothing to audit is no violation", async () => {
    await expect(audited(new Map())).rejects.toThrow(AuditInputError);
    await expect(audit({ directories: ["/nowhere/at all"] })).rejects.toThrow("/nowhere/at all");
    const strange = new Map([["%zz-000001-0001.jsonl", ""]]);
    await expect(audited(strange)).rejects.toThrow("0001.jsonl: %zz is no percent-encoded name");
  });
});

function without(name: string): Files {
  return new Map([...clean].filter(([it]) => it !== name));
}

/** `id` stands for election in term 1, and all that follows arrives. */
function elect(id: string): (c: Cluster) => void {
  return (c) => {
    const server = c.servers.find((it) => it.id === id);
    if (server === undefined) throw new Error(`no ${id}`);
    for (let round = 0; round < 12; round++) {
      if (round === 0) c.input(server, { kind: "event", event: { kind: "campaign" } });
      const arriving = c.network;
      c.network = [];
      for (const flight of arriving) c.deliver(flight);
      for (const it of c.servers) c.completeWrite(it);
    }
    expect(c.leader()?.id).toBe(id);
  };
}

describe("journals that contradict one another, each of them sound", () => {
  const parts = (files: Files, ...ids: readonly string[]) =>
    [...files].filter(([name]) => ids.some((id) => name.startsWith(`${id}-`)));

  it("two leaders of one term", async () => {
    const [a, b] = [await lived(elect("n1")), await lived(elect("n2"))];
    expect((await audited(a)).verdict).toBe("verified");
    const fault = await faultOf(new Map([...parts(a, "n1"), ...parts(b, "n2")]));
    expect(fault?.rule).toBe("Election Safety");
    expect(fault?.place?.server).toBe("n2");
  });

  it("servers that were founded with other members", async () => {
    const life = await lived(() => {});
    const founded = withLines(life, "n3-000001-0001.jsonl", (lines) =>
      lines.map((line) => line.replace('"voters":["n1","n2","n3"]', '"voters":["n3","n1","n2"]')),
    );
    expect((await audited(rechained(founded, "n3"))).fault).toBeNull();
    const alone = withLines(life, "n3-000001-0001.jsonl", (lines) =>
      lines.map((line) => line.replace('"voters":["n1","n2","n3"]', '"voters":["n3"]')),
    );
    const fault = await faultOf(rechained(alone, "n3"), "n3-000001-0001.jsonl", 1);
    expect(fault?.rule).toBe("Snapshots Are Committed");
    expect(fault?.what).toContain("founded with voters n3 here, and with voters n1,n2,n3 at");
  });

  it("what was stored before the first run, which is reported", async () => {
    const life = await lived(elect("n1"));
    const stored = (term: number) =>
      withLines(new Map(parts(life, "n3")), "n3-000001-0001.jsonl", ([header = ""]) => [
        header
          .replace('"currentTerm":0', `"currentTerm":${term}`)
          .replace(
            '"entries":[]',
            '"entries":[{"index":1,"term":1,"payload":{"kind":"command","command":"x"}}]',
          ),
      ]);
    const alone = await audited(rechained(stored(1), "n3"));
    expect(alone.fault).toBeNull();
    expect(alone.notCovered.join("\n")).toContain("n3: what it did first is not given");
    const both = new Map([...parts(life, "n1"), ...rechained(stored(1), "n3")]);
    expect((await faultOf(both, "n3-000001-0001.jsonl", 1))?.rule).toBe("Log Matching");
  });

  it("a message that was never sent", async () => {
    const a = await lived(elect("n1"));
    const message = { from: "n1", to: "n3", term: 7 } as const;
    const event: Event = {
      kind: "message",
      message: { kind: "heartbeat-request", ...message, leaderCommit: 0, context: [] },
    };
    const forged = await continued(a, "n3", [event]);
    const fault = await faultOf(forged);
    expect(fault?.rule).toBe("Messages Were Sent");
    expect(fault?.place).toMatchObject({ server: "n3" });
    expect(fault?.event).toContain('"term":7');
    expect((await audited(await continued(a, "n3", []))).fault).toBeNull();
  });
});

afterAll(() => {
  // The journals that were tampered with are rich enough for it.
  expect(rich.length).toBeGreaterThan(5);
});
