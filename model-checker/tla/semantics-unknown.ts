/** What to say of a name that has no meaning where it is used. */
import type { SymbolScope } from "./semantics-symbols.ts";
import { standardModules } from "./standard/index.ts";
import { type Span, TlaError, type Unit } from "./syntax.ts";

/** Where each unit's names are defined. */
export function upcomingIn(units: readonly Unit[]): ReadonlyMap<string, Span> {
  const named = units.flatMap((unit): [string, Span][] => {
    if (unit.kind === "constants") return unit.parameters.map(({ name, at }) => [name, at]);
    if (unit.kind === "variables") return unit.names.map(({ name, at }) => [name, at]);
    if (unit.kind === "recursive" || unit.kind === "module" || unit.name === null) return [];
    return [[unit.name, unit.at]];
  });
  return new Map(named);
}

function isWithin(inner: Span, outer: Span): boolean {
  const startsLater = inner.line - outer.line || inner.column - outer.column;
  const endsEarlier = outer.endLine - inner.endLine || outer.endColumn - inner.endColumn;
  return startsLater >= 0 && endsEarlier >= 0;
}

/** The error of a name without a meaning, and what may be missing. */
export function unknown(name: string, scope: SymbolScope, at: Span): TlaError {
  const later = scope.lookupUpcoming(name);
  if (later !== undefined) {
    return new TlaError(
      isWithin(at, later)
        ? `${name} is used in its own definition: declare it RECURSIVE`
        : `${name} is used before it is defined, on line ${later.line}`,
      at,
    );
  }
  const modules = [...standardModules].filter(([, { operators }]) => operators.has(name));
  // "-." stands for the minus of a negative number.
  const shown = name === "-." ? "the minus of a negative number" : name;
  const names = modules.map(([module]) => module);
  if (names.includes("Naturals")) names.push("Integers");
  const hint = names.length === 0 ? "" : `: EXTENDS ${[...new Set(names)].join(" or ")}`;
  return new TlaError(`${shown} is not defined or declared${hint}`, at);
}
