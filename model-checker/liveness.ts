/**
 * The second half of a run: faults end, and the cluster must get to work within a stated number
 * of rounds. First a bare majority by itself, then everybody. Messages arrive, writes complete,
 * and timers fire in a fair and deterministic order: a server's election timeout passes only in
 * a round in which its kernel did not reset the timer. At work: one leader whose configuration
 * is final, everything committed everywhere, nothing handed over, every read answered.
 * Thesis §3.9 (timing and availability).
 */
import {
  configurationOf,
  isJoint,
  isMember,
  isVoter,
  type LeaderRole,
  lastIndex,
  latestConfiguration,
  mayCampaign,
  type ServerId,
  type State,
  termAt,
} from "../kernel/index.ts";
import { entriesOf, samePrefix } from "../spec/index.ts";
import { type Bounds, readNamed, serverNames } from "./bounds.ts";
import { leaseHolders } from "./clocks.ts";
import { converse } from "./converse.ts";
import { coreOf, isLeftAlone, participants } from "./core.ts";
import { act, type Simulation } from "./simulate.ts";
import type { World } from "./world.ts";

/** The name under which a cluster that does not get to work is reported. */
export const LIVENESS = "Liveness";

const reports = ["snapshot-sent", "snapshot-failed"] as const;

/** More deliveries than this without a timer, and the cluster talks for ever. */
const MAX_DELIVERIES = 5000;

/** The rounds a cluster has to get to work: every server twice first to time out, and some. */
export function roundsAllowed(bounds: Bounds): number {
  return 2 * serverNames(bounds).length + 8;
}

