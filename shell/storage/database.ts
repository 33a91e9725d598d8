/**
 * The SQLite database of a storage. It is locked for as long as it is open; the lock is the
 * operating system's, so a crash releases it. In WAL mode with `synchronous=FULL` a commit is one
 * append and one sync. Checkpoints are asked for, never automatic: SQLite ignores the errors of
 * automatic ones.
 */
import { closeSync, existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { about, fail, REPLACE } from "./errors.ts";

/** The format of the directory, checked on opening. */
export const FORMAT = 1;
/** "Quor": what a database of this program says it is. */
const APPLICATION = 0x51756f72;

const SCHEMA = `
  PRAGMA application_id = ${APPLICATION};
  PRAGMA user_version = ${FORMAT};
  CREATE TABLE meta (
    id INTEGER PRIMARY KEY CHECK (id = 1), record TEXT NOT NULL, checksum TEXT NOT NULL
  ) STRICT;
  CREATE TABLE entries (
    "index" INTEGER PRIMARY KEY, term INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
    checksum TEXT NOT NULL
  ) STRICT;
`;

/** The path of the database in the directory of a storage. */
export function databasePath(directory: string): string {
  return join(directory, "log.sqlite");
}

/** Opens the database and takes its lock. Creates it where there is none. */
export function openDatabase(directory: string): DatabaseSync {
  const path = databasePath(directory);
  return about(path, () => {
    // SQLite would create it readable for all. An existing file is not opened here: closing it
    // would release the locks that this process has on it.
    if (!existsSync(path)) closeSync(openSync(path, "wx", 0o600));
    const database = new DatabaseSync(path, { timeout: 0 });
    try {
      database.exec(`
        PRAGMA locking_mode = EXCLUSIVE;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = 0;
        PRAGMA cell_size_check = ON;
        BEGIN EXCLUSIVE;
        COMMIT;
      `);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Opens the database of a stopped server, and changes nothing. */
export function openToRead(directory: string): DatabaseSync {
  const path = databasePath(directory);
  if (!existsSync(path)) fail(path, "there is no such file", "check the path of the directory");
  return about(path, () => {
    const database = new DatabaseSync(path, { timeout: 0, readOnly: true });
    try {
      database.exec("BEGIN; SELECT count(*) FROM sqlite_schema;");
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Lays out an empty database, within the transaction of the caller. */
export function layOut(database: DatabaseSync): void {
  database.exec(SCHEMA);
}

function pragma(database: DatabaseSync, name: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}

/** Whether nothing was ever laid out in the database. */
export function isBlank(database: DatabaseSync): boolean {
  const tables = database.prepare("SELECT count(*) AS count FROM sqlite_schema").get();
  return tables?.["count"] === 0 && pragma(database, "application_id") === 0;
}

/** Throws where the database is of another program or format, or broken as SQLite sees it. */
export function checkDatabase(database: DatabaseSync, directory: string): void {
  const path = databasePath(directory);
  about(path, () => {
    if (pragma(database, "application_id") !== APPLICATION) {
      fail(path, "it is not a database of quorate", "check the path of the directory");
    }
    const format = pragma(database, "user_version");
    if (format !== FORMAT) {
      fail(path, `its format is ${format}, not ${FORMAT}`, "use the version that wrote it");
    }
    const verdict = pragma(database, "integrity_check(1)");
    if (verdict !== "ok") fail(path, `the database is damaged: ${verdict}`, REPLACE);
  });
}
