/**
 * Logs of a register as Jepsen prints them, an event a line among lines of other kinds:
 *
 *   INFO  jepsen.util - 2	:invoke	:cas	[3 0]
 *   INFO  jepsen.util - 2	:fail	:cas	[3 0]
 *   INFO  jepsen.util - 4	:info	:write	:timed-out
 */
import { parseEdn } from "./edn.ts";
import { type EventType, eventTypes, type Fault, type HistoryEvent } from "./events.ts";

/** A line of an operation, up to the value; processes that are no number inject faults. */
const EVENT = /\bjepsen\.util\s+(?:-\s+)?(\d+)\s+:(\S+)\s+:(\S+)\s+(\S.*)$/;
const ANY_PROCESS = /\bjepsen\.util\s+(?:-\s+)?\d+\s/;

/** Reads what Jepsen logs of operations; other lines of the log are skipped. */
export function parseJepsen(text: string): readonly HistoryEvent[] | Fault {
  const events: HistoryEvent[] = [];
  for (const [at, content] of text.split("\n").entries()) {
    const line = at + 1;
    const found = EVENT.exec(content.trimEnd());
    if (found === null) {
      if (!ANY_PROCESS.test(content)) continue;
      return { line, fault: "expected process, :type, :operation and value after jepsen.util" };
    }
    const [, process = "", type = "", f = "", rest = ""] = found;
    if (!eventTypes.includes(type as EventType)) {
      const expected = eventTypes.map((it) => `:${it}`).join(", ");
      return { line, fault: `expected one of ${expected}, found :${type}` };
    }
    const read = parseEdn(rest);
    if ("fault" in read)
      return { line, fault: `in the value, column ${read.column}: ${read.fault}` };
    const event = { line, process, type: type as EventType, f, key: undefined, value: read.value };
    events.push(refusedCas(event));
  }
  return events;
}

/**
 * A cas that failed and gives its arguments back found another value: that is an answer. With
 * anything else in their place (`:timed-out`) it did not take effect for another reason.
 */
export function refusedCas(event: HistoryEvent): HistoryEvent {
  const { type, f, value } = event;
  if (f !== "cas" || type !== "fail" || !Array.isArray(value)) return event;
  return { ...event, type: "ok", value: false };
}
