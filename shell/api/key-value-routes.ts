/** Operations on keys, and sessions for them. */
import * as Effect from "effect/Effect";
import { openSession, sessionCommand } from "../../kernel/index.ts";
import type { RequestError } from "../driver/server.ts";
import { bareCommand, type ClusterResponse, type ClusterState } from "../machines/cluster.ts";
import {
  getKey,
  type KeyValueResponse,
  type KeyValueState,
  listKeys,
} from "../machines/key-value.ts";
import { commandFault } from "../machines/key-value-command.ts";
import { Problem, type ProblemCode } from "./problem.ts";
import {
  type ApiAnswer,
  type ApiContext,
  type ApiRequest,
  fieldsOf,
  json,
  malformed,
  type Route,
} from "./route.ts";

type Answered = Effect.Effect<ApiAnswer, Problem | RequestError>;

const path = "/v1/kv/:key";

export const keyValueRoutes: readonly Route[] = [
  { method: "GET", path, role: "read", changes: false, run: get },
  { method: "PUT", path, role: "write", changes: true, run: put },
  {
    method: "DELETE",
    path,
    role: "write",
    changes: true,
    run: (context, request) =>
      write(context, request, { op: "delete", key: request.params["key"] }),
  },
  {
    method: "POST",
    path: "/v1/kv/:key/increment",
    role: "write",
    changes: true,
    run: (context, request) =>
      Effect.flatMap(fieldsOf(request.body, ["by"]), ({ by }) =>
        write(context, request, { op: "increment", key: request.params["key"], by }),
      ),
  },
  { method: "GET", path: "/v1/kv", role: "read", changes: false, run: list },
  {
    method: "POST",
    path: "/v1/sessions",
    role: "write",
    changes: true,
    run: ({ server }) =>
      Effect.flatMap(server.propose(openSession), (response) =>
        response.kind === "opened"
          ? Effect.succeed(json({ client: response.client }))
          : unexpected(response),
      ),
  },
];

function get(context: ApiContext, request: ApiRequest): Answered {
  const key = request.params["key"] as string;
  const fault = commandFault({ op: "get", key }, context.keyValueLimits);
  if (fault !== null) return malformed(fault);
  return Effect.flatMap(stateFor(context, request), ({ sessions }) => {
    const item = getKey(sessions.machine, key);
    if (item === undefined) {
      return Effect.fail(new Problem({ code: "not-found", detail: "the key is absent" }));
    }
    return Effect.succeed(json({ key, value: item.value, revision: item.revision }));
  });
}

function stateFor(
  { server, leases }: ApiContext,
  { query }: ApiRequest,
): Effect.Effect<ClusterState<KeyValueState>, Problem | RequestError> {
  const consistency = query.get("consistency") ?? "linearizable";
  if (consistency === "linearizable") return server.read;
  if (consistency === "stale") return server.stale;
  if (consistency !== "lease") {
    return malformed("consistency: expected linearizable, lease or stale");
  }
  if (leases) return server.read;
  const detail = "this server was not configured with leaseReads: ask for linearizable";
  return Effect.fail(new Problem({ code: "lease-unavailable", detail }));
}

/** Most that a list answers with, in keys and in characters. */
const maxItems = 1000;
const maxChars = 1 << 20;

function list(context: ApiContext, request: ApiRequest): Answered {
  const { query } = request;
  const prefix = query.get("prefix") ?? "";
  const after = query.get("after") ?? undefined;
  const limitText = query.get("limit") ?? "100";
  const limit = /^[0-9]{1,4}$/.test(limitText) ? Number(limitText) : 0;
  if (limit < 1 || limit > maxItems) {
    return malformed(`limit: ${limitText} is not a whole number from 1 to ${maxItems}`);
  }
  return Effect.map(stateFor(context, request), ({ sessions }) => {
    const found = listKeys(sessions.machine, { prefix, after, limit: limit + 1 });
    const items: { key: string; value: string; revision: number }[] = [];
    let chars = 0;
    for (const [key, { value, revision }] of found.slice(0, limit)) {
      chars += key.length + value.length;
      // One always fits, so that a list goes on.
      if (chars > maxChars && items.length > 0) break;
      items.push({ key, value, revision });
    }
    return json({ items, next: found.length > items.length ? items.at(-1)?.key : null });
  });
}

function put(context: ApiContext, request: ApiRequest): Answered {
  const allowed = ["value", "expected", "expectedRevision"];
  return Effect.flatMap(fieldsOf(request.body, allowed), (fields) => {
    const isPlain = fields["expected"] === undefined && fields["expectedRevision"] === undefined;
    const op = isPlain ? "put" : "compare-and-set";
    return write(context, request, { op, key: request.params["key"], ...fields });
  });
}

/** Has a command committed, within the session that the request names, if it does. */
function write(context: ApiContext, request: ApiRequest, command: unknown): Answered {
  const fault = commandFault(command, context.keyValueLimits);
  if (fault !== null) return malformed(fault);
  const text = JSON.stringify(command);
  const { idempotencyKey } = request;
  if (idempotencyKey === undefined) {
    return Effect.flatMap(context.server.propose(bareCommand(text)), answerOf);
  }
  const parts = /^([1-9][0-9]{0,15})\.([1-9][0-9]{0,15})$/.exec(idempotencyKey);
  const client = Number(parts?.[1]);
  const sequence = Number(parts?.[2]);
  if (!Number.isSafeInteger(client) || !Number.isSafeInteger(sequence)) {
    return malformed("Idempotency-Key: expected CLIENT.SEQUENCE, whole numbers from 1");
  }
  const inSession = sessionCommand(client, sequence, text);
  return Effect.flatMap(context.server.propose(inSession), answerOf);
}

const REFUSALS: Readonly<Record<string, ProblemCode>> = {
  malformed: "malformed",
  "unknown-session": "unknown-session",
  expired: "session-expired",
  stale: "stale-session",
};

function answerOf(response: ClusterResponse<KeyValueResponse>): Effect.Effect<ApiAnswer, Problem> {
  if (response.kind === "refused") {
    const code = REFUSALS[response.reason] as ProblemCode;
    return Effect.fail(new Problem({ code, detail: response.detail }));
  }
  if (response.kind !== "answered") return unexpected(response);
  const { kind, ...fields } = response.response;
  if (response.response.kind === "conflict" || response.response.kind === "malformed") {
    const { detail, kind: code } = response.response;
    return Effect.fail(new Problem({ code, detail }));
  }
  return Effect.succeed(json(fields));
}

function unexpected(response: unknown): Effect.Effect<never, Problem> {
  const detail = `unexpected response ${JSON.stringify(response)}`;
  return Effect.fail(new Problem({ code: "internal", detail }));
}
