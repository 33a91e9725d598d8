/**
 * Actions to loops. With the next state unassigned, an action enumerates its successors: its
 * conjuncts are taken from left to right, `x' = e` and `x' \in S` assign, `\/` and `\E` branch,
 * as TLC does (Specifying Systems §14.2.6). Once all variables are assigned, what is left is only
 * true or false. Initial predicates work alike, on unprimed variables.
 */
import { compileIndexed, compileRecursiveAction } from "./applied-actions.ts";
import { assign, compileAny, type Generator, generators } from "./binders.ts";
import { asSet, compile, compileAll } from "./compile.ts";
import { type Context, type Probe, placed, truth } from "./context.ts";
import type { Act, Evaluate, Frame, Machine } from "./machine.ts";
import { type Apply, applyInPlace, checkArity, compileLet, forgetting, resolve } from "./names.ts";
import type { Meaning, Scope } from "./scope.ts";
import type { Expression, Quantifier } from "./syntax.ts";
import { equal, LazyFunction, type SetValue, subsets, type Value } from "./values/index.ts";

/** Where an action's continuation goes on. */
type Continue = Act;

/** The closure that finds every way to satisfy `e` and goes on with `then` in each. */
export function compileAction(e: Expression, c: Context, then: Continue): Act {
  if (c.probe !== undefined) return compileProbed(e, c, c.probe, then);
  const act = compileForm(e, c, then);
  if (!c.traced) return act;
  return (frame) => {
    try {
      return act(frame);
    } catch (error) {
      throw placed(error, e.at);
    }
  };
}

/** As `compileAction`, noting `e` where no way to satisfy it was found. */
function compileProbed(e: Expression, c: Context, probe: Probe, then: Continue): Act {
  let isSatisfied = false;
  const act = compileForm(e, c, (frame) => {
    isSatisfied = true;
    probe.passed += 1;
    const stopped = then(frame);
    probe.passed -= 1;
    return stopped;
  });
  return (frame) => {
    isSatisfied = false;
    const stopped = act(frame);
    if (!isSatisfied) probe.note(e);
    isSatisfied = true;
    return stopped;
  };
}

function compileForm(e: Expression, c: Context, then: Continue): Act {
  switch (e.kind) {
    case "and":
      return e.operands.reduceRight<Continue>(
        (rest, conjunct) => compileAction(conjunct, c, rest),
        then,
      );
    case "or":
      return branch(e.operands, e, c, then);
    case "exists":
      return unlessAssigned(e, c, then, compileExists(e, c, then));
    case "forall":
      return unlessAssigned(e, c, then, compileForall(e, c, then));
    case "if": {
      const condition = compile(e.condition, c);
      const yes = compileAction(e.then, c, then);
      const no = compileAction(e.else, c, then);
      return (frame) => (truth(condition(frame), "the condition of IF") ? yes(frame) : no(frame));
    }
    case "case":
      return compileCase(e, c, then);
    case "let":
      return compileLet(e, c, (body, inside) => compileAction(body, inside, then));
    case "apply":
      return compileApplied(e, c, then);
    case "index": {
      const act = compileIndexed(e, c, then);
      return act === null ? compileTest(e, c, then) : unlessAssigned(e, c, then, act);
    }
    case "unchanged":
      return compileUnchanged(e.operand, c, then);
    case "square-action":
      return branch([e.action, { kind: "unchanged", operand: e.subscript, at: e.at }], e, c, then);
    case "angle-action": {
      const unchanged = compile({ kind: "unchanged", operand: e.subscript, at: e.at }, c);
      return compileAction(e.action, c, (frame) => !unchanged(frame) && then(frame));
    }
    default:
      return compileTest(e, c, then);
  }
}

/** A condition: go on if it is true. */
function compileTest(e: Expression, c: Context, then: Continue): Act {
  const test = compile(e, c);
  return (frame) => truth(test(frame), "a conjunct of an action") && then(frame);
}

