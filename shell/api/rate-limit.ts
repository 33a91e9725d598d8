/** How often one client may ask: a token bucket for each. */

/** A bucket that fills at `perSecond`, up to `burst`. */
export interface RateLimit {
  readonly perSecond: number;
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Most clients that are told apart; beyond it, those that asked least recently are forgotten. */
const maxBuckets = 10_000;

/**
 * Lets the client `name` ask at `now`, in milliseconds, and gives 0: that counts. Where it may not,
 * gives the seconds until it may.
 */
export type TakeToken = (name: string, now: number) => number;

/** The limit for each client by itself. Throws RangeError unless both numbers are positive. */
export function makeRateLimit({ perSecond, burst }: RateLimit): TakeToken {
  if (!(perSecond > 0) || !(burst >= 1)) {
    throw new RangeError(`rate limit: expected perSecond > 0 and burst >= 1`);
  }
  const buckets = new Map<string, Bucket>();
  return (name, now) => {
    const bucket = buckets.get(name) ?? { tokens: burst, at: now };
    // Put last: the map is in the order of use.
    buckets.delete(name);
    buckets.set(name, bucket);
    if (buckets.size > maxBuckets) buckets.delete(buckets.keys().next().value as string);
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    if (bucket.tokens < 1) return (1 - bucket.tokens) / perSecond;
    bucket.tokens -= 1;
    return 0;
  };
}
