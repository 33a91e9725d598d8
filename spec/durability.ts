/** What a crash must not take away. Thesis §3.8, §10.2.1. TLA+: DurabilityInv. */
import { hasCommitted } from "./logs.ts";
import type { Always } from "./property.ts";

/**
 * A client is answered when its entry is committed; from then on any minority may lose all
 * that it has not stored. So a quorum must have stored every committed entry. (With Log
 * Matching, a server that stored the last one stored them all.)
 */
export const committedEntriesAreDurable: Always = {
  kind: "always",
  name: "Durability",
  rule: "An acknowledged entry survives any minority of crashes: a quorum has stored it.",
  over: "quorum-history",
  holds: ({ stored }, { committed }) => {
    const last = committed.at(-1);
    return last === undefined || hasCommitted(stored, committed.length, last);
  },
};
