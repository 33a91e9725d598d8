/**
 * Whether a pair of states is a step of a named action. The same compiled action that enumerates
 * successors decides it: with the next state assigned, assignments become comparisons. A variable
 * of the next state may be left open; then any value that the action allows it will do.
 */
import { compileAction } from "./actions.ts";
import { type Context, Probe } from "./context.ts";
import { type Act, type Frame, Machine, Routine } from "./machine.ts";
import type { Linked } from "./model.ts";
import type { Meaning } from "./scope.ts";
import { type Expression, TlaError } from "./syntax.ts";
import { EvaluationError, type Value } from "./values/index.ts";

/** The values of all variables in their order; undefined where any value will do. */
export type PartialState = readonly (Value | undefined)[];

interface Compiled {
  readonly act: Act;
  readonly frame: Frame;
  readonly slots: readonly number[];
}

/** Decides steps of one linked module. */
export class StepChecker {
  readonly variables: readonly string[];
  private readonly linked: Linked;
  private readonly machine: Machine;
  private readonly compiled = new Map<string, Compiled>();

  constructor(linked: Linked) {
    this.linked = linked;
    this.variables = linked.linker.variables;
    this.machine = new Machine(this.variables);
  }

  /**
   * Whether the action, with these arguments, leads from `before` to `after`.
   * @throws TlaError where the action cannot be evaluated there.
   */
  isStep(
    action: string,
    given: readonly Value[],
    before: readonly Value[],
    after: PartialState,
  ): boolean {
    let compiled = this.compiled.get(action);
    if (compiled === undefined) {
      compiled = this.compile(action, {});
      this.compiled.set(action, compiled);
    }
    try {
      return this.run(compiled, given, before, after);
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      this.run(this.compile(action, { traced: true }), given, before, after);
      throw error;
    }
  }

  /** The part of the action that is false of a pair that is no step of it. */
  firstFalse(
    action: string,
    given: readonly Value[],
    before: readonly Value[],
    after: PartialState,
  ): Expression | null {
    const probe = new Probe();
    const compiled = this.compile(action, { probe });
    return this.run(compiled, given, before, after) ? null : probe.failed;
  }

  private run(
    { act, frame, slots }: Compiled,
    given: readonly Value[],
    before: readonly Value[],
    after: PartialState,
  ): boolean {
    const { machine } = this;
    machine.current = before as Value[];
    machine.next = after.slice();
    machine.unassigned = after.filter((value) => value === undefined).length;
    for (const [i, slot] of slots.entries()) frame[slot] = given[i];
    return act(frame);
  }

  private compile(action: string, mode: Partial<Context>): Compiled {
    const { linker, scope } = this.linked;
    const meaning = scope.lookup(action);
    if (meaning?.kind !== "definition") throw new TlaError(`${action} is not an action`, null);
    const { parameters, body, scope: home } = meaning.definition;
    const routine = new Routine(null);
    const slots = parameters.map(() => routine.allocate());
    const names = parameters.map(({ name }, i): readonly [string, Meaning] => [
      name,
      { kind: "local", routine, slot: slots[i] as number },
    ]);
    const c: Context = {
      machine: this.machine,
      linker,
      scope: home.with(names),
      routine,
      primed: false,
      initial: false,
      traced: false,
      ...mode,
    };
    const act = compileAction(body, c, () => true);
    return { act, frame: routine.frame(null), slots };
  }
}
