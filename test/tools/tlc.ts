/**
 * `npm run tlc [-- NAME...] [--write]`: runs TLC on every model of the project whose configuration
 * has one of the names in its own, and compares its verdict, counts and labelled graph with what
 * is committed. With --write, the hashes of the graphs are written anew.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GraphDigest, graphOfDot } from "../../model-checker/tla/graph.ts";
import {
  cornerCases,
  graphsFile,
  pathsOf,
  raftCases,
  readGraphs,
  type TlaCase,
} from "./tla-cases.ts";

const HOW_TO = `TLA2TOOLS should be the path of tla2tools.jar, the TLA+ tools with TLC. It is at
https://github.com/tlaplus/tlaplus/releases and needs Java 11 or newer:
  TLA2TOOLS=path/to/tla2tools.jar npm run tlc
`;

/** What TLC's exit codes mean; all others are errors. */
const VERDICTS: Readonly<Record<number, readonly TlaCase["verdict"][]>> = {
  0: ["ok"],
  10: ["assumption"],
  11: ["deadlock"],
  12: ["invariant", "property"],
  13: ["property"],
};

interface Ran {
  readonly code: number;
  readonly output: string;
  readonly seconds: number;
  readonly graph: GraphDigest | null;
}

/** One run, in a temporary folder of its own for what TLC writes. */
async function runTlc(jar: string, model: TlaCase): Promise<Ran> {
  const scratch = mkdtempSync(join(tmpdir(), "quorate-tlc-"));
  const { folder, module, config } = pathsOf(model);
  const dump = join(scratch, "graph.dot");
  const options = ["-workers", "1", "-metadir", scratch, "-noGenerateSpecTE", "-config", config];
  if (model.hasGraph) options.push("-dump", "dot,actionlabels", dump);
  const java = ["-XX:+UseParallelGC", "-cp", jar, "tlc2.TLC", ...options, module];
  const started = performance.now();
  try {
    const { code, output } = await finish(java, folder);
    const seconds = (performance.now() - started) / 1000;
    const isDumped = code === 0 && model.hasGraph && existsSync(dump);
    const graph = isDumped ? await graphOfDot(readFileSync(dump, "utf8")) : null;
    return { code, output, seconds, graph };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function finish(words: readonly string[], cwd: string): Promise<{ code: number; output: string }> {
  const child = spawn("java", words, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const collect = (chunk: Buffer): void => {
    output += chunk;
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? -1, output }));
  });
}

/** Where TLC differs from what is committed, in words. */
function differences(model: TlaCase, { code, output, graph }: Ran, kept: boolean): string[] {
  const verdicts = VERDICTS[code] ?? ["error"];
  const found: string[] = [];
  if (!verdicts.includes(model.verdict)) found.push(`${verdicts[0]}, not ${model.verdict}`);
  const figures = figuresOf(output);
  for (const name of ["generated", "distinct", "depth"] as const) {
    const expected = model[name];
    if (expected === null || expected === figures[name]) continue;
    found.push(`${name} ${figures[name]}, not ${expected}`);
  }
  // TLC tells assumptions and properties by their place.
  const name = model.verdict === "invariant" ? model.violated : null;
  for (const part of [name, model.error]) {
    if (part !== null && !output.includes(part)) found.push(`does not say: ${part}`);
  }
  if (graph !== null && kept) {
    const before = readGraphs(model.folder)[model.config];
    if (before?.hash !== graph.hash) found.push("another graph than the one committed");
  }
  return found;
}

/** Nothing counted is nothing generated: TLC ends before a search where there is none. */
function figuresOf(output: string): Record<"generated" | "distinct" | "depth", number> {
  const counts = [...output.matchAll(/^(\d+) states generated, (\d+) distinct states found/gm)];
  const depth = /depth of the complete state graph search is (\d+)/.exec(output);
  const [, generated = 0, distinct = 0] = counts.at(-1) ?? [];
  return {
    generated: Number(generated),
    distinct: Number(distinct),
    depth: Number(depth?.[1] ?? 0),
  };
}

function rowOf(model: TlaCase, { output, seconds, graph }: Ran, faults: string[]): string {
  const { generated, distinct, depth } = figuresOf(output);
  const figures = [generated, distinct, depth].map((figure) => String(figure).padStart(9));
  const edges = graph === null ? "-" : `${graph.states}/${graph.edges}`;
  const verdict = faults.length === 0 ? "agrees" : `DIFFERS: ${faults.join("; ")}`;
  const columns = [model.config.padEnd(42), ...figures, edges.padStart(13)];
  return [...columns, `${seconds.toFixed(1)} s`.padStart(8), ` ${verdict}`].join(" ");
}

function writeGraph({ folder, config }: TlaCase, graph: GraphDigest): void {
  const all = Object.entries({ ...readGraphs(folder), [config]: graph });
  const sorted = Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(graphsFile(folder), `${JSON.stringify(sorted, null, 2)}\n`);
}

async function main(args: readonly string[]): Promise<void> {
  const jar = process.env["TLA2TOOLS"];
  if (jar === undefined || !existsSync(jar)) {
    process.stderr.write(jar === undefined ? HOW_TO : `there is no file ${jar}\n${HOW_TO}`);
    process.exitCode = 2;
    return;
  }
  const isWriting = args.includes("--write");
  const names = args.filter((word) => !word.startsWith("--"));
  const isNamed = ({ config }: TlaCase): boolean =>
    names.length === 0 || names.some((name) => config.includes(name));
  let differing = 0;
  const models = [...cornerCases(), ...raftCases()].filter(isNamed);
  console.log(`${"configuration".padEnd(42)} generated  distinct     depth  states/edges     time`);
  for (const model of models) {
    const ran = await runTlc(jar, model);
    const faults = differences(model, ran, !isWriting);
    if (faults.length > 0) differing += 1;
    console.log(rowOf(model, ran, faults));
    if (isWriting && ran.graph !== null) writeGraph(model, ran.graph);
  }
  console.log(`${models.length - differing} of ${models.length} agree with TLC`);
  if (differing > 0 || models.length === 0) process.exitCode = 1;
}

await main(process.argv.slice(2));
