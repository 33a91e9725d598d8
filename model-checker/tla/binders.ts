/** Forms that bind names: quantifiers, CHOOSE, set and function constructors. */
import { boundNames, namesOf, usesOf } from "./analysis.ts";
import { asSet, compile } from "./compile.ts";
import { bind, type Context, inScope, refuse, truth } from "./context.ts";
import { type Act, type Evaluate, type Frame, Routine, snapshot } from "./machine.ts";
import type { Bound, Expression, Pattern, Quantifier } from "./syntax.ts";
import {
  EvaluationError,
  FiniteSet,
  filtered,
  finiteSet,
  functionOver,
  LazyFunction,
  product,
  type SetValue,
  show,
  sortedSet,
  Tuple,
  tuple,
  type Value,
} from "./values/index.ts";

/** One set to go through, and the slots that its elements are put into. */
export interface Generator {
  readonly set: Evaluate;
  readonly slots: readonly number[];
  /** Whether elements are taken apart. */
  readonly isTuple: boolean;
}

/** The generators of bounds, sets first: they do not see the names that are bound beside them. */
export function generators(
  bounds: readonly Bound[],
  c: Context,
): { readonly inside: Context; readonly all: readonly Generator[] } {
  const { inside, slots } = bind(c, boundNames(bounds));
  let next = 0;
  const all = bounds.flatMap((bound) => {
    const set = compile(bound.set, c);
    return bound.patterns.map((pattern): Generator => {
      const taken = slots.slice(next, next + namesOf(pattern).length);
      next += taken.length;
      return { set, slots: taken, isTuple: pattern.kind === "tuple" };
    });
  });
  return { inside, all };
}

/** Puts an element into the slots of its generator. */
export function assign({ slots, isTuple }: Generator, value: Value, frame: Frame): void {
  if (!isTuple) {
    frame[slots[0] as number] = value;
    return;
  }
  if (!(value instanceof Tuple) || value.elements.length !== slots.length) {
    throw new EvaluationError(
      `<<...>> ranges over a set that should hold ${slots.length}-tuples, not ${show(value)}`,
    );
  }
  for (let i = 0; i < slots.length; i++) frame[slots[i] as number] = value.elements[i];
}

/** Whether `visit` says true for some element of the generator's set, in order. */
export function compileAny(generator: Generator, what: string, visit: Act): Act {
  const slot = generator.slots[0] as number;
  return (frame) => {
    const set = asSet(generator.set(frame), what);
    if (generator.isTuple || !(set instanceof FiniteSet)) {
      return set.forEachUntil((value) => {
        assign(generator, value, frame);
        return visit(frame);
      });
    }
    // By far the most frequent, and spared a closure for each time.
    const { items } = set;
    for (let i = 0; i < items.length; i++) {
      frame[slot] = items[i];
      if (visit(frame)) return true;
    }
    return false;
  };
}

/** Whether `visit` says true for some combination; the combinations in order, the last fastest. */
function anyCombination(
  all: readonly Generator[],
  frame: Frame,
  visit: (frame: Frame) => boolean,
): boolean {
  const sets = all.map(({ set }) => asSet(set(frame), "a bound"));
  const descend = (level: number): boolean => {
    const generator = all[level];
    if (generator === undefined) return visit(frame);
    return (sets[level] as SetValue).forEachUntil((value) => {
      assign(generator, value, frame);
      return descend(level + 1);
    });
  };
  return descend(0);
}

export function compileQuantifier(e: Quantifier, c: Context): Evaluate {
  const { inside, all } = generators(e.bounds, c);
  const body = compile(e.body, inside);
  const wanted = e.kind === "exists";
  const what = `the body of ${wanted ? "\\E" : "\\A"}`;
  const [only] = all as [Generator];
  if (all.length === 1) {
    const isFound = compileAny(only, "a bound", (frame) => truth(body(frame), what) === wanted);
    return wanted ? isFound : (frame) => !isFound(frame);
  }
  return (frame) => anyCombination(all, frame, (f) => truth(body(f), what) === wanted) === wanted;
}

function generatorOf(pattern: Pattern, set: Expression, c: Context) {
  const { inside, all } = generators([{ patterns: [pattern], set, at: set.at }], c);
  return { inside, generator: all[0] as Generator };
}

