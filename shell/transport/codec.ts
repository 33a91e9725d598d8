/**
 * Values as bytes: JSON in UTF-8, which is exact for every string, unpaired surrogates included.
 * What is read is what the schema describes: fields that it does not know are dropped, everything
 * else is refused.
 */
import { isUtf8 } from "node:buffer";
import * as Result from "effect/Result";
import * as Schema from "effect/Schema";

/** Characters: what is wrong may quote what came, and that may be long. */
const MAX_EXPLANATION = 300;

/** Reads bytes as a value of the schema, or says what is wrong with them. */
export type Decoder<A> = (bytes: Uint8Array) => Result.Result<A, string>;

/** The bytes of a value that has a schema. */
export function encode(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** The reader of a schema's values. */
export function decoderOf<A>(schema: Schema.Decoder<A>): Decoder<A> {
  const read = Schema.decodeUnknownResult(schema);
  return (bytes) => {
    if (!isUtf8(bytes)) return Result.fail("not UTF-8");
    let json: unknown;
    try {
      json = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
    } catch {
      return Result.fail("not JSON");
    }
    return Result.mapError(read(json), ({ message }) => message.slice(0, MAX_EXPLANATION));
  };
}
