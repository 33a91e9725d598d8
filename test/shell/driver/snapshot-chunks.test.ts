/** Snapshots come in small chunks, with a turn for everything else before each. */
import * as Effect from "effect/Effect";
import * as Stream from "effect/Stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHUNK, chunksOfBytes, chunksOfText } from "../../../shell/driver/snapshot-chunks.ts";

function all(chunks: Stream.Stream<Uint8Array>): Promise<readonly Uint8Array[]> {
  return Effect.runPromise(Stream.runCollect(chunks));
}

describe("the chunks of a text", () => {
  it("are its bytes, wherever its parts are cut", async () => {
    // Surrogates in all places, so that parts and chunks end between their halves.
    const units = fc.constantFrom("a", "é", "\u{1F600}", "\u2028");
    const text = fc
      .array(units, { minLength: 1, maxLength: 9 })
      .map((some) => some.join("").repeat(80_000));
    const cuts = fc.array(fc.nat(700_000), { maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(text, cuts, async (whole, at) => {
        const ends = [0, ...at.toSorted((a, b) => a - b), whole.length];
        const parts = ends.slice(1).map((end, i) => whole.slice(ends[i], end));
        const chunks = await all(chunksOfText(parts));
        expect(Buffer.concat(chunks).equals(Buffer.from(parts.join("")))).toBe(true);
        for (const { length } of chunks) expect(length).toBeLessThanOrEqual(3 * CHUNK);
      }),
      { numRuns: 50 },
    );
  });

  it("are made when they are asked for, with a turn before each", async () => {
    let turns = 0;
    let counting = setImmediate(function count() {
      turns++;
      counting = setImmediate(count);
    });
    const madeAt: number[] = [];
    function* parts(): Generator<string> {
      for (let i = 0; i < 20; i++) {
        madeAt.push(turns);
        yield "x".repeat(CHUNK);
      }
    }
    const some = await all(Stream.take(chunksOfText(parts()), 10));
    clearImmediate(counting);
    expect(some).toHaveLength(10);
    expect(madeAt).toHaveLength(10);
    for (const [i, turn] of madeAt.entries()) {
      if (i > 0) expect(turn).toBeGreaterThan(madeAt[i - 1] as number);
    }
  });
});

it("the chunks of bytes are these bytes", async () => {
  for (const length of [0, 1, CHUNK, CHUNK + 1, 5 * CHUNK]) {
    const data = Uint8Array.from({ length }, (_, i) => i % 251);
    const chunks = await all(chunksOfBytes(data));
    expect(Buffer.concat(chunks).equals(data)).toBe(true);
    for (const chunk of chunks) expect(chunk.length).toBeLessThanOrEqual(CHUNK);
  }
});
