/** Random histories: of objects that do what they should, and of anything at all. */
import fc from "fast-check";
import {
  type CasRegisterInput,
  casRegister,
  type Data,
  type History,
  type KeyValueInput,
  keyValue,
  type LockInput,
  lock,
  type Model,
  type Operation,
  type QueueInput,
  queue,
  type RegisterInput,
  register,
  type Unknown,
  unknown,
} from "../../../spec/linearizability/index.ts";

/** A model, and what to ask of it and to hear from it. */
export interface Sample<State, Input> {
  readonly model: Model<State, Input, Data>;
  readonly inputs: fc.Arbitrary<Input>;
  readonly outputs: fc.Arbitrary<Data>;
}

const values = fc.constantFrom(1, 2, 3);
const keys = fc.constantFrom("x", "y");

const registers: Sample<Data, RegisterInput> = {
  model: register,
  inputs: fc.oneof(
    fc.record({ kind: fc.constant("read" as const), key: keys }),
    fc.record({ kind: fc.constant("write" as const), key: keys, value: values }),
  ),
  outputs: fc.option(values),
};

const casRegisters: Sample<Data, CasRegisterInput> = {
  model: casRegister,
  inputs: fc.oneof(
    fc.record({ kind: fc.constant("read" as const) }),
    fc.record({ kind: fc.constant("write" as const), value: values }),
    fc.record({ kind: fc.constant("cas" as const), from: values, to: values }),
  ),
  outputs: fc.oneof(fc.boolean(), fc.option(values)),
};

const texts = fc.constantFrom("a", "b", "ab");
const keyValues: Sample<Parameters<typeof keyValue.step>[0], KeyValueInput> = {
  model: keyValue,
  inputs: fc.oneof(
    fc.record({ kind: fc.constant("get" as const), key: keys }),
    fc.record({ kind: fc.constant("put" as const), key: keys, value: texts }),
    fc.record({ kind: fc.constant("append" as const), key: keys, value: texts }),
  ),
  outputs: fc.constantFrom("", "a", "b", "ab", "ba", "aab"),
};

const queues: Sample<readonly Data[], QueueInput> = {
  model: queue,
  inputs: fc.oneof(
    fc.record({ kind: fc.constant("enqueue" as const), value: values }),
    fc.record({ kind: fc.constant("dequeue" as const) }),
  ),
  outputs: fc.option(values),
};

const locks: Sample<string | null, LockInput> = {
  model: lock,
  inputs: fc.record({
    kind: fc.constantFrom("acquire" as const, "release" as const),
    owner: fc.constantFrom("p", "q"),
  }),
  outputs: fc.boolean(),
};

/** A model with a choice: a coin that is thrown, and may be looked at. */
interface CoinInput {
  readonly kind: "throw" | "look";
}
const coins: Sample<string, CoinInput> = {
  model: {
    name: "coin",
    initial: "heads",
    step: (side, { kind }, output) => {
      if (kind === "throw") return ["heads", "tails"];
      return output === unknown || output === side ? [side] : [];
    },
  },
  inputs: fc.record({ kind: fc.constantFrom("throw" as const, "look" as const) }),
  outputs: fc.constantFrom("heads", "tails"),
};

/** What a test does with a sample, whatever its types are. */
export type ForAnySample = <State, Input>(sample: Sample<State, Input>) => void;

/** Every sample by the name of its model. */
export const samples: readonly (readonly [string, (test: ForAnySample) => void])[] = [
  ["register", (test) => test(registers)],
  ["cas-register", (test) => test(casRegisters)],
  ["key-value", (test) => test(keyValues)],
  ["queue", (test) => test(queues)],
  ["lock", (test) => test(locks)],
  ["coin", (test) => test(coins)],
];

/** Any history of at most `most` operations: responses are drawn, times overlap and coincide. */
export function anyHistory<Input>(
  { inputs, outputs }: Pick<Sample<unknown, Input>, "inputs" | "outputs">,
  most: number,
): fc.Arbitrary<History<Input, Data>> {
  const response = fc.record({
    after: fc.nat({ max: 6 }),
    output: fc.oneof({ weight: 5, arbitrary: outputs }, fc.constant<Unknown>(unknown)),
  });
  const operation = fc
    .record({
      process: fc.constantFrom("p", "q", "r"),
      input: inputs,
      invoked: fc.nat({ max: 12 }),
      end: fc.option(response, { freq: 4 }),
    })
    .map(({ process, input, invoked, end }): Operation<Input, Data> => {
      const response: Operation<Input, Data>["response"] =
        end === null ? null : { at: invoked + end.after, output: end.output };
      return { process, input, invoked, response };
    });
  return fc.array(operation, { maxLength: most, size: "max" });
}

/** One operation of an object that does it at a moment of its interval, or never. */
interface Plan<Input> {
  readonly input: Input;
  readonly invoked: number;
  /** From the invocation to the effect, and from there to the response. */
  readonly before: number;
  readonly after: number;
  /** How it ends, and, without response, whether it takes effect. */
  readonly end: "response" | "output unknown" | "lost after effect" | "never";
  /** Which of the states that the model allows. */
  readonly choice: number;
}

/** A history that an object produced which does each operation at one moment of its interval. */
export function atomicHistory<State, Input>(
  sample: Sample<State, Input>,
  most: number,
): fc.Arbitrary<History<Input, Data>> {
  const plan = fc.record({
    input: sample.inputs,
    invoked: fc.nat({ max: 30 }),
    before: fc.nat({ max: 10 }),
    after: fc.nat({ max: 10 }),
    end: fc.oneof(
      { weight: 8, arbitrary: fc.constant("response" as const) },
      fc.constantFrom("output unknown" as const, "lost after effect" as const, "never" as const),
    ),
    choice: fc.nat({ max: 5 }),
  });
  const plans = fc.array(plan, { maxLength: most, size: "max" });
  return plans.chain((chosen) =>
    fc.infiniteStream(sample.outputs).map((drawn) => carriedOut(sample, chosen, drawn)),
  );
}

/** Outputs are found by trying: the model says which are right. */
function carriedOut<State, Input>(
  { model }: Sample<State, Input>,
  plans: readonly Plan<Input>[],
  drawn: Iterator<Data>,
): History<Input, Data> {
  const states = new Map<string | undefined, State>();
  const ordered = plans.toSorted((a, b) => a.invoked + a.before - (b.invoked + b.before));
  return ordered.map(({ input, invoked, before, after, end, choice }, at) => {
    const process = `p${at}`;
    if (end === "never") return { process, input, invoked, response: null };
    const name = model.partition?.(input);
    const state = states.has(name) ? (states.get(name) as State) : model.initial;
    const outputs = [null, true, false, ...Array.from({ length: 30 }, () => drawn.next().value)];
    const possible = [...valuesOf(state), ...outputs].flatMap((output) =>
      model.step(state, input, output).map((next) => [output, next] as const),
    );
    const found = possible[choice % Math.max(1, possible.length)];
    if (found === undefined) return { process, input, invoked, response: null };
    const [output, next] = found;
    states.set(name, next);
    if (end === "lost after effect") return { process, input, invoked, response: null };
    const heard = end === "output unknown" ? unknown : output;
    return { process, input, invoked, response: { at: invoked + before + after, output: heard } };
  });
}

/** What an object in `state` is likely to answer. */
function valuesOf(state: unknown): readonly Data[] {
  if (Array.isArray(state)) return state.slice(0, 1);
  if (typeof state === "object" && state !== null && "value" in state) return [state.value as Data];
  return [state as Data];
}