/** Branching only where something is still to be assigned: `e` is what branches. */
function unlessAssigned(e: Expression, c: Context, then: Continue, act: Act): Act {
  const { machine } = c;
  const test = compileTest(e, c, then);
  return (frame) => (machine.unassigned === 0 ? test(frame) : act(frame));
}

function branch(
  alternatives: readonly Expression[],
  e: Expression,
  c: Context,
  then: Continue,
): Act {
  const acts = alternatives.map((each) => compileAction(each, c, then));
  return unlessAssigned(e, c, then, (frame) => {
    for (let i = 0; i < acts.length; i++) {
      if ((acts[i] as Act)(frame)) return true;
    }
    return false;
  });
}

function compileExists(e: Quantifier, c: Context, then: Continue): Act {
  const { inside, all } = generators(e.bounds, c);
  const body = compileAction(e.body, inside, then);
  const [only] = all as [Generator];
  if (all.length === 1) return compileAny(only, "\\E", body);
  const descend = (sets: readonly SetValue[], level: number, frame: Frame): boolean =>
    (sets[level] as SetValue).forEachUntil((value) => {
      assign(all[level] as Generator, value, frame);
      return level + 1 === all.length ? body(frame) : descend(sets, level + 1, frame);
    });
  return (frame) =>
    descend(
      all.map(({ set }) => asSet(set(frame), "\\E")),
      0,
      frame,
    );
}

/** `\A`: the conjunction of its body for every element, each free to assign. */
function compileForall(e: Quantifier, c: Context, then: Continue): Act {
  const { inside, all } = generators(e.bounds, c);
  const todo = c.routine.allocate();
  const goOn: Continue = (frame) => {
    const list = frame[todo] as List | null;
    if (list === null) return then(frame);
    // A frame for each element: a body goes on branching after those of later elements ran.
    const own = frame.slice();
    for (const [i, value] of list.values.entries()) assign(all[i] as Generator, value, own);
    own[todo] = list.rest;
    return body(own);
  };
  const body = compileAction(e.body, inside, goOn);
  return (frame) => {
    const own = frame.slice();
    own[todo] = combinations(all.map(({ set }) => asSet(set(frame), "\\A").elements()));
    return goOn(own);
  };
}

/** What a `\A` has still to satisfy. */
interface List {
  readonly values: readonly Value[];
  readonly rest: List | null;
}

function combinations(sets: readonly (readonly Value[])[]): List | null {
  let tuples: Value[][] = [[]];
  for (const set of sets) tuples = tuples.flatMap((t) => set.map((value) => [...t, value]));
  // TLC takes the first, then the others from the last to the second.
  const [first, ...others] = tuples;
  const ordered = first === undefined ? [] : [...others, first];
  return ordered.reduce<List | null>((rest, values) => ({ values, rest }), null);
}

function compileCase(e: Extract<Expression, { kind: "case" }>, c: Context, then: Continue): Act {
  const guards = compileAll(
    e.arms.map(({ guard }) => guard),
    c,
  );
  const acts = e.arms.map(({ value }) => compileAction(value, c, then));
  // Without OTHER, evaluating the whole tells the error.
  const other = e.other === null ? compileTest(e, c, then) : compileAction(e.other, c, then);
  return (frame) => {
    for (let i = 0; i < guards.length; i++) {
      if (truth((guards[i] as Evaluate)(frame), "a guard of CASE")) return (acts[i] as Act)(frame);
    }
    return other(frame);
  };
}

