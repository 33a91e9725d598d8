/** The codec: exact for every message, and strict with what is none. */

import * as Result from "effect/Result";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Message, messageFault } from "../../../kernel/index.ts";
import { decoderOf, encode } from "../../../shell/transport/codec.ts";
import { MessageSchema } from "../../../shell/transport/schema.ts";
import {
  message as build,
  cluster,
  command,
  configurationEntry,
  noOp,
  oneOfEach,
} from "../../kernel/build.ts";
import { arbitraryOf } from "./arbitrary.ts";

const SEED = 20_141_119;
const decode = decoderOf<Message>(MessageSchema);
const anyMessage = arbitraryOf(MessageSchema.ast) as fc.Arbitrary<Message>;

/** Entries of every kind. */
const full = build("append-entries-request", {
  term: 3,
  prevLogIndex: 2,
  prevLogTerm: 1,
  entries: [command(3, 1), noOp(4, 2), configurationEntry(5, 3, cluster(3))],
});

/** Values that JSON can say, and that are the more telling the closer they are to messages. */
const odd = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(null, -1, 0, 0.5, 2 ** 53, "", "x", [], {}, true, "no-op", [[]], [null]),
);

/** Where a value may be changed: every field and item of it, however deep. */
function places(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, it]) => places(it, [...path, key]))];
}

/** The value with what is at `path` replaced, or deleted. */
function changed(value: unknown, path: readonly string[], to: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return to;
  if (Array.isArray(value)) {
    return value.map((it, at) => (String(at) === key ? changed(it, rest, to) : it));
  }
  const fields = { ...(value as Record<string, unknown>) };
  if (rest.length === 0 && to === undefined) delete fields[key];
  else fields[key] = changed(fields[key], rest, to);
  return fields;
}

/** Whether the codec takes a value, and the kernel's own check, which was written apart from it. */
function verdicts(value: unknown): { readonly codec: boolean; readonly kernel: boolean } {
  const read = decode(encode(value));
  const kernel = messageFault(JSON.parse(JSON.stringify(value))) === null;
  return { codec: Result.isSuccess(read), kernel };
}

describe("the codec of messages", () => {
  it.each(oneOfEach.map((it) => [it.kind, it] as const))("is exact for a %s", (_kind, it) => {
    expect(Result.getOrThrow(decode(encode(it)))).toStrictEqual(it);
  });

  it("is exact for every message that the schema describes", () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(anyMessage, (message) => {
        kinds.add(message.kind);
        expect(Result.getOrThrow(decode(encode(message)))).toStrictEqual(message);
      }),
      { seed: SEED, numRuns: 500 },
    );
    expect(kinds.size).toBe(oneOfEach.length);
  });

  it("refuses no message that the kernel's check takes, whatever is changed in one", () => {
    const outcomes = { taken: 0, refused: 0 };
    const one = fc.constantFrom<Message>(...oneOfEach, full);
    fc.assert(
      fc.property(one, fc.nat(), fc.option(odd, { nil: undefined }), (message, at, to) => {
        const all = places(message);
        const { codec, kernel } = verdicts(
          changed(message, all[at % all.length] ?? [], to) ?? null,
        );
        if (kernel) expect(codec).toBe(true);
        outcomes[codec ? "taken" : "refused"] += 1;
      }),
      { seed: SEED, numRuns: 2_000 },
    );
    expect(Math.min(outcomes.taken, outcomes.refused)).toBeGreaterThan(100);
  });

  it("refuses a message with any field gone, or of another type", () => {
    for (const message of [...oneOfEach, full]) {
      for (const path of places(message)) {
        const isItem = /^\d+$/.test(path.at(-1) ?? "");
        const others: readonly unknown[] = isItem ? [[], -1] : [undefined, [[]], -1];
        for (const other of others) {
          const { codec } = verdicts(changed(message, path, other) ?? null);
          expect(codec, `${message.kind}: ${path.join(".")} as ${other}`).toBe(false);
        }
      }
    }
  });

  it("drops what the schema does not know, and keeps what is well-formed so", () => {
    const [first] = oneOfEach;
    const more = { ...first, extra: 1, ["__proto__x"]: { kind: "x" } };
    expect(Result.getOrThrow(decode(encode(more)))).toStrictEqual(first);
    for (const message of oneOfEach) {
      const read = Result.getOrThrow(decode(encode(message)));
      expect(messageFault(read)).toBeNull();
    }
  });

  it.each([
    ["unpaired surrogates", "\ud800 and \udc00"],
    ["a zero, quotes and a line's end", '\u0000"\\\n'],
    ["what needs four bytes", "\u{1f980}"],
  ])("is exact for commands of %s", (_name, text) => {
    const payload = { kind: "command", command: text } as const;
    const message: Message = {
      kind: "append-entries-request",
      from: "n1",
      to: "n2",
      term: 1,
      prevLogIndex: 0,
      prevLogTerm: 0,
      entries: [{ index: 1, term: 1, payload }],
      leaderCommit: 0,
    };
    expect(Result.getOrThrow(decode(encode(message)))).toStrictEqual(message);
  });
});

describe("bytes that are no message are refused, saying why", () => {
  it.each([
    ["not UTF-8", Buffer.from([0x22, 0xff, 0x22])],
    ["not JSON", Buffer.from("{")],
    ["not JSON", Buffer.alloc(0)],
    ["Expected", Buffer.from("[]")],
    ["Expected", Buffer.from('{"kind":"toString"}')],
  ])("%s", (fault, bytes) => {
    const read = decode(bytes);
    expect(Result.isFailure(read) && read.failure).toContain(fault);
  });

  it("a message cut anywhere, or with any byte changed, never throws", () => {
    const bytes = encode(oneOfEach[0]);
    for (let at = 0; at < bytes.length; at++) {
      expect(Result.isFailure(decode(bytes.subarray(0, at)))).toBe(true);
      for (const value of [0, 0x22, 0x7b, 0xff]) {
        const other = Buffer.from(bytes);
        other[at] = value;
        decode(other);
      }
    }
  });

  it("what is said of a long one is short", () => {
    const read = decode(encode({ kind: "x".repeat(100_000) }));
    expect(Result.isFailure(read) && read.failure.length).toBeLessThan(400);
  });
});
