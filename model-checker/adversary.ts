/**
 * The adversary of a simulated cluster: flat data, resolved against what can happen now, so that
 * any data is a schedule and leaving some out gives a smaller one. Beside single actions it has
 * moves of many actions each, which reach in a few choices what single actions rarely do.
 */
import type { ServerId } from "../kernel/index.ts";
import { type Bounds, serverNames } from "./bounds.ts";
import { converse } from "./converse.ts";
import { demandLiveness } from "./liveness.ts";
import {
  ask,
  blows,
  bounce,
  burst,
  campaigns,
  canvass,
  change,
  elect,
  handOver,
  leaders,
  leaveBehind,
  type Move,
  obey,
  partition,
  reign,
  sync,
  uprisings,
  usurp,
  whisper,
} from "./macros.ts";
import { act, type Simulation, startSimulation } from "./simulate.ts";
import { enabledActions } from "./world.ts";

/** What an adversary draws from: actions by their names, then moves of several actions. */
export const moveKinds = [
  "deliver",
  "duplicate",
  "drop",
  "timeout",
  "minimum-timeout",
  "heartbeat",
  "propose",
  "flush",
  "crash",
  "restart",
  "snapshot",
  "snapshot-sent",
  "snapshot-failed",
  "configure",
  "transfer",
  "read",
  "lease-timeout",
  "campaign",
  "disconnect",
  "elect",
  "canvass",
  "reign",
  "sync",
  "echo",
  "burst",
  "bounce",
  "partition",
  "heal",
  "converse",
  "write",
  "change",
  "leave-behind",
  "install",
  "hand-over",
  "obey",
  "whisper",
  "ask",
  "usurp",
] as const;
export type MoveKind = (typeof moveKinds)[number];

/** Numbers in a choice lie below this. */
export const CHOICE_RANGE = 1 << 16;

/** One adversarial run as flat data. */
export interface Plan {
  /** Terms, logs, proposals and messages should be unlimited: recovery needs them. */
  readonly bounds: Bounds;
  /** How often each of `moveKinds` is drawn; a kind of weight 0 never is. */
  readonly weights: readonly number[];
  /** Each a number for the kind and one for which of that kind, below `CHOICE_RANGE`. */
  readonly choices: readonly (readonly [kind: number, which: number])[];
  /** From which voter on those are left out without whom the rest must get to work. */
  readonly core: number;
}

/** Plays `plan`, then ends all faults and demands that the cluster gets to work. */
export function simulate(plan: Plan, reached?: Set<string>): Simulation {
  const run = startSimulation(plan.bounds, reached);
  for (const [kind, which] of plan.choices) {
    if (run.violation !== null) return run;
    const moves = movesOf(run, kindFor(plan.weights, kind));
    moves[which % moves.length]?.(run);
  }
  if (run.violation === null) demandLiveness(run, plan.core);
  return run;
}

/** The kind that `number`, below `CHOICE_RANGE`, stands for: each has a share by its weight. */
function kindFor(weights: readonly number[], number: number): MoveKind {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let rest = (number / CHOICE_RANGE) * total;
  const position = weights.findIndex((weight) => {
    rest -= weight;
    return rest < 0;
  });
  return moveKinds[position] ?? "deliver";
}

/** All moves of one kind that make sense now, in a fixed order. */
function movesOf(run: Simulation, kind: MoveKind): readonly Move[] {
  const { bounds, network, processes } = run.world;
  const names = serverNames(bounds);
  switch (kind) {
    case "elect":
      return campaigns(run).flatMap((campaign) =>
        (bounds.leaseReads ? [true, false] : [true]).map((patient) => elect(campaign, patient)),
      );
    case "canvass":
      return campaigns(run).flatMap((it) => [false, true].map((isEchoed) => canvass(it, isEchoed)));
    case "reign":
      return campaigns(run).flatMap((it) => [0, 2, 4, 6].map((limit) => reign(it, limit)));
    case "sync":
    case "echo":
      return pairs(run).flatMap(([leader, other]) =>
        [1, 2, 3, 4, 6, 40].map((limit) => sync(leader, other, limit, kind === "echo")),
      );
    case "burst":
      return leaders(run).flatMap((leader) => [2, 3, 5].map((count) => burst(leader, count)));
    case "bounce":
      return bounds.crashes === 0 ? [] : names.map(bounce);
    case "partition":
      return partitionMoves(names);
    case "heal":
      return network.partition === null ? [] : [(now) => act(now, { kind: "heal" })];
    case "converse":
      return [8, 40, 200].map((limit) => (now) => converse(now, names, () => true, limit));
    case "write":
      return names.map((server) => (now) => converse(now, [server], () => false, 8));
    case "change":
      return leaders(run).flatMap((leader) =>
        [0, 3, 8, 40, null].flatMap((limit) => blows.map((blow) => change(leader, limit, blow))),
      );
    case "leave-behind":
      return pairs(run).flatMap(([leader, other]) =>
        [0, 3, 4, 40].flatMap((limit) =>
          [false, true].map((isLate) => leaveBehind(leader, other, limit, isLate)),
        ),
      );
    case "install":
      return enabledActions(run.world)
        .filter((it) => "message" in it && it.message.kind === "install-snapshot-request")
        .map((action) => (now) => act(now, action));
    case "whisper":
      return leaders(run).map(whisper);
    case "obey":
      return network.messages
        .filter((message) => message.kind === "timeout-now-request")
        .flatMap((order) => [0, 8, 40].map((limit) => obey(order, limit)));
    case "hand-over":
      return pairs(run).flatMap(([leader, other]) =>
        [0, 3, 40].flatMap((limit) => blows.map((blow) => handOver(leader, other, limit, blow))),
      );
    case "usurp":
      return pairs(run).flatMap(([leader, other]) =>
        uprisings.map((uprising) => usurp(leader, other, uprising)),
      );
    case "ask":
      return processes
        .filter((it) => it.kind === "up")
        .flatMap(({ id }) => [0, 4, 40].map((limit) => ask(id, limit)));
    default:
      return enabledActions(run.world)
        .filter((action) => action.kind === kind)
        .map((action) => (now) => act(now, action));
  }
}

/** Each leader with each other server. */
function pairs(run: Simulation): readonly (readonly [ServerId, ServerId])[] {
  const names = serverNames(run.world.bounds);
  return leaders(run).flatMap((leader) =>
    names.filter((id) => id !== leader).map((other) => [leader, other] as const),
  );
}

/** Each server alone, and each cut of the servers in two around the ring of names. */
function partitionMoves(names: readonly ServerId[]): readonly Move[] {
  const half = Math.floor(names.length / 2);
  const ring = [...names, ...names];
  return [1, half].flatMap((size) =>
    names.map((_, first) => partition(ring.slice(first, first + size))),
  );
}
