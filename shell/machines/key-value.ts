/**
 * A replicated map from keys to texts (thesis §2.1). States share what they have in common, so
 * that a command costs O(log n) of n keys, and an old state stays as it is.
 */
import sorted from "sorted-btree";
import { type Applied, differsAt, SnapshotError, type StateMachine } from "../../kernel/index.ts";
import {
  commandFault,
  type KeyValueCommand,
  type KeyValueLimits,
  keyValueLimits,
  parseKeyValueCommand,
} from "./key-value-command.ts";

/** What a key holds. `revision` is that of the machine when it was last changed. */
export interface Item {
  readonly value: string;
  readonly revision: number;
}

type Tree = sorted.default<string, Item>;

/** All keys. Ordered by UTF-16 code units. */
export interface KeyValueState {
  /** How many changes there were. */
  readonly revision: number;
  /** Never changed in place: what changes is a clone. */
  readonly items: Tree;
}

/**
 * What a command led to. `revision` is that of the key afterwards, `previous` that before, each 0
 * where it is absent.
 */
export type KeyValueResponse =
  | { readonly kind: "done"; readonly revision: number; readonly previous: number }
  | { readonly kind: "value"; readonly value: string | null; readonly revision: number }
  | {
      readonly kind: "incremented";
      readonly value: number;
      readonly revision: number;
      readonly previous: number;
    }
  /** The key is not as expected, or holds no number that could be incremented: nothing changed. */
  | { readonly kind: "conflict"; readonly revision: number; readonly detail: string }
  | { readonly kind: "malformed"; readonly detail: string };

type Step = Applied<KeyValueState, KeyValueResponse>;

/** Characters of keys and values that a part of a snapshot is full with. */
const PART_CHARS = 1 << 14;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The key-value machine. `limits` must be the same on every server, for good. */
export function keyValueMachine(
  limits: Partial<KeyValueLimits> = {},
): StateMachine<KeyValueState, KeyValueResponse> {
  const allLimits = { ...keyValueLimits, ...limits };
  return {
    initial: { revision: 0, items: new sorted.default([], compare) },
    apply: (state, text) => {
      const parsed = parseKeyValueCommand(text, allLimits);
      if (parsed.command !== null) return applyCommand(state, parsed.command);
      return { state, response: { kind: "malformed", detail: parsed.fault } };
    },
    snapshot: (state) => [...partsOf(state)].join(""),
    snapshotParts: partsOf,
    restore: (text) => readSnapshot(text, allLimits),
  };
}

function applyCommand(state: KeyValueState, command: KeyValueCommand): Step {
  const { key } = command;
  const item = state.items.get(key);
  const current = item?.revision ?? 0;
  switch (command.op) {
    case "get":
      return { state, response: { kind: "value", value: item?.value ?? null, revision: current } };
    case "put":
      return put(state, key, command.value, current);
    case "delete":
      return remove(state, key, current);
    case "compare-and-set": {
      const detail = mismatch(command, item);
      if (detail === null) return put(state, key, command.value, current);
      return { state, response: { kind: "conflict", revision: current, detail } };
    }
    case "increment":
      return increment(state, key, command.by, item);
  }
}

function put(state: KeyValueState, key: string, value: string, previous: number): Step {
  const revision = state.revision + 1;
  const items = state.items.clone();
  items.set(key, { value, revision });
  return { state: { revision, items }, response: { kind: "done", revision, previous } };
}

function remove(state: KeyValueState, key: string, previous: number): Step {
  const response = { kind: "done", revision: 0, previous } as const;
  if (previous === 0) return { state, response };
  const items = state.items.clone();
  items.delete(key);
  return { state: { revision: state.revision + 1, items }, response };
}

function mismatch(
  command: Extract<KeyValueCommand, { op: "compare-and-set" }>,
  item: Item | undefined,
): string | null {
  if ("expectedRevision" in command) {
    const revision = item?.revision ?? 0;
    if (revision === command.expectedRevision) return null;
    return `expected revision ${command.expectedRevision}, the key has ${revision}`;
  }
  if ((item?.value ?? null) === command.expected) return null;
  return item === undefined ? "the key is absent" : "the key holds another value";
}

