/** Properties of steps, and what they ask of one: what it was given, and what it did. */
import type { Effect, Message, SendEffect } from "../kernel/index.ts";
import type { Always, KernelStep, Needs, Sometimes } from "./property.ts";

/** What must hold of every step. */
export function invariant(
  name: string,
  rule: string,
  holds: (step: KernelStep) => boolean,
): Always {
  return { kind: "always", name, rule, over: "step", holds };
}

/** What some step must do wherever `needs` is met. */
export function sometimesStep(
  name: string,
  rule: string,
  needs: Needs,
  reached: (step: KernelStep) => boolean,
): Sometimes {
  return { kind: "sometimes", name, rule, needs, over: "step", reached };
}

/** The message of a step, if it was one. */
export function received(step: KernelStep): Message | null {
  return step.event.kind === "message" ? step.event.message : null;
}

/** The messages a step sends. */
export function sends(step: KernelStep): readonly SendEffect[] {
  return step.effects.filter((effect): effect is SendEffect => effect.kind === "send");
}

/** Whether a step ignored its input, for `reason` if given. */
export function isIgnored(step: KernelStep, reason?: string): boolean {
  const matches = (effect: Effect): boolean =>
    effect.kind === "ignored" && (reason === undefined || effect.reason === reason);
  return step.effects.some(matches);
}

/** Whether a step took its message for one that no correct peer sends it. */
export function isRefused(step: KernelStep): boolean {
  const reasons = [
    "malformed",
    "not-addressed-here",
    "conflicts-with-committed",
    "impossible-commit",
    "second-leader-of-term",
  ];
  return reasons.some((reason) => isIgnored(step, reason));
}
