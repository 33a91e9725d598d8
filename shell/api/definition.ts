/**
 * The HTTP API, version 1, as a description only: documents and clients are made from it. It
 * imports no server. What each operation needs of a token is in its description.
 */

import * as HttpApi from "effect/http-api/HttpApi";
import * as Endpoint from "effect/http-api/HttpApiEndpoint";
import * as Group from "effect/http-api/HttpApiGroup";
import * as HttpApiSchema from "effect/http-api/HttpApiSchema";
import * as OpenApi from "effect/http-api/OpenApi";
import * as Schema from "effect/Schema";

const Count = Schema.Number;

/** A failure, as RFC 9457 has it. `code` is stable: see `PROBLEMS` of the server. */
export const ProblemDetails = Schema.Struct({
  type: Schema.String,
  status: Count,
  title: Schema.String,
  detail: Schema.String,
  code: Schema.String,
  /** With `not-leader` only. */
  leader: Schema.optionalKey(
    Schema.NullOr(Schema.Struct({ id: Schema.String, url: Schema.NullOr(Schema.String) })),
  ),
}).annotate({ identifier: "Problem" });

/** A key with what it holds. `revision` is the number of changes up to its last. */
export const KeyValue = Schema.Struct({
  key: Schema.String,
  value: Schema.String,
  revision: Count,
}).annotate({ identifier: "KeyValue" });

/** A change that was made: the key's revision now and before, 0 for absent. */
export const Written = Schema.Struct({ revision: Count, previous: Count }).annotate({
  identifier: "Written",
});

/** A counter after an increment. */
export const Incremented = Schema.Struct({
  value: Count,
  revision: Count,
  previous: Count,
}).annotate({ identifier: "Incremented" });

/** Keys in order; `next` is what to give as `after` for more, null at the end. */
export const KeyList = Schema.Struct({
  items: Schema.Array(KeyValue),
  next: Schema.NullOr(Schema.String),
}).annotate({ identifier: "KeyList" });

/** What to write; with `expected` or `expectedRevision` only if the key is so. */
export const PutBody = Schema.Struct({
  value: Schema.String,
  expected: Schema.optionalKey(Schema.NullOr(Schema.String)),
  expectedRevision: Schema.optionalKey(Count),
});

/** A server, `peer` being `host:port` for servers and `client` a URL. */
export const MemberBody = Schema.Struct({
  id: Schema.String,
  peer: Schema.String,
  client: Schema.String,
}).annotate({ identifier: "Member" });

const Names = Schema.Array(Schema.String);

/** Who belongs to the cluster, and where. */
export const Members = Schema.Struct({
  voters: Names,
  outgoingVoters: Names,
  learners: Names,
  addresses: Schema.Array(MemberBody),
}).annotate({ identifier: "Members" });

/** A server at one moment: see `Status` of the server. */
export const StatusBody = Schema.Struct({
  id: Schema.String,
  role: Schema.Literals(["follower", "pre-candidate", "candidate", "leader"]),
  term: Count,
  leader: Schema.NullOr(Schema.Struct({ id: Schema.String, url: Schema.NullOr(Schema.String) })),
  commitIndex: Count,
  appliedIndex: Count,
  lastIndex: Count,
  snapshotIndex: Count,
  configuration: Schema.Struct({ voters: Names, outgoingVoters: Names, learners: Names }),
  peers: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      matchIndex: Count,
      mode: Schema.Literals(["probe", "replicate", "snapshot"]),
    }),
  ),
}).annotate({ identifier: "Status" });

/** What a snapshot stands for. */
export const SnapshotBody = Schema.Struct({ lastIndex: Count, lastTerm: Count }).annotate({
  identifier: "Snapshot",
});

export const SessionBody = Schema.Struct({ client: Count });
export const Done = Schema.Struct({ done: Schema.Literal(true) }).annotate({ identifier: "Done" });

const STATUSES = [400, 401, 403, 404, 409, 410, 413, 415, 429, 500, 503, 504];
const error = STATUSES.map((status) =>
  ProblemDetails.pipe(
    HttpApiSchema.status(status),
    HttpApiSchema.asJson({ contentType: "application/problem+json" }),
  ),
);
const key = { key: Schema.String };
const id = { id: Schema.String };
const consistency = Schema.optionalKey(Schema.Literals(["linearizable", "lease", "stale"]));
/** `CLIENT.SEQUENCE` of a session: the command takes effect once, however often it is sent. */
const headers = { "idempotency-key": Schema.optionalKey(Schema.String) };
const text = Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/plain" }));

const keys = Group.make("keys").add(
  Endpoint.get("get", "/v1/kv/:key", {
    params: key,
    query: { consistency },
    success: KeyValue,
    error,
  }),
  Endpoint.put("put", "/v1/kv/:key", {
    params: key,
    headers,
    payload: PutBody,
    success: Written,
    error,
  }),
  Endpoint.delete("delete", "/v1/kv/:key", { params: key, headers, success: Written, error }),
  Endpoint.post("increment", "/v1/kv/:key/increment", {
    params: key,
    headers,
    payload: Schema.Struct({ by: Count }),
    success: Incremented,
    error,
  }),
  Endpoint.get("list", "/v1/kv", {
    query: {
      prefix: Schema.optionalKey(Schema.String),
      after: Schema.optionalKey(Schema.String),
      limit: Schema.optionalKey(Schema.String),
      consistency,
    },
    success: KeyList,
    error,
  }),
  Endpoint.post("openSession", "/v1/sessions", { success: SessionBody, error }),
);

const cluster = Group.make("cluster").add(
  Endpoint.get("status", "/v1/status", { success: StatusBody, error }),
  Endpoint.get("members", "/v1/members", { success: Members, error }),
  Endpoint.post("addMember", "/v1/members", { payload: MemberBody, success: Done, error }),
  Endpoint.post("promoteMember", "/v1/members/:id/promote", { params: id, success: Done, error }),
  Endpoint.delete("removeMember", "/v1/members/:id", { params: id, success: Done, error }),
  Endpoint.post("replaceMember", "/v1/members/:id/replace", {
    params: id,
    payload: MemberBody,
    success: Done,
    error,
  }),
  Endpoint.post("transfer", "/v1/transfer", {
    payload: Schema.Struct({ to: Schema.optionalKey(Schema.String) }),
    success: Schema.Struct({ leader: Schema.String }),
    error,
  }),
  Endpoint.post("snapshot", "/v1/snapshot", { success: SnapshotBody, error }),
  Endpoint.get("backup", "/v1/backup", { success: text, error }),
);

const system = Group.make("system").add(
  Endpoint.get("health", "/health", { success: Done, error }),
  Endpoint.get("ready", "/ready", { success: Done, error }),
  Endpoint.get("metrics", "/metrics", { success: text, error }),
  Endpoint.get("openapi", "/openapi.json", { success: Schema.Unknown, error }),
  Endpoint.get("docs", "/docs", {
    success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/html" })),
    error,
  }),
);

/** The API. */
export const api = HttpApi.make("quorate")
  .add(keys, cluster, system)
  .annotateMerge(OpenApi.annotations({ title: "quorate", version: "1" }));

/** Its OpenAPI document. */
export const openApi = OpenApi.fromApi(api);
