/**
 * The sessions that are open, and in which order they were last used. Thesis §6.3: the number of
 * sessions is bounded, and the least recently used goes first. "Recently" is by the log: the
 * order of use is a list through the sessions themselves, so there is no clock and no counter of
 * uses, and tables of equal sessions in equal order are equal data.
 *
 * Every operation costs a few paths through the map: O(log n) of n sessions.
 */
import { assert } from "./assert.ts";
import type { Json } from "./json.ts";
import { type NumberMap, valueAt, withoutKey, withValue } from "./number-map.ts";

/** One client's session: its latest command and the response to it. */
export interface Session {
  readonly client: number;
  /** Sequence number of the latest command; 0 before the first. */
  readonly sequence: number;
  /** The response to that command; null before the first. */
  readonly response: Json;
}

/** A session in the list by use; 0 stands for no neighbour. */
interface Linked extends Session {
  readonly older: number;
  readonly newer: number;
}

/** All open sessions. */
export interface SessionTable {
  readonly size: number;
  /** The client whose session was used least recently, 0 where there is none. */
  readonly oldest: number;
  /** The client whose session was used last, 0 where there is none. */
  readonly newest: number;
  readonly byClient: NumberMap<Linked>;
}

/** The table of no sessions. */
export const emptySessionTable: SessionTable = { size: 0, oldest: 0, newest: 0, byClient: null };

/** The session of `client`; undefined where none is open. */
export function sessionOf(table: SessionTable, client: number): Session | undefined {
  return valueAt(table.byClient, client);
}

/** The table in which `session` replaces that of the same client, if any, as the last used. */
export function useSession(table: SessionTable, session: Session): SessionTable {
  const { client, sequence, response } = session;
  const { size, oldest, newest, byClient } = withoutSession(table, client);
  const linked = { client, sequence, response, older: newest, newer: 0 };
  return {
    size: size + 1,
    oldest: newest === 0 ? client : oldest,
    newest: client,
    byClient: withValue(withNeighbour(byClient, newest, { newer: client }), client, linked),
  };
}

/** The table without the session of `client`. */
export function withoutSession(table: SessionTable, client: number): SessionTable {
  const gone = valueAt(table.byClient, client);
  if (gone === undefined) return table;
  const { older, newer } = gone;
  const bridged = withNeighbour(table.byClient, older, { newer });
  return {
    size: table.size - 1,
    oldest: older === 0 ? newer : table.oldest,
    newest: newer === 0 ? older : table.newest,
    byClient: withoutKey(withNeighbour(bridged, newer, { older }), client),
  };
}

function withNeighbour(
  byClient: NumberMap<Linked>,
  client: number,
  link: { readonly older: number } | { readonly newer: number },
): NumberMap<Linked> {
  if (client === 0) return byClient;
  return withValue(byClient, client, { ...linkedAt(byClient, client), ...link });
}

function linkedAt(byClient: NumberMap<Linked>, client: number): Linked {
  const linked = valueAt(byClient, client);
  assert(linked !== undefined, "neighbours in the order of use are open sessions");
  return linked;
}

/** All sessions, the least recently used first. O(log n) each. */
export function* sessionsByUse(table: SessionTable): Generator<Session> {
  for (let at = table.oldest; at !== 0; ) {
    const { client, sequence, response, newer } = linkedAt(table.byClient, at);
    yield { client, sequence, response };
    at = newer;
  }
}
