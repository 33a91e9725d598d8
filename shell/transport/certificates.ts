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

/** What is wrong with one of them. */
export interface PemFault {
  readonly part: keyof Pem;
  readonly what: string;
}

/**
 * What is wrong with PEM texts, or null. Node itself takes an authority that is none, and trusts
 * nobody then.
 */
export function pemFault({ cert, key, ca }: Pem): PemFault | null {
  const own = parsed(cert, "certificate", (pem) => new X509Certificate(pem));
  if (typeof own === "string") return { part: "cert", what: own };
  const secret = parsed(key, "private key", createPrivateKey);
  if (typeof secret === "string") return { part: "key", what: secret };
  if (!own.checkPrivateKey(secret)) {
    return { part: "key", what: "it is not that of the certificate: give the two made together" };
  }
  const what = ca === undefined ? null : authorityFault(ca);
  return what === null ? null : { part: "ca", what };
}

/** What is wrong with an authority's certificate, or null. */
export function authorityFault(ca: string): string | null {
  const authority = parsed(ca, "certificate", (pem) => new X509Certificate(pem));
  return typeof authority === "string" ? authority : null;
}

function parsed<A extends object>(
  pem: string,
  what: "certificate" | "private key",
  parse: (pem: string) => A,
): A | string {
  try {
    return parse(pem);
  } catch (error) {
    const label = what.toUpperCase();
    const begins = new RegExp(`^-----BEGIN (?:\\w+ )*${label}-----`, "m").test(pem);
    // Where nothing begins, what OpenSSL says of it helps nobody.
    const why = begins ? (error as Error).message : `expected -----BEGIN ${label}-----`;
    return `no ${what} in PEM: ${why}`;
  }
}

/** What is wrong with PEM texts that are to replace others: also that the certificate expired. */
export function replacementFault(pem: Pem, now: number): PemFault | null {
  const fault = pemFault(pem);
  if (fault !== null) return fault;
  const { validToDate } = new X509Certificate(pem.cert);
  if (validToDate.getTime() >= now) return null;
  return { part: "cert", what: `it expired at ${validToDate.toISOString()}` };
}
