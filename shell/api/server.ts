/**
 * The HTTP API over a server. What `definition.ts` describes is dispatched here on Node's own HTTP
 * server, for a key's read or write passes through it and little else.
 */

import { createServer, type Server as HttpServer } from "node:http";
import { createServer as createTlsServer, Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createSecureContext } from "node:tls";
import * as Effect from "effect/Effect";
import * as Schema from "effect/Schema";
import type * as Scope from "effect/Scope";
import { keyValueLimits } from "../machines/key-value-command.ts";
import type { DiskUsage } from "../storage/disk-usage.ts";
import { pemFault, replacementFault } from "../transport/certificates.ts";
import { isLoopback } from "../transport/options.ts";
import { makeAuthorize, type Token } from "./auth.ts";
import { clusterRoutes } from "./cluster-routes.ts";
import { type Dispatch, makeDispatch } from "./dispatch.ts";
import type { Durations } from "./durations.ts";
import { keyValueRoutes } from "./key-value-routes.ts";
import { HttpMetrics } from "./metrics.ts";
import { makeRateLimit, type RateLimit } from "./rate-limit.ts";
import type { ApiContext, KeyValueServer } from "./route.ts";
import { makeRouter } from "./router.ts";
import { seldom } from "./seldom.ts";
import { systemRoutes } from "./system-routes.ts";

/** How old may be what is told of the disk, in milliseconds. */
const DISK_AGE = 1000;

/** How much the API takes. */
export interface ApiLimits {
  /** Bytes of a request's body; 1 MiB. */
  readonly maxBodyBytes: number;
  /** Requests that are not answered yet; 2,000. More are refused as `overloaded`. */
  readonly maxConcurrent: number;
  /**
   * Milliseconds until a request is answered as timed out or unknown, and until an answer in parts
   * is given up of which the client takes nothing; 10,000.
   */
  readonly timeout: number;
  /** For each token, or each address where there is none; null, the default, for no limit. */
  readonly rate: RateLimit | null;
}

/** The defaults of `ApiLimits`. */
export const apiLimits: ApiLimits = {
  maxBodyBytes: 1 << 20,
  maxConcurrent: 2000,
  timeout: 10_000,
  rate: null,
};

/** The certificate that is shown to clients, and its key: PEM texts. */
export interface ApiTls {
  readonly cert: string;
  readonly key: string;
}

/** What to serve, and to whom. */
export interface ApiOptions {
  readonly server: KeyValueServer;
  /** Port 0 takes one that is free. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Without it, plain HTTP. */
  readonly tls?: ApiTls;
  /** Without any, everyone may do everything, so only a loopback address is served. */
  readonly tokens?: readonly Token[];
  /** Serves other than loopback addresses without tokens all the same. */
  readonly allowOpen?: boolean;
  readonly limits?: Partial<ApiLimits>;
  /** Those of the machine. */
  readonly keyValueLimits?: ApiContext["keyValueLimits"];
  /** Where servers are that the cluster's address book does not have, or not yet. */
  readonly places?: ApiContext["places"];
  /** Whether the kernel was configured with leaseReads. */
  readonly leases?: boolean;
  /** What the server's storage takes of a disk: asked for once in a second at most. */
  readonly disk?: Effect.Effect<DiskUsage | null>;
  /** How long the server's durable writes took, for the metrics. */
  readonly writes?: Durations;
}

/** Where an API is served. */
export interface ServedApi {
  readonly host: string;
  readonly port: number;
  /** `http://host:port` or `https://host:port`. */
  readonly url: string;
  /**
   * Checks another certificate, and gives what puts it in force for connections to come; those
   * there are stay. Fails where it cannot be used, naming what is wrong: nothing has changed then.
   */
  readonly readyCertificate: (tls: ApiTls) => Effect.Effect<() => void, ApiError>;
}

/** The API cannot be served as was asked. */
export class ApiError extends Schema.TaggedError<ApiError>()("ApiError", {
  message: Schema.String,
}) {}

/**
 * Serves the API until the scope closes. Fails where the address cannot be had, or would be open
 * to others without tokens. Throws RangeError for bad tokens and limits.
 */
