/**
 * What names mean. A scope is immutable once its module is loaded; every binder and every
 * operator applied in place makes a small scope on top of another. Specifying Systems §17.
 */

import type { Routine } from "./machine.ts";
import type { StandardOperator } from "./standard/index.ts";
import type { Expression, Module, Parameter, Span } from "./syntax.ts";
import type { Value } from "./values/index.ts";

/** An operator that a module or a LET defines. */
export interface Definition {
  readonly name: string;
  readonly module: string;
  readonly parameters: readonly Parameter[];
  readonly body: Expression;
  /** Where the names of the body are looked up. */
  readonly scope: Scope;
  readonly at: Span;
  readonly local: boolean;
  /** Declared RECURSIVE. */
  readonly isRecursive: boolean;
}

/** An expression that is evaluated where it is used, in the scope where it was written. */
export interface Lazy {
  readonly kind: "lazy";
  readonly expression: Expression;
  readonly scope: Scope;
  /** Whether it stands under a prime: then its variables are those of the next state. */
  readonly primed: boolean;
  /** Where its value is kept once known, or null: it is evaluated at each use. */
  readonly memo: { readonly routine: Routine; readonly slot: number } | null;
}

/** `I(x) == INSTANCE M WITH ...`. */
export interface InstanceMeaning {
  readonly kind: "instance";
  readonly parameters: readonly Parameter[];
  /** The scope of the instance, its parameters bound in the scope that is given. */
  readonly instantiate: (parameters: Scope) => Scope;
  readonly scope: Scope;
}

export type Meaning =
  | { readonly kind: "variable"; readonly index: number; readonly name: string }
  /** A constant that no configuration gave a value. */
  | { readonly kind: "constant"; readonly name: string; readonly arity: number }
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "local"; readonly routine: Routine; readonly slot: number }
  /** A parameter that may still have to be evaluated, of an operator with its own frame. */
  | { readonly kind: "local-thunk"; readonly routine: Routine; readonly slot: number }
  /** A parameter that is an operator, of an operator with its own frame: a JavaScript function. */
  | { readonly kind: "local-operator"; readonly routine: Routine; readonly slot: number }
  | Lazy
  /** An operator given as an argument: a name or a LAMBDA, in the scope where it was written. */
  | { readonly kind: "alias"; readonly expression: Expression; readonly scope: Scope }
  | { readonly kind: "definition"; readonly definition: Definition }
  | { readonly kind: "standard"; readonly operator: StandardOperator }
  | InstanceMeaning
  /** A bound name while nothing is compiled, only looked at. */
  | { readonly kind: "placeholder" }
  /** A parameter, likewise. */
  | { readonly kind: "parameter" };

/** A module inside a module, which sees what surrounds it. */
export interface InnerModule {
  readonly module: Module;
  readonly around: Scope;
}

/** How a name came into its scope. */
export type Mark = "declared" | "defined" | "local";

/** A mapping from names to meanings, on top of another. */
export class Scope {
  readonly parent: Scope | null;
  /** The scope of a module that is instantiated, not extended. */
  isInstance = false;
  private readonly names = new Map<string, Meaning>();
  private readonly marks = new Map<string, Mark>();
  private readonly modules = new Map<string, InnerModule>();

  constructor(parent: Scope | null) {
    this.parent = parent;
  }

  lookup(name: string): Meaning | undefined {
    for (let scope: Scope | null = this; scope !== null; scope = scope.parent) {
      const meaning = scope.names.get(name);
      if (meaning !== undefined) return meaning;
    }
    return undefined;
  }

  /** This scope's own name, not one of those around it. */
  own(name: string): Meaning | undefined {
    return this.names.get(name);
  }

  /**
   * Gives `name` a meaning here. Of two, the first stays: where that would hide a mistake, the
   * checks before (semantics.ts) have refused it.
   */
  define(name: string, meaning: Meaning, mark: Mark): void {
    if (this.names.has(name)) return;
    this.names.set(name, meaning);
    this.marks.set(name, mark);
  }

  /** Gives `name` another meaning: what a configuration assigns. */
  redefine(name: string, meaning: Meaning): void {
    this.names.set(name, meaning);
  }

  lookupModule(name: string): InnerModule | undefined {
    return this.modules.get(name) ?? this.parent?.lookupModule(name);
  }

  addModule(name: string, module: InnerModule): void {
    this.modules.set(name, module);
  }

  /** The modules inside the module of this scope. */
  innerModules(): Iterable<readonly [string, InnerModule]> {
    return this.modules;
  }

  /** A scope on top of this one in which `names` have the meanings given. */
  with(names: Iterable<readonly [string, Meaning]>): Scope {
    const scope = new Scope(this);
    for (const [name, meaning] of names) scope.names.set(name, meaning);
    return scope;
  }

  /** The names that an EXTENDS hands on; an INSTANCE leaves out those that are declared. */
  *exported(): Iterable<readonly [name: string, meaning: Meaning, mark: Mark]> {
    for (const [name, meaning] of this.names) {
      const mark = this.marks.get(name) ?? "defined";
      if (mark !== "local") yield [name, meaning, mark];
    }
  }
}

/** A module found by its name, or undefined. */
export type FindModule = (name: string) => Module | undefined;
