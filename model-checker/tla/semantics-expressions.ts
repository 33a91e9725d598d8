/**
 * The checks of an expression: every name known and used with as many arguments as it takes,
 * every level allowed where it stands. Specifying Systems §17.1-17.3; as strict as SANY.
 */
import { boundNames, namesOf } from "./analysis.ts";
import {
  applyDeclared,
  applyOperator,
  combine,
  constrain,
  type Operand,
  requireLevel,
} from "./semantics-levels.ts";
import {
  ACTION,
  arityOf,
  CONSTANT,
  type Declared,
  declared,
  type Leveled,
  type Named,
  NOTHING,
  type OperatorSymbol,
  STATE,
  SymbolScope,
  TEMPORAL,
} from "./semantics-symbols.ts";
import { unknown, upcomingIn } from "./semantics-unknown.ts";
import { type Bound, type Expression, type Span, TlaError, type Unit } from "./syntax.ts";

/** Checks the definitions of a LET, and adds them to a scope. */
export type ReadUnits = (units: readonly Unit[], scope: SymbolScope) => void;

type Of<K extends Expression["kind"]> = Extract<Expression, { kind: K }>;

/** Checks expressions; the scope tells what their names mean. */
export class ExpressionChecker {
  private readonly readUnits: ReadUnits;

  constructor(readUnits: ReadUnits) {
    this.readUnits = readUnits;
  }

  /** The level of `e`. @throws TlaError for what is wrong in it. */
  levelOf(e: Expression, scope: SymbolScope): Leveled {
    switch (e.kind) {
      case "number":
      case "string":
      case "unsupported":
        return { level: CONSTANT, parameters: NOTHING };
      case "apply":
        return this.levelOfApply(e, scope);
      case "at": {
        const at = scope.lookup("@");
        if (at?.kind === "operator") return applyOperator(at, []);
        throw new TlaError("@ has a meaning only in the new value of an EXCEPT", e.at);
      }
      case "and":
      case "or":
        return this.levelOfList(e, scope);
      case "if":
        return this.most([e.condition, e.then, e.else], "a part of IF", TEMPORAL, scope);
      case "case": {
        const parts = e.arms.flatMap(({ guard, value }) => [guard, value]);
        if (e.other !== null) parts.push(e.other);
        return this.most(parts, "a part of CASE", TEMPORAL, scope);
      }
      case "let": {
        const inner = new SymbolScope(scope, upcomingIn(e.definitions));
        this.readUnits(e.definitions, inner);
        return this.levelOf(e.body, inner);
      }
      case "lambda":
        throw new TlaError("a LAMBDA is an operator: a value is expected here", e.at);
      case "index":
        this.checkFunctionArity(e, scope);
        return this.most([e.function, ...e.arguments], "a part of f[x]", ACTION, scope);
      case "except":
        return this.levelOfExcept(e, scope);
      default:
        return this.levelOfBinder(e, scope);
    }
  }

  private levelOfBinder(e: Expression, scope: SymbolScope): Leveled {
    switch (e.kind) {
      case "forall":
      case "exists":
        return this.levelOfQuantifier(e, scope);
      case "function":
        return this.under(e.bounds, e.value, "the value of a function", TEMPORAL, scope);
      case "set-map":
        return this.under(e.bounds, e.value, "the elements of a set", ACTION, scope);
      case "set-filter": {
        const bounds = [{ patterns: [e.pattern], set: e.set, at: e.at }];
        return this.under(bounds, e.condition, "the condition of a set", ACTION, scope);
      }
      case "choose": {
        const inner = new SymbolScope(scope);
        const set = e.set === null ? [] : [this.atMost(e.set, "the set of CHOOSE", ACTION, scope)];
        bind(namesOf(e.pattern), inner, e.at);
        return combine([...set, this.atMost(e.body, "the condition of CHOOSE", ACTION, inner)]);
      }
      default:
        return this.levelOfConstructor(e, scope);
    }
  }

