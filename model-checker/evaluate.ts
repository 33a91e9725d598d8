/**
 * The properties, evaluated naively: everything, on every step, nothing remembered. Simulator,
 * scripts, replay and oracle use this; the engine remembers verdicts and must agree with it.
 */
import {
  type Always,
  always,
  isMajorityOfCommitted,
  type KernelStep,
  type LogView,
  logViewOf,
  type ServerView,
  type Sometimes,
  sometimes,
} from "../spec/index.ts";
import { viewOf } from "./process.ts";
import type { Action, World, WorldStep } from "./world.ts";

/** The name under which a throwing kernel is reported: it contradicted itself. */
export const KERNEL_INVARIANTS = "Kernel Invariants";

/** What properties see of all servers. */
export function viewsOf(world: World): readonly ServerView[] {
  return world.processes.map((process, position) => {
    const config = world.configs[position];
    if (config === undefined) throw new Error("a world has a configuration for every process");
    return viewOf(config, process);
  });
}

/** Whether a property of states holds in `world`; one of steps says nothing here. */
function holdsIn(property: Always, world: World, views: readonly ServerView[]): boolean {
  const { history } = world.environment;
  const logs = views.map(logViewOf);
  switch (property.over) {
    case "server":
      return views.every(property.holds);
    case "pair":
      return logs.every(({ log }, i) => logs.slice(i + 1).every((b) => property.holds(log, b.log)));
    case "history":
      return property.holds(history);
    case "server-history":
      return logs.every((view) => property.holds(view, history));
    case "quorum-history": {
      const holders = views.filter((_, i) => property.holds(logs[i] as LogView, history));
      return isMajorityOfCommitted(
        history,
        holders.map(({ id }) => id),
      );
    }
    case "step":
      return true;
  }
}

/** The first property that the step into this world, or the world itself, violates, or null. */
export function violationOf(outcome: WorldStep, properties = always): Always["name"] | null {
  if (outcome.broken !== null) return KERNEL_INVARIANTS;
  const views = viewsOf(outcome.world);
  for (const property of properties) {
    const holds =
      property.over === "step"
        ? outcome.steps.every((step: KernelStep) => property.holds(step))
        : holdsIn(property, outcome.world, views);
    if (!holds) return property.name;
  }
  return null;
}

/** The names of the "sometimes" properties that `action`, with this outcome, reaches. */
export function reachedBy(
  before: World,
  action: Action,
  outcome: WorldStep,
  properties: readonly Sometimes[] = sometimes,
): readonly string[] {
  const server = (world: World): ServerView | undefined =>
    viewsOf(world).find(({ id }) => "server" in action && id === action.server);
  const reaches = (property: Sometimes): boolean => {
    if (property.over === "step") return outcome.steps.some(property.reached);
    if (property.over !== action.kind) return false;
    const view = server(property.over === "crash" ? before : outcome.world);
    return view !== undefined && property.reached(view);
  };
  return properties.filter(reaches).map(({ name }) => name);
}
