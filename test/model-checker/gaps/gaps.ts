/**
 * The reverse of conformance: what the specification lets a server do in a state that the kernel
 * reaches, and the kernel never does there. States that the specification cannot tell apart are
 * one here. The kernel gets every input in every state, whatever the bounds leave of them.
 */
import type { IgnoreReason, Message } from "../../../kernel/index.ts";
import { type Bounds, kernelConfigOf } from "../../../model-checker/bounds.ts";
import { isPermittedSend, PERMITTED_SENDS } from "../../../model-checker/conformance-actions.ts";
import { possibleInputs } from "../../../model-checker/inputs.ts";
import {
  type LocalInput,
  type LocalOutcome,
  type Process,
  stepProcess,
} from "../../../model-checker/process.ts";
import type { TlaState } from "../../../model-checker/tla/model.ts";
import { TlaError } from "../../../model-checker/tla/syntax.ts";
import {
  FunctionValue,
  finiteSet,
  show,
  tlaString,
  type Value,
} from "../../../model-checker/tla/values/index.ts";
import { keyOf, type LocalSpecification, type LocalStep } from "./local-specification.ts";
import type { Reached } from "./reached.ts";

/** Something that the specification permits and the kernel never does. */
export interface Gap {
  readonly bounds: Bounds;
  /** The action of the specification. */
  readonly action: string;
  /** The kernel's states, one to the specification. */
  readonly processes: readonly Process[];
  /** The message that arrives; null where the server acts by itself. */
  readonly arrived: Message | null;
  /** Why the kernel ignores that message, once a state that does. */
  readonly ignored: readonly IgnoreReason[];
  /** Whether it does arrive in that state. */
  readonly isDelivered: boolean;
  /** What the step sends. */
  readonly sent: readonly Value[];
  /** Whether the kernel sends the same in another state, but for the commit index. */
  readonly isSentElsewhere: boolean;
  /** The state, the action and what comes of it, in TLA+. */
  readonly text: string;
}

/** Lets an input happen; a write completes as an input of its own. */
export type Stepper = (process: Process, input: LocalInput, bounds: Bounds) => LocalOutcome;

/** The kernel. */
export const kernel: Stepper = (process, input, bounds) =>
  stepProcess(kernelConfigOf(bounds, process.id), process, input, "asynchronous");

/** All gaps, for what `step` does. */
export function gapsOf(
  reached: Reached,
  specification: LocalSpecification,
  step: Stepper = kernel,
): readonly Gap[] {
  return new Comparison(reached, specification, step).gaps();
}

/** What is one to the specification: the kernel's states. */
interface Group {
  readonly values: readonly Value[];
  readonly processes: Process[];
}

type Steps = readonly LocalStep[];

class Comparison {
  private readonly bounds: Bounds;
  private readonly messages: readonly Message[];
  private readonly specification: LocalSpecification;
  private readonly step: Stepper;
  private readonly groups = new Map<string, Group>();
  /** What the kernel sends of what is permitted at any time: in which state, and at all. */
  private readonly sends = new Set<string>();
  private readonly contents = new Set<string>();
  /** Which message arrives in which state. */
  private readonly deliveries = new Set<string>();

  constructor(reached: Reached, specification: LocalSpecification, step: Stepper) {
    this.bounds = reached.bounds;
    this.messages = reached.messages;
    this.specification = specification;
    this.step = step;
    for (const process of reached.processes) {
      const values = specification.valuesOf(process);
      const group = this.groups.get(keyOf(...values)) ?? { values, processes: [] };
      group.processes.push(process);
      this.groups.set(keyOf(...values), group);
      for (const input of this.inputsOf(process)) this.addSends(process, input);
    }
    for (const [process, message] of reached.deliveries) {
      this.addSends(process, { kind: "message", message });
      this.deliveries.add(this.deliveryKey(specification.valuesOf(process), message));
    }
  }

  gaps(): readonly Gap[] {
    return [...this.groups.values()].flatMap((group) => {
      const state = this.specification.stateOf(group.values);
      return [null, ...this.messages].flatMap((arrived) =>
        this.gapsAmong(this.stepsIn(group, state, arrived), group, arrived),
      );
    });
  }

