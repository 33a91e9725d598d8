/**
 * Symmetry over server names. Renaming the servers of a cluster gives a cluster that behaves
 * alike, since the kernel never orders names by rule; so one of each orbit needs a visit.
 */
import type { ServerId } from "../kernel/index.ts";
import { type Bounds, foundingConfiguration, serverNames } from "./bounds.ts";
import { inCanonicalOrder, type Up } from "./process.ts";

/** A renaming: the server at position i is renamed to the one at `to[i]`. */
export interface Permutation {
  readonly to: readonly number[];
  readonly names: ReadonlyMap<ServerId, ServerId>;
}

function arrangements(positions: readonly number[]): readonly (readonly number[])[] {
  if (positions.length === 0) return [[]];
  return positions.flatMap((first) =>
    arrangements(positions.filter((position) => position !== first)).map((rest) => [
      first,
      ...rest,
    ]),
  );
}

/** All renamings that keep voters voters and learners learners; the identity comes first. */
export function permutations(bounds: Bounds): readonly Permutation[] {
  const names = serverNames(bounds);
  const { voters } = foundingConfiguration(bounds);
  const positions = names.map((_, position) => position);
  const ofVoters = arrangements(positions.slice(0, voters.length));
  const ofLearners = arrangements(positions.slice(voters.length));
  return ofVoters.flatMap((a) =>
    ofLearners.map((b) => {
      const to = [...a, ...b];
      const pairs = names.map((name, i): [ServerId, ServerId] => [name, names[to[i] ?? i] ?? name]);
      return { to, names: new Map(pairs) };
    }),
  );
}

function byName(a: unknown, b: unknown): number {
  return String(a) < String(b) ? -1 : 1;
}

function byId(a: { readonly id: ServerId }, b: { readonly id: ServerId }): number {
  return byName(a.id, b.id);
}

/**
 * `value` with every server name replaced. Names stand only in known places: never in a
 * command. Sets stay sorted, so equal sets stay equal.
 */
export function renamed<T>(value: T, names: Permutation["names"]): T {
  return rename(value, names) as T;
}

function rename(value: unknown, names: Permutation["names"]): unknown {
  if (typeof value === "string") return names.get(value) ?? value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return renameList(value, names);
  const fields = Object.entries(value).map(([key, field]) => [
    key,
    key === "command" ? field : rename(field, names),
  ]);
  const result = Object.fromEntries(fields) as Record<string, unknown>;
  if ("stream" in result) result["stream"] = inCanonicalOrder(result["stream"] as Up["stream"]);
  return result;
}

function renameList(list: readonly unknown[], names: Permutation["names"]): unknown {
  const result = list.map((item) => rename(item, names));
  if (list.every((item) => typeof item === "string" && names.has(item))) return result.sort(byName);
  const isKeyed = list.every((item) => typeof item === "object" && item !== null && "id" in item);
  return isKeyed ? (result as { readonly id: ServerId }[]).sort(byId) : result;
}
