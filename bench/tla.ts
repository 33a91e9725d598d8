/** How fast the evaluator of TLA+ is; against TLC with one worker, where it is at hand. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { explore } from "../model-checker/tla/explore.ts";
import { loadFile } from "../model-checker/tla/load.ts";

/** The evaluator on one model of Raft.tla. */
export interface TlaFigures {
  readonly config: string;
  readonly distinct: number;
  readonly generated: number;
  /** From the files to the verdict. */
  readonly seconds: number;
  readonly generatedPerSecond: number;
  /** The whole run of TLC, and how many times longer it took; null without TLA2TOOLS. */
  readonly tlcSeconds: number | null;
  readonly ratio: number | null;
}

const CONFIG = "MCRaft.cfg";
const folder = fileURLToPath(new URL("../tla/", import.meta.url));

/** Both must find the same states. */
export async function tlaFigures(): Promise<TlaFigures> {
  const started = performance.now();
  const model = await loadFile(join(folder, "MCRaft.tla"), join(folder, CONFIG));
  const { distinct, generated } = await explore(model);
  const seconds = (performance.now() - started) / 1000;
  const jar = process.env["TLA2TOOLS"];
  const tlcSeconds = jar === undefined ? null : runTlc(jar, generated, distinct);
  return {
    config: CONFIG,
    distinct,
    generated,
    seconds,
    generatedPerSecond: generated / seconds,
    tlcSeconds,
    ratio: tlcSeconds === null ? null : tlcSeconds / seconds,
  };
}

function runTlc(jar: string, generated: number, distinct: number): number {
  const scratch = mkdtempSync(join(tmpdir(), "quorate-bench-"));
  const options = ["-workers", "1", "-metadir", scratch, "-config", CONFIG, "MCRaft.tla"];
  const java = ["-XX:+UseParallelGC", "-cp", jar, "tlc2.TLC", ...options];
  const started = performance.now();
  try {
    const output = execFileSync("java", java, { cwd: folder, encoding: "utf8" });
    const seconds = (performance.now() - started) / 1000;
    const counts = `${generated} states generated, ${distinct} distinct states found`;
    if (!output.includes(counts)) throw new Error(`TLC does not say: ${counts}`);
    return seconds;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