  private stepsIn({ values }: Group, state: TlaState, arrived: Message | null): Steps {
    try {
      return this.specification.steps(state, arrived);
    } catch (error) {
      // What cannot arrive there need not have a meaning there.
      const isMeant = arrived === null || this.deliveries.has(this.deliveryKey(values, arrived));
      if (isMeant || !(error instanceof TlaError)) throw error;
      return [];
    }
  }

  /** What the process may do by itself, were the bounds wider. */
  private inputsOf(process: Process): readonly LocalInput[] {
    const unbounded = { terms: Number.POSITIVE_INFINITY, crashes: 1, heartbeats: true };
    const possible = possibleInputs(process, { ...this.bounds, ...unbounded }, null);
    return possible.map(({ input }) => input);
  }

  private addSends(process: Process, input: LocalInput): void {
    const outcome = this.step(process, input, this.bounds);
    const values = this.specification.valuesOf(outcome.process);
    for (const message of outcome.sent.filter(isPermittedSend)) {
      const value = this.specification.valueOf(message);
      this.sends.add(keyOf(...values, value));
      this.contents.add(contentKey(value));
    }
  }

  private gapsAmong(permitted: Steps, group: Group, arrived: Message | null): readonly Gap[] {
    if (permitted.length === 0) return [];
    const { values, processes } = group;
    const outcomes = processes.flatMap((process) => {
      const inputs: readonly LocalInput[] =
        arrived === null ? this.inputsOf(process) : [{ kind: "message", message: arrived }];
      return inputs.map((input) => this.step(process, input, this.bounds));
    });
    const done = new Set(outcomes.map((outcome) => this.outcomeKey(outcome)));
    const isDone = ({ action, after, sent }: LocalStep): boolean =>
      PERMITTED_SENDS.includes(action)
        ? this.sends.has(keyOf(...after, ...sent))
        : done.has(keyOf(...after, finiteSet(sent)));
    return permitted
      .filter((step) => !isDone(step))
      .map((step) => ({
        bounds: this.bounds,
        action: step.action,
        processes,
        arrived,
        ignored: arrived === null ? [] : outcomes.flatMap(ignoredIn),
        isDelivered: arrived !== null && this.deliveries.has(this.deliveryKey(values, arrived)),
        sent: step.sent,
        isSentElsewhere: step.sent.some((value) => this.contents.has(contentKey(value))),
        text: this.textOf(values, arrived, step),
      }));
  }

  private deliveryKey(values: readonly Value[], message: Message): string {
    return keyOf(...values, this.specification.valueOf(message));
  }

  /** A step of the kernel but for what it may send at any time. */
  private outcomeKey({ process, sent }: LocalOutcome): string {
    const prescribed = sent.filter((message) => !isPermittedSend(message));
    const messages = prescribed.map((message) => this.specification.valueOf(message));
    return keyOf(...this.specification.valuesOf(process), finiteSet(messages));
  }

  private textOf(
    values: readonly Value[],
    arrived: Message | null,
    { action, after, sent }: LocalStep,
  ): string {
    const { variables } = this.specification;
    const lines = variables.map((name, i) => {
      const [old, now] = [show(values[i] as Value), show(after[i] as Value)];
      return `  ${name} = ${old === now ? old : `${old} -> ${now}`}`;
    });
    const event = arrived === null ? [] : [`  gets ${show(this.specification.valueOf(arrived))}`];
    const messages = sent.map((message) => `  sends ${show(message)}`);
    return [action, ...lines, ...event, ...messages].join("\n");
  }
}

function ignoredIn({ steps }: LocalOutcome): readonly IgnoreReason[] {
  return steps.flatMap(({ effects }) =>
    effects.flatMap((effect) => (effect.kind === "ignored" ? [effect.reason] : [])),
  );
}

/** A message without the commit index in it. */
function contentKey(message: Value): string {
  if (!(message instanceof FunctionValue)) throw new Error("a message is a record");
  const fields = message.domain().elements();
  const kept = fields.filter((field) => field !== tlaString("leaderCommit"));
  return keyOf(...kept.map((field) => message.apply(field)));
}
