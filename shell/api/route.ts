/** What the API's operations are made of: routes, requests and answers. */
import * as Effect from "effect/Effect";
import type { ServerId } from "../../kernel/index.ts";
import type { RequestError, Server } from "../driver/server.ts";
import type { Address, ClusterResponse, ClusterState } from "../machines/cluster.ts";
import type { KeyValueResponse, KeyValueState } from "../machines/key-value.ts";
import type { KeyValueLimits } from "../machines/key-value-command.ts";
import type { DiskUsage } from "../storage/disk-usage.ts";
import type { Role } from "./auth.ts";
import { type LeaderHint, Problem, problemOf } from "./problem.ts";

/** A server of keys and values, as the API serves it. */
export type KeyValueServer = Server<ClusterState<KeyValueState>, ClusterResponse<KeyValueResponse>>;

/** What operations work on. */
export interface ApiContext {
  readonly server: KeyValueServer;
  readonly keyValueLimits: KeyValueLimits;
  /** Where servers are that the cluster's address book does not have, or not yet. */
  readonly places: ReadonlyMap<ServerId, Address>;
  /** Whether the kernel was configured with leaseReads. */
  readonly leases: boolean;
  /** What the storage takes of a disk; null where that is not known. */
  readonly disk: Effect.Effect<DiskUsage | null>;
}

/** A request, its path's parts decoded, its body parsed. */
export interface ApiRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Undefined where there is none. */
  readonly body: unknown;
  /** The header of the name Idempotency-Key. */
  readonly idempotencyKey: string | undefined;
  /** Milliseconds after which an operation that waits had better say how far it has come. */
  readonly patience: number;
}

/**
 * A success; `body` is JSON but for another content type. A long one is in parts, which are made
 * as the client takes them.
 */
export interface ApiAnswer {
  readonly body: string | Iterable<string>;
  readonly contentType?: string;
}

/** An operation. */
export interface Route {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** `/v1/kv/:key`: each part as it is, or a name with a colon. */
  readonly path: string;
  /** What a token must allow; null: none is needed. */
  readonly role: Role | null;
  /** What is not answered in time is unknown; a read has no effect, so it just failed. */
  readonly changes: boolean;
  /** Milliseconds that it may take; the server's default where absent. */
  readonly timeout?: number;
  readonly run: (
    context: ApiContext,
    request: ApiRequest,
  ) => Effect.Effect<ApiAnswer, Problem | RequestError>;
}

/** A success with a body of JSON. */
export function json(value: unknown): ApiAnswer {
  return { body: JSON.stringify(value) };
}

export const done: ApiAnswer = json({ done: true });

/** Fails as malformed. */
export function malformed(detail: string): Effect.Effect<never, Problem> {
  return Effect.fail(new Problem({ code: "malformed", detail }));
}

/** The body's fields. Fails where it is no object, or has a field not among `allowed`. */
export function fieldsOf(
  body: unknown,
  allowed: readonly string[],
): Effect.Effect<Readonly<Record<string, unknown>>, Problem> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return malformed("body: expected an object");
  }
  const other = Object.keys(body).find((name) => !allowed.includes(name));
  if (other !== undefined) return malformed(`body: ${JSON.stringify(other)}: no such field`);
  return Effect.succeed(body as Readonly<Record<string, unknown>>);
}

/** The state as this server has it, and its status, of the same moment. */
export function momentOf(server: KeyValueServer) {
  return Effect.zip(server.stale, server.status);
}

/** Where `id` is, as far as this server knows. */
export function leaderHint(
  { places }: ApiContext,
  { addresses }: ClusterState<unknown>,
  id: ServerId | null,
): LeaderHint | null {
  if (id === null) return null;
  return { id, url: (addresses.get(id) ?? places.get(id))?.client ?? null };
}

/** A failure of `route` as a problem. A change that its leader was lost over may yet happen. */
export function asProblem(error: Problem | RequestError, route: Route): Problem {
  const problem = error._tag === "Problem" ? error : problemOf(error);
  if (!route.changes || problem.code !== "leader-lost") return problem;
  return new Problem({ code: "outcome-unknown", detail: problem.detail });
}
