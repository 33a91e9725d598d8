/**
 * The connection on which messages go to one peer. It is kept up as long as the peer is one, and
 * takes what is sent while it stands; what waits in it is bounded.
 */
import type { Socket } from "node:net";
import * as Effect from "effect/Effect";
import * as Random from "effect/Random";
import type { ServerId } from "../../kernel/index.ts";
import { dial } from "./dial.ts";
import { FRAME, FRAME_OVERHEAD, frameHead } from "./frames.ts";
import type { Settings } from "./settings.ts";

/** An attempt hangs that has taken this part of the handshake's time. */
const HANGING = 0.1;

/** The wait before the next attempt after so many that failed: it doubles; half of it is chance. */
export function backoff(settings: Settings, failures: number): Effect.Effect<void> {
  const { backoffMs, maxBackoffMs } = settings.limits;
  const longest = Math.min(maxBackoffMs, backoffMs * 2 ** Math.min(failures, 30));
  return Effect.flatMap(Random.next, (chance) => Effect.sleep(longest * (0.5 + chance / 2)));
}

/** Messages to one peer. */
export class Outbound {
  readonly peer: ServerId;
  readonly address: string;
  private readonly settings: Settings;
  /** Told that an established connection broke. */
  private readonly onLost: () => void;
  private socket: Socket | null = null;
  /** When it was, in milliseconds of a clock that only goes forward. */
  private attachedAt = 0;
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  /** When the attempt began that is going on; null while none is. */
  private dialledAt: number | null = null;
  /** Ends the wait before the next attempt, or the attempt itself. */
  private wake: () => void = () => {};

  constructor(settings: Settings, peer: ServerId, address: string, onLost: () => void) {
    this.settings = settings;
    this.peer = peer;
    this.address = address;
    this.onLost = onLost;
  }

  get isConnected(): boolean {
    return this.socket !== null;
  }

  /** Sends a message's bytes, with all that is sent in this turn of the event loop; or drops it. */
  send(body: Buffer): void {
    const { counts, limits } = this.settings;
    const { socket } = this;
    if (socket === null) return counts.add("dropped_not_connected");
    if (body.length > limits.maxFrameBytes) return counts.add("dropped_too_large");
    const bytes = body.length + FRAME_OVERHEAD;
    if (this.pendingBytes + socket.writableLength + bytes > limits.maxQueuedBytes) {
      return counts.add("dropped_queue_full");
    }
    if (this.pending.length === 0) setImmediate(() => this.flush());
    this.pending.push(frameHead(FRAME.message, body.length), body);
    this.pendingBytes += bytes;
  }

  /** Keeps the connection up until interrupted. */
  readonly run: Effect.Effect<never> = Effect.gen({ self: this }, function* () {
    let failures = 0;
    for (;;) {
      const end = yield* Effect.scoped(this.connection()).pipe(
        Effect.as("lost" as const),
        Effect.catch(() => Effect.succeed("failed" as const)),
        Effect.raceFirst(Effect.as(this.woken, "given up" as const)),
      );
      this.dialledAt = null;
      if (end === "given up") continue;
      failures = end === "lost" ? 0 : failures + 1;
      yield* Effect.race(backoff(this.settings, failures), this.woken);
    }
  });

  private readonly woken: Effect.Effect<void> = Effect.callback((resume) => {
    this.wake = () => resume(Effect.void);
  });

  /**
   * The peer has connected: it is up, whatever the attempts so far have come to. A connection from
   * before may be one that the peer has given up while the network was cut, and of an attempt that
   * hangs all may have been lost; TCP, which waits twice as long after each try, finds out late. So
   * there is to be another one, but not where this one may be what the peer connects upon: the two
   * would go on like that for ever.
   */
  heard(): void {
    const { counts, limits } = this.settings;
    const now = performance.now();
    if (this.socket !== null) {
      if (now - this.attachedAt <= limits.handshakeMs) return;
      counts.add("renewed");
      this.socket.destroy();
    } else if (this.dialledAt === null) {
      this.wake();
    } else if (now - this.dialledAt > limits.handshakeMs * HANGING) {
      counts.add("redialled");
      this.wake();
    }
  }

  /** Connects, and completes once the connection is lost. */
  private connection = Effect.fnUntraced({ self: this }, function* () {
    this.dialledAt = performance.now();
    const socket = yield* dial(this.settings, this.peer, this.address, "messages");
    yield* Effect.addFinalizer(() => Effect.sync(() => this.detach()));
    this.attach(socket);
    yield* Effect.callback<void>((resume) => {
      // It may have closed since.
      if (socket.closed) resume(Effect.void);
      else socket.once("close", () => resume(Effect.void));
    });
    this.onLost();
  });

  private attach(socket: Socket): void {
    this.socket = socket;
    this.attachedAt = performance.now();
    // Nothing is to be said on this connection any more by the peer.
    socket.on("data", () => socket.destroy());
    // Idle is fine; to stand still with something to say is not.
    socket.setTimeout(this.settings.limits.stallMs);
    socket.on("timeout", () => {
      if (socket.writableLength === 0) return;
      this.settings.counts.add("stalled");
      socket.destroy();
    });
  }

  private detach(): void {
    this.socket = null;
    if (this.pending.length > 0) {
      this.settings.counts.add("dropped_not_connected", this.pending.length / 2);
    }
    this.pending = [];
    this.pendingBytes = 0;
  }

  private flush(): void {
    const { socket, pending, pendingBytes } = this;
    if (socket === null || pending.length === 0) return;
    this.pending = [];
    this.pendingBytes = 0;
    this.settings.counts.add("messages_sent", pending.length / 2);
    this.settings.counts.add("bytes_sent", pendingBytes);
    this.settings.counts.add("writes");
    socket.cork();
    for (const piece of pending) socket.write(piece);
    socket.uncork();
  }
}
