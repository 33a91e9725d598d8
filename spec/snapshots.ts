/** What a snapshot may stand for. Thesis §5.1, Figure 5.3. TLA+: SnapshotsAreCommittedInv. */
import { committedConfiguration, sameConfiguration } from "./logs.ts";
import type { Always, LogSpan } from "./property.ts";

/**
 * With the term of its last entry a snapshot names, by Log Matching, everything that it stands
 * for; so the state machine that is restored from it is the one that applied the committed prefix.
 */
export const snapshotsAreCommitted: Always = {
  kind: "always",
  name: "Snapshots Stand For What Was Committed",
  rule: "A snapshot ends with an entry that was committed, and carries the configuration there.",
  over: "server-history",
  holds: ({ log, stored }, history) =>
    [log, stored].every(({ base }: LogSpan) => {
      if (base.lastIndex === 0) return true;
      const last = history.committed[base.lastIndex - 1];
      if (last?.entry.term !== base.lastTerm) return false;
      const expected = committedConfiguration(history, base.lastIndex);
      return sameConfiguration(base.configuration, expected);
    }),
};
