/**
 * The abstract syntax of a TLA+ module, as the parser makes it and the compiler reads it. Names
 * are not resolved here. Operator symbols are canonical: one spelling for each operator
 * (`\cup` for `\union`, `<=` for `=<` and `\leq`, `/\`, `#` for `/=`; see `canonicalSymbol`).
 * Source: Lamport, Specifying Systems, chapters 15 and 16.
 */

/** A stretch of source text; lines and columns count from 1, the end is the last character. */
export interface Span {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

interface Node {
  readonly at: Span;
}

/** `x`, or `<<x, y>>` which takes a tuple apart. */
export type Pattern =
  | { readonly kind: "identifier"; readonly name: string }
  | { readonly kind: "tuple"; readonly names: readonly string[] };

/** One `x, y \in S` or `<<x, y>> \in S` of a binder; the patterns share the set. */
export interface Bound extends Node {
  readonly patterns: readonly Pattern[];
  readonly set: Expression;
}

/** One step from a function into it in EXCEPT: `[i, j]` or `.field`. */
export type Selector =
  | { readonly kind: "index"; readonly arguments: readonly Expression[]; readonly at: Span }
  | { readonly kind: "field"; readonly name: string; readonly at: Span };

/** `!path = value` of EXCEPT. */
export interface ExceptUpdate extends Node {
  readonly path: readonly Selector[];
  readonly value: Expression;
}

/** One `name(arguments)!` before an operator that an INSTANCE names. */
export interface InstanceStep extends Node {
  readonly name: string;
  readonly arguments: readonly Expression[];
}

/** Everything that has a value, a truth or a behaviour. */
export type Expression = Node &
  (
    | { readonly kind: "number"; readonly value: number }
    | { readonly kind: "string"; readonly value: string }
    /**
     * An operator applied to its arguments: an identifier, a prefix, infix or postfix symbol, or
     * `I!Op(x)`. No arguments: a constant, variable, bound name, or an operator passed to another.
     * TRUE, FALSE, BOOLEAN and STRING are names too. `-` as a prefix is "-.". Conjunction and
     * disjunction lists, `'`, UNCHANGED and the temporal operators have kinds of their own.
     */
    | {
        readonly kind: "apply";
        readonly instance: readonly InstanceStep[];
        readonly name: string;
        readonly arguments: readonly Expression[];
      }
    /** `@` in EXCEPT. */
    | { readonly kind: "at" }
    /** Bulleted lists and the infix symbol alike; `a /\ b /\ c` is one list of three. */
    | { readonly kind: "and" | "or"; readonly operands: readonly Expression[] }
    | {
        readonly kind: "if";
        readonly condition: Expression;
        readonly then: Expression;
        readonly else: Expression;
      }
    | {
        readonly kind: "case";
        readonly arms: readonly { readonly guard: Expression; readonly value: Expression }[];
        readonly other: Expression | null;
      }
    | { readonly kind: "let"; readonly definitions: readonly Unit[]; readonly body: Expression }
    | {
        readonly kind: "forall" | "exists";
        readonly bounds: readonly Bound[];
        readonly body: Expression;
      }
    /** `set` is null for an unbounded CHOOSE. */
    | {
        readonly kind: "choose";
        readonly pattern: Pattern;
        readonly set: Expression | null;
        readonly body: Expression;
      }
    | { readonly kind: "set"; readonly elements: readonly Expression[] }
    /** `{ x \in S : P }` */
    | {
        readonly kind: "set-filter";
        readonly pattern: Pattern;
        readonly set: Expression;
        readonly condition: Expression;
      }
    /** `{ e : x \in S, y \in T }` */
    | { readonly kind: "set-map"; readonly value: Expression; readonly bounds: readonly Bound[] }
    /** `[x \in S, y \in T |-> e]`; with `self`, `self[x \in S] == e`, which may call itself. */
    | {
        readonly kind: "function";
        readonly bounds: readonly Bound[];
        readonly value: Expression;
        readonly self?: string;
      }
    /** `[S -> T]` */
    | { readonly kind: "function-set"; readonly domain: Expression; readonly range: Expression }
    /** `f[a, b]` */
    | {
        readonly kind: "index";
        readonly function: Expression;
        readonly arguments: readonly Expression[];
      }
    /** `[a |-> 1, b |-> 2]` */
    | {
        readonly kind: "record";
        readonly fields: readonly { readonly name: string; readonly value: Expression }[];
      }
    /** `[a : S, b : T]` */
    | {
        readonly kind: "record-set";
        readonly fields: readonly { readonly name: string; readonly value: Expression }[];
      }
    /** `r.a` */
    | { readonly kind: "field"; readonly record: Expression; readonly name: string }
    | {
        readonly kind: "except";
        readonly function: Expression;
        readonly updates: readonly ExceptUpdate[];
      }
    | { readonly kind: "tuple"; readonly elements: readonly Expression[] }
    /** `S \X T \X U`: n-ary, not nested, unless parentheses nest it. */
    | { readonly kind: "product"; readonly factors: readonly Expression[] }
    /** `LAMBDA x, y : e`, only as an argument or in WITH. */
    | {
        readonly kind: "lambda";
        readonly parameters: readonly string[];
        readonly body: Expression;
      }
    | { readonly kind: "prime"; readonly operand: Expression }
    | { readonly kind: "unchanged"; readonly operand: Expression }
    | { readonly kind: "enabled"; readonly operand: Expression }
    /** `[A]_v` (square) and `<<A>>_v` (angle). */
    | {
        readonly kind: "square-action" | "angle-action";
        readonly action: Expression;
        readonly subscript: Expression;
      }
    /** `[]F`, `<>F`. */
    | { readonly kind: "always" | "eventually"; readonly operand: Expression }
    | { readonly kind: "leads-to"; readonly left: Expression; readonly right: Expression }
    | {
        readonly kind: "fairness";
        readonly strength: "WF" | "SF";
        readonly subscript: Expression;
        readonly action: Expression;
      }
    /** Grammatical TLA+ that nothing here evaluates; refused, by `what`, only where it is used. */
    | { readonly kind: "unsupported"; readonly what: string }
  );

/** `\A` and `\E` over sets. */
export type Quantifier = Extract<Expression, { kind: "forall" | "exists" }>;

/** A parameter of an operator; `arity` above 0 where it is itself an operator: `F(_, _)`. */
export interface Parameter {
  readonly name: string;
  readonly arity: number;
}

/** `name <- expression` of an INSTANCE; the expression may be a lambda or an operator's name. */
export interface Substitution extends Node {
  readonly name: string;
  readonly value: Expression;
}

/** What a module or a LET consists of. */
export type Unit = Node &
  /** CONSTANT; `arity` above 0 for operators. */
  (
    | { readonly kind: "constants"; readonly parameters: readonly (Parameter & Node)[] }
    | { readonly kind: "variables"; readonly names: readonly (Node & { readonly name: string })[] }
    /** RECURSIVE F(_), G: the named operators may be used before they are defined. */
    | { readonly kind: "recursive"; readonly parameters: readonly Parameter[] }
    /** `Op(x, F(_)) == e`, also for symbols: `a (+) b == e` has name "(+)" and two parameters. */
    | {
        readonly kind: "operator";
        readonly name: string;
        readonly parameters: readonly Parameter[];
        readonly body: Expression;
        readonly local: boolean;
      }
    /** `f[x \in S, y \in T] == e`; `f` may occur in `e`. */
    | {
        readonly kind: "function-definition";
        readonly name: string;
        readonly bounds: readonly Bound[];
        readonly body: Expression;
        readonly local: boolean;
      }
    /** `INSTANCE M WITH ...` (name null), `I(x) == INSTANCE M WITH ...`. */
    | {
        readonly kind: "instance";
        readonly name: string | null;
        readonly parameters: readonly Parameter[];
        readonly module: string;
        readonly substitutions: readonly Substitution[];
        readonly local: boolean;
      }
    | { readonly kind: "assume"; readonly name: string | null; readonly body: Expression }
    /** THEOREM with a name, which stands for its statement. */
    | { readonly kind: "theorem"; readonly name: string; readonly body: Expression }
    /** A module inside a module. */
    | { readonly kind: "module"; readonly module: Module }
  );

/** One MODULE. Theorems without a name and all proofs are left out: they are not checked. */
export interface Module extends Node {
  readonly name: string;
  readonly extends: readonly (Node & { readonly name: string })[];
  readonly units: readonly Unit[];
}

/** Text that is not TLA+, or a name or level that is wrong: `file:line:column: message`. */
export class TlaError extends Error {
  readonly at: Span | null;
  constructor(message: string, at: Span | null) {
    super(at === null ? message : `${at.file}:${at.line}:${at.column}: ${message}`);
    this.name = "TlaError";
    this.at = at;
  }
}
