/**
 * A TLA+ model, ready to run: a module with what its configuration assigns and asks for.
 * Specifying Systems §14 (what TLC can handle and how a configuration is written).
 */

import { compileAction } from "./actions.ts";
import { dependence } from "./analysis.ts";
import { compile } from "./compile.ts";
import type { ConfigName, ModelConfig } from "./config.ts";
import { type Context, truth } from "./context.ts";
import { type Fingerprint, fingerprinting, permutationsIn } from "./identity.ts";
import { type Act, type Frame, Machine, Routine } from "./machine.ts";
import { Linker } from "./modules.ts";
import { checkReplacements, Overrides } from "./overrides.ts";
import { compileRecheck } from "./recheck.ts";
import type { FindModule, Scope } from "./scope.ts";
import { checkConfiguration, checkModule } from "./semantics.ts";
import { type ActionName, splitAction } from "./split.ts";
import { type Expression, type Span, TlaError } from "./syntax.ts";
import { type Goal, type SafetyPart, safetyPart } from "./temporal.ts";
import { EvaluationError, type Value } from "./values/index.ts";

/** The values of all variables, in the order of `variables`. */
export type TlaState = readonly Value[];

/** What an action without a name goes by, in TLC's traces too. */
export const UNNAMED = "Action";

/** Something to check of one state. */
export interface StateGoal {
  readonly name: string;
  /** `before` is a state in which it holds, if any is known: a state much like it, best. */
  readonly holds: (state: TlaState, before: TlaState | null) => boolean;
}

/** Something to check of a step. */
export interface StepGoal {
  readonly name: string;
  readonly holds: (before: TlaState, after: TlaState) => boolean;
}

/** A named part of the next-state relation. */
export interface TlaAction extends ActionName {
  /** Where the part itself stands. */
  readonly body: Span;
  /** Calls `visit` for every successor, in TLC's order, until it says true. */
  readonly successors: (state: TlaState, visit: (after: TlaState) => boolean) => boolean;
}

/** What to leave out knowingly. */
export interface ModelOptions {
  /** Do not refuse properties that speak of the future: leave them out, and say so. */
  readonly withoutLiveness?: boolean;
}

/** See `loadModel`. */
export interface TlaModel {
  readonly module: string;
  readonly variables: readonly string[];
  readonly actions: readonly TlaAction[];
  readonly initialStates: (visit: (state: TlaState) => boolean) => void;
  readonly assumptions: readonly { readonly name: string; readonly holds: () => boolean }[];
  readonly invariants: readonly StateGoal[];
  /** What properties ask of initial states. */
  readonly initialGoals: readonly StateGoal[];
  /** What properties ask of every step. */
  readonly stepGoals: readonly StepGoal[];
  readonly constraints: readonly StateGoal[];
  readonly actionConstraints: readonly StepGoal[];
  /** The two lanes of the state's identity: of its VIEW, least among its SYMMETRY. */
  readonly fingerprint: (state: TlaState) => Fingerprint;
  /** What to show of a state in a trace, given the state after it; null: all variables. */
  readonly alias: ((state: TlaState, following: TlaState) => Value) | null;
  readonly checksDeadlock: boolean;
  /** Names of what was left out. */
  readonly leftOut: readonly string[];
}

/** Makes a model of `root`. @throws TlaError naming what is wrong, and where. */
export function loadModel(
  root: string,
  find: FindModule,
  config: ModelConfig,
  options: ModelOptions = {},
): TlaModel {
  const { linker, scope } = link(root, find, config);
  return new Assembler(root, linker, scope, config, options).assemble();
}

/** A module with everything it needs, and its scope with what a configuration assigns. */
export interface Linked {
  readonly linker: Linker;
  readonly scope: Scope;
}

/** Links `root` and everything it needs. @throws TlaError naming what is wrong, and where. */
export function link(root: string, find: FindModule, config: ModelConfig): Linked {
  const [postcondition] = config.postconditions;
  if (postcondition !== undefined) {
    const { name, at } = postcondition;
    throw new TlaError(`POSTCONDITION ${name}: conditions on a finished run are not checked`, at);
  }
  const checked = checkModule(root, find);
  const overrides = new Overrides(root, find, config);
  const linker = new Linker(find, overrides);
  const scope = linker.scopeOf(root, null);
  overrides.bindTo(scope);
  checkReplacements(config, scope);
  const [free] = linker.unassigned;
  if (free !== undefined) {
    throw new TlaError(`the configuration gives no value to the constant ${free.name}`, free.at);
  }
  checkConfiguration(checked, config);
  return { linker, scope };
}

/** Compiles what a configuration names. */
class Assembler {
  private readonly root: string;
  private readonly linker: Linker;
  private readonly scope: Scope;
  private readonly config: ModelConfig;
  private readonly options: ModelOptions;
  private readonly machine: Machine;
  private readonly leftOut: string[] = [];

  constructor(
    root: string,
    linker: Linker,
    scope: Scope,
    config: ModelConfig,
    options: ModelOptions,
  ) {
    this.root = root;
    this.linker = linker;
    this.scope = scope;
    this.config = config;
    this.options = options;
    this.machine = new Machine(linker.variables);
  }

