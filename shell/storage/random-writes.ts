/** Writes as a kernel might ask for them, by chance, from a seed. */
import type { Durable, Entry, PersistEffect, Snapshot } from "../../kernel/index.ts";

/** Numbers below a bound, the same for the same seed (Lehmer's generator, modulus 2^31 - 1). */
export function chance(seed: number): (below: number) => number {
  let state = (seed * 48_271) % 2_147_483_647;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** The term of the entry at `index`, which the durable state must hold or begin after. */
function termAt({ snapshot, entries }: Durable, index: number): number {
  if (index === snapshot.lastIndex) return snapshot.lastTerm;
  return entries[index - snapshot.lastIndex - 1]?.term ?? 0;
}

/** A generator of the next write for a durable state: votes, entries, cuts and snapshots. */
export function randomWrites(seed: number): (durable: Durable) => PersistEffect {
  const below = chance(seed);
  const entry = (index: number, term: number): Entry =>
    below(5) === 0
      ? { index, term, payload: { kind: "no-op" } }
      : { index, term, payload: { kind: "command", command: `${index} `.repeat(below(30)) } };
  return (durable) => {
    const { snapshot: base, entries } = durable;
    const raises = durable.currentTerm === 0 || below(3) === 0;
    const currentTerm = durable.currentTerm + (raises ? 1 : 0);
    const voted = raises ? null : durable.votedFor;
    const votedFor = voted ?? (below(2) === 0 ? `n${1 + below(3)}` : null);
    const last = base.lastIndex + entries.length;
    const configuration = { voters: ["n1", "n2"], outgoingVoters: [], learners: [] };
    const hard = { kind: "persist", currentTerm, votedFor } as const;
    let snapshot: Snapshot | null = null;
    if (below(4) === 0 && entries.length > 0) {
      const lastIndex = base.lastIndex + 1 + below(entries.length);
      snapshot = { lastIndex, lastTerm: termAt(durable, lastIndex), configuration };
    } else if (below(12) === 0) {
      const end = { lastIndex: last + 1 + below(9), lastTerm: currentTerm };
      return { ...hard, snapshot: { ...end, configuration }, entries: [], ...end };
    }
    const start = (snapshot ?? base).lastIndex;
    const begin = below(3) === 0 ? start + below(last - start + 1) : last;
    const fresh = Array.from({ length: below(6) }, (_, i) => entry(begin + 1 + i, currentTerm));
    const lastTerm = fresh.at(-1)?.term ?? termAt(durable, begin);
    return { ...hard, snapshot, entries: fresh, lastIndex: begin + fresh.length, lastTerm };
  };
}
