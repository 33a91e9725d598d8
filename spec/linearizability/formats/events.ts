/** What every format says in its own words: events of processes, and the operations they make. */
import type { Data } from "../data.ts";

/**
 * `ok`: it took effect and answered. `fail`: it did not take effect, and never will. `info`: nobody
 * knows; as for an operation whose end is not in the history.
 */
export type EventType = "invoke" | "ok" | "fail" | "info";
export const eventTypes: readonly EventType[] = ["invoke", "ok", "fail", "info"];

/** One line of a history. */
export interface HistoryEvent {
  /** From 1. */
  readonly line: number;
  readonly process: string;
  readonly type: EventType;
  /** The name of the operation: read, put, ...; null where a completion leaves it out. */
  readonly f: string | null;
  /** Which object; undefined where the line names none. */
  readonly key: string | undefined;
  /** undefined where the line has none. */
  readonly value: Data | undefined;
}

/** What is wrong with a history, and where. */
export interface Fault {
  /** From 1. */
  readonly line: number;
  readonly fault: string;
}

/** An invocation and what it came to: null where nobody knows. Those that failed are left out. */
export interface Call {
  readonly invoke: HistoryEvent & { readonly f: string };
  readonly ok: HistoryEvent | null;
}

/** Whether something is what is wrong. */
export function isFault(it: object): it is Fault {
  return "fault" in it;
}

/** Finds the completion of each invocation: the next event of its process. */
export function callsOf(events: readonly HistoryEvent[]): readonly Call[] | Fault {
  const open = new Map<string, Call["invoke"]>();
  const calls: Call[] = [];
  for (const event of events) {
    const { line, process, type, f } = event;
    const invoke = open.get(process);
    if (type === "invoke") {
      if (invoke !== undefined) return { line, fault: `${isOpen(invoke)}: it cannot invoke more` };
      if (f === null) return { line, fault: "an invocation without the name of an operation" };
      open.set(process, { ...event, f });
      continue;
    }
    if (invoke === undefined) {
      return { line, fault: `process ${process} completes (${type}) what it has not invoked` };
    }
    const difference = differenceOf(invoke, event);
    if (difference !== null) return { line, fault: `${isOpen(invoke)}, and ${difference}` };
    open.delete(process);
    if (type !== "fail") calls.push({ invoke, ok: type === "ok" ? event : null });
  }
  for (const invoke of open.values()) calls.push({ invoke, ok: null });
  return calls;
}

function isOpen({ process, f, line }: Call["invoke"]): string {
  return `process ${process} has its ${f} of line ${line} open`;
}

function differenceOf(invoke: Call["invoke"], completion: HistoryEvent): string | null {
  const { f, key } = completion;
  if (f !== null && f !== invoke.f) return `completes ${f}`;
  if (key !== undefined && key !== invoke.key) return `completes it on the key ${key}`;
  return null;
}
