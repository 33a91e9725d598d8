/**
 * The names that are known at a place in a module, for the checks of semantics.ts: what kind of
 * thing each is, and its level. Specifying Systems §17.1 (scopes) and §17.2 (levels).
 */
import { type Span, TlaError } from "./syntax.ts";

/** Levels: what an expression may depend on, each more than the one before. */
export const CONSTANT = 0;
export const STATE = 1;
export const ACTION = 2;
export const TEMPORAL = 3;

/** The level of an expression, as far as it does not depend on what `parameters` stand for. */
export interface Leveled {
  readonly level: number;
  /** Constants and operator parameters whose level counts. */
  readonly parameters: ReadonlySet<Declared>;
}

/** A name without a definition of its own. */
export interface Declared {
  readonly kind: "constant" | "variable" | "parameter" | "bound";
  readonly name: string;
  /** Above 0 for an operator. */
  readonly arity: number;
  readonly at: Span;
  /** The highest level of what may take its place, as far as its uses have been read. */
  maxLevel: number;
  /** Of an operator, by position: what its uses give it. */
  readonly given: Leveled[];
}

/** A definition, or an operator that needs none. */
export interface OperatorSymbol {
  readonly kind: "operator";
  readonly name: string;
  /** Null for the operators that every module has; without a file in a standard module. */
  readonly at: Span | null;
  readonly local: boolean;
  readonly parameters: readonly Declared[];
  readonly level: number;
  /** Which parameters, its own and those around it, add their level to that of its value. */
  readonly dependsOn: ReadonlySet<Declared>;
  /** How many arguments the function takes that it defines; 0 where it is not written as one. */
  readonly functionArity: number;
  /** Declared RECURSIVE, not yet defined. */
  readonly isPending: boolean;
}

/** `I(x) == INSTANCE M`. */
export interface InstanceSymbol {
  readonly kind: "instance";
  readonly name: string;
  readonly at: Span;
  readonly local: boolean;
  readonly parameters: readonly Declared[];
  /** What `I!name` is, the instance's parameters before its own; undefined where M has no such. */
  readonly member: (name: string) => OperatorSymbol | InstanceSymbol | undefined;
}

export type Named = Declared | OperatorSymbol | InstanceSymbol;

/** A module whose checks are done. */
export interface CheckedModule {
  readonly symbols: SymbolScope;
  /** It has no variables, and nothing in it depends on a state. */
  readonly isConstant: boolean;
}

export const NOTHING: ReadonlySet<Declared> = new Set();

/** A name declared at `at`, nothing known of its uses. */
export function declared(
  kind: Declared["kind"],
  { name, arity }: { readonly name: string; readonly arity: number },
  at: Span,
): Declared {
  const unused: Leveled = { level: CONSTANT, parameters: NOTHING };
  return { kind, name, arity, at, maxLevel: TEMPORAL, given: Array(arity).fill(unused) };
}

export function arityOf(symbol: Named): number {
  return symbol.kind === "operator" || symbol.kind === "instance"
    ? symbol.parameters.length
    : symbol.arity;
}

/** Names on top of those around them. */
export class SymbolScope {
  readonly parent: SymbolScope | null;
  private readonly symbols = new Map<string, Named>();
  private readonly modules = new Map<string, CheckedModule>();
  /** What is defined further down, for messages. */
  private readonly upcoming: ReadonlyMap<string, Span>;

  constructor(parent: SymbolScope | null, upcoming: ReadonlyMap<string, Span> = new Map()) {
    this.parent = parent;
    this.upcoming = upcoming;
  }

  lookup(name: string): Named | undefined {
    for (let scope: SymbolScope | null = this; scope !== null; scope = scope.parent) {
      const symbol = scope.symbols.get(name);
      if (symbol !== undefined) return symbol;
    }
    return undefined;
  }

  /** This scope's own name, not one of those around it. */
  own(name: string): Named | undefined {
    return this.symbols.get(name);
  }

  lookupUpcoming(name: string): Span | undefined {
    return this.upcoming.get(name) ?? this.parent?.lookupUpcoming(name);
  }

  lookupModule(name: string): CheckedModule | undefined {
    return this.modules.get(name) ?? this.parent?.lookupModule(name);
  }

  addModule(name: string, module: CheckedModule): void {
    this.modules.set(name, module);
  }

  /** Gives `name` a meaning, whatever it meant around here. */
  set(name: string, symbol: Named): void {
    this.symbols.set(name, symbol);
  }

  /**
   * Adds a name that must be new. A second definition or declaration of the same kind, which only
   * INSTANCE and declarations can bring here, changes nothing, as in SANY.
   */
  add(symbol: Named, at: Span): void {
    const known = this.lookup(symbol.name);
    if (known === undefined) {
      this.symbols.set(symbol.name, symbol);
      return;
    }
    const isAgain = known.kind === symbol.kind && arityOf(known) === arityOf(symbol);
    if (!isAgain || symbol.kind === "parameter" || symbol.kind === "bound" || isBuiltin(known)) {
      throw alreadyDefined(symbol.name, known, at);
    }
  }

  /** Adds what EXTENDS brings; of two definitions or declarations the first stays, as in SANY. */
  extend(other: SymbolScope, at: Span): void {
    for (const symbol of other.exported()) {
      const known = this.symbols.get(symbol.name);
      if (known === undefined) this.symbols.set(symbol.name, symbol);
      else if (isDefinition(known) !== isDefinition(symbol)) {
        throw alreadyDefined(symbol.name, known, at);
      }
    }
    for (const [name, module] of other.modules) this.modules.set(name, module);
  }

  all(): Iterable<Named> {
    return this.symbols.values();
  }

  /** All that is not LOCAL. */
  *exported(): Iterable<Named> {
    for (const symbol of this.all()) {
      if (!("local" in symbol && symbol.local)) yield symbol;
    }
  }
}

function isDefinition(symbol: Named): boolean {
  return symbol.kind === "operator" || symbol.kind === "instance";
}

function isBuiltin(symbol: Named): boolean {
  return symbol.at === null;
}

/** The error of a name that has a meaning already. */
export function alreadyDefined(name: string, known: Named, at: Span): TlaError {
  if (known.at === null) return new TlaError(`${name} is built in: it cannot be redefined`, at);
  const { file, line } = known.at;
  const other = file === "" ? "by a standard module" : `in ${file}:${line}`;
  const where = file === at.file ? `on line ${line}` : other;
  return new TlaError(`${name} is already defined or declared, ${where}`, at);
}
