/**
 * Plain JSON data, and whether a value is: what a snapshot can carry without loss (thesis §5.1,
 * §6.3: responses of sessions are part of the snapshot).
 */

/** Data that is equal to itself after `JSON.parse(JSON.stringify(...))`. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json };

/** Null where `value` is plain JSON; else what is not, and where: `at .list[2]: NaN`. */
export function jsonFault(value: unknown, path = ""): string | null {
  if (value === null || typeof value === "boolean" || typeof value === "string") return null;
  if (typeof value === "number") {
    const isPlain = Number.isFinite(value) && !Object.is(value, -0);
    return isPlain ? null : fault(path, Object.is(value, -0) ? "-0" : String(value));
  }
  if (typeof value !== "object") return fault(path, typeof value);
  // By index: `map` and `entries` would pass over holes, which JSON cannot carry.
  if (Array.isArray(value)) {
    return firstFault(value.length, (i) => jsonFault(value[i], `${path}[${i}]`));
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return fault(path, "not a plain object");
  const parts = Object.entries(value);
  return firstFault(parts.length, (i) => {
    const [name, part] = parts[i] as [string, unknown];
    return jsonFault(part, `${path}.${name}`);
  });
}

function fault(path: string, what: string): string {
  return path === "" ? what : `at ${path}: ${what}`;
}

function firstFault(length: number, faultAt: (i: number) => string | null): string | null {
  for (let i = 0; i < length; i++) {
    const found = faultAt(i);
    if (found !== null) return found;
  }
  return null;
}
