/**
 * The second half of a run: faults end, and the cluster must get to work within a stated number
 * of rounds. First a bare majority by itself, then everybody. Messages arrive, writes complete,
 * and timers fire in a fair and deterministic order: a server's election timeout passes only in
 * a round in which its kernel did not reset the timer. Thesis §3.9 (timing and availability).
 */
import { lastIndex, type ServerId, type State } from "../kernel/index.ts";
import { entriesOf, samePrefix } from "../spec/index.ts";
import { type Bounds, serverNames } from "./bounds.ts";
import { converse } from "./converse.ts";
import { act, type Simulation } from "./simulate.ts";

/** The name under which a cluster that does not get to work is reported. */
export const LIVENESS = "Liveness";

/** More deliveries than this without a timer, and the cluster talks for ever. */
const MAX_DELIVERIES = 5000;

/** The rounds a cluster has to get to work. */
export function roundsAllowed({ servers, learners }: Bounds): number {
  return 4 * (servers + learners) + 8;
}

/** Demands that a majority of the voters gets to work, counted from `offset`, then everybody. */
export function demandLiveness(run: Simulation, offset: number): void {
  run.faultsEnd = run.actions.length;
  const { bounds } = run.world;
  const names = serverNames(bounds);
  const voters = names.slice(0, bounds.servers);
  const rotated = voters.map((_, i) => voters[(i + offset) % voters.length] as ServerId);
  const core = rotated.slice(0, Math.floor(bounds.servers / 2) + 1);
  for (const group of [[...core, ...names.slice(bounds.servers)], names]) {
    gather(run, group);
    const missing = getToWork(run, group);
    if (run.violation !== null) return;
    if (missing === null) continue;
    run.violation = LIVENESS;
    run.detail = `after ${roundsAllowed(bounds)} rounds among ${group.join(" ")}: ${missing}`;
    return;
  }
}

/** Ends all faults within `group`, and cuts off everybody else. */
function gather(run: Simulation, group: readonly ServerId[]): void {
  const others = serverNames(run.world.bounds).filter((id) => !group.includes(id));
  const groups = [group, ...others.map((id) => [id])];
  act(run, others.length === 0 ? { kind: "heal" } : { kind: "partition", groups });
  for (const { id, kind } of run.world.processes) {
    if (kind === "down" && group.includes(id)) act(run, { kind: "restart", server: id });
  }
}

/** What of this stage is in the making: proposals by the leadership they were made to. */
interface Stage {
  readonly run: Simulation;
  readonly group: readonly ServerId[];
  readonly proposals: Map<string, string>;
}

/** What is still missing when the rounds are over, or null. */
function getToWork(run: Simulation, group: readonly ServerId[]): string | null {
  const stage: Stage = { run, group, proposals: new Map() };
  let missing: string | null = "nothing was tried";
  for (let round = 0; round < roundsAllowed(run.world.bounds); round++) {
    missing = playRound(stage, round) ?? missingIn(stage);
    if (missing === null || run.violation !== null) return null;
  }
  return missing;
}

/** One round: heartbeats, a proposal to a new leader, and the timers that nobody reset. */
function playRound(stage: Stage, round: number): string | null {
  const { run, group, proposals } = stage;
  run.timersReset.clear();
  for (const { id } of leadersIn(stage)) act(run, { kind: "heartbeat", server: id });
  let noise = quieten(stage);
  for (const { id, state } of leadersIn(stage)) {
    const leadership = `${id} ${state.currentTerm}`;
    // A leader commits by itself what it finds: nothing but its own no-op must be needed.
    if (proposals.has(leadership) || state.commitIndex < lastIndex(state.log)) continue;
    const command = `fresh-${run.actions.length}`;
    proposals.set(leadership, command);
    act(run, { kind: "propose", server: id, command });
  }
  noise ??= quieten(stage);
  for (const { id } of run.world.bounds.checkQuorum ? leadersIn(stage) : []) {
    act(run, { kind: "timeout", server: id });
  }
  for (const { id, state } of upIn(stage)) {
    const isExpired = state.leaderContact && !run.timersReset.has(`minimum-election ${id}`);
    if (isExpired) act(run, { kind: "minimum-timeout", server: id });
  }
  // Timeouts are random: one server's passes first, and each server has its turn to be first.
  const rotated = group.map((_, i) => group[(i + round) % group.length] as ServerId);
  const first = rotated.find((id) => isSilent(stage, id));
  if (first !== undefined) act(run, { kind: "timeout", server: first });
  return noise ?? quieten(stage);
}

/** Whether the election timeout of `id` passes in this round. */
function isSilent(stage: Stage, id: ServerId): boolean {
  const state = upIn(stage).find((up) => up.id === id)?.state;
  const isVoter = serverNames(stage.run.world.bounds).indexOf(id) < stage.run.world.bounds.servers;
  if (state === undefined || state.role.kind === "leader" || !isVoter) return false;
  return !stage.run.timersReset.has(`election ${id}`);
}

/** Delivers everything and completes every write; a complaint where that does not end. */
function quieten({ run, group }: Stage): string | null {
  const count = converse(run, group, () => true, MAX_DELIVERIES);
  return count < MAX_DELIVERIES ? null : "messages never cease";
}

interface Running {
  readonly id: ServerId;
  readonly state: State;
}

function upIn({ run, group }: Stage): readonly Running[] {
  return run.world.processes.flatMap((process) =>
    process.kind === "up" && group.includes(process.id)
      ? [{ id: process.id, state: process.state }]
      : [],
  );
}

function leadersIn(stage: Stage): readonly Running[] {
  return upIn(stage).filter(({ state }) => state.role.kind === "leader");
}

/** The first thing that a cluster at work has and this one has not, or null. */
function missingIn(stage: Stage): string | null {
  const [leader, second] = leadersIn(stage);
  if (leader === undefined) return "no leader";
  if (second !== undefined) return `two leaders, ${leader.id} and ${second.id}`;
  const { log, currentTerm, commitIndex } = leader.state;
  const fresh = stage.proposals.get(`${leader.id} ${currentTerm}`);
  if (fresh === undefined) {
    return `the leader ${leader.id} committed ${commitIndex} of ${lastIndex(log)} entries`;
  }
  const holdsFresh = entriesOf(log).some(
    ({ payload }) => payload.kind === "command" && payload.command === fresh,
  );
  if (!holdsFresh) return `the leader ${leader.id} lost a proposal`;
  for (const { id, state } of upIn(stage)) {
    if (state.leaderId !== leader.id) return `${id} does not follow ${leader.id}`;
    if (state.commitIndex < lastIndex(log)) {
      return `${id} committed ${state.commitIndex} of ${lastIndex(log)} entries`;
    }
    const isEqual = lastIndex(state.log) === lastIndex(log);
    if (!isEqual || !samePrefix(log, state.log, lastIndex(log))) return `${id} has another log`;
  }
  return null;
}
