/**
 * Histories as JSON lines, an event a line:
 *
 *   {"process": 0, "type": "invoke", "f": "put", "key": "x", "value": "1"}
 *   {"process": 0, "type": "ok"}
 *
 * `process` is a number or a text, and has one operation open at a time. `type` is invoke, ok,
 * fail (it did not take effect) or info (nobody knows). `f` names the operation and `key` the
 * object; a completion may leave both out. Other fields are not looked at.
 */
import type { Data } from "../data.ts";
import { type EventType, eventTypes, type Fault, type HistoryEvent } from "./events.ts";

/** Deeper data is refused, so that nobody runs out of stack on it. */
const MAX_DEPTH = 100;

/** Reads JSON lines; blank lines are skipped. */
export function parseJsonLines(text: string): readonly HistoryEvent[] | Fault {
  const events: HistoryEvent[] = [];
  for (const [at, content] of text.split("\n").entries()) {
    if (content.trim() === "") continue;
    const line = at + 1;
    const event = eventOf(content, line);
    if (typeof event === "string") return { line, fault: event };
    if (event !== null) events.push(event);
  }
  return events;
}

/** The event that a line says; null for one that is no client's; a text says what is wrong. */
function eventOf(content: string, line: number): HistoryEvent | null | string {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (error) {
    return `not JSON: ${(error as Error).message}`;
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return `expected an object with "process", "type" and "f", found ${kindOf(json)}`;
  }
  return eventFrom(json as Readonly<Record<string, unknown>>, line);
}

/** An event from named fields, in the words of JSON lines; a text says what is wrong. */
export function eventFrom(
  fields: Readonly<Record<string, unknown>>,
  line: number,
): HistoryEvent | null | string {
  const field = (name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined);
  const process = field("process");
  // Jepsen's own actor: it injects faults, and is no client.
  if (process === "nemesis") return null;
  if (typeof process !== "number" && typeof process !== "string") {
    return `expected "process" to be a number or a text, found ${kindOf(process)}`;
  }
  const type = field("type");
  if (!eventTypes.includes(type as EventType)) {
    return `expected "type" to be one of ${eventTypes.join(", ")}, found ${kindOf(type)}`;
  }
  const f = field("f") ?? null;
  if (f !== null && typeof f !== "string") return `expected "f" to be a text, found ${kindOf(f)}`;
  const key = field("key") ?? undefined;
  if (key !== undefined && typeof key !== "string" && typeof key !== "number") {
    return `expected "key" to be a text or a number, found ${kindOf(key)}`;
  }
  const value = field("value");
  if (!isShallow(value, MAX_DEPTH)) return `"value" is nested more than ${MAX_DEPTH} deep`;
  return {
    line,
    process: String(process),
    type: type as EventType,
    f,
    key: key === undefined ? undefined : String(key),
    value: value as Data | undefined,
  };
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((it) => isShallow(it, depth - 1));
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  return JSON.stringify(value);
}
