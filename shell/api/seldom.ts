/** Looking at something less often than one is asked. */
import * as Effect from "effect/Effect";

/**
 * `look`, done once in so many milliseconds for all who ask, and together for those who ask at a
 * time. By a clock that only goes forward: Effect's own caches go by the time of day.
 */
export function seldom<A>(
  look: Effect.Effect<A>,
  milliseconds: number,
): Effect.Effect<Effect.Effect<A>> {
  /** Null before the first look is done, and while another one is. */
  let lookedAt: number | null = null;
  const noted = Effect.ensuring(
    look,
    Effect.sync(() => {
      lookedAt = performance.now();
    }),
  );
  return Effect.map(Effect.cachedInvalidateWithTTL(noted, "Infinity"), ([kept, forget]) =>
    Effect.suspend(() => {
      if (lookedAt === null || performance.now() - lookedAt <= milliseconds) return kept;
      lookedAt = null;
      return Effect.andThen(forget, kept);
    }),
  );
}
