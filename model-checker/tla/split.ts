/**
 * The next-state relation as a list of named actions, split where TLC splits it: at disjunctions,
 * at `\E` over sets of constants, and at operators whose arguments are constants.
 */
import { boundNames, dependence } from "./analysis.ts";
import { generators } from "./binders.ts";
import { asSet, compile } from "./compile.ts";
import { type Context, inScope } from "./context.ts";
import { resolve } from "./names.ts";
import type { Meaning } from "./scope.ts";
import type { Expression, Quantifier, Span } from "./syntax.ts";
import { show, Tuple, type Value } from "./values/index.ts";

/** What an action goes by. */
export interface ActionName {
  readonly name: string;
  /** The name with its arguments, where those are constants: `Timeout(s1)`. */
  readonly label: string;
  /** Where the operator of that name is defined, or the disjunct where there is none. */
  readonly at: Span;
}

/** One action: its name, the disjunct to compile, and the scope that is written in. */
export interface NamedAction extends ActionName {
  readonly expression: Expression;
  readonly context: Context;
}

/** Beyond so many elements a `\E` stays a loop. */
const MAX_SPLIT = 64;

/** The actions of `e`; `owner` names what has no name of its own. */
export function splitAction(
  e: Expression,
  context: Context,
  owner: ActionName,
): readonly NamedAction[] {
  const leaf = [{ ...owner, expression: e, context }];
  switch (e.kind) {
    case "or":
      return e.operands.flatMap((operand) => splitAction(operand, context, owner));
    case "exists":
      return splitExists(e, context, owner) ?? leaf;
    case "apply":
      return splitApplied(e, context) ?? leaf;
    default:
      return leaf;
  }
}

function splitExists(e: Quantifier, c: Context, owner: ActionName): readonly NamedAction[] | null {
  if (e.bounds.some(({ set }) => dependence(set, c.scope) !== 0)) return null;
  const frame = c.routine.frame(null);
  const sets = generators(e.bounds, c).all.map(({ set }) => asSet(set(frame), "\\E"));
  if (sets.some((set) => !set.isFinite())) return null;
  if (sets.reduce((product, set) => product * set.size, 1) > MAX_SPLIT) return null;
  const patterns = e.bounds.flatMap((bound) => bound.patterns);
  let rows: Value[][] = [[]];
  for (const [i, set] of sets.entries()) {
    const isTuple = patterns[i]?.kind === "tuple";
    const taken = (value: Value) => (isTuple && value instanceof Tuple ? value.elements : [value]);
    rows = rows.flatMap((row) => set.elements().map((value) => [...row, ...taken(value)]));
  }
  if (rows.length === 0) return null;
  return rows.flatMap((row) =>
    splitAction(e.body, withValues(c, boundNames(e.bounds), row), owner),
  );
}

function withValues(c: Context, names: readonly string[], values: readonly Value[]): Context {
  const meanings = names.map((name, i): readonly [string, Meaning] => [
    name,
    { kind: "value", value: values[i] as Value },
  ]);
  return inScope(c, c.scope.with(meanings));
}

function splitApplied(
  e: Extract<Expression, { kind: "apply" }>,
  c: Context,
): readonly NamedAction[] | null {
  const meaning = resolve(e, c.scope);
  if (meaning?.kind === "alias" && e.arguments.length === 0) {
    const owner = { name: e.name, label: e.name, at: e.at };
    return splitAction(meaning.expression, inScope(c, meaning.scope), owner);
  }
  if (meaning?.kind !== "definition" || meaning.definition.isRecursive) return null;
  const { definition } = meaning;
  const { name, at, parameters, body, scope } = definition;
  const given = e.instance.flatMap((step) => step.arguments);
  const isConstant = [...given, ...e.arguments].every(
    (argument) => dependence(argument, c.scope) === 0,
  );
  if (!isConstant || parameters.some(({ arity }) => arity > 0)) {
    return [{ name, label: name, at, expression: e, context: c }];
  }
  if (parameters.length !== e.arguments.length) return null;
  const frame = c.routine.frame(null);
  const values = e.arguments.map((argument) => compile(argument, c)(frame));
  const names = parameters.map((parameter) => parameter.name);
  const path = [...e.instance.map((step) => step.name), name].join("!");
  const shown = [...given.map((argument) => compile(argument, c)(frame)), ...values].map(show);
  const label = shown.length === 0 ? path : `${path}(${shown.join(",")})`;
  // TLC does not look into a module through its substitutions.
  if (scope.isInstance) return [{ name: path, label, at, expression: e, context: c }];
  return splitAction(body, withValues(inScope(c, scope), names, values), { name, label, at });
}
