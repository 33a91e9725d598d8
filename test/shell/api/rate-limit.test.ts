/** Token buckets against a count of what each interval allows. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { makeAuthorize, tokenHash } from "../../../shell/api/auth.ts";
import { api, openApi } from "../../../shell/api/definition.ts";
import { PROBLEMS } from "../../../shell/api/problem.ts";
import { makeRateLimit } from "../../../shell/api/rate-limit.ts";

it("allows no more than burst and rate in any interval, and no less in the long run", () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 80 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 20 }), fc.nat(9), (times, perSecond, more) => {
      const burst = more + 1;
      const take = makeRateLimit({ perSecond, burst });
      let now = 0;
      const taken: number[] = [];
      /** When the last that was refused may come again. */
      let refusedAt: number | null = null;
      for (const gap of times) {
        now += gap;
        const seconds = take("a", now);
        if (seconds === 0) taken.push(now);
        else refusedAt = now + seconds * 1000;
      }
      for (const [from, start] of taken.entries()) {
        for (const [to, end] of taken.entries()) {
          if (to < from) continue;
          const most = burst + ((end - start) / 1000) * perSecond;
          expect(to - from + 1).toBeLessThanOrEqual(most + 1e-6);
        }
      }
      // One that was refused is not taken before the time that it was told, and is then.
      if (refusedAt !== null && refusedAt > now + 1) {
        expect(take("a", refusedAt - 1)).toBeGreaterThan(0);
        expect(take("a", refusedAt + 1)).toBe(0);
      }
      expect(take("b", now)).toBe(0);
    }),
    { seed: 20_261_125, numRuns: 300 },
  );
});

it("remembers 10,000 clients, and forgets who asked least recently", () => {
  const take = makeRateLimit({ perSecond: 0.001, burst: 1 });
  for (let i = 0; i < 10_000; i++) take(`c${i}`, 0);
  expect(take("c1", 0)).toBe(1000);
  take("another", 0);
  expect(take("c2", 0)).toBe(1000);
  expect(take("c0", 0)).toBe(0);
});

it("refuses bad limits and tokens", () => {
  expect(() => makeRateLimit({ perSecond: 0, burst: 1 })).toThrow("rate limit: expected");
  expect(() => makeRateLimit({ perSecond: 1, burst: Number.NaN })).toThrow("rate limit: expected");
  const tokens = [{ sha256: tokenHash("x").toUpperCase(), role: "read" as const }];
  expect(() => makeAuthorize(tokens)).toThrow("tokens[0].sha256: expected 64 hexadecimal digits");
});

it("every status of a problem is in the document", () => {
  const get = openApi.paths["/v1/kv/{key}"]?.get as { responses: Record<string, unknown> };
  const statuses = new Set(Object.values(PROBLEMS).map(({ status }) => String(status)));
  // A path that takes another method is no operation, so it has no place there.
  statuses.delete("405");
  expect(Object.keys(get.responses).sort()).toEqual(["200", ...statuses].sort());
  expect(api.identifier).toBe("quorate");
});