  private levelOfConstructor(e: Expression, scope: SymbolScope): Leveled {
    switch (e.kind) {
      case "set":
        return this.most(e.elements, "an element of a set", ACTION, scope);
      case "tuple":
        return this.most(e.elements, "a component of a tuple", ACTION, scope);
      case "product":
        return this.most(e.factors, "an operand of \\X", ACTION, scope);
      case "function-set":
        return this.most([e.domain, e.range], "a part of [S -> T]", ACTION, scope);
      case "field":
        return this.most([e.record], "the record of a field", ACTION, scope);
      case "record":
      case "record-set": {
        const values = e.fields.map(({ value }) => value);
        const max = e.kind === "record" ? TEMPORAL : ACTION;
        return this.most(values, "the field of a record", max, scope);
      }
      default:
        return this.levelOfTwoStates(e, scope);
    }
  }

  private levelOfTwoStates(e: Expression, scope: SymbolScope): Leveled {
    switch (e.kind) {
      case "prime":
        this.atMost(e.operand, "what is primed", STATE, scope);
        return { level: ACTION, parameters: NOTHING };
      case "unchanged":
        this.atMost(e.operand, "the operand of UNCHANGED", STATE, scope);
        return { level: ACTION, parameters: NOTHING };
      case "enabled":
        this.atMost(e.operand, "the operand of ENABLED", ACTION, scope);
        return { level: STATE, parameters: NOTHING };
      case "square-action":
      case "angle-action":
        this.atMost(e.action, "the action of [A]_v or <<A>>_v", ACTION, scope);
        this.atMost(e.subscript, "a subscript", STATE, scope);
        return { level: ACTION, parameters: NOTHING };
      case "fairness":
        this.atMost(e.subscript, "a subscript", STATE, scope);
        this.atMost(e.action, `the action of ${e.strength}_`, ACTION, scope);
        return { level: TEMPORAL, parameters: NOTHING };
      case "always":
      case "eventually":
        return this.levelOfTemporal(e, scope);
      case "leads-to":
        for (const side of [e.left, e.right]) {
          const { level } = this.atMost(side, "a side of ~>", TEMPORAL, scope);
          if (level !== ACTION) continue;
          throw new TlaError(
            "a side of ~> is an action: a state or temporal formula is expected",
            side.at,
          );
        }
        return { level: TEMPORAL, parameters: NOTHING };
      default:
        throw new Error(`${e.kind} has a level`);
    }
  }

  private levelOfTemporal(e: Of<"always" | "eventually">, scope: SymbolScope): Leveled {
    const [symbol, form, kind] =
      e.kind === "always"
        ? (["[]", "[A]_v", "square-action"] as const)
        : (["<>", "<<A>>_v", "angle-action"] as const);
    const { level } = this.atMost(e.operand, `the operand of ${symbol}`, TEMPORAL, scope);
    if (level === ACTION && e.operand.kind !== kind && e.operand.kind !== "let") {
      throw new TlaError(
        `${symbol} is followed by an action that is not of the form ${form}`,
        e.at,
      );
    }
    return { level: TEMPORAL, parameters: NOTHING };
  }

  /** The level of `e`, which may be at most `max`. */
  atMost(e: Expression, what: string, max: number, scope: SymbolScope): Leveled {
    const found = this.levelOf(e, scope);
    requireLevel(what, found.level, max, e.at);
    constrain(found.parameters, max);
    return found;
  }

  private most(
    expressions: readonly Expression[],
    what: string,
    max: number,
    scope: SymbolScope,
  ): Leveled {
    return combine(expressions.map((each) => this.atMost(each, what, max, scope)));
  }

  private levelOfList(e: Of<"and" | "or">, scope: SymbolScope): Leveled {
    const parts = e.operands.map((operand) => this.levelOf(operand, scope));
    requireUnmixed(parts, e.kind === "and" ? "/\\" : "\\/", e.at);
    return combine(parts);
  }

