/** The specification with something changed, in a temporary folder. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type How, quorate } from "../../cli/run.ts";
import { FOLDERS, type RaftCase } from "../../tools/tla-cases.ts";

/** What `quorate tla check --json` says of an exploration, as far as it is asked here. */
export interface Explored {
  readonly verdict: string;
  readonly generated: number;
  readonly distinct: number;
  readonly depth: number;
  readonly violation: { readonly kind: string; readonly name: string } | null;
}

/**
 * Explores the instance in `folder`, in a process of its own: measuring coverage would slow it
 * many times over.
 */
export async function exploreApart(
  { module, config }: Pick<RaftCase, "module" | "config">,
  folder: string,
  options: readonly string[] = [],
  how: How = {},
): Promise<Explored> {
  const args = [join(folder, module), "--config", join(folder, config), "--json", ...options];
  const { stdout, stderr } = await quorate(["tla", "check", ...args], how);
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Explored;
}

/** Explores an instance after `edit` has changed the files of the folder that it is given. */
export async function exploreEdited(
  model: Pick<RaftCase, "module" | "config">,
  edit: (folder: string) => void,
  options: readonly string[] = [],
): Promise<Explored> {
  const folder = mkdtempSync(join(tmpdir(), "quorate-raft-"));
  try {
    cpSync(FOLDERS.raft, folder, { recursive: true });
    edit(folder);
    return await exploreApart(model, folder, options);
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
