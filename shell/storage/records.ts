/**
 * The records of a durable log, each with a checksum over whose it is, where it belongs and what it
 * holds, so that a torn, rotten, stale or misdirected one is noticed. Entries are chained: the
 * checksum of one covers that of the one before, and the meta record has the last.
 */
import { createHash, hash } from "node:crypto";
import type { Entry, LogIndex, Payload, ServerId, Snapshot, Term } from "../../kernel/index.ts";

/** Whose storage it is. */
export interface Identity {
  readonly cluster: string;
  readonly server: ServerId;
}

/** The hard state, and what the log must be: Figure 3.1, §5.1. */
export interface Meta extends Identity {
  /** Writes so far: it only grows. */
  readonly sequence: number;
  readonly currentTerm: Term;
  readonly votedFor: ServerId | null;
  readonly snapshot: Snapshot;
  /** The checksum of the entry at the snapshot's index, from which the chain goes on. */
  readonly baseChecksum: string;
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
  readonly lastChecksum: string;
}

/** The row of an entry in the table `entries`. */
export interface EntryRow {
  readonly index: number;
  readonly term: number;
  readonly kind: string;
  readonly body: string;
  readonly checksum: string;
}

/** 128 bits of SHA-256 in base64url: 22 characters. */
export function checksumOf(data: string | Uint8Array): string {
  return hash("sha256", data, "base64url").slice(0, 22);
}

/** The checksum of data that comes in pieces. */
export class Checksum {
  readonly #hash = createHash("sha256");

  add(piece: Uint8Array): void {
    this.#hash.update(piece);
  }

  /** Of all that was added, which is all there is. */
  get text(): string {
    return this.#hash.digest("base64url").slice(0, 22);
  }
}

/** The text of a meta record and its checksum. */
export function encodeMeta(meta: Meta): readonly [record: string, checksum: string] {
  const record = JSON.stringify(meta);
  return [record, checksumOf(`meta\n${record}`)];
}

/** The meta record, or null where the checksum denies it. */
export function decodeMeta(record: string, checksum: string): Meta | null {
  return checksum === checksumOf(`meta\n${record}`) ? (JSON.parse(record) as Meta) : null;
}

/** Where a chain of entries begins, if not behind an entry. */
export function chainStart({ cluster, server }: Identity): string {
  return checksumOf(`chain\n${JSON.stringify([cluster, server])}`);
}

function bodyOf(payload: Payload): string {
  if (payload.kind === "command") return payload.command;
  return payload.kind === "configuration" ? JSON.stringify(payload.configuration) : "";
}

function chained(owner: string, previous: string, row: Omit<EntryRow, "checksum">): string {
  const { index, term, kind, body } = row;
  return checksumOf(`entry ${owner} ${previous} ${index} ${term} ${kind}\n${body}`);
}

/** The identity as it goes into the checksum of an entry. */
export function ownerOf({ cluster, server }: Identity): string {
  return JSON.stringify([cluster, server]);
}

/** The row of `entry`, behind the entry whose checksum is `previous`. */
export function encodeEntry(owner: string, previous: string, entry: Entry): EntryRow {
  const { index, term, payload } = entry;
  const row = { index, term, kind: payload.kind, body: bodyOf(payload) };
  return { ...row, checksum: chained(owner, previous, row) };
}

/** The entry of `row`, or null where the checksum denies that it follows `previous`. */
export function decodeEntry(owner: string, previous: string, row: EntryRow): Entry | null {
  if (row.checksum !== chained(owner, previous, row)) return null;
  const { index, term, kind, body } = row;
  if (kind === "command") return { index, term, payload: { kind, command: body } };
  if (kind === "no-op") return { index, term, payload: { kind } };
  const configuration = JSON.parse(body);
  return { index, term, payload: { kind: "configuration", configuration } };
}
