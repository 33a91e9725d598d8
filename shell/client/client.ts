/**
 * A client of a cluster: it finds the leader, tries again where that is safe, and says what it
 * does not know. Writes are commands of sessions, so that each takes effect once however often it
 * is sent (thesis §6.3).
 */
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type * as Scope from "effect/Scope";
import {
  Done,
  Incremented,
  KeyList,
  KeyValue,
  type MemberBody,
  Members,
  SessionBody,
  SnapshotBody,
  StatusBody,
  Written,
} from "../api/definition.ts";
import { call } from "./call.ts";
import { Endpoints } from "./endpoints.ts";
import { Failed, type Repeat, Unknown } from "./outcome.ts";
import { makeSend, type Outgoing, type Send } from "./send.ts";
import { makeSessions, type WithSession } from "./sessions.ts";

/** How a client is made. */
export interface ClientOptions {
  /** URLs of servers: one suffices, for others are learnt from it, but it may be down. */
  readonly endpoints: readonly string[];
  readonly token?: string;
  /** PEM of the authority that the servers' certificates must be from. */
  readonly ca?: string;
  /** Milliseconds that a call may take; 10,000. */
  readonly deadline?: number;
  /** Milliseconds that one attempt may take; 3,000. Of a snapshot or backup, the whole deadline. */
  readonly attemptTimeout?: number;
  /** False: writes are not tried again once they may have been sent. True by default. */
  readonly sessions?: boolean;
  /** Most sessions, which is most writes on their way at a time; 32. */
  readonly maxSessions?: number;
}

type Outcome<A> = Effect.Effect<A, Failed | Unknown>;

/** How a read is answered: see the API. */
export type Consistency = "linearizable" | "lease" | "stale";

/** Which keys to list: those that begin with `prefix`, behind `after`, at most `limit` (100). */
export interface ListQuery {
  readonly prefix?: string;
  readonly after?: string;
  readonly limit?: number;
  readonly consistency?: Consistency;
}

/** What a key must be for `compareAndSet`; `expected` null and revision 0 mean absent. */
export type Expectation =
  | { readonly expected: string | null }
  | { readonly expectedRevision: number };

/**
 * A client. Every call fails with `Failed`, which is definite, or with `Unknown`. Throws
 * RangeError for a key or server that holds half of a surrogate pair.
 */
export interface Client {
  /** Null where the key is absent. */
  readonly get: (
    key: string,
    options?: { readonly consistency?: Consistency },
  ) => Outcome<typeof KeyValue.Type | null>;
  readonly put: (key: string, value: string) => Outcome<typeof Written.Type>;
  readonly delete: (key: string) => Outcome<typeof Written.Type>;
  /** Fails with the code `conflict` where the key is not as expected. */
  readonly compareAndSet: (
    key: string,
    value: string,
    expectation: Expectation,
  ) => Outcome<typeof Written.Type>;
  readonly increment: (key: string, by?: number) => Outcome<typeof Incremented.Type>;
  readonly list: (query?: ListQuery) => Outcome<typeof KeyList.Type>;
  /** Of whichever server answers. */
  readonly status: () => Outcome<typeof StatusBody.Type>;
  readonly members: {
    readonly list: () => Outcome<typeof Members.Type>;
    /** As a learner. */
    readonly add: (member: typeof MemberBody.Type) => Outcome<void>;
    readonly promote: (id: string) => Outcome<void>;
    readonly remove: (id: string) => Outcome<void>;
    readonly replace: (id: string, member: typeof MemberBody.Type) => Outcome<void>;
  };
  /** To the most up-to-date voter where none is named; gives who leads then. */
  readonly transfer: (to?: string) => Outcome<string>;
  readonly snapshot: () => Outcome<typeof SnapshotBody.Type>;
  readonly backup: () => Outcome<string>;
}

/** A client, until the scope closes. Throws RangeError for bad endpoints. */
export function makeClient(options: ClientOptions): Effect.Effect<Client, never, Scope.Scope> {
  return Effect.map(makeSend(options), (send) => clientOver(send, options));
}

