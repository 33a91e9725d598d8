/** One request over HTTP, and whether it may have been sent where no answer comes. */
import { constants } from "node:buffer";
import * as http from "node:http";
import * as https from "node:https";
import * as Effect from "effect/Effect";
import type * as Scope from "effect/Scope";
import type { Attempt } from "./outcome.ts";

/** A request, without the server. */
export interface Outgoing {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** With its query. */
  readonly path: string;
  /** Sent as JSON; undefined for none. */
  readonly body?: unknown;
  /** `CLIENT.SEQUENCE` of a session. */
  readonly idempotencyKey?: string;
  /** Seconds after which the server had better say how far it has come, if it is not done. */
  readonly wait?: number;
}

/** Makes one attempt at the server `url`. Interrupting it ends the connection. */
export type Send = (url: string, request: Outgoing) => Effect.Effect<Attempt>;

/** What every request carries. */
export interface SendOptions {
  readonly token?: string;
  /** PEM of the authority that the servers' certificates must be from. */
  readonly ca?: string;
}

/** Sends over connections that stay open, until the scope closes. */
export function makeSend({ token, ca }: SendOptions): Effect.Effect<Send, never, Scope.Scope> {
  return Effect.acquireRelease(
    Effect.sync(() => {
      const plain = new http.Agent({ keepAlive: true });
      const tls = new https.Agent({ keepAlive: true, ...(ca === undefined ? {} : { ca }) });
      return { plain, tls };
    }),
    ({ plain, tls }) =>
      Effect.sync(() => {
        plain.destroy();
        tls.destroy();
      }),
  ).pipe(
    Effect.map(({ plain, tls }): Send => {
      return (url, request) => {
        const isTls = url.startsWith("https:");
        const open = isTls ? https.request : http.request;
        return attempt(
          (answer) =>
            open(
              `${url}${request.path}`,
              {
                method: request.method,
                agent: isTls ? tls : plain,
                headers: headersOf(request, token),
              },
              answer,
            ),
          request.body,
        );
      };
    }),
  );
}

function headersOf({ body, idempotencyKey, wait }: Outgoing, token: string | undefined) {
  return {
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
    ...(wait === undefined ? {} : { prefer: `wait=${wait}` }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
}

function attempt(
  open: (answer: (response: http.IncomingMessage) => void) => http.ClientRequest,
  body: unknown,
): Effect.Effect<Attempt> {
  return Effect.callback<Attempt>((resume) => {
    let isConnected = false;
    const fail = ({ message, code }: NodeJS.ErrnoException): void => {
      const detail = message === "" ? `${code}` : message;
      resume(Effect.succeed({ kind: isConnected ? "broken" : "unsent", detail }));
    };
    const request = open((response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        chunks.push(chunk);
        // No text has more characters.
        if (bytes > constants.MAX_STRING_LENGTH) {
          response.destroy(
            new Error(`the answer has more than ${constants.MAX_STRING_LENGTH} bytes`),
          );
        }
      });
      // An answer that breaks off says nothing.
      response.on("error", fail);
      response.on("end", () => resume(Effect.succeed(answerOf(response, chunks))));
    });
    request.on("error", fail);
    // From here on, bytes may leave.
    request.on("socket", (socket) => {
      const event = "encrypted" in socket ? "secureConnect" : "connect";
      if (request.reusedSocket || !socket.connecting) isConnected = true;
      else
        socket.once(event, () => {
          isConnected = true;
        });
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
    return Effect.sync(() => request.destroy());
  });
}

function answerOf(response: http.IncomingMessage, chunks: readonly Buffer[]): Attempt {
  const status = response.statusCode as number;
  const text = Buffer.concat(chunks).toString();
  if (!/json/.test(response.headers["content-type"] ?? "")) {
    return { kind: "answer", status, body: text };
  }
  try {
    return { kind: "answer", status, body: JSON.parse(text) };
  } catch {
    return { kind: "broken", detail: `status ${status} with a body that is no JSON` };
  }
}