export function serveApi(options: ApiOptions): Effect.Effect<ServedApi, ApiError, Scope.Scope> {
  return Effect.gen(function* () {
    const { host, port } = options.listen;
    const tokens = options.tokens ?? [];
    if (tokens.length === 0 && !isLoopback(host) && options.allowOpen !== true) {
      const why = "without tokens everyone could do everything";
      return yield* new ApiError({ message: `${host}: ${why}: give tokens, or allow it` });
    }
    const dispatch = yield* dispatchOf(options, tokens);
    const http = yield* Effect.acquireRelease(
      Effect.try({
        try: () => httpServer(options, dispatch),
        catch: (error) => new ApiError({ message: `tls: ${(error as Error).message}` }),
      }),
      close,
    );
    const bound = yield* listen(http, host, port);
    const scheme = options.tls === undefined ? "http" : "https";
    const name = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
    return {
      host: bound.address,
      port: bound.port,
      url: `${scheme}://${name}:${bound.port}`,
      readyCertificate: (tls) => readyCertificate(http, tls),
    };
  });
}

function dispatchOf(
  options: ApiOptions,
  tokens: readonly Token[],
): Effect.Effect<Dispatch, never, Scope.Scope> {
  return Effect.gen(function* () {
    const { server } = options;
    const limits = { ...apiLimits, ...options.limits };
    let stopped: string | null = null;
    yield* server.failed.pipe(
      Effect.tap(({ message }) =>
        Effect.sync(() => {
          // The lines behind are for the log: where in the program it was.
          stopped = message.split("\n", 1)[0] as string;
        }),
      ),
      Effect.forkScoped,
    );
    const metrics = new HttpMetrics();
    const writes = options.writes ?? null;
    const system = systemRoutes({ http: metrics, writes, stopped: () => stopped });
    return makeDispatch({
      context: {
        server,
        keyValueLimits: options.keyValueLimits ?? keyValueLimits,
        places: options.places ?? new Map(),
        leases: options.leases ?? false,
        disk: yield* seldom(options.disk ?? Effect.succeed(null), DISK_AGE),
      },
      find: makeRouter([...keyValueRoutes, ...clusterRoutes, ...system]),
      authorize: makeAuthorize(tokens),
      takeToken: limits.rate === null ? null : makeRateLimit(limits.rate),
      metrics,
      ...limits,
    });
  });
}

/** Slow senders are cut off, so that they hold no connection for long. */
const server = { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 60_000 };

function httpServer({ tls }: ApiOptions, dispatch: Dispatch): HttpServer {
  if (tls === undefined) return createServer(server, dispatch);
  const fault = pemFault(tls);
  if (fault !== null) throw new Error(`${fault.part}: ${fault.what}`);
  return createTlsServer({ ...server, ...tls }, dispatch);
}

function readyCertificate(
  http: HttpServer,
  { cert, key }: ApiTls,
): Effect.Effect<() => void, ApiError> {
  return Effect.try({
    try: () => {
      if (!(http instanceof TlsServer)) throw new Error("this API speaks plain HTTP");
      const fault = replacementFault({ cert, key }, Date.now());
      if (fault !== null) throw new Error(`${fault.part}: ${fault.what}`);
      createSecureContext({ cert, key });
      return () => http.setSecureContext({ cert, key });
    },
    catch: (error) => new ApiError({ message: `tls: ${(error as Error).message}` }),
  });
}

function listen(
  http: HttpServer,
  host: string,
  port: number,
): Effect.Effect<AddressInfo, ApiError> {
  return Effect.callback((resume) => {
    http.once("error", ({ message }) => resume(Effect.fail(new ApiError({ message }))));
    http.listen(port, host, () => resume(Effect.succeed(http.address() as AddressInfo)));
  });
}

/** Takes no more; requests that are answered within a second still are. */
function close(http: HttpServer): Effect.Effect<void> {
  return Effect.callback((resume) => {
    if (!http.listening) return resume(Effect.void);
    const patience = setTimeout(() => http.closeAllConnections(), 1000);
    http.close(() => {
      clearTimeout(patience);
      resume(Effect.void);
    });
    http.closeIdleConnections();
  });
}
