/**
 * Records and sequences made lately. An action makes the same message, or the same log, in many
 * states; where it is the same object, comparing it and what is remembered with it cost nothing.
 */
import { canHash } from "./enumerated-function.ts";
import { RecordValue, Tuple } from "./finite-functions.ts";
import { hashHigh, hashLow } from "./value.ts";

const SIZE = 1 << 14;
/** By hash; of two in one place the later stays, so that nothing is kept for long. */
const recent = new Array<RecordValue | Tuple | null>(SIZE).fill(null);

/** An equal value made before, if it is still at hand; else the value itself. */
export function shared<T extends RecordValue | Tuple>(made: T): T {
  if (!canHash(made)) return made;
  const at = (hashLow(made) ^ hashHigh(made)) & (SIZE - 1);
  const known = recent[at] as RecordValue | Tuple | null;
  if (known !== null && isSame(known, made)) return known as T;
  recent[at] = made;
  return made;
}

function isSame(a: RecordValue | Tuple, b: RecordValue | Tuple): boolean {
  if (a.low !== b.low || a.high !== b.high) return false;
  if (a instanceof RecordValue) {
    return b instanceof RecordValue && a.names === b.names && sameObjects(a.values, b.values);
  }
  return b instanceof Tuple && sameObjects(a.elements, b.elements);
}

/** By `===`: no comparison that TLC would refuse. */
function sameObjects(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
