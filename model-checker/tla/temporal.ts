/**
 * The safety part of temporal formulas: what must hold at first, in every state, and of every
 * step. Specifying Systems §8.1. What speaks of the future is told apart and named, so that
 * nobody takes it for checked.
 */
import { ACTION, dependence, TEMPORAL } from "./analysis.ts";
import { type Argument, resolve } from "./names.ts";
import type { Meaning, Scope } from "./scope.ts";
import type { Expression, Span } from "./syntax.ts";

/** A formula with the scope it is written in. */
export interface Goal {
  readonly expression: Expression;
  readonly scope: Scope;
}

/** A formula taken apart. */
export interface SafetyPart {
  /** True of the first state. */
  readonly initial: Goal[];
  /** True of every state. */
  readonly always: Goal[];
  /** `[A]_v` of every step: the expression is the square action. */
  readonly steps: Goal[];
  /** What a finite run cannot decide. */
  readonly liveness: { readonly what: string; readonly at: Span }[];
}

/** Takes `goal` apart. */
export function safetyPart(goal: Goal): SafetyPart {
  const part: SafetyPart = { initial: [], always: [], steps: [], liveness: [] };
  takeApart(goal, part);
  return part;
}

function takeApart({ expression: e, scope }: Goal, part: SafetyPart): void {
  if ((dependence(e, scope) & TEMPORAL) === 0) {
    part.initial.push({ expression: e, scope });
    return;
  }
  if (e.kind === "and") {
    for (const operand of e.operands) takeApart({ expression: operand, scope }, part);
    return;
  }
  const inside = definedBy({ expression: e, scope });
  if (inside !== null) return takeApart(inside, part);
  if (e.kind === "always") return takeAlways({ expression: e.operand, scope }, part);
  part.liveness.push({ what: nameOf(e), at: e.at });
}

/** `[]goal`. */
function takeAlways(goal: Goal, part: SafetyPart): void {
  const { expression: e, scope } = goal;
  if (e.kind === "and") {
    for (const operand of e.operands) takeAlways({ expression: operand, scope }, part);
    return;
  }
  if (e.kind === "square-action") {
    part.steps.push(goal);
    return;
  }
  if (e.kind === "always") return takeAlways({ expression: e.operand, scope }, part);
  const level = dependence(e, scope);
  if ((level & (TEMPORAL | ACTION)) === 0) {
    part.always.push(goal);
    return;
  }
  const inside = definedBy(goal);
  if (inside !== null) return takeAlways(inside, part);
  part.liveness.push({ what: `[] of ${nameOf(e)}`, at: e.at });
}

/** What the name `goal` stands for, with its parameters bound; null where it is no name. */
export function definedBy({ expression: e, scope }: Goal): Goal | null {
  if (e.kind !== "apply") return null;
  const meaning = resolve(e, scope);
  if (meaning?.kind === "lazy" || meaning?.kind === "alias") {
    return { expression: meaning.expression, scope: meaning.scope };
  }
  if (meaning?.kind !== "definition") return null;
  const { parameters, body, scope: home } = meaning.definition;
  const given: readonly Argument[] = e.arguments.map((expression) => ({ expression, scope }));
  const names = parameters.map(({ name, arity }, i): readonly [string, Meaning] => {
    const argument = given[i] as Argument;
    if (arity > 0) return [name, { kind: "alias", ...argument }];
    return [name, { kind: "lazy", ...argument, primed: false, memo: null }];
  });
  return { expression: body, scope: names.length === 0 ? home : home.with(names) };
}

/** The operator of a formula, as its reader would call it. */
function nameOf(e: Expression): string {
  switch (e.kind) {
    case "fairness":
      return `${e.strength}_`;
    case "eventually":
      return "<>";
    case "leads-to":
      return "~>";
    case "apply":
      return e.name;
    case "forall":
    case "exists":
      return "a quantified temporal formula";
    default:
      return `a ${e.kind} formula`;
  }
}
