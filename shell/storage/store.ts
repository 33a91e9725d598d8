/**
 * The durable state of one server in one directory, with synchronous calls. A call that fails
 * poisons it: whether what it asked for happened is not known, so every later call fails too.
 */
import { existsSync, readdirSync } from "node:fs";
import { basename } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import {
  type Configuration,
  type Durable,
  initialDurable,
  type PersistEffect,
  type ServerId,
  type Snapshot,
} from "../../kernel/index.ts";
import type { StorageError } from "../driver/services.ts";
import { checkDatabase, databasePath, isBlank, layOut, openDatabase } from "./database.ts";
import { about, fail, REPLACE, storageError } from "./errors.ts";
import { checkIdentity, checkMark, loadDurable, loadMeta } from "./load.ts";
import { makeDirectory } from "./make-directory.ts";
import { Mark, markPath } from "./mark.ts";
import { chainStart, encodeEntry, encodeMeta, type Meta, ownerOf } from "./records.ts";
import {
  removeOldSnapshots,
  removeTemporaryFiles,
  snapshotPath,
  snapshotsFolder,
} from "./snapshot-files.ts";
import { writeFault } from "./write-fault.ts";

/** Which directory, and whose. */
export interface StorageOptions {
  /** Created, for this user only, where it does not exist. */
  readonly directory: string;
  /** The cluster's name, the same for all of its servers, and for no other cluster. */
  readonly cluster: string;
  readonly server: ServerId;
  /** What a new directory begins with: the voters; or nobody, for a server that will be added. */
  readonly founding: Configuration;
}

/** Entries before the log's beginning that one write deletes at most, so that none takes long. */
const MAX_DELETED = 1024;
/** Pages of 4 KiB in SQLite's write-ahead log, as estimated, that a checkpoint is due at. */
const CHECKPOINT_PAGES = 1000;

/** What a new directory begins with: `first` is durable before anything else is. */
function found(database: DatabaseSync, options: StorageOptions, first: Durable): Meta {
  const { cluster, server } = options;
  const { currentTerm, votedFor, snapshot } = first;
  const { lastIndex, lastTerm } = snapshot;
  const start = chainStart({ cluster, server });
  const chain = { baseChecksum: start, lastChecksum: start };
  const hard = { currentTerm, votedFor, snapshot };
  const meta: Meta = { cluster, server, sequence: 1, ...hard, ...chain, lastIndex, lastTerm };
  database.exec("BEGIN IMMEDIATE");
  layOut(database);
  database.prepare("INSERT INTO meta VALUES (1, ?, ?)").run(...encodeMeta(meta));
  database.exec("COMMIT");
  return meta;
}

/** Makes the directory where there is none. Throws where it is neither a storage nor empty. */
function enter(directory: string, mayHold: readonly string[]): void {
  about(directory, () => {
    makeDirectory(directory, 0o700);
    if (existsSync(databasePath(directory))) return;
    const stranger = readdirSync(directory).find((name) => !mayHold.includes(name));
    if (stranger === undefined) return;
    const name = basename(databasePath(directory));
    fail(directory, `it holds "${stranger}" but no "${name}"`, "give an empty directory");
  });
}

/** The open store. */
export class Store {
  readonly directory: string;
  readonly #database: DatabaseSync;
  readonly #mark: Mark;
  readonly #owner: string;
  #meta: Meta;
  /** What was durable on opening, until it is given away or changes. */
  #durable: Durable | null;
  /** The bytes of the snapshot that the log began at on opening, until they are given away. */
  #loaded: Uint8Array | null;
  /** The index of the first entry in the table, or beyond: those before the log are waste. */
  #firstStored: number;
  #pages = 0;
  #poison: StorageError | null = null;
  readonly #statements: ReturnType<typeof prepare>;

  /**
   * Opens the store of `options`, or founds it in an empty directory: `first` is what it then
   * holds. Throws StorageError where it is in use, not this server's, or cannot be trusted.
   */
  static open(options: StorageOptions, first: Durable = initialDurable(options.founding)): Store {
    const { directory } = options;
    enter(directory, first.snapshot.lastIndex > 0 ? ["snapshots"] : []);
    const database = openDatabase(directory);
    try {
      return about(databasePath(directory), () => new Store(database, options, first));
    } catch (error) {
      database.close();
      throw error;
    }
  }

  private constructor(database: DatabaseSync, options: StorageOptions, first: Durable) {
    const { directory } = options;
    this.directory = directory;
    this.#database = database;
    if (isBlank(database)) {
      if (existsSync(markPath(directory))) {
        fail(databasePath(directory), "it is empty, but was not always", REPLACE);
      }
      found(database, options, first);
    }
    checkDatabase(database, directory);
    const meta = loadMeta(database, directory);
    checkIdentity(meta, options, directory);
    checkMark(meta, directory);
    makeDirectory(snapshotsFolder(directory), 0o700);
    const { durable, data } = loadDurable(database, directory, meta);
    this.#durable = durable;
    this.#loaded = data;
    this.#meta = meta;
    this.#owner = ownerOf(meta);
    removeTemporaryFiles(directory);
    removeOldSnapshots(directory, meta.snapshot);
    this.#statements = prepare(database);
    const least = database.prepare(`SELECT min("index") AS least FROM entries`).get();
    this.#firstStored = Number(least?.["least"] ?? meta.lastIndex + 1);
    this.#mark = Mark.open(directory, meta, meta.sequence);
  }

  /** What is durable now. What was read on opening is given away, and read again if need be. */
  load(): Durable {
    return this.guarded(this.directory, () => {
      const durable =
        this.#durable ?? loadDurable(this.#database, this.directory, this.#meta).durable;
      this.#durable = null;
      return durable;
    });
  }