/** Demands that a bare majority gets to work, voters left out from `offset` on, then everybody. */
export function demandLiveness(run: Simulation, offset: number): void {
  run.faultsEnd = run.actions.length;
  const { bounds } = run.world;
  for (const groupIn of [(world: World) => coreOf(world, offset), participants]) {
    const group = groupIn(run.world);
    gather(run, group);
    const missing = getToWork(run, group, reports[offset % 2] ?? "snapshot-sent");
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

/** What of this stage is in the making, by the leadership that it was asked of. */
interface Stage {
  readonly run: Simulation;
  group: readonly ServerId[];
  /** What hosts say of every snapshot that they sent. */
  readonly report: (typeof reports)[number];
  readonly requests: Map<string, Requests>;
}

/** A command, and the reads asked for with it. */
interface Requests {
  readonly command: string;
  readonly reads: readonly string[];
}

/** What is still missing when the rounds are over, or null. */
function getToWork(
  run: Simulation,
  group: readonly ServerId[],
  report: Stage["report"],
): string | null {
  const stage: Stage = { run, group, report, requests: new Map() };
  let missing: string | null = "nothing was tried";
  for (let round = 0; round < roundsAllowed(run.world.bounds); round++) {
    dismiss(stage);
    missing = playRound(stage, round) ?? missingIn(stage);
    if (missing === null || run.violation !== null) return null;
  }
  return missing;
}

/**
 * Cuts off who is no member as soon as a leader has made sure of the members, where nothing else
 * keeps those who were removed from disturbing (thesis §4.2.3).
 */
function dismiss(stage: Stage): void {
  if (isLeftAlone(stage.run.world.bounds)) return;
  const { leader, members } = membersIn(stage);
  if (leader === undefined || !isSettled(leader.state)) return;
  // Who leads an earlier term may know members that others have replaced since.
  if (upIn(stage).some(({ state }) => state.currentTerm > leader.state.currentTerm)) return;
  const group = members.map(({ id }) => id);
  if (group.length === stage.group.length) return;
  stage.group = group;
  gather(stage.run, group);
}

/** Whether a leader has committed in its term, and with it the configuration in force. */
function isSettled(state: State): boolean {
  const { index, configuration } = latestConfiguration(state);
  const hasCommitted = termAt(state.log, state.commitIndex) === state.currentTerm;
  return hasCommitted && index <= state.commitIndex && !isJoint(configuration);
}

/** One round: heartbeats, requests to a new leader, and the timers that nobody reset. */
function playRound(stage: Stage, round: number): string | null {
  const { run } = stage;
  run.timersReset.clear();
  reportSnapshots(stage);
  for (const { id } of leadersIn(stage)) act(run, { kind: "heartbeat", server: id });
  let noise = quieten(stage);
  for (const leader of leadersIn(stage)) ask(stage, leader);
  noise ??= quieten(stage);
  // The shortest of these timers: it passes before any promise ends, whoever is cut off.
  for (const id of leaseHolders(run.world.processes)) {
    if (!run.timersReset.has(`lease ${id}`)) act(run, { kind: "lease-timeout", server: id });
  }
  for (const { id, role } of leadersIn(stage)) {
    if (run.world.bounds.checkQuorum || role.transferTo !== null) {
      act(run, { kind: "timeout", server: id });
    }
  }
  for (const { id, state } of upIn(stage)) {
    const isExpired = state.leaderContact && !run.timersReset.has(`minimum-election ${id}`);
    if (isExpired) act(run, { kind: "minimum-timeout", server: id });
  }
  passElectionTimeouts(stage, round);
  return noise ?? quieten(stage);
}

/** Asks a leader that has caught up for a command and, with all who follow it, for reads. */
function ask({ run, group, requests }: Stage, { id: leader, state, role }: Leading): void {
  const leadership = `${leader} ${state.currentTerm}`;
  // A leader commits by itself what it finds: nothing but its own no-op must be needed.
  if (requests.has(leadership) || state.commitIndex < lastIndex(state.log)) return;
  if (role.transferTo !== null) return;
  const command = `fresh-${run.actions.length}`;
  act(run, { kind: "propose", server: leader, command });
  const followers = upIn({ run, group }).filter(
    (it) => it.state.leaderId === leader && isMember(configurationOf(state), it.id),
  );
  const reads = followers.flatMap(({ id: server }) => {
    const read = readNamed(run.world.environment.budget.reads);
    return act(run, { kind: "read", server, read }) ? [read] : [];
  });
  requests.set(leadership, { command, reads });
}

/** A host reports on the snapshots it sent: either report must do, whatever became of them. */
function reportSnapshots(stage: Stage): void {
  const { run, report: kind } = stage;
  for (const { id: server, role } of leadersIn(stage)) {
    for (const { id: peer, mode } of role.progress) {
      if (mode === "snapshot") act(run, { kind, server, peer });
    }
  }
}

/**
 * Timeouts are random: of those who would campaign one passes first, and each server has its turn
 * to be first. Twice in a row, for who is not told of the others' campaigns learns of their term
 * by the first of its own.
 */
function passElectionTimeouts(stage: Stage, round: number): void {
  const { run, group } = stage;
  const silent = upIn(stage).filter(
    ({ id, state }) => state.role.kind !== "leader" && !run.timersReset.has(`election ${id}`),
  );
  for (const { id, state } of silent) {
    if (!mayCampaign(state, id)) act(run, { kind: "timeout", server: id });
  }
  const rotated = group.map((_, i) => group[(i + (round >> 1)) % group.length] as ServerId);
  const isFirst = (server: ServerId): boolean =>
    silent.some(({ id, state }) => id === server && mayCampaign(state, id));
  const first = rotated.find(isFirst);
  if (first !== undefined) act(run, { kind: "timeout", server: first });
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

interface Leading extends Running {
  readonly role: LeaderRole;
}

function upIn({ run, group }: Pick<Stage, "run" | "group">): readonly Running[] {
  return run.world.processes.flatMap((process) =>
    process.kind === "up" && group.includes(process.id)
      ? [{ id: process.id, state: process.state }]
      : [],
  );
}

function leadersIn(stage: Stage): readonly Leading[] {
  return upIn(stage).flatMap(({ id, state }) =>
    state.role.kind === "leader" ? [{ id, state, role: state.role }] : [],
  );
}

/** The latest leader, those who lead earlier terms, and the members that the former counts on. */
function membersIn(stage: Stage): {
  readonly leader: Leading | undefined;
  readonly others: readonly Leading[];
  readonly members: readonly Running[];
} {
  const [leader, ...others] = [...leadersIn(stage)].sort(
    (a, b) => b.state.currentTerm - a.state.currentTerm,
  );
  const members = upIn(stage).filter(
    ({ id }) => leader !== undefined && isMember(configurationOf(leader.state), id),
  );
  return { leader, others, members };
}

/** The first thing that a cluster at work has and this one has not, or null. */
function missingIn(stage: Stage): string | null {
  const { leader, others, members } = membersIn(stage);
  if (leader === undefined) return "no leader";
  // One who leads an earlier term and is no member any more may never learn of it.
  const second = others.find(({ id }) => members.some((member) => member.id === id));
  if (second !== undefined) return `two leaders, ${leader.id} and ${second.id}`;
  return (
    missingOfLeader(stage, leader) ??
    members.map((member) => missingOfMember(leader, member)).find((it) => it !== null) ??
    upIn(stage)
      .map(missingReads)
      .find((it) => it !== null) ??
    null
  );
}

function missingOfLeader({ run, requests }: Stage, { id, state, role }: Leading): string | null {
  const { log, currentTerm, commitIndex } = state;
  const configuration = configurationOf(state);
  if (commitIndex < lastIndex(log)) {
    return `the leader ${id} committed ${commitIndex} of ${lastIndex(log)} entries`;
  }
  if (isJoint(configuration)) return `the leader ${id} is in a joint configuration`;
  if (!isVoter(configuration, id)) return `the leader ${id} is no voter`;
  if (role.transferTo !== null) return `the leader ${id} hands over to ${role.transferTo}`;
  const asked = requests.get(`${id} ${currentTerm}`);
  if (asked === undefined) return `the leader ${id} was asked for nothing`;
  const holdsFresh = entriesOf(log).some(
    ({ payload }) => payload.kind === "command" && payload.command === asked.command,
  );
  if (!holdsFresh) return `the leader ${id} lost a proposal`;
  const unanswered = run.world.environment.history.reads.find(
    ({ read, outcome }) => asked.reads.includes(read) && outcome !== "answered",
  );
  return unanswered === undefined ? null : `read ${unanswered.read} is ${unanswered.outcome}`;
}

function missingOfMember(leader: Running, { id, state }: Running): string | null {
  const { log } = leader.state;
  if (state.leaderId !== leader.id) return `${id} does not follow ${leader.id}`;
  if (state.commitIndex < lastIndex(log)) {
    return `${id} committed ${state.commitIndex} of ${lastIndex(log)} entries`;
  }
  const isEqual = lastIndex(state.log) === lastIndex(log);
  if (!isEqual || !samePrefix(log, state.log, lastIndex(log))) return `${id} has another log`;
  return null;
}

/** Reads must not wait for ever, wherever they were asked for. */
function missingReads({ id, state: { role } }: Running): string | null {
  const count =
    role.kind === "follower"
      ? role.reads.length
      : role.kind === "leader"
        ? role.reads.waiting.length + (role.reads.round?.reads.length ?? 0)
        : 0;
  return count === 0 ? null : `${id} has not answered ${count} reads`;
}
