/**
 * The static checks of modules, before anything is evaluated: names, numbers of arguments and
 * levels, in unused definitions too. What is refused is what SANY, the reference parser, refuses.
 * Specifying Systems §17.
 */
import type { ConfigName, ModelConfig } from "./config.ts";
import type { FindModule } from "./scope.ts";
import { ExpressionChecker } from "./semantics-expressions.ts";
import {
  builtins,
  checkOperands,
  constrain,
  type Instantiation,
  instantiate,
  type Operand,
  requireLevel,
  standardSymbols,
} from "./semantics-levels.ts";
import {
  ACTION,
  alreadyDefined,
  arityOf,
  type CheckedModule,
  CONSTANT,
  type Declared,
  declared,
  type InstanceSymbol,
  type Leveled,
  type Named,
  NOTHING,
  type OperatorSymbol,
  STATE,
  SymbolScope,
} from "./semantics-symbols.ts";
import { upcomingIn } from "./semantics-unknown.ts";
import { standardModules } from "./standard/index.ts";
import { type Module, type Parameter, type Span, TlaError, type Unit } from "./syntax.ts";

type Of<K extends Unit["kind"]> = Extract<Unit, { kind: K }>;

/** Checks the module `root` and all it needs. @throws TlaError for the first thing wrong. */
export function checkModule(root: string, find: FindModule): CheckedModule {
  return new ModuleChecker(find).external(root, null);
}

/** Checks that what the configuration names fits. @throws TlaError for what does not. */
export function checkConfiguration({ symbols }: CheckedModule, config: ModelConfig): void {
  const replaced = new Map(config.replacements.map(({ name, replacement }) => [name, replacement]));
  const check = (what: string, { name, at }: ConfigName): OperatorSymbol | null => {
    const symbol = symbols.lookup(replaced.get(name) ?? name);
    if (symbol?.kind !== "operator") return null;
    const taken = arityOf(symbol);
    if (taken === 0) return symbol;
    throw new TlaError(`${what} ${name} should take no arguments, but it takes ${taken}`, at);
  };
  for (const invariant of config.invariants) {
    const level = check("INVARIANT", invariant)?.level ?? CONSTANT;
    requireLevel(`INVARIANT ${invariant.name}`, level, STATE, invariant.at);
  }
  if (config.init !== null) check("INIT", config.init);
  if (config.next !== null) check("NEXT", config.next);
  if (config.specification !== null) check("SPECIFICATION", config.specification);
  for (const property of config.properties) check("PROPERTY", property);
  for (const constraint of config.constraints) check("CONSTRAINT", constraint);
  for (const constraint of config.actionConstraints) check("ACTION_CONSTRAINT", constraint);
}

class ModuleChecker {
  private readonly find: FindModule;
  private readonly checked = new Map<string, CheckedModule>();
  private readonly checking = new Set<string>();
  private readonly expressions: ExpressionChecker;

  constructor(find: FindModule) {
    this.find = find;
    this.expressions = new ExpressionChecker((units, scope) => this.readUnits(units, scope));
  }

  /** A module that is not inside another. */
  external(name: string, at: Span | null): CheckedModule {
    const known = this.checked.get(name);
    if (known !== undefined) return known;
    if (this.checking.has(name)) throw new TlaError(`module ${name} needs itself`, at);
    this.checking.add(name);
    const module = this.find(name);
    const result = module === undefined ? this.standard(name, at) : this.check(module, builtins);
    this.checking.delete(name);
    this.checked.set(name, result);
    return result;
  }

  private standard(name: string, at: Span | null): CheckedModule {
    const standard = standardModules.get(name);
    if (standard === undefined) throw new TlaError(`module ${name} was not found`, at);
    const extended = standard.extends.map((other) => this.external(other, at).symbols);
    return { symbols: standardSymbols(standard, extended), isConstant: true };
  }

  private check(module: Module, around: SymbolScope): CheckedModule {
    const symbols = new SymbolScope(around, upcomingIn(module.units));
    for (const { name, at } of module.extends) {
      symbols.extend(this.moduleNamed(name, around, at).symbols, at);
    }
    this.readUnits(module.units, symbols);
    const isConstant = [...symbols.all()].every(
      (symbol) =>
        symbol.kind !== "variable" && !(symbol.kind === "operator" && symbol.level > CONSTANT),
    );
    return { symbols, isConstant };
  }

  private moduleNamed(name: string, scope: SymbolScope, at: Span): CheckedModule {
    return scope.lookupModule(name) ?? this.external(name, at);
  }

