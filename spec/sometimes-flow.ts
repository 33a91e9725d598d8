/** What pipelines and limits must be seen to do. Thesis §10.2. */
import type { KernelStep, Needs, Sometimes } from "./property.ts";
import { received, sometimesStep } from "./steps.ts";

/** What of a pipeline is in flight to each peer. */
function inFlight({ role }: KernelStep["after"]): ReadonlyMap<string, number> {
  if (role.kind !== "leader") return new Map();
  const piped = role.progress.filter(({ mode }) => mode === "replicate");
  return new Map(piped.map((peer) => [peer.id, peer.inFlight.length]));
}

const piping: Needs = { window: 2, proposals: 2, log: 3 };

export const flowSometimes: readonly Sometimes[] = [
  sometimesStep(
    "entries pipelined",
    "Two AppendEntries are in flight to one peer (§10.2.1).",
    piping,
    (s) => [...inFlight(s.after).values()].some((count) => count > 1),
  ),
  sometimesStep(
    "several acknowledged at once",
    "One answer acknowledges more than one AppendEntries (§10.2.1).",
    { ...piping, messages: 4 },
    ({ before, after }) =>
      [...inFlight(before)].some(([id, count]) => count > 1 && inFlight(after).get(id) === 0),
  ),
  sometimesStep(
    "pipeline rejected",
    "An AppendEntries of a pipeline is rejected: one before it was lost or is late (§10.2.1).",
    { ...piping, messages: 4 },
    (s) => {
      const message = received(s);
      if (message?.kind !== "append-entries-rejected") return false;
      return inFlight(s.before).has(message.from) && !inFlight(s.after).has(message.from);
    },
  ),
  sometimesStep(
    "pipeline broken",
    "A connection breaks, and what was in flight is taken for lost (§10.2.1).",
    { disconnections: 1 },
    (s) => s.event.kind === "peer-unreachable" && inFlight(s.before).has(s.event.peer),
  ),
  sometimesStep(
    "proposal refused as overloaded",
    "Too much is uncommitted for one more command (§10.2).",
    { overload: true, proposals: 2, log: 2 },
    ({ effects }) => effects.some((e) => e.kind === "reject" && e.reason === "overloaded"),
  ),
];
