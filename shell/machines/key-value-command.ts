/** Commands of the key-value machine as JSON text, and what they may hold. */

/** What a command may hold at most. Every server must have the same, from the first command on. */
export interface KeyValueLimits {
  /** Bytes of UTF-8; 1,024. */
  readonly maxKeyBytes: number;
  /** Bytes of UTF-8; 262,144. */
  readonly maxValueBytes: number;
}

/** The defaults of `KeyValueLimits`. */
export const keyValueLimits: KeyValueLimits = { maxKeyBytes: 1024, maxValueBytes: 256 * 1024 };

/**
 * A command. A key's revision is the number of changes of the machine up to the key's last; that
 * of an absent key is 0, and its value null. `compare-and-set` names what it expects by one of
 * the two.
 */
export type KeyValueCommand =
  | { readonly op: "get"; readonly key: string }
  | { readonly op: "put"; readonly key: string; readonly value: string }
  | { readonly op: "delete"; readonly key: string }
  | {
      readonly op: "compare-and-set";
      readonly key: string;
      readonly value: string;
      readonly expected: string | null;
    }
  | {
      readonly op: "compare-and-set";
      readonly key: string;
      readonly value: string;
      readonly expectedRevision: number;
    }
  /** Adds to a number in decimal, 0 where the key is absent. */
  | { readonly op: "increment"; readonly key: string; readonly by: number };

/** A command, or what is wrong with a text that is none. */
export type ParsedCommand =
  | { readonly command: KeyValueCommand }
  | { readonly command: null; readonly fault: string };

type Fields = Readonly<Record<string, unknown>>;

/** Which fields each operation has; `compare-and-set` has one more. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  get: ["op", "key"],
  put: ["op", "key", "value"],
  delete: ["op", "key"],
  "compare-and-set": ["op", "key", "value"],
  increment: ["op", "key", "by"],
};

/** The command that `text` is, within the limits. Never throws. */
export function parseKeyValueCommand(text: string, limits: KeyValueLimits): ParsedCommand {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch (error) {
    return { command: null, fault: `not JSON: ${(error as Error).message}` };
  }
  const fault = commandFault(fields, limits);
  return fault === null ? { command: fields as KeyValueCommand } : { command: null, fault };
}

/** What is wrong with a command, naming the place; null where nothing is. */
export function commandFault(value: unknown, limits: KeyValueLimits): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return "expected an object";
  }
  const fields = value as Fields;
  const op = fields["op"];
  if (typeof op !== "string" || !Object.hasOwn(FIELDS, op)) {
    return `op: expected one of ${Object.keys(FIELDS).join(", ")}, got ${shown(op)}`;
  }
  const allowed = FIELDS[op] as readonly string[];
  return (
    namesFault(fields, op, allowed) ??
    textFault("key", fields["key"], 1, limits.maxKeyBytes) ??
    (allowed.includes("value")
      ? textFault("value", fields["value"], 0, limits.maxValueBytes)
      : null) ??
    (op === "compare-and-set" ? expectationFault(fields, limits) : null) ??
    (op === "increment" ? wholeFault("by", fields["by"], Number.MIN_SAFE_INTEGER) : null)
  );
}

function namesFault(fields: Fields, op: string, allowed: readonly string[]): string | null {
  for (const name of Object.keys(fields)) {
    const isExpectation = name === "expected" || name === "expectedRevision";
    if (allowed.includes(name) || (op === "compare-and-set" && isExpectation)) continue;
    return `${shown(name)}: no field of ${op}`;
  }
  return null;
}

function expectationFault(fields: Fields, limits: KeyValueLimits): string | null {
  const { expected, expectedRevision } = fields;
  if ((expected === undefined) === (expectedRevision === undefined)) {
    return "expected one of expected and expectedRevision";
  }
  if (expected === undefined) return wholeFault("expectedRevision", expectedRevision, 0);
  return expected === null ? null : textFault("expected", expected, 0, limits.maxValueBytes);
}

function textFault(name: string, value: unknown, min: number, max: number): string | null {
  if (typeof value !== "string") return `${name}: expected a text, got ${shown(value)}`;
  if (!value.isWellFormed()) return `${name}: holds half of a surrogate pair`;
  const bytes = value.length * 3 <= max ? value.length : Buffer.byteLength(value);
  if (bytes >= min && bytes <= max) return null;
  return `${name}: ${bytes} bytes, expected ${min} to ${max}`;
}

function wholeFault(name: string, value: unknown, min: number): string | null {
  if (Number.isSafeInteger(value) && (value as number) >= min) return null;
  return `${name}: expected a whole number${min === 0 ? " from 0" : ""}, got ${shown(value)}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
