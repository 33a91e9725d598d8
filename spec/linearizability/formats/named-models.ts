/** The models by name, and how each reads its operations from events and writes them for people. */
import { type Data, sameData } from "../data.ts";
import { type Model, type Operation, type Unknown, unknown } from "../model.ts";
import { casRegister, keyValue, lock, queue, register } from "../models.ts";
import { type Call, type Fault, isFault } from "./events.ts";

/** What a call asked, and what it answered: null where it answers nothing but that it is done. */
interface Reading<Input> {
  readonly input: Input;
  readonly output: Data | Unknown;
}

/** A model that can be asked for by name. */
export interface NamedModel<State, Input> {
  readonly model: Model<State, Input, Data>;
  /** Its operations: name, value and answer, for help texts. */
  readonly about: string;
  readonly read: (call: Call) => Reading<Input> | Fault;
  readonly showState: (state: State) => string;
}

type Key = { readonly key?: string };

function keyOf({ invoke }: Call): Key {
  return invoke.key === undefined ? {} : { key: invoke.key };
}

function show(value: Data): string {
  return JSON.stringify(value);
}

/** The value of an invocation; a completion may give it again, and nothing else. */
function argument({ invoke, ok }: Call): { readonly value: NonNullable<Data> } | Fault {
  const { line, f, value } = invoke;
  if (value === undefined || value === null) return { line, fault: `${f} needs a value` };
  const echo = ok?.value ?? null;
  if (ok === null || echo === null || sameData(echo, value)) return { value };
  return { line: ok.line, fault: `${f} ${show(value)} completes with the value ${show(echo)}` };
}

/** What a call that asks for a value was given; nothing where it did not complete. */
function answer({ invoke, ok }: Call): { readonly output: Data | Unknown } | Fault {
  if (ok === null) return { output: unknown };
  if (ok.value !== undefined) return { output: ok.value };
  return { line: ok.line, fault: `${invoke.f} completes without its value` };
}

/** Whether a call succeeded: true unless it says otherwise; it may give its value again. */
function success({ invoke, ok }: Call): { readonly output: boolean | Unknown } | Fault {
  if (ok === null) return { output: unknown };
  const value = ok.value ?? true;
  if (typeof value === "boolean") return { output: value };
  if (sameData(value, invoke.value)) return { output: true };
  return { line: ok.line, fault: `${invoke.f} completes with ${show(value)}, not true or false` };
}

function notOneOf(names: string, { invoke: { line, f } }: Call): Fault {
  return { line, fault: `expected "f" to be one of ${names}, found ${show(f)}` };
}

function readRegister(call: Call, names: string): ReturnType<typeof registerNamed.read> {
  const key = keyOf(call);
  if (call.invoke.f === "read") {
    const answered = answer(call);
    return isFault(answered) ? answered : { input: { kind: "read", ...key }, ...answered };
  }
  if (call.invoke.f !== "write") return notOneOf(names, call);
  const given = argument(call);
  return isFault(given) ? given : { input: { kind: "write", ...given, ...key }, output: null };
}

const registerNamed: NamedModel<Data, Parameters<typeof register.step>[1]> = {
  model: register,
  about: "read (answers the value, null before any write), write VALUE",
  read: (call) => readRegister(call, "read, write"),
  showState: show,
};

const casRegisterNamed: NamedModel<Data, Parameters<typeof casRegister.step>[1]> = {
  model: casRegister,
  about: "as register, and cas [FROM, TO] (answers true, or false for another value)",
  read: (call) => {
    const { line, f, value } = call.invoke;
    if (f !== "cas") return readRegister(call, "read, write, cas");
    if (!Array.isArray(value) || value.length !== 2) {
      return { line, fault: "cas needs a pair of values, from and to" };
    }
    const answered = success(call);
    if (isFault(answered)) return answered;
    const [from, to] = value as [Data, Data];
    return { input: { kind: "cas", from, to, ...keyOf(call) }, ...answered };
  },
  showState: show,
};

type KeyValueNamed = NamedModel<
  Parameters<typeof keyValue.step>[0],
  Parameters<typeof keyValue.step>[1]
>;

const keyValueNamed: KeyValueNamed = {
  model: keyValue,
  about: 'get (answers the value, null or "" for none), put VALUE, append TEXT; each with a key',
  read: (call) => {
    const { line, f, key } = call.invoke;
    if (key === undefined) return { line, fault: `${f} needs a key` };
    if (f === "get") {
      const answered = answer(call);
      if (isFault(answered)) return answered;
      return { input: { kind: f, key }, output: answered.output ?? "" };
    }
    if (f !== "put" && f !== "append") return notOneOf("get, put, append", call);
    const given = argument(call);
    if (isFault(given)) return given;
    if (f === "put") return { input: { kind: f, key, ...given }, output: null };
    const { value } = given;
    if (typeof value !== "string")
      return { line, fault: `append needs a text, not ${show(value)}` };
    return { input: { kind: f, key, value }, output: null };
  },
  showState: ({ value }) => (value === undefined ? "any text" : show(value)),
};

const queueNamed: NamedModel<readonly Data[], Parameters<typeof queue.step>[1]> = {
  model: queue,
  about: "enqueue VALUE, dequeue (answers what it took, null where there was nothing)",
  read: (call) => {
    const key = keyOf(call);
    if (call.invoke.f === "dequeue") {
      const answered = answer(call);
      return isFault(answered) ? answered : { input: { kind: "dequeue", ...key }, ...answered };
    }
    if (call.invoke.f !== "enqueue") return notOneOf("enqueue, dequeue", call);
    const given = argument(call);
    return isFault(given) ? given : { input: { kind: "enqueue", ...given, ...key }, output: null };
  },
  showState: show,
};

const lockNamed: NamedModel<string | null, Parameters<typeof lock.step>[1]> = {
  model: lock,
  about: "acquire, release (answer true or false); the owner is the process",
  read: (call) => {
    const { f, process: owner } = call.invoke;
    if (f !== "acquire" && f !== "release") return notOneOf("acquire, release", call);
    const answered = success(call);
    if (isFault(answered)) return answered;
    return { input: { kind: f, owner, ...keyOf(call) }, ...answered };
  },
  showState: (holder) => (holder === null ? "free" : `held by ${holder}`),
};

/** A model whose types only its own functions know: what `read` gives, `model` takes. */
function erased<State, Input>(named: NamedModel<State, Input>): NamedModel<unknown, unknown> {
  return named as unknown as NamedModel<unknown, unknown>;
}

/** All models, by name. */
export const namedModels: ReadonlyMap<string, NamedModel<unknown, unknown>> = new Map(
  [
    erased(registerNamed),
    erased(casRegisterNamed),
    erased(keyValueNamed),
    erased(queueNamed),
    erased(lockNamed),
  ].map((it) => [it.model.name, it]),
);

/** An operation of a history that was read: its times are the lines of its events. */
export interface ReadOperation<Input> extends Operation<Input, Data> {
  readonly call: Call;
}

/** The operations of a history as a model reads them. */
export function operationsOf<State, Input>(
  { read }: NamedModel<State, Input>,
  calls: readonly Call[],
): readonly ReadOperation<Input>[] | Fault {
  const operations: ReadOperation<Input>[] = [];
  for (const call of calls) {
    const reading = read(call);
    if (isFault(reading)) return reading;
    const { invoke, ok } = call;
    const response: ReadOperation<Input>["response"] =
      ok === null ? null : { at: ok.line, output: reading.output };
    const { input } = reading;
    operations.push({ process: invoke.process, input, invoked: invoke.line, response, call });
  }
  return operations;
}
