/** Leaving in good order: who leads lets another take over before it goes (thesis §3.10). */
import * as Effect from "effect/Effect";
import type { ServerId } from "../../kernel/index.ts";
import type { PeerStatus, Server, Status } from "./server.ts";

/** How long a server that leads waits for another to take over before it goes. */
const PATIENCE = "2 seconds";

/**
 * Whom a server hands leadership to: of the voters, rather one that answers than one whose
 * connection broke, and of these the one that lacks least. Null where it leads nobody.
 */
export function successorOf({ id, role, peers, configuration }: Status): ServerId | null {
  if (role !== "leader") return null;
  const others = peers.filter((peer) => peer.id !== id && configuration.voters.includes(peer.id));
  const answers = ({ mode }: PeerStatus): number => (mode === "replicate" ? 1 : 0);
  const [best] = others.toSorted((a, b) => answers(b) - answers(a) || b.matchIndex - a.matchIndex);
  return best?.id ?? null;
}

/**
 * Lets the best voter take over, where this server leads and there is one. Ends once
 * that one leads, or it is known that it does not, or after two seconds. Never fails.
 */
export function handOver<S, R>(server: Server<S, R>): Effect.Effect<void> {
  return Effect.gen(function* () {
    const successor = successorOf(yield* server.status);
    if (successor !== null) yield* server.transfer(successor);
  }).pipe(Effect.timeoutOption(PATIENCE), Effect.ignore);
}
