/** What `tla/Raft.tla` lets one server do while all others are down. */
import { fileURLToPath } from "node:url";
import { initialDurable, type Message, noConfiguration } from "../../../kernel/index.ts";
import { type Bounds, commandAt, serverNames } from "../../../model-checker/bounds.ts";
import type { Process } from "../../../model-checker/process.ts";
import { parseConfig } from "../../../model-checker/tla/config.ts";
import { readModules } from "../../../model-checker/tla/load.ts";
import { loadModel, type TlaModel, type TlaState } from "../../../model-checker/tla/model.ts";
import { valueOfPlain } from "../../../model-checker/tla/plain.ts";
import {
  asSet,
  emptySet,
  FunctionValue,
  finiteSet,
  functionFromPairs,
  hashHigh,
  hashLow,
  tlaString,
  tuple,
  type Value,
} from "../../../model-checker/tla/values/index.ts";
import { type AbstractServer, abstractMessage, abstractServer } from "../../../spec/index.ts";
import { SERVER } from "./reached.ts";

/** A step of the one server: the values of its variables after it, and what it sent. */
export interface LocalStep {
  readonly action: string;
  readonly after: readonly Value[];
  readonly sent: readonly Value[];
}

const SPECIFICATION = fileURLToPath(new URL("../../../tla/Raft.tla", import.meta.url));

/** Equal values have equal keys. */
export function keyOf(...values: readonly Value[]): string {
  const value = tuple(values);
  return `${hashLow(value)}:${hashHigh(value)}`;
}

/** Reads the specification for a cluster of these bounds. */
export async function loadSpecification(bounds: Bounds): Promise<LocalSpecification> {
  const set = (names: readonly string[]): string =>
    `{${names.map((name) => JSON.stringify(name)).join(", ")}}`;
  const commands = Array.from({ length: bounds.proposals }, (_, n) => commandAt(bounds, n));
  const config = `
    INIT Init
    NEXT Next
    CONSTANTS
      Server = ${set(serverNames(bounds))}
      Value = ${set(commands)}
      Nil = Nil
      Voters = ${set(serverNames(bounds))}
      OutgoingVoters = {}
      Learners = {}
      Targets = {}
      Requests = {}
      Query = {}
      ClocksBounded = TRUE
      LeaseReads = FALSE
      PreVoteEnabled = ${bounds.preVote ? "TRUE" : "FALSE"}
      CheckQuorumEnabled = ${bounds.checkQuorum ? "TRUE" : "FALSE"}`;
  const { root, find } = await readModules(SPECIFICATION);
  return new LocalSpecification(loadModel(root, find, parseConfig("gaps.cfg", config)), bounds);
}

/** See `loadSpecification`. */
export class LocalSpecification {
  /** The variables that are functions on Server. */
  readonly variables: readonly string[];
  private readonly model: TlaModel;
  private readonly servers: readonly string[];
  private readonly elsewhere: AbstractServer;
  private readonly messages = new Map<Message, Value>();

  constructor(model: TlaModel, bounds: Bounds) {
    this.model = model;
    this.servers = serverNames(bounds);
    const durable = initialDurable(noConfiguration);
    this.elsewhere = abstractServer({ id: "", state: null, durable, stream: [] }, this.servers);
    this.variables = model.variables.filter((name) => name in this.elsewhere);
  }

  /** The values of the server's variables. */
  valuesOf(process: Process): readonly Value[] {
    const view = process.kind === "up" ? process : { ...process, state: null, stream: [] };
    const server = abstractServer(view, this.servers);
    return this.variables.map((name) => valueOfPlain(server[name as keyof AbstractServer]));
  }

  /** A message as the specification has it. */
  valueOf(message: Message): Value {
    const value = this.messages.get(message) ?? valueOfPlain(abstractMessage(message));
    this.messages.set(message, value);
    return value;
  }

  /** All variables where the server is so and no message was sent. */
  stateOf(server: readonly Value[]): TlaState {
    return this.model.variables.map((name) => {
      const at = this.variables.indexOf(name);
      if (at === -1) return name === "committed" ? tuple([]) : emptySet;
      const other = valueOfPlain(this.elsewhere[name as keyof AbstractServer]);
      const values = this.servers.map((id) => (id === SERVER ? (server[at] as Value) : other));
      return functionFromPairs(this.servers.map(tlaString), values);
    });
  }

  /**
   * Every step that the server can take by itself, or with the message that arrives.
   * @throws TlaError where the text says nothing of that message in that state.
   */
  steps(state: TlaState, arrived: Message | null): readonly LocalStep[] {
    const message = arrived === null ? [] : [this.valueOf(arrived)];
    const messagesAt = this.model.variables.indexOf("messages");
    const before = state.with(messagesAt, finiteSet(message));
    const wasSent = message.map((value) => keyOf(value));
    const unchanged = this.localKey(before);
    const found: LocalStep[] = [];
    for (const { name: action, successors } of this.model.actions) {
      if ((arrived !== null) !== isHandler(action)) continue;
      successors(before, (after) => {
        const sent = asSet(after[messagesAt] as Value, "messages")
          .elements()
          .filter((value) => !wasSent.includes(keyOf(value)));
        const isStutter = sent.length === 0 && this.localKey(after) === unchanged;
        if (!isStutter) found.push({ action, after: this.partsOf(after), sent });
        return false;
      });
    }
    return found;
  }

  private partsOf(state: TlaState): readonly Value[] {
    return this.variables.map((name) => {
      const value = state[this.model.variables.indexOf(name)];
      if (!(value instanceof FunctionValue)) throw new Error(`${name} is no function`);
      return value.apply(tlaString(SERVER));
    });
  }

  private localKey(state: TlaState): string {
    return keyOf(...this.partsOf(state));
  }
}

function isHandler(action: string): boolean {
  return action.startsWith("Handle") || action === "DropStaleMessage";
}
