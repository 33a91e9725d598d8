/**
 * How the level of an operator's application follows from those of its arguments, and which it
 * refuses. Specifying Systems §17.2; the treatment of operators as arguments is that of SANY.
 */

import {
  ACTION,
  CONSTANT,
  type Declared,
  declared,
  type InstanceSymbol,
  type Leveled,
  NOTHING,
  type OperatorSymbol,
  STATE,
  SymbolScope,
  TEMPORAL,
} from "./semantics-symbols.ts";
import { baseOperators, type StandardModule, type StandardOperator } from "./standard/index.ts";
import { type Span, TlaError } from "./syntax.ts";

/** An argument; `operator` where it is one. */
export interface Operand extends Leveled {
  readonly operator: OperatorSymbol | Declared | null;
  readonly at: Span;
}

const EXCESS = ["is constant", "reads variables", "has primes", "is a temporal formula"] as const;
const LIMITS = ["be constant", "speak of one state", "have no temporal operators"] as const;

/** @throws TlaError if `level` is above `max`. */
export function requireLevel(what: string, level: number, max: number, at: Span): void {
  if (level <= max) return;
  throw new TlaError(`${what} should ${LIMITS[max]}, but it ${EXCESS[level]}`, at);
}

/** The highest of several levels, and all they depend on. */
export function combine(parts: readonly Leveled[], least = CONSTANT): Leveled {
  let level = least;
  let parameters = NOTHING;
  for (const part of parts) {
    level = Math.max(level, part.level);
    parameters = union(parameters, part.parameters);
  }
  return { level, parameters };
}

function union(a: ReadonlySet<Declared>, b: ReadonlySet<Declared>): ReadonlySet<Declared> {
  if (a === b || b.size === 0) return a;
  return a.size === 0 ? b : new Set([...a, ...b]);
}

/** Notes that what takes the place of `parameters` may have at most the level `max`. */
export function constrain(parameters: ReadonlySet<Declared>, max: number): void {
  for (const parameter of parameters) parameter.maxLevel = Math.min(parameter.maxLevel, max);
}

/** `part` where `operands` take the place of `parameters`. */
function substitute(
  part: Leveled,
  parameters: readonly Declared[],
  operands: readonly Leveled[],
): Leveled {
  if (part.parameters.size === 0) return part;
  const parts: Leveled[] = [];
  for (const parameter of part.parameters) {
    const i = parameters.indexOf(parameter);
    parts.push(operands[i] ?? { level: CONSTANT, parameters: new Set([parameter]) });
  }
  return combine(parts, part.level);
}

/** The level of a definition or built-in operator with its operands. */
export function applyOperator(operator: OperatorSymbol, operands: readonly Operand[]): Leveled {
  const { name, parameters, level, dependsOn } = operator;
  const limits = parameters.map(({ maxLevel }) => maxLevel);
  checkOperands(parameters, limits, operands, (i) =>
    operands.length === 1 ? `the argument of ${name}` : `argument ${i + 1} of ${name}`,
  );
  return substitute({ level, parameters: dependsOn }, parameters, operands);
}

/** Checks that operands may take the place of parameters, and hands on what that asks of theirs. */
export function checkOperands(
  parameters: readonly Declared[],
  limits: readonly number[],
  operands: readonly Operand[],
  nameOf: (i: number) => string,
): void {
  for (const [i, operand] of operands.entries()) {
    const max = limits[i] as number;
    requireLevel(nameOf(i), operand.level, max, operand.at);
    constrain(operand.parameters, max);
    const { operator } = operand;
    if (operator === null) continue;
    for (const [j, given] of (parameters[i] as Declared).given.entries()) {
      const reaching = substitute(given, parameters, operands);
      if (operator.kind !== "operator") {
        operator.given[j] = combine([operator.given[j] as Leveled, reaching]);
        continue;
      }
      const { maxLevel, name } = operator.parameters[j] as Declared;
      requireLevel(
        `what is given to ${operator.name} as ${name}`,
        reaching.level,
        maxLevel,
        operand.at,
      );
      constrain(reaching.parameters, maxLevel);
    }
  }
}

/** The level of a declared name, with its operands where it is an operator. */
export function applyDeclared(symbol: Declared, operands: readonly Operand[]): Leveled {
  for (const [i, operand] of operands.entries()) {
    symbol.given[i] = combine([symbol.given[i] as Leveled, operand]);
  }
  if (symbol.kind === "variable") return { level: STATE, parameters: NOTHING };
  if (symbol.kind === "bound") return { level: CONSTANT, parameters: NOTHING };
  return combine([{ level: CONSTANT, parameters: new Set([symbol]) }, ...operands]);
}

