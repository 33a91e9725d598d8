/**
 * The HTTP API, version 1, as a description only: documents and clients are made from it. It
 * imports no server. A description ends with the role that a token must have.
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
  /** Bytes of the files of the log and of snapshots; absent where the server cannot tell. */
  disk: Schema.optionalKey(Schema.Struct({ log: Count, snapshots: Count })),
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
  }).annotate(
    OpenApi.Description,
    "Reads a key. `lease` needs servers that run with leases; `stale` may be old. Role: read.",
  ),
  Endpoint.put("put", "/v1/kv/:key", {
    params: key,
    headers,
    payload: PutBody,
    success: Written,
    error,
  }).annotate(
    OpenApi.Description,
    "Writes a key; with an expectation only if the key is so: else `conflict`. Role: write.",
  ),
  Endpoint.delete("delete", "/v1/kv/:key", {
    params: key,
    headers,
    success: Written,
    error,
  }).annotate(OpenApi.Description, "Deletes a key; one that is absent, too. Role: write."),
  Endpoint.post("increment", "/v1/kv/:key/increment", {
    params: key,
    headers,
    payload: Schema.Struct({ by: Count }),
    success: Incremented,
    error,
  }).annotate(
    OpenApi.Description,
    "Adds to a whole number, 0 where the key is absent. Role: write.",
  ),
  Endpoint.get("list", "/v1/kv", {
    query: {
      prefix: Schema.optionalKey(Schema.String),
      after: Schema.optionalKey(Schema.String),
      limit: Schema.optionalKey(Schema.String),
      consistency,
    },
    success: KeyList,
    error,
  }).annotate(
    OpenApi.Description,
    "Lists keys in the order of UTF-16 code units: 1 to 1,000, 100 by default. Role: read.",
  ),
  Endpoint.post("openSession", "/v1/sessions", { success: SessionBody, error }).annotate(
    OpenApi.Description,
    "Opens a session, for commands that take effect once. Role: write.",
  ),
);

const cluster = Group.make("cluster").add(
  Endpoint.get("status", "/v1/status", { success: StatusBody, error }).annotate(
    OpenApi.Description,
    "How this server is; `disk` is in bytes, and a second old at most. Role: read.",
  ),
  Endpoint.get("members", "/v1/members", { success: Members, error }).annotate(
    OpenApi.Description,
    "Who belongs to the cluster, and where they are, as this server knows. Role: read.",
  ),
  Endpoint.post("addMember", "/v1/members", { payload: MemberBody, success: Done, error }).annotate(
    OpenApi.Description,
    "Adds a learner, which is sent the log and does not vote. Role: admin.",
  ),
  Endpoint.post("promoteMember", "/v1/members/:id/promote", {
    params: id,
    success: Done,
    error,
  }).annotate(OpenApi.Description, "Lets a learner vote, once it has the log. Role: admin."),
  Endpoint.delete("removeMember", "/v1/members/:id", { params: id, success: Done, error }).annotate(
    OpenApi.Description,
    "Removes a voter or learner. Role: admin.",
  ),
  Endpoint.post("replaceMember", "/v1/members/:id/replace", {
    params: id,
    payload: MemberBody,
    success: Done,
    error,
  }).annotate(
    OpenApi.Description,
    "Adds a server, and lets it take the place of a voter once it has the log. Waits a minute " +
      "at most, or as `Prefer: wait=SECONDS` says. Role: admin.",
  ),
  Endpoint.post("transfer", "/v1/transfer", {
    payload: Schema.Struct({ to: Schema.optionalKey(Schema.String) }),
    success: Schema.Struct({ leader: Schema.String }),
    error,
  }).annotate(
    OpenApi.Description,
    "Hands leadership over: to the voter that has most, where none is named. Role: admin.",
  ),
  Endpoint.post("snapshot", "/v1/snapshot", { success: SnapshotBody, error }).annotate(
    OpenApi.Description,
    "Stores a snapshot now and compacts the log. Role: admin.",
  ),
  Endpoint.get("backup", "/v1/backup", { success: text, error }).annotate(
    OpenApi.Description,
    "A line of JSON that says of what, then the snapshot of the keys. Role: admin.",
  ),
);

const system = Group.make("system").add(
  Endpoint.get("health", "/health", { success: Done, error }).annotate(
    OpenApi.Description,
    "Whether the process lives and its storage is good. Role: none.",
  ),
  Endpoint.get("ready", "/ready", { success: Done, error }).annotate(
    OpenApi.Description,
    "Whether it is a member, knows a leader and has applied all that is committed here. " +
      "Role: none.",
  ),
  Endpoint.get("metrics", "/metrics", { success: text, error }).annotate(
    OpenApi.Description,
    "Metrics in the text format of Prometheus. Role: read.",
  ),
  Endpoint.get("openapi", "/openapi.json", { success: Schema.Unknown, error }).annotate(
    OpenApi.Description,
    "This document. Role: none.",
  ),
  Endpoint.get("docs", "/docs", {
    success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/html" })),
    error,
  }).annotate(OpenApi.Description, "This document as a page. Role: none."),
);

/** The API. */
export const api = HttpApi.make("quorate")
  .add(keys, cluster, system)
  .annotateMerge(OpenApi.annotations({ title: "quorate", version: "1" }));

/** Its OpenAPI document. */
export const openApi = OpenApi.fromApi(api);
