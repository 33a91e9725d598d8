/** The values that TLA+ expressions evaluate to, with TLC's equality, order and notation. */
export {
  BOOLEAN,
  emptySet,
  FiniteSet,
  finiteSet,
  Interval,
  interval,
  search,
  sortedSet,
} from "./enumerated.ts";
export { EnumeratedFunction, enumerated } from "./enumerated-function.ts";
export { emptyTuple, FiniteFunction, RecordValue, shapeOf, Tuple } from "./finite-functions.ts";
export {
  asTuple,
  functionFromPairs,
  functionOver,
  kindOf,
  layoutOf,
  makeFunction,
  record,
  tuple,
} from "./functions.ts";
export { ANY, INT, NAT, STRING, sequences } from "./infinite-sets.ts";
export { LazyFunction } from "./lazy-function.ts";
export { FunctionSet, Product, RecordSet, Subsets } from "./lazy-sets.ts";
export { shared } from "./recent.ts";
export {
  asSet,
  cap,
  cup,
  difference,
  filtered,
  functionSet,
  isSubset,
  product,
  recordSet,
  subsets,
  union,
} from "./set-operators.ts";
export {
  compare,
  EvaluationError,
  equal,
  FunctionValue,
  hashHigh,
  hashLow,
  internToken,
  ModelValue,
  modelValue,
  type Permutation,
  permute,
  SetValue,
  show,
  TlaString,
  tlaString,
  type Value,
} from "./value.ts";
