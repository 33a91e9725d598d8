/** Finds the operation of a request's path and method. */
import { Problem } from "./problem.ts";
import type { Route } from "./route.ts";

/** A route, and what the path says for its names. */
export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** The match of a path without a query; a problem where there is none. */
export type Find = (method: string, path: string) => Match | Problem;

interface Compiled {
  readonly route: Route;
  readonly parts: readonly string[];
}

/** The router of `routes`. Each part of a path is decoded by itself, so `%2F` is in a part. */
export function makeRouter(routes: readonly Route[]): Find {
  const bySize = new Map<number, Compiled[]>();
  for (const route of routes) {
    const parts = route.path.split("/");
    const others = bySize.get(parts.length) ?? [];
    bySize.set(parts.length, [...others, { route, parts }]);
  }
  return (method, path) => {
    const parts = path.split("/");
    const candidates = bySize.get(parts.length) ?? [];
    let allowed = "";
    for (const { route, parts: pattern } of candidates) {
      if (!pattern.every((part, at) => part.startsWith(":") || part === parts[at])) continue;
      if (route.method === method) return matched(route, pattern, parts);
      allowed = allowed === "" ? route.method : `${allowed}, ${route.method}`;
    }
    if (allowed === "") return new Problem({ code: "not-found", detail: `no path ${path}` });
    const detail = `${path} takes ${allowed}, not ${method}`;
    return new Problem({ code: "method-not-allowed", detail });
  };
}

function matched(
  route: Route,
  pattern: readonly string[],
  parts: readonly string[],
): Match | Problem {
  const params: Record<string, string> = {};
  for (const [at, name] of pattern.entries()) {
    if (!name.startsWith(":")) continue;
    try {
      params[name.slice(1)] = decodeURIComponent(parts[at] as string);
    } catch {
      const detail = `path: ${parts[at]} is not percent-encoded UTF-8`;
      return new Problem({ code: "malformed", detail });
    }
  }
  return { route, params };
}
