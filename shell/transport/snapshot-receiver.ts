/**
 * Snapshots from others (Figure 5.3), in chunks on connections of their own. What came of one is
 * kept for a while when its connection breaks, so that the sender goes on from there.
 */
import { createHash, type Hash } from "node:crypto";
import type { Socket } from "node:net";
import * as Effect from "effect/Effect";
import * as Result from "effect/Result";
import type { ServerId } from "../../kernel/index.ts";
import type { Receiver } from "../driver/services.ts";
import type { Admission } from "./admission.ts";
import { decoderOf, encode } from "./codec.ts";
import { FRAME, frame } from "./frames.ts";
import { type Conversation, type Converse, refuse } from "./inbound.ts";
import { type SnapshotHeader, SnapshotHeaderSchema } from "./schema.ts";
import type { Settings } from "./settings.ts";

const readHeader = decoderOf(SnapshotHeaderSchema);
/** How long what came of a snapshot is kept for its sender to go on, in stalls. */
const KEPT_STALLS = 6;

/** What came of a snapshot so far. */
interface Partial {
  readonly key: string;
  readonly data: Buffer;
  readonly hash: Hash;
  received: number;
  /** Forgets it; runs while no connection brings more. */
  timer: NodeJS.Timeout | null;
}

/** The snapshots that are on their way to this server. */
export class SnapshotReceiver {
  private readonly settings: Settings;
  private readonly admission: Admission;
  private readonly receiver: Receiver;
  private readonly fork: (effect: Effect.Effect<void>) => void;
  /** At most one of each peer, so that what is held is bounded. */
  private readonly partials = new Map<ServerId, Partial>();

  constructor(
    settings: Settings,
    admission: Admission,
    receiver: Receiver,
    fork: (effect: Effect.Effect<void>) => void,
  ) {
    this.settings = settings;
    this.admission = admission;
    this.receiver = receiver;
    this.fork = fork;
  }

  /** Forgets everything. */
  close(): void {
    for (const peer of [...this.partials.keys()]) this.forget(peer);
  }

  /** A conversation that brings one snapshot. */
  readonly converse: Converse = (peer, socket, reader) => {
    const { limits, counts } = this.settings;
    reader.maxBody = Math.max(limits.maxFrameBytes, limits.snapshotChunkBytes);
    socket.setTimeout(limits.stallMs, () => {
      counts.add("stalled");
      socket.destroy();
    });
    let take: Conversation | null = null;
    const refused = (kind: string, reason: string): false => {
      counts.add(`refused_${kind}`);
      return refuse(socket, reason);
    };
    return (type, body) => {
      if (take !== null) return take(type, body);
      const read = type === FRAME.snapshotHeader ? readHeader(body) : Result.fail("no header");
      if (Result.isFailure(read)) return refused("malformed", read.failure);
      const { message, bytes } = read.success;
      const refusal = this.admission.refusal(message, peer);
      if (refusal !== null) return refused(refusal, `the message: ${refusal}`);
      if (bytes > limits.maxSnapshotBytes) {
        return refused("snapshot_size", `${bytes} bytes, at most ${limits.maxSnapshotBytes}`);
      }
      const partial = this.partialOf(peer, read.success);
      if (partial === null) return refused("snapshot_size", `${bytes} bytes: no memory for them`);
      take = this.taking(peer, socket, read.success, partial, refused);
      return true;
    };
  };

  /** Says how much of the snapshot is here, and takes the rest. */
  private taking(
    peer: ServerId,
    socket: Socket,
    header: SnapshotHeader,
    partial: Partial,
    refused: (kind: string, reason: string) => false,
  ): Conversation {
    socket.on("close", () => this.keepForAWhile(peer, partial));
    socket.write(frame(FRAME.snapshotOffset, encode({ offset: partial.received })));
    const finish = (): boolean => {
      this.forget(peer);
      if (partial.hash.digest("hex") !== header.sha256) {
        return refused("checksum", "the bytes do not match their checksum");
      }
      socket.setTimeout(0);
      this.store(socket, header, partial.data);
      return true;
    };
    if (partial.received === header.bytes) finish();
    return (type, body) => {
      if (type !== FRAME.snapshotChunk || partial.received + body.length > header.bytes) {
        return refused("malformed", `a frame of type ${type} and ${body.length} bytes`);
      }
      if (body.length === 0) return refused("malformed", "an empty chunk");
      partial.data.set(body, partial.received);
      partial.hash.update(body);
      partial.received += body.length;
      return partial.received < header.bytes || finish();
    };
  }

  private store(socket: Socket, header: SnapshotHeader, data: Buffer): void {
    const { counts } = this.settings;
    const stored = this.receiver.receiveSnapshot(header.message, data).pipe(
      Effect.match({
        onSuccess: () => {
          counts.add("snapshots_received");
          socket.end(frame(FRAME.snapshotStored), () => socket.destroy());
        },
        onFailure: ({ message }) => {
          counts.add("refused_snapshot");
          refuse(socket, message);
        },
      }),
    );
    this.fork(stored);
  }

  /** What is here of the snapshot, null for no room; what was here of another is forgotten. */
  private partialOf(peer: ServerId, header: SnapshotHeader): Partial | null {
    const { lastIndex, lastTerm } = header.message.snapshot;
    const key = `${lastIndex} ${lastTerm} ${header.bytes} ${header.sha256}`;
    const found = this.partials.get(peer);
    if (found?.timer != null) clearTimeout(found.timer);
    if (found?.key === key) {
      this.settings.counts.add("snapshots_resumed");
      found.timer = null;
      return found;
    }
    this.partials.delete(peer);
    const data = allocated(header.bytes);
    if (data === null) return null;
    const partial = { key, data, hash: createHash("sha256"), received: 0, timer: null };
    this.partials.set(peer, partial);
    return partial;
  }

  private keepForAWhile(peer: ServerId, partial: Partial): void {
    if (this.partials.get(peer) !== partial) return;
    if (partial.timer !== null) clearTimeout(partial.timer);
    const { limits, counts } = this.settings;
    partial.timer = setTimeout(() => {
      counts.add("snapshots_forgotten");
      this.forget(peer);
    }, limits.stallMs * KEPT_STALLS);
  }

  private forget(peer: ServerId): void {
    const timer = this.partials.get(peer)?.timer ?? null;
    if (timer !== null) clearTimeout(timer);
    this.partials.delete(peer);
  }
}

/** Not zeroed: the system gives the memory as the bytes come, and all are written before use. */
function allocated(bytes: number): Buffer | null {
  try {
    return Buffer.allocUnsafeSlow(bytes);
  } catch {
    return null;
  }
}
