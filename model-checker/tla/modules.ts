/**
 * From modules to scopes: EXTENDS, INSTANCE and the definitions of a module. Specifying Systems
 * §17.5 (modules), §4.2 (instantiation by substitution).
 */
import type { Overrides } from "./overrides.ts";
import {
  type Definition,
  type FindModule,
  type InnerModule,
  type Meaning,
  Scope,
} from "./scope.ts";
import { standardModules } from "./standard/index.ts";
import {
  type Expression,
  type Module,
  type Span,
  type Substitution,
  TlaError,
  type Unit,
} from "./syntax.ts";

/** An assumption, and the scope to evaluate it in. */
export interface Assumption {
  readonly name: string | null;
  readonly body: Expression;
  readonly scope: Scope;
  readonly at: Span;
}

/** What the modules of one model amount to. */
export class Linker {
  /** The names of all variables, in the order of their declaration. */
  readonly variables: string[] = [];
  /** The constants that nothing gave a value. */
  readonly unassigned: { readonly name: string; readonly at: Span }[] = [];
  readonly assumptions: Assumption[] = [];
  private readonly find: FindModule;
  private readonly overrides: Overrides;
  private readonly extended = new Map<string, Scope>();
  private readonly loading = new Set<string>();

  constructor(find: FindModule, overrides: Overrides) {
    this.find = find;
    this.overrides = overrides;
  }

  /** The scope of a module as EXTENDS sees it: its variables and constants are its own. */
  scopeOf(name: string, at: Span | null): Scope {
    const known = this.extended.get(name);
    if (known !== undefined) return known;
    const scope = this.load(name, at, null, false);
    this.extended.set(name, scope);
    return scope;
  }

  /** Reads a module into a new scope; `given` tells what its constants and variables stand for. */
  private load(name: string, at: Span | null, given: Given | null, isCopied: boolean): Scope {
    const scope = new Scope(null);
    const module = this.find(name);
    if (module === undefined) {
      const standard = standardModules.get(name);
      if (standard === undefined) throw new TlaError(`module ${name} was not found`, at);
      for (const other of standard.extends) hand(this.scopeOf(other, at), scope);
      for (const [symbol, operator] of standard.operators) {
        const override = this.overrides.definition(symbol, name, isCopied);
        scope.define(symbol, override ?? { kind: "standard", operator }, "defined");
      }
      return scope;
    }
    if (this.loading.has(name)) throw new TlaError(`module ${name} needs itself`, at);
    this.loading.add(name);
    this.readModule(module, scope, given);
    this.loading.delete(name);
    return scope;
  }

  private readModule(module: Module, scope: Scope, given: Given | null): void {
    for (const { name, at } of module.extends) {
      const inner = scope.lookupModule(name);
      // What is extended takes part in the substitution, so it is read anew.
      const other =
        inner !== undefined
          ? this.readInner(inner, given)
          : given === null
            ? this.scopeOf(name, at)
            : this.load(name, at, given, false);
      hand(other, scope);
    }
    this.readUnits(module.units, scope, module.name, given);
  }

  private readInner({ module, around }: InnerModule, given: Given | null): Scope {
    const scope = new Scope(around);
    this.readModule(module, scope, given);
    return scope;
  }

  /** Adds what `units` declare and define to `scope`. */
  readUnits(units: readonly Unit[], scope: Scope, module: string, given: Given | null): void {
    const recursive = new Set<string>();
    for (const unit of units) {
      switch (unit.kind) {
        case "constants":
          for (const { name, arity, at } of unit.parameters) {
            scope.define(name, this.constant(name, arity, at, given), "declared");
          }
          break;
        case "variables":
          for (const { name, at } of unit.names) {
            scope.define(name, this.variable(name, at, given), "declared");
          }
          break;
        case "recursive":
          for (const { name } of unit.parameters) recursive.add(name);
          break;
        case "operator":
        case "function-definition":
          scope.define(
            unit.name,
            this.overrides.definition(unit.name, module, false) ?? {
              kind: "definition",
              definition: define(unit, scope, module, recursive),
            },
            unit.local ? "local" : "defined",
          );
          break;
        case "instance":
          this.readInstance(unit, scope, given === null && module !== LET);
          break;
        case "assume":
          if (given === null) this.assumptions.push({ ...unit, scope });
          if (unit.name !== null) nameStatement(unit.name, unit, scope, module);
          break;
        case "theorem":
          nameStatement(unit.name, unit, scope, module);
          break;
        case "module":
          scope.addModule(unit.module.name, { module: unit.module, around: scope });
          break;
      }
    }
  }

