/** What a predicate of a state reads of it: whole variables, or `x[s]` of a bound `s`. */

import { variableOf } from "./actions.ts";
import { isImpure, partsOf } from "./analysis.ts";
import type { Context } from "./context.ts";
import { LET } from "./modules.ts";
import { type Apply, argumentMeaning, resolve } from "./names.ts";
import { type Meaning, Scope } from "./scope.ts";
import type { Expression } from "./syntax.ts";

/** Variables by index, and of others the values for the argument in a slot of the frame. */
export interface Reads {
  readonly variables: readonly number[];
  readonly parts: readonly { readonly variable: number; readonly slot: number }[];
}

/** What `e` reads; null where that cannot be told: it is recursive, or more than a predicate. */
export function readsOf(e: Expression, c: Context): Reads | null {
  const reader = new Reader(c);
  if (!reader.read(e, c.scope)) return null;
  const { variables } = reader;
  const parts = [...reader.parts.values()].filter(({ variable }) => !variables.has(variable));
  return { variables: [...variables], parts };
}

class Reader {
  readonly variables = new Set<number>();
  readonly parts = new Map<string, Reads["parts"][0]>();
  private readonly c: Context;

  constructor(c: Context) {
    this.c = c;
  }

  /** Collects what `e` reads; false where that cannot be told. */
  read(e: Expression, scope: Scope): boolean {
    switch (e.kind) {
      case "apply":
        return this.readApplied(e, scope);
      case "index": {
        const variable = variableOf(e.function, scope);
        const slot =
          e.arguments.length === 1 ? this.slotOf(e.arguments[0] as Expression, scope) : null;
        if (variable === null || slot === null) break;
        this.parts.set(`${variable} ${slot}`, { variable, slot });
        return true;
      }
      case "let": {
        const inside = new Scope(scope);
        this.c.linker.readUnits(e.definitions, inside, LET, null);
        return this.read(e.body, inside);
      }
      case "prime":
      case "unchanged":
      case "enabled":
      case "square-action":
      case "angle-action":
      case "always":
      case "eventually":
      case "leads-to":
      case "fairness":
      case "unsupported":
        return false;
    }
    return partsOf(e).every(({ expression, bound }) => this.read(expression, hiding(scope, bound)));
  }

  private readApplied(e: Apply, scope: Scope): boolean {
    const meaning = resolve(e, scope);
    if (meaning === undefined) return this.readAll(e.arguments, scope);
    switch (meaning.kind) {
      case "variable":
        this.variables.add(meaning.index);
        return true;
      case "value":
      case "local":
      case "placeholder":
        return true;
      case "lazy":
        return !meaning.primed && this.read(meaning.expression, meaning.scope);
      case "standard":
        return !isImpure(meaning.operator.name) && this.readAll(e.arguments, scope);
      case "definition": {
        const { parameters, body, scope: home, isRecursive } = meaning.definition;
        if (isRecursive) return false;
        const names = parameters.map((parameter, i): readonly [string, Meaning] => {
          const expression = e.arguments[i];
          // An operator that is passed on has no arguments yet.
          if (expression === undefined) return [parameter.name, { kind: "placeholder" }];
          return [parameter.name, argumentMeaning(parameter, { expression, scope }, false, null)];
        });
        return this.read(body, home.with(names));
      }
      case "alias":
        return this.readAll(e.arguments, scope) && this.read(meaning.expression, meaning.scope);
      default:
        return false;
    }
  }

  private readAll(expressions: readonly Expression[], scope: Scope): boolean {
    return expressions.every((expression) => this.read(expression, scope));
  }

  /** The slot of a name that is bound outside of what is read. */
  private slotOf(e: Expression, scope: Scope): number | null {
    if (e.kind !== "apply") return null;
    const meaning = resolve(e, scope);
    if (meaning?.kind === "lazy") return this.slotOf(meaning.expression, meaning.scope);
    return meaning?.kind === "local" && meaning.routine === this.c.routine ? meaning.slot : null;
  }
}

/** `scope`, where `names` are bound inside of what is read. */
function hiding(scope: Scope, names: readonly string[]): Scope {
  if (names.length === 0) return scope;
  return scope.with(names.map((name) => [name, { kind: "placeholder" }] as const));
}