export function compileChoose(e: Extract<Expression, { kind: "choose" }>, c: Context): Evaluate {
  if (e.set === null) return refuse("CHOOSE without a set to choose from", e.at);
  const { inside, generator } = generatorOf(e.pattern, e.set, c);
  const body = compile(e.body, inside);
  return (frame) => {
    let chosen: Value | undefined;
    asSet(generator.set(frame), "CHOOSE").forEachUntil((value) => {
      assign(generator, value, frame);
      if (!truth(body(frame), "the body of CHOOSE")) return false;
      chosen = value;
      return true;
    });
    if (chosen !== undefined) return chosen;
    throw new EvaluationError("CHOOSE found no element that satisfies its body");
  };
}

/** `{ x \in S : P }`: of a set without end, only membership is asked. */
export function compileFilter(
  e: Extract<Expression, { kind: "set-filter" }>,
  c: Context,
): Evaluate {
  const { inside, generator } = generatorOf(e.pattern, e.set, c);
  const condition = compile(e.condition, inside);
  const what = "the condition of a set";
  return (frame) => {
    const base = asSet(generator.set(frame), "{x \\in S : P}");
    if (!base.isFinite()) {
      const own = snapshot(frame);
      return filtered(base, (value) => {
        assign(generator, value, own);
        return truth(condition(own), what);
      });
    }
    const kept: Value[] = [];
    for (const value of base.elements()) {
      assign(generator, value, frame);
      if (truth(condition(frame), what)) kept.push(value);
    }
    return sortedSet(kept);
  };
}

export function compileMap(e: Extract<Expression, { kind: "set-map" }>, c: Context): Evaluate {
  const { inside, all } = generators(e.bounds, c);
  const value = compile(e.value, inside);
  return (frame) => {
    const values: Value[] = [];
    anyCombination(all, frame, (f) => {
      values.push(value(f));
      return false;
    });
    return finiteSet(values);
  };
}

/** `[x \in S |-> e]`; of several bounds, the domain is their product. */
export function compileFunction(
  e: Extract<Expression, { kind: "function" }>,
  c: Context,
): Evaluate {
  const isRecursive = e.self !== undefined && usesOf(e.self, e.value) > 0;
  const sets = e.bounds.flatMap(({ patterns, set }) => {
    const compiled = compile(set, c);
    return patterns.map(() => compiled);
  });
  const domainOf = (frame: Frame): SetValue => {
    if (sets.length === 1) return asSet((sets[0] as Evaluate)(frame), "[x \\in S |-> e]");
    return product(sets.map((set) => asSet(set(frame), "[x \\in S |-> e]")));
  };
  const lazily = compileLazily(e, c);
  if (isRecursive) return (frame) => lazily(domainOf(frame), frame);
  const { inside, all } = generators(e.bounds, c);
  const body = compile(e.value, inside);
  return (frame) => {
    const domain = domainOf(frame);
    if (!domain.isFinite()) return lazily(domain, frame);
    const keys = domain.elements();
    const values = new Array<Value>(keys.length);
    for (let i = 0; i < keys.length; i++) {
      spread(all, keys[i] as Value, frame);
      values[i] = body(frame);
    }
    return functionOver(domain, values);
  };
}

/** Puts an argument into the slots of the bounds: a tuple where there are several. */
export function spread(all: readonly Generator[], argument: Value, frame: Frame): void {
  if (all.length === 1) return assign(all[0] as Generator, argument, frame);
  const { elements } = argument as Tuple;
  for (let i = 0; i < all.length; i++) assign(all[i] as Generator, elements[i] as Value, frame);
}

/** A function whose values are found when asked for: of an endless domain, or recursive. */
function compileLazily(
  e: Extract<Expression, { kind: "function" }>,
  c: Context,
): (domain: SetValue, frame: Frame) => Value {
  const routine = new Routine(c.routine);
  const self = routine.allocate();
  const scope =
    e.self === undefined
      ? c.scope
      : c.scope.with([[e.self, { kind: "local", routine, slot: self }]]);
  const { inside, all } = generators(e.bounds, { ...inScope(c, scope), routine });
  let body: Evaluate | null = null;
  return (domain, frame) => {
    body ??= compile(e.value, inside);
    const run = body;
    const outer = snapshot(frame);
    const made: LazyFunction = new LazyFunction(domain, (argument) => {
      const inner = routine.frame(outer);
      inner[self] = made;
      spread(all, argument, inner);
      return run(inner);
    });
    return made;
  };
}

/** The single value that an index of several arguments stands for. */
export function asArgument(values: readonly Value[]): Value {
  return values.length === 1 ? (values[0] as Value) : tuple([...values]);
}
