/**
 * The machine that every server of a cluster runs: another machine behind client sessions (thesis
 * §6.3), and where the servers are, so that one that is added later is known to all of them.
 *
 *   open-session
 *   session CLIENT SEQUENCE COMMAND
 *   bare COMMAND
 *   address {"id":ID,"peer":"HOST:PORT","client":URL}
 *   address {"id":ID}
 *
 * A bare command has no session: sent twice, it takes effect twice. An address without places
 * takes the server out of the book.
 */
import {
  type Json,
  type ServerId,
  type SessionOptions,
  type SessionResponse,
  type Sessions,
  SnapshotError,
  type StateMachine,
  snapshotParts,
  withSessions,
} from "../../kernel/index.ts";

/** Where a server is. */
export interface Address {
  /** Where its peers reach it: `host:port`. */
  readonly peer: string;
  /** Where clients reach it: a URL without a path. */
  readonly client: string;
}

/** The state of a cluster machine around one of states `S`. */
export interface ClusterState<S> {
  /** Ordered by server. */
  readonly addresses: ReadonlyMap<ServerId, Address>;
  readonly sessions: Sessions<S>;
}

/** The response to a command; `answered` to a bare one, too. */
export type ClusterResponse<R> = SessionResponse<R> | { readonly kind: "addressed" };

/** Most servers in the address book. */
export const maxAddresses = 1000;

/** The text of a command without a session. */
export function bareCommand(command: string): string {
  return `bare ${command}`;
}

/** The text that enters a server into the address book, or takes it out where `address` is null. */
export function addressCommand(id: ServerId, address: Address | null): string {
  return `address ${JSON.stringify({ id, ...address })}`;
}

/** The cluster machine around `inner`. Options are constants of all servers, for good. */
export function clusterMachine<S, R extends Json>(
  inner: StateMachine<S, R>,
  options: SessionOptions,
): StateMachine<ClusterState<S>, ClusterResponse<R>> {
  const sessions = withSessions(inner, options);
  const parts = function* (state: ClusterState<S>): Generator<string> {
    // On a line of its own, for a text inside JSON would have its quotes escaped once more.
    yield `${JSON.stringify(bookOf(state.addresses))}\n`;
    yield* snapshotParts(sessions, state.sessions);
  };
  return {
    initial: { addresses: new Map(), sessions: sessions.initial },
    apply: (state, text, index) => {
      if (text.startsWith("bare ")) {
        const before = state.sessions.machine;
        const { state: machine, response } = inner.apply(before, text.slice(5), index);
        return {
          state: { ...state, sessions: { ...state.sessions, machine } },
          response: { kind: "answered", response },
        };
      }
      if (text.startsWith("address ")) return applyAddress(state, text.slice(8));
      const { state: next, response } = sessions.apply(state.sessions, text, index);
      return { state: next === state.sessions ? state : { ...state, sessions: next }, response };
    },
    snapshot: (state) => [...parts(state)].join(""),
    snapshotParts: parts,
    restore: (text) => {
      const end = text.indexOf("\n");
      if (end < 0) return fail("expected the address book in a line");
      const addresses = readBook(text.slice(0, end));
      return { addresses, sessions: sessions.restore(text.slice(end + 1)) };
    },
  };
}

interface Entry extends Partial<Address> {
  readonly id: ServerId;
}

function applyAddress<S, R>(
  state: ClusterState<S>,
  text: string,
): { state: ClusterState<S>; response: ClusterResponse<R> } {
  const entry = entryOf(text);
  const isNew = typeof entry !== "string" && !state.addresses.has(entry.id);
  const isFull = isNew && state.addresses.size >= maxAddresses;
  const fault = typeof entry === "string" ? entry : isFull ? "the address book is full" : null;
  if (fault !== null || typeof entry === "string") {
    const detail = `address: ${fault}`;
    return { state, response: { kind: "refused", reason: "malformed", detail } };
  }
  const { id, peer, client } = entry;
  const others = [...state.addresses].filter(([other]) => other !== id);
  const kept: [ServerId, Address][] =
    peer === undefined || client === undefined ? others : [...others, [id, { peer, client }]];
  kept.sort(([a], [b]) => (a < b ? -1 : 1));
  return { state: { ...state, addresses: new Map(kept) }, response: { kind: "addressed" } };
}

/** The entry that `text` is, or what is wrong with it. */
function entryOf(text: string): Entry | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `not JSON: ${(error as Error).message}`;
  }
  return addressFault(value) ?? (value as Entry);
}

/** What is wrong with {id, peer, client} or {id}, naming the place; null where nothing is. */
export function addressFault(value: unknown): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return "expected an object";
  }
  const { id, peer, client, ...others } = value as Record<string, unknown>;
  const other = Object.keys(others)[0];
  if (other !== undefined) return `${JSON.stringify(other)}: no field of an address`;
  if (typeof id !== "string" || !/^[\w.-]{1,64}$/.test(id)) {
    return "id: expected 1 to 64 letters, digits, dots, hyphens and underscores";
  }
  if (peer === undefined && client === undefined) return null;
  if (!isPeer(peer)) return "peer: expected host:port";
  return isClient(client) ? null : "client: expected http://host:port or https://host:port";
}

function isPeer(value: unknown): boolean {
  if (typeof value !== "string" || value.length > 300) return false;
  const parts = /^(?:\[[0-9a-fA-F:.]+\]|[\w.-]+):([0-9]{1,5})$/.exec(value);
  return parts !== null && Number(parts[1]) <= 65_535;
}

function isClient(value: unknown): boolean {
  const rest = typeof value === "string" ? /^https?:\/\/([^/]+)\/?$/.exec(value)?.[1] : undefined;
  return rest !== undefined && isPeer(rest);
}

type Row = readonly [id: ServerId, peer: string, client: string];

function bookOf(addresses: ReadonlyMap<ServerId, Address>): readonly Row[] {
  return [...addresses].map(([id, { peer, client }]) => [id, peer, client]);
}

function fail(fault: string): never {
  throw new SnapshotError(`snapshot of a cluster: ${fault}`);
}

function readBook(text: string): ReadonlyMap<ServerId, Address> {
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch (error) {
    return fail(`addresses: ${(error as Error).message}`);
  }
  if (!Array.isArray(rows)) return fail("addresses: expected a list");
  if (rows.length > maxAddresses) return fail(`addresses: ${rows.length}, at most ${maxAddresses}`);
  const addresses = new Map<ServerId, Address>();
  let last = "";
  for (const [at, row] of rows.entries()) {
    if (!Array.isArray(row) || row.length !== 3) fail(`addresses[${at}]: expected three texts`);
    const [id, peer, client] = row as unknown as Row;
    const fault = addressFault({ id, peer, client });
    if (fault !== null) fail(`addresses[${at}]: ${fault}`);
    if (id <= last) fail(`addresses[${at}][0]: not behind the server before`);
    last = id;
    addresses.set(id, { peer, client });
  }
  if (JSON.stringify(bookOf(addresses)) !== text) fail("addresses: not the canonical text");
  return addresses;
}
