/** One request from its head to its answer: limits, permission, body, operation, time. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import * as Cause from "effect/Cause";
import * as Effect from "effect/Effect";
import * as Exit from "effect/Exit";
import * as Stream from "effect/Stream";
import { chunksOfText } from "../driver/snapshot-chunks.ts";
import { type Authorize, tokenHash } from "./auth.ts";
import { hasBody, readBody } from "./body.ts";
import type { HttpMetrics } from "./metrics.ts";
import { PROBLEMS, Problem, problemBody } from "./problem.ts";
import type { TakeToken } from "./rate-limit.ts";
import { type ApiAnswer, type ApiContext, asProblem, leaderHint, momentOf } from "./route.ts";
import type { Find, Match } from "./router.ts";

/** What requests are measured by. */
export interface DispatchOptions {
  readonly context: ApiContext;
  readonly find: Find;
  readonly authorize: Authorize;
  /** Null: as often as they like. */
  readonly takeToken: TakeToken | null;
  readonly metrics: HttpMetrics;
  readonly maxBodyBytes: number;
  readonly maxConcurrent: number;
  /** Milliseconds. */
  readonly timeout: number;
}

/** A listener of Node's HTTP server. */
export type Dispatch = (request: IncomingMessage, response: ServerResponse) => void;

/** The listener that serves the API. */
export function makeDispatch(options: DispatchOptions): Dispatch {
  const { metrics } = options;
  return (request, response) => {
    const startedAt = performance.now();
    const [path, search] = pathOf(request.url ?? "/");
    const match = options.find(request.method ?? "", path);
    metrics.inFlight++;
    response.once("close", () => {
      metrics.inFlight--;
      const route = match instanceof Problem ? "none" : `${match.route.method} ${match.route.path}`;
      const seconds = (performance.now() - startedAt) / 1000;
      // 499: the client left before it was answered.
      metrics.answered(route, response.writableFinished ? response.statusCode : 499, seconds);
    });
    const fault = admissionFault(options, request, match);
    if (fault !== null || match instanceof Problem) {
      return refuse(options.context, response, fault ?? (match as Problem));
    }
    readBody(request, options.maxBodyBytes, (body) => {
      if (body instanceof Problem) return refuse(options.context, response, body);
      serve(options, match, new URLSearchParams(search), body, request, response);
    });
  };
}

/** While a body is not read, the connection is in no state for another request. */
function refuse(context: ApiContext, response: ServerResponse, problem: Problem): void {
  if (hasBody(response.req) && !response.req.complete) response.shouldKeepAlive = false;
  answerProblem(context, response, problem);
}

function pathOf(url: string): readonly [path: string, search: string] {
  const at = url.indexOf("?");
  return at < 0 ? [url, ""] : [url.slice(0, at), url.slice(at + 1)];
}

/** Why a request is not taken at all, before its body is read; null where it is. */
function admissionFault(
  { authorize, takeToken, metrics, maxConcurrent }: DispatchOptions,
  request: IncomingMessage,
  match: Match | Problem,
): Problem | null {
  const { authorization, origin, host } = request.headers;
  const role = match instanceof Problem ? null : match.route.role;
  if (role === null) return match instanceof Problem ? match : null;
  if (metrics.inFlight > maxConcurrent) {
    return new Problem({ code: "overloaded", detail: `${maxConcurrent} requests wait already` });
  }
  // A page of another site must not use what this browser may reach.
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
    return new Problem({ code: "forbidden", detail: `origin: ${origin} is not ${host}` });
  }
  const fault = authorize(authorization, role);
  if (takeToken === null) return fault;
  // Who holds no good token is known by address, so that guessing is slow, too.
  const isKnown = fault === null && authorization !== undefined;
  const name = isKnown ? tokenHash(authorization) : `${request.socket.remoteAddress}`;
  const seconds = takeToken(name, performance.now());
  if (seconds === 0) return fault;
  const retryAfter = Math.ceil(seconds);
  const detail = `the next request is taken in ${retryAfter} s`;
  return new Problem({ code: "rate-limited", detail, retryAfter });
}

function serve(
  { context, timeout }: DispatchOptions,
  { route, params }: Match,
  query: URLSearchParams,
  body: unknown,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const key = request.headers["idempotency-key"];
  const idempotencyKey = Array.isArray(key) ? key.join() : key;
  const milliseconds = route.timeout ?? timeout;
  // Early enough for what is said then to arrive.
  const patience = Math.min(0.9 * milliseconds, waitOf(request) ?? Infinity);
  const asked = { params, query, body, idempotencyKey, patience };
  let timer: NodeJS.Timeout | undefined;
  const cancel = Effect.runCallback(route.run(context, asked), {
    onExit: (exit) => {
      clearTimeout(timer);
      if (response.headersSent || response.destroyed) return;
      if (Exit.isSuccess(exit)) return answer(response, exit.value, timeout);
      const error = Cause.findErrorOption(exit.cause);
      const problem =
        error._tag === "Some"
          ? asProblem(error.value, route)
          : new Problem({ code: "internal", detail: String(Cause.squash(exit.cause)) });
      answerProblem(context, response, problem);
    },
  });
  // Answered already: what needs no waiting runs at once.
  if (response.headersSent) return;
  timer = setTimeout(() => {
    const detail = `not answered within ${milliseconds} ms`;
    const code = route.changes ? "outcome-unknown" : "timed-out";
    answerProblem(context, response, new Problem({ code, detail }));
    cancel();
  }, milliseconds);
  response.once("close", () => {
    clearTimeout(timer);
    if (!response.writableFinished) cancel();
  });
}

/** The milliseconds that the client prefers to wait (RFC 7240, §4.3); null if it says nothing. */
function waitOf({ headers }: IncomingMessage): number | null {
  const seconds = /(?:^|[,;])\s*wait\s*=\s*(\d{1,6})/i.exec(`${headers["prefer"] ?? ""}`)?.[1];
  return seconds === undefined ? null : Number(seconds) * 1000;
}

function answer(response: ServerResponse, { body, contentType }: ApiAnswer, timeout: number): void {
  response.writeHead(200, {
    "content-type": contentType ?? "application/json",
    ...(typeof body === "string" ? { "content-length": Buffer.byteLength(body) } : {}),
    "cache-control": "no-store",
  });
  if (typeof body === "string") return void response.end(body);
  // What it is made of is kept for as long as the client takes any of it.
  response.setTimeout(timeout, () => response.destroy());
  // Where it breaks off, so does the connection: the client sees no end.
  pipeline(Stream.toAsyncIterable(chunksOfText(body)), response, () => {});
}

function answerProblem(context: ApiContext, response: ServerResponse, problem: Problem): void {
  if (response.headersSent || response.destroyed) return;
  const { server } = context;
  const hint =
    problem.code === "not-leader"
      ? Effect.runSync(
          Effect.map(momentOf(server), ([state, { leaderId }]) =>
            leaderHint(context, state, leaderId),
          ),
        )
      : null;
  const body = problemBody(problem, hint);
  const kind: { readonly status: number; readonly retryAfter?: number } = PROBLEMS[problem.code];
  const retryAfter = problem.retryAfter ?? kind.retryAfter;
  if (retryAfter !== undefined) response.setHeader("retry-after", retryAfter);
  if (kind.status === 401) response.setHeader("www-authenticate", "Bearer");
  response.writeHead(kind.status, {
    "content-type": "application/problem+json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
  });
  response.end(body);
}
