/** Plain data, as inputs, outputs and states of the models are made of: when it is the same. */

/** What JSON can say. */
export type Data =
  | null
  | boolean
  | number
  | string
  | readonly Data[]
  | { readonly [name: string]: Data };

/** Whether values are the same by content; what is not plain data is the same as itself only. */
export function sameData(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return Number.isNaN(a) && Number.isNaN(b);
  }
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((it, at) => sameData(it, b[at]));
  }
  if (!isPlain(a) || !isPlain(b)) return false;
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && sameData(a[name], b[name]));
}

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const SEED = 0x811c9dc5 | 0;

/**
 * A 32-bit hash of a text (FNV-1a over UTF-16 units). That of `a + b` is that of `b` begun with
 * that of `a`, so that a text which grows is not read again.
 */
export function hashText(text: string, begun = SEED): number {
  let hash = begun;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** Stirs `value` into `hash`: both count in every bit of what comes out. */
export function mixed(hash: number, value: number): number {
  let it = Math.imul(hash ^ value, 0x9e3779b1);
  it = Math.imul(it ^ (it >>> 15), 0x85ebca6b);
  return it ^ (it >>> 13);
}

/** A 32-bit hash of any value: values that are the same have the same. */
export function hashData(value: unknown): number {
  if (typeof value === "string") return hashText(value);
  if (typeof value === "number") {
    return value === (value | 0) ? mixed(1, value | 0) : mixed(2, hashText(String(value)));
  }
  if (Array.isArray(value)) {
    return value.reduce((hash: number, it) => mixed(hash, hashData(it)), value.length);
  }
  if (typeof value !== "object" || value === null) return mixed(3, hashText(String(value)));
  if (!isPlain(value)) return mixed(4, 0);
  // A sum, for names have no order.
  return Object.keys(value).reduce(
    (hash, name) => (hash + mixed(hashText(name), hashData(value[name]))) | 0,
    mixed(5, 0),
  );
}
