/**
 * Frames: 4 bytes of length (big-endian, of what follows), a byte that says what it is, a body. A
 * connection begins with a preamble that names the protocol and its version.
 */

/** The version of all that is said on a connection. Another one is refused. */
export const PROTOCOL_VERSION = 1;

const NAME = "quorate";
/** What who dials says first: the protocol's name and, in the last byte, its version. */
export const PREAMBLE: Buffer = Buffer.from([...Buffer.from(NAME), PROTOCOL_VERSION]);

const LENGTH_BYTES = 4;
/** The bytes that a frame is longer than its body. */
export const FRAME_OVERHEAD: number = LENGTH_BYTES + 1;

/** What a frame is. */
export const FRAME = {
  hello: 1,
  welcome: 2,
  refusal: 3,
  message: 4,
  snapshotHeader: 5,
  snapshotOffset: 6,
  snapshotChunk: 7,
  snapshotStored: 8,
} as const;

/** What cannot be a frame, and why. */
export class FrameError extends Error {
  readonly reason: "preamble" | "version" | "frame-size" | "frame-type";
  constructor(reason: FrameError["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The bytes that a frame's body follows. */
export function frameHead(type: number, length: number): Buffer {
  const head = Buffer.allocUnsafe(FRAME_OVERHEAD);
  head.writeUInt32BE(length + 1, 0);
  head[LENGTH_BYTES] = type;
  return head;
}

/** A frame in one piece. */
export function frame(type: number, body: Uint8Array = new Uint8Array()): Buffer {
  return Buffer.concat([frameHead(type, body.length), body]);
}

/**
 * Cuts a stream into frames. Holds at most one frame that is not whole, and refuses a frame longer
 * than the limit as soon as its length is known. `onFrame` returns false to have no more.
 */
export class FrameReader {
  /** Most bytes of a frame's body. It may change with what is expected next. */
  maxBody: number;
  private readonly onFrame: (type: number, body: Buffer) => boolean;
  private awaitsPreamble: boolean;
  private pieces: Buffer[] = [];
  private held = 0;
  private needed: number;
  private hasEnded = false;

  constructor(
    maxBody: number,
    awaitsPreamble: boolean,
    onFrame: (type: number, body: Buffer) => boolean,
  ) {
    this.maxBody = maxBody;
    this.awaitsPreamble = awaitsPreamble;
    this.onFrame = onFrame;
    this.needed = awaitsPreamble ? PREAMBLE.length : LENGTH_BYTES;
  }

  /** Takes what came. Throws FrameError for what can be no frame; takes nothing from then on. */
  push(piece: Buffer): void {
    if (this.hasEnded) return;
    this.pieces.push(piece);
    this.held += piece.length;
    if (this.held < this.needed) return;
    let bytes = this.pieces.length === 1 ? piece : Buffer.concat(this.pieces, this.held);
    this.pieces = [];
    // Until all went well: what follows a frame that was wrong means nothing.
    this.hasEnded = true;
    for (;;) {
      this.needed = this.awaitsPreamble ? PREAMBLE.length : this.lengthOf(bytes);
      if (bytes.length < this.needed) break;
      const whole = bytes.subarray(0, this.needed);
      bytes = bytes.subarray(this.needed);
      if (this.awaitsPreamble) checkPreamble(whole);
      else if (!this.onFrame(whole[LENGTH_BYTES] ?? 0, whole.subarray(FRAME_OVERHEAD))) return;
      this.awaitsPreamble = false;
    }
    this.hasEnded = false;
    this.held = bytes.length;
    if (bytes.length > 0) this.pieces.push(bytes);
  }

  /** The length of the frame that `bytes` begin with, as far as it is known. */
  private lengthOf(bytes: Buffer): number {
    if (bytes.length < LENGTH_BYTES) return LENGTH_BYTES;
    const length = bytes.readUInt32BE(0);
    if (length < 1) throw new FrameError("frame-size", "a frame of no type");
    if (length - 1 > this.maxBody) {
      throw new FrameError("frame-size", `a frame of ${length} bytes, at most ${this.maxBody}`);
    }
    return LENGTH_BYTES + length;
  }
}

function checkPreamble(bytes: Buffer): void {
  if (!bytes.subarray(0, -1).equals(PREAMBLE.subarray(0, -1))) {
    throw new FrameError("preamble", `it does not speak ${NAME}`);
  }
  const version = bytes.at(-1);
  if (version !== PROTOCOL_VERSION) {
    throw new FrameError("version", `version ${version}, not ${PROTOCOL_VERSION}`);
  }
}
