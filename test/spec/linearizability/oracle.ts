/** The definition of linearizability, word by word: some order of the operations does it all. */
import {
  type History,
  type Model,
  type Operation,
  unknown,
} from "../../../spec/linearizability/index.ts";

/**
 * Whether some order of the operations with a response, and of any of those without, respects
 * real time and the model. Tries every order, on all objects together; nothing is remembered.
 */
export function isLinearizable<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
): boolean {
  return extend(model, history, new Map());
}

function extend<State, Input, Output>(
  model: Model<State, Input, Output>,
  left: History<Input, Output>,
  states: ReadonlyMap<string | undefined, State>,
): boolean {
  if (left.every(({ response }) => response === null)) return true;
  return left.some((next) => {
    const others = left.filter((it) => it !== next);
    if (others.some((it) => precedes(it, next))) return false;
    const name = model.partition?.(next.input);
    const state = states.has(name) ? (states.get(name) as State) : model.initial;
    const output = next.response === null ? unknown : next.response.output;
    return model
      .step(state, next.input, output)
      .some((after) => extend(model, others, new Map(states).set(name, after)));
  });
}

function precedes<Input, Output>(
  a: Operation<Input, Output>,
  b: Operation<Input, Output>,
): boolean {
  return a.response !== null && a.response.at < b.invoked;
}

/** Why `order` does not explain `history`, or null: for what a check gives as an explanation. */
export function faultOfOrder<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: History<Input, Output>,
  order: History<Input, Output>,
): string | null {
  if (new Set(order).size !== order.length) return "an operation twice";
  if (order.some((it) => !history.includes(it))) return "an operation of another history";
  const missing = history.find((it) => it.response !== null && !order.includes(it));
  if (missing !== undefined) return `without ${JSON.stringify(missing)}`;
  for (const [at, it] of order.entries()) {
    const late = order.slice(at + 1).find((later) => precedes(later, it));
    if (late !== undefined) return `${JSON.stringify(it)} before ${JSON.stringify(late)}`;
  }
  let states: readonly State[] = [model.initial];
  for (const { input, response } of order) {
    const output = response === null ? unknown : response.output;
    states = states.flatMap((state) => model.step(state, input, output));
  }
  return states.length === 0 ? "the model does not allow it" : null;
}
