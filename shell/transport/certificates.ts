/** Certificates of a transport that runs, replaced before they expire. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import * as Context from "effect/Context";
import type * as Effect from "effect/Effect";
import type { TransportError } from "../driver/services.ts";
import type { TlsOptions } from "./options.ts";

/** What a transport shows of itself, and whom it trusts. */
export class TransportCertificates extends Context.Service<
  TransportCertificates,
  {
    /**
     * Checks others than those there are, and gives what puts them in force: every connection from
     * then on is made with them, on either side, and those there are stay. Fails where they cannot
     * be used, naming what is wrong; then nothing has changed.
     */
    readonly ready: (tls: TlsOptions) => Effect.Effect<() => void, TransportError>;
  }
>()("quorate/shell/transport/certificates/TransportCertificates") {}

/** PEM texts; `ca` is the authority, where others are to show certificates of it. */
interface Pem {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
}

/**
 * What is wrong with PEM texts, naming which, or null. Node itself takes an authority that is none,
 * and trusts nobody then.
 */
export function pemFault({ cert, key, ca }: Pem): string | null {
  const own = parsed(cert, "certificate", (pem) => new X509Certificate(pem));
  if (typeof own === "string") return `cert: ${own}`;
  const secret = parsed(key, "private key", createPrivateKey);
  if (typeof secret === "string") return `key: ${secret}`;
  if (!own.checkPrivateKey(secret)) return "key: it is not that of the certificate";
  if (ca === undefined) return null;
  const authority = parsed(ca, "certificate", (pem) => new X509Certificate(pem));
  return typeof authority === "string" ? `ca: ${authority}` : null;
}

function parsed<A extends object>(
  pem: string,
  what: string,
  parse: (pem: string) => A,
): A | string {
  try {
    return parse(pem);
  } catch (error) {
    return `no ${what} in PEM: ${(error as Error).message}`;
  }
}

/** What is wrong with PEM texts that are to replace others: also that the certificate expired. */
export function replacementFault(pem: Pem, now: number): string | null {
  const fault = pemFault(pem);
  if (fault !== null) return fault;
  const { validToDate } = new X509Certificate(pem.cert);
  return validToDate.getTime() < now ? `cert: it expired at ${validToDate.toISOString()}` : null;
}
