/**
 * Internal invariants. A failure is a bug of the kernel, never of its input: input from
 * peers and clients is refused with a reason (thesis §8.3, "building correct implementations").
 */

/** Thrown when the kernel contradicts itself. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Throws `InvariantError` unless `condition` holds; `rule` says what should be true. */
export function assert(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new InvariantError(`kernel invariant broken: ${rule}`);
}

/** The default of a switch over a union: a new variant breaks the build where unhandled. */
export function unreachable(value: never): never {
  throw new InvariantError(`kernel invariant broken: unhandled ${JSON.stringify(value)}`);
}
