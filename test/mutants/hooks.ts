/**
 * Puts the bug named by `QUORATE_MUTANT` into the kernel when its module is loaded:
 * `QUORATE_MUTANT=B29 node --import ./test/mutants/hooks.ts ...`. Without the variable nothing
 * is changed.
 */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Mutant, mutants } from "./catalogue.ts";

/** The root of the repository. */
const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The source of the file that `mutant` changes, as it is. */
export function originalText(mutant: Mutant): string {
  return readFileSync(ROOT + mutant.file, "utf8");
}

/** The source with the bug in it. Throws unless each text to find occurs exactly once. */
export function mutatedText(mutant: Mutant): string {
  return [mutant, ...(mutant.also ?? [])].reduce((text, { find, replace }) => {
    const parts = text.split(find);
    if (parts.length === 2) return parts.join(replace);
    const count = parts.length - 1;
    throw new Error(`mutant ${mutant.id}: a text occurs ${count} times in ${mutant.file}`);
  }, originalText(mutant));
}

/** The mutant of that id; throws where there is none. */
export function mutantNamed(id: string): Mutant {
  const mutant = mutants.find((it) => it.id === id);
  if (mutant === undefined) throw new Error(`there is no mutant ${id}`);
  return mutant;
}

const id = process.env["QUORATE_MUTANT"] ?? "";

if (id !== "") {
  const mutant = mutantNamed(id);
  const source = mutatedText(mutant);
  const target = pathToFileURL(ROOT + mutant.file).href;
  registerHooks({
    load(url, context, nextLoad) {
      if (url.split("?")[0] !== target) return nextLoad(url, context);
      return { format: "module-typescript", source, shortCircuit: true };
    },
  });
}
