/** The formats by name, and which of them a text is in. */
import { type Call, callsOf, type Fault, type HistoryEvent, isFault } from "./events.ts";
import { parseJepsen } from "./jepsen.ts";
import { parseJsonLines } from "./json-lines.ts";
import { parsePorcupine } from "./porcupine.ts";

export type HistoryFormat = "json" | "jepsen" | "porcupine";
export const historyFormats: readonly HistoryFormat[] = ["json", "jepsen", "porcupine"];

const PARSERS: Readonly<Record<HistoryFormat, (text: string) => readonly HistoryEvent[] | Fault>> =
  { json: parseJsonLines, jepsen: parseJepsen, porcupine: parsePorcupine };

/** The format of a text, by its first lines; null where it is none of them. */
export function formatOf(text: string): HistoryFormat | null {
  const first = text.trimStart();
  if (/^(?:#[\w.]+\s*)?\{\s*:/.test(first)) return "porcupine";
  if (first.startsWith("{")) return "json";
  return /\bjepsen\.util\b/.test(text) ? "jepsen" : null;
}

/**
 * Reads the calls of a history. Never throws: garbage is a fault, with its line. So is a text
 * without any operation, for nothing can be said about nothing.
 */
export function parseHistory(
  text: string,
  format: HistoryFormat | "auto",
): readonly Call[] | Fault {
  const content = text.replace(/^\uFEFF/, "");
  if (content.trim() === "") return { line: 1, fault: "the history is empty" };
  const actual = format === "auto" ? formatOf(content) : format;
  if (actual === null) {
    const fault = 'expected JSON lines, EDN maps or lines with "jepsen.util"; found none of them';
    return { line: 1, fault };
  }
  const events = PARSERS[actual](content);
  if (isFault(events)) return events;
  if (events.length === 0) return { line: 1, fault: "there is no operation in it" };
  return callsOf(events);
}
