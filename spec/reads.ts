/** What a client may rely on when it reads. Thesis §6.3, §6.4. TLA+: ReadsAreLinearizableInv. */
import type { Always } from "./property.ts";

/**
 * A read sees everything that was committed, so everything that any client was told of, before
 * it was asked for; and it is answered at most once.
 */
export const readsAreLinearizable: Always = {
  kind: "always",
  name: "Reads Are Linearizable",
  rule: "A read is answered with at least what was committed when it was asked (thesis §6.4).",
  over: "history",
  holds: ({ reads }) =>
    reads.every(({ outcome }) => outcome !== "stale" && outcome !== "answered twice"),
};
