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
import { type TurnOptions, Turns } from "./turns.ts";

export interface AuditOptions extends TurnOptions {
  readonly directories: readonly string[];
  /** Where false, steps are replayed, but not compared with the specification. */
  readonly conformance?: boolean;
  /** Whether the specification is evaluated anew for each step, be one of its pattern known. */
  readonly eachStep?: boolean;
}

interface Progress {
  readonly facts: ClusterFacts;
  readonly steps: StepCheck | null;
  readonly replays: Map<string, ServerReplay>;
  readonly turns: Turns;
}

/**
 * Audits the journals in `directories`; stops at the first fault, which the report names.
 * @throws AuditInputError where there is nothing to audit; TlaError where the specification's
 * text is not as it should be.
 */
export async function audit(options: AuditOptions): Promise<AuditReport> {
  const servers = journalFiles(options.directories);
  const turns = new Turns(options);
  const surveyed = await surveyOf(servers, turns);
  const progress: Progress = {
    facts: new ClusterFacts(servers.keys()),
    steps: options.conformance === false ? null : await stepCheck(surveyed, options, turns),
    replays: new Map(),
    turns,
  };
  let fault: AuditFault | null = null;
  try {
    await run(servers, surveyed.cluster, progress);
    if (!turns.isStopped) progress.facts.finish();
  } catch (error) {
    if (!(error instanceof AuditFailure)) throw error;
    fault = error.fault;
  }
  return reportOf(servers, surveyed, progress, fault);
}

async function surveyOf(
  servers: ReadonlyMap<string, readonly JournalFile[]>,
  turns: Turns,
): Promise<Survey> {
  const reading = survey(servers);
  let read = reading.next();
  while (read.done !== true) {
    if (turns.isOver) await turns.next(0);
    read = reading.next(turns.isStopped);
  }
  return read.value;
}

async function stepCheck(
  { members, founding, configs }: Survey,
  options: AuditOptions,
  turns: Turns,
): Promise<StepCheck> {
  const known = new Map<string, Conformance>();
  for (const config of configs) {
    const key = StepCheck.settingsOf(config);
    if (known.has(key)) continue;
    if (!(await turns.next(0))) break;
    known.set(key, await loadConformanceOf(members, founding, config));
  }
  return new StepCheck(known, members, options);
}

async function run(
  servers: ReadonlyMap<string, readonly JournalFile[]>,
  cluster: string,
  { facts, steps, replays, turns }: Progress,
): Promise<void> {
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
    if (turns.isStopped) return;
    const replay = new ServerReplay(server, cluster, observer);
    replays.set(server, replay);
    for (const done of replay.replay(files)) {
      if (turns.isOver && !(await turns.next(before + done))) return;
    }
    before += replay.report(files).steps;
  }
}

function reportOf(
  servers: ReadonlyMap<string, readonly JournalFile[]>,
  surveyed: Survey,
  { facts, steps, replays, turns }: Progress,
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
    verdict: fault !== null ? "violated" : turns.isStopped ? "interrupted" : "verified",
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
