/** What all connections of one transport share. */
import { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
import type { ServerId } from "../../kernel/index.ts";
import { pemFault } from "./certificates.ts";
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
  /** In force for connections to come: another takes its place when certificates are replaced. */
  tls: TlsSettings | null;
  readonly counts: Counts;
  /** Where peers reach this server, `host:port`, as it says to those it dials; null: unknown. */
  address: string | null;
}

/** A certificate, and the same made ready to dial with. */
export interface TlsSettings extends TlsOptions {
  readonly secureContext: SecureContext;
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
    tls: tls && tlsSettingsOf(tls, cluster, id),
    counts: new Counts(),
    address: null,
  };
}

/** Makes certificates ready. Throws an Error that names what is wrong with them. */
export function tlsSettingsOf(tls: TlsOptions, cluster: string, id: ServerId): TlsSettings {
  const fault = pemFault(tls);
  if (fault !== null) throw new Error(`tls.${fault.part}: ${fault.what}`);
  const names = new X509Certificate(tls.cert).subjectAltName;
  const otherName = identityFault(names, cluster, id);
  if (otherName !== null) throw new Error(`tls.cert: ${otherName}`);
  try {
    return { ...tls, secureContext: createSecureContext(contextOptions(tls)) };
  } catch (error) {
    throw new Error(`tls: ${(error as Error).message}`);
  }
}

/** What both sides of a connection are set up with. */
export function contextOptions({ ca, cert, key }: TlsOptions): SecureContextOptions {
  return { ca, cert, key, minVersion: "TLSv1.3" };
}
