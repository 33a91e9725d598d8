/** What one way of looking found in one kernel. */
export interface Finding {
  /**
   * The violated property, `unreached: NAME`, the failed test, the action that the specification
   * was asked for and did not take, or null: nothing was found.
   */
  readonly property: string | null;
  /** Actions to the violation, where there is a trace. */
  readonly traceLength: number | null;
  readonly seconds: number;
  /** Where it was found: the name of the bounds, or of the schedule's. */
  readonly scope: string | null;
}
