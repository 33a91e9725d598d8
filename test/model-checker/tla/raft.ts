/** The specification with something changed, in a temporary folder. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ExploreOptions,
  explore,
  type TlaResult,
} from "../../../model-checker/tla/explore.ts";
import { loadFile } from "../../../model-checker/tla/load.ts";
import { FOLDERS, type RaftCase } from "../../tools/tla-cases.ts";

/** Explores an instance after `edit` has changed the files of the folder that it is given. */
export async function exploreEdited(
  { module, config }: Pick<RaftCase, "module" | "config">,
  edit: (folder: string) => void,
  options: ExploreOptions = {},
): Promise<TlaResult> {
  const folder = mkdtempSync(join(tmpdir(), "quorate-raft-"));
  try {
    cpSync(FOLDERS.raft, folder, { recursive: true });
    edit(folder);
    return await explore(await loadFile(join(folder, module), join(folder, config)), options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Puts `to` in place of `from`, which is in the file exactly once. */
export function substitute(file: string, from: string, to: string): void {
  const parts = readFileSync(file, "utf8").split(from);
  if (parts.length !== 2) throw new Error(`${parts.length - 1} times in ${file}: ${from}`);
  writeFileSync(file, parts.join(to));
}
