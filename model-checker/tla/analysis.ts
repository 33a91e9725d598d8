/**
 * What an expression depends on, found without evaluating it. TLA+ calls it the level of an
 * expression (Specifying Systems §17.2): constant, state or action.
 */
import type { Definition, Scope } from "./scope.ts";
import type { Bound, Expression, Pattern, Unit } from "./syntax.ts";

/** It reads variables. */
export const STATE = 1;
/** It reads primed variables, so it speaks of a pair of states. */
export const ACTION = 2;
/** It reads names that a binder around it, or an operator's parameter, gives a value. */
export const LOCAL = 4;
/** It is more than a value: a temporal formula. */
export const TEMPORAL = 8;

/** Standard operators whose every evaluation counts. */
const IMPURE = new Set(["Print", "PrintT", "TLCGet", "TLCSet", "RandomElement", "JavaTime"]);

/** Whether a standard operator may have another value each time. */
export function isImpure(name: string): boolean {
  return IMPURE.has(name);
}

/** It reads a parameter of the definition that is looked at; of interest only under a prime. */
const PARAMETER = 16;

/** A part of an expression, with the names that are bound in it. */
export interface Part {
  readonly expression: Expression;
  readonly bound: readonly string[];
}

/** The names a pattern binds. */
export function namesOf(pattern: Pattern): readonly string[] {
  return pattern.kind === "tuple" ? pattern.names : [pattern.name];
}

/** The names that some bounds bind. */
export function boundNames(bounds: readonly Bound[]): readonly string[] {
  return bounds.flatMap(({ patterns }) => patterns.flatMap(namesOf));
}

function free(...expressions: readonly Expression[]): Part[] {
  return expressions.map((expression) => ({ expression, bound: [] }));
}

function under(bounds: readonly Bound[], body: Expression): Part[] {
  return [
    ...free(...bounds.map(({ set }) => set)),
    { expression: body, bound: boundNames(bounds) },
  ];
}

/** The direct parts of an expression; those of a LET's definitions are not among them. */
export function partsOf(e: Expression): readonly Part[] {
  switch (e.kind) {
    case "apply":
      return free(...e.instance.flatMap((step) => step.arguments), ...e.arguments);
    case "and":
    case "or":
      return free(...e.operands);
    case "if":
      return free(e.condition, e.then, e.else);
    case "case":
      return free(
        ...e.arms.flatMap(({ guard, value }) => [guard, value]),
        ...(e.other === null ? [] : [e.other]),
      );
    case "forall":
    case "exists":
      return under(e.bounds, e.body);
    case "choose":
      return [
        ...(e.set === null ? [] : free(e.set)),
        { expression: e.body, bound: namesOf(e.pattern) },
      ];
    case "set":
    case "tuple":
      return free(...e.elements);
    case "set-filter":
      return [...free(e.set), { expression: e.condition, bound: namesOf(e.pattern) }];
    case "set-map":
      return under(e.bounds, e.value);
    case "function": {
      const self = e.self === undefined ? [] : [e.self];
      return under(e.bounds, e.value).map(({ expression, bound }) => ({
        expression,
        bound: [...bound, ...self],
      }));
    }
    case "lambda":
      return [{ expression: e.body, bound: e.parameters }];
    default:
      return simpleParts(e);
  }
}

function simpleParts(e: Expression): readonly Part[] {
  switch (e.kind) {
    case "let":
      return free(e.body);
    case "function-set":
      return free(e.domain, e.range);
    case "index":
      return free(e.function, ...e.arguments);
    case "record":
    case "record-set":
      return free(...e.fields.map(({ value }) => value));
    case "field":
      return free(e.record);
    case "except": {
      const keys = e.updates.flatMap(({ path }) =>
        path.flatMap((selector) => (selector.kind === "index" ? selector.arguments : [])),
      );
      return free(e.function, ...keys, ...e.updates.map(({ value }) => value));
    }
    case "product":
      return free(...e.factors);
    case "prime":
    case "unchanged":
    case "enabled":
    case "always":
    case "eventually":
      return free(e.operand);
    case "square-action":
    case "angle-action":
    case "fairness":
      return free(e.action, e.subscript);
    case "leads-to":
      return free(e.left, e.right);
    default:
      return [];
  }
}

/** The expressions inside a LET's definitions, each with the names its parameters bind. */
function partsOfUnits(units: readonly Unit[]): readonly Part[] {
  return units.flatMap((unit): readonly Part[] => {
    if (unit.kind === "operator") {
      return [{ expression: unit.body, bound: unit.parameters.map(({ name }) => name) }];
    }
    if (unit.kind === "function-definition") {
      return under(unit.bounds, unit.body);
    }
    return unit.kind === "instance" ? free(...unit.substitutions.map(({ value }) => value)) : [];
  });
}

