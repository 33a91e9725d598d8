/**
 * Every kernel transition is a step of `tla/Raft.tla`: the action that its event names, then sends
 * that the specification permits, ending in exactly the state and the messages that the kernel
 * produced; or a stutter, where nothing that the specification knows of changes and no action for
 * that input is enabled. Checked by evaluating that text, in process.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  type Configuration,
  initialDurable,
  type KernelConfig,
  type Message,
  noConfiguration,
  type ServerId,
} from "../kernel/index.ts";
import { type AbstractServer, abstractMessage, abstractServer } from "../spec/index.ts";
import { type Bounds, foundingConfiguration, kernelConfigOf, serverNames } from "./bounds.ts";
import {
  actionsFor,
  afterSend,
  argumentsOf,
  beforeSends,
  demandedFor,
  isPermittedSend,
  permissionOf,
  SPEC_ACTIONS,
} from "./conformance-actions.ts";
import type { Conformance, ConformanceFault, ConformanceFigures } from "./conformance-contract.ts";
import type { Move, Process } from "./process.ts";
import { type ConfigValue, emptyConfig, type ModelConfig } from "./tla/config.ts";
import { readModules } from "./tla/load.ts";
import { type Linked, link } from "./tla/model.ts";
import { NIL, valueOfPlain } from "./tla/plain.ts";
import { type PartialState, StepChecker } from "./tla/step.ts";
import type { Expression } from "./tla/syntax.ts";
import {
  emptySet,
  equal,
  FunctionValue,
  finiteSet,
  functionFromPairs,
  show,
  tlaString,
  tuple,
  type Value,
} from "./tla/values/index.ts";

/** The variables that no server knows: left open, for they follow from the others. */
const HISTORY = ["leaders", "committed", "reads", "bound"];

/** The variables of `tla/Raft.tla` that are no functions on Server, with nothing in them. */
const GLOBAL: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["messages", emptySet],
  ["leaders", emptySet],
  ["committed", tuple([])],
  ["reads", emptySet],
  ["bound", emptySet],
]);

/** Where the specification is: beside this folder, in the sources and in the package. */
function specificationFile(): string {
  const found = ["../tla/Raft.tla", "../../tla/Raft.tla"]
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error("tla/Raft.tla is missing from this installation");
  return found;
}

/** The conformance check for clusters of these bounds. Reads the specification's text. */
export async function loadConformance(bounds: Bounds): Promise<Conformance> {
  const [name = "n1"] = serverNames(bounds);
  return loadConformanceOf(
    serverNames(bounds),
    foundingConfiguration(bounds),
    kernelConfigOf(bounds, name),
  );
}

/** What conformance must know of the kernel's configuration: the same for every server. */
type Settings = Pick<
  KernelConfig,
  "preVote" | "checkQuorum" | "leaseReads" | "maxUncommittedChars"
>;

/**
 * The conformance check for a cluster of `servers` founded with `founding`.
 * @throws TlaError where the specification's text is not as it should be.
 */
export async function loadConformanceOf(
  servers: readonly ServerId[],
  founding: Configuration,
  kernel: Settings,
): Promise<Conformance> {
  const file = specificationFile();
  const { root, find } = await readModules(file);
  return new SpecificationConformance(
    link(root, find, constantsOf(servers, founding, kernel)),
    servers,
    kernel.maxUncommittedChars,
    readFileSync(file, "utf8"),
  );
}

function constantsOf(
  servers: readonly ServerId[],
  founding: Configuration,
  { preVote, checkQuorum, leaseReads }: Settings,
): ModelConfig {
  const names = (ids: readonly ServerId[]): ConfigValue => ({
    kind: "set",
    elements: ids.map((value) => ({ kind: "string", value })),
  });
  const values: Readonly<Record<string, ConfigValue>> = {
    Server: names(servers),
    Value: { kind: "set", elements: [] },
    Targets: { kind: "set", elements: [] },
    Requests: { kind: "set", elements: [] },
    Query: { kind: "set", elements: [] },
    Nil: { kind: "model-value", name: NIL.name },
    Voters: names(founding.voters),
    OutgoingVoters: names(founding.outgoingVoters),
    Learners: names(founding.learners),
    PreVoteEnabled: { kind: "boolean", value: preVote },
    CheckQuorumEnabled: { kind: "boolean", value: checkQuorum },
    LeaseReads: { kind: "boolean", value: leaseReads },
    ClocksBounded: { kind: "boolean", value: true },
  };
  const at = { file: "conformance", line: 0, column: 0, endLine: 0, endColumn: 0 };
  const constants = Object.entries(values).map(([name, value]) => ({
    name,
    value,
    module: null,
    at,
  }));
  return { ...emptyConfig(), constants };
}

