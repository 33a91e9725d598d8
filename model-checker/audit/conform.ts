/** Each step is one of `tla/Raft.tla`, and satisfies what must hold of every step and server. */

import type { KernelConfig } from "../../kernel/index.ts";
import { recover } from "../../kernel/index.ts";
import { type Always, always } from "../../spec/index.ts";
import type { Conformance } from "../conformance-contract.ts";
import { CONFORMANCE, faultLines } from "../conformance-contract.ts";
import type { LocalInput, Up } from "../process.ts";
import { framed } from "./frame.ts";
import type { Host } from "./host.ts";
import type { Observer, Transition } from "./replay.ts";
import { fail, type Place } from "./report.ts";
import { sizeOf, viewFrom, windowOf } from "./window.ts";

type Over<Kind> = Extract<Always, { readonly over: Kind }>;
const ofSteps = always.filter((it): it is Over<"step"> => it.over === "step");
const ofServers = always.filter((it): it is Over<"server"> => it.over === "server");

/**
 * Entries that a check looks at, at most, in the logs before and after it, in memory and on the
 * disk: the time it takes grows with them; a leader's, which looks for what is committed, with
 * their square.
 */
const MAX_ENTRIES = 4096;
const MAX_ENTRIES_OF_LEADER = 256;

export class StepCheck implements Observer {
  readonly #conformances: ReadonlyMap<string, Conformance>;
  readonly #members: ReadonlySet<string>;
  /** The last view, which the next step most often begins with. */
  #seen: { readonly host: Host; readonly window: number; readonly view: Up } | null = null;
  invariants = 0;
  /** Steps that look at too much of a log. */
  skipped = 0;

  /** `conformances`: by `settingsOf` of the kernels' configurations. */
  constructor(conformances: ReadonlyMap<string, Conformance>, members: Iterable<string>) {
    this.#conformances = conformances;
    this.#members = new Set(members);
  }

  /** What the specification must know of a kernel's configuration. */
  static settingsOf({ preVote, checkQuorum, leaseReads, maxUncommittedChars }: KernelConfig) {
    return JSON.stringify([preVote, checkQuorum, leaseReads, maxUncommittedChars]);
  }

  get conforming(): number {
    const figures = [...this.#conformances.values()].map((it) => it.figures.conforming);
    return figures.reduce((sum, count) => sum + count, 0);
  }

  get actionsExercised(): readonly string[] {
    const all = [...this.#conformances.values()].flatMap((it) => it.figures.actionsExercised);
    return [...new Set(all)].sort();
  }

  started(place: Place, config: KernelConfig, host: Host): void {
    this.#seen = null;
    if (sizeOf(host, 0) > MAX_ENTRIES) {
      this.skipped++;
      return;
    }
    const up = viewFrom(config.id, host, 0);
    const before = { kind: "down", id: config.id, durable: up.durable } as const;
    const after = { ...up, state: recover(config, up.durable).state };
    this.#conforms({ config, input: { kind: "restart" }, before, after, sent: [] }, place);
  }

  stepped(whole: Transition): void {
    const transition = framed(whole);
    const { place, config, event, before, after, effects, sent } = transition;
    const window = this.#windowOf(transition);
    const isLeader = before.state.role.kind === "leader";
    const most = isLeader ? MAX_ENTRIES_OF_LEADER : MAX_ENTRIES;
    const isLong = sizeOf(before, window) + sizeOf(after, window) > most;
    // The specification knows the members only.
    if (isLong || (event.kind === "message" && !this.#members.has(event.message.from))) {
      this.skipped++;
      return;
    }
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
    const input: LocalInput = event.kind === "persisted" ? { kind: "flush" } : event;
    this.#conforms({ config, input, before: from, after: to, sent }, place);
  }

  #conforms(move: Parameters<Conformance["check"]>[0], place: Place): void {
    const fault = this.#conformances.get(StepCheck.settingsOf(move.config))?.check(move) ?? null;
    if (fault !== null) fail(CONFORMANCE, faultLines(fault).join("\n"), place, move.input);
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
