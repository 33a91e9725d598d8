/**
 * What the parts of a line are made of, checked before anything is asked of them: who can make all
 * hashes anew can write anything. Each check gives what is wrong first, to be read after the name
 * of the part, or null.
 */
import {
  configurationFault,
  type Durable,
  type Event,
  type KernelConfig,
  messageFault,
} from "../../kernel/index.ts";

type Check = (value: unknown) => string | null;
type Checks = Readonly<Record<string, Check>>;

const isText = (value: unknown): value is string => typeof value === "string";

const check =
  (what: string, holds: (value: unknown) => boolean): Check =>
  (value) =>
    holds(value) ? null : ` is no ${what}`;

const flag = check("boolean", (value) => typeof value === "boolean");
const text = check("text", isText);
const textOrNull = check("text or null", (value) => value === null || isText(value));
const count = check("count", (value) => Number.isSafeInteger(value) && (value as number) >= 0);
const names = check("list of names", (value) => Array.isArray(value) && value.every(isText));

/** Of a server that waits to be added, there are no voters. */
const configuration: Check = (value) => {
  const fault = configurationFault(value);
  return fault === null || fault === "there are no voters" ? null : ` is none: ${fault}`;
};

/** A record with these fields, whatever else it has. */
const record =
  (fields: Checks): Check =>
  (value) => {
    if (typeof value !== "object" || value === null) return " is no record";
    for (const [name, fieldCheck] of Object.entries(fields)) {
      const fault = fieldCheck((value as Readonly<Record<string, unknown>>)[name]);
      if (fault !== null) return `.${name}${fault}`;
    }
    return null;
  };

const EVENTS: Readonly<Record<Event["kind"], Checks>> = {
  // What the kernel says of it: see replay.ts.
  message: {},
  "election-timeout": {},
  "heartbeat-timeout": {},
  "minimum-election-timeout": {},
  "lease-timeout": {},
  propose: { command: text },
  "propose-configuration": { voters: names, learners: names },
  read: { read: text },
  "transfer-leadership": { to: text },
  campaign: {},
  "snapshot-taken": { lastIndex: count },
  "snapshot-sent": { peer: text },
  "snapshot-failed": { peer: text },
  "peer-unreachable": { peer: text },
  persisted: { currentTerm: count, lastIndex: count, lastTerm: count },
};

const CONFIG: Readonly<Record<keyof KernelConfig, Check>> = {
  id: text,
  preVote: flag,
  checkQuorum: flag,
  leaseReads: flag,
  maxEntriesPerMessage: count,
  maxCharsPerMessage: count,
  maxInFlight: count,
  maxCharsInFlight: count,
  maxCommandChars: count,
  maxUncommittedChars: count,
};

const DURABLE: Readonly<Record<keyof Durable, Check>> = {
  currentTerm: count,
  votedFor: textOrNull,
  snapshot: record({ lastIndex: count, lastTerm: count, configuration }),
  entries: check("list", Array.isArray),
};

/** As of a message that could have brought the entries; of which term is the kernel's to ask. */
function entriesFault({ snapshot, entries }: Durable): string | null {
  const { lastIndex: prevLogIndex, lastTerm: prevLogTerm } = snapshot;
  const term = Number.MAX_SAFE_INTEGER;
  const carried = { prevLogIndex, prevLogTerm, entries, leaderCommit: 0, term };
  return messageFault({ kind: "append-entries-request", from: "a", to: "b", ...carried });
}

/** What is wrong with the start of a run, which a header has. */
export function startFault(value: unknown): string | null {
  const previous: Check = (it) => (it === null ? null : record({ run: count, hash: text })(it));
  const fields = { previous, config: record(CONFIG), durable: record(DURABLE) };
  const fault = record(fields)(value);
  if (fault !== null) return fault;
  const wrong = entriesFault((value as { durable: Durable }).durable);
  return wrong === null ? null : `.durable has no log: ${wrong}`;
}

/** What is wrong with the seal of a run. */
export const sealFault: Check = record({ steps: count });

/** What is wrong with the event of a step. */
export function eventFault(value: unknown): string | null {
  const { kind } = (value ?? {}) as Partial<Event>;
  if (kind === undefined || !Object.hasOwn(EVENTS, kind)) return ".kind is unknown";
  return record(EVENTS[kind])(value);
}
