/** The transport over TCP, with mutual TLS. */
export { TransportCertificates } from "./certificates.ts";
export { identityUri } from "./identity.ts";
export {
  defaultLimits,
  isLoopback,
  parseAddress,
  type TlsOptions,
  type TransportLimits,
  type TransportOptions,
} from "./options.ts";
export { type TransportCounters, TransportStatus } from "./status.ts";
export { tcpTransport } from "./transport.ts";
