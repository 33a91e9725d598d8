/** What a check answers, as data: printed by the command line, compared by tests. */
import type { Bounds } from "./bounds.ts";
import type { ConformanceFigures } from "./conformance-contract.ts";
import type { RecoveryFigures } from "./engine/recovery.ts";
import type { Prefix } from "./prefix.ts";

/** `exhausted`: every state within the bounds was visited; `limit`: not all were. */
export type Verdict = "exhausted" | "limit" | "violated";

/** Why an exploration ended before every state was visited. */
export type StopReason = "states" | "seconds" | "memory" | "interrupted";

/** Why a check of a cluster did; `recovery`: at the limit of its states of recovery. */
export type CheckStopReason = StopReason | "recovery";

/** How one property fared. */
export interface PropertyResult {
  readonly name: string;
  readonly kind: "always" | "sometimes";
  readonly result: "holds" | "violated" | "reached" | "unreached";
}

/** A way to a violation: a schedule that `replay` runs again under the same bounds. */
export interface Counterexample {
  readonly bounds: Bounds;
  readonly property: string;
  /** One action a line, in the schedule syntax. */
  readonly schedule: readonly string[];
  /** Lines that say more of the violation than the property's name; mostly none. */
  readonly explanation: readonly string[];
}

/** The outcome of a check. A result without its bounds is not a result. */
export interface CheckResult {
  readonly verdict: Verdict;
  /** Why not everything was visited, where the verdict is `limit`. */
  readonly stoppedBy: CheckStopReason | null;
  /** Different states, and, with symmetry, states that differ by more than servers' names. */
  readonly distinct: number;
  /** Actions carried out within the bounds, one for every way into a state. */
  readonly generated: number;
  /** Actions on the longest of the shortest ways to any state. */
  readonly depth: number;
  readonly seconds: number;
  /** Calls of `step` and `recover`: each different transition runs the kernel once. */
  readonly kernelCalls: number;
  /** Different states of single servers. */
  readonly localStates: number;
  /** Different transitions of single servers. */
  readonly localTransitions: number;
  /** States that may have been missed because two shared a fingerprint; 0 in exact mode. */
  readonly expectedCollisions: number;
  readonly peakMemoryBytes: number;
  readonly exact: boolean;
  readonly symmetry: boolean;
  readonly bounds: Bounds;
  /** Actions of the schedule that the exploration started from; 0: it started at the beginning. */
  readonly prefix: number;
  readonly properties: readonly PropertyResult[];
  /** Against `tla/Raft.tla`; null where that was not asked for. */
  readonly conformance: ConformanceFigures | null;
  /** What was demanded of recovery; null where Progress was not checked. */
  readonly progress: RecoveryFigures | null;
  readonly trace: Counterexample | null;
}

/** How far a running check has come. */
export interface CheckProgress {
  readonly distinct: number;
  readonly generated: number;
  readonly depth: number;
  /** States found whose successors are not yet known. */
  readonly queue: number;
  readonly seconds: number;
  readonly memoryBytes: number;
}

/** What to check and when to stop. */
export interface CheckOptions {
  readonly bounds: Bounds;
  /**
   * Start where this schedule ends. What it uses of a budget does not count; of its faults,
   * `check` throws a `RangeError` that names the line.
   */
  readonly from?: Prefix;
  /** Know states by themselves, not by a fingerprint: slower, and certain. */
  readonly exact?: boolean;
  /** Check every transition against `tla/Raft.tla`. Off unless true: it needs more packages. */
  readonly conform?: boolean;
  /**
   * Demand Progress of every state: `spec/progress.ts` says what that is. Off unless true;
   * `only`: the safety properties are not evaluated.
   */
  readonly progress?: boolean | "only";
  /** Visit one of all states that differ only by servers' names. On unless false. */
  readonly symmetry?: boolean;
  /** Stop after this many distinct states, or as many states of recovery. */
  readonly maxStates?: number;
  readonly maxSeconds?: number;
  readonly maxMemoryBytes?: number;
  /** Called a few times a second. */
  readonly onProgress?: (progress: CheckProgress) => void;
  /** Stops the check; what was covered so far is the result. */
  readonly signal?: AbortSignal;
}

/** The "sometimes" properties that were demanded and not reached. */
export function unreached(result: CheckResult): readonly string[] {
  return result.properties.filter((p) => p.result === "unreached").map(({ name }) => name);
}
