/**
 * Operators that cannot be applied in place, because they call themselves or are called from
 * outside: each runs on a frame of its own. An argument is evaluated before the call where the
 * body surely needs it, else when first used: TLA+ has no order of evaluation.
 */
import { dependenceOfDefinition, partsOf } from "./analysis.ts";
import { compileArgument, compileMeaning } from "./apply.ts";
import { compile } from "./compile.ts";
import { type Context, frameAt, outward } from "./context.ts";
import { type Evaluate, type Frame, Routine } from "./machine.ts";
import { type Argument, resolve } from "./names.ts";
import type { Definition, Meaning } from "./scope.ts";
import { type Expression, type Parameter, type Span, TlaError } from "./syntax.ts";
import type { Value } from "./values/index.ts";

/** An argument that was not evaluated yet. */
export class Thunk {
  private evaluate: Evaluate | null;
  private frame: Frame | null;
  private value: Value | undefined;

  constructor(evaluate: Evaluate, frame: Frame) {
    this.evaluate = evaluate;
    this.frame = frame;
  }

  force(): Value {
    if (this.evaluate !== null) {
      this.value = this.evaluate(this.frame as Frame);
      this.evaluate = null;
      this.frame = null;
    }
    return this.value as Value;
  }
}

interface Callable {
  readonly parent: Routine;
  readonly routine: Routine;
  readonly slots: readonly number[];
  readonly isStrict: readonly boolean[];
  readonly primed: boolean;
  body: Evaluate | null;
}

const callables = new WeakMap<Context["linker"], Map<string, Map<Definition, Callable[]>>>();

function callablesOf(definition: Definition, c: Context): Callable[] {
  let modes = callables.get(c.linker);
  if (modes === undefined) {
    modes = new Map();
    callables.set(c.linker, modes);
  }
  const mode = `${c.traced} ${c.initial}`;
  let known = modes.get(mode);
  if (known === undefined) {
    known = new Map();
    modes.set(mode, known);
  }
  let list = known.get(definition);
  if (list === undefined) {
    list = [];
    known.set(definition, list);
  }
  return list;
}

/** A call of an operator that was declared RECURSIVE. */
export function callRecursive(
  definition: Definition,
  given: readonly Argument[],
  c: Context,
): Evaluate {
  const callable = callableOf(definition, c);
  const hops = outward(c.routine, callable.parent);
  const { routine, slots, isStrict } = callable;
  const closures = given.map((argument, i) => {
    const parameter = definition.parameters[i] as Parameter;
    if (parameter.arity > 0) return operatorValue(argument, c, argument.expression.at);
    return compileArgument(argument, c);
  });
  return (frame) => {
    const inner = routine.frame(hops === 0 ? frame : frameAt(frame, hops));
    for (let i = 0; i < closures.length; i++) {
      const closure = closures[i] as Evaluate;
      inner[slots[i] as number] = isStrict[i] === true ? closure(frame) : new Thunk(closure, frame);
    }
    return (callable.body as Evaluate)(inner);
  };
}

/** The operator's code for calls from `c`: compiled once for all calls that can share it. */
function callableOf(definition: Definition, c: Context): Callable {
  const list = callablesOf(definition, c);
  for (const callable of list) {
    if (callable.primed !== c.primed) continue;
    for (let at: Routine | null = c.routine; at !== null; at = at.parent) {
      if (at === callable.parent) return callable;
    }
  }
  const { parameters, body, scope, name } = definition;
  const routine = new Routine(c.routine);
  const slots = parameters.map(() => routine.allocate());
  const isStrict = parameters.map(
    (parameter) => parameter.arity > 0 || isNeeded(parameter.name, body, name),
  );
  const callable: Callable = {
    parent: c.routine,
    routine,
    slots,
    isStrict,
    primed: c.primed,
    body: null,
  };
  list.push(callable);
  const names = parameters.map((parameter, i): readonly [string, Meaning] => [
    parameter.name,
    parameterMeaning(parameter, routine, slots[i] as number, isStrict[i] === true),
  ]);
  callable.body = compile(body, { ...c, routine, scope: scope.with(names) });
  return callable;
}

function parameterMeaning(
  { arity }: Parameter,
  routine: Routine,
  slot: number,
  isStrict: boolean,
): Meaning {
  if (arity > 0) return { kind: "local-operator", routine, slot };
  return { kind: isStrict ? "local" : "local-thunk", routine, slot };
}

/** The value of a parameter that may still have to be evaluated. */
export function force(value: unknown): Value {
  return value instanceof Thunk ? value.force() : (value as Value);
}

/** Forms whose parts are all evaluated. */
const STRICT: ReadonlySet<Expression["kind"]> = new Set([
  "set",
  "tuple",
  "record",
  "product",
  "function-set",
  "record-set",
  "field",
  "index",
]);

/** Whether evaluating `e`, the body of `self`, always evaluates `name`. */
function isNeeded(name: string, e: Expression, self: string): boolean {
  const needs = (part: Expression): boolean => isNeeded(name, part, self);
  switch (e.kind) {
    case "apply": {
      if (e.name === name) return true;
      const isSymbol = !/^\w/.test(e.name) && !/^(=>|~)$/.test(e.name);
      return (e.name === self || isSymbol) && e.arguments.some(needs);
    }
    case "and":
    case "or":
      return needs(e.operands[0] as Expression);
    case "if":
      return needs(e.condition) || (needs(e.then) && needs(e.else));
    case "case":
      return needs((e.arms[0] as (typeof e.arms)[0]).guard);
    case "let":
      return needs(e.body);
    case "except":
      return needs(e.function);
    default:
      if (STRICT.has(e.kind)) return partsOf(e).some(({ expression }) => needs(expression));
      // Of a binder, the sets are evaluated, the body perhaps never.
      return partsOf(e).some(
        ({ expression, bound }) => bound.length === 0 && hasSet(e) && needs(expression),
      );
  }
}

