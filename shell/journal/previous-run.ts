/** Where a journal was left: the last run of a server, and the hash of its last whole line. */
import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { fileName, NO_HASH, type RunLink } from "./record.ts";

const NAME = /^(.+)-(\d{6,})-(\d{4,})\.jsonl$/;

/**
 * The last run of `server` in `directory`, null where there is none, and the last whole line,
 * which a crash may have left in a file or a run before. Throws what reading throws.
 */
export function previousRun(directory: string, server: string): RunLink | null {
  const name = encodeURIComponent(server);
  const files = readdirSync(directory)
    .map((file) => NAME.exec(file))
    .filter((match) => match !== null)
    .filter((match) => match[1] === name)
    .map((match) => ({ run: Number(match[2]), file: Number(match[3]) }))
    .sort((a, b) => b.run - a.run || b.file - a.file);
  const [last] = files;
  if (last === undefined) return null;
  for (const { run, file } of files) {
    const hash = lastHash(join(directory, fileName(server, run, file)));
    if (hash !== null) return { run: last.run, hash };
  }
  return { run: last.run, hash: NO_HASH };
}

/** How much of the end of a file is read at first: most lines are much shorter. */
const TAIL_BYTES = 64 * 1024;
const END = /"hash":"([0-9a-f]{32})"\}\n[^\n]*$/;

function lastHash(path: string): string | null {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    for (let length = Math.min(size, TAIL_BYTES); ; length = Math.min(size, length * 8)) {
      const bytes = Buffer.alloc(length);
      readSync(file, bytes, 0, length, size - length);
      // One byte a character: no character is cut in two.
      const match = END.exec(bytes.toString("latin1"));
      if (match !== null) return match[1] ?? null;
      if (length === size) return null;
    }
  } finally {
    closeSync(file);
  }
}
