/**
 * The world has no time; here it has. Servers whose clocks run at different rates set their timers
 * as the kernel asks, and messages take as long as they like. Whatever happens then must be
 * possible in the world: what it rules out, real clocks rule out too.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Effect, recover, type Timer } from "../../kernel/index.ts";
import { type Bounds, defaultBounds } from "../../model-checker/bounds.ts";
import { violationOf } from "../../model-checker/evaluate.ts";
import { type Action, initialWorld, perform, type World } from "../../model-checker/world.ts";

const UNBOUNDED = Number.POSITIVE_INFINITY;
const bounds: Bounds = {
  ...defaultBounds,
  terms: UNBOUNDED,
  log: UNBOUNDED,
  proposals: UNBOUNDED,
  messages: UNBOUNDED,
  crashes: UNBOUNDED,
  transfers: UNBOUNDED,
  reads: UNBOUNDED,
  campaigns: UNBOUNDED,
  loss: true,
  preVote: false,
  leaseReads: true,
};

/** How long timers run, in minimum election timeouts by the server's own clock. */
const LENGTHS: Readonly<Record<Timer, number>> = {
  heartbeat: 0.2,
  lease: 0.8,
  "minimum-election": 1,
  election: 1,
};
/** Clocks gain or lose up to a tenth: 0.8 / 0.9 < 1 / 1.1, so no lease outlives a promise. */
const DRIFT = 0.1;
const EXPIRY = {
  heartbeat: "heartbeat",
  lease: "lease-timeout",
  "minimum-election": "minimum-timeout",
  election: "timeout",
} as const;

interface Run {
  world: World;
  now: number;
  readonly rates: readonly number[];
  readonly leaseLength: number;
  /** By `SERVER TIMER`, when it passes. */
  readonly deadlines: Map<string, number>;
  /** Up to one more minimum election timeout for each election timer; the next comes first. */
  jitter: number;
  refused: string | null;
  violation: string | null;
  /** Reads answered by the leader's clock alone. */
  leased: number;
}

function setTimers(run: Run, id: string, effects: readonly Effect[]): void {
  const rate = run.rates[run.world.configs.findIndex((config) => config.id === id)] ?? 1;
  for (const effect of effects) {
    if (effect.kind !== "reset-timer") continue;
    const { timer } = effect;
    const extra = timer === "election" ? run.jitter : 0;
    const length = timer === "lease" ? run.leaseLength : LENGTHS[timer] + extra;
    run.deadlines.set(`${id} ${timer}`, run.now + length / rate);
  }
}

function act(run: Run, action: Action): void {
  const outcome = perform(run.world, action);
  if ("refused" in outcome) {
    run.refused = outcome.refused;
    return;
  }
  run.world = outcome.world;
  const id = outcome.server ?? "";
  for (const { effects } of outcome.steps) setTimers(run, id, effects);
  const isLeased = outcome.steps.some(
    ({ event, effects }) =>
      event.kind === "read" && effects.some(({ kind }) => kind === "read-ready"),
  );
  if (isLeased) run.leased += 1;
  const position = run.world.configs.findIndex((config) => config.id === id);
  const [config, process] = [run.world.configs[position], run.world.processes[position]];
  if (action.kind === "restart" && config !== undefined && process !== undefined) {
    setTimers(run, id, recover(config, process.durable).effects);
  }
  if (action.kind === "crash") {
    for (const timer of Object.keys(LENGTHS)) run.deadlines.delete(`${id} ${timer}`);
  }
  run.violation ??= violationOf(outcome);
}

/** Lets time pass, and every timer whose time has come, in the order of their times. */
function advance(run: Run, time: number): void {
  const end = run.now + time;
  for (;;) {
    const [next] = [...run.deadlines].sort(([, a], [, b]) => a - b);
    if (next === undefined || next[1] > end || run.refused !== null) break;
    const [name, deadline] = next;
    const [server = "", timer = ""] = name.split(" ");
    run.deadlines.delete(name);
    run.now = deadline;
    act(run, { kind: EXPIRY[timer as Timer], server });
  }
  run.now = end;
}

type Choice = readonly [kind: number, which: number, time: number, jitter: number];

/** The action that a choice stands for, if it is possible now. */
function actionOf({ world }: Run, [kind, which]: Choice): Action | null {
  const { messages } = world.network;
  const process = world.processes[which % world.processes.length];
  if (process === undefined) return null;
  const server = process.id;
  if (process.kind === "down") return { kind: "restart", server };
  if (kind < 60) {
    const message = messages[which % Math.max(1, messages.length)];
    const receiver = world.processes.find(({ id }) => id === message?.to);
    return message === undefined || receiver?.kind === "down" ? null : { kind: "deliver", message };
  }
  if (kind < 90) return { kind: "read", server, read: `r${world.environment.budget.reads}` };
  if (kind < 94) return { kind: "propose", server, command: "a" };
  if (kind < 96) return { kind: "crash", server };
  if (kind < 98) return { kind: "transfer", server, peer: server === "n1" ? "n2" : "n1" };
  return { kind: "campaign", server };
}

function play(rates: readonly number[], choices: readonly Choice[], leaseLength: number): Run {
  const run: Run = {
    world: initialWorld(bounds),
    now: 0,
    rates,
    leaseLength,
    deadlines: new Map(),
    jitter: 0,
    refused: null,
    violation: null,
    leased: 0,
  };
  const { configs, processes } = run.world;
  processes.forEach(({ id, durable }, i) => {
    run.jitter = i / 4;
    const config = configs[i];
    if (config !== undefined) setTimers(run, id, recover(config, durable).effects);
  });
  for (const choice of choices) {
    if (run.refused !== null || run.violation !== null) break;
    run.jitter = choice[3] / 100;
    advance(run, choice[2] / 1000);
    const action = actionOf(run, choice);
    if (action !== null && run.refused === null) act(run, action);
  }
  return run;
}

const rates = fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(1 - DRIFT, 1, 1 + DRIFT)));
const choice = fc.tuple(
  fc.nat(99),
  fc.nat(999),
  // Mostly quick, sometimes a long silence.
  fc.oneof({ weight: 9, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.nat(900) }),
  fc.nat(100),
);
const choices = fc.array(choice, { minLength: 100, maxLength: 250, size: "max" });

describe("with clocks whose rates differ by no more than leases allow for", () => {
  it("the world rules nothing out that happens, and reads are linearizable", () => {
    let leased = 0;
    fc.assert(
      fc.property(rates, choices, (drawn, all) => {
        const run = play(drawn, all, LENGTHS.lease);
        leased += run.leased;
        expect([run.refused, run.violation]).toEqual([null, null]);
      }),
      { numRuns: 300 },
    );
    expect(leased).toBeGreaterThan(30);
  });

  it("where leases run longer than promises, what happens is what the world rules out", () => {
    const samples = fc.sample(fc.tuple(rates, choices), { seed: 1, numRuns: 300 });
    const refused = samples.map(([drawn, all]) => play(drawn, all, 3).refused);
    expect(refused.filter((it) => it?.startsWith("clocks")).length).toBeGreaterThan(0);
  });
});
