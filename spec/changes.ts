/** How the members may change. Thesis §4.1, §4.3. TLA+: OneChangeAtATimeInv. */
import type { Always } from "./property.ts";

/**
 * Over what was committed anywhere: a server that restarts does not know how far its log is
 * committed.
 */
export const oneChangeAtATime: Always = {
  kind: "always",
  name: "One Change At A Time",
  rule:
    "Of the configurations in a log that were never committed the last is the only one, or " +
    "leaves the joint one before it (thesis §4.1, §4.3).",
  over: "server-history",
  holds: ({ log }, { committed }) => {
    const open = log.entries.flatMap(({ index, payload }) =>
      payload.kind === "configuration" && index > committed.length ? [payload.configuration] : [],
    );
    return open.every((configuration, i) => {
      const before = open[i - 1];
      const leaves = before !== undefined && before.outgoingVoters.length > 0;
      return before === undefined || (leaves && configuration.outgoingVoters.length === 0);
    });
  },
};
