/** A network of three servers and their clients, whose links between servers can be broken. */

/** The servers. Server `n1` is the first. */
export const IDS: readonly string[] = ["n1", "n2", "n3"];
/** The cluster's name. */
export const CLUSTER = "partitions";

/**
 * How what one server sends to another fares: it arrives; on a thin line, so that it queues and
 * what does not fit is lost; it vanishes; or the cable is out, which the sender notices.
 */
export type Link = "open" | "slow" | "silent" | "down";

/** A network that servers run in. */
export interface Network {
  /** The founding servers, as `--members` has them. */
  readonly members: string;
  /** Where clients reach each server, in order. */
  readonly urls: readonly string[];
  /** What a server's command line begins with, so that it runs where it should. */
  readonly prefix: (id: string) => readonly string[];
  /** The flags of one server that are about where it listens and how peers speak. */
  readonly flags: (id: string, directory: string) => Promise<readonly string[]>;
  /** From now on, what `from` sends to `to` fares like this. */
  readonly set: (from: string, to: string, link: Link) => void;
  /** How many packets a slow or silent link has lost since it is that; null: nobody knows. */
  readonly lost: (from: string, to: string) => number | null;
}