/** A client that sends by `send`. */
export function clientOver(send: Send, options: ClientOptions): Client {
  const { deadline = 10_000, attemptTimeout = 3000, maxSessions = 32 } = options;
  const endpoints = new Endpoints(options.endpoints);
  const made = (request: Outgoing, repeat: Repeat, timeout: number) =>
    call({ send, endpoints, deadline, attemptTimeout: timeout }, request, repeat);
  /** Asks for what is as `schema` says. */
  const ask = <S extends Schema.ConstraintDecoder<unknown>>(
    schema: S,
    request: Outgoing,
    repeat: Repeat = "harmless",
    timeout = attemptTimeout,
  ): Outcome<S["Type"]> =>
    Effect.flatMap(made(request, repeat, timeout), (body) =>
      Schema.decodeUnknownEffect(schema)(body).pipe(
        Effect.mapError(({ message }) => new Unknown({ message: `answer: ${message}` })),
      ),
    );
  const sessions = makeSessions(
    Effect.map(ask(SessionBody, { method: "POST", path: "/v1/sessions" }), (it) => it.client).pipe(
      // A session that was opened and not learnt of is used by nobody.
      Effect.mapError((error) =>
        error instanceof Failed
          ? error
          : new Failed({ code: "no-session", message: error.message }),
      ),
    ),
    maxSessions,
  );
  const write = writer(ask, options.sessions === false ? null : sessions);
  const change = (request: Outgoing) => Effect.asVoid(ask(Done, request, "harmful"));
  return {
    get: (key, { consistency = "linearizable" } = {}) =>
      ask(KeyValue, { method: "GET", path: `${keyPath(key)}?consistency=${consistency}` }).pipe(
        Effect.catchIf(
          (error) => error instanceof Failed && error.code === "not-found",
          () => Effect.succeed(null),
        ),
      ),
    put: (key, value) => write(Written, { method: "PUT", path: keyPath(key), body: { value } }),
    delete: (key) => write(Written, { method: "DELETE", path: keyPath(key) }),
    compareAndSet: (key, value, expectation) =>
      write(Written, { method: "PUT", path: keyPath(key), body: { value, ...expectation } }),
    increment: (key, by = 1) =>
      write(Incremented, { method: "POST", path: `${keyPath(key)}/increment`, body: { by } }),
    list: (query = {}) => ask(KeyList, { method: "GET", path: `/v1/kv?${searchOf(query)}` }),
    status: () => ask(StatusBody, { method: "GET", path: "/v1/status" }),
    members: {
      list: () => ask(Members, { method: "GET", path: "/v1/members" }),
      add: (body) => change({ method: "POST", path: "/v1/members", body }),
      promote: (id) => change({ method: "POST", path: `${memberPath(id)}/promote` }),
      remove: (id) => change({ method: "DELETE", path: memberPath(id) }),
      replace: (id, body) => change({ method: "POST", path: `${memberPath(id)}/replace`, body }),
    },
    transfer: (to) => {
      const body = to === undefined ? {} : { to };
      const answer = Schema.Struct({ leader: Schema.String });
      const request = { method: "POST", path: "/v1/transfer", body } as const;
      return Effect.map(ask(answer, request, "harmful"), ({ leader }) => leader);
    },
    // The more there is, the longer these take: elsewhere it would be as long.
    snapshot: () =>
      ask(SnapshotBody, { method: "POST", path: "/v1/snapshot" }, "harmless", deadline),
    backup: () => ask(Schema.String, { method: "GET", path: "/v1/backup" }, "harmless", deadline),
  };
}

type Ask = <S extends Schema.ConstraintDecoder<unknown>>(
  schema: S,
  request: Outgoing,
  repeat?: Repeat,
) => Outcome<S["Type"]>;

/** Asks for a command, in a session if there are any. */
function writer(ask: Ask, withSession: WithSession | null): Ask {
  if (withSession === null) return (schema, request) => ask(schema, request, "harmful");
  return (schema, request) =>
    withSession((idempotencyKey) => ask(schema, { ...request, idempotencyKey }, "once"));
}

/** Throws RangeError for half of a surrogate pair, which no path can carry. */
function encoded(name: string, text: string): string {
  if (!text.isWellFormed()) throw new RangeError(`${name}: holds half of a surrogate pair`);
  return encodeURIComponent(text);
}

function keyPath(key: string): string {
  return `/v1/kv/${encoded("key", key)}`;
}

function memberPath(id: string): string {
  return `/v1/members/${encoded("id", id)}`;
}

function searchOf(query: ListQuery): URLSearchParams {
  const fields = Object.entries(query).filter(([, value]) => value !== undefined);
  return new URLSearchParams(Object.fromEntries(fields.map(([k, value]) => [k, String(value)])));
}
