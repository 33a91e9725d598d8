/** `quorate audit` from the command line: verdicts, exit codes, reports. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { auditPage, escaped } from "../../cli/audit-html.ts";
import type { AuditReport } from "../../model-checker/audit/report.ts";
import {
  busyLife,
  contentsOf,
  inDirectory,
  journaledCluster,
} from "../model-checker/audit/journals.ts";
import { quorate } from "./run.ts";

/** A directory with the journals of a small cluster. */
function withJournals(use: (directory: string) => Promise<void>): Promise<void> {
  return inDirectory(async (directory) => {
    const { cluster, seal } = journaledCluster(directory, { servers: 3, seed: 5 });
    busyLife(cluster, 60);
    seal();
    await use(directory);
  });
}

describe("quorate audit", () => {
  it("verifies, as text, as data and as a page", () =>
    withJournals(async (directory) => {
      const html = join(directory, "audit.html");
      const text = await quorate(["audit", directory, "--html", html]);
      expect(text.stderr).toBe("");
      expect(text.code).toBe(0);
      expect(text.stdout).toMatch(/^Verified: [\d,]+ steps of 3 servers, cluster test\n/);
      expect(text.stdout).toContain("\nNot covered\n");
      const json = await quorate(["audit", directory, "--json"]);
      const report = JSON.parse(json.stdout) as AuditReport;
      expect(report.verdict).toBe("verified");
      expect(report.counts.conforming).toBeGreaterThan(0);
      const page = readFileSync(html, "utf8");
      for (const { head } of report.servers) {
        expect(page).toContain(head);
        expect(text.stdout).toContain(head);
      }
      expect(page).not.toContain("<script");
    }));

  it("finds what is right below, and compares each step where it is told to", () =>
    withJournals(async (directory) => {
      for (const name of [...contentsOf(directory).keys()]) {
        const below = join(directory, name.slice(0, 2));
        mkdirSync(below, { recursive: true });
        renameSync(join(directory, name), join(below, name));
      }
      const counts = async (...words: readonly string[]) => {
        const { stdout } = await quorate(["audit", directory, "--json", ...words]);
        return (JSON.parse(stdout) as AuditReport).counts;
      };
      const once = await counts();
      const each = await counts("--each-step");
      expect(once.evaluated).toBeLessThan(once.conforming);
      expect(each).toEqual({ ...once, evaluated: once.conforming });
    }));

  it("names the line that was changed", () =>
    withJournals(async (directory) => {
      const files = [...contentsOf(directory)].sort((a, b) => b[1].length - a[1].length);
      const [name = "", journal = ""] = files[0] ?? [];
      const lines = journal.split("\n");
      lines[2] = (lines[2] ?? "").replace('"event"', '"Event"');
      writeFileSync(join(directory, name), lines.join("\n"));
      const { code, stdout } = await quorate(["audit", directory, "--quiet", "--replay-only"]);
      expect(stdout).toBe(`Violated: Hash Chain at ${join(directory, name)}:3, cluster test\n`);
      expect(code).toBe(1);
    }));

  it("decides the history of the clients, too", () =>
    withJournals(async (directory) => {
      const history = join(directory, "history.jsonl");
      const events = [
        { process: 0, type: "invoke", f: "put", key: "x", value: "1" },
        { process: 0, type: "ok" },
        { process: 0, type: "invoke", f: "get", key: "x" },
        { process: 0, type: "ok", value: "2" },
      ];
      writeFileSync(history, events.map((it) => `${JSON.stringify(it)}\n`).join(""));
      const words = ["audit", directory, "--quiet", "--history", history];
      const violated = await quorate([...words, "--model", "key-value"]);
      expect(violated.stdout).toContain("contradict");
      expect(violated.code).toBe(1);
      const without = await quorate(words);
      expect(without.code).toBe(2);
      expect(without.stderr).toContain("--model NAME");
    }));

  it("refuses what is no journal", async () => {
    await inDirectory(async (directory) => {
      const { code, stderr } = await quorate(["audit", directory]);
      expect(code).toBe(2);
      expect(stderr).toContain(`no journal (SERVER-RUN-FILE.jsonl) in ${directory}`);
    });
  });

  it("takes nothing of a journal for markup", () => {
    expect(escaped('<b a="&">')).toBe("&lt;b a=&quot;&amp;&quot;&gt;");
    const fault = { rule: "R", what: "<script>", place: null, event: "<script>" };
    const counts = { steps: 1, conforming: 0, evaluated: 0, invariants: 0, elections: 0, votes: 0 };
    const rest = { entries: 0, committed: 0, restarts: 0, snapshots: 0, received: 0 };
    const report: AuditReport = {
      verdict: "violated",
      cluster: "<script>",
      servers: [],
      counts: { ...counts, ...rest },
      actionsExercised: [],
      notCovered: ["<script>"],
      fault,
    };
    expect(auditPage({ report, history: null, seconds: 1 })).not.toContain("<script");
  });
});
