/**
 * The lines of a journal, as `docs/journal.md` has them: each ends in a hash over the hash before
 * and all that the line says, so that no line can be changed, dropped or moved without a trace.
 */
import { hash } from "node:crypto";
import {
  baseIndex,
  type Durable,
  type Event,
  type KernelConfig,
  type Effect as KernelEffect,
  lastIndex,
  lastTerm,
  type State,
} from "../../kernel/index.ts";

/** The format, and its version: a reader refuses others. */
export const JOURNAL_FORMAT = { format: "quorate-journal", version: 1 } as const;

/** What the hash before the first line of a first run is. */
export const NO_HASH = "0".repeat(32);

/** The last line of an earlier run, which a later one goes on from. */
export interface RunLink {
  readonly run: number;
  readonly hash: string;
}

/** The first line of a file. */
export interface Header {
  readonly cluster: string;
  readonly server: string;
  /** Counts the starts of the server, from 1. */
  readonly run: number;
  /** Counts the files of the run, from 1. */
  readonly file: number;
  /** Only in the first file of a run. */
  readonly start: {
    readonly quorate: string;
    readonly previous: RunLink | null;
    readonly config: KernelConfig;
    readonly durable: Durable;
  } | null;
}

/** 16 bytes of SHA-256, in hexadecimal. */
function shortHash(text: string): string {
  return hash("sha256", text, "hex").slice(0, 32);
}

/** What a step came to, as 32 hexadecimal digits: its effects, and what the new state is like. */
export function digestOf(state: State, effects: readonly KernelEffect[]): string {
  const { role, currentTerm, votedFor, commitIndex, log } = state;
  const facts = [role.kind, currentTerm, votedFor, commitIndex];
  const ends = [baseIndex(log), lastIndex(log), lastTerm(log)];
  return shortHash(JSON.stringify([effects, ...facts, ...ends]));
}

/** A line, and its hash, which the next line goes on from. */
export interface Line {
  readonly text: string;
  readonly hash: string;
}

/** Closes `body`, the text of an object without its end, with its hash. */
function lineOf(previous: string, body: string): Line {
  const own = shortHash(previous + body);
  return { text: `${body},"hash":"${own}"}\n`, hash: own };
}

/** The line of a header. */
export function headerLine(previous: string, header: Header): Line {
  return lineOf(previous, JSON.stringify({ ...JOURNAL_FORMAT, ...header }).slice(0, -1));
}

/** The line of a step: what the kernel took, and what it came to. */
export function stepLine(previous: string, event: Event, digest: string): Line {
  return lineOf(previous, `{"event":${JSON.stringify(event)},"digest":"${digest}"`);
}

/** The line that ends a run that was shut down: nothing of it is missing. */
export function sealLine(previous: string, steps: number): Line {
  return lineOf(previous, `{"seal":${JSON.stringify({ steps })}`);
}

/** The name of a file of a journal. */
export function fileName(server: string, run: number, file: number): string {
  const digits = (n: number, width: number): string => String(n).padStart(width, "0");
  return `${encodeURIComponent(server)}-${digits(run, 6)}-${digits(file, 4)}.jsonl`;
}
