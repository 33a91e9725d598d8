/** What the command answers to its caller. */
export const EXIT = {
  ok: 0,
  violated: 1,
  usage: 2,
  limit: 3,
  failed: 4,
  unknown: 5,
  internal: 70,
  interrupted: 130,
  terminated: 143,
} as const;

/** What exit codes mean, by code. */
type Meanings = Readonly<Record<number, string>>;

/** Of whatever is called. */
const ANY: Meanings = { 2: "bad usage or input", 70: "a fault in quorate itself" };
const INTERRUPTED: Meanings = {
  130: "interrupted (143: terminated), after printing what was covered so far",
};
const SERVING: Meanings = {
  0: "a signal ended it",
  4: "a server could not start, or stopped by itself, and said why",
};
const ASKING: Meanings = {
  0: "it was done",
  4: "it did not happen, and will not",
  5: "it may have happened, or not: nobody knows",
};
const LIMIT = "stopped at a limit before everything was visited";

/** What a subcommand ends with, beside what any does. */
const ENDS: Readonly<Record<string, Meanings>> = {
  cluster: SERVING,
  serve: SERVING,
  check: {
    ...INTERRUPTED,
    0: "everything within the bounds was visited and all that is demanded holds",
    1: 'a property is violated, or a "sometimes" property was not reached',
    3: LIMIT,
  },
  replay: {
    0: "the trace replays exactly and violates nothing",
    1: "the trace replays exactly and shows its violation",
    2: "bad usage or input, or a trace that does not replay exactly",
  },
  scopes: { 0: "they were printed" },
  linearizability: {
    ...INTERRUPTED,
    0: "the history is linearizable",
    1: "the history is not linearizable",
    3: "stopped at a limit before it was decided",
  },
  put: ASKING,
  get: { ...ASKING, 0: "the key is there", 1: "the key is absent" },
  delete: ASKING,
  cas: ASKING,
  list: ASKING,
  status: {
    ...ASKING,
    0: "all servers answer, and one leads",
    1: "a server does not answer, or none leads",
  },
  members: ASKING,
  transfer: ASKING,
  snapshot: ASKING,
  backup: ASKING,
  restore: { 0: "the directory was made" },
  inspect: { 0: "the storage is good", 1: "the storage is damaged" },
  audit: {
    ...INTERRUPTED,
    0: "the journals, and the history if given, are verified",
    1: "a journal was changed, or shows what must not happen; the history is not linearizable",
    3: "the history could not be decided within limits",
  },
  tla: {
    ...INTERRUPTED,
    0: "everything was visited and all that is demanded holds",
    1: "a property is violated, or a deadlock was reached",
    3: LIMIT,
  },
};

/** Of all subcommands together. */
const ALL: Meanings = {
  0: "what was asked for was done; what was checked holds",
  1: "what was checked does not hold; get: the key is absent; status: not all is well",
  2: "bad usage or input, or a trace that does not replay exactly",
  3: "stopped at a limit before everything was visited or decided",
  4: "a server could not start, or stopped by itself; what was asked of a cluster did not happen",
  5: "what was asked of a cluster may have happened, or not: nobody knows",
  70: "a fault in quorate itself",
  130: "interrupted (143: terminated), after printing what was covered so far",
};

/** The exit codes of a subcommand, or of all, for the end of its help. */
export function exitCodesHelp(subcommand: string | undefined): string {
  const own = subcommand === undefined ? ALL : ENDS[subcommand];
  // In the order of the codes, as such keys always are.
  const rows = Object.entries({ ...ANY, ...own });
  return ["EXIT CODES", ...rows.map(([code, text]) => `  ${code.padEnd(5)}${text}`)].join("\n");
}

/** Bad usage or input: the message says what is wrong, where, and what to do. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