function withPlaceholders(scope: Scope, names: readonly string[]): Scope {
  if (names.length === 0) return scope;
  return scope.with(names.map((name) => [name, { kind: "placeholder" }] as const));
}

const known = new WeakMap<Definition, number>();

/** What `e` depends on in `scope`: `STATE`, `ACTION`, `LOCAL` and `TEMPORAL`, added up. */
export function dependence(e: Expression, scope: Scope): number {
  let bits = ownDependence(e, scope);
  if (e.kind === "let") return bits | dependenceOfLet(e, scope);
  for (const { expression, bound } of partsOf(e)) {
    bits |= dependence(expression, withPlaceholders(scope, bound));
  }
  // ENABLED speaks of one state, whatever its action says of the next.
  if (e.kind === "enabled") bits = (bits & ~ACTION) | STATE;
  // What is given for a parameter may be a variable.
  if (e.kind === "prime" && (bits & (STATE | PARAMETER)) !== 0) bits |= ACTION | STATE;
  return bits;
}

/** Its definitions count when they are used; as all of them may be, they all count here. */
function dependenceOfLet(e: Extract<Expression, { kind: "let" }>, scope: Scope): number {
  const names = e.definitions.flatMap((unit) =>
    "name" in unit && unit.name !== null ? [unit.name] : [],
  );
  const inner = withPlaceholders(scope, names);
  let bits = dependence(e.body, inner);
  for (const { expression, bound } of partsOfUnits(e.definitions)) {
    bits |= dependence(expression, withPlaceholders(inner, bound));
  }
  return bits;
}

function ownDependence(e: Expression, scope: Scope): number {
  switch (e.kind) {
    case "unchanged":
      return ACTION | STATE;
    case "always":
    case "eventually":
    case "leads-to":
    case "fairness":
      return TEMPORAL;
    case "at":
      return LOCAL;
    case "apply":
      return dependenceOfName(e, scope);
    default:
      return 0;
  }
}

function dependenceOfName(e: Extract<Expression, { kind: "apply" }>, scope: Scope): number {
  let inside = scope;
  for (const step of e.instance) {
    const meaning = inside.lookup(step.name);
    if (meaning?.kind !== "instance") return 0;
    inside = meaning.instantiate(
      withPlaceholders(
        meaning.scope,
        meaning.parameters.map(({ name }) => name),
      ),
    );
  }
  const meaning = inside.lookup(e.name);
  switch (meaning?.kind) {
    case "variable":
      return STATE;
    case "local":
    case "local-thunk":
    case "local-operator":
      return LOCAL;
    case "lazy": {
      const bits = dependence(meaning.expression, meaning.scope);
      const isPrimed = meaning.primed && (bits & STATE) !== 0;
      return bits | (isPrimed ? ACTION : 0);
    }
    case "parameter":
      return PARAMETER;
    case "alias":
      return dependence(meaning.expression, meaning.scope);
    case "definition":
      return dependenceOfDefinition(meaning.definition);
    case "standard":
      return IMPURE.has(meaning.operator.name) ? STATE : 0;
    default:
      return 0;
  }
}

/** What a definition depends on, its parameters apart. */
export function dependenceOfDefinition(definition: Definition): number {
  const before = known.get(definition);
  if (before !== undefined) return before;
  // A recursive definition is taken to read the state: that is always safe.
  const least = definition.isRecursive ? STATE : 0;
  known.set(definition, least);
  const names = definition.parameters.map(({ name }) => name);
  const scope = definition.scope.with(names.map((name) => [name, { kind: "parameter" }] as const));
  const bits = least | (dependence(definition.body, scope) & ~PARAMETER);
  known.set(definition, bits);
  return bits;
}

/** How often `name` is used in `e`: 0, 1, or 2 for more often or inside a loop. */
export function usesOf(name: string, e: Expression): 0 | 1 | 2 {
  if (e.kind === "apply" && e.name === name && e.instance.length === 0) {
    return e.arguments.some((argument) => usesOf(name, argument) > 0) ? 2 : 1;
  }
  let uses = 0;
  const parts = e.kind === "let" ? [...partsOf(e), ...partsOfUnits(e.definitions)] : partsOf(e);
  for (const { expression, bound } of parts) {
    const inside = usesOf(name, expression);
    if (inside > 0 && (bound.length > 0 || e.kind === "let")) return 2;
    uses += inside;
  }
  return uses > 1 ? 2 : (uses as 0 | 1);
}