  /** The bytes of a snapshot, where they were read on opening and not asked for yet. */
  takeLoaded({ lastIndex, lastTerm }: Snapshot): Uint8Array | null {
    const { snapshot } = this.#meta;
    if (lastIndex !== snapshot.lastIndex || lastTerm !== snapshot.lastTerm) return null;
    const loaded = this.#loaded;
    this.#loaded = null;
    return loaded;
  }

  /** Makes `write` durable. Throws StorageError, and from then on always. */
  write(write: PersistEffect): void {
    const path = databasePath(this.directory);
    this.guarded(path, () => {
      const fault = writeFault(this.#meta, write);
      if (fault !== null) fail(path, fault, "report this as a bug");
      const snapshot = write.snapshot;
      if (snapshot !== null && !existsSync(snapshotPath(this.directory, snapshot))) {
        const what = "the log was to begin at it, but it is not stored";
        fail(snapshotPath(this.directory, snapshot), what, "report this as a bug");
      }
      this.#durable = null;
      this.#loaded = null;
      this.#database.exec("BEGIN IMMEDIATE");
      const meta = this.#change(write);
      this.#database.exec("COMMIT");
      this.#meta = meta;
      this.#mark.note(meta.sequence);
      if (snapshot !== null) removeOldSnapshots(this.directory, snapshot);
      if (this.#pages >= CHECKPOINT_PAGES) this.#checkpoint();
    });
  }

  /** Runs `work` unless the store is poisoned; what it throws poisons the store. */
  guarded<A>(where: string, work: () => A): A {
    if (this.#poison !== null) throw this.#poison;
    try {
      return work();
    } catch (error) {
      throw this.poison(where, error);
    }
  }

  /** Poisons the store with the first error there was, and gives that. */
  poison(where: string, error: unknown): StorageError {
    this.#poison ??= storageError(where, error);
    return this.#poison;
  }

  /** The error that this store fails with, if one happened. */
  get poisoned(): StorageError | null {
    return this.#poison;
  }

  /** Whose it is. */
  get identity(): Meta {
    return this.#meta;
  }

  /** Closes the files and releases the lock. */
  close(): void {
    this.#mark.close();
    this.#database.close();
  }

  /** Changes the tables as `write` asks, within a transaction. Gives the new meta record. */
  #change({ currentTerm, votedFor, snapshot, ...write }: PersistEffect): Meta {
    const [old, statements] = [this.#meta, this.#statements];
    const begin = write.lastIndex - write.entries.length;
    const base = snapshot === null ? old.baseChecksum : this.#checksumAt(snapshot.lastIndex);
    const at = snapshot ?? old.snapshot;
    let last = begin === at.lastIndex ? base : this.#checksumAt(begin);
    if (begin < old.lastIndex) statements.truncate.run(begin);
    let pages = 3;
    for (const entry of write.entries) {
      const row = encodeEntry(this.#owner, last, entry);
      statements.insert.run(row.index, row.term, row.kind, row.body, row.checksum);
      last = row.checksum;
      pages += (row.body.length + 64) / 4096;
    }
    if (this.#firstStored <= at.lastIndex) {
      const end = Math.min(at.lastIndex, this.#firstStored + MAX_DELETED - 1);
      statements.compact.run(end);
      this.#firstStored = end + 1;
      pages += MAX_DELETED / 32;
    }
    const chain = { baseChecksum: base, lastChecksum: last };
    const end = { lastIndex: write.lastIndex, lastTerm: write.lastTerm };
    const hard = { currentTerm, votedFor, snapshot: at };
    const meta: Meta = { ...old, sequence: old.sequence + 1, ...hard, ...chain, ...end };
    const { changes } = statements.meta.run(...encodeMeta(meta));
    if (changes !== 1) fail(databasePath(this.directory), "the meta record is missing", REPLACE);
    this.#pages += pages;
    return meta;
  }

  /** The chain's checksum at `index`; where no entry is stored there, a chain's beginning. */
  #checksumAt(index: number): string {
    const meta = this.#meta;
    if (index === meta.lastIndex) return meta.lastChecksum;
    if (index === meta.snapshot.lastIndex) return meta.baseChecksum;
    if (index > meta.lastIndex) return chainStart(meta);
    const row = this.#statements.checksum.get(index);
    if (row === undefined) {
      const where = `${databasePath(this.directory)}, table entries, index ${index}`;
      fail(where, "the entry is missing", REPLACE);
    }
    return String(row["checksum"]);
  }

  /** Moves SQLite's write-ahead log into the database. Its errors are errors of the write. */
  #checkpoint(): void {
    const result = this.#statements.checkpoint.get();
    if (result?.["busy"] !== 0) {
      fail(databasePath(this.directory), "a checkpoint was held up", "stop what else has it open");
    }
    this.#mark.sync();
    this.#pages = 0;
  }
}

function prepare(database: DatabaseSync) {
  return {
    insert: database.prepare("INSERT INTO entries VALUES (?, ?, ?, ?, ?)"),
    truncate: database.prepare(`DELETE FROM entries WHERE "index" > ?`),
    compact: database.prepare(`DELETE FROM entries WHERE "index" <= ?`),
    checksum: database.prepare(`SELECT checksum FROM entries WHERE "index" = ?`),
    meta: database.prepare("UPDATE meta SET record = ?, checksum = ? WHERE id = 1"),
    checkpoint: database.prepare("PRAGMA wal_checkpoint(PASSIVE)"),
  };
}