  /** Checks the units of a module or a LET one after another, and adds them to `scope`. */
  private readUnits(units: readonly Unit[], scope: SymbolScope): void {
    const pending = new Map<string, Span>();
    for (const unit of units) {
      const [open] = pending.keys();
      if (
        open !== undefined &&
        ["constants", "variables", "assume", "theorem", "module"].includes(unit.kind)
      ) {
        throw new TlaError(
          `expected the definition of ${open}, declared RECURSIVE, first`,
          unit.at,
        );
      }
      this.readUnit(unit, scope, pending);
    }
    for (const [name, at] of pending) {
      throw new TlaError(`${name} is declared RECURSIVE, but not defined`, at);
    }
  }

  private readUnit(unit: Unit, scope: SymbolScope, pending: Map<string, Span>): void {
    switch (unit.kind) {
      case "constants":
        for (const each of unit.parameters) {
          scope.add(declared("constant", each, each.at), each.at);
        }
        break;
      case "variables":
        for (const { name, at } of unit.names) {
          scope.add(declared("variable", { name, arity: 0 }, at), at);
        }
        break;
      case "recursive":
        for (const parameter of unit.parameters) {
          requireNew(parameter.name, unit.at, scope);
          scope.set(parameter.name, pendingSymbol(parameter, unit.at));
          pending.set(parameter.name, unit.at);
        }
        break;
      case "operator":
        this.readOperator(unit, scope);
        pending.delete(unit.name);
        break;
      case "function-definition":
        this.readFunction(unit, scope);
        pending.delete(unit.name);
        break;
      case "instance":
        this.readInstance(unit, scope);
        break;
      case "assume":
        this.readAssumption(unit, scope);
        break;
      case "theorem":
        this.nameStatement(unit.name, unit.at, this.expressions.levelOf(unit.body, scope), scope);
        break;
      case "module":
        scope.addModule(unit.module.name, this.check(unit.module, scope));
        break;
    }
  }

  private readOperator(unit: Of<"operator">, scope: SymbolScope): void {
    const inner = new SymbolScope(scope);
    const parameters = declareParameters(unit.parameters, inner, unit.at);
    const isRecursive = requireDefinable(unit, parameters.length, scope, inner);
    if (isRecursive) {
      // From here on its uses know which parameters are operators; levels are still open.
      const fresh = unit.parameters.map((each) => declared("parameter", each, unit.at));
      scope.set(unit.name, pending(unit.name, fresh, unit.at));
    }
    const body = this.expressions.levelOf(unit.body, inner);
    if (isRecursive) {
      const primed = parameters.find(({ maxLevel }) => maxLevel < ACTION);
      if (primed !== undefined) {
        throw new TlaError(`${unit.name} is RECURSIVE: it cannot prime ${primed.name}`, unit.at);
      }
    }
    scope.set(unit.name, defined(unit, parameters, body));
  }

  private readFunction(unit: Of<"function-definition">, scope: SymbolScope): void {
    const { inner, sets } = this.expressions.open(unit.bounds, scope);
    requireDefinable(unit, 0, scope, inner);
    const arity = unit.bounds.reduce((sum, { patterns }) => sum + patterns.length, 0);
    // Its own body may use it: at first as something constant.
    const unknown = { level: CONSTANT, parameters: NOTHING };
    scope.set(unit.name, defined(unit, [], unknown, arity));
    const body = this.expressions.levelOf(unit.body, inner);
    const parameters = new Set([...sets, body].flatMap((part) => [...part.parameters]));
    const level = Math.max(body.level, ...sets.map((set) => set.level));
    scope.set(unit.name, defined(unit, [], { level, parameters }, arity));
  }

  private readAssumption(unit: Of<"assume">, scope: SymbolScope): void {
    const body = this.expressions.levelOf(unit.body, scope);
    requireLevel("an assumption", body.level, CONSTANT, unit.at);
    constrain(body.parameters, ACTION);
    if (unit.name !== null) this.nameStatement(unit.name, unit.at, body, scope);
  }

  /** The name of an assumption or theorem stands for what it says. */
  private nameStatement(name: string, at: Span, body: Leveled, scope: SymbolScope): void {
    requireNew(name, at, scope);
    scope.set(name, defined({ name, at, local: false }, [], body));
  }

  private readInstance(unit: Of<"instance">, scope: SymbolScope): void {
    const { at, local } = unit;
    const module = this.moduleNamed(unit.module, scope, at);
    const inner = new SymbolScope(scope);
    const prefix = declareParameters(unit.parameters, inner, at);
    const substitutions = this.readSubstitutions(unit, module, inner);
    const instantiation: Instantiation = { prefix, substitutions, local, at };
    const members = new Map<string, OperatorSymbol | InstanceSymbol>();
    for (const symbol of module.symbols.exported()) {
      if (symbol.kind === "operator" || symbol.kind === "instance")
        members.set(symbol.name, symbol);
    }
    if (unit.name === null) {
      for (const symbol of members.values()) scope.add(instantiate(symbol, instantiation), at);
      return;
    }
    const member: InstanceSymbol["member"] = (name) => {
      const found = members.get(name);
      return found && instantiate(found, instantiation);
    };
    const { name } = unit;
    scope.add({ kind: "instance", name, at, local, parameters: prefix, member }, at);
  }

