/**
 * The adversary of a simulated cluster: flat data, resolved against what can happen now, so that
 * any data is a schedule and leaving some out gives a smaller one. Beside single actions it has
 * moves of many actions each, which reach in a few choices what single actions rarely do.
 */
import type { Message, ServerId } from "../kernel/index.ts";
import { type Bounds, commandAt, serverNames } from "./bounds.ts";
import { converse, converseTwice } from "./converse.ts";
import { demandLiveness } from "./liveness.ts";
import { act, type Simulation, startSimulation } from "./simulate.ts";
import { type Action, enabledActions } from "./world.ts";

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
  /** The first of the voters who must get to work without the others when faults end. */
  readonly core: number;
}

/** A move ready to be played. */
type Move = (run: Simulation) => void;

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
  const names = serverNames(run.world.bounds);
  switch (kind) {
    case "elect":
      return campaigns(run).map((campaign) => (now) => elect(now, campaign));
    case "canvass":
      return campaigns(run).flatMap((campaign) =>
        [false, true].map((isEchoed) => (now) => canvass(now, campaign, isEchoed)),
      );
    case "reign":
      return campaigns(run).flatMap((campaign) =>
        [0, 2, 4, 6].map((limit) => (now) => reign(now, campaign, limit)),
      );
    case "sync":
      return leaders(run).flatMap((leader) => syncMoves(names, leader, converse));
    case "echo":
      return leaders(run).flatMap((leader) => syncMoves(names, leader, converseTwice));
    case "burst":
      return leaders(run).flatMap((leader) => [2, 3, 5].map((count) => burst(leader, count)));
    case "bounce":
      return run.world.bounds.crashes === 0 ? [] : names.map(bounce);
    case "partition":
      return partitionMoves(names);
    case "heal":
      return run.world.network.partition === null ? [] : [(now) => act(now, { kind: "heal" })];
    case "converse":
      return [8, 40, 200].map((limit) => (now) => converse(now, names, () => true, limit));
    case "write":
      return names.map((server) => (now) => converse(now, [server], () => false, 8));
    default:
      return enabledActions(run.world)
        .filter((action) => action.kind === kind)
        .map((action) => (now) => act(now, action));
  }
}

function isVoting({ kind }: Message): boolean {
  return kind.includes("vote");
}

function isReplicating(message: Message): boolean {
  return !isVoting(message);
}

function leaders(run: Simulation): readonly ServerId[] {
  return run.world.processes.flatMap((process) =>
    process.kind === "up" && process.state.role.kind === "leader" ? [process.id] : [],
  );
}

/** A candidate, and a majority together with it. */
interface Campaign {
  readonly candidate: ServerId;
  readonly voters: readonly ServerId[];
}

/** Every running voter that does not lead, with each majority of consecutive voters around it. */
function campaigns(run: Simulation): readonly Campaign[] {
  const voters = serverNames(run.world.bounds).slice(0, run.world.bounds.servers);
  const others = Math.floor(voters.length / 2);
  const leading = leaders(run);
  return run.world.processes
    .filter(({ id, kind }) => kind === "up" && voters.includes(id) && !leading.includes(id))
    .flatMap(({ id: candidate }) => {
      const peers = voters.filter((id) => id !== candidate);
      return peers.map((_, first) => ({
        candidate,
        voters: [...peers, ...peers].slice(first, first + others),
      }));
    });
}

/** The candidate times out, and its campaign is heard by its majority alone. */
function elect(run: Simulation, { candidate, voters }: Campaign): void {
  const group = [candidate, ...voters];
  for (const process of run.world.processes) {
    if (process.kind === "down" || !group.includes(process.id)) continue;
    const { id, state } = process;
    if (state.leaderContact) act(run, { kind: "minimum-timeout", server: id });
  }
  act(run, { kind: "timeout", server: candidate });
  converse(run, group, isVoting, 40);
}

/** A campaign that all but one of its majority misses, and that one may hear twice. */
function canvass(run: Simulation, { candidate, voters }: Campaign, isEchoed: boolean): void {
  const pair = [candidate, ...voters.slice(-1)];
  act(run, { kind: "timeout", server: candidate });
  if (isEchoed) converseTwice(run, pair, isVoting, 12);
  converse(run, pair, isVoting, 12);
}

/** An election, then a few words with one of those who voted. */
function reign(run: Simulation, campaign: Campaign, limit: number): void {
  elect(run, campaign);
  const pair = [campaign.candidate, ...campaign.voters.slice(0, 1)];
  converse(run, pair, isReplicating, limit);
}

/** `leader` and one follower talk, for a little or until they agree. */
function syncMoves(
  names: readonly ServerId[],
  leader: ServerId,
  talk: typeof converse | typeof converseTwice,
): readonly Move[] {
  const followers = names.filter((id) => id !== leader);
  return followers.flatMap((follower) =>
    [1, 2, 3, 4, 6, 40].map(
      (limit): Move =>
        (run) => {
          const pair = [leader, follower];
          const isTalking = run.world.network.messages.some(
            (message) =>
              isReplicating(message) && pair.includes(message.from) && pair.includes(message.to),
          );
          if (!isTalking) act(run, { kind: "heartbeat", server: leader });
          talk(run, pair, isReplicating, limit);
        },
    ),
  );
}

/** Some proposals in a row. */
function burst(server: ServerId, count: number): Move {
  return (run) => {
    for (let i = 0; i < count; i++) {
      const command = commandAt(run.world.bounds, run.world.environment.budget.proposals);
      act(run, { kind: "propose", server, command });
    }
  };
}

/** A crash and a restart, or a restart of what is down. */
function bounce(server: ServerId): Move {
  return (run) => {
    act(run, { kind: "crash", server });
    act(run, { kind: "restart", server });
  };
}

/** Each server alone, and each cut of the servers in two around the ring of names. */
function partitionMoves(names: readonly ServerId[]): readonly Move[] {
  const half = Math.floor(names.length / 2);
  return [1, half].flatMap((size) =>
    names.map((_, first): Move => {
      const rotated = names.map((_, i) => names[(first + i) % names.length] as ServerId);
      const groups = [rotated.slice(0, size), rotated.slice(size)];
      return (run) => act(run, { kind: "partition", groups } satisfies Action);
    }),
  );
}
