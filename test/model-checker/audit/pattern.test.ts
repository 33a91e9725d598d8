/** What a pattern leaves out of a step plays no part in whether the specification allows it. */
import { describe, expect, it } from "vitest";
import type { AppendEntriesRequest, Entry } from "../../../kernel/index.ts";
import { StepCheck } from "../../../model-checker/audit/conform.ts";
import { framed } from "../../../model-checker/audit/frame.ts";
import type { Host } from "../../../model-checker/audit/host.ts";
import { type HostMove, moveOf, Patterns } from "../../../model-checker/audit/pattern.ts";
import { PatternReader } from "../../../model-checker/audit/pattern-reader.ts";
import { viewFrom, windowOf } from "../../../model-checker/audit/window.ts";
import type { Conformance } from "../../../model-checker/conformance-contract.ts";
import { randomNumbers } from "../../random-numbers.ts";
import type { Cluster } from "../../shell/driver/cluster.ts";
import { busyLife, transitionsOf } from "./journals.ts";

const NEVER = { every: 100_000, trailing: 1, expansion: 1 };

/** Many proposals at a time, of which the slower follower and the disks lag behind. */
function burstyLife(c: Cluster, rounds: number): void {
  for (let round = 0; round < rounds; round++) {
    const leader = c.leader();
    const count = c.random() < 0.3 ? Math.floor(c.random() * 25) : 0;
    for (let i = 0; i < count && leader !== undefined; i++) {
      c.ask(leader, "write");
      if (i !== 7) continue;
      const learners = c.random() < 0.5 ? ["n4"] : [];
      const ask = { kind: "propose-configuration", voters: ["n1", "n2", "n3"], learners } as const;
      c.input(leader, { kind: "ask", ask: { ...ask, answer: () => {} } });
    }
    if (leader !== undefined && c.random() < 0.1) c.ask(leader, "read");
    const arriving = c.network.filter(({ message }) => {
      return c.random() < (message.to === "n3" || message.from === "n3" ? 0.2 : 0.8);
    });
    c.network = c.network.filter((it) => !arriving.includes(it));
    for (const flight of arriving) if (c.random() < 0.97) c.deliver(flight);
    for (const server of c.servers) {
      if (c.random() < 0.5) c.completeWrite(server);
      if (c.random() < 0.004) c.crash(server);
      if (server.driver === null && c.random() < 0.2) c.start(server);
    }
    c.pass(5 + Math.floor(c.random() * 20));
  }
}

/** Hardly anybody hears of anybody. */
function electingLife(c: Cluster, rounds: number): void {
  for (let round = 0; round < rounds; round++) {
    const arriving = c.network;
    c.network = [];
    for (const flight of arriving) if (c.random() < 0.6) c.deliver(flight);
    for (const server of c.servers) {
      if (c.random() < 0.6) c.completeWrite(server);
      if (c.random() < 0.02) c.crash(server);
      if (server.driver === null && c.random() < 0.5) c.start(server);
    }
    c.pass(200);
  }
}

/** Five servers that change often, hand over, and read anywhere. */
function restlessLife(c: Cluster, rounds: number): void {
  const ids = c.servers.map(({ id }) => id);
  const one = <T>(of: readonly T[]): T => of[Math.floor(c.random() * of.length)] as T;
  for (let round = 0; round < rounds; round++) {
    const leader = c.leader();
    if (leader !== undefined && c.random() < 0.2) {
      const voters = ids.filter(() => c.random() < 0.7);
      const learners = ids.filter((id) => !voters.includes(id) && c.random() < 0.5);
      const ask = { kind: "propose-configuration", voters, learners, answer: () => {} } as const;
      c.input(leader, { kind: "ask", ask });
    }
    if (leader !== undefined && c.random() < 0.1) {
      const ask = { kind: "transfer-leadership", to: one(ids), answer: () => {} } as const;
      c.input(leader, { kind: "ask", ask });
    }
    if (c.random() < 0.3) c.ask(one(c.servers), "read");
    busyLife(c, 1, 0.02);
  }
}

