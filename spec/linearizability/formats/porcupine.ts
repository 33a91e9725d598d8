/**
 * Logs of a key-value store as Porcupine's test set has them, and Jepsen's `history.edn`: an EDN
 * map a line, with the fields of JSON lines as keywords:
 *
 *   {:process 0, :type :invoke, :f :append, :key "x", :value "y"}
 */
import { parseEdn } from "./edn.ts";
import type { Fault, HistoryEvent } from "./events.ts";
import { refusedCas } from "./jepsen.ts";
import { eventFrom } from "./json-lines.ts";

/** Reads EDN maps, one a line; blank lines are skipped. */
export function parsePorcupine(text: string): readonly HistoryEvent[] | Fault {
  const events: HistoryEvent[] = [];
  for (const [at, content] of text.split("\n").entries()) {
    if (content.trim() === "") continue;
    const line = at + 1;
    const read = parseEdn(content);
    if ("fault" in read) return { line, fault: `column ${read.column}: ${read.fault}` };
    const { value } = read;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return { line, fault: "expected a map with :process, :type and :f" };
    }
    const event = eventFrom(value as Readonly<Record<string, unknown>>, line);
    if (typeof event === "string") return { line, fault: event };
    if (event !== null) events.push(refusedCas(event));
  }
  return events;
}
