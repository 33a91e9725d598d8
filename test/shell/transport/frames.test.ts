/** Streams cut into frames, however they come, and streams that are none. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FRAME,
  FrameError,
  FrameReader,
  frame,
  PREAMBLE,
} from "../../../shell/transport/frames.ts";

const SEED = 20_141_119;
const MAX_BODY = 40;

type Frame = readonly [type: number, body: string];

/** What a reader makes of pieces, and the fault that ended it. */
function read(pieces: readonly Uint8Array[], maxBody = MAX_BODY) {
  const frames: Frame[] = [];
  let fault: string | null = null;
  const reader = new FrameReader(maxBody, true, (type, body) => {
    frames.push([type, body.toString("latin1")]);
    return type !== FRAME.refusal;
  });
  for (const piece of pieces) {
    try {
      reader.push(Buffer.from(piece));
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      // It is dead from then on: it neither throws nor reads again.
      expect(fault).toBeNull();
      fault = error.reason;
    }
  }
  return { frames, fault };
}

/** Bytes in pieces, cut at these places. */
function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const at = [...new Set(places.map((it) => it % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length));
}

const anyFrame = fc.tuple(
  fc.constantFrom(FRAME.hello, FRAME.message, FRAME.snapshotChunk),
  fc.uint8Array({ maxLength: MAX_BODY }),
);
const stream = (frames: readonly (readonly [number, Uint8Array])[]): Buffer =>
  Buffer.concat([PREAMBLE, ...frames.map(([type, body]) => frame(type, body))]);
const cuts = fc.array(fc.nat(), { maxLength: 12 });

describe("frames", () => {
  it("are the same however the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 6 }), cuts, (frames, places) => {
        const expected = frames.map(([type, body]) => [type, Buffer.from(body).toString("latin1")]);
        const result = read(cut(stream(frames), places));
        expect(result).toEqual({ frames: expected, fault: null });
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  it("that come before something wrong are read; nothing is read after it", () => {
    const oversized = frame(FRAME.message, new Uint8Array(MAX_BODY + 1));
    fc.assert(
      fc.property(fc.array(anyFrame, { maxLength: 4 }), cuts, (frames, places) => {
        const good = frame(FRAME.message);
        const bytes = Buffer.concat([stream(frames), oversized, good, good]);
        const result = read(cut(bytes, places));
        expect(result.fault).toBe("frame-size");
        expect(result.frames).toHaveLength(frames.length);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it("are read no further when there is enough", () => {
    const refusal = frame(FRAME.refusal);
    const bytes = Buffer.concat([PREAMBLE, refusal, refusal]);
    expect(read([bytes, refusal]).frames).toHaveLength(1);
  });

  it("a frame too long is refused by its length alone", () => {
    const length = Buffer.from([0, 0, 0, MAX_BODY + 2]);
    expect(read([PREAMBLE, length]).fault).toBe("frame-size");
    expect(read([PREAMBLE, Buffer.from([0, 0, 0, MAX_BODY + 1])]).fault).toBeNull();
  });
});

describe("random bytes", () => {
  it("are no preamble, or frames, or a fault that is named: never anything else", () => {
    const faults = new Set<string | null>();
    const bytes = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(bytes, fc.boolean(), cuts, (noise, isBegun, places) => {
        const all = Buffer.concat([isBegun ? PREAMBLE : Buffer.alloc(0), noise]);
        const whole = read([all]);
        expect(read(cut(all, places))).toEqual(whole);
        faults.add(whole.fault);
      }),
      { seed: SEED, numRuns: 1_000 },
    );
    expect(faults).toContain("preamble");
    expect(faults).toContain("frame-size");
    expect(faults).toContain(null);
  });
});
