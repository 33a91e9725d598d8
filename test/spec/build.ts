/** What properties look at, made by hand: also what a correct kernel never does. */
import {
  type Event,
  initialDurable,
  type KernelConfig,
  kernelConfig,
  type Message,
  type SendEffect,
  type State,
  step,
} from "../../kernel/index.ts";
import type { KernelStep, ServerView } from "../../spec/index.ts";
import { arrival, cluster } from "../kernel/build.ts";

/** The step that the kernel takes. */
export function stepOf(
  before: State,
  event: Event,
  options: Partial<KernelConfig> = {},
): KernelStep {
  const config = kernelConfig("n1", options);
  const { state, effects } = step(config, before, event);
  return { config, before, event, after: state, effects };
}

/** The step by which n1 receives a message. */
export function receiptOf(
  before: State,
  message: Message,
  options: Partial<KernelConfig> = {},
): KernelStep {
  return stepOf(before, arrival(message), options);
}

/** A step as no kernel should take it: the real one, with some of its outcome replaced. */
export function spoilt(
  step: KernelStep,
  after: Partial<State>,
  effects = step.effects,
): KernelStep {
  return { ...step, after: { ...step.after, ...after }, effects };
}

/** A step that nothing but `after` says anything about. */
export function quietly(before: State, after: Partial<State>): KernelStep {
  const event: Event = { kind: "minimum-election-timeout" };
  const config = kernelConfig("n1");
  return { config, before, event, after: { ...before, ...after }, effects: [] };
}

/** A message on its way. */
export function sending(message: Message, early = false): SendEffect {
  return { kind: "send", message, early };
}

/** n1 as properties see it, with everything that it has stored unless told otherwise. */
export function viewOf(state: State | null, durable = {}, options = {}): ServerView {
  const config = kernelConfig("n1", options);
  return { id: "n1", config, state, durable: { ...initialDurable(cluster(3)), ...durable } };
}
