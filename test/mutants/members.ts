/** Bugs of our own making that only schedules showed: in what servers tell and know of each other. */
import type { Mutant } from "./catalogue.ts";

export const memberMutants: readonly Mutant[] = [
  {
    id: "Q30",
    about: "a quorum check forgets nobody: who was heard once counts for ever",
    file: "kernel/leader-contact.ts",
    find: `({ ...peer, active: false })`,
    replace: `({ ...peer })`,
    breaks: ["A Quorum Check Counts Anew"],
    unspecified: "who was heard by a quorum check",
  },
  {
    id: "Q31",
    about: "a server that joined takes a snapshot of where it does not know the configuration",
    file: "kernel/snapshot.ts",
    find: `  if (snapshot.configuration.voters.length === 0) {`,
    replace: `  if (!Array.isArray(snapshot.configuration.voters)) {`,
    breaks: ["Snapshots Stand For What Was Committed"],
    unspecified: "what a snapshot stands for",
  },
];
