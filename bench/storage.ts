/** What durable storage does in a second: commits of one entry, and entries in full messages. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Entry, PersistEffect } from "../kernel/index.ts";
import { Store } from "../shell/storage/store.ts";
import { median } from "./measure.ts";

/** Writes of one size: how many a second, and how many entries that is. */
export interface StorageFigures {
  readonly entriesPerWrite: number;
  readonly writesPerSecond: number;
  readonly entriesPerSecond: number;
}

const ROUNDS = 5;
const COMMAND = "x".repeat(100);

function append(from: number, count: number): PersistEffect {
  const entries: readonly Entry[] = Array.from({ length: count }, (_, i) => {
    return { index: from + i, term: 1, payload: { kind: "command", command: COMMAND } };
  });
  const end = { lastIndex: from + count - 1, lastTerm: 1 };
  return { kind: "persist", currentTerm: 1, votedFor: null, snapshot: null, entries, ...end };
}

/** Seconds of each of several rounds of `writes` writes, on one log that grows. */
function rounds(directory: string, writes: number, size: number): readonly number[] {
  const founding = { voters: ["n1"], outgoingVoters: [], learners: [] };
  const store = Store.open({ directory, cluster: "bench", server: "n1", founding });
  try {
    let next = 1;
    return Array.from({ length: ROUNDS }, () => {
      const started = process.hrtime.bigint();
      for (let i = 0; i < writes; i++) {
        store.write(append(next, size));
        next += size;
      }
      return Number(process.hrtime.bigint() - started) / 1e9;
    });
  } finally {
    store.close();
  }
}

/** The figures for commands of 100 characters, on the disk of the folder for temporary files. */
export function storageFigures(): readonly StorageFigures[] {
  return [
    { entriesPerWrite: 1, writes: 2000 },
    { entriesPerWrite: 1024, writes: 40 },
  ].map(({ entriesPerWrite, writes }) => {
    const folder = mkdtempSync(join(tmpdir(), "quorate-bench-"));
    try {
      const seconds = median(rounds(join(folder, "n1"), writes, entriesPerWrite));
      const writesPerSecond = writes / seconds;
      const entriesPerSecond = writesPerSecond * entriesPerWrite;
      return { entriesPerWrite, writesPerSecond, entriesPerSecond };
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
