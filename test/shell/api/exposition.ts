/**
 * A strict reader of Prometheus' text format 0.0.4, as its documentation has it: it throws for
 * whatever a scraper would refuse, or would take for something else than was meant.
 */

/** One sample. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** A metric with its samples. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string | null;
  readonly samples: readonly Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const TYPES = ["counter", "gauge", "histogram", "summary", "untyped"];
const VALUE = /^(?:[+-]?Inf|NaN|[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i;
const SAMPLE = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(,|$)/y;

function numberOf(text: string): number {
  if (!VALUE.test(text)) throw new Error(`${text} is no value`);
  return Number(text.replace(/inf$/i, "Infinity"));
}

function labelsOf(text: string): Map<string, string> {
  const labels = new Map<string, string>();
  for (let at = 0; at < text.length; at = LABEL.lastIndex) {
    LABEL.lastIndex = at;
    const [, name, value] = LABEL.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new Error(`no label at: ${text}`);
    if (labels.has(name)) throw new Error(`label ${name} comes twice`);
    labels.set(
      name,
      value.replace(/\\(.)/g, (_, it: string) => (it === "n" ? "\n" : it)),
    );
  }
  return labels;
}

interface Reading {
  readonly name: string;
  readonly type: string;
  help: string | null;
  readonly samples: Sample[];
}

/** The families of an exposition. Throws an Error that names the line. */
export function readExposition(text: string): readonly Family[] {
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  const families = new Map<string, Reading>();
  const helps = new Map<string, string>();
  const series = new Set<string>();
  let current: Reading | null = null;
  for (const [at, line] of text.slice(0, -1).split("\n").entries()) {
    try {
      const [, help, about] = /^# HELP (\S+) (.*)$/.exec(line) ?? [];
      const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
      if (help !== undefined && about !== undefined) {
        if (helps.has(help) || families.has(help)) throw new Error("help that comes late or twice");
        helps.set(help, about);
      } else if (name !== undefined && type !== undefined) {
        if (!NAME.test(name)) throw new Error(`${name} is no name`);
        if (!TYPES.includes(type)) throw new Error(`${type} is no type`);
        if (families.has(name)) throw new Error(`${name} comes twice`);
        current = { name, type, help: helps.get(name) ?? null, samples: [] };
        families.set(name, current);
      } else {
        const sample = sampleOf(line, current);
        const key = `${sample.name} ${JSON.stringify([...sample.labels].sort())}`;
        if (series.has(key)) throw new Error("the series comes twice");
        series.add(key);
        current?.samples.push(sample);
      }
    } catch (error) {
      throw new Error(`line ${at + 1}: ${(error as Error).message}: ${line}`);
    }
  }
  for (const family of families.values()) checkFamily(family);
  const orphan = [...helps.keys()].find((name) => !families.has(name));
  if (orphan !== undefined) throw new Error(`${orphan}: help without a type`);
  return [...families.values()];
}

function sampleOf(line: string, family: Reading | null): Sample {
  const [, name = "", labels = "", value = ""] = SAMPLE.exec(line) ?? [];
  if (!NAME.test(name)) throw new Error("neither comment nor sample");
  const suffixes = family?.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
  if (!suffixes.some((suffix) => name === `${family?.name}${suffix}`)) {
    throw new Error(`a sample of another metric than ${family?.name}`);
  }
  return { name, labels: labelsOf(labels), value: numberOf(value) };
}

function checkFamily({ name, type, samples }: Family): void {
  if (samples.length === 0) throw new Error(`${name}: no samples`);
  if (type === "counter") {
    if (!name.endsWith("_total")) throw new Error(`${name}: a counter's name ends with _total`);
    if (samples.some(({ value }) => !(value >= 0))) throw new Error(`${name}: below zero`);
  }
  if (type === "histogram") checkHistogram(name, samples);
}

/** Every series has buckets that grow up to +Inf, which is the count, and a sum. */
function checkHistogram(name: string, samples: readonly Sample[]): void {
  const bySeries = new Map<string, Sample[]>();
  for (const sample of samples) {
    const others = [...sample.labels].filter(([label]) => label !== "le").sort();
    const key = JSON.stringify(others);
    bySeries.set(key, [...(bySeries.get(key) ?? []), sample]);
  }
  for (const [key, all] of bySeries) {
    const of = (suffix: string) => all.filter((it) => it.name === `${name}${suffix}`);
    const buckets = of("_bucket").map(({ labels, value }) => {
      return { bound: numberOf(labels.get("le") ?? ""), value };
    });
    const isGrowing = buckets.every((it, at) => {
      const before = buckets[at - 1];
      return before === undefined || (it.bound > before.bound && it.value >= before.value);
    });
    const last = buckets.at(-1);
    const [count, ...more] = of("_count");
    const isWhole = last?.bound === Number.POSITIVE_INFINITY && last.value === count?.value;
    if (!isGrowing || !isWhole || more.length > 0 || of("_sum").length !== 1) {
      throw new Error(`${name}${key}: no histogram`);
    }
  }
}
