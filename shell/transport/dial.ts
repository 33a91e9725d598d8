/** Connecting to a peer: TCP, TLS where it is used, and the hello that it welcomes. */
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import * as Effect from "effect/Effect";
import * as Result from "effect/Result";
import type * as Scope from "effect/Scope";
import type { ServerId } from "../../kernel/index.ts";
import { TransportError } from "../driver/services.ts";
import { decoderOf, encode } from "./codec.ts";
import { FRAME, FrameReader, frame, PREAMBLE } from "./frames.ts";
import { identityFault } from "./identity.ts";
import { parseAddress } from "./options.ts";
import { type Hello, type Purpose, RefusalSchema } from "./schema.ts";
import type { Settings } from "./settings.ts";

/** Bytes of what is said before messages are: hellos and refusals. */
export const MAX_HANDSHAKE_BYTES = 4_096;
const KEEP_ALIVE_MS = 15_000;
const readRefusal = decoderOf(RefusalSchema);

/** The reason that a refusal gives. */
export function refusalReason(body: Uint8Array): string {
  const read = readRefusal(body);
  return Result.isSuccess(read) ? read.success.reason : "no reason that can be read";
}

/** Small messages leave at once, and a peer that vanished is noticed. */
export function prepare(socket: Socket): void {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  // What fails also closes, and that is where it is dealt with.
  socket.on("error", () => {});
}

/**
 * A connection to `peer` that it welcomed; closed with the scope. Fails where there is none within
 * the handshake's time, saying why, and counts that.
 */
export function dial(
  settings: Settings,
  peer: ServerId,
  address: string,
  purpose: Purpose,
): Effect.Effect<Socket, TransportError, Scope.Scope> {
  const { counts, limits, id: from, cluster } = settings;
  const fail = (kind: string, why: string): TransportError => {
    counts.add(`handshake_failures_${kind}`);
    return new TransportError({ message: `${peer} at ${address}: ${why}` });
  };
  const target = parseAddress(address);
  if (target === null) return Effect.suspend(() => Effect.fail(fail("address", "no host:port")));
  return Effect.acquireRelease(
    Effect.sync(() => open(settings, peer, target)),
    (socket) => Effect.sync(() => socket.destroy()),
  ).pipe(
    Effect.tap((socket) => {
      const place = settings.address === null ? {} : { address: settings.address };
      const hello: Hello = { cluster, from, to: peer, purpose, ...place };
      return greet(socket, settings.tls === null ? "connect" : "secureConnect", hello, fail);
    }),
    Effect.timeoutOrElse({
      duration: limits.handshakeMs,
      orElse: () => Effect.fail(fail("timeout", `no answer within ${limits.handshakeMs} ms`)),
    }),
    Effect.tap(() => Effect.sync(() => counts.add("connects"))),
  );
}

function open(
  settings: Settings,
  peer: ServerId,
  target: { readonly host: string; readonly port: number },
): Socket {
  const { tls, cluster } = settings;
  const socket =
    tls === null
      ? connectTcp(target)
      : connectTls({
          ...target,
          secureContext: tls.secureContext,
          rejectUnauthorized: true,
          // The address says nothing of who is there: the certificate names the server.
          checkServerIdentity: (_host, { subjectaltname }) => {
            const fault = identityFault(subjectaltname, cluster, peer);
            return fault === null ? undefined : new Error(fault);
          },
        });
  prepare(socket);
  return socket;
}

/** Says hello, and waits for the welcome. */
function greet(
  socket: Socket,
  connected: "connect" | "secureConnect",
  hello: Hello,
  fail: (kind: string, why: string) => TransportError,
): Effect.Effect<void, TransportError> {
  return Effect.callback<void, TransportError>((resume) => {
    let error = "it closed the connection";
    let isConnected = false;
    const finish = (result: Effect.Effect<void, TransportError>): false => {
      socket.off(connected, onConnected).off("data", onData).off("close", onClose);
      resume(result);
      return false;
    };
    const reader = new FrameReader(MAX_HANDSHAKE_BYTES, false, (type, body) => {
      if (type === FRAME.welcome) return finish(Effect.void);
      const why = type === FRAME.refusal ? refusalReason(body) : `a frame of type ${type}`;
      return finish(Effect.fail(fail("refused", why)));
    });
    const onConnected = (): void => {
      isConnected = true;
      socket.write(Buffer.concat([PREAMBLE, frame(FRAME.hello, encode(hello))]));
    };
    const onData = (piece: Buffer): void => {
      try {
        reader.push(piece);
      } catch (fault) {
        finish(Effect.fail(fail("malformed", (fault as Error).message)));
      }
    };
    const onClose = (): void => {
      finish(Effect.fail(fail(isConnected ? "closed" : "connect", error)));
    };
    socket.on(connected, onConnected).on("data", onData).on("close", onClose);
    socket.on("error", (cause) => {
      error = cause.message;
    });
  });
}
