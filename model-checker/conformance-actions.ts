/** Which action of `tla/Raft.tla` takes what happens to a server, and with which arguments. */
import type { Message, ServerId, State } from "../kernel/index.ts";
import { abstractNames } from "../spec/index.ts";
import type { LocalInput, Move, Process } from "./process.ts";
import { valueOfPlain } from "./tla/plain.ts";
import { finiteSet, tlaString, type Value } from "./tla/values/index.ts";

/** What the specification permits a server to send whenever it likes, by the message's kind. */
const PERMITTED: Partial<Record<Message["kind"], string>> = {
  "pre-vote-request": "SendPreVoteRequest",
  "append-entries-request": "SendAppendEntries",
  "heartbeat-request": "Heartbeat",
  "install-snapshot-request": "SendInstallSnapshot",
  "timeout-now-request": "SendTimeoutNow",
  "read-index-request": "SendReadIndexRequest",
};

/** The actions that permit a send, and do nothing else that others can see. */
export const PERMITTED_SENDS: readonly string[] = Object.values(PERMITTED);

/** How the specification permits a send. */
export interface Permission {
  /** The action of `Next`. */
  readonly action: string;
  /** The part of it that says everything of the message, and what that is given. */
  readonly part: string;
  readonly given: readonly Value[];
}

/** How the specification permits a send at any time; null where it prescribes it. */
export function permissionOf(message: Message): Permission | null {
  const action = PERMITTED[message.kind];
  if (action === undefined) return null;
  const ends = [tlaString(message.from), tlaString(message.to)];
  switch (message.kind) {
    case "heartbeat-request": {
      const context = valueOfPlain(abstractNames(message.context));
      return { action, part: "HeartbeatFor", given: [...ends, context] };
    }
    case "read-index-request":
      return { action, part: action, given: [...ends, tlaString(message.read)] };
    default:
      return { action, part: action, given: ends };
  }
}

/** Whether the specification leaves it to the server when to send this. */
export function isPermittedSend({ kind }: Message): boolean {
  return PERMITTED[kind] !== undefined;
}

/**
 * The server after the event of a move, before the sends that are permitted. One of them leaves a
 * trace in the server: TimeoutNow, after which no lease holds in its term.
 */
export function beforeSends({ before, after, sent }: Move): Process {
  return sent.some(isTimeoutNow) ? withYielded(after, hasYielded(before)) : after;
}

/** The server once it has sent this, in the course of a move. */
export function afterSend(process: Process, message: Message, { after }: Move): Process {
  return isTimeoutNow(message) ? withYielded(process, hasYielded(after)) : process;
}

function isTimeoutNow({ kind }: Message): boolean {
  return kind === "timeout-now-request";
}

function hasYielded(process: Process): boolean {
  return (
    process.kind === "up" && process.state.role.kind === "leader" && process.state.role.yielded
  );
}

function withYielded(process: Process, yielded: boolean): Process {
  if (process.kind === "down") return process;
  const { role } = process.state;
  if (role.kind !== "leader" || role.yielded === yielded) return process;
  return { ...process, state: { ...process.state, role: { ...role, yielded } } };
}

/** The action for a message that arrives, by its kind. */
const HANDLERS: Readonly<Record<Message["kind"], string>> = {
  "pre-vote-request": "HandlePreVoteRequest",
  "pre-vote-response": "HandlePreVoteResponse",
  "request-vote-request": "HandleRequestVoteRequest",
  "request-vote-response": "HandleRequestVoteResponse",
  "append-entries-request": "HandleAppendEntriesRequest",
  "append-entries-accepted": "HandleAppendEntriesAccepted",
  "append-entries-rejected": "HandleAppendEntriesRejected",
  "heartbeat-request": "HandleHeartbeatRequest",
  "heartbeat-response": "HandleHeartbeatResponse",
  "install-snapshot-request": "HandleInstallSnapshotRequest",
  "timeout-now-request": "HandleTimeoutNowRequest",
  "read-index-request": "HandleReadIndexRequest",
  "read-index-response": "HandleReadIndexResponse",
};

/** The actions for what is no message. Reports on links change nothing that is specified. */
const ACTIONS: Readonly<Record<Exclude<LocalInput["kind"], "message">, readonly string[]>> = {
  "election-timeout": ["CheckQuorum", "GiveUpTransfer", "GiveUpReads", "PreVoteTimeout", "Timeout"],
  "minimum-election-timeout": ["MinimumElectionTimeout"],
  "heartbeat-timeout": [],
  "lease-timeout": ["LeaseTimeout"],
  propose: ["ClientRequest"],
  "propose-configuration": ["ProposeConfiguration"],
  "transfer-leadership": ["TransferLeadership"],
  read: ["Read", "ReadAtFollower"],
  campaign: ["PreVoteTimeout", "Timeout"],
  "snapshot-taken": ["SnapshotTaken"],
  "snapshot-sent": [],
  "snapshot-failed": [],
  "peer-unreachable": [],
  flush: ["Persisted"],
  crash: ["Crash"],
  restart: ["Restart"],
};

/** The actions by which the specification may take an input; the first that fits counts. */
export function actionsFor(input: LocalInput): readonly string[] {
  if (input.kind !== "message") return ACTIONS[input.kind];
  return ["DropStaleMessage", HANDLERS[input.message.kind]];
}

/**
 * Permitted, never demanded: to step down; and to ask a leader on behalf of a client, which takes
 * a leader to ask.
 */
const OPTIONAL: readonly string[] = ["CheckQuorum", "ReadAtFollower"];

/** The actions for the input of a move one of which must be taken where it can be. */
export function demandedFor(move: Move, maxUncommittedChars: number): readonly string[] {
  const { input, before } = move;
  return before.kind === "up" && isRefusable(input, before.state, maxUncommittedChars)
    ? []
    : actionsFor(move.input).filter((action) => !OPTIONAL.includes(action));
}

/** What a server refuses though the specification has no reason to, and tells whoever asked. */
export function isRefusable(
  input: LocalInput,
  { leaderContact, role }: State,
  maxUncommittedChars: number,
): boolean {
  switch (input.kind) {
    case "campaign":
      return leaderContact;
    case "propose":
      // As far as a leader has something to commit, it takes no more than a limit allows.
      return (
        role.kind === "leader" &&
        role.uncommittedChars > 0 &&
        role.uncommittedChars + input.command.length > maxUncommittedChars
      );
    default:
      return false;
  }
}

/** What the actions for an input are given: the handlers find their message by themselves. */
export function argumentsOf(input: LocalInput, id: ServerId): readonly Value[] {
  const server = tlaString(id);
  const set = (names: readonly ServerId[]): Value => finiteSet(names.map(tlaString));
  switch (input.kind) {
    case "message":
      return [];
    case "propose":
      return [server, tlaString(input.command)];
    case "propose-configuration":
      return [server, set(input.voters), set(input.learners)];
    case "transfer-leadership":
      return [server, tlaString(input.to)];
    case "snapshot-taken":
      return [server, input.lastIndex];
    case "read":
      return [server, tlaString(input.read)];
    default:
      return [server];
  }
}

/** Every action of `Next`, once. */
export const SPEC_ACTIONS: readonly string[] = [
  ...new Set([
    ...Object.values(ACTIONS).flat(),
    ...PERMITTED_SENDS,
    "DropStaleMessage",
    ...Object.values(HANDLERS),
  ]),
];
