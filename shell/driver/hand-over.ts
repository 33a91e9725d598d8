/** Leaving in good order: who leads lets another take over before it goes (thesis §3.10). */
import * as Effect from "effect/Effect";
import type { Server } from "./server.ts";

/** How long a server that leads waits for another to take over before it goes. */
const PATIENCE = "2 seconds";

/**
 * Lets the voter that lacks least take over, where this server leads and there is one. Ends once
 * that one leads, or it is known that it does not, or after two seconds. Never fails.
 */
export function handOver<S, R>(server: Server<S, R>): Effect.Effect<void> {
  return Effect.gen(function* () {
    const { id, role, peers, configuration } = yield* server.status;
    if (role !== "leader") return;
    const best = peers
      .filter((peer) => peer.id !== id && configuration.voters.includes(peer.id))
      .toSorted((a, b) => b.matchIndex - a.matchIndex)[0];
    if (best !== undefined) yield* server.transfer(best.id);
  }).pipe(Effect.timeoutOption(PATIENCE), Effect.ignore);
}