  private constant(name: string, arity: number, at: Span, given: Given | null): Meaning {
    if (given !== null) return given.meaningOf(name, arity, at);
    const override = this.overrides.constant(name);
    if (override !== null) return override;
    this.unassigned.push({ name, at });
    return { kind: "constant", name, arity };
  }

  private variable(name: string, at: Span, given: Given | null): Meaning {
    if (given !== null) return given.meaningOf(name, 0, at);
    // Variables of one name, of two modules that are extended, are one.
    const known = this.variables.indexOf(name);
    return { kind: "variable", index: known < 0 ? this.variables.push(name) - 1 : known, name };
  }

  private readInstance(
    unit: Extract<Unit, { kind: "instance" }>,
    scope: Scope,
    isExtended: boolean,
  ): void {
    const { name, module, substitutions, at } = unit;
    const instantiate = (outer: Scope): Scope => {
      const given = new Given(module, substitutions, outer);
      const inner = scope.lookupModule(module);
      const made =
        inner === undefined ? this.load(module, at, given, true) : this.readInner(inner, given);
      made.isInstance = true;
      return made;
    };
    const mark = unit.local ? "local" : "defined";
    if (name === null) {
      for (const [each, meaning, its] of instantiate(scope).exported()) {
        if (its !== "defined") continue;
        const override = isExtended && !unit.local ? this.overrides.copy(each) : null;
        scope.define(each, override ?? meaning, mark);
      }
      return;
    }
    const { parameters } = unit;
    let shared: Scope | null = null;
    const once = (outer: Scope): Scope => {
      if (parameters.length > 0) return instantiate(outer);
      shared ??= instantiate(scope);
      return shared;
    };
    scope.define(name, { kind: "instance", parameters, instantiate: once, scope }, mark);
  }
}

/** EXTENDS. */
function hand(from: Scope, to: Scope): void {
  for (const [name, meaning, mark] of from.exported()) to.define(name, meaning, mark);
  for (const [name, module] of from.innerModules()) to.addModule(name, module);
}

/** The module name of what a LET defines: no configuration reaches it. */
export const LET = "LET";

/** What an INSTANCE substitutes for the constants and variables of a module. */
class Given {
  private readonly module: string;
  private readonly substitutions: ReadonlyMap<string, Substitution>;
  private readonly outer: Scope;

  constructor(module: string, substitutions: readonly Substitution[], outer: Scope) {
    this.module = module;
    this.substitutions = new Map(substitutions.map((each) => [each.name, each]));
    this.outer = outer;
  }

  /** The expression for `name`; without a substitution, what `name` means outside. */
  meaningOf(name: string, arity: number, at: Span): Meaning {
    const substitution = this.substitutions.get(name);
    if (substitution === undefined) {
      const meaning = this.outer.lookup(name);
      if (meaning !== undefined) return meaning;
      throw new TlaError(
        `INSTANCE ${this.module} needs ${name}: define it or add WITH ${name} <- ...`,
        at,
      );
    }
    const { value: expression } = substitution;
    if (arity > 0) return { kind: "alias", expression, scope: this.outer };
    return { kind: "lazy", expression, scope: this.outer, primed: false, memo: null };
  }
}

/** The name of an assumption or a theorem stands for what it says. */
function nameStatement(
  name: string,
  { body, at }: { readonly body: Expression; readonly at: Span },
  scope: Scope,
  module: string,
): void {
  const common = { name, module, scope, at, local: false, isRecursive: false };
  const definition: Definition = { ...common, parameters: [], body };
  scope.define(name, { kind: "definition", definition }, "defined");
}

type DefiningUnit = Extract<Unit, { kind: "operator" | "function-definition" }>;

/** The definition that a unit makes in `scope`. */
export function define(
  unit: DefiningUnit,
  scope: Scope,
  module: string,
  recursive: ReadonlySet<string>,
): Definition {
  const { name, at, local } = unit;
  const isRecursive = recursive.has(name);
  const common = { name, module, scope, at, local, isRecursive };
  if (unit.kind === "operator") {
    return { ...common, parameters: unit.parameters, body: unit.body };
  }
  const { bounds, body: value } = unit;
  return { ...common, parameters: [], body: { kind: "function", bounds, value, self: name, at } };
}
