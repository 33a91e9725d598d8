/** One text for worlds that behave alike. */
import { encode } from "./canonical.ts";
import type { World } from "./world.ts";

/** The canonical text of a world under its bounds: order matters only where it can be seen. */
export function canonicalWorld({ processes, network, environment }: World): string {
  const { discipline, messages, partition } = network;
  // Within a link the order of sending is kept; between links there is none.
  const inFlight =
    discipline === "unordered"
      ? messages.map(encode).sort()
      : [...messages.entries()]
          .map(([position, message]) => [encode([message.from, message.to]), position] as const)
          .sort(([a, i], [b, j]) => (a === b ? i - j : a < b ? -1 : 1))
          .map(([, position]) => encode(messages[position]));
  return encode([processes, inFlight, partition, environment]);
}