/** Checks moves one by one, and counts. */
class SpecificationConformance implements Conformance {
  private readonly checker: StepChecker;
  /** The text of the specification, to quote. */
  private readonly text: string;
  private readonly servers: readonly ServerId[];
  private readonly maxUncommittedChars: number;
  private readonly states = new WeakMap<Process, readonly Value[]>();
  private readonly messages = new WeakMap<Message, Value>();
  private readonly messagesAt: number;
  private readonly historyAt: readonly number[];
  /** All variables where every server is down: to what happens to one, others do not matter. */
  private readonly elsewhere: readonly Value[];
  private readonly exercised = new Set<string>();
  private transitions = 0;
  private conforming = 0;
  private stutters = 0;

  constructor(
    linked: Linked,
    servers: readonly ServerId[],
    maxUncommittedChars: number,
    text: string,
  ) {
    this.text = text;
    this.maxUncommittedChars = maxUncommittedChars;
    this.checker = new StepChecker(linked);
    this.servers = servers;
    const { variables } = this.checker;
    this.messagesAt = variables.indexOf("messages");
    this.historyAt = HISTORY.map((name) => variables.indexOf(name));
    const durable = initialDurable(noConfiguration);
    const server = abstractServer({ id: "", state: null, durable, stream: [] }, servers);
    const names = servers.map(tlaString);
    this.elsewhere = variables.map((name) => {
      const nothing = GLOBAL.get(name);
      if (nothing !== undefined) return nothing;
      const value = valueOfPlain(server[name as keyof AbstractServer]);
      return functionFromPairs(
        names,
        names.map(() => value),
      );
    });
  }

  /** Checks one move; null where it conforms. */
  check(move: Move): ConformanceFault | null {
    this.transitions += 1;
    const fault = this.faultOf(move);
    if (fault === null) this.conforming += 1;
    return fault;
  }

  get figures(): ConformanceFigures {
    const { transitions, conforming, stutters, exercised } = this;
    return {
      transitions,
      conforming,
      stutters,
      actionsExercised: SPEC_ACTIONS.filter((name) => exercised.has(name)),
      actionsNeverExercised: SPEC_ACTIONS.filter((name) => !exercised.has(name)),
    };
  }

  private faultOf(move: Move): ConformanceFault | null {
    const { input, before, sent } = move;
    const arrived = input.kind === "message" ? [this.messageValue(input.message)] : [];
    const prescribed = sent.filter((message) => !isPermittedSend(message));
    const from = this.stateOf(before, finiteSet(arrived));
    const sentValues = prescribed.map((message) => this.messageValue(message));
    const after = beforeSends(move);
    const to = this.stateOf(after, finiteSet([...arrived, ...sentValues]));
    const given = argumentsOf(input, before.id);
    const actions = actionsFor(input);
    const taken = actions.find((action) => this.checker.isStep(action, given, from, this.open(to)));
    if (taken !== undefined) this.exercised.add(taken);
    else if (isSame(from, to) && !this.mustAct(move, given, from)) this.stutters += 1;
    else {
      const isLate = input.kind === "message" && isStale(input.message, before);
      const tried = (isLate ? actions[0] : actions.at(-1)) ?? "stutter";
      const part =
        actions.length === 0 ? null : this.checker.firstFalse(tried, given, from, this.open(to));
      return this.explain(move, tried, part, from, to);
    }
    return this.faultOfSends(move, after, sent);
  }

