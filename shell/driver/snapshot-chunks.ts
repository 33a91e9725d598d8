/** The bytes of snapshots, in chunks that are made one at a time, with a pause before each. */
import { constants } from "node:buffer";
import * as Effect from "effect/Effect";
import * as Stream from "effect/Stream";
import { endOfCharacter } from "../../kernel/index.ts";
import { nextTurn } from "./next-turn.ts";

/** Characters or bytes of a chunk: two milliseconds of work, or so. */
export const CHUNK = 1 << 18;

/** Bytes of a snapshot at most: it is read as one text, which has no more characters in Node. */
export const MAX_SNAPSHOT_BYTES: number = constants.MAX_STRING_LENGTH;

/**
 * The bytes of the text that `parts` make. Dies where that holds half of a surrogate pair, which
 * no bytes stand for: read again, it would be another text.
 */
export function chunksOfText(parts: Iterable<string>): Stream.Stream<Uint8Array> {
  return withPauses(encoded(parts));
}

/** `data` itself. */
export function chunksOfBytes(data: Uint8Array): Stream.Stream<Uint8Array> {
  return withPauses(slices(data));
}

/** What `chunks` makes takes its turns with everything else that this thread does. */
function withPauses(chunks: Generator<Uint8Array>): Stream.Stream<Uint8Array> {
  const next = Effect.map(nextTurn, () => {
    const { done, value } = chunks.next();
    return done === true ? undefined : ([value, null] as const);
  });
  return Stream.unfold(null, () => next);
}

function* encoded(parts: Iterable<string>): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  const bytesOf = (piece: string): Uint8Array => {
    if (piece.isWellFormed()) return encoder.encode(piece);
    throw new Error("the snapshot holds half of a surrogate pair: escape it, as JSON does");
  };
  let text = "";
  for (const part of parts) {
    text += part;
    while (text.length >= CHUNK) {
      const end = endOfCharacter(text, CHUNK);
      yield bytesOf(text.slice(0, end));
      text = text.slice(end);
    }
  }
  if (text !== "") yield bytesOf(text);
}

function* slices(data: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < data.length; at += CHUNK) yield data.subarray(at, at + CHUNK);
}
