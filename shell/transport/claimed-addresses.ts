/**
 * Where peers that have connected say that they are. A server that joins may hear a leader that it
 * was told nothing of: by this it can answer. A claim is its sender's own alone, for its identity
 * was settled before; it counts only for peers that no address is known of, and only while the
 * connection lasts.
 */
import type { Socket } from "node:net";
import type { ServerId } from "../../kernel/index.ts";

interface Claim {
  readonly address: string;
  readonly socket: Socket;
}

/** The claims of the peers that are connected now: no more than there may be connections. */
export class ClaimedAddresses {
  private readonly claims = new Map<ServerId, Claim>();
  /** Told of every change. */
  private readonly onChange: () => void;

  constructor(onChange: () => void) {
    this.onChange = onChange;
  }

  /** What `peer` says on a connection that was welcomed; null where it says nothing. */
  heard(peer: ServerId, socket: Socket, address: string | null): void {
    if (address === null) this.claims.delete(peer);
    else this.hold(peer, { address, socket });
    this.onChange();
  }

  /** Takes back what `peer` said. */
  forget(peer: ServerId): void {
    this.claims.delete(peer);
  }

  /** `known`, and the claims of peers that it says nothing of. */
  beside(known: ReadonlyMap<ServerId, string>): ReadonlyMap<ServerId, string> {
    const all = new Map(known);
    for (const [peer, { address }] of this.claims) if (!known.has(peer)) all.set(peer, address);
    return all;
  }

  private hold(peer: ServerId, claim: Claim): void {
    this.claims.set(peer, claim);
    claim.socket.once("close", () => {
      // Another connection may have taken its place.
      if (this.claims.get(peer) !== claim) return;
      this.claims.delete(peer);
      this.onChange();
    });
  }
}
