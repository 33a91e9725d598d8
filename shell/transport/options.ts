/** What a transport is told, its limits with their defaults, and what is wrong with them. */
import type { ServerId } from "../../kernel/index.ts";

/** What others can make this server hold, do and wait for. All are positive integers. */
export interface TransportLimits {
  /** Bytes of one message: above what the kernel's limits allow to be sent. 16 MiB. */
  readonly maxFrameBytes: number;
  /** Until a connection has shown who it is, in milliseconds: TLS and hello. 5,000. */
  readonly handshakeMs: number;
  /** Connections from others, whether they have shown who they are or not. 64. */
  readonly maxInboundConnections: number;
  /** Bytes that wait to be taken by one peer; what comes on top is dropped. 32 MiB. */
  readonly maxQueuedBytes: number;
  /** How far a message's term may exceed the highest this transport has seen. 1,000,000,000. */
  readonly maxTermJump: number;
  /** Bytes of a snapshot that is taken from one peer. 512 MiB. */
  readonly maxSnapshotBytes: number;
  /** Bytes of a snapshot in one frame. 64 KiB. */
  readonly snapshotChunkBytes: number;
  /** How long a connection on which something is due may stand still, in milliseconds. 10,000. */
  readonly stallMs: number;
  /** The first wait before dialling again, in milliseconds; it doubles, with jitter. 50. */
  readonly backoffMs: number;
  /** The longest such wait, in milliseconds. 2,000. */
  readonly maxBackoffMs: number;
}

export const defaultLimits: TransportLimits = {
  maxFrameBytes: 1 << 24,
  handshakeMs: 5_000,
  maxInboundConnections: 64,
  maxQueuedBytes: 1 << 25,
  maxTermJump: 1e9,
  maxSnapshotBytes: 1 << 29,
  snapshotChunkBytes: 1 << 16,
  stallMs: 10_000,
  backoffMs: 50,
  maxBackoffMs: 2_000,
};

/** A server's certificate and key, and the authority of its cluster: PEM texts. */
export interface TlsOptions {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What a transport is told. */
export interface TransportOptions {
  readonly id: ServerId;
  /** The cluster's name: servers of another one are refused. */
  readonly cluster: string;
  /** Where to listen. Port 0: any. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Mutual TLS; null for plain TCP, which must be asked for by `insecure`. */
  readonly tls: TlsOptions | null;
  /**
   * Plain TCP, where anyone who reaches the port may say it is any server: on a loopback address
   * only, or on any.
   */
  readonly insecure?: "loopback" | "any";
  readonly limits?: Partial<TransportLimits>;
}

/** Whether a host names this machine to itself. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** What is wrong with the options, or null. */
export function optionsFault(options: TransportOptions): string | null {
  const { id, cluster, listen, tls, insecure, limits } = options;
  if (id === "") return "id: a server has a name";
  if (cluster === "") return "cluster: a cluster has a name";
  if (!Number.isInteger(listen.port) || listen.port < 0 || listen.port > 65_535) {
    return `listen.port: ${listen.port} is no port`;
  }
  if (tls !== null && insecure !== undefined) return "insecure: not together with tls";
  if (tls === null && insecure === undefined) return "tls: plain TCP must be asked for (insecure)";
  if (insecure === "loopback" && !isLoopback(listen.host)) {
    return `listen.host: ${listen.host} is not a loopback address (127.0.0.1, ::1, localhost)`;
  }
  for (const [name, value] of Object.entries({ ...defaultLimits, ...limits })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      return `limits.${name}: ${value} is not a positive integer`;
    }
  }
  return null;
}

/** `host:port` in parts, with an IPv6 host in brackets; null if it is none. */
export function parseAddress(
  address: string,
): { readonly host: string; readonly port: number } | null {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(address);
  if (match === null) return null;
  const port = Number(match[3]);
  return port >= 1 && port <= 65_535 ? { host: match[1] ?? match[2] ?? "", port } : null;
}
