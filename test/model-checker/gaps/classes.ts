/**
 * Why the kernel does not do all that the specification permits: gaps by class. The reason of
 * each is in `spec/README.md`. A gap belongs to the first class that it fits.
 */
import {
  type IgnoreReason,
  lastIndex,
  type Message,
  type Progress,
} from "../../../kernel/index.ts";
import { FunctionValue, tlaString } from "../../../model-checker/tla/values/index.ts";
import type { Gap } from "./gaps.ts";

/** A kind of gap that is known. */
export interface GapClass {
  readonly name: string;
  readonly fits: (gap: Gap) => boolean;
}

/** An AppendEntries that is permitted, beside what the kernel would send in its place. */
interface Batch {
  readonly prev: number;
  readonly size: number;
  /** What the leader knows of the peer, in each of the kernel's states. */
  readonly peers: readonly Pick<Progress, "matchIndex" | "nextIndex">[];
  /** How many entries would fit. */
  readonly fitting: number;
}

function batchOf({ action, processes, sent, bounds }: Gap): Batch | null {
  const [message] = sent;
  if (action !== "SendAppendEntries" || !(message instanceof FunctionValue)) return null;
  const field = (name: string) => message.apply(tlaString(name));
  const [prev, entries, to] = [field("prevLogIndex"), field("entries"), field("to")];
  if (typeof prev !== "number" || !(entries instanceof FunctionValue)) return null;
  const leaders = processes.flatMap((process) =>
    process.kind === "up" && process.state.role.kind === "leader"
      ? [{ log: process.state.log, progress: process.state.role.progress }]
      : [],
  );
  return {
    prev,
    size: entries.domain().elements().length,
    peers: leaders.flatMap(({ progress }) => progress.filter(({ id }) => tlaString(id) === to)),
    fitting: Math.min(bounds.batch, ...leaders.map(({ log }) => lastIndex(log) - prev)),
  };
}

const ofBatch =
  (fits: (batch: Batch, gap: Gap) => boolean) =>
  (gap: Gap): boolean => {
    const batch = batchOf(gap);
    return batch !== null && fits(batch, gap);
  };

/** What never arrives there, and would be ignored if it did. */
const refusedAs =
  (reason: IgnoreReason, ...kinds: readonly Message["kind"][]) =>
  ({ arrived, isDelivered, ignored }: Gap): boolean =>
    arrived !== null &&
    kinds.includes(arrived.kind) &&
    !isDelivered &&
    ignored.length > 0 &&
    ignored.every((it) => it === reason);

/** All of them; of those of AppendEntries each supposes that the ones before do not fit. */
export const gapClasses: readonly GapClass[] = [
  {
    name: "AppendEntries from before what the peer acknowledged",
    fits: ofBatch(({ prev, peers }) => peers.every(({ matchIndex }) => prev < matchIndex)),
  },
  {
    name: "AppendEntries that starts elsewhere than at nextIndex",
    fits: ofBatch(({ prev, peers }) => peers.every(({ nextIndex }) => prev !== nextIndex - 1)),
  },
  {
    name: "AppendEntries with more entries than the limit",
    fits: ofBatch(({ size }, { bounds }) => size > bounds.batch),
  },
  {
    name: "AppendEntries with fewer entries than fit",
    fits: ofBatch(({ size, fitting }) => size < fitting),
  },
  {
    name: "AppendEntries to a peer that has the whole log",
    fits: ofBatch(({ prev, size, peers }) =>
      peers.every(({ matchIndex }) => size === 0 && prev === matchIndex),
    ),
  },
  {
    name: "AppendEntries when no event asks for it",
    fits: ofBatch(({ size }, { isSentElsewhere }) => size === 0 || isSentElsewhere),
  },
  {
    name: "A pre-vote request sent again after a grant",
    fits: ({ action, processes }) =>
      action === "SendPreVoteRequest" &&
      processes.every(
        (process) =>
          process.kind === "up" &&
          process.state.role.kind === "pre-candidate" &&
          process.state.role.votesGranted.length > 1,
      ),
  },
  {
    name: "A second leader of the term is obeyed",
    fits: refusedAs("second-leader-of-term", "append-entries-request", "heartbeat-request"),
  },
  {
    name: "A committed entry is replaced",
    fits: refusedAs("conflicts-with-committed", "append-entries-request"),
  },
  {
    name: "An acknowledgement beyond the log is believed",
    fits: refusedAs("impossible-acknowledgement", "append-entries-accepted"),
  },
];

/** The class of a gap, or null where it is unexpected. */
export function classOf(gap: Gap): string | null {
  return gapClasses.find(({ fits }) => fits(gap))?.name ?? null;
}
