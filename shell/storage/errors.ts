/** What a storage says when it fails: what, where, and what an operator can do. */
import { StorageError } from "../driver/services.ts";

/** Throws a `StorageError`: `where` names the file, and the table and index where there is one. */
export function fail(where: string, what: string, advice: string): never {
  throw new StorageError({ message: `${where}: ${what}; ${advice}` });
}

/** What to do with a server whose durable state cannot be trusted: it may have forgotten a vote. */
export const REPLACE =
  "do not start this server from it: remove the server from its cluster, " +
  "and add a new one with an empty directory";

/** What to do by the primary result code of SQLite; `sqlite.org/rescode.html`. */
const ADVICE: Readonly<Record<number, string>> = {
  5: "another process has it open: stop that one first",
  8: "make it writable for this user",
  10: "look at the disk and the system's log, then start the server again",
  11: REPLACE,
  13: "free some space on the disk, then start the server again",
  14: "make the directory readable and writable for this user",
  26: REPLACE,
};

const CODES: Readonly<Record<string, string>> = {
  EACCES: "make the directory readable and writable for this user",
  EPERM: "make the directory readable and writable for this user",
  EROFS: "make the file system writable",
  ENOSPC: "free some space on the disk, then start the server again",
  EDQUOT: "free some space on the disk, then start the server again",
  EEXIST: "check the path",
  ENOENT: "check the path",
  ENOTDIR: "check the path",
};

interface SystemError extends Error {
  readonly code?: string;
  readonly errcode?: number;
  readonly errstr?: string;
}

/** What was thrown, by SQLite or the system, as a `StorageError` about `where`. */
export function storageError(where: string, error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  const { message, code, errcode } = error as SystemError;
  const advice =
    (errcode === undefined ? CODES[code ?? ""] : ADVICE[errcode & 0xff]) ??
    "look at the disk and the system's log, then start the server again";
  const number = errcode === undefined ? "" : ` (SQLite result ${errcode})`;
  return new StorageError({ message: `${where}: ${message}${number}; ${advice}` });
}

/** Runs `work`; what it throws is a `StorageError` about `where`. */
export function about<A>(where: string, work: () => A): A {
  try {
    return work();
  } catch (error) {
    throw storageError(where, error);
  }
}
