/** Bringing a snapshot to a peer (Figure 5.3), on a connection of its own, through what cuts it. */
import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import * as Effect from "effect/Effect";
import * as Result from "effect/Result";
import type { InstallSnapshotRequest } from "../../kernel/index.ts";
import { TransportError } from "../driver/services.ts";
import { decoderOf, encode } from "./codec.ts";
import { dial, MAX_HANDSHAKE_BYTES, refusalReason } from "./dial.ts";
import { FRAME, FrameReader, frame } from "./frames.ts";
import { backoff } from "./outbound.ts";
import { type SnapshotHeader, SnapshotOffsetSchema } from "./schema.ts";
import type { Settings } from "./settings.ts";

const readOffset = decoderOf(SnapshotOffsetSchema);
/** Attempts in a row that bring nothing further; then the leader hears that it failed. */
const MAX_VAIN_ATTEMPTS = 5;
/** How long the receiver may take to store what it has, in stalls. */
const STORE_STALLS = 6;
/** Bytes hashed at a time: about a millisecond. */
const HASH_BYTES = 1 << 20;
/** Chunks that wait to be taken by the network. */
const CHUNKS_AHEAD = 4;

/** How an attempt ended, where it did not succeed. */
interface Ended {
  readonly why: string;
  /** The receiver will not have it: another attempt is vain. */
  readonly isRefused: boolean;
  /** The offset from which the attempt went on, if it came so far. */
  readonly offset: number;
}

/**
 * Brings `data` and then `message` to the server at `address`. Completes when it is stored there;
 * fails where it was refused, or where attempts no longer get any further.
 */
export const bringSnapshot = Effect.fnUntraced(function* (
  settings: Settings,
  address: string,
  message: InstallSnapshotRequest,
  data: Uint8Array,
): Effect.fn.Return<void, TransportError> {
  const header = { message, bytes: data.length, sha256: yield* sha256(data) };
  let farthest = 0;
  for (let vain = 1; ; vain++) {
    const ended = yield* attempt(settings, address, header, data);
    if (ended === null) return settings.counts.add("snapshots_sent");
    if (ended.offset > farthest) {
      farthest = ended.offset;
      vain = 1;
    }
    if (ended.isRefused || vain >= MAX_VAIN_ATTEMPTS) {
      settings.counts.add("snapshots_failed");
      return yield* new TransportError({ message: `snapshot to ${message.to}: ${ended.why}` });
    }
    yield* backoff(settings, vain);
  }
});

/** The hash of the bytes, made in slices, so that nothing else waits for it. */
function sha256(data: Uint8Array): Effect.Effect<string> {
  return Effect.callback<string>((resume) => {
    const hash = createHash("sha256");
    let next: NodeJS.Immediate;
    const hashFrom = (from: number): void => {
      hash.update(data.subarray(from, from + HASH_BYTES));
      if (from + HASH_BYTES >= data.length) resume(Effect.succeed(hash.digest("hex")));
      else next = setImmediate(hashFrom, from + HASH_BYTES);
    };
    next = setImmediate(hashFrom, 0);
    return Effect.sync(() => clearImmediate(next));
  });
}

function attempt(
  settings: Settings,
  address: string,
  header: SnapshotHeader,
  data: Uint8Array,
): Effect.Effect<Ended | null> {
  return dial(settings, header.message.to, address, "snapshots").pipe(
    Effect.flatMap((socket) => transfer(settings, socket, header, data)),
    Effect.catch(({ message }) => Effect.succeed({ why: message, isRefused: false, offset: 0 })),
    Effect.scoped,
  );
}

/** One transfer on a fresh connection; null when the receiver has stored the snapshot. */
function transfer(
  settings: Settings,
  socket: Socket,
  header: SnapshotHeader,
  data: Uint8Array,
): Effect.Effect<Ended | null> {
  const { snapshotChunkBytes, stallMs } = settings.limits;
  return Effect.callback<Ended | null>((resume) => {
    let offset = 0;
    let at: number | null = null;
    const end = (why: string, isRefused: boolean): false => {
      resume(Effect.succeed({ why, isRefused, offset }));
      return false;
    };
    const pump = (): void => {
      if (at === null) return;
      while (at < data.length && socket.writableLength < snapshotChunkBytes * CHUNKS_AHEAD) {
        const chunk = data.subarray(at, at + snapshotChunkBytes);
        at += chunk.length;
        socket.write(frame(FRAME.snapshotChunk, chunk), pump);
      }
      if (at === data.length) socket.setTimeout(stallMs * STORE_STALLS);
    };
    const reader = new FrameReader(MAX_HANDSHAKE_BYTES, false, (type, body) => {
      if (type === FRAME.snapshotStored && at === data.length) {
        resume(Effect.succeed(null));
        return false;
      }
      if (type === FRAME.refusal) return end(refusalReason(body), true);
      const read = type === FRAME.snapshotOffset ? readOffset(body) : Result.fail("");
      if (at !== null || Result.isFailure(read) || read.success.offset > data.length) {
        return end(`an unexpected frame of type ${type}`, false);
      }
      offset = read.success.offset;
      at = offset;
      pump();
      return true;
    });
    socket.on("data", (piece: Buffer) => {
      try {
        reader.push(piece);
      } catch (error) {
        end((error as Error).message, false);
      }
    });
    socket.on("close", () => end("the connection broke", false));
    socket.setTimeout(stallMs, () => end("the receiver stands still", false));
    socket.write(frame(FRAME.snapshotHeader, encode(header)));
    if (socket.destroyed) end("the connection broke", false);
  });
}