  /**
   * Whether the specification has something for this input to do here: then a kernel that does
   * nothing ignores what it must not.
   */
  private mustAct(move: Move, given: readonly Value[], from: readonly Value[]): boolean {
    const anything = from.map(() => undefined);
    const demanded = demandedFor(move, this.maxUncommittedChars);
    return demanded.some((action) => this.checker.isStep(action, given, from, anything));
  }

  /** The sends that are permitted, each a step of its own from the state after the event. */
  private faultOfSends(
    move: Move,
    process: Process,
    sent: readonly Message[],
  ): ConformanceFault | null {
    let current = process;
    for (const message of sent) {
      const permission = permissionOf(message);
      if (permission === null) continue;
      const { action, part: tried, given } = permission;
      const next = afterSend(current, message, move);
      const before = this.stateOf(current, emptySet);
      const to = this.stateOf(next, finiteSet([this.messageValue(message)]));
      if (!this.checker.isStep(tried, given, before, this.open(to))) {
        const part = this.checker.firstFalse(tried, given, before, this.open(to));
        return this.explain(move, action, part, before, to);
      }
      this.exercised.add(action);
      current = next;
    }
    return null;
  }

  private messageValue(message: Message): Value {
    let value = this.messages.get(message);
    if (value === undefined) {
      value = valueOfPlain(abstractMessage(message));
      this.messages.set(message, value);
    }
    return value;
  }

  /** The values of all variables where `process` is as it is and `messages` were sent. */
  private stateOf(process: Process, messages: Value): readonly Value[] {
    let state = this.states.get(process);
    if (state === undefined) {
      const view = process.kind === "up" ? process : { ...process, state: null, stream: [] };
      const server = abstractServer(view, this.servers);
      const id = tlaString(process.id);
      state = this.checker.variables.map((name, i) => {
        const elsewhere = this.elsewhere[i] as Value;
        if (GLOBAL.has(name) || !(elsewhere instanceof FunctionValue)) return elsewhere;
        return elsewhere.except(id, valueOfPlain(server[name as keyof AbstractServer]));
      });
      this.states.set(process, state);
    }
    return state.with(this.messagesAt, messages);
  }

  /** A state as the next one: the history is what the action makes of it. */
  private open(state: readonly Value[]): PartialState {
    const next: (Value | undefined)[] = state.slice();
    for (const position of this.historyAt) next[position] = undefined;
    return next;
  }

  private explain(
    { input, before, sent }: Move,
    action: string,
    part: Expression | null,
    from: readonly Value[],
    to: readonly Value[],
  ): ConformanceFault {
    const { variables } = this.checker;
    const server = tlaString(before.id);
    const abstraction = variables.flatMap((name, i) => {
      const [old, now] = [from[i], to[i]];
      if (!(old instanceof FunctionValue) || !(now instanceof FunctionValue)) return [];
      if (GLOBAL.has(name)) return [];
      const [was, is] = [show(old.apply(server)), show(now.apply(server))];
      return [was === is ? `${name} = ${was}` : `${name}: ${was} -> ${is}`];
    });
    return {
      action,
      event:
        input.kind === "message"
          ? `${before.id} receives ${show(this.messageValue(input.message))}`
          : `${before.id}: ${input.kind}`,
      falsePart: part === null ? null : this.quoted(part),
      abstraction,
      sent: sent.map((message) => show(this.messageValue(message))),
    };
  }

  /** A part of the specification, as it is written, and its place. */
  private quoted({ at }: Expression): string {
    const lines = this.text.split("\n").slice(at.line - 1, at.endLine);
    const last = lines.pop() ?? "";
    const part = [...lines, last.slice(0, at.endColumn)].join(" ").slice(at.column - 1);
    return `${part.replace(/\s+/g, " ").trim()} (tla/Raft.tla:${at.line}:${at.column})`;
  }
}

/** Whether a message is of an earlier term than the server that it reaches. */
function isStale(message: Message, process: Process): boolean {
  return process.kind === "up" && message.term < process.state.currentTerm;
}

/** Whether a stutter: nothing that the specification knows of changed, and nothing was sent. */
function isSame(from: readonly Value[], to: readonly Value[]): boolean {
  return from.every((value, i) => equal(value, to[i] as Value));
}