  /** What takes the place of the module's declarations: what WITH says, or the same name. */
  private readSubstitutions(
    unit: Of<"instance">,
    module: CheckedModule,
    inner: SymbolScope,
  ): Instantiation["substitutions"] {
    const declarations = [...module.symbols.exported()].filter(isDeclaration);
    const explicit = new Map(unit.substitutions.map((each) => [each.name, each]));
    for (const each of unit.substitutions) {
      if (!declarations.some(({ name }) => name === each.name)) {
        const message = `module ${unit.module} declares no constant or variable ${each.name}`;
        throw new TlaError(message, each.at);
      }
      if (explicit.get(each.name) !== each) {
        throw new TlaError(
          `${each.name} is substituted twice`,
          explicit.get(each.name)?.at ?? each.at,
        );
      }
    }
    const limits = declarations.map((each) => limitOf(each, module.isConstant));
    const operands = declarations.map((declaration): Operand => {
      const { name } = declaration;
      const value = explicit.get(name)?.value;
      if (value === undefined && inner.lookup(name) === undefined) {
        const advice = `define it or add WITH ${name} <- ...`;
        throw new TlaError(`INSTANCE ${unit.module} needs ${name}: ${advice}`, unit.at);
      }
      const implicit = { kind: "apply", instance: [], name, arguments: [], at: unit.at } as const;
      return this.expressions.operand(value ?? implicit, declaration, `WITH ${name}`, inner);
    });
    checkOperands(
      declarations,
      limits,
      operands,
      (i) => `what WITH puts in the place of ${declarations[i]?.name}`,
    );
    return new Map(
      declarations.map((each, i) => [
        each,
        { ...(operands[i] as Operand), max: limits[i] as number },
      ]),
    );
  }
}

function requireNew(name: string, at: Span, scope: SymbolScope): void {
  const known = scope.lookup(name);
  if (known !== undefined) throw alreadyDefined(name, known, at);
}

function isDeclaration(symbol: Named): symbol is Declared {
  return symbol.kind === "constant" || symbol.kind === "variable";
}

/** The highest level of what may take the place of a module's constant or variable. */
function limitOf(declaration: Declared, isConstantModule: boolean): number {
  if (isConstantModule) return declaration.maxLevel;
  return declaration.kind === "constant" ? CONSTANT : STATE;
}

function declareParameters(
  parameters: readonly Parameter[],
  scope: SymbolScope,
  at: Span,
): readonly Declared[] {
  return parameters.map((each) => {
    const parameter = declared("parameter", each, at);
    scope.add(parameter, at);
    return parameter;
  });
}

/** Whether a definition is that of a RECURSIVE declaration. @throws TlaError for a taken name. */
function requireDefinable(
  { name, at }: { readonly name: string; readonly at: Span },
  arity: number,
  scope: SymbolScope,
  inner: SymbolScope,
): boolean {
  const known = inner.lookup(name);
  if (known === undefined) return false;
  if (known.kind !== "operator" || !known.isPending || scope.own(name) !== known) {
    throw alreadyDefined(name, known, at);
  }
  if (known.parameters.length === arity) return true;
  const declares = `declared RECURSIVE with arity ${known.parameters.length}`;
  throw new TlaError(`${name} is ${declares}, but defined with arity ${arity}`, at);
}

/** A RECURSIVE declaration; all its parameters are taken for values. */
function pendingSymbol({ name, arity }: Parameter, at: Span): OperatorSymbol {
  const parameters = Array.from({ length: arity }, (_, i) =>
    declared("parameter", { name: `${i + 1}`, arity: 0 }, at),
  );
  return pending(name, parameters, at);
}

/** An operator declared RECURSIVE: its level is not known yet, so constant is assumed. */
function pending(name: string, parameters: readonly Declared[], at: Span): OperatorSymbol {
  const body = { level: CONSTANT, parameters: NOTHING };
  return { ...defined({ name, at, local: false }, parameters, body), isPending: true };
}

function defined(
  unit: { readonly name: string; readonly at: Span; readonly local: boolean },
  parameters: readonly Declared[],
  body: Leveled,
  functionArity = 0,
): OperatorSymbol {
  const { name, at, local } = unit;
  const { level, parameters: dependsOn } = body;
  const shape = { functionArity, isPending: false };
  return { kind: "operator", name, at, local, parameters, level, dependsOn, ...shape };
}
