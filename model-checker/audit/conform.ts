/** Each step is one of `tla/Raft.tla`, and satisfies what must hold of every step and server. */

import type { KernelConfig, LogIndex } from "../../kernel/index.ts";
import { type Always, always } from "../../spec/index.ts";
import type { Conformance } from "../conformance-contract.ts";
import { CONFORMANCE, faultLines } from "../conformance-contract.ts";
import type { Process, Up } from "../process.ts";
import { framed } from "./frame.ts";
import { durableOf, type Host } from "./host.ts";
import { type HostMove, moveOf, Patterns } from "./pattern.ts";
import { PatternReader } from "./pattern-reader.ts";
import type { Observer, Transition } from "./replay.ts";
import { fail, type Place } from "./report.ts";
import { sizeOf, viewFrom, windowOf } from "./window.ts";

type Over<Kind> = Extract<Always, { readonly over: Kind }>;
const ofSteps = always.filter((it): it is Over<"step"> => it.over === "step");
const ofServers = always.filter((it): it is Over<"server"> => it.over === "server");

/** Most patterns that are remembered: some hundred bytes each. Then all are forgotten. */
const MAX_PATTERNS = 200_000;

/** The specification for kernels of one configuration, and the patterns that it allows. */
interface Allowed {
  readonly conformance: Conformance;
  readonly patterns: Set<string>;
}

export interface StepCheckOptions {
  /** Evaluate the specification anew for each step, be its pattern known or not. */
  readonly eachStep?: boolean;
}

export class StepCheck implements Observer {
  readonly #allowed: ReadonlyMap<string, Allowed>;
  readonly #configs = new WeakMap<KernelConfig, Allowed>();
  readonly #members: ReadonlySet<string>;
  readonly #patterns: Patterns;
  readonly #reader: PatternReader;
  readonly eachStep: boolean;
  /** The last view, which the next step most often begins with. */
  #seen: { readonly host: Host; readonly window: number; readonly view: Up } | null = null;
  invariants = 0;
  conforming = 0;
  /** Steps that look at strangers. */
  skipped = 0;
  /** How often the specification was evaluated. */
  evaluated = 0;

  /** `conformances`: by `settingsOf` of the kernels' configurations. */
  constructor(
    conformances: ReadonlyMap<string, Conformance>,
    members: Iterable<string>,
    { eachStep = false }: StepCheckOptions = {},
  ) {
    this.#allowed = new Map(
      [...conformances].map(([key, conformance]) => [key, { conformance, patterns: new Set() }]),
    );
    this.#members = new Set(members);
    this.#patterns = new Patterns(this.#members);
    this.#reader = new PatternReader(this.#members);
    this.eachStep = eachStep;
  }

  /** What the specification must know of a kernel's configuration. */
  static settingsOf({ preVote, checkQuorum, leaseReads, maxUncommittedChars }: KernelConfig) {
    return JSON.stringify([preVote, checkQuorum, leaseReads, maxUncommittedChars]);
  }

  get actionsExercised(): readonly string[] {
    const figures = [...this.#allowed.values()].map(({ conformance }) => conformance.figures);
    return [...new Set(figures.flatMap(({ actionsExercised }) => actionsExercised))].sort();
  }

  started(place: Place, config: KernelConfig, after: Host): void {
    this.#seen = null;
    const input = { kind: "restart" } as const;
    this.#conforms({ config, input, before: after.disk, after, sent: [] }, 0, place);
  }

  stepped(whole: Transition): void {
    const transition = framed(whole);
    const { place, config, event, before, after, effects } = transition;
    // The specification knows the members only.
    if (event.kind === "message" && !this.#members.has(event.message.from)) {
      this.skipped++;
      return;
    }
    const window = this.#windowOf(transition);
    const from = this.#viewOf(config.id, before, window);
    const to = this.#viewOf(config.id, after, window);
    const step = { config, before: from.state, event, after: to.state, effects };
    for (const { name, rule, holds } of ofSteps) {
      if (!holds(step)) fail(name, rule, place, event);
    }
    const server = { id: config.id, config, state: to.state, durable: to.durable };
    for (const { name, rule, holds } of ofServers) {
      if (!holds(server)) fail(name, rule, place, event);
    }
    this.invariants += ofSteps.length + ofServers.length;
    this.#conforms(moveOf(transition), window, place);
  }

  #allowedFor(config: KernelConfig): Allowed {
    let allowed = this.#configs.get(config);
    if (allowed === undefined) {
      allowed = this.#allowed.get(StepCheck.settingsOf(config));
      if (allowed === undefined) throw new Error("no specification for such a configuration");
      this.#configs.set(config, allowed);
    }
    return allowed;
  }

  #conforms(move: HostMove, window: LogIndex, place: Place): void {
    const { config, input, before, after, sent } = move;
    const allowed = this.#allowedFor(config);
    this.conforming++;
    const { conformance, patterns } = allowed;
    const pattern = this.eachStep ? null : this.#patterns.of(move, window);
    if (pattern !== null) {
      if (patterns.has(pattern)) return;
      this.evaluated++;
      if (isAllowed(conformance, this.#reader, pattern, config)) {
        if (patterns.size >= MAX_PATTERNS) patterns.clear();
        patterns.add(pattern);
        return;
      }
    }
    // As it is, to be told in its own words.
    this.evaluated++;
    const up = (host: Host): Up => this.#viewOf(config.id, host, window);
    const { id } = config;
    const from: Process =
      "state" in before ? up(before) : { kind: "down", id, durable: durableOf(before) };
    const fault = conformance.check({ config, input, before: from, after: up(after), sent });
    if (fault === null) return;
    this.conforming--;
    fail(CONFORMANCE, faultLines(fault).join("\n"), place, input);
  }
  /** A window once chosen is kept while it is not much too wide: then the last view serves. */
  #windowOf(transition: Transition): number {
    const window = windowOf(transition);
    const seen = this.#seen;
    if (seen?.host !== transition.before || seen.window > window) return window;
    const { before } = transition;
    return sizeOf(before, seen.window) <= sizeOf(before, window) + 4 ? seen.window : window;
  }

  #viewOf(id: string, host: Host, window: number): Up {
    const seen = this.#seen;
    if (seen?.host === host && seen.window === window) return seen.view;
    const view = viewFrom(id, host, window);
    this.#seen = { host, window, view };
    return view;
  }
}

/** Whether the specification allows the step that a pattern says, for sure. */
function isAllowed(
  conformance: Conformance,
  reader: PatternReader,
  pattern: string,
  config: KernelConfig,
): boolean {
  try {
    return conformance.check(reader.move(pattern, config)) === null;
  } catch {
    // No log, or nothing that can be evaluated: the step itself will tell.
    return false;
  }
}
