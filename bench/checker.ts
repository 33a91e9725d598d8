/** How fast the checker is, against its oracle, and what it needs. */
import type { Bounds } from "../model-checker/bounds.ts";
import { defaultBounds } from "../model-checker/bounds.ts";
import { check } from "../model-checker/check.ts";
import { clusterModel } from "../model-checker/cluster-model.ts";
import { explore } from "../model-checker/explorer.ts";
import type { CheckResult } from "../model-checker/result.ts";
import { scopeNamed } from "../model-checker/scopes.ts";
import { median } from "./measure.ts";

/** The rate and the needs of the engine on the scope `default`. */
export interface EngineFigures {
  readonly verdict: CheckResult["verdict"];
  readonly distinct: number;
  readonly generated: number;
  readonly seconds: number;
  readonly distinctPerSecond: number;
  readonly generatedPerSecond: number;
  /** Peak memory beyond what the process held before, by state. */
  readonly bytesPerState: number;
  readonly kernelCalls: number;
  /** Transitions that one call of the kernel served. */
  readonly transitionsPerCall: number;
  readonly bounds: Bounds;
}

/** The engine on `default`, up to `maxStates`. */
export async function engineFigures(maxStates: number): Promise<EngineFigures> {
  const scope = scopeNamed("default");
  if (scope === undefined) throw new Error("there is no scope named default");
  const before = process.memoryUsage.rss();
  const result = await check({ bounds: scope.bounds, maxStates });
  const { verdict, distinct, generated, seconds, kernelCalls, peakMemoryBytes, bounds } = result;
  return {
    verdict,
    distinct,
    generated,
    seconds,
    distinctPerSecond: distinct / seconds,
    generatedPerSecond: generated / seconds,
    bytesPerState: (peakMemoryBytes - before) / distinct,
    kernelCalls,
    transitionsPerCall: generated / kernelCalls,
    bounds,
  };
}

/** Engine and oracle on the same scope. */
export interface Comparison {
  readonly bounds: Bounds;
  readonly symmetry: boolean;
  readonly distinct: number;
  readonly oracleSeconds: number;
  readonly engineSeconds: number;
  readonly exactSeconds: number;
  /** How many times faster the engine is. */
  readonly ratio: number;
}

const small: Bounds = {
  ...defaultBounds,
  terms: 1,
  log: 1,
  proposals: 0,
  crashes: 0,
  messages: 2,
  heartbeats: false,
  loss: true,
};

/** Both must find the same number of states; the engine starts with empty tables every time. */
export async function compare(symmetry: boolean): Promise<Comparison> {
  const started = performance.now();
  const oracle = explore(clusterModel(small, symmetry));
  const oracleSeconds = (performance.now() - started) / 1000;
  const summed: number[] = [];
  const exactly: number[] = [];
  for (let round = 0; round < 5; round++) {
    for (const exact of [false, true]) {
      const result = await check({ bounds: small, symmetry, exact });
      if (result.distinct !== oracle.distinct || result.generated !== oracle.generated) {
        throw new Error(`engine and oracle differ: ${result.distinct}, ${oracle.distinct} states`);
      }
      (exact ? exactly : summed).push(result.seconds);
    }
  }
  const engineSeconds = median(summed);
  return {
    bounds: small,
    symmetry,
    distinct: oracle.distinct,
    oracleSeconds,
    engineSeconds,
    exactSeconds: median(exactly),
    ratio: oracleSeconds / engineSeconds,
  };
}
