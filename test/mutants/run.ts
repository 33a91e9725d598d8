/**
 * Which mutant is caught by what: unit tests, exhaustive check, Progress alone, schedules,
 * conformance to `tla/Raft.tla`. A mutant passes when one of them catches it, unit tests aside, and when
 * conformance sees exactly what the specification speaks of.
 *
 *     npm run mutants [-- --json] [--only B29,B30] [--by unit,exhaustive,progress,...] [--first]
 *
 * With `--first` a mutant is done with as soon as one way catches it: whether all are caught, in
 * minutes; but not by what else, nor whether conformance sees what it should.
 *
 * The exit code is 0 when all pass, 1 when some do not, 2 for a mistake in the call.
 */
import { parseArgs } from "node:util";
import { CONFORMANCE } from "../../model-checker/conformance-contract.ts";
import { type Mutant, mutants } from "./catalogue.ts";
import { look, WAYS, type Way } from "./children.ts";
import type { Finding } from "./finding.ts";
import { mutantNamed, mutatedText } from "./hooks.ts";
import { type Findings, firstOf, header, jsonOf, rowOf } from "./matrix.ts";

/** The ways that count, the quickest to catch first. */
const QUICK: readonly Way[] = ["exhaustive", "conformance", "schedules", "progress"];

/** Children at a time. */
const CHILDREN = 2;

interface Options {
  readonly chosen: readonly Mutant[];
  readonly ways: readonly Way[];
  readonly isJson: boolean;
  /** Stop looking at a mutant once it is caught. */
  readonly isFirst: boolean;
}

/** What the command line asks for. Throws with a sentence for what cannot be meant. */
function optionsOf(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean" },
      only: { type: "string" },
      by: { type: "string" },
      first: { type: "boolean" },
    },
  });
  const isFirst = values.first ?? false;
  const names = values.by?.split(",") ?? (isFirst ? QUICK : WAYS);
  const unknown = names.find((name) => !WAYS.includes(name as Way));
  if (unknown !== undefined) throw new Error(`--by knows ${WAYS.join(", ")}, not ${unknown}`);
  const chosen = values.only?.split(",").map(mutantNamed) ?? mutants;
  const ways = (isFirst ? QUICK : WAYS).filter((way) => names.includes(way));
  return { chosen, ways, isJson: values.json ?? false, isFirst };
}

/** Runs `jobs`, a few at a time, in their order. */
async function runAll(jobs: readonly (() => Promise<void>)[]): Promise<void> {
  const waiting = [...jobs];
  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await job();
  };
  await Promise.all(Array.from({ length: CHILDREN }, work));
}

/** Shows how far it is, where somebody looks. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** Looks at the kernel as it is: what is found there would be found in every mutant. */
async function falseAlarms(ways: readonly Way[]): Promise<readonly string[]> {
  const alarms: string[] = [];
  await runAll(
    ways.map((way) => async () => {
      progress(`the kernel as it is: ${way}`);
      const { property } = await look(way, null);
      if (property !== null) alarms.push(`${way} find "${property}" in the kernel as it is`);
    }),
  );
  return alarms;
}

function isFound(finding: Finding | undefined): boolean {
  return (finding?.property ?? null) !== null;
}

/** Whether what was found is what must be. */
function passes({ unspecified }: Mutant, findings: Findings, isFirst: boolean): boolean {
  const { exhaustive, progress, schedules, conformance } = findings;
  const isSpecified = unspecified === undefined;
  if (!isFirst && conformance !== undefined && isFound(conformance) !== isSpecified) return false;
  return [exhaustive, progress, schedules, conformance].some(isFound);
}

/** Whether conformance shows what nothing else does. */
function isDeviation({ exhaustive, progress, schedules, conformance }: Findings): boolean {
  return isFound(conformance) && ![exhaustive, progress, schedules].some(isFound);
}

async function findingsOf(options: Options): Promise<ReadonlyMap<Mutant, Findings>> {
  const { chosen, ways, isJson, isFirst } = options;
  const found = new Map<Mutant, Findings>();
  const isDone = (findings: Findings): boolean =>
    ways.every((way) => way in findings) || (isFirst && ways.some((way) => isFound(findings[way])));
  let printed = 0;
  const lookBy = async (way: Way, mutant: Mutant): Promise<void> => {
    progress(`${mutant.id}: ${way}`);
    const finding = await look(way, mutant.id);
    found.set(mutant, { ...found.get(mutant), [way]: finding });
    // Rows in the order of the catalogue, each as soon as it and all before it are complete.
    for (; printed < chosen.length; printed++) {
      const next = chosen[printed] as Mutant;
      const findings = found.get(next) ?? {};
      if (!isDone(findings)) break;
      progress("");
      if (!isJson) console.log(isFirst ? firstOf(next, findings) : rowOf(next, findings, ways));
    }
  };
  const untilCaught = async (mutant: Mutant): Promise<void> => {
    // What strays from the specification and breaks nothing else is looked for there first.
    const strays = mutant.breaks[0] === CONFORMANCE && ways.includes("conformance");
    for (const way of strays ? new Set<Way>(["conformance", ...ways]) : ways) {
      await lookBy(way, mutant);
      if (isDone(found.get(mutant) ?? {})) return;
    }
  };
  await runAll(
    isFirst
      ? chosen.map((mutant) => () => untilCaught(mutant))
      : chosen.flatMap((mutant) => ways.map((way) => () => lookBy(way, mutant))),
  );
  return found;
}

async function main(): Promise<number> {
  const options = optionsOf(process.argv.slice(2));
  const { chosen, ways, isJson, isFirst } = options;
  for (const mutant of mutants) mutatedText(mutant);
  const alarms = await falseAlarms(ways);
  progress("");
  if (!isJson && !isFirst) console.log(header(ways));
  const found = await findingsOf(options);
  const passed = chosen.filter((mutant) => passes(mutant, found.get(mutant) ?? {}, isFirst));
  const alone = [...found.values()].filter(isDeviation).length;
  if (isJson) console.log(JSON.stringify(jsonOf(chosen, found), null, 2));
  for (const alarm of alarms) console.error(alarm);
  const failed = chosen.filter((mutant) => !passed.includes(mutant)).map(({ id }) => id);
  const isAlone = ways.length === WAYS.length ? `; ${alone} by conformance alone` : "";
  const names = failed.length === 0 ? "" : ` (${failed.join(", ")})`;
  const summary = `${passed.length} passed, ${failed.length} failed${names}${isAlone}`;
  (isJson ? console.error : console.log)(summary);
  return failed.length === 0 && alarms.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
