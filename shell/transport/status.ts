/** What a transport has counted, and where it listens. */
import type { AddressInfo } from "node:net";
import * as Context from "effect/Context";
import type * as Effect from "effect/Effect";

/**
 * Counters since the start, by name. `refused_*`: frames and messages that were refused, by reason;
 * `handshake_failures_*`: connections that were, on either side; `dropped_*`: messages that were
 * good but had no way or no room; `addresses_claimed`: peers that were dialled where they said that
 * they are, for nothing else was known. `inbound` and `outbound` are connections now.
 */
export type TransportCounters = Readonly<Record<string, number>>;

/** A transport as its host sees it. */
export class TransportStatus extends Context.Service<
  TransportStatus,
  {
    readonly counters: Effect.Effect<TransportCounters>;
    /** Where it listens, once it does; null before. */
    readonly address: Effect.Effect<AddressInfo | null>;
  }
>()("quorate/shell/transport/status/TransportStatus") {}

/** Counts by name. */
export class Counts {
  private readonly byName = new Map<string, number>();

  add(name: string, by = 1): void {
    this.byName.set(name, (this.byName.get(name) ?? 0) + by);
  }

  all(): TransportCounters {
    return Object.fromEntries(this.byName);
  }
}
