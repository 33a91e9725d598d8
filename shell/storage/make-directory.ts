/** Directories, made where there are none. */
import { existsSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { syncDirectory } from "./mark.ts";

/**
 * Makes a directory and those above it, durably, where they do not exist. Node's own recursive
 * `mkdirSync` tries for ever where a directory that is there takes none, as `/proc` does; this
 * tries each twice at most. Throws what the system says.
 */
export function makeDirectory(path: string, mode = 0o777): void {
  const directory = resolve(path);
  const parent = dirname(directory);
  try {
    makeOne(directory, mode);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parent === directory) throw error;
    makeDirectory(parent, mode);
    makeOne(directory, mode);
  }
}

function makeOne(directory: string, mode: number): void {
  // Only a directory has a "." in it.
  const isThere = (): boolean => existsSync(`${directory}/.`);
  if (isThere()) return;
  try {
    mkdirSync(directory, { mode });
  } catch (error) {
    // Another process may have been faster.
    if (isThere()) return;
    throw error;
  }
  syncDirectory(dirname(directory));
}
