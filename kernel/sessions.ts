/**
 * Client sessions: a command that a client sends again takes effect once. Thesis §6.3.
 *
 * A client opens a session, which the log names: 1 for the first that was ever opened. (A name
 * chosen by the client could be opened again after it expired, by a copy of its opening that
 * comes late; a copy of an opening here opens one session more, which nobody uses.) It then
 * numbers its commands upwards and sends the next when the last is answered or given up.
 * - A number above the latest of the session is a new command. Numbers may be skipped: what is
 *   skipped never takes effect, for it is stale from then on.
 * - The latest number again gets the stored response, and takes no effect.
 * - A lower one is stale: its response is gone, so it is refused.
 * - A client without an open session is refused. A session that was opened once is told from one
 *   that never was: a command of an expired session may have taken effect, so its client must
 *   not send it again in a new one as if nothing had happened.
 *
 * At most `maxSessions` are open. Opening one more ends the one whose last use lies furthest
 * back in the log; a use is its opening and each command answered, not refused, so a client that
 * is idle stays by sending its latest command again. All this is state: replicated by the log,
 * part of every snapshot.
 *
 * A command costs O(log n) of n sessions beside the machine's own work, a snapshot O(n log n).
 */
import { type Json, jsonFault } from "./json.ts";
import { parseSessionCommand } from "./session-command.ts";
import { readSessions, type Sessions, sessionsParts } from "./session-snapshot.ts";
import {
  emptySessionTable,
  type SessionTable,
  sessionOf,
  useSession,
  withoutSession,
} from "./session-table.ts";
import { snapshotParts } from "./snapshot-parts.ts";
import type { Applied, StateMachine } from "./state-machine.ts";
import type { LogIndex } from "./types.ts";

/** The response to a command of a session, `R` being the responses of the machine inside. */
export type SessionResponse<R> =
  | { readonly kind: "opened"; readonly client: number }
  | { readonly kind: "answered"; readonly response: R }
  | { readonly kind: "refused"; readonly reason: Refusal; readonly detail: string };

/** Why a command has no effect: it is no command of a session, or its session cannot take it. */
export type Refusal = "malformed" | "unknown-session" | "expired" | "stale";

/** Constants of all servers alike, for as long as there is a log: see `withSessions`. */
export interface SessionOptions {
  /** Most sessions that are open at a time, at least 1. */
  readonly maxSessions: number;
}

type Step<S, R> = Applied<Sessions<S>, SessionResponse<R>>;

/**
 * The machine that takes commands of sessions and hands each to `machine` once. Its responses
 * are stored and become part of the snapshot, so they must be plain JSON: `apply` throws
 * TypeError where one is not. Every server must have the same `maxSessions`, from the first
 * command on: a snapshot made with another is refused. Throws RangeError for a bad one.
 */
export function withSessions<S, R extends Json>(
  machine: StateMachine<S, R>,
  { maxSessions }: SessionOptions,
): StateMachine<Sessions<S>, SessionResponse<R>> {
  if (!Number.isSafeInteger(maxSessions) || maxSessions < 1) {
    throw new RangeError(`maxSessions: ${maxSessions} is not a whole number from 1`);
  }
  const parts = (state: Sessions<S>): Iterable<string> =>
    sessionsParts(state, snapshotParts(machine, state.machine), maxSessions);
  return {
    initial: { machine: machine.initial, opened: 0, table: emptySessionTable },
    apply: (state, text, index) => {
      const command = parseSessionCommand(text);
      if (command.kind === "malformed") return refused(state, "malformed", command.fault);
      if (command.kind === "open") return open(state, maxSessions);
      return applyOnce(machine, state, command, index);
    },
    snapshot: (state) => [...parts(state)].join(""),
    snapshotParts: parts,
    restore: (text) => readSessions(text, maxSessions, (inner) => machine.restore(inner)),
  };
}

/** A refusal changes nothing, so it is stored nowhere. */
function refused<S, R>(state: Sessions<S>, reason: Refusal, detail: string): Step<S, R> {
  return { state, response: { kind: "refused", reason, detail } };
}

function open<S, R>(state: Sessions<S>, maxSessions: number): Step<S, R> {
  const client = state.opened + 1;
  const table = useSession(withRoom(state.table, maxSessions), {
    client,
    sequence: 0,
    response: null,
  });
  return { state: { ...state, opened: client, table }, response: { kind: "opened", client } };
}

/** The least recently used session goes first. */
function withRoom(table: SessionTable, maxSessions: number): SessionTable {
  return table.size < maxSessions ? table : withoutSession(table, table.oldest);
}

function applyOnce<S, R extends Json>(
  machine: StateMachine<S, R>,
  state: Sessions<S>,
  command: { readonly client: number; readonly sequence: number; readonly command: string },
  index: LogIndex,
): Step<S, R> {
  const { client, sequence } = command;
  const session = sessionOf(state.table, client);
  if (session === undefined) return refusedWithoutSession(state, client);
  if (sequence < session.sequence) {
    const detail = `command ${sequence} of session ${client} comes after ${session.sequence}`;
    return refused(state, "stale", detail);
  }
  if (sequence === session.sequence) {
    const table = useSession(state.table, session);
    const response = session.response as R;
    return { state: { ...state, table }, response: { kind: "answered", response } };
  }
  const { state: next, response } = machine.apply(state.machine, command.command, index);
  const fault = jsonFault(response);
  if (fault !== null) throw new TypeError(`the machine's response is not plain JSON: ${fault}`);
  const table = useSession(state.table, { client, sequence, response });
  return {
    state: { ...state, machine: next, table },
    response: { kind: "answered", response },
  };
}

function refusedWithoutSession<S, R>(state: Sessions<S>, client: number): Step<S, R> {
  if (client > state.opened) {
    return refused(state, "unknown-session", `session ${client} was never opened`);
  }
  return refused(state, "expired", `session ${client} expired: too many were used after it`);
}
