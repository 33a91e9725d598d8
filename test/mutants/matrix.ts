/** What was found in the mutants: as a table for people, as data for programs. */
import type { Mutant } from "./catalogue.ts";
import { WAYS, type Way } from "./children.ts";
import type { Finding } from "./finding.ts";

/** What was found in one mutant, by each way that looked. */
export type Findings = Partial<Record<Way, Finding>>;

const ID_WIDTH = 14;
const CELL_WIDTH = 46;
const FIRST_WIDTH = 62;
const NARROW: Partial<Record<Way, number>> = { unit: 8, progress: 25 };

function widthOf(way: Way): number {
  return NARROW[way] ?? CELL_WIDTH;
}

/** The first line of the table. */
export function header(ways: readonly Way[]): string {
  const cells = ways.map((way) => way.padEnd(widthOf(way)));
  return ["mutant".padEnd(ID_WIDTH), ...cells, "what is wrong"].join("  ");
}

/** One line of the table. */
export function rowOf(mutant: Mutant, findings: Findings, ways: readonly Way[]): string {
  const cells = ways.map((way) => cellOf(mutant, way, findings[way]).padEnd(widthOf(way)));
  return [mutant.id.padEnd(ID_WIDTH), ...cells, mutant.about].join("  ");
}

/** One line for a mutant that was looked at until something caught it. */
export function firstOf(mutant: Mutant, findings: Findings): string {
  const way = WAYS.find((it) => (findings[it]?.property ?? null) !== null);
  const how = way === undefined ? "missed" : `${way}: ${cellOf(mutant, way, findings[way])}`;
  return [mutant.id.padEnd(ID_WIDTH), how.padEnd(FIRST_WIDTH), mutant.about].join("  ");
}

function cellOf({ unspecified }: Mutant, way: Way, finding: Finding | undefined): string {
  if (finding === undefined) return "missed";
  const isLeftOut = way === "conformance" && unspecified !== undefined && !finding.property;
  if (isLeftOut) return `left out: ${unspecified}`;
  if (finding.property === null) return finding.scope === null ? "missed" : "missed, does not end";
  const { property, seconds, traceLength } = finding;
  if (way === "unit") return "caught";
  const steps = traceLength === null ? "" : `, ${traceLength} steps`;
  return `${property}, ${seconds.toFixed(1)} s${steps}`;
}

/** What is said of one mutant to a program. `seconds` and `traceLength`: of the fastest trace. */
export interface MutantReport {
  readonly id: string;
  readonly about: string;
  readonly caughtBy: readonly Way[];
  readonly seconds: number | null;
  readonly traceLength: number | null;
  readonly findings: Findings;
}

/** All mutants as data. */
export function jsonOf(
  chosen: readonly Mutant[],
  found: ReadonlyMap<Mutant, Findings>,
): readonly MutantReport[] {
  return chosen.map((mutant) => {
    const findings = found.get(mutant) ?? {};
    const caughtBy = WAYS.filter((way) => (findings[way]?.property ?? null) !== null);
    const counted = caughtBy.filter((way) => way !== "unit").map((way) => findings[way] as Finding);
    const [best] = counted.sort((a, b) => a.seconds - b.seconds);
    const { id, about } = mutant;
    const { seconds = null, traceLength = null } = best ?? {};
    return { id, about, caughtBy, seconds, traceLength, findings };
  });
}