/** What an INSTANCE puts in the place of a module's declarations. */
export interface Instantiation {
  /** The parameters of the instance, which come before those of each operator. */
  readonly prefix: readonly Declared[];
  /** By declaration: what is substituted, and the highest level that the module allows. */
  readonly substitutions: ReadonlyMap<Declared, Leveled & { readonly max: number }>;
  readonly local: boolean;
  readonly at: Span;
}

/** An operator or instance of a module, as an INSTANCE of the module has it. */
export function instantiate(
  symbol: OperatorSymbol | InstanceSymbol,
  instantiation: Instantiation,
): OperatorSymbol | InstanceSymbol {
  const { prefix, substitutions, local, at } = instantiation;
  if (symbol.kind === "instance") {
    const member: InstanceSymbol["member"] = (name) => {
      const found = symbol.member(name);
      return found && instantiate(found, instantiation);
    };
    return { ...symbol, member, parameters: [...prefix, ...symbol.parameters], local, at };
  }
  // What is asked of the instance's parameters depends on the operator.
  const own = new Map(prefix.map((each) => [each, { ...each, maxLevel: TEMPORAL }]));
  let level = symbol.level;
  const dependsOn = new Set<Declared>();
  for (const parameter of symbol.dependsOn) {
    const substitution = substitutions.get(parameter);
    if (substitution === undefined) {
      dependsOn.add(parameter);
      continue;
    }
    level = Math.max(level, substitution.level);
    for (const each of substitution.parameters) {
      const target = own.get(each) ?? each;
      dependsOn.add(target);
      constrain(new Set([target]), substitution.max);
    }
  }
  return {
    ...symbol,
    parameters: [...own.values(), ...symbol.parameters],
    level,
    dependsOn,
    local,
    at,
  };
}

const NOWHERE: Span = { file: "", line: 0, column: 0, endLine: 0, endColumn: 0 };

/** An operator that is not defined by a module; its parameters may have at most the level `max`. */
function primitive(
  name: string,
  arities: readonly number[],
  { level = CONSTANT, max = ACTION, at = null as Span | null } = {},
): OperatorSymbol {
  const parameters = arities.map((arity, i) => {
    return { ...declared("parameter", { name: `${i + 1}`, arity }, NOWHERE), maxLevel: max };
  });
  // The level of a temporal operator or a prime is its own, whatever it is applied to.
  const dependsOn = level === CONSTANT ? new Set(parameters) : NOTHING;
  const shape = { functionArity: 0, isPending: false, local: false };
  return { kind: "operator", name, at, parameters, level, dependsOn, ...shape };
}

/** Every scope lies on top of this one. */
export const builtins = new SymbolScope(null);
for (const name of ["TRUE", "FALSE", "BOOLEAN", "STRING"]) builtins.set(name, primitive(name, []));
for (const { name, parameters } of baseOperators.values()) {
  builtins.set(
    name,
    primitive(
      name,
      parameters.map(() => 0),
    ),
  );
}
for (const name of ["/\\", "\\/", "=>", "<=>"]) {
  builtins.set(name, primitive(name, [0, 0], { max: TEMPORAL }));
}
for (const symbol of [
  primitive("~", [0], { max: TEMPORAL }),
  primitive("\\X", [0, 0]),
  primitive("'", [0], { level: ACTION, max: STATE }),
  primitive("UNCHANGED", [0], { level: ACTION, max: STATE }),
  primitive("ENABLED", [0], { level: STATE }),
  primitive("\\cdot", [0, 0], { level: ACTION }),
  primitive("[]", [0], { level: TEMPORAL, max: TEMPORAL }),
  primitive("<>", [0], { level: TEMPORAL, max: TEMPORAL }),
  primitive("~>", [0, 0], { level: TEMPORAL, max: TEMPORAL }),
  primitive("-+->", [0, 0], { level: TEMPORAL, max: TEMPORAL }),
]) {
  builtins.set(symbol.name, symbol);
}

/** Standard operators whose value is one of their arguments, whatever its level. */
const ANY_LEVEL = new Set(["Print", "PrintT", "TLCEval"]);

/** The scope of a module that is not read from a file. */
export function standardSymbols(
  { operators }: StandardModule,
  extended: readonly SymbolScope[],
): SymbolScope {
  const scope = new SymbolScope(builtins);
  for (const other of extended) scope.extend(other, NOWHERE);
  for (const [name, operator] of operators) {
    const max = ANY_LEVEL.has(name) ? TEMPORAL : ACTION;
    scope.set(name, primitive(name, aritiesOf(operator), { max, at: NOWHERE }));
  }
  return scope;
}

function aritiesOf({ name, parameters }: StandardOperator): readonly number[] {
  const operatorArity = name === "SortSeq" ? 2 : 1;
  return parameters.map((parameter) => (parameter === "operator" ? operatorArity : 0));
}