function compileApplied(e: Apply, c: Context, then: Continue): Act {
  const meaning = resolve(e, c.scope, c.primed);
  if (meaning !== undefined) {
    const inPlace = actionInPlace(meaning, e, c, then);
    return inPlace ?? compileTest(e, c, then);
  }
  const [left, right] = e.arguments as [Expression, Expression];
  if (e.name === "=>") {
    const test = compile(left, c);
    const act = compileAction(right, c, then);
    return (frame) => (truth(test(frame), "the left side of =>") ? act(frame) : then(frame));
  }
  const variable = ["=", "\\in", "\\subseteq"].includes(e.name) ? assigned(left, c) : null;
  if (variable === null) return compileTest(e, c, then);
  const value = compile(right, c);
  if (e.name === "=") return assignOne(variable, value, c, then);
  const isSubset = e.name === "\\subseteq";
  const test = compileTest(e, c, then);
  return assignAny(variable, c, then, test, (frame) => {
    const set = asSet(value(frame), e.name);
    return isSubset ? subsets(set) : set;
  });
}

/** An operator that stands for an action; null where it only has a value. */
function actionInPlace(meaning: Meaning, e: Apply, c: Context, then: Continue): Act | null {
  const given = e.arguments.map((expression) => ({ expression, scope: c.scope }));
  switch (meaning.kind) {
    case "lazy":
      return compileAction(meaning.expression, { ...c, scope: meaning.scope }, then);
    case "definition": {
      const { name, parameters, body, scope, isRecursive } = meaning.definition;
      if (isRecursive) {
        const act = compileRecursiveAction(meaning.definition, given, c, e.at, then);
        return unlessAssigned(e, c, then, act);
      }
      checkArity(name, parameters.length, given.length, e.at);
      const { inside, memos } = applyInPlace(parameters, body, scope, given, c);
      return forgetting(memos, compileAction(body, inside, then));
    }
    case "alias": {
      const { expression: operator, scope } = meaning;
      if (operator.kind === "lambda") {
        const parameters = operator.parameters.map((name) => ({ name, arity: 0 }));
        checkArity("the LAMBDA", parameters.length, given.length, e.at);
        const { inside, memos } = applyInPlace(parameters, operator.body, scope, given, c);
        return forgetting(memos, compileAction(operator.body, inside, then));
      }
      if (operator.kind !== "apply" || operator.arguments.length > 0) return null;
      const named = resolve(operator, scope, c.primed);
      return named === undefined ? null : actionInPlace(named, { ...e, at: e.at }, c, then);
    }
    default:
      return null;
  }
}

/** The variable that `left = ...` assigns: `x'`, or `x` in an initial predicate; else null. */
function assigned(left: Expression, c: Context): number | null {
  if (c.initial) return variableOf(left, c.scope);
  return primedVariable(left, c.scope);
}

/** The variable whose prime an expression is or is another name for, or null. */
function primedVariable(e: Expression, scope: Scope): number | null {
  if (e.kind === "prime") return variableOf(e.operand, scope);
  if (e.kind !== "apply" || e.arguments.length > 0) return null;
  const meaning = resolve(e, scope);
  if (meaning?.kind === "lazy") return primedVariable(meaning.expression, meaning.scope);
  if (meaning?.kind !== "definition" || meaning.definition.parameters.length > 0) return null;
  return primedVariable(meaning.definition.body, meaning.definition.scope);
}

/** The variable that an expression is another name for, or null. */
export function variableOf(e: Expression, scope: Scope): number | null {
  if (e.kind !== "apply" || e.arguments.length > 0) return null;
  const meaning = resolve(e, scope);
  if (meaning?.kind === "variable") return meaning.index;
  if (meaning?.kind === "lazy") return variableOf(meaning.expression, meaning.scope);
  if (meaning?.kind !== "definition" || meaning.definition.parameters.length > 0) return null;
  return variableOf(meaning.definition.body, meaning.definition.scope);
}

/** The values being assigned: those of the next state, or of an initial one. */
function target(machine: Machine, initial: boolean): (Value | undefined)[] {
  return initial ? machine.current : machine.next;
}

