/** The files of journals, and their lines: read piece by piece, for they may be large. */
import { isUtf8 } from "node:buffer";
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { AuditInputError } from "./report.ts";

/** A file of a journal. */
export interface JournalFile {
  readonly path: string;
  readonly server: string;
  readonly run: number;
  readonly file: number;
  readonly bytes: number;
}

/** A line of a file. `text` is null where it is no UTF-8. */
export interface RawLine {
  readonly text: string | null;
  readonly number: number;
  /** The file ends before the line does. */
  readonly isTorn: boolean;
}

const NAME = /^(.+)-(\d{6,})-(\d{4,})\.jsonl$/;

/**
 * The journal files in `directories` and right below them, by server, in order.
 * @throws AuditInputError for a directory that cannot be read, and where there are none.
 */
export function journalFiles(
  directories: readonly string[],
): ReadonlyMap<string, readonly JournalFile[]> {
  const files = directories
    .flatMap((directory) => filesIn(directory))
    .sort((a, b) => compare(a.server, b.server) || a.run - b.run || a.file - b.file);
  const servers = new Map<string, JournalFile[]>();
  for (const file of files) {
    const others = servers.get(file.server) ?? [];
    const last = others.at(-1);
    if (last?.run === file.run && last.file === file.file) {
      throw new AuditInputError(`${last.path} and ${file.path} are the same part of one journal`);
    }
    servers.set(file.server, [...others, file]);
  }
  if (servers.size === 0) {
    throw new AuditInputError(`no journal (SERVER-RUN-FILE.jsonl) in ${directories.join(", ")}`);
  }
  return servers;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The files in a directory and, for each server of a cluster may have its own, one below. */
function filesIn(directory: string, isBelow = false): readonly JournalFile[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).flatMap((it) => {
      const path = join(directory, it.name);
      if (it.isDirectory()) return isBelow ? [] : filesIn(path, true);
      const match = NAME.exec(it.name);
      if (match === null) return [];
      const server = serverOf(match[1] ?? "", path);
      const { size } = statSync(path);
      return [{ path, server, run: Number(match[2]), file: Number(match[3]), bytes: size }];
    });
  } catch (error) {
    if (error instanceof AuditInputError) throw error;
    throw new AuditInputError(`cannot read ${directory}: ${(error as Error).message}`);
  }
}

function serverOf(encoded: string, path: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new AuditInputError(`${path}: ${encoded} is no percent-encoded name of a server`);
  }
}

const CHUNK = 2 ** 20;
const NEWLINE = 10;

/** The lines of a file, in order. Holds one piece of the file, or one line, in memory. */
export function* linesOf(path: string): Generator<RawLine> {
  const file = openSync(path, "r");
  try {
    const chunk = Buffer.alloc(CHUNK);
    let rest = Buffer.alloc(0);
    let number = 0;
    for (;;) {
      const length = readSync(file, chunk, 0, CHUNK, null);
      if (length === 0) break;
      const bytes = Buffer.concat([rest, chunk.subarray(0, length)]);
      let from = 0;
      for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
        yield lineOf(bytes.subarray(from, end), ++number, false);
        from = end + 1;
      }
      rest = bytes.subarray(from);
    }
    if (rest.length > 0) yield lineOf(rest, number + 1, true);
  } finally {
    closeSync(file);
  }
}

function lineOf(bytes: Buffer, number: number, isTorn: boolean): RawLine {
  // A line that was not finished may end within a character.
  return { text: isTorn || isUtf8(bytes) ? bytes.toString() : null, number, isTorn };
}
