/**
 * The snapshot of a machine with sessions: the sessions and the machine's own snapshot in one
 * text. Thesis §6.3 with §5.1: without the sessions in it, a server that starts from a snapshot
 * would apply again what its log no longer holds.
 *
 *   {"maxSessions":2,"opened":3,"sessions":[[1,7,"ok"],[3,0,null]],"machine":"..."}
 *
 * A session is client, sequence number and response; the least recently used comes first.
 */
import type { Json } from "./json.ts";
import {
  emptySessionTable,
  type SessionTable,
  sessionOf,
  sessionsByUse,
  useSession,
} from "./session-table.ts";
import { differsAt, endOfCharacter } from "./snapshot-parts.ts";
import { SnapshotError } from "./state-machine.ts";

const SLICE = 1 << 16;

/** State of a machine with sessions. */
export interface Sessions<S> {
  /** State of the machine inside. */
  readonly machine: S;
  /** How many sessions were ever opened: the next is named by it, and none is named twice. */
  readonly opened: number;
  readonly table: SessionTable;
}

/** The text of a state in parts, `machineParts` being the machine's. */
export function* sessionsParts(
  { opened, table }: Omit<Sessions<unknown>, "machine">,
  machineParts: Iterable<string>,
  maxSessions: number,
): Generator<string> {
  yield `{"maxSessions":${maxSessions},"opened":${opened},"sessions":[`;
  let separator = "";
  for (const { client, sequence, response } of sessionsByUse(table)) {
    yield separator + JSON.stringify([client, sequence, response]);
    separator = ",";
  }
  yield '],"machine":"';
  yield* escaped(machineParts);
  yield '"}';
}

/** What stands between the quotes of the JSON string of all `parts`. */
function* escaped(parts: Iterable<string>): Generator<string> {
  const inQuotes = (text: string): string => JSON.stringify(text).slice(1, -1);
  let rest = "";
  for (const part of parts) {
    const text = rest + part;
    // Half of a surrogate pair is escaped, a whole one is not.
    const end = endOfCharacter(text, text.length);
    yield inQuotes(text.slice(0, end));
    rest = text.slice(end);
  }
  yield inQuotes(rest);
}

/**
 * The state of a text that `sessionsParts` gave for the same `maxSessions`. Throws SnapshotError,
 * naming the place, for any other text; what `restore` throws for the machine's part goes on.
 */
export function readSessions<S>(
  text: string,
  maxSessions: number,
  restore: (machineText: string) => S,
): Sessions<S> {
  const fields = parsed(text);
  if (fields["maxSessions"] !== maxSessions) {
    const made = JSON.stringify(fields["maxSessions"]);
    fail(`maxSessions: the snapshot was made with ${made}, this machine has ${maxSessions}`);
  }
  const opened = countIn(fields["opened"], "opened");
  const table = readTable(fields["sessions"], opened, maxSessions);
  const machineText = fields["machine"];
  if (typeof machineText !== "string") return fail("machine: expected a text");
  // Whatever else differs: spaces, a field too many, another spelling of a number.
  const canonical = sessionsParts({ opened, table }, slices(machineText), maxSessions);
  const fault = differsAt(text, canonical);
  if (fault >= 0) fail(`not the canonical text from character ${fault}`);
  return { machine: restore(machineText), opened, table };
}

function fail(fault: string): never {
  throw new SnapshotError(`snapshot of sessions: ${fault}`);
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail((error as Error).message);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return fail("expected an object");
  }
  return value as Readonly<Record<string, unknown>>;
}

function countIn(value: unknown, place: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  return fail(`${place}: ${JSON.stringify(value)} is not a whole number from 0`);
}

function readTable(value: unknown, opened: number, maxSessions: number): SessionTable {
  if (!Array.isArray(value)) return fail("sessions: expected a list");
  const expected = Math.min(opened, maxSessions);
  if (value.length !== expected) {
    fail(`sessions: ${value.length} of ${opened} that were opened, expected ${expected}`);
  }
  return value.reduce((table: SessionTable, item: unknown, i) => {
    const place = `sessions[${i}]`;
    if (!Array.isArray(item) || item.length !== 3) {
      return fail(`${place}: expected client, sequence number and response`);
    }
    const client = countIn(item[0], `${place}[0]`);
    if (client < 1 || client > opened) fail(`${place}[0]: session ${client} was never opened`);
    if (sessionOf(table, client) !== undefined) fail(`${place}[0]: session ${client} came before`);
    const sequence = countIn(item[1], `${place}[1]`);
    const response = item[2] as Json;
    if (sequence === 0 && response !== null) fail(`${place}[2]: a response to no command`);
    return useSession(table, { client, sequence, response });
  }, emptySessionTable);
}

/** Of some thousand characters, so that the whole is never in memory once more. */
function* slices(text: string): Generator<string> {
  for (let at = 0; at < text.length; at += SLICE) yield text.slice(at, at + SLICE);
}