function assignOne(variable: number, value: Evaluate, c: Context, then: Continue): Act {
  const { machine, initial } = c;
  return (frame) => {
    const made = value(frame);
    const values = target(machine, initial);
    const known = values[variable];
    if (known !== undefined) return equal(known, made) && then(frame);
    values[variable] = made instanceof LazyFunction ? made.finite() : made;
    machine.unassigned -= 1;
    const stopped = then(frame);
    values[variable] = undefined;
    machine.unassigned += 1;
    return stopped;
  };
}

function assignAny(
  variable: number,
  c: Context,
  then: Continue,
  test: Act,
  setOf: (frame: Frame) => SetValue,
): Act {
  const { machine, initial } = c;
  return (frame) => {
    const values = target(machine, initial);
    if (values[variable] !== undefined) return test(frame);
    const set = setOf(frame);
    machine.unassigned -= 1;
    const stopped = set.forEachUntil((value) => {
      values[variable] = value;
      return then(frame);
    });
    values[variable] = undefined;
    machine.unassigned += 1;
    return stopped;
  };
}

/** `UNCHANGED e`: assigns every variable that `e` is made of. */
function compileUnchanged(e: Expression, c: Context, then: Continue): Act {
  const variables = variablesOf(e, c.scope);
  if (variables !== null) return keepAll([...new Set(variables)], c, then);
  if (e.kind === "tuple") {
    return e.elements.reduceRight<Continue>((rest, each) => compileUnchanged(each, c, rest), then);
  }
  if (e.kind === "apply" && e.arguments.length === 0) {
    const meaning = resolve(e, c.scope);
    if (meaning?.kind === "lazy") {
      return compileUnchanged(meaning.expression, { ...c, scope: meaning.scope }, then);
    }
    if (meaning?.kind === "definition") {
      const { body, scope } = meaning.definition;
      return compileUnchanged(body, { ...c, scope }, then);
    }
  }
  return compileTest({ kind: "unchanged", operand: e, at: e.at }, c, then);
}

/** The variables that `e` is a tuple of, or a name for; null where it is more than that. */
function variablesOf(e: Expression, scope: Scope): readonly number[] | null {
  const variable = variableOf(e, scope);
  if (variable !== null) return [variable];
  if (e.kind === "tuple") {
    const parts = e.elements.map((element) => variablesOf(element, scope));
    return parts.every((part) => part !== null) ? parts.flat() : null;
  }
  if (e.kind !== "apply" || e.arguments.length > 0) return null;
  const meaning = resolve(e, scope);
  if (meaning?.kind === "lazy") return variablesOf(meaning.expression, meaning.scope);
  if (meaning?.kind !== "definition" || meaning.definition.parameters.length > 0) return null;
  return variablesOf(meaning.definition.body, meaning.definition.scope);
}

/** The next value of each variable is its current one. */
function keepAll(variables: readonly number[], c: Context, then: Continue): Act {
  const { machine } = c;
  // Where each variable is kept by itself, as one that is assigned already needs.
  const oneByOne = variables.reduceRight<Continue>(
    (rest, i) => assignOne(i, () => machine.current[i] as Value, c, rest),
    then,
  );
  return (frame) => {
    const { current, next } = machine;
    for (let i = 0; i < variables.length; i++) {
      if (next[variables[i] as number] !== undefined) return oneByOne(frame);
    }
    for (let i = 0; i < variables.length; i++) {
      next[variables[i] as number] = current[variables[i] as number];
    }
    machine.unassigned -= variables.length;
    const stopped = then(frame);
    for (let i = 0; i < variables.length; i++) next[variables[i] as number] = undefined;
    machine.unassigned += variables.length;
    return stopped;
  };
}

/** `ENABLED A`: whether A has a successor. */
export function compileEnabled(e: Extract<Expression, { kind: "enabled" }>, c: Context): Evaluate {
  const { machine } = c;
  const act = compileAction(e.operand, { ...c, primed: false }, () => true);
  return (frame) => {
    const { next, unassigned } = machine;
    machine.clearNext();
    try {
      return act(frame);
    } finally {
      machine.next = next;
      machine.unassigned = unassigned;
    }
  };
}
