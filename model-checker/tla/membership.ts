/**
 * `v \in {x \in S : P}` where S is `SUBSET T`, `[T -> U]` or the like: v is looked for in S and P
 * is asked of v alone, as TLC does. To go through S could take without end.
 */
import { dependence } from "./analysis.ts";
import { assign, generators } from "./binders.ts";
import { asSet, compile } from "./compile.ts";
import { type Context, truth } from "./context.ts";
import type { Evaluate } from "./machine.ts";
import { type Argument, resolve } from "./names.ts";
import type { Scope } from "./scope.ts";
import type { Expression } from "./syntax.ts";

type Filter = Extract<Expression, { kind: "set-filter" }>;

/** The closure of the membership, or null where the set is to be made first. */
export function compileMember(left: Argument, right: Argument, c: Context): Evaluate | null {
  const found = filterOf(right.expression, right.scope, c);
  if (found === null) return null;
  const { filter, scope } = found;
  const { pattern, set, condition, at } = filter;
  const { inside, all } = generators([{ patterns: [pattern], set, at }], { ...c, scope });
  const [generator] = all as [(typeof all)[0]];
  const value = compile(left.expression, { ...c, scope: left.scope });
  const test = compile(condition, inside);
  return (frame) => {
    const element = value(frame);
    if (!asSet(generator.set(frame), "{x \\in S : P}").has(element)) return false;
    assign(generator, element, frame);
    return truth(test(frame), "the condition of a set");
  };
}

/** The filter that an expression stands for; null for a constant, which is made once. */
function filterOf(
  e: Expression,
  scope: Scope,
  c: Context,
): { readonly filter: Filter; readonly scope: Scope } | null {
  if (e.kind === "set-filter") {
    return isVast(e.set, scope) && dependence(e, scope) !== 0 ? { filter: e, scope } : null;
  }
  if (e.kind !== "apply" || e.arguments.length > 0) return null;
  const meaning = resolve(e, scope, c.primed);
  if (meaning?.kind === "lazy" && meaning.primed === c.primed) {
    return filterOf(meaning.expression, meaning.scope, c);
  }
  if (meaning?.kind !== "definition" || meaning.definition.parameters.length > 0) return null;
  return filterOf(meaning.definition.body, meaning.definition.scope, c);
}

/** Whether a set is given by what it is made from, not element by element. */
function isVast(set: Expression, scope: Scope): boolean {
  if (["function-set", "record-set", "product"].includes(set.kind)) return true;
  return set.kind === "apply" && set.name === "SUBSET" && resolve(set, scope) === undefined;
}
