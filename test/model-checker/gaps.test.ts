/** What the specification permits and the kernel never does is known, by class, and explained. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type Bounds, defaultBounds } from "../../model-checker/bounds.ts";
import { scopeNamed } from "../../model-checker/scopes.ts";
import { classOf, gapClasses } from "./gaps/classes.ts";
import { type Gap, gapsOf, kernel, type Stepper } from "./gaps/gaps.ts";
import { type LocalSpecification, loadSpecification } from "./gaps/local-specification.ts";
import { type Reached, reachedWithin } from "./gaps/reached.ts";

/** The bounds by their names in the ledger, in the order of its columns. */
const BOUNDS = {
  "`smoke`": scopeNamed("smoke")?.bounds ?? defaultBounds,
  "slow disk": {
    ...defaultBounds,
    servers: 2,
    messages: 3,
    window: 2,
    batch: 1,
    storage: "asynchronous",
    preVote: false,
    checkQuorum: false,
    heartbeats: false,
  },
  "four voters": { ...defaultBounds, servers: 4, terms: 1, log: 1, proposals: 0, crashes: 0 },
} satisfies Readonly<Record<string, Bounds>>;
type Name = keyof typeof BOUNDS;
const names = Object.keys(BOUNDS) as Name[];

const runs = new Map<Name, { readonly reached: Reached; readonly text: LocalSpecification }>();

function gapsWithin(name: Name, step: Stepper = kernel): readonly Gap[] {
  const run = runs.get(name);
  if (run === undefined) throw new Error(`${name} was not run`);
  return gapsOf(run.reached, run.text, step);
}

const gaps = new Map<Name, readonly Gap[]>();

beforeAll(async () => {
  for (const name of names) {
    const text = await loadSpecification(BOUNDS[name]);
    runs.set(name, { reached: reachedWithin(BOUNDS[name]), text });
    gaps.set(name, gapsWithin(name));
  }
});

const gapsIn = (name: Name): readonly Gap[] => gaps.get(name) ?? [];

/** The cells of the ledger's table, a row a class. */
function ledgerRows(): readonly (readonly string[])[] {
  const ledger = readFileSync(join(import.meta.dirname, "../../spec/README.md"), "utf8");
  const lines = ledger.split("\n");
  const head = lines.findIndex((line) => line.startsWith("| Permitted, and never done |"));
  const end = lines.findIndex((line, i) => i > head && !line.startsWith("|"));
  const cells = (line: string) => line.split("|").slice(1, -1);
  return lines.slice(head + 2, end).map((line) => cells(line).map((cell) => cell.trim()));
}

describe("what the specification permits and the kernel never does", () => {
  it.each(names)("has a class that is known: %s", (name) => {
    const unexpected = gapsIn(name).filter((gap) => classOf(gap) === null);
    expect(unexpected.slice(0, 3).map(({ text }) => text)).toEqual([]);
  });

  it.each(names)("is no answer to a message that does arrive: %s", (name) => {
    expect(gapsIn(name).filter(({ isDelivered }) => isDelivered)).toEqual([]);
  });

  it("is in the ledger: the classes, none empty, and how many gaps there are", () => {
    const counted = gapClasses.map((known) => {
      const count = (name: Name): number =>
        gapsIn(name).filter((gap) => classOf(gap) === known.name).length;
      return [known.name, ...names.map((name) => String(count(name)))];
    });
    expect(counted.filter(([, ...counts]) => counts.every((it) => it === "0"))).toEqual([]);
    const rows = ledgerRows();
    expect(rows.map((row) => row.slice(0, 1 + names.length))).toEqual(counted);
    expect(rows.filter((row) => row.length !== 3 + names.length || row.includes(""))).toEqual([]);
  });
});

describe("a kernel that does less stands out", () => {
  /** The kernel, but for what `changed` makes of its steps; null where nothing happens. */
  const without =
    (isLost: (...given: Parameters<Stepper>) => boolean): Stepper =>
    (process, input, bounds) =>
      isLost(process, input, bounds)
        ? { process, sent: [], moves: [], observations: [], steps: [], broken: null }
        : kernel(process, input, bounds);
  const isLeader: Parameters<typeof without>[0] = (process) =>
    process.kind === "up" && process.state.role.kind === "leader";

  it.each<[string, Name, Stepper, RegExp]>([
    [
      "no leader steps down where it hears no quorum",
      "four voters",
      without((process, input, bounds) => {
        return input.kind === "election-timeout" && isLeader(process, input, bounds);
      }),
      /^CheckQuorum\n/,
    ],
    [
      "no heartbeats",
      "four voters",
      without((_process, { kind }) => kind === "heartbeat-timeout"),
      /^Heartbeat\n/,
    ],
    [
      "no write completes",
      "slow disk",
      without((_process, { kind }) => kind === "flush"),
      /^Persisted\n/,
    ],
    [
      "votes that are not counted",
      "slow disk",
      without(
        (_process, input) =>
          input.kind === "message" && input.message.kind === "request-vote-response",
      ),
      /^HandleRequestVoteResponse\n/,
    ],
    [
      "a peer that is sent no entries",
      "four voters",
      (process, input, bounds) => {
        const outcome = kernel(process, input, bounds);
        const isWanted = ({ kind, to }: (typeof outcome.sent)[number]): boolean =>
          kind !== "append-entries-request" || to !== "n4";
        return { ...outcome, sent: outcome.sent.filter(isWanted) };
      },
      /^SendAppendEntries\n(?:.*\n)*.*to \|-> "n4"/,
    ],
  ])("%s", (_what, name, step, text) => {
    const unexpected = gapsWithin(name, step).filter((gap) => classOf(gap) === null);
    expect(unexpected.map((gap) => gap.text)).toContainEqual(expect.stringMatching(text));
  });
});