  assemble(): TlaModel {
    const { config } = this;
    const { init, next } = this.behaviour();
    const properties = config.properties.map((named) => this.property(named));
    const goals = (pick: (part: SafetyPart) => readonly Goal[]) =>
      properties.flatMap(({ name, part }) => pick(part).map((goal) => ({ name, goal })));
    return {
      module: this.root,
      variables: this.linker.variables,
      actions: next.flatMap((goal) => this.actions(goal)),
      initialStates: this.initialStates(init),
      assumptions: this.linker.assumptions.map((assumption) => ({
        name: assumption.name ?? `ASSUME at line ${assumption.at.line}`,
        holds: this.test({ expression: assumption.body, scope: assumption.scope }, "ASSUME"),
      })),
      invariants: [
        ...config.invariants.map((named) => this.stateGoal(named.name, this.named(named))),
        ...goals(({ always }) => always).map(({ name, goal }) => this.stateGoal(name, goal)),
      ],
      initialGoals: goals(({ initial }) => initial).map(({ name, goal }) =>
        this.stateGoal(name, goal),
      ),
      stepGoals: goals(({ steps }) => steps).map(({ name, goal }) => this.stepGoal(name, goal)),
      constraints: config.constraints.map((named) =>
        this.stateGoal(named.name, this.constraint(named)),
      ),
      actionConstraints: config.actionConstraints.map((named) =>
        this.stepGoal(named.name, this.constraint(named)),
      ),
      fingerprint: this.fingerprint(),
      alias: this.alias(),
      checksDeadlock: config.checkDeadlock ?? true,
      leftOut: this.leftOut,
    };
  }

  /** What a name of the configuration stands for. */
  private named({ name, at }: ConfigName): Goal {
    if (this.scope.lookup(name) === undefined) {
      throw new TlaError(`${name} is not defined in module ${this.root}`, at);
    }
    return {
      expression: { kind: "apply", instance: [], name, arguments: [], at },
      scope: this.scope,
    };
  }

  /** A constraint that excludes everything would make a check of nothing. */
  private constraint(named: ConfigName): Goal {
    const goal = this.named(named);
    if (dependence(goal.expression, goal.scope) === 0 && !this.test(goal, named.name)()) {
      throw new TlaError(
        `the constraint ${named.name} is FALSE: it excludes every state`,
        named.at,
      );
    }
    return goal;
  }

  private behaviour(): { readonly init: readonly Goal[]; readonly next: readonly Goal[] } {
    const { specification, init, next } = this.config;
    if (specification === null) {
      if (init === null && next === null && this.linker.variables.length === 0) {
        return { init: [], next: [] };
      }
      if (init === null || next === null) {
        throw new TlaError("the configuration needs SPECIFICATION, or INIT and NEXT", null);
      }
      return { init: [this.named(init)], next: [this.named(next)] };
    }
    if (init !== null || next !== null) {
      const message = "the configuration gives both SPECIFICATION and INIT or NEXT";
      throw new TlaError(message, specification.at);
    }
    const part = safetyPart(this.named(specification));
    const [step] = part.steps;
    if (step === undefined || part.steps.length > 1 || part.always.length > 0) {
      throw new TlaError(
        `${specification.name} should have the form Init /\\ [][Next]_vars /\\ fairness`,
        specification.at,
      );
    }
    const { expression, scope } = step;
    if (expression.kind !== "square-action") throw new Error("a step is a square action");
    return { init: part.initial, next: [{ expression: expression.action, scope }] };
  }

  private property(named: ConfigName): { readonly name: string; readonly part: SafetyPart } {
    const part = safetyPart(this.named(named));
    const [first] = part.liveness;
    if (first !== undefined) {
      if (this.options.withoutLiveness !== true) {
        throw new TlaError(
          `property ${named.name} speaks of the future (${first.what}): ` +
            "liveness is not checked here",
          first.at,
        );
      }
      this.leftOut.push(`${named.name} (${part.liveness.map(({ what }) => what).join(", ")})`);
    }
    return { name: named.name, part };
  }

  private context(scope: Scope, traced: boolean, initial = false): Context {
    const { machine, linker } = this;
    const routine = new Routine(null);
    return { machine, linker, scope, routine, primed: false, initial, traced };
  }

  /** A closure that evaluates `goal`, and evaluates it again to say where an error happened. */
  private evaluator({ expression, scope }: Goal): () => Value {
    const c = this.context(scope, false);
    const evaluate = compile(expression, c);
    const frame = c.routine.frame(null);
    return () => {
      try {
        return evaluate(frame);
      } catch (error) {
        if (!isEvaluationError(error)) throw error;
        const traced = this.context(scope, true);
        compile(expression, traced)(traced.routine.frame(null));
        throw error;
      }
    };
  }

