/**
 * The trace file: a schedule with its bounds, what it is claimed to violate, and the state that
 * each action led to, as readable text. Writing and parsing are inverse.
 *
 *     quorate trace 1
 *     property Election Safety
 *     bound servers 3
 *
 *     timeout n1 = 3f2a90c1d4e7
 *
 * A bound that is left out has its default; `= DIGEST` may be left out; `#` starts a comment.
 */
import { always, PROGRESS } from "../spec/index.ts";
import { type Bounds, boundsFault, defaultBounds } from "./bounds.ts";
import { digestOf } from "./canonical.ts";
import { canonicalWorld } from "./canonical-world.ts";
import { CONFORMANCE } from "./conformance-contract.ts";
import { KERNEL_INVARIANTS } from "./evaluate.ts";
import type { Counterexample } from "./result.ts";
import type { World } from "./world.ts";

/** One action of a trace. */
export interface TraceAction {
  /** Where it stands in the file, from 1. */
  readonly line: number;
  /** The action, in the schedule syntax. */
  readonly text: string;
  /** The digest of the world after it, where it was recorded. */
  readonly digest: string | null;
}

/** A schedule with all that it takes to run it again. */
export interface Trace {
  /** The always property that the last action violates, or null. */
  readonly property: string | null;
  readonly bounds: Bounds;
  readonly actions: readonly TraceAction[];
}

/** What is wrong with a text as a trace, and at which line. */
export interface TraceFault {
  readonly line: number;
  /** What is wrong, and what was expected. */
  readonly fault: string;
}

const HEADER = "quorate trace 1";
const UNLIMITED = "unlimited";
const NO_CHANGES = "none";
const DIGEST = /^[0-9a-f]{12}$/;
const CHOICES = {
  network: ["unordered", "fifo"],
  storage: ["synchronous", "asynchronous"],
  clocks: ["bounded", "free"],
} as const satisfies { readonly [K in keyof Bounds]?: readonly Bounds[K][] };

/** The names of all bounds, in the order in which they are written. */
export const boundNames = Object.keys(defaultBounds) as readonly (keyof Bounds)[];

/** A bound's name as people write it: `pre-vote` for `preVote`. */
export function boundLabel(name: keyof Bounds): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** A bound's value as people write it. */
export function boundText(value: Bounds[keyof Bounds]): string {
  if (typeof value === "object") return value.join(";") || NO_CHANGES;
  return value === Number.POSITIVE_INFINITY ? UNLIMITED : String(value);
}

/** What a bound may be, in words. */
export function boundRange(name: keyof Bounds): string {
  if (name in CHOICES) return CHOICES[name as keyof typeof CHOICES].join(" or ");
  if (Array.isArray(defaultBounds[name])) {
    return `${NO_CHANGES}, or changes like n1,n2,n3+n4 separated by ;`;
  }
  const isSwitch = typeof defaultBounds[name] === "boolean";
  return isSwitch ? "true or false" : `a whole number or ${UNLIMITED}`;
}

