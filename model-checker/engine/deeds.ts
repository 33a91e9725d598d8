/**
 * What a transition does to the environment: the budget it uses and what history records. Few
 * different ones exist, so the environment after each is remembered.
 */
import type { Bounds } from "../bounds.ts";
import { encode } from "../canonical.ts";
import { type Budget, type Environment, type Observation, record, spend } from "../environment.ts";
import type { Components } from "./components.ts";
import { PairTable } from "./pair-table.ts";

/** What happens to the environment. */
export interface Deed {
  readonly spends: keyof Budget | null;
  /** Only possible where so much of that budget is used: names depend on it. */
  readonly ordinal: number | null;
  readonly observations: readonly Observation[];
}

/** The deed of doing nothing that the environment would notice. */
export const NO_DEED = 0;
/** In place of an environment: the budget does not allow it. */
export const IMPOSSIBLE = -1;

const UNKNOWN = -2;

/** Interned deeds and the environments they lead to. */
export class Deeds {
  private readonly deeds: Deed[] = [];
  private readonly ids = new Map<string, number>();
  private readonly next = new PairTable();
  private readonly environments: Components<Environment>;
  private readonly bounds: Bounds;

  constructor(environments: Components<Environment>, bounds: Bounds) {
    this.environments = environments;
    this.bounds = bounds;
    this.intern({ spends: null, ordinal: null, observations: [] });
  }

  /** The id of `deed`. */
  intern(deed: Deed): number {
    const text = encode(deed);
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    const id = this.deeds.push(deed) - 1;
    this.ids.set(text, id);
    return id;
  }

  /** The deed of `id` when it takes a duplicated message. */
  duplicated(id: number): number {
    return this.intern({ ...(this.deeds[id] as Deed), spends: "duplications" });
  }

  /** The environment after `deed`, or `IMPOSSIBLE`. */
  after(environment: number, deed: number): number {
    if (deed === NO_DEED) return environment;
    const known = this.next.get(environment, deed, UNKNOWN);
    if (known !== UNKNOWN) return known;
    const result = this.compute(this.environments.valueOf(environment), this.deeds[deed] as Deed);
    this.next.add(environment, deed, result);
    return result;
  }

  private compute(environment: Environment, deed: Deed): number {
    const { spends, ordinal } = deed;
    if (spends !== null && ordinal !== null && environment.budget[spends] !== ordinal) {
      return IMPOSSIBLE;
    }
    const spent = spends === null ? environment : spend(environment, spends, this.bounds);
    if (spent === null) return IMPOSSIBLE;
    return this.environments.intern(record(spent, deed.observations));
  }
}
