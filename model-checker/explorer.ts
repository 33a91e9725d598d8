/**
 * A plain, obviously right explorer of any finite model: breadth first, every state kept as its
 * canonical text in a Set. It serves other people's models, and is the oracle of the engine.
 */

/** What is explored. States and actions are plain data; `encode` must be injective. */
export interface Model<S, A> {
  readonly initial: readonly S[];
  actions(state: S): readonly A[];
  /** The state after `action`; null where it is not possible or outside the bounds. */
  next(state: S, action: A): S | null;
  /** One text for equal states: the visited set knows states by it. */
  encode(state: S): string;
  /** The name of what `state`, or the action that led to it, violates, or null. */
  violation(state: S, previous: S | null, action: A | null): string | null;
}

/** What an exploration found. `depth` counts actions from an initial state. */
export interface Exploration<A> {
  readonly verdict: "exhausted" | "limit" | "violated";
  readonly distinct: number;
  readonly generated: number;
  readonly depth: number;
  /** The violated property and the shortest way to it. */
  readonly violation: { readonly property: string; readonly actions: readonly A[] } | null;
}

interface Visited<S, A> {
  readonly state: S;
  readonly parent: Visited<S, A> | null;
  readonly action: A | null;
}

function pathTo<S, A>(end: Visited<S, A>): readonly A[] {
  const actions: A[] = [];
  for (let at: Visited<S, A> | null = end; at !== null; at = at.parent) {
    if (at.action !== null) actions.push(at.action);
  }
  return actions.reverse();
}

/** Explores `model` breadth first, up to `maxStates` distinct states. */
export function explore<S, A>(
  model: Model<S, A>,
  maxStates = Number.POSITIVE_INFINITY,
): Exploration<A> {
  const seen = new Set<string>();
  let generated = 0;
  let depth = 0;
  let level: Visited<S, A>[] = [];
  const result = (
    verdict: Exploration<A>["verdict"],
    violation: Exploration<A>["violation"] = null,
  ): Exploration<A> => ({ verdict, distinct: seen.size, generated, depth, violation });

  for (const state of model.initial) {
    generated += 1;
    if (seen.size === seen.add(model.encode(state)).size) continue;
    level.push({ state, parent: null, action: null });
    const property = model.violation(state, null, null);
    if (property !== null) return result("violated", { property, actions: [] });
  }
  while (level.length > 0) {
    const nextLevel: Visited<S, A>[] = [];
    for (const at of level) {
      for (const action of model.actions(at.state)) {
        const state = model.next(at.state, action);
        if (state === null) continue;
        generated += 1;
        const reached = { state, parent: at, action };
        // A step may violate a property even where it leads to a state seen before.
        const property = model.violation(state, at.state, action);
        const isNew = seen.size !== seen.add(model.encode(state)).size;
        if (isNew) nextLevel.push(reached);
        if (property !== null) {
          const actions = pathTo(reached);
          depth = actions.length;
          return result("violated", { property, actions });
        }
        if (seen.size >= maxStates) return result("limit");
      }
    }
    level = nextLevel;
    if (level.length > 0) depth += 1;
  }
  return result("exhausted");
}
