/** The lines of a journal as an auditor reads them: see `docs/journal.md`. */
import { hash } from "node:crypto";
import {
  baseIndex,
  type Durable,
  type Effect,
  type Event,
  type KernelConfig,
  lastIndex,
  lastTerm,
  type State,
} from "../../kernel/index.ts";
import type { RawLine } from "./files.ts";
import { fail, type Place } from "./report.ts";
import { eventFault, sealFault, startFault } from "./shape.ts";

/** The hash before the first line of a first run. */
export const NO_HASH = "0".repeat(32);

const HASH_LENGTH = 32;
/** `,"hash":"..."}` at the end of each line. */
const TAIL = /^,"hash":"([0-9a-f]{32})"\}$/;
const TAIL_LENGTH = ',"hash":""}'.length + HASH_LENGTH;

/** How a run begins. */
export interface RunStart {
  readonly previous: { readonly run: number; readonly hash: string } | null;
  readonly config: KernelConfig;
  readonly durable: Durable;
}

export interface Header {
  readonly format: "quorate-journal";
  readonly version: 1;
  readonly cluster: string;
  readonly server: string;
  readonly run: number;
  readonly file: number;
  readonly start: RunStart | null;
}

/** What a line says. */
export type Record =
  | { readonly kind: "header"; readonly header: Header }
  | { readonly kind: "step"; readonly event: Event; readonly digest: string }
  | { readonly kind: "seal"; readonly steps: number };

function shortHash(text: string): string {
  return hash("sha256", text, "hex").slice(0, HASH_LENGTH);
}

/** What a step came to, in 32 digits: what the journal's writer makes of it too. */
export function digestOf(state: State, effects: readonly Effect[]): string {
  const { role, currentTerm, votedFor, commitIndex, log } = state;
  const facts = [role.kind, currentTerm, votedFor, commitIndex];
  const ends = [baseIndex(log), lastIndex(log), lastTerm(log)];
  return shortHash(JSON.stringify([effects, ...facts, ...ends]));
}

/** Whether a line that the file's end cuts off was whole: then its line break was taken away. */
export function isWhole({ text }: RawLine): boolean {
  return text === null || /"hash":"[0-9a-f]{32}"\}/.test(text);
}

/** The hash that a line claims, unchecked; null where it claims none. */
export function claimedHash({ text }: RawLine): string | null {
  return TAIL.exec(text?.slice(-TAIL_LENGTH) ?? "")?.[1] ?? null;
}

/**
 * What a line says, and its hash, which must follow from `previous`.
 * @throws AuditFailure where it does not.
 */
export function readLine(
  line: RawLine,
  previous: string,
  place: Place,
): { readonly record: Record; readonly hash: string } {
  const claimed = claimedHash(line);
  if (line.text === null || claimed === null) {
    fail("Hash Chain", "this is no line of a journal: it was damaged or changed", place);
  }
  const body = line.text.slice(0, -TAIL_LENGTH);
  if (shortHash(previous + body) !== claimed) {
    const what = "the hash does not follow: this line was changed, or lines before it were";
    fail("Hash Chain", `${what} dropped, repeated or moved`, place);
  }
  return { record: recordOf(body, place), hash: claimed };
}

function recordOf(body: string, place: Place): Record {
  let value: unknown;
  try {
    value = JSON.parse(`${body}}`);
  } catch (error) {
    fail("Format", `no JSON: ${(error as Error).message}`, place);
  }
  const fields = value as { readonly [name: string]: unknown };
  if ("event" in fields && typeof fields["digest"] === "string") {
    const fault = eventFault(fields["event"]);
    if (fault !== null) fail("Format", `event${fault}`, place);
    return { kind: "step", event: fields["event"] as Event, digest: fields["digest"] };
  }
  if ("seal" in fields) {
    const fault = sealFault(fields["seal"]);
    if (fault !== null) fail("Format", `seal${fault}`, place);
    return { kind: "seal", steps: (fields["seal"] as { steps: number }).steps };
  }
  if (fields["format"] === "quorate-journal") {
    if (fields["version"] !== 1) {
      fail("Format", `version ${fields["version"]}: this quorate reads version 1`, place);
    }
    const { start } = fields;
    const fault = start === null ? null : startFault(start);
    if (fault !== null) fail("Format", `start${fault}`, place);
    return { kind: "header", header: fields as unknown as Header };
  }
  return fail("Format", "neither a header nor a step nor a seal", place);
}