/** The value that `text` gives the bound `name`, or null where it gives none. */
export function parseBound(name: keyof Bounds, text: string): Bounds[keyof Bounds] | null {
  if (name in CHOICES) {
    const choices: readonly Bounds[keyof Bounds][] = CHOICES[name as keyof typeof CHOICES];
    return choices.find((choice) => choice === text) ?? null;
  }
  if (typeof defaultBounds[name] === "boolean") return parseSwitch(text);
  if (Array.isArray(defaultBounds[name])) {
    return text === NO_CHANGES ? [] : text.split(";").filter((change) => change !== "");
  }
  if (text === UNLIMITED) return Number.POSITIVE_INFINITY;
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

function parseSwitch(text: string): boolean | null {
  return text === "true" ? true : text === "false" ? false : null;
}

/** The digest of a world, as traces record it: equal for worlds that behave alike. */
export function digestOfWorld(world: World): string {
  return digestOf(canonicalWorld(world));
}

/** A counterexample, or a schedule that is not known to violate anything. */
export type Schedule = Pick<Counterexample, "bounds" | "schedule"> & {
  readonly property: string | null;
};

/** A schedule as a trace, each action at the line where it will be written. */
export function traceOf(
  { property, bounds, schedule }: Schedule,
  digests: readonly string[] = [],
): Trace {
  const firstLine = boundNames.length + 4;
  const actions = schedule.map((text, i) => ({
    line: firstLine + i,
    text,
    digest: digests[i] ?? null,
  }));
  return { property, bounds, actions };
}

/** The text of a trace. */
export function formatTrace({ property, bounds, actions }: Trace): string {
  const lines = [
    HEADER,
    `property ${property ?? "none"}`,
    ...boundNames.map((name) => `bound ${boundLabel(name)} ${boundText(bounds[name])}`),
    "",
    ...actions.map(({ text, digest }) => (digest === null ? text : `${text} = ${digest}`)),
  ];
  return `${lines.join("\n")}\n`;
}

interface Line {
  readonly number: number;
  readonly text: string;
}

/** Lines without comments. A comment is a `#` at the start of a line or after a space. */
function linesOf(text: string): readonly Line[] {
  return text.split(/\r?\n/).map((line, i) => {
    return { number: i + 1, text: line.replace(/(^|\s)#.*$/, "").trim() };
  });
}

/** Whether `text` has the head of a trace; else it may be a schedule, actions alone. */
export function isTrace(text: string): boolean {
  return linesOf(text).find((line) => line.text !== "")?.text === HEADER;
}

/** The actions that `text` lists, one a line, or the first fault in it. Never throws. */
export function parseSchedule(text: string): readonly TraceAction[] | TraceFault {
  const actions: TraceAction[] = [];
  for (const line of linesOf(text).filter((it) => it.text !== "")) {
    const action = parseTraceAction(line);
    if ("fault" in action) return action;
    actions.push(action);
  }
  return actions;
}

/** The trace that `text` is, or the first fault in it. Never throws. */
export function parseTrace(text: string): Trace | TraceFault {
  const lines = linesOf(text).filter((line) => line.text !== "");
  const [first, second] = lines;
  if (first?.text !== HEADER) {
    const found = first === undefined ? "nothing" : `"${first.text}"`;
    return { line: first?.number ?? 1, fault: `expected "${HEADER}", found ${found}` };
  }
  const property = parseProperty(second, first.number + 1);
  if (typeof property === "object" && property !== null) return property;
  let bounds = defaultBounds;
  const seen = new Set<string>();
  const actions: TraceAction[] = [];
  for (const line of lines.slice(2)) {
    const [word = "", name = ""] = line.text.split(/\s+/);
    if (word === "bound" && actions.length === 0) {
      if (seen.has(name)) return { line: line.number, fault: `bound ${name} is given twice` };
      seen.add(name);
      const wider = withBound(bounds, line);
      if ("fault" in wider) return wider;
      bounds = wider;
    } else {
      const action = parseTraceAction(line);
      if ("fault" in action) return action;
      actions.push(action);
    }
  }
  return { property, bounds, actions };
}

function parseProperty(line: Line | undefined, expectedAt: number): string | null | TraceFault {
  const [word, ...words] = line?.text.split(/\s+/) ?? [];
  const name = words.join(" ");
  if (word !== "property" || name === "") {
    const found = line === undefined ? "the end" : `"${line.text}"`;
    const fault = `expected "property NAME" or "property none", found ${found}`;
    return { line: line?.number ?? expectedAt, fault };
  }
  if (name === "none") return null;
  const known = [...always.map((it) => it.name), KERNEL_INVARIANTS, CONFORMANCE, PROGRESS];
  if (known.includes(name)) return name;
  const fault = `there is no property "${name}"; there are none, ${known.join(", ")}`;
  return { line: line?.number ?? expectedAt, fault };
}

function withBound(bounds: Bounds, line: Line): Bounds | TraceFault {
  const [, label = "", text = "", ...rest] = line.text.split(/\s+/);
  const fault = (what: string): TraceFault => ({ line: line.number, fault: what });
  const name = boundNames.find((candidate) => boundLabel(candidate) === label);
  if (name === undefined) {
    return fault(
      `there is no bound "${label}"; there are ${boundNames.map(boundLabel).join(", ")}`,
    );
  }
  const value = rest.length > 0 ? null : parseBound(name, text);
  if (value === null) {
    const found = [text, ...rest].join(" ");
    return fault(`expected "bound ${label} VALUE" with ${boundRange(name)}, found "${found}"`);
  }
  const result: Bounds = { ...bounds, [name]: value };
  const wrong = boundsFault(result);
  return wrong === null ? result : fault(wrong);
}

function parseTraceAction({ number, text }: Line): TraceAction | TraceFault {
  const [action = "", digest, ...rest] = text.split(/\s+=(?:\s+|$)/);
  if (digest === undefined) return { line: number, text: action, digest: null };
  if (rest.length === 0 && DIGEST.test(digest)) return { line: number, text: action, digest };
  const found = [digest, ...rest].join(" = ");
  return { line: number, fault: `expected a digest of 12 hexadecimal digits, found "${found}"` };
}