  private levelOfQuantifier(e: Of<"forall" | "exists">, scope: SymbolScope): Leveled {
    const { inner, sets } = this.open(e.bounds, scope);
    const body = this.levelOf(e.body, inner);
    for (const [i, { level }] of sets.entries()) {
      if (level !== ACTION || body.level !== TEMPORAL) continue;
      const { at } = (e.bounds[i] as Bound).set;
      throw new TlaError("the set of a quantified temporal formula should have no primes", at);
    }
    return combine([...sets, body]);
  }

  /** A body under bounds, and their sets. */
  private under(
    bounds: readonly Bound[],
    body: Expression,
    what: string,
    max: number,
    scope: SymbolScope,
  ): Leveled {
    const { inner, sets } = this.open(bounds, scope);
    return combine([...sets, this.atMost(body, what, max, inner)]);
  }

  /** The scope in which the names of `bounds` are bound, and the levels of their sets. */
  open(
    bounds: readonly Bound[],
    scope: SymbolScope,
  ): { readonly inner: SymbolScope; readonly sets: readonly Leveled[] } {
    const sets = bounds.map(({ set }) =>
      this.atMost(set, "the set of a bound name", ACTION, scope),
    );
    const inner = new SymbolScope(scope);
    for (const bound of bounds) bind(boundNames([bound]), inner, bound.at);
    return { inner, sets };
  }

  private levelOfExcept(e: Of<"except">, scope: SymbolScope): Leveled {
    const changed = this.atMost(e.function, "what EXCEPT changes", ACTION, scope);
    const inner = new SymbolScope(scope);
    const { level, parameters: dependsOn } = changed;
    const shape = { parameters: [], functionArity: 0, isPending: false, local: false };
    inner.set("@", { kind: "operator", name: "@", at: e.at, level, dependsOn, ...shape });
    const parts = e.updates.flatMap(({ path, value }) => [
      ...path.flatMap((selector) =>
        selector.kind === "field"
          ? []
          : [this.most(selector.arguments, "an index in EXCEPT", ACTION, scope)],
      ),
      this.atMost(value, "the new value of EXCEPT", ACTION, inner),
    ]);
    return combine([changed, ...parts]);
  }

  private checkFunctionArity(e: Of<"index">, scope: SymbolScope): void {
    if (e.function.kind !== "apply" || e.arguments.length < 2) return;
    const symbol = this.resolve(e.function, scope);
    if (symbol?.kind !== "operator" || symbol.functionArity === 0) return;
    if (symbol.functionArity === e.arguments.length) return;
    const given = `but ${e.arguments.length} are given`;
    throw new TlaError(
      `the function ${e.function.name} takes ${symbol.functionArity} arguments, ${given}`,
      e.at,
    );
  }

  private levelOfApply(e: Of<"apply">, scope: SymbolScope): Leveled {
    const symbol = this.resolve(e, scope);
    if (symbol === null) return { level: CONSTANT, parameters: NOTHING };
    if (symbol.kind === "instance") {
      throw new TlaError(`${e.name} is an instance: write ${e.name}!Operator`, e.at);
    }
    const before = e.instance.flatMap((step) => step.arguments);
    requireCount(e.name, arityOf(symbol) - before.length, e.arguments.length, e.at);
    const given = [...before, ...e.arguments];
    if (symbol.kind !== "operator") {
      const operands = given.map((each) => ({ ...this.levelOf(each, scope), operator: null }));
      return applyDeclared(
        symbol,
        operands.map((operand, i) => ({ ...operand, at: (given[i] as Expression).at })),
      );
    }
    const operands = given.map((each, i) =>
      this.operand(each, symbol.parameters[i] as Declared, `argument ${i + 1} of ${e.name}`, scope),
    );
    const found = applyOperator(symbol, operands);
    if (e.name === "=>" || e.name === "<=>") requireUnmixed(operands, e.name, e.at);
    return found;
  }

