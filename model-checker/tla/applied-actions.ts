/**
 * Functions and RECURSIVE operators whose bodies are actions. Applied where an action stands, as in
 * `f[x] /\ y' = 1`, the body enumerates successors like any other action, on a frame of its own;
 * what follows the application is kept in that frame.
 */
import { compileAction } from "./actions.ts";
import { dependence } from "./analysis.ts";
import { compileArgument } from "./apply.ts";
import { asArgument, generators, spread } from "./binders.ts";
import { operatorValue, Thunk } from "./calls.ts";
import { asSet, compile, compileAll, evaluateAll } from "./compile.ts";
import { type Context, frameAt, outward } from "./context.ts";
import { type Act, type Evaluate, type Frame, Routine } from "./machine.ts";
import { type Argument, checkArity, resolve } from "./names.ts";
import type { Definition, Meaning, Scope } from "./scope.ts";
import type { Expression, Span } from "./syntax.ts";
import { EvaluationError, show } from "./values/index.ts";

type Constructor = Extract<Expression, { kind: "function" }>;

/** A body that is compiled, or being compiled: its own applications inside it come back to it. */
export interface ActionBody {
  readonly routine: Routine;
  /** The slot of what follows the application. */
  readonly after: number;
  /** Fills the slots of a new frame: `from` is the frame that the arguments are evaluated in. */
  readonly enter: (inner: Frame, given: readonly Evaluate[], from: Frame) => void;
  act: Act | null;
}

/** `f[x]` as an action, or null where it only has a value. */
export function compileIndexed(
  e: Extract<Expression, { kind: "index" }>,
  c: Context,
  then: Act,
): Act | null {
  const found = constructorOf(e.function, c.scope, c);
  if (found === null) return null;
  const body = "routine" in found ? found : openFunction(found.constructor, found.scope, c);
  return call(body, compileAll(e.arguments, c), c, then);
}

/** The constructor that an expression stands for, or the body around it that it stands for. */
function constructorOf(
  e: Expression,
  scope: Scope,
  c: Context,
): ActionBody | { readonly constructor: Constructor; readonly scope: Scope } | null {
  if (e.kind === "function") return { constructor: e, scope };
  if (e.kind !== "apply" || e.arguments.length > 0) return null;
  const meaning = resolve(e, scope, c.primed);
  if (meaning?.kind === "local") return c.opened?.get(meaning) ?? null;
  if (meaning?.kind === "lazy") return constructorOf(meaning.expression, meaning.scope, c);
  if (meaning?.kind !== "definition" || meaning.definition.isRecursive) return null;
  const { parameters, body, scope: home } = meaning.definition;
  // A constant has its value once and for all.
  if (parameters.length > 0 || dependence(body, home) === 0) return null;
  return constructorOf(body, home, c);
}

function openFunction(e: Constructor, scope: Scope, c: Context): ActionBody {
  const routine = new Routine(c.routine);
  const self = routine.allocate();
  const meaning: Meaning = { kind: "local", routine, slot: self };
  const inner = e.self === undefined ? scope : scope.with([[e.self, meaning]]);
  const value = e.self === undefined ? null : compile(e, { ...c, scope });
  const sets = e.bounds.flatMap(({ patterns, set }) => patterns.map(() => set));
  const [only] = sets as [Expression];
  const domain = compile(sets.length === 1 ? only : { kind: "product", factors: sets, at: e.at }, {
    ...c,
    scope,
  });
  const { inside, all } = generators(e.bounds, { ...c, routine, scope: inner });
  const enter: ActionBody["enter"] = (frame, given, from) => {
    const around = frame[0] as Frame;
    const argument = asArgument(evaluateAll(given, from));
    if (!asSet(domain(around), "[x \\in S |-> e]").has(argument)) {
      throw new EvaluationError(`a function is applied to ${show(argument)}, outside its domain`);
    }
    spread(all, argument, frame);
    if (value !== null) frame[self] = value(around);
  };
  const body: ActionBody = { routine, after: routine.allocate(), enter, act: null };
  body.act = compileBody(e.value, { ...inside, ...opening(c, meaning, body) }, body);
  return body;
}

/** A RECURSIVE operator that stands for an action. */
export function compileRecursiveAction(
  definition: Definition,
  given: readonly Argument[],
  c: Context,
  at: Span,
  then: Act,
): Act {
  checkArity(definition.name, definition.parameters.length, given.length, at);
  const body = c.opened?.get(definition) ?? openOperator(definition, c);
  const closures = given.map((argument, i) =>
    (definition.parameters[i]?.arity ?? 0) > 0
      ? operatorValue(argument, c, argument.expression.at)
      : compileArgument(argument, c),
  );
  return call(body, closures, c, then);
}

function openOperator(definition: Definition, c: Context): ActionBody {
  const { parameters, body: expression, scope } = definition;
  const routine = new Routine(c.routine);
  const slots = parameters.map(() => routine.allocate());
  const enter: ActionBody["enter"] = (frame, given, from) => {
    for (const [i, { arity }] of parameters.entries()) {
      const closure = given[i] as Evaluate;
      frame[slots[i] as number] = arity > 0 ? closure(from) : new Thunk(closure, from);
    }
  };
  const body: ActionBody = { routine, after: routine.allocate(), enter, act: null };
  const names = parameters.map(({ name, arity }, i): readonly [string, Meaning] => [
    name,
    { kind: arity > 0 ? "local-operator" : "local-thunk", routine, slot: slots[i] as number },
  ]);
  const inside = { ...c, routine, scope: scope.with(names), ...opening(c, definition, body) };
  body.act = compileBody(expression, inside, body);
  return body;
}

function opening(c: Context, key: object, body: ActionBody): Pick<Context, "opened"> {
  return { opened: new Map([...(c.opened ?? []), [key, body]]) };
}

function compileBody(e: Expression, c: Context, { after, routine }: ActionBody): Act {
  return compileAction(e, c, (frame) => {
    const home = frameAt(frame, outward(c.routine, routine));
    return (home[after] as () => boolean)();
  });
}

function call(body: ActionBody, given: readonly Evaluate[], c: Context, then: Act): Act {
  const { routine, after, enter } = body;
  // A frame of the routine around the body's own.
  const hops = c.routine.depth - routine.depth + 1;
  return (frame) => {
    const inner = routine.frame(frameAt(frame, hops));
    enter(inner, given, frame);
    inner[after] = () => then(frame);
    return (body.act as Act)(inner);
  };
}
