/** What an audit found: a verdict, what it rests on, and what it does not cover. */

/** A line of a journal. */
export interface Place {
  readonly server: string;
  readonly run: number;
  readonly file: string;
  readonly line: number;
  /** Counts the steps of the run from 1; 0 is its start; null where no step is meant. */
  readonly step: number | null;
}

/** What is wrong, where, and by which rule. */
export interface AuditFault {
  readonly rule: string;
  readonly what: string;
  readonly place: Place | null;
  /** The line's event, where it has one. */
  readonly event: string | null;
}

/** The journal of one server. */
export interface ServerReport {
  readonly server: string;
  readonly runs: number;
  readonly files: number;
  readonly bytes: number;
  readonly steps: number;
  readonly term: number;
  readonly commitIndex: number;
  readonly lastIndex: number;
  /** The hash of the last line: whoever keeps it can later show that nothing before it changed. */
  readonly head: string;
  /** Whether the last run ends in its seal: otherwise its last steps may be missing. */
  readonly isSealed: boolean;
  /** Runs before the last that a crash ended. */
  readonly crashes: number;
}

/** How often each thing was checked: what is 0 was not. */
export interface AuditCounts {
  readonly steps: number;
  readonly conforming: number;
  /** How often tla/Raft.tla was evaluated: once for each pattern of steps. */
  readonly evaluated: number;
  readonly invariants: number;
  readonly elections: number;
  readonly votes: number;
  readonly entries: number;
  readonly committed: number;
  readonly restarts: number;
  readonly snapshots: number;
  readonly received: number;
}

export interface AuditReport {
  readonly verdict: "verified" | "violated" | "interrupted";
  readonly cluster: string;
  readonly servers: readonly ServerReport[];
  readonly counts: AuditCounts;
  readonly actionsExercised: readonly string[];
  /** What was not looked at, or cannot be known from these journals: whole sentences. */
  readonly notCovered: readonly string[];
  readonly fault: AuditFault | null;
}

/** Thrown where a check fails, to be the audit's answer. */
export class AuditFailure extends Error {
  override readonly name = "AuditFailure";
  readonly fault: AuditFault;

  constructor(fault: AuditFault) {
    super(`${fault.rule}: ${fault.what}`);
    this.fault = fault;
  }
}

/** What was given is no set of journals: the message says what and where. */
export class AuditInputError extends Error {
  override readonly name = "AuditInputError";
}

/** Ends an audit: `rule` is broken at `place`. */
export function fail(rule: string, what: string, place: Place | null, event?: unknown): never {
  const text = event === undefined ? null : JSON.stringify(event);
  throw new AuditFailure({ rule, what, place, event: text });
}