function hasSet(e: Expression): boolean {
  return ["forall", "exists", "choose", "set-filter", "set-map", "function"].includes(e.kind);
}

/** Forms that go through a set. */
const LOOPS: ReadonlySet<Expression["kind"]> = new Set([
  "forall",
  "exists",
  "choose",
  "set-filter",
  "set-map",
  "function",
]);

/** Operators that make a set. */
const MAKES_SETS: ReadonlySet<string> = new Set(["\\cup", "\\cap", "\\"]);

/** From this cost on, remembering is cheaper than evaluating again. */
const WORTH_REMEMBERING = 14;

/**
 * A call whose value is remembered with its argument, or null where that does not pay: of an
 * operator of one argument that goes through a set and reads nothing else. States share most of
 * their values, so `IsLog(log[s])` and its like are found again and again.
 */
export function callRemembering(
  definition: Definition,
  given: readonly Argument[],
  c: Context,
): Evaluate | null {
  const { parameters, body, name } = definition;
  const [parameter] = parameters;
  if (parameter === undefined || parameters.length > 1 || parameter.arity > 0) return null;
  if (c.traced || costOf(body) < WORTH_REMEMBERING) return null;
  if (dependenceOfDefinition(definition) !== 0 || !isNeeded(parameter.name, body, name))
    return null;
  const argument = compileArgument(given[0] as Argument, c);
  const remember = rememberedBy(definition, parameter, c);
  // The states of a level are much alike: mostly, it is the value of last time.
  let last: Value | undefined;
  let result: Value | undefined;
  return (frame) => {
    const value = argument(frame);
    if (value !== last) {
      result = remember(value);
      last = value;
    }
    return result as Value;
  };
}

const memories = new WeakMap<Definition, (value: Value) => Value>();

/** The operator's value for an argument, shared by all of its calls. */
function rememberedBy(
  definition: Definition,
  parameter: Parameter,
  c: Context,
): (value: Value) => Value {
  const before = memories.get(definition);
  if (before !== undefined) return before;
  const { body, scope } = definition;
  const routine = new Routine(null);
  const slot = routine.allocate();
  const inside = scope.with([[parameter.name, { kind: "local", routine, slot }]]);
  const run = compile(body, { ...c, routine, scope: inside, primed: false, initial: false });
  const remembered = new WeakMap<object, Value>();
  const remember = (value: Value): Value => {
    const known = typeof value === "object" ? remembered.get(value) : undefined;
    if (known !== undefined) return known;
    const inner = routine.frame(null);
    inner[slot] = value;
    const result = run(inner);
    if (typeof value === "object") remembered.set(value, result);
    return result;
  };
  memories.set(definition, remember);
  return remember;
}

/** About how many parts are evaluated; what goes through a set counts for more. */
function costOf(e: Expression): number {
  const isMaking = e.kind === "apply" && MAKES_SETS.has(e.name);
  const own = LOOPS.has(e.kind) ? WORTH_REMEMBERING : isMaking ? 10 : 1;
  return partsOf(e).reduce((sum, { expression }) => sum + costOf(expression), own);
}

/** A closure whose value is a JavaScript function of values: an operator as an argument. */
export function operatorValue(argument: Argument, c: Context, at: Span): Evaluate {
  const { expression, scope } = argument;
  if (expression.kind === "apply" && expression.arguments.length === 0) {
    const meaning = resolve(expression, scope, c.primed);
    if (meaning?.kind === "alias") return operatorValue(meaning, c, at);
    if (meaning?.kind === "standard") return () => meaning.operator.apply as unknown as Value;
    const arity = meaning?.kind === "definition" ? meaning.definition.parameters.length : 0;
    if (meaning?.kind === "local-operator") {
      const hops = outward(c.routine, meaning.routine);
      return (frame) => frameAt(frame, hops)[meaning.slot] as Value;
    }
    if (meaning === undefined || arity === 0) {
      throw new TlaError(`an operator with parameters is expected, not ${expression.name}`, at);
    }
    return asFunction(arity, c, (given, inside) =>
      compileMeaning(meaning, expression.name, given, inside, at),
    );
  }
  if (expression.kind !== "lambda") {
    throw new TlaError("an operator is expected: a name or a LAMBDA", expression.at);
  }
  return asFunction(expression.parameters.length, c, (given, inside) =>
    compileMeaning({ kind: "alias", expression, scope }, "LAMBDA", given, inside, at),
  );
}

function asFunction(
  arity: number,
  c: Context,
  compileBody: (given: readonly Argument[], inside: Context) => Evaluate,
): Evaluate {
  const routine = new Routine(c.routine);
  const slots = Array.from({ length: arity }, () => routine.allocate());
  // Names that no module can use.
  const names = slots.map((slot) => ` ${slot}`);
  const scope = c.scope.with(
    names.map((name, i) => [name, { kind: "local", routine, slot: slots[i] as number }] as const),
  );
  const at = { file: "", line: 0, column: 0, endLine: 0, endColumn: 0 };
  const given = names.map((name) => ({
    expression: { kind: "apply", instance: [], name, arguments: [], at } as const,
    scope,
  }));
  const body = compileBody(given, { ...c, routine });
  return (frame) => {
    const apply = (...values: Value[]): Value => {
      const inner = routine.frame(frame);
      for (let i = 0; i < arity; i++) inner[slots[i] as number] = values[i];
      return body(inner);
    };
    return apply as unknown as Value;
  };
}
