/** The named scopes: bounds that are worth exhausting, each with what it is for. */
import { type Bounds, defaultBounds } from "./bounds.ts";

/** A named set of bounds. */
export interface Scope {
  readonly name: string;
  /** What it looks at and what it costs, in a line. */
  readonly about: string;
  readonly bounds: Bounds;
}

/** All named scopes, the everyday ones first. */
export const scopes: readonly Scope[] = [
  { name: "smoke", about: "the shortest look at everything", bounds: defaultBounds },
  { name: "default", about: "the main check", bounds: defaultBounds },
  { name: "deep", about: "all that fits", bounds: defaultBounds },
];

/** The scope of that name, or undefined. */
export function scopeNamed(name: string): Scope | undefined {
  return scopes.find((scope) => scope.name === name);
}
