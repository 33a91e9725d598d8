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

/** The exit codes, for the end of every help text. */
export const exitCodesHelp = `EXIT CODES
  0    everything within the bounds was visited and all that is demanded holds;
       replay: the trace replays exactly and violates nothing
       linearizability: the history is linearizable
       audit: the journals, and the history if given, are verified
  1    a property is violated, or a "sometimes" property was not reached;
       replay: the trace replays exactly and shows its violation
       linearizability: the history is not linearizable
       audit: a journal was changed, or shows what must not happen
       get: the key is absent; status: a server does not answer, or none leads;
       inspect: the storage is damaged
  2    bad usage or input, or a trace that does not replay exactly
  3    stopped at a limit before everything was visited or decided
  4    serve, cluster: a server could not start, or stopped by itself, and said why;
       what was asked of a cluster did not happen, and will not
  5    what was asked of a cluster may have happened, or not: nobody knows
  70   a fault in quorate itself
  130  interrupted (143: terminated), after printing what was covered so far;
       serve, cluster: a signal is how they end, with exit code 0`;

/** Bad usage or input: the message says what is wrong, where, and what to do. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
