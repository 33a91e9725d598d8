/** What all connections of one transport share. */
import { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import type { ServerId } from "../../kernel/index.ts";
import { identityFault } from "./identity.ts";
import {
  defaultLimits,
  optionsFault,
  type TlsOptions,
  type TransportLimits,
  type TransportOptions,
} from "./options.ts";
import { Counts } from "./status.ts";

/** What all connections of one transport share. */
export interface Settings {
  readonly id: ServerId;
  readonly cluster: string;
  readonly limits: TransportLimits;
  /** The certificate, and the same made ready to dial with. */
  readonly tls: (TlsOptions & { readonly secureContext: SecureContext }) | null;
  readonly counts: Counts;
}

/** The settings that the options ask for. Throws an Error that names what is wrong with them. */
export function settingsOf(options: TransportOptions): Settings {
  const fault = optionsFault(options);
  if (fault !== null) throw new Error(fault);
  const { id, cluster, tls } = options;
  return {
    id,
    cluster,
    limits: { ...defaultLimits, ...options.limits },
    tls: tls && { ...tls, secureContext: secureContextOf(tls, cluster, id) },
    counts: new Counts(),
  };
}

function secureContextOf(tls: TlsOptions, cluster: string, id: ServerId): SecureContext {
  const fault = identityFault(certificateNames(tls.cert), cluster, id);
  if (fault !== null) throw new Error(`tls.cert: ${fault}`);
  try {
    const { ca, cert, key } = tls;
    return createSecureContext({ ca, cert, key, minVersion: "TLSv1.3" });
  } catch (error) {
    throw new Error(`tls: ${(error as Error).message}`);
  }
}

function certificateNames(pem: string): string | undefined {
  try {
    return new X509Certificate(pem).subjectAltName;
  } catch (error) {
    throw new Error(`tls.cert: ${(error as Error).message}`);
  }
}