/** The lives whose steps are looked at: with many changes, with long logs, with many terms. */
const LIVES = {
  changing: await transitionsOf({ servers: 3, seed: 11 }, (c) => busyLife(c, 150, 0.03)),
  bursty: await transitionsOf({ servers: 3, joining: 1, seed: 5, snapshots: NEVER }, (c) =>
    burstyLife(c, 120),
  ),
  electing: await transitionsOf({ servers: 3, seed: 2 }, (c) => electingLife(c, 300)),
  leasing: await transitionsOf(
    { servers: 5, joining: 1, seed: 4, kernel: { preVote: false, leaseReads: true } },
    (c) => restlessLife(c, 160),
  ),
  unasked: await transitionsOf(
    { servers: 4, joining: 1, seed: 8, kernel: { checkQuorum: false } },
    (c) => restlessLife(c, 160),
  ),
};

/** The verdict on a move as it is, but for what is before the window. */
function directVerdict(conformance: Conformance, move: HostMove, window: number): boolean {
  const { config, input, before, after, sent } = move;
  if (!("state" in before)) throw new Error("a start");
  try {
    const from = viewFrom(config.id, before, window);
    const to = viewFrom(config.id, after, window);
    return conformance.check({ config, input, before: from, after: to, sent }) === null;
  } catch {
    return false;
  }
}

/** The verdict on the pattern of a move of a member; null where it has none. */
function patternVerdict(
  conformance: Conformance,
  members: readonly string[],
  move: HostMove,
  window: number,
): boolean | null {
  try {
    const pattern = new Patterns(members).of(move, window);
    if (pattern === null) return null;
    const reader = new PatternReader(members);
    return conformance.check(reader.move(pattern, move.config)) === null;
  } catch {
    return false;
  }
}

describe("the pattern of a step", () => {
  it.each(Object.entries(LIVES))("is allowed where the step is: a %s life", async (_, life) => {
    const conformance = await life.load();
    const patterns = new Patterns(life.members);
    const known = new Set<string>();
    for (const whole of life.seen) {
      const step = framed(whole);
      const pattern = patterns.of(moveOf(step), windowOf(step));
      if (pattern === null || known.has(pattern)) continue;
      known.add(pattern);
      const move = new PatternReader(life.members).move(pattern, step.config);
      expect(conformance.check(move)).toBe(null);
    }
    expect(known.size).toBeLessThan(life.seen.length);
  });

  it("is all that is evaluated of a step that the specification allows", async () => {
    const { seen, key, load, members } = LIVES.bursty;
    const patterns = new Patterns(members);
    const check = new StepCheck(new Map([[key, await load()]]), members);
    for (const step of seen) check.stepped(step);
    expect(check.conforming).toBe(seen.length);
    const eachStep = new StepCheck(new Map([[key, await load()]]), members, { eachStep: true });
    for (const step of seen.slice(0, 200)) eachStep.stepped(step);
    expect(eachStep.evaluated).toBe(200);
    const known = new Set(seen.map(framed).map((it) => patterns.of(moveOf(it), windowOf(it))));
    // A window is kept for a while, so that a step may have been seen with two.
    expect(check.evaluated).toBeLessThan(known.size * 1.5);
    expect(check.evaluated).toBeLessThan(seen.length / 2);
  });

  it("is the same of other commands, and another where something else is sent", () => {
    const step = LIVES.bursty.seen.find(
      ({ event, before }) => event.kind === "propose" && before.state.commitIndex > 0,
    );
    if (step === undefined) throw new Error("nobody proposes");
    const move = copied(moveOf(step));
    const patterns = new Patterns(LIVES.bursty.members);
    const later = JSON.parse(
      JSON.stringify(move).replaceAll('"command":"v', '"command":"another v'),
    ) as HostMove;
    expect(later).not.toEqual(move);
    expect(patterns.of(later, 0)).toBe(patterns.of(move, 0));
    const sent = [{ kind: "timeout-now-request", from: "n1", to: "n2", term: 1 } as const];
    expect(patterns.of({ ...move, sent }, 0)).not.toBe(patterns.of(move, 0));
  });
});

it("tells the next term from the one after", async () => {
  const { seen, load, members } = LIVES.electing;
  const step = seen.find(({ sent }) => sent.some(({ kind }) => kind === "pre-vote-request"));
  if (step === undefined) throw new Error("nobody campaigns");
  const move = moveOf(framed(step));
  const sent = move.sent.map((message) => ({ ...message, term: message.term + 1 }));
  const conformance = await load();
  expect(patternVerdict(conformance, members, move, windowOf(step))).toBe(true);
  expect(patternVerdict(conformance, members, { ...move, sent }, windowOf(step))).toBe(false);
});