function increment(state: KeyValueState, key: string, by: number, item: Item | undefined): Step {
  const previous = item?.revision ?? 0;
  const before = item === undefined ? 0 : wholeOf(item.value);
  const value = before === null ? Number.NaN : before + by;
  if (!Number.isSafeInteger(value)) {
    const detail = before === null ? "the key holds no whole number" : "the sum is out of range";
    return { state, response: { kind: "conflict", revision: previous, detail } };
  }
  const next = put(state, key, String(value), previous).state;
  return {
    state: next,
    response: { kind: "incremented", value, revision: next.revision, previous },
  };
}

function wholeOf(text: string): number | null {
  const value = Number(text);
  return Number.isSafeInteger(value) && String(value) === text ? value : null;
}

/** What `key` holds; undefined where it is absent. */
export function getKey(state: KeyValueState, key: string): Item | undefined {
  return state.items.get(key);
}

/** Which keys to list. */
export interface ListOptions {
  /** Only keys that begin with it. */
  readonly prefix: string;
  /** Only keys behind it. */
  readonly after?: string | undefined;
  /** At most so many. */
  readonly limit: number;
}

/** Keys in order, each with what it holds: O(log n + limit). */
export function listKeys(
  state: KeyValueState,
  { prefix, after, limit }: ListOptions,
): readonly (readonly [key: string, item: Item])[] {
  const found: (readonly [string, Item])[] = [];
  const start = after !== undefined && after > prefix ? after : prefix;
  for (const [key, item] of state.items.entries(start)) {
    if (found.length >= limit || !key.startsWith(prefix)) break;
    if (key !== after) found.push([key, item]);
  }
  return found;
}

/** The text of a snapshot, in parts of some thousand characters or one item. */
function* partsOf({ revision, items }: KeyValueState): Generator<string> {
  yield `{"revision":${revision},"items":[`;
  let rows: (readonly [key: string, value: string, revision: number])[] = [];
  let chars = 0;
  let separator = "";
  for (const [key, item] of items.entries()) {
    rows.push([key, item.value, item.revision]);
    chars += key.length + item.value.length;
    if (chars < PART_CHARS) continue;
    yield separator + JSON.stringify(rows).slice(1, -1);
    separator = ",";
    rows = [];
    chars = 0;
  }
  if (rows.length > 0) yield separator + JSON.stringify(rows).slice(1, -1);
  yield "]}";
}

function fail(fault: string): never {
  throw new SnapshotError(`snapshot of keys: ${fault}`);
}

function readSnapshot(text: string, limits: KeyValueLimits): KeyValueState {
  let fields: { revision?: unknown; items?: unknown } | null;
  try {
    fields = JSON.parse(text);
  } catch (error) {
    return fail((error as Error).message);
  }
  const revision = fields?.revision;
  if (!isWhole(revision, 0)) return fail("revision: expected a whole number from 0");
  if (!Array.isArray(fields?.items)) return fail("items: expected a list");
  const seen = new Set<number>();
  let last: string | null = null;
  const pairs = fields.items.map((item: unknown, at): [string, Item] => {
    const [key, held] = readItem(item, `items[${at}]`, revision, limits);
    if (last !== null && last >= key) fail(`items[${at}][0]: not behind the key before`);
    if (seen.has(held.revision)) fail(`items[${at}][2]: revision ${held.revision} came before`);
    seen.add(held.revision);
    last = key;
    return [key, held];
  });
  const state: KeyValueState = { revision, items: new sorted.default(pairs, compare) };
  const fault = differsAt(text, partsOf(state));
  if (fault >= 0) fail(`not the canonical text from character ${fault}`);
  return state;
}

function readItem(
  item: unknown,
  place: string,
  newest: number,
  limits: KeyValueLimits,
): [string, Item] {
  if (!Array.isArray(item) || item.length !== 3) {
    return fail(`${place}: expected key, value and revision`);
  }
  const [key, value, revision] = item as unknown[];
  const fault = commandFault({ op: "put", key, value }, limits);
  if (fault !== null) fail(`${place}: ${fault}`);
  if (!isWhole(revision, 1) || revision > newest) {
    return fail(`${place}[2]: expected a whole number from 1 to ${newest}`);
  }
  return [key as string, { value: value as string, revision }];
}

function isWhole(value: unknown, min: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min;
}
