/** Where to look for the mutant that is in this kernel. */
import { type Focus, focuses } from "./bounds.ts";
import { mutants } from "./catalogue.ts";

const mutant = mutants.find(({ id }) => id === process.env["QUORATE_MUTANT"]);

function isHinted({ name }: Focus): boolean {
  return mutant?.focuses?.includes(name) === true;
}

/** The bounds in which it is known to show itself, first; then, for `all`, the others. */
export function focusesOfMutant(which: "hinted" | "all"): readonly Focus[] {
  const hinted = focuses.filter(isHinted);
  if (which === "hinted" && hinted.length > 0) return hinted;
  return [...hinted, ...focuses.filter((focus) => !isHinted(focus))];
}