it("takes as long for what is far from the log as for what is near", async () => {
  const { seen, load, members } = LIVES.bursty;
  const step = seen.find(({ event }) => {
    return event.kind === "message" && event.message.kind === "append-entries-request";
  });
  if (step === undefined) throw new Error("nobody appends");
  const move = copied(moveOf(framed(step)));
  const { message } = move.input as { readonly message: AppendEntriesRequest };
  const prevLogIndex = 2 ** 32 - 10;
  const entry = {
    index: prevLogIndex + 1,
    term: message.term,
    payload: { kind: "no-op" },
  } as const;
  Object.assign(message, { prevLogIndex, prevLogTerm: message.term, entries: [entry] });
  // The answer is to what was sent.
  expect(patternVerdict(await load(), members, move, 0)).toBe(false);
});

/** A copy whose parts are nobody else's. */
function copied(move: HostMove): HostMove {
  return JSON.parse(JSON.stringify(move)) as HostMove;
}

/** A place in plain data. */
type Leaf = readonly [holder: { [key: string]: unknown }, key: string];

/** What a log is made of, which is nothing that a kernel could get wrong by itself. */
const STRUCTURE = new Set(["start", "length", "shift", "index", "kind"]);

function leavesOf(value: unknown, found: Leaf[] = []): Leaf[] {
  if (typeof value !== "object" || value === null) return found;
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === "object") leavesOf(inner, found);
    else if (!STRUCTURE.has(key)) found.push([value as Leaf[0], key]);
  }
  return found;
}

/** Another value for a leaf. */
function other(value: unknown, random: () => number): unknown {
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") {
    return Math.max(0, value + ([-2, -1, 1, 2, 40][Math.floor(random() * 5)] ?? 1));
  }
  return ["n1", "n2", "n3", "v1", "v9"][Math.floor(random() * 5)];
}

const entriesIn = (value: unknown): Entry[] => {
  if (typeof value !== "object" || value === null) return [];
  if ("payload" in value) return [value as Entry];
  return Object.values(value).flatMap(entriesIn);
};

/** What bugs might make of a step: some things of it are others, most often one. */
function spoilt(whole: HostMove, random: () => number): HostMove {
  const move = copied(whole);
  do spoil(move, random);
  while (random() < 0.3);
  return move;
}

function spoil(move: HostMove, random: () => number): void {
  const { before, after, sent, input } = move;
  const { state, disk, stream } = (random() < 0.8 || !("state" in before) ? after : before) as Host;
  const { log, ...others } = state;
  const groups: unknown[] = [others, disk, stream, sent, input, log, log, log];
  const group = groups[Math.floor(random() * groups.length)];
  if (group === log || random() < 0.2) {
    // Anywhere in a log: most often where nothing else points to.
    const entries = entriesIn(group);
    const entry = entries[Math.floor(random() * entries.length)] as Partial<Entry> | undefined;
    if (entry === undefined) return;
    if (random() < 0.5) Object.assign(entry, { payload: { kind: "command", command: "v0" } });
    else Object.assign(entry, { term: (entry.term ?? 1) + (random() < 0.5 ? 1 : -1) || 1 });
    return;
  }
  const leaves = leavesOf(group);
  const leaf = leaves[Math.floor(random() * leaves.length)];
  if (leaf !== undefined) leaf[0][leaf[1]] = other(leaf[0][leaf[1]], random);
}

describe("a step that is spoilt", () => {
  it.each(Object.entries(LIVES))("has a pattern that is: a %s life", async (_, life) => {
    const conformance = await life.load();
    const random = randomNumbers(7);
    const counts = { allowed: 0, forbidden: 0, none: 0 };
    for (const [i, step] of life.seen.map(framed).entries()) {
      if (i % 2 === 1) continue;
      const window = windowOf(step);
      const move = spoilt(moveOf(step), random);
      const verdict = patternVerdict(conformance, life.members, move, window);
      if (verdict === null) counts.none++;
      else {
        expect([i, verdict]).toEqual([i, directVerdict(conformance, move, window)]);
        counts[verdict ? "allowed" : "forbidden"]++;
      }
    }
    // Much of what is spoilt is nothing that the specification knows of.
    expect(counts.forbidden).toBeGreaterThan(50);
    expect(counts.allowed).toBeGreaterThan(50);
    expect(counts.none).toBeLessThan(counts.forbidden);
  });
});