  private test(goal: Goal, what: string): () => boolean {
    const evaluate = this.evaluator(goal);
    return () => {
      const value = evaluate();
      if (typeof value === "boolean") return value;
      try {
        return truth(value, what);
      } catch (error) {
        throw new TlaError((error as Error).message, goal.expression.at);
      }
    };
  }

  private stateGoal(name: string, goal: Goal): StateGoal {
    const test = this.test(goal, name);
    const { machine } = this;
    const c = this.context(goal.scope, false);
    const recheck = compileRecheck(goal.expression, c);
    const frame = c.routine.frame(null);
    const holds = (state: TlaState, before: TlaState | null): boolean => {
      machine.current = state as Value[];
      if (before === null) return test();
      machine.before = before;
      try {
        return recheck(frame);
      } catch (error) {
        if (!isEvaluationError(error)) throw error;
        return test();
      }
    };
    return { name, holds };
  }

  private stepGoal(name: string, goal: Goal): StepGoal {
    const test = this.test(goal, name);
    const { machine } = this;
    const holds = (before: TlaState, after: TlaState): boolean => {
      machine.current = before as Value[];
      machine.next = after as Value[];
      machine.unassigned = 0;
      return test();
    };
    return { name, holds };
  }

  private actions({ expression, scope }: Goal): readonly TlaAction[] {
    const c = this.context(scope, false);
    const parts = splitAction(expression, c, {
      name: UNNAMED,
      label: UNNAMED,
      at: expression.at,
    });
    return parts.map((part) => {
      const emit: { visit: (after: TlaState) => boolean } = { visit: () => true };
      const act = compileAction(part.expression, part.context, () =>
        emit.visit(this.successor(part.name, part.at)),
      );
      const frame = c.routine.frame(null);
      const explain = (): void => {
        this.machine.clearNext();
        const traced = { ...part.context, traced: true, routine: new Routine(null) };
        compileAction(part.expression, traced, () => false)(traced.routine.frame(null));
      };
      const successors: TlaAction["successors"] = (state, visit) => {
        this.machine.current = state as Value[];
        this.machine.startNext();
        emit.visit = visit;
        return this.run(act, frame, explain);
      };
      const { name, label, at } = part;
      return { name, label, at, body: bodyOf(part.expression).at, successors };
    });
  }

  private run(act: Act, frame: Frame, explain: () => void): boolean {
    try {
      return act(frame);
    } catch (error) {
      if (isEvaluationError(error)) explain();
      throw error;
    }
  }

  /** The next state, complete. */
  private successor(action: string, at: Span): TlaState {
    const { machine } = this;
    if (machine.unassigned > 0) {
      const missing = machine.variables.filter((_, i) => machine.next[i] === undefined);
      throw new TlaError(
        `action ${action} leaves the next value of ${missing.join(", ")} unassigned`,
        at,
      );
    }
    return machine.next.slice() as Value[];
  }

  private initialStates(goals: readonly Goal[]): TlaModel["initialStates"] {
    const { machine } = this;
    const compileAll = (traced: boolean, then: Act): { act: Act; frame: Frame } => {
      const c = this.context(this.scope, traced, true);
      const act = goals.reduceRight<Act>(
        (rest, { expression, scope }) => compileAction(expression, { ...c, scope }, rest),
        then,
      );
      return { act, frame: c.routine.frame(null) };
    };
    const reset = (): void => {
      machine.clearNext();
      machine.current = machine.variables.map(() => undefined);
    };
    return (visit) => {
      const { act, frame } = compileAll(false, () => {
        const missing = machine.variables.filter((_, i) => machine.current[i] === undefined);
        if (missing.length === 0) return visit(machine.current.slice() as Value[]);
        const at = goals[0]?.expression.at ?? null;
        throw new TlaError(`an initial state leaves ${missing.join(", ")} unassigned`, at);
      });
      reset();
      this.run(act, frame, () => {
        reset();
        const traced = compileAll(true, () => false);
        traced.act(traced.frame);
      });
    };
  }

  private alias(): TlaModel["alias"] {
    const { machine, config } = this;
    if (config.alias === null) return null;
    const evaluate = this.evaluator(this.named(config.alias));
    return (state, following) => {
      machine.current = state as Value[];
      machine.next = following as Value[];
      machine.unassigned = 0;
      return evaluate();
    };
  }

  private fingerprint(): TlaModel["fingerprint"] {
    const { view, symmetry } = this.config;
    const { machine } = this;
    const evaluate = view === null ? null : this.evaluator(this.named(view));
    const seen = (state: TlaState): TlaState => {
      if (evaluate === null) return state;
      machine.current = state as Value[];
      return [evaluate()];
    };
    if (symmetry === null) return fingerprinting(seen, []);
    const value = this.evaluator(this.named(symmetry))();
    return fingerprinting(seen, permutationsIn(value, symmetry));
  }
}

/** What TLC calls the place of an action: the body of a LET, not its definitions. */
function bodyOf(e: Expression): Expression {
  return e.kind === "let" ? bodyOf(e.body) : e;
}

function isEvaluationError(error: unknown): boolean {
  return error instanceof EvaluationError || error instanceof RangeError;
}
