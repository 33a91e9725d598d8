/** An audit in words: what holds, what it rests on, what is not covered, and the first fault. */
import type {
  AuditCounts,
  AuditFault,
  AuditReport,
  Place,
  ServerReport,
} from "../model-checker/audit/report.ts";
import { duration, grouped } from "./progress.ts";
import { tableLines } from "./table.ts";
import type { Paint } from "./terminal.ts";

/** A client history that was decided beside the journals. */
export interface HistoryOutcome {
  readonly file: string;
  /** In one sentence. */
  readonly sentence: string;
  readonly verdict: "linearizable" | "violated" | "unknown";
}

/** An audit, and how long it took. */
export interface AuditRun {
  readonly report: AuditReport;
  /** null where no history was given. */
  readonly history: HistoryOutcome | null;
  readonly seconds: number;
}

/** What the journals and the history come to together. */
export function verdictOf({ report, history }: AuditRun): AuditReport["verdict"] {
  if (report.verdict === "violated" || history?.verdict === "violated") return "violated";
  return history?.verdict === "unknown" ? "interrupted" : report.verdict;
}

/** The verdict in one sentence. */
export function auditSentence(run: AuditRun): string {
  const { report, history } = run;
  const { cluster, counts, servers, fault } = report;
  const whose = `cluster ${cluster}`;
  switch (verdictOf(run)) {
    case "verified": {
      const of = `${servers.length} ${servers.length === 1 ? "server" : "servers"}`;
      return `Verified: ${grouped(counts.steps)} steps of ${of}, ${whose}`;
    }
    case "violated": {
      if (fault === null) return `Violated: ${history?.sentence}`;
      const at = fault.place === null ? "" : ` at ${placeText(fault.place)}`;
      return `Violated: ${fault.rule}${at}, ${whose}`;
    }
    case "interrupted":
      return `Interrupted: no fault in the first ${grouped(counts.steps)} steps, ${whose}`;
  }
}

function placeText({ file, line }: Place): string {
  return `${file}:${line}`;
}

/** What was checked, and how often. */
export function checksOf({ report, history }: AuditRun): readonly (readonly [string, string])[] {
  const { counts } = report;
  const names: readonly (readonly [keyof AuditCounts, string])[] = [
    ["steps", "steps replayed by the kernel, each with the recorded outcome"],
    ["conforming", "steps and starts that tla/Raft.tla allows"],
    ["evaluated", "evaluations of tla/Raft.tla, of steps that differ in more than names"],
    ["invariants", "invariants of a step or a server evaluated"],
    ["elections", "elections: one leader a term, which had all that was committed"],
    ["votes", "votes: one a term and server, over restarts"],
    ["restarts", "restarts from what the run before can have stored"],
    ["entries", "entries stored: the same at each index and term"],
    ["committed", "entries committed: the same on every server"],
    ["snapshots", "snapshots that stand for what was committed"],
    ["received", "messages received that their senders had sent"],
  ];
  const checks = names.map(([name, about]) => [grouped(counts[name]), about] as const);
  return history === null ? checks : [...checks, ["1", `client history: ${history.sentence}`]];
}

/** What was not covered. */
export function openOf({ report, history }: AuditRun): readonly string[] {
  if (history !== null) return report.notCovered;
  return [...report.notCovered, "No client history was given (--history)."];
}

/** What is said of one server. */
export function serverLine(it: ServerReport): string {
  const parts = [
    `${grouped(it.steps)} steps`,
    `${it.runs} ${it.runs === 1 ? "run" : "runs"} (${it.crashes} crashed)`,
    `${it.files} ${it.files === 1 ? "file" : "files"}`,
    `term ${it.term}`,
    `committed ${grouped(it.commitIndex)} of ${grouped(it.lastIndex)}`,
    it.isSealed ? "sealed" : "unsealed",
  ];
  return parts.join(", ");
}

/** The offending step, in lines. */
export function faultLinesOf({ rule, what, place, event }: AuditFault): readonly string[] {
  const step = place?.step ?? null;
  const at = place === null ? "" : `${place.server}, run ${place.run}`;
  return [
    ...(place === null
      ? []
      : [`${placeText(place)} (${at}${step === null ? "" : `, step ${step}`})`]),
    `${rule}: ${what}`,
    ...(event === null
      ? []
      : [`event ${event.length > 400 ? `${event.slice(0, 400)}...` : event}`]),
  ];
}

/** The whole report as text. */
export function auditLines(run: AuditRun, paint: Paint): readonly string[] {
  const { report, seconds } = run;
  const sentence = auditSentence(run);
  const colon = sentence.indexOf(":");
  const colour = { verified: "green", violated: "red", interrupted: "yellow" } as const;
  const { fault } = report;
  return [
    paint(sentence.slice(0, colon), colour[verdictOf(run)]) + sentence.slice(colon),
    `  in ${duration(seconds)}, ${grouped(report.counts.steps / seconds)} steps a second`,
    ...(fault === null ? [] : ["", ...faultLinesOf(fault).map((line) => `  ${line}`)]),
    "",
    "Servers",
    ...report.servers.flatMap((it) => [`  ${it.server}: ${serverLine(it)}`, `    head ${it.head}`]),
    "",
    fault === null ? "Checked" : "Checked before the fault",
    ...tableLines(checksOf(run), { isIndented: true }),
    "",
    "Not covered",
    ...openOf(run).map((line) => `  ${line}`),
  ];
}

/** The whole report as data. */
export function auditJson(run: AuditRun): object {
  const { report, history, seconds } = run;
  return { ...report, verdict: verdictOf(run), notCovered: openOf(run), history, seconds };
}
