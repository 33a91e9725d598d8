/**
 * Symmetry over server names. Renaming the servers of a cluster gives a cluster that behaves
 * alike, since the kernel never orders names by rule; so one of each orbit needs a visit.
 */
import type { ServerId } from "../kernel/index.ts";
import { type Bounds, foundingConfiguration, serverNames, targetOf } from "./bounds.ts";
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

/**
 * The positions of servers that may change places: those with the same part in the founding
 * configuration and in every change that is asked for.
 */
export function interchangeable(bounds: Bounds): readonly (readonly number[])[] {
  const configurations = [foundingConfiguration(bounds), ...bounds.changes.map(targetOf)];
  const classes = new Map<string, number[]>();
  serverNames(bounds).forEach((name, position) => {
    const part = configurations.map(({ voters, learners }) =>
      voters.includes(name) ? "voter" : learners.includes(name) ? "learner" : "stranger",
    );
    classes.set(part.join(), [...(classes.get(part.join()) ?? []), position]);
  });
  return [...classes.values()];
}

/** All renamings among servers that may change places; the identity comes first. */
export function permutations(bounds: Bounds): readonly Permutation[] {
  const names = serverNames(bounds);
  const identity = names.map((_, position) => position);
  const all = interchangeable(bounds).reduce<readonly (readonly number[])[]>(
    (results, positions) =>
      results.flatMap((result) =>
        arrangements(positions).map((images) => {
          const to = [...result];
          positions.forEach((position, i) => {
            to[position] = images[i] ?? position;
          });
          return to;
        }),
      ),
    [identity],
  );
  return all.map((to) => {
    const pairs = names.map((name, i): [ServerId, ServerId] => [name, names[to[i] ?? i] ?? name]);
    return { to, names: new Map(pairs) };
  });
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
