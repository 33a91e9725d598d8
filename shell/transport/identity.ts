/**
 * Who a certificate stands for: exactly one subject alternative name of the form
 * `quorate://CLUSTER/SERVER`. A chain to the authority alone proves no server: whoever holds any
 * certificate of it could speak for any server (as in CVE-2021-37219).
 */
import type { ServerId } from "../../kernel/index.ts";

/** The name in the certificate of server `id`; both parts are percent-encoded. */
export function identityUri(cluster: string, id: ServerId): string {
  return `quorate://${encodeURIComponent(cluster)}/${encodeURIComponent(id)}`;
}

/**
 * Why a certificate with these alternative names, as Node's `subjectaltname` has them, is not that
 * of server `id`; null if it is.
 */
export function identityFault(
  names: string | undefined,
  cluster: string,
  id: ServerId,
): string | null {
  const expected = identityUri(cluster, id);
  if (names === undefined || names === "") return `no alternative names: ${expected} is expected`;
  // Node quotes names that could pass for several. None of ours needs it.
  if (names.includes('"')) return `unusual alternative names: ${expected} is expected`;
  const uris = names.split(", ").filter((name) => name.startsWith("URI:quorate://"));
  if (uris.length !== 1) return `${uris.length} names of servers: ${expected} is expected`;
  return uris[0] === `URI:${expected}` ? null : `${uris[0]}: ${expected} is expected`;
}
