/** What a host's own code throws: the state machine, above all. It may be anything. */

/** What `error` says. */
export function saidBy(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Runs `work` of the host; what it throws is an Error that names it. */
export function hosted<A>(what: string, work: () => A): A {
  try {
    return work();
  } catch (error) {
    throw new Error(`${what}: ${saidBy(error)}`, { cause: error });
  }
}
