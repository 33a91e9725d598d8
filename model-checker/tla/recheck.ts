/**
 * Invariants and constraints after a step. What was true before the step, and reads nothing that
 * the step changed, is true after it and is not evaluated again. Most steps change one server and
 * the messages, so of `\A s \in Server : P(s)` one case in so many is left.
 */

import { variableOf } from "./actions.ts";
import { ACTION, dependence, dependenceOfDefinition, STATE } from "./analysis.ts";
import { assign, type Generator, generators } from "./binders.ts";
import { asSet, compile } from "./compile.ts";
import { type Context, truth } from "./context.ts";
import type { Act, Machine } from "./machine.ts";
import { type Apply, applyInPlace, compileLet, forgetting, resolve } from "./names.ts";
import { type Reads, readsOf } from "./reads.ts";
import type { Expression, Quantifier } from "./syntax.ts";
import { EnumeratedFunction, type Value } from "./values/index.ts";

/** Whether `e` is true in the current state, given that it was in `machine.before`. */
export function compileRecheck(e: Expression, c: Context): Act {
  const recheck = recheckParts(e, c);
  const reads = readsOf(e, c);
  if (reads === null) return recheck;
  const isSame = sameReads(reads, c.machine);
  return (frame) => isSame(frame) || recheck(frame);
}

function recheckParts(e: Expression, c: Context): Act {
  switch (e.kind) {
    case "and":
      return e.operands
        .map((operand) => compileRecheck(operand, c))
        .reduceRight((rest, first) => (frame) => first(frame) && rest(frame));
    case "forall":
      return recheckForall(e, c) ?? evaluateAgain(e, c);
    case "let":
      return compileLet(e, c, compileRecheck);
    case "apply":
      return recheckApplied(e, c) ?? evaluateAgain(e, c);
    default:
      return evaluateAgain(e, c);
  }
}

function evaluateAgain(e: Expression, c: Context): Act {
  const evaluate = compile(e, c);
  return (frame) => truth(evaluate(frame), "a part of an invariant");
}

/** An operator that reads the state, in place of its application. */
function recheckApplied(e: Apply, c: Context): Act | null {
  const meaning = resolve(e, c.scope);
  if (meaning?.kind !== "definition" || meaning.definition.isRecursive) return null;
  const { parameters, body, scope } = meaning.definition;
  if (dependenceOfDefinition(meaning.definition) === 0) return null;
  if (parameters.length !== e.arguments.length) return null;
  const given = e.arguments.map((expression) => ({ expression, scope: c.scope }));
  const { inside, memos } = applyInPlace(parameters, body, scope, given, c);
  return forgetting(memos, compileRecheck(body, inside));
}

/** `\A` over sets that are the same in all states, or over a variable; else null. */
function recheckForall(e: Quantifier, c: Context): Act | null {
  const isFixed = ({ set }: { readonly set: Expression }): boolean =>
    (dependence(set, c.scope) & (STATE | ACTION)) === 0;
  if (e.bounds.every(isFixed)) {
    const { inside, all } = generators(e.bounds, c);
    return all.reduceRight<Act>(
      (rest, generator) => forEach(generator, rest),
      compileRecheck(e.body, inside),
    );
  }
  const [bound] = e.bounds as [Quantifier["bounds"][0]];
  const variable = variableOf(bound.set, c.scope);
  if (variable === null || e.bounds.length > 1 || bound.patterns.length > 1) return null;
  return forEachOfVariable(e, variable, c);
}

function forEach(generator: Generator, body: Act): Act {
  return (frame) => {
    const elements = asSet(generator.set(frame), "\\A").elements();
    for (let i = 0; i < elements.length; i++) {
      assign(generator, elements[i] as Value, frame);
      if (!body(frame)) return false;
    }
    return true;
  };
}

/** Of what was an element before, the body was true. */
function forEachOfVariable(e: Quantifier, variable: number, c: Context): Act {
  const { machine } = c;
  const { inside, all } = generators(e.bounds, c);
  const generator = all[0] as Generator;
  const recheck = compileRecheck(e.body, inside);
  const evaluate = evaluateAgain(e.body, inside);
  return (frame) => {
    const elements = asSet(machine.current[variable] as Value, "\\A").elements();
    const known = asSet(machine.before[variable] as Value, "\\A").elements();
    let next = 0;
    for (let i = 0; i < elements.length; i++) {
      const element = elements[i] as Value;
      assign(generator, element, frame);
      // Both are sorted, and a step keeps most elements as they are.
      const at = known.indexOf(element, next);
      if (at !== -1) next = at + 1;
      if (!(at === -1 ? evaluate(frame) : recheck(frame))) return false;
    }
    return true;
  };
}

/** Whether both states have the very same values where they are read; `===`, so in no time. */
function sameReads({ variables, parts }: Reads, machine: Machine): Act {
  return (frame) => {
    const { current, before } = machine;
    for (let i = 0; i < variables.length; i++) {
      const variable = variables[i] as number;
      if (current[variable] !== before[variable]) return false;
    }
    for (let i = 0; i < parts.length; i++) {
      const { variable, slot } = parts[i] as Reads["parts"][0];
      const after = current[variable] as Value;
      if (after === before[variable]) continue;
      if (!agreeAt(after, before[variable] as Value, frame[slot] as Value)) return false;
    }
    return true;
  };
}

/** Whether two functions on one domain have the same value for `argument`. */
function agreeAt(f: Value, g: Value, argument: Value): boolean {
  if (!(f instanceof EnumeratedFunction && g instanceof EnumeratedFunction)) return false;
  const domain = f.domain();
  if (domain !== g.domain()) return false;
  const index = domain.elements().indexOf(argument);
  return index !== -1 && f.values[index] === g.values[index];
}
