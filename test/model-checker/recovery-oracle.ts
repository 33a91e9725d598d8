/**
 * Progress, decided plainly: every state that a search meets, every way on from all of
 * them, every order of messages, and then backward from the goals until nothing is added. Worlds
 * are whole and known by their text.
 */
import { configurationOf, isMember } from "../../kernel/index.ts";
import type { Bounds } from "../../model-checker/bounds.ts";
import { encode } from "../../model-checker/canonical.ts";
import { clusterModel } from "../../model-checker/cluster-model.ts";
import { recoveryBounds } from "../../model-checker/engine/reactions.ts";
import { viewsOf } from "../../model-checker/evaluate.ts";
import { explore } from "../../model-checker/explorer.ts";
import { emptyNetwork } from "../../model-checker/network.ts";
import type { Up } from "../../model-checker/process.ts";
import { type Action, enabledActions, perform, type World } from "../../model-checker/world.ts";
import { atRest, type Goal, goals, NEW_COMMAND, type RunningServer } from "../../spec/index.ts";

/** What needs a fault or a client; the new command is proposed apart. */
const FAULTS_AND_WISHES: readonly Action["kind"][] = [
  "drop",
  "duplicate",
  "crash",
  "disconnect",
  "snapshot",
  "configure",
  "transfer",
  "read",
  "campaign",
];

/** What the oracle found, in the terms of the engine's figures. */
export interface OracleAnswer {
  /** States when faults stop, and those with nothing left to do. */
  readonly demanded: number;
  readonly atRest: number;
  /** Actions on the shortest way to a state from which the goals cannot be reached, or null. */
  readonly length: number | null;
}

function keyOf({ processes, network }: World): string {
  return encode([processes, network.messages.map(encode).sort()]);
}

/** What becomes of messages in flight when faults stop. */
type Fate = "is lost" | "arrives";

/** `world` when its faults stop: everybody is up. */
function healed(world: World, fate: Fate): World {
  const bounds = {
    ...recoveryBounds(world.bounds),
    messages: Number.POSITIVE_INFINITY,
    proposals: Number.POSITIVE_INFINITY,
  };
  const network = fate === "arrives" ? world.network : emptyNetwork(bounds.network);
  let after: World = { ...world, bounds, network };
  for (const { id, kind } of world.processes) {
    if (kind !== "down") continue;
    const outcome = perform(after, { kind: "restart", server: id });
    if ("refused" in outcome) throw new Error(outcome.refused);
    after = outcome.world;
  }
  return after;
}

function runningIn(world: World): readonly Up[] {
  return world.processes.filter((process) => process.kind === "up");
}

function isMemberFor(leader: Up, id: string): boolean {
  return isMember(configurationOf(leader.state), id);
}

/** The leader of the latest term, if no member of its configuration is in a later one. */
function leaderIn(world: World): Up | undefined {
  const running = runningIn(world);
  const isAhead = (leader: Up): boolean =>
    running.every(
      ({ id, state }) => state.currentTerm <= leader.state.currentTerm || !isMemberFor(leader, id),
    );
  return running
    .filter((up) => up.state.role.kind === "leader" && isAhead(up))
    .sort((x, y) => y.state.currentTerm - x.state.currentTerm)[0];
}

function holds(world: World, demanded: readonly Goal[]): boolean {
  const views = viewsOf(world) as readonly RunningServer[];
  const up = leaderIn(world);
  const leader = views.find(({ id }) => id === up?.id);
  const members = views.filter(({ id }) => up && (id === up.id || isMemberFor(up, id)));
  return demanded.every((goal) =>
    goal.over === "server"
      ? views.every(goal.holds)
      : leader !== undefined && members.every((view) => goal.holds(view, leader)),
  );
}

/** Everything that can happen without faults while messages and disks are faster than timers. */
function waysOn(world: World): readonly World[] {
  const actions = enabledActions(world).flatMap((action): readonly Action[] => {
    return FAULTS_AND_WISHES.includes(action.kind) ? [] : [action];
  });
  const isBusy = ({ kind }: Action): boolean => kind === "deliver" || kind === "flush";
  const busy = actions.filter(isBusy);
  const chosen = busy.length > 0 ? busy : actions.flatMap((action) => timersOf(world, action));
  return chosen.flatMap((action) => {
    const outcome = perform(world, action);
    if ("refused" in outcome || outcome.broken !== null) return [];
    return endsItsRule(world, action, outcome.world) ? [] : [outcome.world];
  });
}

function timersOf(world: World, action: Action): readonly Action[] {
  if (action.kind === "propose") {
    const { state } = runningIn(world).find(({ id }) => id === action.server) as Up;
    const isDue = holds(world, atRest) && !hasNew(state);
    return isDue ? [{ ...action, command: NEW_COMMAND }] : [];
  }
  const leader = leaderIn(world);
  const isContest = action.kind === "timeout" || action.kind === "minimum-timeout";
  if (!isContest || leader === undefined || action.server === leader.id) return [action];
  return isMemberFor(leader, action.server) ? [] : [action];
}

function hasNew({ log, currentTerm }: Up["state"]): boolean {
  const command = encode({ kind: "command", command: NEW_COMMAND });
  return encode(log).includes(`"payload":${command},"term":${currentTerm}`);
}

/** Whether a timeout of the leader of the highest term ends its leadership. */
function endsItsRule(before: World, action: Action, after: World): boolean {
  const leader = leaderIn(before);
  if (action.kind !== "timeout" || action.server !== leader?.id) return false;
  return !runningIn(after).some(
    ({ id, state }) => id === leader.id && state.role.kind === "leader",
  );
}

/** The starts from which no way leads to the goals. */
function stuckAmong(starts: ReadonlyMap<string, World>): ReadonlySet<string> {
  const worlds = new Map(starts);
  const into = new Map<string, string[]>();
  const reaching: string[] = [];
  // A map visits what is added to it on the way.
  for (const [key, world] of worlds) {
    if (holds(world, goals)) reaching.push(key);
    for (const next of waysOn(world)) {
      const nextKey = keyOf(next);
      into.set(nextKey, [...(into.get(nextKey) ?? []), key]);
      if (!worlds.has(nextKey)) worlds.set(nextKey, next);
    }
  }
  const reach = new Set<string>();
  for (let key = reaching.pop(); key !== undefined; key = reaching.pop()) {
    if (reach.has(key)) continue;
    reach.add(key);
    reaching.push(...(into.get(key) ?? []));
  }
  return new Set([...starts.keys()].filter((key) => !reach.has(key)));
}

/** Decides Progress for all states within `bounds`, whatever else is violated. */
export function decidePlainly(bounds: Bounds, fate: Fate = "is lost"): OracleAnswer {
  const model = clusterModel(bounds, false);
  const starts = new Map<string, World>();
  explore({
    ...model,
    violation: ({ world }) => {
      const start = healed(world, fate);
      starts.set(keyOf(start), start);
      return null;
    },
  });
  const stuck = stuckAmong(starts);
  const isStuck = ({ world }: { readonly world: World }): boolean => {
    return stuck.has(keyOf(healed(world, fate)));
  };
  const { violation } = explore({
    ...model,
    violation: (visit) => (isStuck(visit) ? "Progress" : null),
  });
  return {
    demanded: starts.size,
    atRest: [...starts.values()].filter((world) => holds(world, atRest)).length,
    length: violation?.actions.length ?? null,
  };
}
