/**
 * One text for everything that is equal, and one for everything that differs: canonical
 * encodings, and 64-bit keys made from them by a strong hash.
 */
import { createHash } from "node:crypto";

/** Canonical JSON: keys sorted, every field covered. Injective on plain data. */
export function encode(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(encode).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${encode(field)}`).join(",")}}`;
}

const texts = new WeakMap<object, string>();

/** `encode(value)`, kept as long as the value: for what is compared again and again. */
export function textOf(value: object): string {
  let text = texts.get(value);
  if (text === undefined) {
    text = encode(value);
    texts.set(value, text);
  }
  return text;
}

/** A 64-bit key in two 32-bit lanes. */
export type Key = readonly [low: number, high: number];

/** The key of a text: the first 64 bits of its SHA-256. */
export function keyOf(text: string): Key {
  const digest = createHash("sha256").update(text).digest();
  return [digest.readInt32LE(0), digest.readInt32LE(4)];
}

/** A short digest of a text, for people and for trace files. */
export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
