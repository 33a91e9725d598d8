/** What a directory holds, byte by byte, so that a test can say what a disk made of it. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Durable } from "../../../kernel/index.ts";
import { type StorageOptions, Store } from "../../../shell/storage/store.ts";

/** The files of a directory by their names below it. */
export type Image = Readonly<Record<string, Buffer>>;

/** The files as they are now, synced or not. */
export function imageOf(directory: string): Image {
  return Object.fromEntries(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((it) => it.isFile())
      .map((it) => join(it.parentPath, it.name))
      .map((path) => [relative(directory, path), readFileSync(path)]),
  );
}

/** What a server finds that starts on `image`: what is durable, or why it refuses. */
export function startOn(image: Image, options: StorageOptions): Durable | string {
  rmSync(options.directory, { recursive: true, force: true });
  for (const [name, bytes] of Object.entries(image)) {
    const path = join(options.directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  try {
    const store = Store.open(options);
    try {
      return store.load();
    } finally {
      store.close();
    }
  } catch (error) {
    return (error as Error).message;
  }
}

/** A copy of `bytes` with one bit turned. */
export function flipped(bytes: Buffer, position: number, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[position] = (copy[position] ?? 0) ^ (1 << bit);
  return copy;
}

/** A copy of `bytes` with `length` zeros from `position` on. */
export function zeroed(bytes: Buffer, position: number, length: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.fill(0, position, Math.min(position + length, copy.length));
  return copy;
}

/** `first` up to `cut`, and from there on what `second` has. */
export function spliced(first: Buffer, cut: number, second: Buffer): Buffer {
  return Buffer.concat([first.subarray(0, cut), second.subarray(Math.min(cut, second.length))]);
}
