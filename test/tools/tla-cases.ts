/** The TLA+ models of the project with what TLC says of them, as the tests and `tlc.ts` read it. */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseConfig } from "../../model-checker/tla/config.ts";
import type { GraphDigest } from "../../model-checker/tla/graph.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Where the models are: the specification, and the corners of the language. */
export const FOLDERS = { raft: join(ROOT, "tla"), corners: join(ROOT, "test/tla") } as const;

/** Graphs with more steps than this are not compared edge by edge. */
const MAX_STEPS = 60_000;

/** What TLC answers. */
export interface Expected {
  readonly verdict: "ok" | "assumption" | "invariant" | "property" | "deadlock" | "error";
  readonly violated: string | null;
  /** Null where the run does not end with everything visited. */
  readonly generated: number | null;
  readonly distinct: number | null;
  readonly depth: number | null;
  /** States of the shortest counterexample. */
  readonly trace: number | null;
  /** A part of the message. */
  readonly error: string | null;
}

/** One model. */
export interface TlaCase extends Expected {
  readonly folder: string;
  /** The module and the configuration, below `folder`. */
  readonly module: string;
  readonly config: string;
  /** Whether its graph is small enough, and its states stand for themselves. */
  readonly hasGraph: boolean;
}

interface CornerEntry extends Omit<Expected, "trace"> {
  readonly module: string;
  readonly config: string;
  readonly trace: readonly unknown[] | null;
}

/** The entries of `test/tla/expected.json`. */
export function cornerCases(): readonly TlaCase[] {
  const folder = FOLDERS.corners;
  const entries = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
  return (entries as readonly CornerEntry[]).map((entry) => {
    const length = entry.trace?.length ?? null;
    return { ...entry, trace: length, folder, hasGraph: hasGraph(folder, entry) };
  });
}

/** An instance of the specification. */
export interface RaftCase extends TlaCase {
  /** Invariants and properties that are to be violated: what they deny does happen. */
  readonly debugViolated: readonly string[];
}

type RaftEntry = Pick<RaftCase, "config" | "generated" | "distinct" | "depth" | "debugViolated">;

/** The entries of `tla/counts.json`. */
export function raftCases(): readonly RaftCase[] {
  const folder = FOLDERS.raft;
  const entries = JSON.parse(readFileSync(join(folder, "counts.json"), "utf8"));
  return (entries as readonly RaftEntry[]).map((entry) => {
    const own = `${basename(entry.config, ".cfg")}.tla`;
    const module = existsSync(join(folder, own)) ? own : "MCRaft.tla";
    const whole = { verdict: "ok", violated: null, error: null, trace: null, ...entry } as const;
    return { ...whole, folder, module, hasGraph: hasGraph(folder, whole) };
  });
}

function hasGraph(
  folder: string,
  { verdict, config, generated }: Pick<TlaCase, "verdict" | "config" | "generated">,
): boolean {
  if (verdict !== "ok" || generated === null || generated === 0) return false;
  if (generated > MAX_STEPS) return false;
  const { symmetry, view } = parseConfig(config, readFileSync(join(folder, config), "utf8"));
  return symmetry === null && view === null;
}

/** The hashes of TLC's graphs, by configuration. */
export type Graphs = Readonly<Record<string, GraphDigest>>;

/** Where the hashes of a folder are kept. */
export function graphsFile(folder: string): string {
  return join(folder, "graphs.json");
}

/** The hashes kept; none where there is no file yet. */
export function readGraphs(folder: string): Graphs {
  const file = graphsFile(folder);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Graphs) : {};
}

/** The folder and the names that TLC and the loader are given. */
export function pathsOf({ folder, module, config }: TlaCase): {
  readonly folder: string;
  readonly module: string;
  readonly config: string;
} {
  const [modulePath, configPath] = [join(folder, module), join(folder, config)];
  return { folder: dirname(modulePath), module: modulePath, config: configPath };
}
