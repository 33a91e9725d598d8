/**
 * The audit of a cluster by its servers' journals: each is replayed through the kernel, each step
 * checked against `tla/Raft.tla`, and what the servers did together against Raft's safety
 * properties. Memory grows with the logs and a few bytes a message, not with the journals.
 */
import { loadConformanceOf } from "../conformance.ts";
import type { Conformance } from "../conformance-contract.ts";
import { ClusterFacts } from "./cluster-facts.ts";
import { StepCheck } from "./conform.ts";
import { type JournalFile, journalFiles } from "./files.ts";
import { type Observer, ServerReplay } from "./replay.ts";
import { AuditFailure, type AuditFault, type AuditReport, type ServerReport } from "./report.ts";
import { type Survey, survey } from "./survey.ts";

export interface AuditOptions {
  readonly directories: readonly string[];
  /** Where false, steps are replayed, but not compared with the specification. */
  readonly conformance?: boolean;
  /** Whether the specification is evaluated anew for each step, be one of its pattern known. */
  readonly eachStep?: boolean;
  readonly onProgress?: (steps: number) => void;
  readonly shouldStop?: () => boolean;
}

/** Lines between two pauses. */
const SLICE = 1000;

interface Progress {
  readonly facts: ClusterFacts;
  readonly steps: StepCheck | null;
  readonly replays: Map<string, ServerReplay>;
  isInterrupted: boolean;
}

/**
 * Audits the journals in `directories`; stops at the first fault, which the report names.
 * @throws AuditInputError where there is nothing to audit; TlaError where the specification's
 * text is not as it should be.
 */
export async function audit(options: AuditOptions): Promise<AuditReport> {
  const servers = journalFiles(options.directories);
  const surveyed = survey(servers);
  const progress: Progress = {
    facts: new ClusterFacts(servers.keys()),
    steps: options.conformance === false ? null : await stepCheck(surveyed, options),
    replays: new Map(),
    isInterrupted: false,
  };
  let fault: AuditFault | null = null;
  try {
    await run(servers, surveyed.cluster, progress, options);
    if (!progress.isInterrupted) progress.facts.finish();
  } catch (error) {
    if (!(error instanceof AuditFailure)) throw error;
    fault = error.fault;
  }
  return reportOf(servers, surveyed, progress, fault);
}

async function stepCheck(
  { members, founding, configs }: Survey,
  options: AuditOptions,
): Promise<StepCheck> {
  const known = new Map<string, Conformance>();
  for (const config of configs) {
    const key = StepCheck.settingsOf(config);
    if (known.has(key)) continue;
    known.set(key, await loadConformanceOf(members, founding, config));
  }
  return new StepCheck(known, members, options);
}

async function run(
  servers: ReadonlyMap<string, readonly JournalFile[]>,
  cluster: string,
  progress: Progress,
  { onProgress, shouldStop }: AuditOptions,
): Promise<void> {
  const { facts, steps, replays } = progress;
  const observer: Observer = {
    started: (place, config, host, isFirst) => {
      facts.started(place, config, host, isFirst);
      steps?.started(place, config, host);
    },
    stepped: (transition) => {
      steps?.stepped(transition);
      facts.stepped(transition);
    },
  };
  let before = 0;
  for (const [server, files] of servers) {
    const replay = new ServerReplay(server, cluster, observer);
    replays.set(server, replay);
    for (const done of replay.replay(files, SLICE)) {
      onProgress?.(before + done);
      await new Promise((resolve) => setImmediate(resolve));
      if (shouldStop?.() !== true) continue;
      progress.isInterrupted = true;
      return;
    }
    before += replay.report(files).steps;
  }
}

function reportOf(
  servers: ReadonlyMap<string, readonly JournalFile[]>,
  surveyed: Survey,
  { facts, steps, replays, isInterrupted }: Progress,
  fault: AuditFault | null,
): AuditReport {
  const reports = [...replays].map(([server, replay]) => replay.report(servers.get(server) ?? []));
  const counts = {
    steps: reports.reduce((sum, it) => sum + it.steps, 0),
    conforming: steps?.conforming ?? 0,
    evaluated: steps?.evaluated ?? 0,
    invariants: steps?.invariants ?? 0,
    elections: facts.elections,
    votes: facts.votes,
    entries: facts.logs.entries,
    committed: facts.logs.committed,
    restarts: facts.restarts,
    snapshots: facts.logs.checkedSnapshots,
    received: facts.received,
  };
  return {
    verdict: fault !== null ? "violated" : isInterrupted ? "interrupted" : "verified",
    cluster: surveyed.cluster,
    servers: reports,
    counts,
    actionsExercised: steps?.actionsExercised ?? [],
    notCovered: [
      ...gaps(reports, replays),
      ...strangersIn(surveyed, servers, facts),
      ...limitsOf(steps),
      ...ALWAYS_OPEN,
    ],
    fault,
  };
}

/** What no journal can show. */
const ALWAYS_OPEN = [
  "Hashes without a key show changes, not a forger who wrote all of them anew: compare the heads " +
    "with copies kept elsewhere.",
  "What state machines and clients made of the entries is not in the journals.",
  "Clocks are not in the journals: that leases rest on bounded ones is taken for granted.",
];

function gaps(
  reports: readonly ServerReport[],
  replays: ReadonlyMap<string, ServerReplay>,
): readonly string[] {
  return reports.flatMap(({ server, isSealed }) => [
    ...(isSealed ? [] : [`${server}: unsealed, its last steps may be missing.`]),
    ...(replays.get(server)?.isComplete === false
      ? [`${server}: what it did first is not given; what it had stored by then is taken as it is.`]
      : []),
  ]);
}

function strangersIn(
  { members }: Survey,
  servers: ReadonlyMap<string, unknown>,
  { strangers }: ClusterFacts,
): readonly string[] {
  const absent = [...new Set([...members, ...strangers])].filter((id) => !servers.has(id)).sort();
  if (absent.length === 0) return [];
  const who = absent.join(", ");
  return [`No journal of ${who}: what it did, and whether it sent what came from it.`];
}

function limitsOf(steps: StepCheck | null): readonly string[] {
  if (steps === null) return ["No step was compared with tla/Raft.tla or the step invariants."];
  const common = [
    "Steps are compared with tla/Raft.tla on the part of the log that they name or that is not " +
      "committed; what was committed before stands as a snapshot.",
    ...(steps.eachStep
      ? []
      : [
          "Steps that differ in commands, terms, names of reads and distances along the log only " +
            "are compared once (--each-step compares each).",
        ]),
  ];
  if (steps.skipped === 0) return common;
  const what = `${steps.skipped} steps that look at strangers`;
  return [...common, `${what}: replayed, not compared with tla/Raft.tla.`];
}
