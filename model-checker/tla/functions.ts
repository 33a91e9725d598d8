/** Functions, records and sequences: application, fields and EXCEPT. Specifying Systems §16.1. */
import { asArgument } from "./binders.ts";
import { compile, compileAll, evaluateAll } from "./compile.ts";
import { bind, type Context } from "./context.ts";
import type { Evaluate, Frame } from "./machine.ts";
import type { ExceptUpdate, Expression, Selector } from "./syntax.ts";
import {
  EnumeratedFunction,
  EvaluationError,
  FiniteFunction,
  FunctionValue,
  kindOf,
  RecordValue,
  show,
  tlaString,
  type Value,
} from "./values/index.ts";

function asFunction(value: Value, what: string): FunctionValue {
  if (value instanceof FunctionValue) return value;
  throw new EvaluationError(`${what} needs a function, not the ${kindOf(value)} ${show(value)}`);
}

export function compileIndex(e: Extract<Expression, { kind: "index" }>, c: Context): Evaluate {
  const applied = compile(e.function, c);
  const closures = compileAll(e.arguments, c);
  const [only] = closures as [Evaluate];
  if (closures.length === 1) return applyOne(applied, only);
  return (frame) =>
    asFunction(applied(frame), "f[x, y]").apply(asArgument(evaluateAll(closures, frame)));
}

function applyOne(applied: Evaluate, only: Evaluate): Evaluate {
  // At one place, it is mostly the same argument of functions on one domain: that of last time.
  let keys: readonly Value[] | null = null;
  let last: Value | undefined;
  let position = -1;
  return (frame) => {
    const f = applied(frame);
    const argument = only(frame);
    if (!(f instanceof FiniteFunction)) return asFunction(f, "f[x]").apply(argument);
    if (argument !== last || f.keys !== keys) {
      const index = f.indexOf(argument);
      if (index === -1) return f.apply(argument);
      position = index;
      last = argument;
      keys = f.keys;
    }
    return f.values[position] as Value;
  };
}

export function compileField(e: Extract<Expression, { kind: "field" }>, c: Context): Evaluate {
  const record = compile(e.record, c);
  const name = tlaString(e.name);
  // Records met at one place mostly have one shape: remember where it has the field.
  let names: readonly unknown[] | null = null;
  let position = -1;
  return (frame) => {
    const value = record(frame);
    if (!(value instanceof RecordValue)) return asFunction(value, `.${e.name}`).apply(name);
    if (value.names !== names) {
      const index = value.names.indexOf(name);
      if (index === -1) return value.apply(name);
      position = index;
      names = value.names;
    }
    return value.values[position] as Value;
  };
}

/** `[f EXCEPT !path = value, ...]`: one update after the other. */
export function compileExcept(e: Extract<Expression, { kind: "except" }>, c: Context): Evaluate {
  const start = compile(e.function, c);
  const updates = e.updates.map((update) => compileUpdate(update, c));
  const [only] = updates as [(typeof updates)[0]];
  if (updates.length === 1) return (frame) => only(start(frame), frame);
  return (frame) => {
    let value = start(frame);
    for (const update of updates) value = update(value, frame);
    return value;
  };
}

function compileUpdate(
  { path, value }: ExceptUpdate,
  c: Context,
): (target: Value, frame: Frame) => Value {
  const { inside, slots } = bind(c, ["@"]);
  const at = slots[0] as number;
  const compiled = compile(value, inside);
  const keys = path.map((selector) => compileSelector(selector, c));
  const descend = (target: Value, level: number, frame: Frame): Value => {
    if (level === keys.length) {
      frame[at] = target;
      return compiled(frame);
    }
    const applied = asFunction(target, "EXCEPT");
    const key = (keys[level] as Evaluate)(frame);
    if (applied instanceof EnumeratedFunction) {
      const index = applied.indexOf(key);
      if (index < 0) return applied;
      const old = applied.values[index] as Value;
      return applied.exceptAt(index, descend(old, level + 1, frame));
    }
    if (!applied.domain().has(key)) return applied;
    return applied.except(key, descend(applied.apply(key), level + 1, frame));
  };
  return (target, frame) => descend(target, 0, frame);
}

function compileSelector(selector: Selector, c: Context): Evaluate {
  if (selector.kind === "field") {
    const name = tlaString(selector.name);
    return () => name;
  }
  const closures = compileAll(selector.arguments, c);
  if (closures.length === 1) return closures[0] as Evaluate;
  return (frame) => asArgument(evaluateAll(closures, frame));
}