  /**
   * What `e` names; null for a part of a definition, `Op!label`, which nothing here evaluates.
   * @throws TlaError where there is no such thing.
   */
  private resolve(e: Of<"apply">, scope: SymbolScope): Named | null {
    const names = [...e.instance.map(({ name }) => name), e.name];
    let found = scope.lookup(names[0] as string);
    if (found === undefined) throw unknown(names[0] as string, scope, e.at);
    let counted = 0;
    for (const [i, step] of e.instance.entries()) {
      if (found.kind === "operator") return null;
      if (found.kind !== "instance") {
        throw new TlaError(`${step.name} is not an instance of a module`, step.at);
      }
      requireCount(step.name, found.parameters.length - counted, step.arguments.length, step.at);
      counted = found.parameters.length;
      const member = found.member(names[i + 1] as string);
      if (member === undefined) {
        throw new TlaError(`${names.slice(0, i + 2).join("!")} is not defined`, e.at);
      }
      found = member;
    }
    return found;
  }

  /** An argument in the place of `parameter`. */
  operand(e: Expression, parameter: Declared, what: string, scope: SymbolScope): Operand {
    const { arity } = parameter;
    if (arity === 0) return { ...this.levelOf(e, scope), operator: null, at: e.at };
    const expected = `${what} should be an operator with ${count(arity, "argument")}`;
    if (e.kind === "lambda") {
      const operator = this.lambda(e, scope);
      if (e.parameters.length !== arity) {
        throw new TlaError(`${expected}, but this LAMBDA takes ${e.parameters.length}`, e.at);
      }
      return asOperand(operator, e.at);
    }
    if (e.kind !== "apply" || e.arguments.length > 0) {
      throw new TlaError(`${expected}, but it is a value`, e.at);
    }
    const symbol = this.resolve(e, scope);
    if (symbol === null) return { level: CONSTANT, parameters: NOTHING, operator: null, at: e.at };
    const isApplied = e.instance.some((step) => step.arguments.length > 0);
    const taken = arityOf(symbol);
    if (symbol.kind === "instance" || isApplied || taken !== arity) {
      const found = isApplied || taken === 0 ? "is a value" : `takes ${taken}`;
      throw new TlaError(`${expected}, but ${e.name} ${found}`, e.at);
    }
    return asOperand(symbol, e.at);
  }

  private lambda(e: Of<"lambda">, scope: SymbolScope): OperatorSymbol {
    const inner = new SymbolScope(scope);
    const parameters = e.parameters.map((name) => {
      const parameter = declared("parameter", { name, arity: 0 }, e.at);
      inner.add(parameter, e.at);
      return parameter;
    });
    const { level, parameters: dependsOn } = this.levelOf(e.body, inner);
    const shape = { functionArity: 0, isPending: false, local: false };
    return { kind: "operator", name: "LAMBDA", at: e.at, parameters, level, dependsOn, ...shape };
  }
}

function asOperand(operator: OperatorSymbol | Declared, at: Span): Operand {
  if (operator.kind !== "operator") return { ...applyDeclared(operator, []), operator, at };
  const own = new Set(operator.parameters);
  const parameters = new Set([...operator.dependsOn].filter((each) => !own.has(each)));
  return { level: operator.level, parameters, operator, at };
}

function bind(names: readonly string[], scope: SymbolScope, at: Span): void {
  for (const name of names) scope.add(declared("bound", { name, arity: 0 }, at), at);
}

/** A temporal formula and an action that does not stand in [A]_v cannot be joined. */
function requireUnmixed(parts: readonly Leveled[], symbol: string, at: Span): void {
  const has = (level: number) => parts.some((part) => part.level === level);
  if (!has(ACTION) || !has(TEMPORAL)) return;
  throw new TlaError(`${symbol} joins an action and a temporal formula`, at);
}

function requireCount(name: string, needed: number, given: number, at: Span): void {
  if (needed === given) return;
  const were = given === 1 ? "was" : "were";
  throw new TlaError(`${name} takes ${count(needed, "argument")}, but ${given} ${were} given`, at);
}

function count(n: number, what: string): string {
  return n === 1 ? `1 ${what}` : `${n === 0 ? "no" : n} ${what}s`;
}
