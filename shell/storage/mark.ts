/**
 * How many writes were made durable, noted beside the database. A disk that loses the end of the
 * database's log looks like a crash before those writes: the mark tells them apart. It is written
 * after the write it counts, without waiting for the disk, so it may lag but never leads: what a
 * power cut takes from it, and rot from the database's log at the same time, is not told apart.
 */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { fail, REPLACE } from "./errors.ts";
import { checksumOf, type Identity, ownerOf } from "./records.ts";

/** Two slots, in sectors of their own: a torn one leaves the other. */
const SLOT = 4096;
const LENGTH = 64;

function slotText(owner: string, sequence: number): string {
  return `${sequence} ${checksumOf(`mark ${owner} ${sequence}`)}\n`.padEnd(LENGTH);
}

/** The path of the mark in the directory of a storage. */
export function markPath(directory: string): string {
  return join(directory, "mark");
}

/** The open mark of one storage. */
export class Mark {
  readonly #file: number;
  readonly #owner: string;

  private constructor(file: number, owner: string) {
    this.#file = file;
    this.#owner = owner;
  }

  /** Opens the mark of a directory, or begins one at `sequence` where there is none. */
  static open(directory: string, identity: Identity, sequence: number): Mark {
    const path = markPath(directory);
    const isNew = !existsSync(path);
    const mark = new Mark(openSync(path, isNew ? "wx+" : "r+", 0o600), ownerOf(identity));
    if (isNew) {
      mark.note(sequence);
      fsyncSync(mark.#file);
      syncDirectory(directory);
    }
    return mark;
  }

  /** Notes that write `sequence` is durable. */
  note(sequence: number): void {
    writeSync(this.#file, slotText(this.#owner, sequence), SLOT * (sequence % 2));
  }

  /** Waits for the disk. */
  sync(): void {
    fdatasyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}

/** The mark's count; null where there is none. Throws where both slots are bad or foreign. */
export function readMark(directory: string, identity: Identity): number | null {
  const path = markPath(directory);
  if (!existsSync(path)) return null;
  const file = openSync(path, "r");
  try {
    const sequences = [0, 1].flatMap((slot) => {
      const bytes = Buffer.alloc(LENGTH);
      readSync(file, bytes, 0, LENGTH, slot * SLOT);
      const text = bytes.toString("latin1");
      const sequence = Number.parseInt(text, 10);
      return text === slotText(ownerOf(identity), sequence) ? [sequence] : [];
    });
    if (sequences.length === 0) fail(path, "no count in it is whole and of this server", REPLACE);
    return Math.max(...sequences);
  } finally {
    closeSync(file);
  }
}

/** Makes the names in a directory durable. */
export function syncDirectory(directory: string): void {
  const file = openSync(directory, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
